"""Whether two recordings say the same."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..core.program import Program, Step


def difference(a: Program, b: Program) -> str | None:
    """Tell the first difference between two Programs; None where there is none."""
    for first, second in zip(a.steps, b.steps, strict=False):
        if not same_step(first, second):
            return f"{first} at first, {second} then"
    if len(a) != len(b):
        return f"{len(a)} steps at first, {len(b)} then"
    return None if a.outputs == b.outputs else "the results are other steps"


def same_step(a: Step, b: Step) -> bool:
    """Say whether two steps are the same operation on the same variables and constants."""
    return (
        a.primitive is b.primitive
        and same_value(a.operands, b.operands)
        and same_value(a.params, b.params)
        and a.type == b.type
    )


def same_value(a: Any, b: Any) -> bool:
    """Compare constants and parameters; a nan is the same as a nan."""
    if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        same = isinstance(a, np.ndarray) and isinstance(b, np.ndarray) and a.dtype == b.dtype
        return same and a.shape == b.shape and a.tobytes() == b.tobytes()
    if isinstance(a, (tuple, list)) and isinstance(b, (tuple, list)):
        return len(a) == len(b) and all(map(same_value, a, b))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same_value(a[key], b[key]) for key in a)
    return type(a) is type(b) and (a is b or bool(a == b) or (a != a and b != b))
