"""A scene's graph as wires of Unicode characters, for terminals.

The built-in layout is asked again with sizes counted in characters and rows. In the gaps
between its columns wires turn at right angles: those that leave one node share a vertical
line, and so do those that reach one node.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import floor

from ..sinks import visible
from .layout.layered import layered
from .layout.plan import Gaps, Graph, Placement, Size
from .scene import Scene

_NORTH, _SOUTH, _WEST, _EAST = 1, 2, 4, 8
_LINES = " ╵╷│╴┘┐┤╶└┌├─┴┬┼"

Turn = tuple[int, int, tuple]  # row from, row to, and whose line it is


def unicode_wires(scene: Scene) -> str:
    """Return the picture as lines of text; value above, gradient below each wire.

    >>> import diffkit as dk
    >>> print(unicode_wires(dk.draw("x*y", {"x": 2.0, "y": 3.0}).scene.final()))
           2.00
    (x)─────────┐       6.00
           3.00 ├─(×)──────────(t1)
           3.00 │       1.00
    (y)─────────┘
           2.00
    """
    texts: dict = {}
    for label in scene.labels:
        texts.setdefault(label.of, {})[label.role] = visible(label.text)
    number = {box.of: i for i, box in enumerate(scene.boxes)}
    nodes = [f"({texts[name]['symbol']})" for name in number]
    notes = [
        [texts.get(wire.of, {}).get(role, "") for role in ("value", "gradient")]
        for wire in scene.wires
    ]
    graph = Graph(
        [Size(len(text), 0, 0) for text in nodes],
        [(number[wire.of[0]], number[wire.of[1]]) for wire in scene.wires],
        [Size(max(map(len, note)), 1, 1) for note in notes],
    )
    return _Canvas(graph, layered(graph, Gaps(across=1.0, along=1.0, slope=0.0))).drawn(
        nodes, notes
    )


class _Canvas:
    """A grid of characters; of lines it holds in which directions they leave a cell."""

    def __init__(self, graph: Graph, place: Placement) -> None:
        self.graph, self.place = graph, place
        self.lines: dict[tuple[int, int], int] = {}
        self.characters: dict[tuple[int, int], str] = {}
        spans = [*place.spans, *[stretch[:2] for route in place.routes for stretch in route]]
        self.column = {start: k for k, start in enumerate(sorted({start for start, _ in spans}))}
        self.widths = [0] * len(self.column)
        for start, end in spans:
            self.widths[self.column[start]] = round(end - start)
        self.paths = [self._path(wire) for wire in range(len(graph.wires))]
        self.tracks = [_tracks(self._turns(k)) for k in range(len(self.widths))]
        self.starts = [0]
        for width, tracks in zip(self.widths, self.tracks, strict=True):
            self.starts.append(self.starts[-1] + width + len(tracks) + 2)

    def _path(self, wire: int) -> list[tuple[int, int]]:
        """Return (column, row) of a wire from its source to its target."""
        source, target = self.graph.wires[wire]
        rows = [(start, across) for start, _, across in self.place.routes[wire]]
        ends = [(self.place.spans[n][0], self.place.nodes[n][1]) for n in (source, target)]
        return [(self.column[start], floor(across)) for start, across in [ends[0], *rows, ends[1]]]

    def _turns(self, column: int) -> list[Turn]:
        """Return the turns in the gap after a column."""
        return [
            (row, to_row, self._line_of(wire, to == self.paths[wire][-1][0]))
            for wire, path in enumerate(self.paths)
            for (at, row), (to, to_row) in pairwise(path)
            if at == column
        ]

    def _line_of(self, wire: int, last: bool) -> tuple:
        return ("into", self.graph.wires[wire][1]) if last else ("from", self.graph.wires[wire][0])

    def drawn(self, nodes: Sequence[str], notes: Sequence[Sequence[str]]) -> str:
        """Draw everything; return the text."""
        for wire, path in enumerate(self.paths):
            for (at, row), (to, to_row) in pairwise(path):
                track = self.tracks[at][self._line_of(wire, to == path[-1][0])]
                self._turn(at, to, row, to_row, track)
            self._write_notes(wire, notes[wire])
        for node, text in enumerate(nodes):
            column, across = self.column[self.place.spans[node][0]], self.place.nodes[node][1]
            begin = self.starts[column] + (self.widths[column] - len(text)) // 2
            self._write(begin, floor(across), text)
        return self._text()

    def _turn(self, at: int, to: int, row: int, to_row: int, track: int) -> None:
        """Draw a wire from the middle of a column to the middle of the next."""
        begin = self.starts[at] + self.widths[at] // 2
        turn = self.starts[at] + self.widths[at] + 1 + track
        end = self.starts[to] + self.widths[to] // 2
        self._level(begin, turn, row)
        low, high = sorted((row, to_row))
        for y in range(low, high):
            self._mark(turn, y, _SOUTH)
            self._mark(turn, y + 1, _NORTH)
        self._level(turn, end, to_row)

    def _level(self, begin: int, end: int, row: int) -> None:
        for x in range(begin, end):
            self._mark(x, row, _EAST)
            self._mark(x + 1, row, _WEST)

    def _mark(self, x: int, y: int, direction: int) -> None:
        self.lines[x, y] = self.lines.get((x, y), 0) | direction

    def _write(self, x: int, y: int, text: str) -> None:
        for k, character in enumerate(text):
            self.characters[x + k, y] = character

    def _write_notes(self, wire: int, note: Sequence[str]) -> None:
        column, row = self.paths[wire][-2]
        for text, y in zip(note, (row - 1, row + 1), strict=True):
            begin = self.starts[column] + (self.widths[column] - len(text)) // 2
            self._write(begin, y, text)

    def _text(self) -> str:
        cells = {place: _LINES[line] for place, line in self.lines.items()} | self.characters
        ys = [y for _, y in cells]
        lines = []
        for y in range(min(ys), max(ys) + 1):
            xs = [x for x, row in cells if row == y]
            lines.append("".join([cells.get((x, y), " ") for x in range(max(xs, default=-1) + 1)]))
        return "\n".join(lines)


def _tracks(turns: list[Turn]) -> dict[tuple, int]:
    """Return the place of each vertical line in a gap.

    A line that is reached along a row stands before another that is left along this row,
    or the two would run into each other.
    """
    after = {line: set() for *_, line in turns}  # type: dict[tuple, set]
    for row, _, line in turns:
        for _, to_row, other in turns:
            if row == to_row and line != other:
                after[other].add(line)
    order: list[tuple] = []
    while after:
        free = [line for line, before in after.items() if not before - set(order)]
        line = free[0] if free else next(iter(after))
        order.append(line)
        del after[line]
    return {line: k for k, line in enumerate(order)}
