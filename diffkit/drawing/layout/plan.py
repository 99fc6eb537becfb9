"""What a layout is asked and what it answers, in numbers only.

`along` is the direction of the wires, `across` the one within a column; which of them is
x and which is y is decided when the picture is composed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class Size(NamedTuple):
    """Room along the wires, and across to either side of the place where wires attach."""

    along: float
    before: float
    after: float


POINT = Size(0.0, 0.0, 0.0)


@dataclass(frozen=True)
class Graph:
    """Nodes with their sizes, wires as pairs of node numbers, and room for their labels.

    `slots` holds, for every wire, the room that its labels need, or None.
    """

    nodes: list[Size]
    wires: list[tuple[int, int]]
    slots: list[Size | None]


@dataclass(frozen=True)
class Gaps:
    """Free space: across between neighbours, along between columns."""

    across: float = 14.0
    along: float = 22.0
    slope: float = 0.22  # more space along where a wire has far to go across


@dataclass(frozen=True)
class Placement:
    """Where everything stands.

    Attributes
    ----------
    nodes : list of (along, across)
        Centres along, attachment places across.
    spans : list of (start, end)
        Where the column of each node starts and ends along.
    slots : list of (along, across) or None
        The middle of each wire's labels.
    routes : list of lists of (start, end, across)
        For each wire the straight stretches between its two ends, in order.
    ends : list of ((number, count), (number, count))
        For each wire which of the wires that leave its source it is, and which of those
        that reach its target, counted across.
    """

    nodes: list[tuple[float, float]]
    spans: list[tuple[float, float]]
    slots: list[tuple[float, float] | None]
    routes: list[list[tuple[float, float, float]]]
    ends: list[tuple[tuple[int, int], tuple[int, int]]]
