"""Alike: steps that do the same to different data are done at once, along a new first axis.

A loop in Python leaves many small steps that differ only in which entries they look at.
Two steps are alike if their rows, parameters and types are, and their operands are alike in
turn, down to the parts of one array or constants of one shape. Neither of two such
steps can depend on the other, and their operands line up: what one group of steps
computes as rows of an array is what the next group reads.

The scheme is that of dynamic batching (Neubig, Goldberg, Dyer, On-the-fly operation
batching in dynamic computation graphs, 2017), done once, on the recording.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np

from ...core.primitive import PRIMITIVES
from ...core.program import Program, Step
from ...core.tracing import Abstract
from ..scalar_code import is_scalar
from .common import same_key
from .leading import Operand, can_lead, lead
from .rewriting import Rewriting
from .rows import LEAST, places, taken_rows

SMALL = 512  # entries of a step's result, above which a call costs little more than its work

Group = tuple[Step, ...]


def alike(program: Program) -> Program:
    """Do groups of steps that are alike at once."""
    groups = {} if is_scalar(program) else _groups(program)
    return _Together(program, groups).finished() if groups else program


# -- which steps are alike ---------------------------------------------------------------------


def _groups(program: Program) -> dict[str, Group]:
    """Return the group of every step that has one, by name."""
    kinds: dict[Hashable, int] = {}
    of: dict[str, int] = {name: kinds.setdefault(name, len(kinds)) for name in program.inputs}
    members: dict[int, list[Step]] = {kind: [] for kind in of.values()}
    for level in _levels(program):
        for step in level:  # all that a level reads is known by now, with all its likes
            of[step.name] = kinds.setdefault(_key(step, of, members), len(kinds))
        for step in level:
            members.setdefault(of[step.name], []).append(step)
    large = [tuple(steps) for steps in members.values() if len(steps) >= LEAST]
    return _useful(program, {step.name: group for group in large for step in group})


def _useful(program: Program, groups: dict[str, Group]) -> dict[str, Group]:
    """Leave out groups of parts that only single steps read: a part alone costs nothing."""
    of = {name: group[0].name for name, group in groups.items()}
    useful = {group[0].name for group in groups.values() if group[0].primitive.name != "getitem"}
    for step in reversed(program.steps):
        if of.get(step.name) in useful:
            useful.update(of[o] for o in step.operands if o.__class__ is str and o in of)
    return {name: group for name, group in groups.items() if of[name] in useful}


def _levels(program: Program) -> list[list[Step]]:
    """Return the steps by the longest way to them from an input."""
    level: dict[str, int] = dict.fromkeys(program.inputs, 0)
    levels: list[list[Step]] = []
    for step in program.steps:
        above = [level[o] for o in step.operands if o.__class__ is str]
        level[step.name] = number = 1 + max(above, default=0)
        if number > len(levels):
            levels.append([])
        levels[number - 1].append(step)
    return levels


def _key(step: Step, of: dict[str, int], members: dict[int, list[Step]]) -> Hashable:
    """Return what alike steps have in common; parts of what has no likes are alike."""
    if not _joins(step):
        return step.name
    row, kind = step.primitive.name, (step.type.shape, step.type.dtype)
    if row == "getitem" and len(members[of[step.operands[0]]]) <= 1:
        return "part", step.operands[0], kind
    operands = [of[o] if o.__class__ is str else _constant_key(o) for o in step.operands]
    return row, same_key(step.params), kind, *operands


def _joins(step: Step) -> bool:
    kind = step.type
    return isinstance(kind, Abstract) and 0 < kind.size <= SMALL and can_lead(step)


def _constant_key(value: Any) -> Hashable:
    """Arrays of one shape are alike; a bare number takes on its neighbour's dtype, and stays."""
    if isinstance(value, (np.ndarray, np.generic)):
        return "array", value.shape, value.dtype
    return same_key(value)


# -- putting them together -----------------------------------------------------------------------


class _Together(Rewriting):
    """The new steps: one for each group, and those without a group.

    Attributes
    ----------
    groups : dict, name -> Group
    row : dict, name -> (variable, number)
        Where in the results of its group a step is found.
    """

    def __init__(self, program: Program, groups: dict[str, Group]) -> None:
        super().__init__(program)
        self.groups = groups
        self.row: dict[str, tuple[str, int]] = {}
        self._steps = {step.name: step for step in program.steps}

    def finished(self) -> Program:
        """Return the new Program."""
        for step in self.program.steps:
            self._place(step)
        outputs = [self._single(name) for name in self.program.outputs]
        return self.program.with_steps(self.steps, outputs)

    def _place(self, step: Step) -> None:
        """Add a step, and before it all that it or its group needs."""
        waiting = [step]
        while waiting:
            last = waiting[-1]
            group = self.groups.get(last.name, (last,)) if self._is_missing(last.name) else ()
            missing = [self._steps[o] for s in group for o in s.operands if self._is_missing(o)]
            if missing:
                waiting += missing
                continue
            waiting.pop()
            if group:
                self._add(group)

    def _is_missing(self, operand: Any) -> bool:
        return operand.__class__ is str and not (self.has(operand) or operand in self.row)

    def _add(self, group: Group) -> None:
        together = self._together(group) if len(group) > 1 else None
        if together is not None:
            ordered, rows = together
            self.row.update({step.name: (rows, i) for i, step in enumerate(ordered)})
            return
        for step in group:
            for operand in step.operands:
                if operand.__class__ is str:
                    self._single(operand)
            self.append(step)

    def _together(self, group: Group) -> tuple[Sequence[Step], str] | None:
        """Return a group in the order in which its results are rows, and the variable of them."""
        if len({same_key(step.params) for step in group}) > 1:
            whole = self._single(group[0].operands[0])
            index, order = places([s.params["index"] for s in group], self.type_of(whole).shape)
            return [group[k] for k in order], self.add("getitem", whole, index=index)
        ordered = sorted(group, key=self._order)
        columns = zip(*[step.operands for step in ordered], strict=True)
        operands = [self._lined_up(column) for column in columns]
        if not any(operand.leads for operand in operands):
            return None
        return ordered, lead(ordered[0], operands, len(ordered), self)

    def _order(self, step: Step) -> list[int]:
        """In the order of what they read, which then need not be gathered."""
        return [self.row[o][1] for o in step.operands if o.__class__ is str and o in self.row]

    # -- operands ------------------------------------------------------------------------------

    def _lined_up(self, column: Sequence[Any]) -> Operand:
        """Return the operands of a group at one position: one for all, or rows."""
        if len(set(map(same_key, column))) == 1:
            first = column[0]
            return Operand(self._single(first) if first.__class__ is str else first, False)
        if column[0].__class__ is not str:
            return Operand(np.stack(column), True)
        rows = [self.row.get(name, (None, 0)) for name in column]
        if rows[0][0] is None or len({variable for variable, _ in rows}) > 1:
            return Operand(self.add("stack", *map(self._single, column), axis=0), True)
        return Operand(taken_rows(rows[0][0], [i for _, i in rows], self), True)

    def _single(self, name: str) -> str:
        """Return the variable itself: a row of its group, once somebody asks for it."""
        if name in self.row and not self.has(name):
            rows, i = self.row[name]
            step = self._steps[name]
            self.append(Step(name, PRIMITIVES["getitem"], (rows,), {"index": i}, step.type))
        return name
