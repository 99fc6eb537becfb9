"""The gallery: docs/gallery.md and its pictures. python -m tests.gallery_page writes them."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import diffkit as dk

PAGE = Path(__file__).parents[1] / "docs" / "gallery.md"
PICTURES = PAGE.parent / "gallery"

_OPENING = """\
# Gallery

The graphs of the lectures. Each picture is drawn by the lines above it, and tests compare
it with the file that is shown here. `.save("picture.svg")` writes one; `.pdf`, `.png` and
`.tex` are written the same way. [Drawing](drawing.md) tells the rest.

```python
>>> import numpy as np
>>> import diffkit as dk

```
"""


class Picture(NamedTuple):
    """One entry: the code that the page shows is the code that draws the picture."""

    name: str
    title: str
    text: str
    code: str


GALLERY = [
    Picture(
        "product_and_sum",
        "f = x*y + z",
        "The first graph of every lecture on backpropagation. Values are above the wires, "
        "gradients below; small print gives the local derivative and the chain rule in numbers.",
        'picture = dk.draw("d = x*y; f = d + z", {"x": 2, "y": -5, "z": 3})',
    ),
    Picture(
        "sigmoid_neuron",
        "A sigmoid neuron",
        "In the colours of the classic slides, which are hard to tell apart for one man in "
        "twelve; the default theme is not.",
        """\
        neuron = "f = 1/(1 + exp(-(w0*x0 + w1*x1 + w2)))"
        at = {"w0": 2, "x0": -1, "w1": -3, "x1": -2, "w2": -3}
        picture = dk.draw(neuron, at, theme="cs231n")""",
    ),
    Picture(
        "least_squares",
        "Least squares with a regularizer",
        "Arrays show their shape and norm; short vectors their entries.",
        """\
        squares = "r = y - X @ theta; J = r @ r + lam*(theta @ theta)"
        X = np.array([[1.0, 2.0], [1.0, 3.0], [1.0, 5.0]])
        at = {"X": X, "theta": [0.5, 1.0], "y": [3.0, 4.0, 5.0], "lam": 0.1}
        picture = dk.draw(squares, at, wrt="theta")""",
    ),
    Picture(
        "four_weights",
        "Four weights in a row",
        "A net with one unit a layer. Under it stands the chain rule for each of its weights. "
        "What is bold was already computed for the weight before: it is reused, and that is "
        "backpropagation.",
        """\
        net = '''a1 = w1*x + b; f1 = tanh(a1)
                 a2 = w2*f1;    f2 = tanh(a2)
                 a3 = w3*f2;    f3 = tanh(a3)
                 L = (y - f3)**2/2'''
        at = {"w1": 0.5, "w2": -1, "w3": 2, "b": 0.1, "x": 1, "y": 1}
        chain = ["w3", "w2", "w1", "b"]
        picture = dk.draw(net, at, labels=["value", "gradient", "name"], chain=chain)""",
    ),
    Picture(
        "four_weights_network",
        "The same, as a network",
        '`view="network"` draws units and weights instead of operations.',
        'picture = dk.draw(net, at, view="network")',
    ),
    Picture(
        "softmax_cross_entropy",
        "Softmax and cross-entropy",
        "The scores are those of one picture and three classes; the first is the right one.",
        """\
        loss = "e = exp(s); p = e/sum(e); L = -log(sum(t*p))"
        at = {"s": [3.2, 5.1, -1.7], "t": [1.0, 0.0, 0.0]}
        picture = dk.draw(loss, at, wrt="s", digits=2, direction="TB")""",
    ),
    Picture(
        "mirror",
        "Forward and backward",
        "The backward pass under the forward one. x is used twice, so two gradients arrive, "
        "and their sum stands at x_bar.",
        'picture = dk.draw("d = x*y; f = d + z*x", {"x": 2, "y": -5, "z": 3}, view="mirror")',
    ),
    Picture(
        "tree_and_graph",
        "Why expressions swell",
        "Three squarings as a tree and as a graph: what the tree repeats has one colour. With "
        "every further squaring the tree doubles.",
        'picture = dk.draw("u = x*x; v = u*u; f = v*v", {"x": 1.1}, view="both")',
    ),
    Picture(
        "dead_units",
        "A kink and a saturated unit",
        "Operations at a kink, and those that let nearly nothing of a gradient through, have "
        "a thick outline.",
        'picture = dk.draw("L = max(x, 0)*y + tanh(z)", {"x": 0, "y": 2, "z": 9})',
    ),
]


def drawings() -> dict[str, Any]:
    """Run the code of every entry, as a reader would from top to bottom."""
    names: dict[str, Any] = {"dk": dk, "np": np}
    found = {}
    for entry in GALLERY:
        exec(textwrap.dedent(entry.code), names)
        found[entry.name] = names["picture"]
    return found


def page() -> str:
    """Return the page."""
    return "\n".join([_OPENING, *map(_section, GALLERY)])


def _section(entry: Picture) -> str:
    lines = textwrap.dedent(entry.code).splitlines()
    session = []
    for number, line in enumerate(lines):
        session.append(f"{'...' if number and line.startswith(' ') else '>>>'} {line}")
    code = "\n".join(session)
    text = textwrap.fill(entry.text, 92)
    return (
        f"## {entry.title}\n\n{text}\n\n```python\n{code}\n\n```\n\n"
        f"![{entry.title}](gallery/{entry.name}.svg)\n"
    )


if __name__ == "__main__":
    PICTURES.mkdir(exist_ok=True)
    PAGE.write_text(page(), encoding="utf-8")
    for name, drawing in drawings().items():
        drawing.save(PICTURES / f"{name}.svg")
