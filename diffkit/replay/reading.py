"""What can be read off a program: names, types, how often each variable is used, and sizes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from ..core.program import Program
from ..core.tracing import Abstract, shape_of


def names_in(operands: Iterable[Any]) -> list[str]:
    """Return the variables among operands."""
    return [operand for operand in operands if operand.__class__ is str]


def shape_in(operand: Any, types: Mapping[str, Any]) -> tuple[int, ...]:
    """Return the shape of a variable or constant."""
    return types[operand].shape if operand.__class__ is str else shape_of(operand)


def types_of(program: Program) -> dict[str, Any]:
    """Return shape and dtype of every variable."""
    return {**program.types, **{step.name: step.type for step in program.steps}}


def uses_of(program: Program) -> Counter[str]:
    """Return how often each variable is read, or returned."""
    read = [o for step in program.steps for o in step.operands if o.__class__ is str]
    return Counter([*read, *program.outputs])


def bytes_of(kind: Any) -> int:
    """Return the bytes of an array; nothing for several results."""
    return kind.size * kind.dtype.itemsize if isinstance(kind, Abstract) else 0
