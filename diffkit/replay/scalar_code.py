"""A program of scalars as one function over Python floats."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from ..core.program import Program, Step
from . import scalars
from .routine import Routine, Statement
from .text import Variables

_FLOAT, _BOOL = np.dtype(np.float64), np.dtype(bool)
_ANSWERS_BOOL = frozenset(
    "greater greater_equal equal less less_equal not_equal logical_and logical_or logical_not "
    "bitwise_and bitwise_or invert isfinite isinf isnan guard copy".split()
)
_CONSTANTS = (float, int, bool, np.float64, np.int64, np.bool_)


def is_scalar(program: Program) -> bool:
    """Say whether all inputs are float64 numbers and every step can be plain arithmetic."""
    kinds = program.types.values()
    return all(k.shape == () and k.dtype == _FLOAT for k in kinds) and _steps_are_scalar(program)


def _steps_are_scalar(program: Program) -> bool:
    truths: set[str] = set()
    for step in program.steps:
        if getattr(step.type, "shape", None) != () or step.type.dtype not in (_FLOAT, _BOOL):
            return False
        operands = step.operands
        if any(o.__class__ is not str and o.__class__ not in _CONSTANTS for o in operands):
            return False
        truth = [o.__class__ in (bool, np.bool_) or o in truths for o in operands]
        if step.type.dtype == _BOOL:
            truths.add(step.name)
            if step.primitive.name not in _ANSWERS_BOOL:
                return False
        elif any(truth[1:] if step.primitive.name == "where" else truth):
            return False  # True would stay True where NumPy makes it 1.0
    return True


def scalar_routine(program: Program, name: str, avoid: Iterable[str] = ()) -> Routine:
    """Write every step as one assignment."""
    names = [*program.inputs, *[step.name for step in program.steps]]
    variables = Variables(names, avoid, scalars.FUNCTIONS)
    inputs = [variables[n] for n in program.inputs]
    routine = Routine(variables.extra(name), inputs, variables.extra)
    routine.objects.update(scalars.FUNCTIONS)
    for step in program.steps:
        routine.body.append(_statement(step, variables, routine))
    routine.outputs = tuple(variables[n] for n in program.outputs)
    return routine


def _statement(step: Step, variables: Variables, routine: Routine) -> Statement:
    reads = tuple([variables[o] for o in step.operands if o.__class__ is str])
    operands = [variables[o] if o.__class__ is str else scalars.number(o) for o in step.operands]
    target = variables[step.name]
    if step.primitive.name == "guard":
        return guard_statement(step, operands[0], target, reads, routine)

    def function(step: Step) -> str:
        return routine.bind(step.primitive.name, scalars.by_numpy(step))

    text = scalars.expression(step, operands, function)
    return Statement(f"{target} = {text}", target, reads)


def guard_statement(
    step: Step, operand: str, target: str, reads: tuple, routine: Routine
) -> Statement:
    """Write the check that this call takes the recorded way."""
    expected, numpy = step.params["expected"], step.primitive.numpy

    def check(value: Any) -> Any:
        return numpy(value, expected=expected)

    name = routine.bind(f"check_{target}", check)
    return Statement(f"{target} = {name}({operand})", target, reads)
