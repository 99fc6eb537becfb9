"""The homes of all variables of a program: places, results, views, numbers.

Places are allocated once and serve every call. A place whose last reader has run
goes to the next array of its size (`sharing`). What is returned is never a place.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from ..core.program import Program, Step
from ..core.tracing import Abstract, AbstractTuple
from ..primitives.shaping import is_basic
from . import orders
from .gathering import gathered
from .homes import GATHERING, IN_ONE_PIECE, INSERTING, REDUCING, RUN, VIEWS, Given, Home
from .indices import is_leading, rows_of
from .orders import Order
from .reading import bytes_of
from .sharing import shared

SLICE = 1024  # bytes that are copied in the time of taking a slice


class Storage:
    """The homes of all variables of a program, and which places are the same memory.

    Parameters
    ----------
    program : Program
    writer : callable, Step -> what writes it into a place, or None
    reuse, arranged : bool
        Whether places serve several variables, and lie in memory as their neighbours do.
    given : mapping, name -> Given
        What is known of inputs, and of outputs that whoever calls allocates.

    Attributes
    ----------
    home : dict, name -> Home
    same_as : dict, place -> earlier place whose memory it takes over
    inserted : set of names
        Steps that write into the memory of their first operand.
    parts : dict, name -> Part
        Steps that may write into their part of another array; those do whose home says so.
    copied : tuple of bool
        Outputs that must be copied before they are returned.
    """

    def __init__(
        self,
        program: Program,
        writer: Callable[[Step], Any],
        reuse: bool = True,
        arranged: bool = True,
        given: Mapping[str, Given] = MappingProxyType({}),
    ) -> None:
        self.program = program
        self.given = given
        self.types: dict[str, Any] = dict(program.types)
        self.home: dict[str, Home] = {}
        self.inserted: set[str] = set()
        self.parts = gathered(program, writer) if reuse else {}
        self._writer = writer
        self.reuse = reuse
        self._last = _last_uses(program)
        self._begin: dict[str, int] = {}
        self._slices: Counter[str] = Counter()
        self._end: dict[str, float] = {}
        self._wished = orders.wishes(program) if arranged else {}
        self._turned = orders.turned(program) if arranged else set()
        self.arranged = arranged
        for name, kind in program.types.items():
            order, whole = given.get(name) or Given(orders.c_order(len(kind.shape)), False)
            self.home[name] = Home("input" if kind.shape else "number", name, whole, order)
        for i, step in enumerate(program.steps):
            self._settle(i, step)
        self.copied = self._settle_outputs()
        self.same_as: dict[str, str] = {}
        if reuse:
            self.same_as = shared(program, self.home, self.types, self._begin, self._end)

    # -- one step -------------------------------------------------------------------

    def _settle(self, i: int, step: Step) -> None:
        self.types[step.name] = step.type
        home = self._home(i, step)
        self.home[step.name] = home
        root = home.root
        self._begin.setdefault(root, i)
        last = self._last.get(step.name, i)
        self._end[root] = max(self._end.get(root, 0), last)
        if step.primitive.name in GATHERING:
            self._slices[root] += len(step.operands)
        self._slices[root] += step.name in self.inserted
        if home.kind == "fresh":
            self._pin(step)

    def _home(self, i: int, step: Step) -> Home:
        kind, name = step.type, step.name
        if isinstance(kind, Abstract) and kind.shape == ():
            return Home("number", name, True)
        if isinstance(kind, AbstractTuple) or not kind.size:
            return Home("fresh", name, False, orders.c_order(len(getattr(kind, "shape", ()))))
        row, plain = step.primitive.name, orders.c_order(len(kind.shape))
        if row in VIEWS:
            view = self._view(step)
            if view is not None:
                return view
        if row == "getitem" and not self._takes_rows(step):
            return Home("fresh", name, False, plain)
        if row in INSERTING and self.reuse and self._may_change(i, step):
            self.inserted.add(name)
            return Home("view", self.home[step.operands[0]].root, True, plain)
        if self._writer(step) is not None:
            part = self._part(step)
            if part is not None:
                return part
            if name in self.given:
                order, whole = self.given[name]
                return Home("place", name, whole, order)
            order = self._order(step)
            return Home("place", name, order == plain, order)
        return Home("fresh", name, False, plain)

    def _part(self, step: Step) -> Home | None:
        """Return the home of a step that writes into its part of another array."""
        name, contiguous = step.name, True
        while name in self.parts:
            whole, index = self.parts[name]
            name, contiguous = whole.name, contiguous and is_leading(index)
        if name == step.name or (step.primitive.name in IN_ONE_PIECE and not contiguous):
            return None
        return Home("part", name, contiguous, orders.c_order(len(step.type.shape)))

    def _order(self, step: Step) -> Order:
        """Return the order in which a place had better be laid out."""
        kind, name = step.type, step.name
        plain = orders.c_order(len(kind.shape))
        if not self.arranged or self._last.get(name) == math.inf:
            return plain
        if step.primitive.name == RUN:
            return step.params["order"]
        operands = [o for o in step.operands if o.__class__ is str]
        if step.primitive.elementwise:
            known = [(self.home[o].order, self.types[o].shape) for o in operands]
            return orders.preferred(step, known, self._wished.get(name))
        if step.primitive.name == "matmul":
            return orders.of_product(kind.shape)
        if step.primitive.name in REDUCING and operands:
            order = self.home[operands[0]].order
            return orders.reduced(order, step.params["axis"], step.params["keepdims"])
        return plain

    def _view(self, step: Step) -> Home | None:
        """Return the home of a step that only looks; None if it must copy."""
        source = step.operands[0]
        if source.__class__ is not str or self.home[source].kind == "number":
            return None
        home, row = self.home[source], step.primitive.name
        plain = orders.c_order(len(step.type.shape))
        ours = self.home[home.root].kind in ("place", "result")
        if row == "copy":
            return home._replace(kind="view")
        if row == "reshape":
            order = orders.reshaped(home.order, self.types[source].shape, step.type.shape)
            if order is not None:
                return Home("view", home.root, home.contiguous, order)
            view = Home("view", home.root, home.contiguous, plain)
            return view if home.contiguous or not ours else None
        if row == "getitem":
            index = step.params["index"]
            if not is_basic(index):
                return None
            order = orders.indexed(home.order, index, len(plain)) or plain
            return Home("view", home.root, home.contiguous and is_leading(index), order)
        if row == "transpose":
            if step.name in self._turned:
                return None
            order = orders.transposed(home.order, step.params["axes"])
            return Home("view", home.root, False, order)
        return Home("view", home.root, False, plain)

    def _takes_rows(self, step: Step) -> bool:
        """Say whether whole rows are taken of an array whose rows lie one after the other."""
        source = step.operands[0]
        if source.__class__ is not str or not self.home[source].contiguous:
            return False
        shape = self.types[source].shape
        return len(shape) > 1 and rows_of(step.params["index"], shape) is not None

    def _may_change(self, i: int, step: Step) -> bool:
        """Say whether nobody else will look at the first operand again."""
        target, value = step.operands
        if target.__class__ is not str:
            return False
        home = self.home[target]
        root = self.home[home.root]
        value_root = self.home[value].root if value.__class__ is str else None
        return (
            root.kind == "place"
            and self.types[home.root] == step.type
            and home.contiguous
            and self._end[home.root] <= i
            and value_root != home.root
        )

    def _pin(self, step: Step) -> None:
        """An unknown function may return its operand: that memory is not used again."""
        if step.primitive.elementwise and step.primitive.name not in ("real", "imag"):
            return
        for operand in step.operands:
            if operand.__class__ is str:
                self._end[self.home[operand].root] = math.inf

    # -- what is returned -------------------------------------------------------------

    def _settle_outputs(self) -> tuple[bool, ...]:
        """Make the places of outputs results; say which outputs are copied.

        Small ones that are written slice by slice stay places, whose slices are prepared.
        """
        copied, given = [], set()
        for name in self.program.outputs:
            home = self.home[name]
            root = self.home[home.root]
            whole = home.contiguous and self.types[home.root] == self.types[name]
            whole = whole or (name in self.given and home.root == name)
            own = root.kind in ("place", "result") and whole and home.root not in given
            own = own and bytes_of(self.types[name]) > self._slices[home.root] * SLICE
            if own:
                kind = "given" if home.root in self.given else "result"
                self.home[home.root] = root._replace(kind=kind)
                given.add(home.root)
            if home.kind != "number":
                self._end[home.root] = math.inf
            copied.append(home.kind != "number" and not own)
        return tuple(copied)


def _last_uses(program: Program) -> dict[str, float]:
    last: dict[str, float] = {
        operand: i
        for i, step in enumerate(program.steps)
        for operand in step.operands
        if operand.__class__ is str
    }
    return {**last, **dict.fromkeys(program.outputs, math.inf)}
