"use strict";
// DATA, replay(v) and factors(v) are written before this by the page.

const UNKNOWN = "·";
const all = (selector) => [...document.querySelectorAll(selector)];
const one = (selector) => document.querySelector(selector);

// -- functions of the steps that JavaScript does not have --------------------------------

const sigmoid = (x) => { const e = Math.exp(-Math.abs(x)); return (x >= 0 ? 1 : e) / (1 + e); };
const sech = (x) => { const e = Math.exp(-Math.abs(x)); return 2 * e / (1 + e * e); };
const quotient = (a, b) => b === 0 ? 0 * a : a / b;
const step = (a, b) => a === b ? 0.5 : (a > b || Number.isNaN(b) ? 1 : 0);
const logaddexp = (a, b) =>
  a === b ? a + Math.LN2 : Math.max(a, b) + Math.log1p(Math.exp(-Math.abs(a - b)));

// -- numbers ------------------------------------------------------------------------------

// The digits and exponent of a number, rounded as Python rounds: half-way cases to even.
function rounded(size, digits) {
  const long = size.toExponential(Math.min(digits + 30, 100));
  const exponent = Number(long.split("e")[1]);
  const figures = long.split("e")[0].replace(".", "");
  const kept = BigInt(figures.slice(0, digits));
  const rest = figures.slice(digits);
  const half = "5" + "0".repeat(rest.length - 1);
  const up = rest > half || (rest === half && kept % 2n === 1n);
  const text = String(kept + (up ? 1n : 0n));
  return text.length > digits ? [text.slice(0, digits), exponent + 1] : [text, exponent];
}

const pointed = (text, places) =>
  places > 0 ? `${text.slice(0, places)}.${text.slice(places)}` : `0.${"0".repeat(-places)}${text}`;

function written(value) {
  if (value === undefined || value === null) return UNKNOWN;
  if (typeof value === "boolean") return value ? "True" : "False";
  const digits = DATA.digits;
  if (Number.isNaN(value)) return "nan";
  const size = Math.abs(value);
  const minus = value < 0 || Object.is(value, -0) ? "−" : "";
  if (size === Infinity) return `${minus}inf`;
  if (size === 0) return (0).toFixed(digits - 1);
  const [figures, exponent] = rounded(size, digits);
  if (size < 1e5 && size >= 10 ** digits) {
    const whole = String(Math.trunc(size)).length;
    return minus + rounded(size, whole)[0].padEnd(rounded(size, whole)[1] + 1, "0");
  }
  if (exponent >= -4 && exponent < digits) {
    return minus + pointed(figures, exponent + 1).replace(/\.$/, "");
  }
  const mantissa = digits > 1 ? pointed(figures, 1) : `${figures}.`;
  const power = String(Math.abs(exponent)).padStart(2, "0");
  return `${minus}${mantissa}e${exponent < 0 ? "−" : "+"}${power}`;
}

const enclosed = (text) => text.startsWith("−") ? `(${text})` : text;

// -- values and gradients -----------------------------------------------------------------

// One forward and one backward pass; keys are those of the slots in the page.
function computed(inputs) {
  const v = inputs.slice();
  replay(v);
  const known = {}, factor = factors(v), bars = new Array(v.length);
  v.forEach((value, i) => { known[`v ${i}`] = value; });
  DATA.wrt.forEach((i) => { bars[i] = 0; });
  bars[DATA.output] = 1;
  for (const [target, uses] of DATA.uses) {
    for (const [k, source] of uses) {
      const local = factor[`${target} ${k}`], part = bars[target] * local;
      known[`l ${target} ${k}`] = local;
      known[`p ${target} ${k}`] = part;
      bars[source] = (bars[source] ?? 0) + part;
    }
  }
  bars.forEach((bar, i) => { known[`g ${i}`] = bar; });
  return known;
}

// -- the page -----------------------------------------------------------------------------

const texts = all("#graph text"), boxes = all("#graph rect[data-of]");
const wires = all("#graph g[data-role=wire]"), formulas = all("#formulas > div");
const lines = all("#listing tbody tr"), sliders = all("#sliders input");
const shown = DATA.labels.map((label, i) => texts[i].textContent);
const last = DATA.moments.length - 1;
let now = 0;

// Scroll a part into the middle of its frame if it is outside; never the whole page.
function follow(part, frame) {
  if (!part) return;
  const inner = part.getBoundingClientRect(), outer = frame.getBoundingClientRect();
  if (inner.top < outer.top || inner.bottom > outer.bottom) {
    frame.scrollTop += (inner.top + inner.bottom - outer.top - outer.bottom) / 2;
  }
  if (inner.left < outer.left || inner.right > outer.right) {
    frame.scrollLeft += (inner.left + inner.right - outer.left - outer.right) / 2;
  }
}

function show(wanted) {
  now = Math.max(0, Math.min(last, wanted));
  const moment = DATA.moments[now];
  DATA.labels.forEach((label, i) => {
    texts[i].textContent = label.when <= now ? shown[i] : label.dot ? UNKNOWN : "";
  });
  boxes.forEach((box, i) => box.classList.toggle("lit", moment.boxes.includes(i)));
  wires.forEach((wire, i) => wire.classList.toggle("lit", moment.wires.includes(i)));
  formulas.forEach((formula, i) => { formula.hidden = i !== now; });
  lines.forEach((line, i) => {
    if (i === moment.line) line.setAttribute("aria-current", "step");
    else line.removeAttribute("aria-current");
  });
  all("#listing [data-when]").forEach((cell) => {
    cell.classList.toggle("later", Number(cell.dataset.when) > now);
  });
  follow(one("#listing tr[aria-current]"), one("#listing"));
  follow(one("#graph rect.lit"), one("#graph"));
  one("#position").textContent = `${now} / ${last}`;
  one("#back").disabled = now === 0;
  one("#next").disabled = now === last;
  if (location.hash !== `#${now}`) history.replaceState(null, "", `#${now}`);
}

function move() {
  const known = computed(sliders.map((slider) => Number(slider.value)));
  const text = (slot) => {
    const key = slot.replace("(", "");
    return slot.startsWith("(") ? enclosed(written(known[key])) : written(known[key]);
  };
  DATA.labels.forEach((label, i) => {
    if (label.parts) shown[i] = label.parts.map((p) => p.n ? text(p.n) : p).join("");
  });
  all("[data-n]").forEach((place) => { place.textContent = text(place.dataset.n); });
  show(now);
}

const KEYS = {
  ArrowRight: 1, ArrowDown: 1, PageDown: 1, " ": 1, ArrowLeft: -1, ArrowUp: -1, PageUp: -1,
  Home: -Infinity, End: Infinity,
};

document.addEventListener("keydown", (event) => {
  const control = event.target.closest("input, button");
  if (event.altKey || event.ctrlKey || event.metaKey || !(event.key in KEYS)) return;
  if (control && (control.type === "range" ? !event.key.startsWith("Page") : event.key === " ")) {
    return;
  }
  event.preventDefault();
  show(now + KEYS[event.key]);
});
one("#back").addEventListener("click", () => show(now - 1));
one("#next").addEventListener("click", () => show(now + 1));
one("#first").addEventListener("click", () => show(0));
one("#last").addEventListener("click", () => show(last));
lines.forEach((line, i) => line.addEventListener("click", () => {
  show(DATA.moments.findIndex((moment) => moment.line === i));
}));
sliders.forEach((slider) => slider.addEventListener("input", move));
one("#reset")?.addEventListener("click", () => {
  sliders.forEach((slider) => { slider.value = slider.defaultValue; });
  move();
});
const asked = () => parseInt(location.hash.slice(1) || document.body.dataset.begin, 10) || 0;
addEventListener("hashchange", () => show(asked()));
addEventListener("beforeprint", () => show(last));
show(asked());
document.body.classList.add("playing");
