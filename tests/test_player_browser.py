"""The lecture player in a real browser: steps, numbers, keys, sliders, silence."""

import random

import numpy as np
import pytest

import diffkit as dk
from diffkit.drawing.player.javascript import OPERATIONS
from diffkit.drawing.text import number
from diffkit.primitives import PRIMITIVES

from .browser import executable

NEURON = "z = w*x + b; y = 1/(1 + exp(-z)); L = (y - t)**2/2"
POINT = {"w": 2, "x": -1, "b": 0.5, "t": 1}


@pytest.fixture(scope="module")
def chromium():
    path = executable()
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def play(chromium, tmp_path):
    """Opens drawings; fails at the end if a page complained or asked for anything."""
    complaints, requests, contexts = [], [], []

    def opened(drawing, address="", **options):
        path = drawing.save(tmp_path / f"{len(contexts)}.html")
        context = chromium.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: requests.append(request.url))
        page.goto(f"{path.as_uri()}{address}")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []
    assert len(requests) == len(contexts)  # each page itself, and nothing more


def position(page):
    return page.inner_text("#position")


def column(page, kind):
    """The visible text of a column of the listing."""
    cells = page.query_selector_all(f"#listing td.{kind}")
    return ["·" if "later" in (c.get_attribute("class") or "") else c.inner_text() for c in cells]


def test_keys_walk_through_the_steps(play):
    """Arrows, space, presenter remotes' page keys, Home and End."""
    page = play(dk.draw(NEURON, POINT))
    last = len(dk.draw(NEURON, POINT).steps) - 1
    walk = [("ArrowRight", 1), (" ", 2), ("PageDown", 3), ("ArrowDown", 4), ("ArrowLeft", 3),
            ("PageUp", 2), ("ArrowUp", 1), ("End", last), ("ArrowRight", last), ("Home", 0),
            ("ArrowLeft", 0)]  # fmt: skip
    for key, expected in walk:
        page.keyboard.press(key)
        assert position(page) == f"{expected} / {last}", key


def test_buttons_and_lines_can_be_clicked(play):
    page = play(dk.draw(NEURON, POINT))
    page.click("#next")
    page.click("#next")
    assert position(page).startswith("2 /")
    page.click("#listing tbody tr:last-child")
    assert page.inner_text("#listing tr[aria-current] td.code") == "L = t6/2"


def test_the_address_names_the_step(play):
    """#5 opens step 5, and each step changes the address."""
    page = play(dk.draw(NEURON, POINT), "#5")
    assert position(page).startswith("5 /")
    page.keyboard.press("ArrowRight")
    assert page.url.endswith("#6")
    page.evaluate("location.hash = '#2'")
    page.wait_for_function("document.querySelector('#position').textContent.startsWith('2 ')")


def test_what_is_not_computed_yet_is_a_dot(play):
    """Forward, a value appears step by step; no gradient shows before the backward pass."""
    drawing = dk.draw("d = x*y; f = d + z", {"x": 2, "y": -5, "z": 3})
    page = play(drawing, "#1")
    assert column(page, "value") == ["2.00", "−5.00", "3.00", "−10.0", "·"]
    assert column(page, "gradient") == ["·"] * 5
    page.keyboard.press("End")
    assert column(page, "gradient") == ["−5.00", "2.00", "1.00", "1.00", "1.00"]
    texts = page.eval_on_selector_all(
        "#graph text[data-role=gradient]", "e => e.map(x => x.textContent)"
    )
    assert sorted(texts) == sorted(["−5.00", "2.00", "1.00", "1.00", "1.00"])


def test_the_chain_rule_has_its_numbers(play):
    """The formula of the step in MathML: symbols and numbers, drawn as a formula."""
    page = play(dk.draw("d = x*y; f = d + z", {"x": 2, "y": -5, "z": 3}), "#5")
    shown = page.locator("#formulas > div:not([hidden])")
    assert shown.locator("math").count() == 2
    rule = shown.locator("math").first.text_content()
    assert rule.endswith("=1.00·(−5.00)=−5.00")
    assert shown.locator("mfrac").first.bounding_box()["height"] > 25


def test_sliders_move_values_and_gradients(play):
    """What the page computes is what the Program computes at the same point."""
    page = play(dk.draw(NEURON, POINT), "#19")
    moved = {**POINT, "w": 1.5, "t": 0.25}
    page.locator("#sliders input").nth(0).fill("1.5")
    page.locator("#sliders input").nth(3).fill("0.25")
    graph = dk.lower(NEURON).to_networkx(moved)
    names = [n for n, node in graph.nodes(data=True) if node["kind"] in ("input", "operation")]
    assert column(page, "value") == [number(graph.nodes[n]["value"]) for n in names]
    assert column(page, "gradient") == [number(graph.nodes[n]["gradient"]) for n in names]

    page.click("#reset")
    first = dk.lower(NEURON).to_networkx(POINT)
    assert column(page, "gradient") == [number(first.nodes[n]["gradient"]) for n in names]


def test_every_label_of_the_picture_moves(play):
    """After sliders have moved, the picture is the one that is drawn there anew."""
    source, moved = "(x*y + z)*(x + y) + x*x", {"x": -2.0, "y": 3.5, "z": 0.5}
    labels = ("value", "gradient", "local", "product", "sum", "name")
    page = play(dk.draw(source, {"x": 2.0, "y": 3.0, "z": 4.0}, labels=labels), "#99")
    for i, value in enumerate(moved.values()):
        page.locator("#sliders input").nth(i).fill(str(value))
    fresh = dk.draw(source, moved, labels=labels)
    expected = [label.text for label in fresh.scene.final().labels if label.text]
    texts = page.eval_on_selector_all("#graph text", "all => all.map(x => x.textContent)")
    assert texts == expected


def test_slider_keys_stay_with_the_slider(play):
    """An arrow key on a slider moves the slider, not the lecture."""
    page = play(dk.draw(NEURON, POINT), "#3")
    page.focus("#sliders input")
    page.keyboard.press("ArrowRight")
    assert position(page).startswith("3 /")
    assert page.locator("#sliders output").first.inner_text() != "2.00"


def arguments(name, draw):
    """Points to try an operation at: special ones and random ones."""
    count = 1 + max(k for k in range(3) if f"{{{k}}}" in OPERATIONS[name])
    special = [0.0, 1.0, -1.0, 0.5, -2.0, 3.0, 800.0, -800.0]
    points = [[draw.choice(special) for _ in range(count)] for _ in range(20)]
    points += [[draw.uniform(-3, 3) for _ in range(count)] for _ in range(20)]
    if name.startswith("logical"):
        return [[entry > 0 for entry in point] for point in points]
    return [[point[0] > 0, *point[1:]] if name == "where" else point for point in points]


def test_operations_agree_with_the_table(play):
    """Each operation in JavaScript is the primitive, at random and at special values."""
    page, draw = play(dk.draw("x*y", {"x": 1, "y": 2})), random.Random(1)
    for name, form in OPERATIONS.items():
        points = arguments(name, draw)
        code = form.format("a[0]", "a[1]", "a[2]")
        found = page.evaluate(f"all => all.map(a => String(Number({code})))", points)
        for point, text in zip(points, found, strict=True):
            with np.errstate(all="ignore"):
                expected = float(PRIMITIVES[name].numpy(*map(np.asarray, point)))
            actual = float(text.replace("Infinity", "inf"))
            assert actual == pytest.approx(expected, rel=1e-13, abs=1e-300, nan_ok=True), (
                name,
                point,
            )


def test_numbers_are_written_as_in_the_picture(play):
    """Rounding, exponents and signs as Python has them, half-way cases included."""
    page = play(dk.draw("x*y", {"x": 1, "y": 2}))
    draw = random.Random(7)
    values = [0.0, 1.125, 0.125, 2.5, -1e-5, 9.995, 9.9949999, 99950.0, 99999.5, 1234.5]
    values += [123456.0, 1e21, 5e-324, 1.7e308, 0.00012345, 0.000099999, 12.35, 100.0, 999.5]
    values += [draw.uniform(-1, 1) * 10 ** draw.uniform(-12, 12) for _ in range(2000)]
    assert page.evaluate("all => all.map(written)", values) == [number(v) for v in values]
    assert page.evaluate("[NaN, Infinity, -Infinity, null].map(written)") == [
        "nan",
        "inf",
        "−inf",
        "·",
    ]


def test_nan_and_infinity_are_shown(play):
    """A slider into log's negative side shows nan, not the old number."""
    page = play(dk.draw("log(x)", {"x": 1.0}), "#9")
    page.locator("#sliders input").first.fill("0")
    assert column(page, "value")[-1] == "−inf"
    page.locator("#sliders input").first.fill("-1")
    assert column(page, "value")[-1] == "nan"


def test_no_name_runs_as_code(play):
    """Markup in a name, even with a script's end in it, stays text; the policy stands behind."""
    program = dk.lower("z = x*x")
    name = (
        "<img src=x onerror=document.title='gone'></script><script>document.title='gone'</script>"
    )
    step = program.steps[0]._replace(operands=(name, name))
    page = play(dk.draw(dk.Program({name: program.types["x"]}, [step], ["z"]), {name: 2.0}))
    page.keyboard.press("End")
    assert page.title() == "Computational graph of z"
    assert page.locator("img").count() == 0


def test_phones_dark_screens_and_paper(play):
    """Nothing sticks out of a small window; colours follow the system; print hides controls."""
    drawing = dk.draw(NEURON, POINT)
    phone = play(drawing, viewport={"width": 360, "height": 740}, has_touch=True)
    assert phone.evaluate("document.documentElement.scrollWidth") <= 360
    assert min(phone.locator("#next").bounding_box()[side] for side in ("width", "height")) >= 44
    dark = play(drawing, color_scheme="dark")
    assert dark.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(20, 24, 29)"
    fill = "getComputedStyle(document.querySelector('#graph text[data-role=value]')).fill"
    assert dark.evaluate(fill) == "rgb(86, 180, 233)"
    paper = play(drawing)
    paper.emulate_media(media="print")
    assert not paper.locator("#controls").is_visible()
    width = "document.querySelector('#graph svg').getBoundingClientRect().width"
    sheet = play(drawing, viewport={"width": 600, "height": 800})
    assert sheet.evaluate(width) > 600  # scrolls on a screen, which paper cannot
    sheet.emulate_media(media="print")
    assert 0 < sheet.evaluate(width) <= 600


@pytest.mark.parametrize("view", ["tree", "both", "mirror", "network"])
def test_views_without_steps_are_whole(play, view):
    """Nothing waits for a step that never comes, and no key breaks the page."""
    drawing = dk.draw("z = tanh(w*x + b)", {"w": 2, "x": -1, "b": 0.5}, view=view)
    page = play(drawing)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("End")
    assert position(page) == "0 / 0"
    shown = page.locator("#graph text").all_text_contents()
    assert shown == [label.text for label in drawing.scene.final().labels if label.text]
    assert "·" not in column(page, "value")


def test_screen_readers_hear_the_steps(play):
    """The picture has a name and a description, and the formulas are announced."""
    page = play(dk.draw(NEURON, POINT), "#5")
    heard = page.locator("body").aria_snapshot()
    assert "Computational graph of L" in heard
    assert 'button "Next step"' in heard
    assert page.get_attribute("#formulas", "aria-live") == "polite"


def test_without_scripts_the_whole_picture_stands(play):
    """A page whose script may not run still shows all numbers."""
    page = play(dk.draw(NEURON, POINT), java_script_enabled=False)
    assert column(page, "gradient")[0] == "0.122"
    assert not page.locator("#controls").is_visible()
