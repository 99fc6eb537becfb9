"""Layout by Graphviz: its `dot` orders and places what the built-in layout would have.

It is given numbered points of known sizes, every wire cut at every column, so that all
it answers is coordinates. Pictures are always drawn by our own writers.
"""

from __future__ import annotations

import shutil
import subprocess
from importlib import import_module
from importlib.util import find_spec
from itertools import pairwise

from ...errors import ArgumentError, MissingTool
from .layered import Mesh
from .plan import Gaps, Graph, Placement

MOST = 3000  # nodes and bends; dot needs minutes for more
SECONDS = 60.0
_INCH = 72.0


def dot(graph: Graph, gaps: Gaps, seconds: float = SECONDS) -> Placement:
    """Lay out a graph with Graphviz.

    Raises
    ------
    MissingTool
        If neither a `dot` program nor pygraphviz is there.
    ArgumentError
        If the graph is too large for it, or it does not answer in time.
    """
    mesh = Mesh(graph)
    mesh.add_label_columns()
    if len(mesh.sizes) > MOST:
        raise ArgumentError(
            f'layout="dot" takes at most {MOST} nodes and bends, and this graph has '
            f'{len(mesh.sizes)}; use layout="layered"'
        )
    places = _places(_answer(_question(mesh, gaps), seconds))
    across = [places[e][1] + (size.before - size.after) / 2 for e, size in enumerate(mesh.sizes)]
    spans = []
    for column in mesh.columns:
        half = max([mesh.sizes[e].along for e in column]) / 2
        spans.append((places[column[0]][0] - half, places[column[0]][0] + half))
    return mesh.placement(across, spans)


def _question(mesh: Mesh, gaps: Gaps) -> str:
    """Return the graph in DOT; all names are numbers, so there is nothing to escape."""
    lines = [
        f"digraph {{ rankdir=LR; nodesep={gaps.across / _INCH:.3f}; "
        f'ranksep={1.6 * gaps.along / _INCH:.3f}; node [shape=box, fixedsize=true, label=""]; '
        "edge [arrowhead=none];"
    ]
    for element, size in enumerate(mesh.sizes):
        width, height = max(size.along, 0.1) / _INCH, max(size.before + size.after, 0.1) / _INCH
        lines.append(f"{element} [width={width:.4f}, height={height:.4f}];")
    for chain in mesh.chains:
        for a, b in pairwise(chain):
            weight = 8 if mesh.bend[a] and mesh.bend[b] else 2
            lines.append(f"{a} -> {b} [weight={weight}];")
    return "\n".join([*lines, "}"])


def _answer(question: str, seconds: float) -> str:
    """Ask the `dot` program, or pygraphviz, which brings its own."""
    program = shutil.which("dot")
    if program is None:
        return _answer_in_process(question)
    try:
        done = subprocess.run(
            [program, "-Tplain"], input=question, capture_output=True, text=True,
            timeout=seconds, check=True,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise ArgumentError(
            f'dot did not finish within {seconds:g} s; use layout="layered"'
        ) from None
    except subprocess.CalledProcessError as error:
        raise MissingTool(f"{program} failed: {error.stderr.strip()[:200]}") from None
    return done.stdout


def _answer_in_process(question: str) -> str:
    if find_spec("pygraphviz") is None:
        raise MissingTool(
            'layout="dot" needs Graphviz: install it (apt-get install graphviz, brew install '
            "graphviz, or pip install pygraphviz). "
            'layout="layered", the default, works without it, and so does saving as .dot'
        )
    graph = import_module("pygraphviz").AGraph(string=question)
    return graph.draw(format="plain", prog="dot").decode()


def _places(answer: str) -> dict[int, tuple[float, float]]:
    """Read the centres of nodes; Graphviz counts upward."""
    words = (line.split() for line in answer.splitlines() if line.startswith("node "))
    return {int(w[1]): (float(w[2]) * _INCH, -float(w[3]) * _INCH) for w in words}
