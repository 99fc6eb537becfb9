"""The backward pass drawn under the forward one, as its mirror image.

Both halves have the same places: under every variable stands its cotangent, under every
wire the one that carries a contribution back, with the local factor on it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ..sinks import visible
from .metrics import LINE
from .scene import Label, Point, Scene, Wire
from .themes import SIZES

_FORWARD = frozenset({"value", "name", "symbol"})
_GAP = 12.0


def named_for_both(graph: Any) -> Any:
    """Return the graph with room in each node for the name of its cotangent."""
    wide = graph.copy()
    for _, node in wide.nodes(data=True):
        node["mirrored"] = f"{node['name']}_bar" if node["kind"] != "constant" else node["symbol"]
    return wide


def mirrored(scene: Scene, graph: Any, direction: str) -> Scene:
    """Return the picture with its mirror image below, where the wires lead back.

    Parameters
    ----------
    scene : Scene
        Composed of a graph from `named_for_both`.
    graph : networkx.DiGraph
    direction : "LR" or "TB"
    """
    scene, nearer = scene.final(), SIZES["value"] * LINE if direction == "LR" else 0.0
    height = scene.height

    def below(point: Point) -> Point:
        return point[0], 2 * height + _GAP - point[1]

    under = scene.mapped(below, scene.width, 2 * height + _GAP)
    under = replace(under, labels=tuple([_mirrored(x, graph, nearer) for x in under.labels]))
    under = replace(under, wires=tuple(map(_reversed, under.wires)))
    under = under.renamed(lambda name: f"{name} (bar)")
    upper = [label for label in scene.labels if label.role in _FORWARD]
    lower = [x for x in under.labels if x.role == "symbol" or x.role not in _FORWARD]
    return replace(
        under,
        boxes=scene.boxes + under.boxes,
        wires=scene.wires + under.wires,
        labels=(*upper, *lower),
        moments=(),
    )


def _mirrored(label: Label, graph: Any, nearer: float) -> Label:
    """Name the cotangent; move a local derivative to where the value was."""
    if label.role == "local":
        return replace(label, y=label.y - nearer)
    if label.role == "symbol":
        return replace(label, text=visible(graph.nodes[label.of]["mirrored"]))
    return label


def _reversed(wire: Wire) -> Wire:
    """Turn the arrow round: its head moves to where the wire came from."""
    if not wire.head:
        return wire
    start, tip = wire.path[0][1], wire.head[0]
    middle = [(a + b) / 2 for a, b in zip(wire.head[1], wire.head[2], strict=True)]
    back = [a - b for a, b in zip(tip, middle, strict=True)]
    shift = [s + step - t for s, step, t in zip(start, back, tip, strict=True)]
    wings = [(x + shift[0], y + shift[1]) for x, y in wire.head[1:]]
    wings = [(x + back[0], y + back[1]) for x, y in wings]
    base = (start[0] + back[0], start[1] + back[1])
    path = (("M", base), *wire.path[1:], ("L", tip))
    return replace(wire, path=path, head=(start, *wings))
