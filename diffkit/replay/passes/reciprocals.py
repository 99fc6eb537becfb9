"""Where a sum can meet its reciprocal: the steps soon after one, and what they are made of.

Only these are worth bringing into a normal form (`cancellations`); most steps of a long
recording are far from any reciprocal of a sum.
"""

from __future__ import annotations

from collections.abc import Container, Iterable

from ...core.program import Program, Step
from ..reading import names_in
from .rewriting import holds

SUMS = frozenset({"sum", "mean"})
REACH = 16  # steps from a reciprocal to what it cancels in, at most
DEPTH = 8  # steps that those on the way are made of, beyond which they are looked at as whole
MOST = 8  # sums in one denominator

_NONE: frozenset = frozenset()


def around_reciprocals(program: Program, rows: Container[str]) -> set[str]:
    """Return the variables to look into; none where no sum can meet its reciprocal.

    Parameters
    ----------
    program : Program
    rows : container of str
        The rows that are looked into at all.
    """
    if not holds(program, SUMS):
        return set()
    walk = _Walk(rows)
    for step in program.steps:
        walk.take(step)
    near = [name for name, distance in walk.after.items() if distance <= REACH]
    return _with_operands(program, near, rows) if walk.meets else set()


class _Walk:
    """Goes through a program once.

    Attributes
    ----------
    sums : dict, variable -> sums that it is made of
    divided : set of str
        Sums that have a reciprocal.
    after : dict, variable -> steps since the nearest reciprocal
    meets : bool
        Soon after a reciprocal a sum is taken, or a divided one met.
    """

    def __init__(self, rows: Container[str]) -> None:
        self._rows = rows
        self.sums: dict[str, frozenset] = {}
        self.divided: set[str] = set()
        self.after: dict[str, int] = {}
        self.meets = False

    def take(self, step: Step) -> None:
        """Take one step."""
        row, operands = step.primitive.name, names_in(step.operands)
        below = names_in(step.operands[1:]) if row == "divide" else operands
        if row in ("divide", "reciprocal", "power") and self._made_of(below):
            self.after[step.name] = 0
            self.divided |= self._made_of(below)
            self.meets |= row == "divide" and self._is_divided(names_in(step.operands[:1]))
        elif row in self._rows:
            distance = 1 + min([self.after[o] for o in operands if o in self.after], default=-1)
            if distance:
                self.after[step.name] = distance
                meeting = row in SUMS or self._is_divided(operands)
                self.meets |= distance <= REACH and meeting
            self._carry(step, operands, distance)

    def _carry(self, step: Step, operands: list[str], distance: int) -> None:
        """Remember sums, and what is made of some, without reciprocals."""
        found = _NONE if distance else self._made_of(operands)
        if step.primitive.name in SUMS:
            found |= {step.name}
        if 0 < len(found) <= MOST:
            self.sums[step.name] = found

    def _made_of(self, names: Iterable[str]) -> frozenset:
        return _NONE.union(*[self.sums[name] for name in names if name in self.sums])

    def _is_divided(self, names: Iterable[str]) -> bool:
        return not self.divided.isdisjoint(self._made_of(names))


def _with_operands(program: Program, names: Iterable[str], rows: Container[str]) -> set[str]:
    """Add what these steps are made of, up to so many steps before them."""
    left = dict.fromkeys(names, DEPTH)
    for step in reversed(program.steps):
        depth = left.get(step.name, 0)
        if depth and step.primitive.name in rows:
            for operand in names_in(step.operands):
                left[operand] = max(left.get(operand, 0), depth - 1)
    return set(left)
