"""The methods of ufuncs: np.add.reduce, np.maximum.accumulate, np.subtract.outer ..."""

from __future__ import annotations

import functools
import itertools
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from ..core.tracing import shape_of
from ..errors import ShapeError, TracingError, user_line
from .functions import as_array, definition_of, one_axis, ravel, reshape, stack

# What has a definition of its own; other ufuncs go from entry to entry.
_OWN = {
    (np.add, "reduce"): np.sum,
    (np.multiply, "reduce"): np.prod,
    (np.maximum, "reduce"): np.max,
    (np.minimum, "reduce"): np.min,
    (np.logical_and, "reduce"): np.all,
    (np.logical_or, "reduce"): np.any,
    (np.add, "accumulate"): np.cumsum,
    (np.multiply, "accumulate"): np.cumprod,
    (np.maximum, "accumulate"): np.maximum.accumulate,
    (np.minimum, "accumulate"): np.minimum.accumulate,
}


def reduced(ufunc: Any, method: str) -> Callable | None:
    """Return the definition of a ufunc's method, None where there is none."""
    if (ufunc, method) in _OWN:
        return _along_first(definition_of(_OWN[ufunc, method]))
    if method == "at":
        return _refusing_at(ufunc)
    step = definition_of(ufunc) if ufunc.nin == 2 and ufunc.nout == 1 else None
    if step is None:
        return None
    if method == "outer":
        return _outer(step)
    if method == "reduceat":
        return _reduceat(reduced(ufunc, "reduce"))
    moves = getattr(step, "pull", None) is not None
    return {"reduce": _reduce, "accumulate": _accumulate}[method](step) if moves else None


def _along_first(definition: Any) -> Callable:
    """Methods of ufuncs work along the first axis unless told otherwise."""

    def along(array: Any, axis: Any = 0, **options: Any) -> Any:
        return definition(array, axis=axis, **options)

    return along


def _entries(array: Any, axis: int) -> list:
    """The slices along an axis."""
    head = (slice(None),) * axis
    return [array[(*head, i)] for i in range(array.shape[axis])]


def _reduce(step: Callable) -> Callable:
    """From the first entry to the last."""

    def reduce(array: Any, axis: Any = 0, *, keepdims: bool = False) -> Any:
        array = as_array(array)
        shape = array.shape
        if axis is None:
            array, axis, kept = ravel(array), 0, (1,) * len(shape)
        else:
            axis = one_axis(axis, len(shape))
            kept = (*shape[:axis], 1, *shape[axis + 1 :])
        entries = _entries(array, axis)
        if not entries:
            raise ShapeError(f"nothing to reduce{user_line()}: the axis has length 0")
        total = functools.reduce(step, entries)
        return reshape(total, kept) if keepdims else total

    return reduce


def _accumulate(step: Callable) -> Callable:
    """All that reduce comes by on its way."""

    def accumulate(array: Any, axis: int = 0) -> Any:
        array = as_array(array)
        axis = one_axis(axis, array.ndim)
        entries = _entries(array, axis)
        return stack(list(itertools.accumulate(entries, step)), axis) if entries else array

    return accumulate


def _reduceat(reduce: Any) -> Callable | None:
    """Stretches that begin at the indices; one entry where the next index is no larger."""
    if reduce is None:
        return None

    def reduceat(array: Any, indices: Any, axis: int = 0) -> Any:
        array = as_array(array)
        axis = one_axis(axis, array.ndim)
        starts = [operator.index(i) for i in indices]
        head = (slice(None),) * axis
        parts = [
            reduce(array[(*head, slice(start, max(stop, start + 1)))], axis=axis)
            for start, stop in itertools.pairwise([*starts, array.shape[axis]])
        ]
        return stack(parts, axis)

    return reduceat


def _outer(definition: Any) -> Callable:
    """All pairs: an entry of a with an entry of b."""

    def outer(a: Any, b: Any) -> Any:
        a, b = as_array(a), as_array(b)
        return definition(reshape(a, shape_of(a) + (1,) * len(shape_of(b))), b)

    return outer


def _refusing_at(ufunc: Any) -> Callable:
    def refuse(*args: Any) -> Any:
        raise TracingError(
            f"np.{ufunc.__name__}.at{user_line()} writes into its first argument, where a "
            "derivative would be lost. Make a new array instead: for sums "
            "a = a + np.bincount(i, v, len(a)), or collect a list and np.stack it."
        )

    return refuse
