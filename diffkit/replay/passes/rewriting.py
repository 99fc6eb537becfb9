"""Going through a Program once, and putting something else in the place of a step."""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Callable, Container
from functools import cached_property
from typing import Any, NamedTuple

from ...core.naming import Names
from ...core.primitive import PRIMITIVES
from ...core.program import Program, Step
from ...core.tracing import Abstract, abstract_of
from ..reading import uses_of


class Same(NamedTuple):
    """A step turned out to be this variable, or this constant."""

    value: Any


Rule = Callable[[Step, "Rewriting"], Step | Same | None]


class Rewriting:
    """A new list of steps in the making.

    Attributes
    ----------
    steps : list of Step
    of : dict, name -> Step
        The new steps by name.
    """

    def __init__(self, program: Program) -> None:
        self.program = program
        self.steps: list[Step] = []
        self.of: dict[str, Step] = {}
        self._same: dict[str, Any] = {}

    @cached_property
    def uses(self) -> Counter:
        """How often each variable is read in the old Program."""
        return uses_of(self.program)

    @cached_property
    def _names(self) -> Names:
        return Names([*self.program.inputs, *[step.name for step in self.program.steps]])

    def run(self, rule: Rule, rows: Container[str] | None = None) -> Program:
        """Apply a rule to every step, or to those of these rows; None keeps a step.

        Where it keeps all, the Program itself is returned.
        """
        if rows is not None and not holds(self.program, rows):
            return self.program
        same, steps, of = self._same, self.steps, self.of
        for step in self.program.steps:
            if same:
                step = self._with_new_operands(step)
            if rows is None or step.primitive.name in rows:
                found = rule(step, self)
                if isinstance(found, Same):
                    same[step.name] = found.value
                    continue
                step = found or step
            steps.append(step)
            of[step.name] = step
        return self._finished()

    def _finished(self) -> Program:
        old, new = self.program.steps, self.steps
        if len(old) == len(new) and all(map(operator.is_, old, new)):
            return self.program
        outputs = [self._output(name) for name in self.program.outputs]  # may add steps
        return self.program.with_steps(new, outputs)

    def append(self, step: Step) -> str:
        """Add a step; return its name."""
        self.steps.append(step)
        self.of[step.name] = step
        return step.name

    def add(self, row: str, *operands: Any, type: Abstract | None = None, **params: Any) -> str:
        """Add a step of our own; return its name."""
        primitive = PRIMITIVES[row]
        if type is None:
            kinds = [self.type_of(o) if o.__class__ is str else o for o in operands]
            type = primitive.abstract(*kinds, **params)
        return self.append(Step(self._names.fresh(), primitive, operands, params, type))

    def made_by(self, operand: Any, row: str) -> Step | None:
        """Return the step that computes an operand, if it is of this row."""
        step = self.of.get(operand) if operand.__class__ is str else None
        return step if step is not None and step.primitive.name == row else None

    def has(self, name: str) -> bool:
        """Say whether a variable is there already."""
        return name in self.of or name in self.program.types

    def once(self, operand: Any) -> bool:
        """Say whether a variable is read at one place only."""
        return self.uses[operand] == 1

    def type_of(self, operand: Any) -> Any:
        """Return shape and dtype of a variable or constant."""
        if operand.__class__ is not str:
            return abstract_of(operand)
        made = self.of.get(operand)
        return self.program.types[operand] if made is None else made.type

    def _with_new_operands(self, step: Step) -> Step:
        same = self._same
        for operand in step.operands:
            if operand.__class__ is str and operand in same:
                operands = [same.get(o, o) if o.__class__ is str else o for o in step.operands]
                return step._replace(operands=tuple(operands))
        return step

    def _output(self, name: str) -> str:
        """Outputs are variables: one that became a constant is a copy of it."""
        value = self._same.get(name, name)
        if value.__class__ is str:
            return value
        if name not in self.of:
            kind = abstract_of(value)
            self.append(Step(name, PRIMITIVES["copy"], (value,), {}, kind))
        return name


def holds(program: Program, rows: Container[str]) -> bool:
    """Say whether a step of these rows is there."""
    return any(primitive.name in rows for primitive in {step.primitive for step in program.steps})


def replaced(step: Step, row: str, *operands: Any, **params: Any) -> Step:
    """Return the step of this name and type that computes with another row."""
    return Step(step.name, PRIMITIVES[row], operands, params, step.type)


def has_its_dtype(operand: Any, step: Step, new: Rewriting) -> bool:
    """Say whether a step computes in the dtype of this operand, with nothing wider beside it."""
    return bool(new.type_of(operand).dtype == step.type.dtype)
