"""Expansions: rows that are more than one NumPy call, written out call by call.

The calls are those of the row's own function, so the numbers are the same; as
steps they can share, be told where to write, and run blockwise.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ...core.program import Program, Step
from ..scalar_code import is_scalar
from .rewriting import Rewriting, replaced


def expansions(program: Program) -> Program:
    """Write them out, unless all is scalar: floats have forms of their own."""
    return program if is_scalar(program) else Rewriting(program).run(_expanded, EXPANSIONS)


def _expanded(step: Step, new: Rewriting) -> Step | None:
    kind = new.type_of(step.operands[0])
    if not kind.shape or kind.dtype != step.type.dtype or kind.dtype.kind != "f":
        return None
    return EXPANSIONS[step.primitive.name](step, new)


def _small(step: Step, new: Rewriting) -> str:
    """exp(-|x|)."""
    kind = step.type
    size = new.add("absolute", step.operands[0], type=kind)
    return new.add("exp", new.add("negative", size, type=kind), type=kind)


def _sech(step: Step, new: Rewriting) -> Step:
    small, kind = _small(step, new), step.type
    square = new.add("multiply", small, small, type=kind)
    bottom = new.add("add", 1, square, type=kind)
    return replaced(step, "divide", new.add("multiply", 2, small, type=kind), bottom)


def _mean(step: Step, new: Rewriting) -> Step | None:
    small = step.type
    count = new.type_of(step.operands[0]).size // max(1, small.size)
    if not count or small.dtype == np.float16:  # NumPy adds those up in more digits
        return None
    total = new.add("sum", step.operands[0], type=small, **step.params)
    return replaced(step, "divide", total, float(count))


EXPANSIONS: dict[str, Callable[[Step, Rewriting], Step | None]] = {
    "mean": _mean,
    "sech": _sech,
}
