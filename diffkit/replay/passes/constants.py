"""Constant folding: a step whose operands are all known is computed now."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...core.program import Program, Step
from ...core.tracing import abstract_of
from .rewriting import Rewriting, Same

LARGEST = 10_000  # entries that a constant may have, if it is larger than what it is made from

_LEFT = frozenset({"copy", "broadcast_to"})  # names for constants, and repeated ones


def constants(program: Program) -> Program:
    """Replace steps by their values."""
    return Rewriting(program).run(_folded)


def _folded(step: Step, new: Rewriting) -> Same | None:
    for operand in step.operands:
        if operand.__class__ is str:
            return None
    if step.primitive.several or step.primitive.name in _LEFT:
        return None
    if step.type.size > max(LARGEST, sum(np.size(operand) for operand in step.operands)):
        return None
    with np.errstate(all="ignore"):
        value: Any = step.primitive(*step.operands, **step.params)
    if abstract_of(value) != step.type:
        return None
    if isinstance(value, np.ndarray):
        value = value.copy() if value.base is not None else value
        value.flags.writeable = False
    return Same(value)
