"""Common subexpressions: the same operation on the same operands is done once."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...core.program import Program, Step
from .rewriting import Rewriting, Same

_SMALL = 1000  # entries of a constant that is compared by value


def common(program: Program) -> Program:
    """Use the first of equal steps for all of them."""
    first: dict[Any, str] = {}

    def rule(step: Step, new: Rewriting) -> Same | None:
        if step.primitive.name == "guard":
            return None
        earlier = first.setdefault(_key(step), step.name)
        return None if earlier == step.name else Same(earlier)

    return Rewriting(program).run(rule)


def _key(step: Step) -> Any:
    return step.primitive, tuple(map(same_key, step.operands)), same_key(step.params), step.type


def same_key(value: Any) -> Any:
    """Return something hashable that is equal for equal values, signed zeros apart."""
    kind = value.__class__
    if kind is str or kind is int or value is None:
        return kind, value
    if kind is np.ndarray:
        if value.size > _SMALL:
            return kind, id(value)
        return kind, value.dtype, value.shape, value.tobytes()
    if isinstance(value, (tuple, list)):
        return kind, tuple(map(same_key, value))
    if isinstance(value, dict):
        return kind, tuple([(key, same_key(part)) for key, part in value.items()])
    if isinstance(value, slice):
        return kind, value.start, value.stop, value.step
    return kind, repr(value)
