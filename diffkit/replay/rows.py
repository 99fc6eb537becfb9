"""What is known of an index that is an array: it is a constant of the recording."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

MOST = 2**20  # entries of an array that are numbered to see which of them an index names


def rows_of(index: Any, shape: tuple[int, ...]) -> tuple[np.ndarray, int] | None:
    """Return (rows, axis) of an index that takes rows along one axis; None of others.

    >>> rows_of((slice(None), np.array([0, -1])), (3, 4))
    (array([0, 3]), 1)
    """
    *before, last = index if isinstance(index, tuple) else (index,)
    whole = all(isinstance(part, slice) and part == slice(None) for part in before)
    if not whole or not isinstance(last, np.ndarray) or last.dtype.kind not in "iu":
        return None
    n = shape[len(before)]
    rows = np.where(last < 0, last + n, last).astype(np.intp)
    inside = rows.size and 0 <= rows.min() and rows.max() < n
    return (rows, len(before)) if inside else None


def is_distinct(index: Any, shape: tuple[int, ...]) -> bool:
    """Say whether an index names no entry twice, as far as can be seen soon.

    >>> is_distinct((np.array([2, 0]),), (3,)), is_distinct((np.array([2, -1]),), (3,))
    (True, False)
    """
    if math.prod(shape) > MOST:
        return False
    named = np.arange(math.prod(shape)).reshape(shape)[index]
    return np.unique(named).size == named.size
