"""A lecture in one file: the sigmoid neuron, played step by step in a browser."""

import tempfile
from pathlib import Path

import diffkit as dk

NEURON = "z = w0*x0 + w1*x1 + w2; f = 1/(1 + exp(-z))"
POINT = {"w0": 2, "x0": -1, "w1": -3, "x1": -2, "w2": -3}

drawing = dk.draw(NEURON, POINT)
gradients = {name: drawing.graph.nodes[name]["gradient"] for name in drawing.program.inputs}

# The numbers of the well-known slide, to its two decimals (0.39 there is a rounded 0.393).
assert round(float(drawing.graph.nodes["f"]["value"]), 2) == 0.73
assert {n: round(float(g), 2) for n, g in gradients.items()} == {
    "w0": -0.2, "x0": 0.39, "w1": -0.39, "x1": -0.59, "w2": 0.2
}  # fmt: skip

target = drawing.save(Path(tempfile.mkdtemp()) / "neuron.html")
print(f"{len(drawing.steps)} steps, {target.stat().st_size // 1000} kB: open {target}")
