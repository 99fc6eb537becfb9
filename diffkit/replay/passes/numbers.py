"""Which number a constant is, and what its digits allow."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

LARGEST = 1000  # entries of a constant that are looked at


def number(operand: Any) -> float | None:
    """Return the value of a constant number; None of anything else."""
    if isinstance(operand, (float, int, np.floating, np.integer)):
        return float(operand)
    if isinstance(operand, np.ndarray) and operand.shape == () and operand.dtype.kind in "fi":
        return float(operand)
    return None


def number_everywhere(constant: Any) -> Any:
    """Return the number that all entries of a constant are, bit for bit; None if there is none."""
    entries = np.asarray(constant)
    if not 0 < entries.size <= LARGEST or entries.dtype.kind not in "fciu":
        return None
    first = entries.flat[0]
    return first if entries.tobytes() == first.tobytes() * entries.size else None


def is_power_of_two(x: float | None, dtype: np.dtype) -> bool:
    """Say whether multiplying by x and by 1/x is exact."""
    return x is not None and abs(math.frexp(x)[0]) == 0.5 and is_moderate(x, dtype)


def is_moderate(x: float, dtype: np.dtype) -> bool:
    """Say whether a factor is so far from overflow that three of them are, too."""
    return abs(math.log2(abs(x) or math.inf)) < float(np.finfo(dtype).maxexp) / 3
