"""Graph and layout to scene: sizes of nodes and labels, ports, and the paths of wires."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any

from ..sinks import visible
from .layout.plan import Gaps, Graph, Placement, Size
from .metrics import text_width
from .moments import Story, tell
from .scene import Box, Label, Point, Scene, Wire
from .themes import SIZES
from .wording import Line, Wording

_MARGIN = 14.0
_HEIGHT = 34.0  # of a node; an operation of one character is a circle
_PAD = 3.0  # from a wire to its labels
_ARROW = 8.0
_PITCH = 13.0  # between the ports of one node
_LONGEST = 28  # characters in a node


@dataclass(frozen=True)
class Axes:
    """Which way the wires run: "LR", from left to right, or "TB", from top to bottom."""

    direction: str

    def point(self, along: float, across: float) -> Point:
        """Return x, y."""
        return (along, across) if self.direction == "LR" else (across, along)

    def size(self, half: Point, above: list[Line], below: list[Line]) -> Size:
        """Return the room of something with lines of text to either side."""
        wide = [max([line.width for line in lines], default=0.0) for lines in (above, below)]
        tall = [sum([line.height for line in lines]) for lines in (above, below)]
        if self.direction == "LR":
            return Size(max(2 * half[0], *wide), half[1] + tall[0], half[1] + tall[1])
        return Size(max(2 * half[1], *tall), half[0] + wide[0], half[0] + wide[1])

    def lines(self, at: Point, half: Point, lines: list[Line], side: int) -> list[tuple]:
        """Return (line, x, y) of lines on one side (-1 above or left, 1 below or right)."""
        x, y = at
        placed, tall = [], sum([line.height for line in lines])
        run = half[1] if self.direction == "LR" else -tall / 2
        for line in lines:
            middle = run + line.height / 2
            if self.direction == "LR":
                placed.append((line, x, y + side * middle))
            else:
                placed.append((line, x + side * (half[0] + line.width / 2), y + middle))
            run += line.height
        return placed


@dataclass
class _Parts:
    """The graph as numbered nodes and wires, with their texts and sizes."""

    names: list[str]
    halves: list[Point]
    texts: list[tuple[list[Line], list[Line]]]
    wires: list[tuple[str, str, int, int]]
    notes: list[tuple[list[Line], list[Line]]]


def compose(
    graph: Any,
    layout: Callable[[Graph, Gaps], Placement],
    wording: Wording,
    direction: str = "LR",
    show: str = "both",
) -> Scene:
    """Lay out a graph and return the picture.

    Parameters
    ----------
    graph : networkx.DiGraph
        As `to_networkx` makes it, without what is not to be drawn.
    layout : callable
        See `diffkit.drawing.layout`.
    wording : Wording
    direction : "LR" or "TB"
    show : "forward", "backward" or "both"
    """
    axes = Axes(direction)
    parts = _parts(graph, wording)
    number = {name: i for i, name in enumerate(parts.names)}
    plan = Graph(
        [axes.size(h, *t) for h, t in zip(parts.halves, parts.texts, strict=True)],
        [(number[source], number[target]) for source, target, *_ in parts.wires],
        [axes.size((0, _PAD), *n) if any(n) else None for n in parts.notes]
        if direction == "LR"
        else [axes.size((_PAD, 0), *n) if any(n) else None for n in parts.notes],
    )
    place = layout(plan, Gaps())
    story = tell(graph, wording, show)
    boxes = [_box(graph, parts, i, axes.point(*place.nodes[i]), story) for i in range(len(number))]
    labels = _node_labels(axes, boxes, parts, graph, story)
    labels += _wire_labels(axes, parts, place, story)
    wires = [
        _wire(axes, parts.wires[w], boxes, number, place, w, story) for w in range(len(parts.wires))
    ]
    return _fitted(boxes, wires, labels, story)


# -- sizes ----------------------------------------------------------------------------


def _parts(graph: Any, wording: Wording) -> _Parts:
    parts = _Parts(list(graph), [], [], [], [])
    for name, node in graph.nodes(data=True):
        gradients = [g for *_, edge in graph.out_edges(name, data=True) for g in edge["gradients"]]
        parts.halves.append(_half(node))
        parts.texts.append(wording.on_node(node, gradients))
    for source, target, edge in graph.edges(data=True):
        for i, operand in enumerate(edge["operands"]):
            parts.wires.append((source, target, operand, i))
            ends = graph.nodes[source], graph.nodes[target]
            parts.notes.append(wording.on_wire(*ends, edge, i))
    return parts


def _half(node: dict) -> Point:
    """Return half the width and height of a node."""
    texts = [node_text(node), visible(node.get("mirrored", ""))]
    width = max([text_width(text, SIZES["symbol"]) for text in texts]) + 18
    height = _HEIGHT if node["kind"] in ("operation", "group") else _HEIGHT - 6
    return max(width, height) / 2, height / 2


def node_text(node: dict) -> str:
    """Return what stands in a node."""
    text = visible(node["symbol"])
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


# -- parts of the scene ---------------------------------------------------------------


def _box(graph: Any, parts: _Parts, i: int, at: Point, story: Story) -> Box:
    name = parts.names[i]
    node, half = graph.nodes[name], parts.halves[i]
    marks = frozenset(mark for mark in ("kink", "saturated") if node[mark])
    return Box(
        kind=node["kind"], of=name, x=at[0], y=at[1], width=2 * half[0], height=2 * half[1],
        round=node["kind"] != "group", when=story.forward[name], marks=marks,
        copy=node.get("copy"),
    )  # fmt: skip


def _label(line: Line, x: float, y: float, of: Any, when: int) -> Label:
    return Label(line.role, line.text, of, x, y, line.width, line.height, when)


def _node_labels(
    axes: Axes, boxes: list[Box], parts: _Parts, graph: Any, story: Story
) -> list[Label]:
    labels = []
    for box, (above, below) in zip(boxes, parts.texts, strict=True):
        text = Line("symbol", node_text(graph.nodes[box.of]))
        labels.append(_label(text, box.x, box.y, box.of, 0))
        half = (box.width / 2, box.height / 2)
        last = [story.backward[t] for t in graph.successors(box.of) if t in story.backward]
        for lines, side, when in ((above, -1, 0), (below, 1, max(last, default=0))):
            for line, x, y in axes.lines((box.x, box.y), half, lines, side):
                labels.append(_label(line, x, y, box.of, when))
    return labels


def _wire_labels(axes: Axes, parts: _Parts, place: Placement, story: Story) -> list[Label]:
    labels = []
    for wire, (source, target, operand, _) in enumerate(parts.wires):
        slot = place.slots[wire]
        if slot is None:
            continue
        back = story.backward.get(target, len(story.moments))
        for lines, side in ((parts.notes[wire][0], -1), (parts.notes[wire][1], 1)):
            for line, x, y in axes.lines(axes.point(*slot), (_PAD, _PAD), lines, side):
                when = story.forward[source] if line.role == "value" else back
                labels.append(_label(line, x, y, (source, target, operand), when))
    return labels


# -- wires ----------------------------------------------------------------------------


def _wire(
    axes: Axes, wire: tuple, boxes: list[Box], number: dict, place: Placement, w: int, story: Story
) -> Wire:
    """Return the path: out of a port, straight through the columns, into a port."""
    source, target, operand, _ = wire
    first, last = number[source], number[target]
    out, into = place.ends[w]
    start = _port(axes, boxes[first], out, 1)
    end = _port(axes, boxes[last], into, -1)
    tip = (end[0] - _ARROW, end[1])
    stretches = [
        (start[0], max(start[0], place.spans[first][1]), start[1]),
        *place.routes[w],
        (min(tip[0], place.spans[last][0]), tip[0], end[1]),
    ]
    head = (end, (tip[0], tip[1] - _ARROW / 2), (tip[0], tip[1] + _ARROW / 2))
    return Wire(
        of=(source, target, operand),
        path=_path(axes, stretches),
        head=tuple([axes.point(*corner) for corner in head]),
        when=story.forward[target],
    )


def _port(axes: Axes, box: Box, which: tuple[int, int], side: int) -> Point:
    """Return (along, across) of a port: ports are spread around the middle of a side."""
    k, count = which
    along, across = axes.point(box.x, box.y)
    half_along, half_across = axes.point(box.width / 2, box.height / 2)
    radius = box.height / 2
    flat = max(0.0, half_across - radius)
    reach = flat + 0.8 * radius
    offset = (k - (count - 1) / 2) * min(_PITCH, 2 * reach / max(1, count - 1))
    beyond = max(0.0, abs(offset) - flat)
    bulge = sqrt(max(0.0, radius**2 - beyond**2)) if box.round else radius
    return along + side * (half_along - radius + bulge), across + offset


def _path(axes: Axes, stretches: list[tuple[float, float, float]]) -> tuple[tuple, ...]:
    """Join straight stretches by curves that leave and arrive along the wire."""
    begin, end, across = stretches[0]
    path: list[tuple] = [("M", axes.point(begin, across))]
    for start, stop, there in [(begin, end, across), *stretches[1:]]:
        if there != across:
            middle = (end + start) / 2
            bend = [axes.point(middle, across), axes.point(middle, there), axes.point(start, there)]
            path.append(("C", *bend))
        path.append(("L", axes.point(stop, there)))
        end, across = stop, there
    return tuple(_merged(path))


def _merged(path: list[tuple]) -> list[tuple]:
    """Leave out straight pieces that the next straight piece continues."""
    return [
        piece
        for piece, following in zip(path, [*path[1:], ("",)], strict=True)
        if not (piece[0] == "L" and following[0] == "L")
    ]


def _fitted(boxes: list[Box], wires: list[Wire], labels: list[Label], story: Story) -> Scene:
    """Move everything to positive places with a margin around."""
    parts: Sequence[Sequence[Box | Label]] = (boxes, labels)
    sides = [part.rectangle for group in parts for part in group]
    points = [point for wire in wires for piece in wire.path for point in piece[1:]]
    xs = [x for left, _, right, _ in sides for x in (left, right)] + [x for x, _ in points]
    ys = [y for _, top, _, bottom in sides for y in (top, bottom)] + [y for _, y in points]
    left, top = min(xs, default=0) - _MARGIN, min(ys, default=0) - _MARGIN
    scene = Scene(
        max(xs, default=0) + _MARGIN, max(ys, default=0) + _MARGIN,
        tuple(boxes), tuple(wires), tuple(labels), tuple(story.moments),
    )  # fmt: skip
    return scene.moved(-left, -top)
