"""What an index says before anything is looked up: it is a constant of the recording."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..primitives.shaping import index_parts, is_basic

MOST = 2**20  # entries of an array that are numbered to see which of them an index names
_ALL = slice(None)


# -- of numbers and slices ---------------------------------------------------------------


def is_entry(index: Any, ndim: int) -> bool:
    """Say whether a basic index picks one entry, of which there are no views."""
    parts = index_parts(index)
    return len(parts) == ndim and not any(
        isinstance(part, slice) or part is None or part is Ellipsis for part in parts
    )


def is_leading(index: Any) -> bool:
    """Say whether an index takes whole rows that lie one after the other."""
    first, *rest = index_parts(index)
    rows = not isinstance(first, slice) or first.step in (None, 1)
    return rows and first is not None and first is not Ellipsis and all(map(_is_all, rest))


def spelled_out(index: Any, ndim: int) -> list[Any]:
    """Return the parts of an index with a slice for every axis that it leaves to `...`."""
    parts = list(index_parts(index))
    missing = ndim - sum(part is not None and part is not Ellipsis for part in parts)
    dots = [i for i, part in enumerate(parts) if part is Ellipsis] or [len(parts)]
    parts[dots[0] : dots[0] + 1] = [_ALL] * missing
    return parts


def stretch(index: Any, shape: Sequence[int]) -> tuple[int, int, int] | None:
    """Return (axis, start, stop) of an index that takes a part of one axis, else None.

    >>> stretch((slice(None), slice(1, None)), (3, 4)), stretch(-1, (3, 4))
    ((1, 1, 4), (0, 2, 3))
    """
    parts = index_parts(index)
    if not is_basic(index) or any(part is None or part is Ellipsis for part in parts):
        return None
    cut = [axis for axis, part in enumerate(parts) if not _is_all(part)]
    if len(cut) != 1:
        return None
    part, n = parts[cut[0]], shape[cut[0]]
    if not isinstance(part, slice):
        return cut[0], part % n, part % n + 1
    start, stop, stride = part.indices(n)
    return (cut[0], start, stop) if stride == 1 and start < stop else None


def rest_of(shape: tuple[int, ...], index: Any) -> list[tuple] | None:
    """Return slices of all entries that a `stretch` leaves out; None of other indices."""
    found = stretch(index, shape)
    if found is None:
        return None
    axis, start, stop = found
    ends = [slice(0, start), slice(stop, shape[axis])]
    return [(_ALL,) * axis + (end,) for end in ends if end.start < end.stop]


def _is_all(part: Any) -> bool:
    return isinstance(part, slice) and part == _ALL


# -- with an array -----------------------------------------------------------------------


def rows_of(index: Any, shape: tuple[int, ...]) -> tuple[np.ndarray, int] | None:
    """Return (rows, axis) of an index that takes rows along one axis; None of others.

    >>> rows_of((slice(None), np.array([0, -1])), (3, 4))
    (array([0, 3]), 1)
    """
    *before, last = index_parts(index)
    if not all(map(_is_all, before)):
        return None
    if not isinstance(last, np.ndarray) or last.dtype.kind not in "iu":
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
