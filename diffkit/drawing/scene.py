"""A picture as plain data: boxes, wires and labels with their roles; no format in it.

Writers turn a scene into a file. Each part says what it belongs to (`of`) and at which
step of the passes it appears (`when`), so a frame of a lecture is the same scene with
the parts of later steps left out: all frames have the same size.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from .text import UNKNOWN

Point = tuple[float, float]


@dataclass(frozen=True)
class Box:
    """A node.

    Attributes
    ----------
    kind : "input", "operation", "constant", "output", "group" or "sum"
    of : the node's key in the graph
    x, y : float
        The centre.
    width, height : float
    round : bool
        A circle, or a box with half-circles at its sides.
    when : int
        The step at which its value is computed.
    marks : frozenset of "kink", "saturated", "lit"
    copy : int or None
        Number of the variable that this is one of several drawings of.
    """

    kind: str
    of: str
    x: float
    y: float
    width: float
    height: float
    round: bool = True
    when: int = 0
    marks: frozenset[str] = frozenset()
    copy: int | None = None

    @property
    def rectangle(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom."""
        return _rectangle(self)


@dataclass(frozen=True)
class Wire:
    """A use of a variable: a path of straight and curved pieces, with an arrow head.

    Attributes
    ----------
    of : (source, target, operand number)
    path : tuple of pieces
        ("M", point), ("L", point) and ("C", control, control, point), as in SVG.
    head : tuple of points
        The triangle of the arrow head; empty for none.
    dashed : bool
    """

    of: tuple[str, str, int]
    path: tuple[tuple, ...]
    head: tuple[Point, ...] = ()
    when: int = 0
    marks: frozenset[str] = frozenset()
    dashed: bool = False


@dataclass(frozen=True)
class Label:
    """A line of text in a box of its own.

    Attributes
    ----------
    role : str
        "value", "gradient", "local" (derivative), "product" (upstream times local), "sum"
        (of the parts at a fan-out), "symbol", "name", "caption", "factor", "reused",
        "heading" or "note".
    text : str
    of : key of the node, or (source, target, operand number) of the wire
    x, y : float
        The centre of its box.
    width, height : float
    when : int
        The step at which it is computed; before that it shows a dot.
    until : int or None
        The step after which it is gone again (captions).
    """

    role: str
    text: str
    of: Any
    x: float
    y: float
    width: float
    height: float
    when: int = 0
    until: int | None = None

    @property
    def rectangle(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom."""
        return _rectangle(self)


def _rectangle(part: Box | Label) -> tuple[float, float, float, float]:
    half, tall = part.width / 2, part.height / 2
    return part.x - half, part.y - tall, part.x + half, part.y + tall


@dataclass(frozen=True)
class Moment:
    """One step of the passes.

    Attributes
    ----------
    phase : "start", "forward", "seed" or "backward"
    of : the variable
    captions : tuple of str
        What is computed, with numbers.
    """

    phase: str
    of: str
    captions: tuple[str, ...] = ()

    def lights(self, part: Box | Wire) -> bool:
        """Say whether a box or wire takes part in this step."""
        if self.phase in ("start", "seed"):
            kind = "input" if self.phase == "start" else "output"
            return isinstance(part, Box) and part.kind == kind
        return self.of == (part.of if isinstance(part, Box) else part.of[1])


@dataclass(frozen=True)
class Scene:
    """A whole picture; x grows to the right, y downward."""

    width: float
    height: float
    boxes: tuple[Box, ...]
    wires: tuple[Wire, ...]
    labels: tuple[Label, ...]
    moments: tuple[Moment, ...] = ()
    title: str = ""
    description: str = ""

    def at(self, step: int) -> Scene:
        """Return the picture as it is after a step: later labels are dots, the step is lit."""
        moment = self.moments[step]

        def lit(part: Box | Wire) -> Any:
            on = moment.lights(part)
            return replace(part, marks=part.marks | {"lit"}) if on else part

        return replace(
            self,
            boxes=tuple(map(lit, self.boxes)),
            wires=tuple(map(lit, self.wires)),
            labels=tuple([_label_at(label, step) for label in self.labels if _shown(label, step)]),
        )

    def final(self) -> Scene:
        """Return the picture with everything that stays, and nothing lit."""
        return replace(self, labels=tuple([x for x in self.labels if x.until is None]))

    def renamed(self, name: Callable[[str], str]) -> Scene:
        """Return the picture with other keys, to stand in one scene with the original."""

        def key(of: Any) -> Any:
            return (name(of[0]), name(of[1]), of[2]) if isinstance(of, tuple) else name(of)

        return replace(
            self,
            boxes=tuple([replace(box, of=key(box.of)) for box in self.boxes]),
            wires=tuple([replace(wire, of=key(wire.of)) for wire in self.wires]),
            labels=tuple([replace(label, of=key(label.of)) for label in self.labels]),
        )

    def moved(self, x: float, y: float) -> Scene:
        """Return the picture with everything moved; its size grows by as much."""

        def point(p: Point) -> Point:
            return p[0] + x, p[1] + y

        return self.mapped(point, self.width + x, self.height + y)

    def mapped(self, point: Callable[[Point], Point], width: float, height: float) -> Scene:
        """Return the picture with every place mapped (sizes of boxes stay)."""

        def placed(part: Any) -> Any:
            to_x, to_y = point((part.x, part.y))
            return replace(part, x=to_x, y=to_y)

        def wire(part: Wire) -> Wire:
            path = tuple([(piece[0], *map(point, piece[1:])) for piece in part.path])
            return replace(part, path=path, head=tuple(map(point, part.head)))

        return replace(
            self,
            width=width,
            height=height,
            boxes=tuple(map(placed, self.boxes)),
            wires=tuple(map(wire, self.wires)),
            labels=tuple(map(placed, self.labels)),
        )


def _shown(label: Label, step: int) -> bool:
    return label.until is None or label.when <= step <= label.until


def _label_at(label: Label, step: int) -> Label:
    """Show a dot for what comes later; a note that is not a number yet shows nothing."""
    if label.when <= step:
        return label
    return replace(label, text=UNKNOWN if label.role in ("value", "gradient") else "")
