"""The lecture player's page, read without a browser."""

import base64
import hashlib
import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest

import diffkit as dk
from diffkit.drawing.player.javascript import OPERATIONS, script
from diffkit.drawing.player.mathml import math

NEURON = "z = w*x + b; y = 1/(1 + exp(-z)); L = (y - t)**2/2"
POINT = {"w": 2, "x": -1, "b": 0.5, "t": 1}
NASTY = "<img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def neuron():
    return dk.draw(NEURON, POINT)


def script_of(page):
    return re.search(r"<script>(.*?)</script>", page, re.DOTALL)[1]


def data_of(page):
    return json.loads(re.search(r"const DATA = (.*?);\n", script_of(page))[1])


class Reader(HTMLParser):
    """Collects tags with their attributes."""

    def __init__(self, text):
        super().__init__()
        self.tags = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))


def test_the_page_refers_to_nothing_outside(neuron):
    """No element has an address, and the policy forbids loading."""
    tags = Reader(neuron.player()).tags
    assert not [t for t, attributes in tags if {"src", "href", "action"} & set(attributes)]
    policy = next(a["content"] for t, a in tags if a.get("http-equiv"))
    assert policy.startswith("default-src 'none';")
    assert "url(" not in neuron.player()
    assert "@import" not in neuron.player()


def test_the_policy_allows_the_one_script_by_its_hash(neuron):
    page = neuron.player()
    digest = hashlib.sha256(script_of(page).encode()).digest()
    assert f"script-src 'sha256-{base64.b64encode(digest).decode()}'" in page
    assert page.count("<script") == 1


def test_one_formula_a_step(neuron):
    """Every step of the passes has its formulas, and a place in the listing."""
    tags = Reader(neuron.player()).tags
    steps = [a["data-step"] for t, a in tags if t == "div" and "data-step" in a]
    assert steps == [str(i) for i in range(len(neuron.steps))]
    moments = data_of(neuron.player())["moments"]
    assert len(moments) == len(neuron.steps)
    listed = len(POINT) + len(neuron.program)
    assert sorted({m["line"] for m in moments}) == [-1, *range(len(POINT), listed)]


def test_steps_become_javascript():
    """The replay is straight-line code over numbered values."""
    found = script(dk.lower("f = maximum(x*y, 2)**2"))
    assert found.replay.splitlines() == [
        "v[2] = v[0] * v[1]; // t1 = x*y",
        "v[3] = Math.max(v[2], 2); // t2 = maximum(t1, 2)",
        "v[4] = Math.pow(v[3], 2); // f = t2**2",
    ]
    assert '"4 0": 2 * v[3]' in found.factors


def test_what_cannot_be_replayed_says_why():
    """No sliders, and the page names the reason."""
    arrays = dk.draw(lambda x: np.sum(x * x), (np.ones(3),)).player()
    assert "No sliders: the inputs are not all real numbers" in arrays
    assert 'id="sliders"' not in arrays
    rare = dk.draw(lambda x, y: np.logaddexp2(x, y), (1.0, 2.0)).player()
    assert "logaddexp2(x, y) has no JavaScript form" in rare
    assert "No sliders: no values were given" in dk.draw("x*y").player()
    tree = dk.draw("x*y + x", {"x": 1, "y": 2}, view="tree").player()
    assert "No sliders: the numbers of the view &quot;tree&quot; do not move" in tree


def test_large_graphs_are_played_collapsed():
    """Boxes of many steps play as one, without sliders."""

    def deep(x):
        for _ in range(120):
            x = np.sin(x) * 1.1
        return x

    drawing = dk.draw(deep, (0.5,))
    page = drawing.player()
    assert "No sliders: parts of the graph are collapsed" in page
    assert page.count("data-step=") == len(drawing.steps) < 240


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x**2", "<msup><mi>x</mi><mn>2</mn></msup>"),
        ("sqrt(x)", "<msqrt><mi>x</mi></msqrt>"),
        ("exp(-z)", "<msup><mi>e</mi><mrow><mo>−</mo><mi>z</mi></mrow></msup>"),
        ("theta", "<mi>θ</mi>"),
        ("W_bar", "<mover><mi>W</mi><mo>¯</mo></mover>"),
        ("(x", "<mtext>(x</mtext>"),
        (NASTY, "<mtext>&lt;img src=x onerror=alert(1)&gt;</mtext>"),
    ],
)
def test_mathml(text, expected):
    """Formulas are MathML; what is not a formula is text, escaped."""
    assert math(text) == expected


def test_parentheses_are_kept():
    """(a + b)*c, a - (b - c) and -(a + b) keep theirs; a*b + c needs none."""
    for text, count in [("(a + b)*c", 1), ("a - (b - c)", 1), ("-(a + b)", 1), ("a*b + c", 0),
                        ("(-a)**2", 1), ("(a/b)**2", 1)]:  # fmt: skip
        assert math(text).count("<mo>(</mo>") == count, text


def test_names_cannot_leave_their_place():
    """A name with markup is text everywhere: picture, formulas, listing, script, title."""
    program = dk.lower("z = x*x")
    types = {f"{NASTY}</script>": program.types["x"]}
    step = program.steps[0]._replace(operands=(f"{NASTY}</script>",) * 2)
    evil = dk.Program(types, [step], ["z"])
    page = dk.draw(evil, {f"{NASTY}</script>": 2.0}).player()
    assert not [t for t, _ in Reader(page).tags if t == "img"]
    assert page.count("</script>") == 1
    assert "<img" not in page.replace(script_of(page), "")


def test_a_page_for_the_notebook(neuron):
    """Jupyter shows the page in a frame that may only run the page's own script."""
    shown = neuron.player()._repr_html_()
    assert Reader(shown).tags[0][1]["sandbox"] == "allow-scripts"
    assert Reader(shown).tags[0][1]["srcdoc"] == neuron.player()


def test_saved_by_suffix(tmp_path, neuron):
    neuron.save(tmp_path / "lecture.html")
    assert (tmp_path / "lecture.html").read_text(encoding="utf-8") == neuron.player()


def test_every_operation_of_the_page_is_a_primitive():
    """A misspelled row would silently take the sliders away."""
    assert set(OPERATIONS) <= set(dk.primitives.PRIMITIVES)
