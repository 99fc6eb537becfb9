"""Slices: of what is looked at only in part, only that part is computed.

An index of a result that nobody else reads moves before the step that computes it,
where that is less work: an elementwise step gets parts of its operands, a matrix product
rows of the left and columns of the right one, a sum what is taken of its other axes.
Elementwise, the numbers are the same. A smaller matrix product or sum may add in
another order: n terms differ by at most n*eps*sum(|terms|).
"""

from __future__ import annotations

import math
from typing import Any

from ...core.naming import Names
from ...core.primitive import PRIMITIVES
from ...core.program import Program, Step
from ...core.tracing import Abstract, abstract, abstract_of
from ..reading import names_in, shape_in, types_of, uses_of
from .common import same_key
from .picks import Look, Picks, Shape, as_index, extent, is_whole, looked_at, needs
from .rewriting import replaced

_VIEWS = frozenset({"reshape", "transpose", "broadcast_to", "getitem", "copy"})
_REDUCTIONS = frozenset({"sum", "mean", "max", "min", "prod"})
CALL = 300  # entries that are computed in the time of one more NumPy call


def slices(program: Program) -> Program:
    """Go through the steps from the last to the first, and take indices along."""
    if not any(step.primitive.name == "getitem" for step in program.steps):
        return program
    sweep = _Sweep(program)
    for step in reversed(program.steps):
        sweep.meet(step)
    return program.with_steps(sweep.steps[::-1], program.outputs) if sweep.moved else program


class _Sweep:
    """A new list of steps in the making, from its end.

    Attributes
    ----------
    steps : list of Step
        The last one first.
    moved : bool
        Whether they differ from the old ones.
    taker : dict, variable -> (step, Look)
        The index that is the only reader of a variable which is still to come.
    """

    def __init__(self, program: Program) -> None:
        self.steps: list[Step] = []
        self.moved = False
        self.taker: dict[str, tuple[Step, Look]] = {}
        self.types = types_of(program)
        self.made = {step.name for step in program.steps}
        self.uses = uses_of(program)
        self.names = Names([*program.inputs, *self.made])

    def meet(self, step: Step) -> None:
        """Add a step: a smaller one, if all that is read of it is a part."""
        if step.name in self.taker:
            taker, look = self.taker.pop(step.name)
            if self._move(step, taker, look):
                return
            self.steps.append(taker)
        self._put(step)

    def _put(self, step: Step) -> None:
        """Add a step; an index waits for what it looks at."""
        look = self._look(step)
        if look is None:
            self.steps.append(step)
            return
        (source,) = step.operands
        if self._is_whole(source, look.picks):
            same = step.type == self.types.get(source)
            self.moved |= same
            self.steps.append(replaced(step, "copy", source) if same else step)
        elif self.uses[source] == 1 and source in self.made:
            self.taker[source] = step, look
        else:
            self.steps.append(step)

    def _look(self, step: Step) -> Look | None:
        if step.primitive.name != "getitem" or step.operands[0].__class__ is not str:
            return None
        if not step.type.size:
            return None
        return looked_at(step.params["index"], self._shape(step.operands[0]))

    def _shape(self, operand: Any) -> Shape:
        return shape_in(operand, self.types)

    # -- an index and what it looks at change places ----------------------------------

    def _move(self, step: Step, taker: Step, look: Look) -> bool:
        """Compute the part in place of the whole, if that is less work."""
        if not isinstance(step.type, Abstract) or not step.type.size:
            return False
        found = needs(step, look.picks, [self._shape(o) for o in step.operands])
        if found is None:
            return False
        row, params, parts = found
        wanted = [(step.operands[k], picks) for k, picks in parts]
        kind = abstract(extent(look.picks), step.type.dtype)
        smaller = Step("", PRIMITIVES[row], tuple(wanted), params, kind)
        view = step.primitive.name in _VIEWS
        gain = self._work_of_whole(step, look) - self._work_of_part(smaller, look)
        if gain < 0 if view else gain <= 0:
            return False
        self.moved = True
        self.uses.subtract(names_in(step.operands))
        self._replace(taker, look, smaller)
        return True

    def _replace(self, taker: Step, look: Look, smaller: Step) -> None:
        """Put a step that computes a part, and before it the indices of its operands."""
        name = taker.name
        if look.reshapes:
            name = self._name(smaller.type)
            self.steps.append(replaced(taker, "getitem", name, index=look.rest))
        parts = {same_key((o, *picks)): self._part(o, picks) for o, picks in smaller.operands}
        operands = tuple([parts[same_key((o, *picks))][0] for o, picks in smaller.operands])
        self.steps.append(smaller._replace(name=name, operands=operands))
        looks = [part for _, part in parts.values() if part is not None]
        self.uses.update(names_in(operands))
        self.uses.update(names_in([o for part in looks for o in part.operands]))
        for part in looks:
            self._put(part)

    def _part(self, operand: Any, picks: Picks) -> tuple[Any, Step | None]:
        """Return a part of an operand, and the step that takes it if it is not all."""
        if self._is_whole(operand, picks):
            return operand, None
        whole = self.types[operand] if operand.__class__ is str else abstract_of(operand)
        kind, index = abstract(extent(picks), whole.dtype), as_index(picks, whole.shape)
        name = self._name(kind)
        return name, Step(name, PRIMITIVES["getitem"], (operand,), {"index": index}, kind)

    def _is_whole(self, operand: Any, picks: Picks) -> bool:
        return all(is_whole(pick, n) for pick, n in zip(picks, self._shape(operand), strict=True))

    def _name(self, kind: Abstract) -> str:
        name = self.names.fresh()
        self.types[name] = kind
        return name

    def _work_of_whole(self, step: Step, look: Look) -> int:
        shapes = [self._shape(o) for o in step.operands]
        return (
            _work(step.primitive.name, step.type, step.params, shapes) + _copied(look.picks) + CALL
        )

    def _work_of_part(self, smaller: Step, look: Look) -> int:
        """With what is picked of variables; what is picked of constants is folded."""
        row, shapes = smaller.primitive.name, [extent(picks) for _, picks in smaller.operands]
        work = _work(row, smaller.type, smaller.params, shapes)
        if look.reshapes and row not in _VIEWS:
            work += CALL
        moved = [(o, picks) for o, picks in smaller.operands if o.__class__ is str]
        return work + sum(_copied(p) + CALL for o, p in moved if not self._is_whole(o, p))


def _work(row: str, kind: Abstract, params: dict[str, Any], shapes: list[Shape]) -> int:
    """Count the entries that a step computes, or reads, or the products it adds up."""
    if row in _VIEWS:
        return 0
    if row == "matmul":
        return kind.size * shapes[0][-1]
    if row == "einsum":
        letters = params["subscripts"].split("->")[0].replace(",", "")
        lengths = [n for shape in shapes for n in shape]
        return math.prod(dict(zip(letters, lengths, strict=True)).values())
    return math.prod(shapes[0]) if row in _REDUCTIONS else kind.size


def _copied(picks: Picks) -> int:
    """Count the entries that an index copies; slices are views."""
    return 0 if all(isinstance(pick, range) for pick in picks) else math.prod(extent(picks))
