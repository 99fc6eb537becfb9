"""Common subexpressions: the same operation on the same operands is done once."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...core.program import Program, Step
from ...core.tracing import Abstract
from .rewriting import Rewriting, Same

_SMALL = 1000  # entries of a constant that is compared by value


def common(program: Program) -> Program:
    """Use the first of equal steps for all of them."""
    first: dict[Any, str] = {}

    def rule(step: Step, new: Rewriting) -> Same | None:
        if step.primitive.name == "guard":
            return None
        earlier = first.setdefault(_key(step), step.name)
        if earlier == step.name or new.type_of(earlier) != step.type:
            return None
        return Same(earlier)

    return Rewriting(program).run(rule)


def _key(step: Step) -> Any:
    """Return something of plain values alone: the garbage collector passes those by."""
    _, primitive, operands, params, kind = step
    for operand in operands:
        if operand.__class__ is not str:
            floats = primitive.elementwise and isinstance(kind, Abstract) and kind.dtype.kind == "f"
            operands = tuple([_number_key(o) if floats else same_key(o) for o in operands])
            break
    return id(primitive), operands, same_key(params)


def _number_key(operand: Any) -> Any:
    """Return a key by which 2*x and 2.0*x are equal."""
    return same_key(float(operand) if operand.__class__ is int else operand)


def same_key(value: Any) -> Any:
    """Return something hashable that is equal for equal values, signed zeros apart."""
    kind = value.__class__
    if kind is str:
        return value
    name = kind.__name__
    if kind is dict:
        return name, *[(key, same_key(part)) for key, part in value.items()]
    if kind is int or value is None:
        return name, value
    if kind is slice:
        return name, value.start, value.stop, value.step
    if kind is np.ndarray:
        if value.size > _SMALL:
            return name, id(value)
        return name, value.dtype.str, value.shape, value.tobytes()
    if isinstance(value, (tuple, list)):
        return name, tuple(map(same_key, value))
    return name, repr(value)
