"""The layout: its crossings against Graphviz, and the time it takes."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from statistics import median

import numpy as np

import diffkit as dk
from diffkit.drawing.layout.layered import layered
from diffkit.drawing.layout.plan import Gaps, Graph, Placement, Size

from ..drawing_cases import random_graph, sixty_graphs
from ..drawing_geometry import bezier, crossings, polyline
from .findings import Finding
from .harness import Effort, stopwatch

LABEL = Size(60.0, 22.0, 22.0)


def drawing(effort: Effort) -> list[Finding]:
    """Crossings over 60 graphs, seconds for 1000 and 20,000 nodes and for a large net."""
    return [*_crossings(), *_times(effort)]


# -- crossings ------------------------------------------------------------------------


def _crossings() -> list[Finding]:
    graphs = sixty_graphs()
    ours = sum(crossings(_our_wires(graph)) for graph in graphs)
    what = f"crossings in {len(graphs)} graphs"
    if shutil.which("dot") is None:
        note = "dot is not installed: nothing to compare with"
        return [Finding(what, ours, note=note)]
    theirs = sum(crossings(_their_wires(graph)) for graph in graphs)
    return [
        Finding(what, ours, "crossings", at_most=theirs),
        Finding(f"{what}, by dot", theirs, "crossings"),
    ]


def _our_wires(graph: Graph) -> dict:
    """Return the wires as the composed picture draws them: curves between columns."""
    place = layered(graph, Gaps())
    return {wire: _our_path(graph, place, k) for k, wire in enumerate(graph.wires)}


def _our_path(graph: Graph, place: Placement, k: int) -> list[tuple[float, float]]:
    source, target = graph.wires[k]
    stretches = [
        (*place.spans[source], place.nodes[source][1]),
        *place.routes[k],
        (*place.spans[target], place.nodes[target][1]),
    ]
    path: list[tuple] = [("M", (stretches[0][1], stretches[0][2]))]
    for (_, end, here), (start, stop, there) in pairwise(stretches):
        middle = (end + start) / 2
        path.append(("C", (middle, here), (middle, there), (start, there)))
        path.append(("L", (stop, there)))
    return polyline(path[:-1])


def _their_wires(graph: Graph) -> dict:
    """Return the wires as dot draws them, up to the nodes: arrow heads would shorten them."""
    node = 'node [shape=box, fixedsize=true, label=""]'
    lines = [f"digraph {{ rankdir=LR; {node}; edge [arrowhead=none];"]
    for number, size in enumerate(graph.nodes):
        height = (size.before + size.after) / 72
        lines.append(f"{number} [width={size.along / 72}, height={height}];")
    lines += [f"{a} -> {b};" for a, b in graph.wires]
    text = "\n".join([*lines, "}"])
    done = subprocess.run(
        ["dot", "-Tplain"], input=text, capture_output=True, text=True, check=True
    )
    words = [line.split() for line in done.stdout.splitlines() if line.startswith("edge ")]
    return {(int(w[1]), int(w[2])): _spline(w) for w in words}


def _spline(words: list[str]) -> list[tuple[float, float]]:
    count = int(words[3])
    numbers = [float(word) for word in words[4 : 4 + 2 * count]]
    points = list(zip(numbers[::2], numbers[1::2], strict=True))
    found = [points[0]]
    for i in range(0, count - 1, 3):
        found += [bezier(*points[i : i + 4], k / 12) for k in range(1, 13)]
    return found


# -- times ----------------------------------------------------------------------------


def _times(effort: Effort) -> list[Finding]:
    rounds = max(3, effort.chain_rounds)
    cases: list[tuple[str, Callable, float]] = [
        ("layout of 1000 nodes with labels", partial(_laid_out, 1000, 30), 0.3),
        ("layout of 1000 nodes, wires of any length", partial(_laid_out, 1000, 1000), 0.3),
        ("layout of 20,000 nodes with labels", partial(_laid_out, 20_000, 50), 5.0),
        ("dk.draw of a net as large as GoogLeNet", googlenet_drawing(), 1.0),
    ]
    return [
        Finding(what, median(stopwatch(call)[0] for _ in range(rounds)), "s", at_most)
        for what, call, at_most in cases
    ]


def _laid_out(nodes: int, window: int) -> Placement:
    return layered(random_graph(1, nodes, window, slot=LABEL), Gaps())


def googlenet_drawing() -> Callable:
    """Return a call that draws nine blocks of four branches: about 60 layers."""
    rng = np.random.default_rng(0)
    width = 16
    blocks = [
        [(rng.normal(size=(width, width)) / 4, np.zeros(width)) for _ in range(6)] for _ in range(9)
    ]
    x = rng.normal(size=(8, width))
    program = dk.lower(_inception_net, blocks, x)
    return lambda: dk.draw(program, (blocks, x)).svg()


def _dense(x: np.ndarray, layer: tuple) -> np.ndarray:
    return np.maximum(x @ layer[0] + layer[1], 0)


def _inception_net(blocks: list, x: np.ndarray) -> np.ndarray:
    for number, (a, b1, b2, c1, c2, d) in enumerate(blocks):
        with dk.scope(f"inception_{number + 1}"):
            branches = [
                _dense(x, a),
                _dense(_dense(x, b1), b2),
                _dense(_dense(x, c1), c2),
                _dense(np.maximum(x, 0), d),
            ]
            x = np.concatenate([branch[:, :4] for branch in branches], axis=1)
    return np.mean(x**2)
