"""Going through a Program once, and putting something else in the place of a step."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any, NamedTuple

from ...core.naming import Names
from ...core.primitive import PRIMITIVES
from ...core.program import Program, Step
from ...core.tracing import Abstract, abstract_of


class Same(NamedTuple):
    """A step turned out to be this variable, or this constant."""

    value: Any


class Rewriting:
    """A new list of steps in the making.

    Attributes
    ----------
    steps : list of Step
    of : dict, name -> Step
        The new steps by name.
    types : dict, name -> Abstract
    uses : Counter
        How often each variable is read in the old Program.
    """

    def __init__(self, program: Program) -> None:
        self.program = program
        self.steps: list[Step] = []
        self.of: dict[str, Step] = {}
        self.types: dict[str, Any] = dict(program.types)
        operands = [o for step in program.steps for o in step.operands if o.__class__ is str]
        self.uses = Counter([*operands, *program.outputs])
        self._same: dict[str, Any] = {}
        self._names: Names | None = None

    def run(self, rule: Callable[[Step, Rewriting], Step | Same | None]) -> Program:
        """Apply a rule to every step; None keeps it."""
        for step in self.program.steps:
            step = self._with_new_operands(step)
            found = rule(step, self)
            if isinstance(found, Same):
                self._same[step.name] = found.value
            else:
                self.append(found or step)
        outputs = [self._output(name) for name in self.program.outputs]
        return Program(self.program.types, self.steps, outputs, self.program.structure)

    def append(self, step: Step) -> str:
        """Add a step; return its name."""
        self.steps.append(step)
        self.of[step.name] = step
        self.types[step.name] = step.type
        return step.name

    def add(self, row: str, *operands: Any, type: Abstract | None = None, **params: Any) -> str:
        """Add a step of our own; return its name."""
        primitive = PRIMITIVES[row]
        if self._names is None:
            self._names = Names([*self.program.inputs, *[s.name for s in self.program.steps]])
        if type is None:
            kinds = [self.types[o] if o.__class__ is str else o for o in operands]
            type = primitive.abstract(*kinds, **params)
        return self.append(Step(self._names.fresh(), primitive, operands, params, type))

    def made_by(self, operand: Any, row: str) -> Step | None:
        """Return the step that computes an operand, if it is of this row."""
        step = self.of.get(operand) if operand.__class__ is str else None
        return step if step is not None and step.primitive.name == row else None

    def once(self, operand: Any) -> bool:
        """Say whether a variable is read at one place only."""
        return self.uses[operand] == 1

    def type_of(self, operand: Any) -> Any:
        """Return shape and dtype of a variable or constant."""
        return self.types[operand] if operand.__class__ is str else abstract_of(operand)

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


def replaced(step: Step, row: str, *operands: Any, **params: Any) -> Step:
    """Return the step of this name and type that computes with another row."""
    return Step(step.name, PRIMITIVES[row], operands, params, step.type)
