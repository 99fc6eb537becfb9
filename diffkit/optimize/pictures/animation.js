"use strict";
// DATA is written before this by the page.

const one = (selector) => document.querySelector(selector);
const all = (selector) => [...document.querySelectorAll(selector)];
const slider = one("#step"), paths = all(".path"), cells = all("#runs td");
const last = DATA.steps.length - 1;
let playing = 0;

function show(i) {
  slider.value = i;
  one("#shown").textContent = `step ${DATA.steps[i]}`;
  DATA.runs.forEach((run, k) => {
    const [x, y] = run.places[i];
    const line = run.places.slice(0, i + 1).map((place) => place.join(",")).join("L");
    paths[k].querySelector("path").setAttribute("d", `M${line}`);
    paths[k].querySelector("circle").setAttribute("cx", x);
    paths[k].querySelector("circle").setAttribute("cy", y);
    cells[k].textContent = run.told[i];
  });
}

function pause() {
  clearInterval(playing);
  playing = 0;
  one("#play").textContent = "Play";
}

function play() {
  if (Number(slider.value) === last) show(0);
  one("#play").textContent = "Pause";
  playing = setInterval(() => {
    if (Number(slider.value) < last) show(Number(slider.value) + 1);
    else pause();
  }, 120);
}

slider.addEventListener("input", () => { pause(); show(Number(slider.value)); });
one("#play").addEventListener("click", () => { if (playing) pause(); else play(); });
document.addEventListener("keydown", (event) => {
  const move = { ArrowRight: 1, PageDown: 1, ArrowLeft: -1, PageUp: -1 }[event.key];
  if (event.key === "Home" || event.key === "End") {
    pause();
    show(event.key === "Home" ? 0 : last);
  } else if (move) {
    pause();
    show(Math.max(0, Math.min(last, Number(slider.value) + move)));
  } else {
    return;
  }
  event.preventDefault();
});
show(last);
