"""How the arguments of NumPy's functions are read: arrays, whole numbers, dtypes."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from ..core.tracing import Tracer, is_traced, shape_of
from ..errors import ShapeError, TracingError, user_line
from . import elementwise, shaping
from .functions import as_array, ravel

ALL = slice(None)


def as_one(x: Any) -> Any:
    """Return arrays and tracers as they are, lists and numbers as arrays."""
    if x.__class__ is Tracer:
        return x
    x = as_array(x)
    return x if hasattr(x, "dtype") else np.asarray(x)


def as_plain(value: Any, what: str) -> Any:
    """Refuse a traced value where NumPy needs to know the numbers."""
    if is_traced(value):
        raise TracingError(
            f"{what}{user_line()} is a traced value, and the shape of the result depends on it; "
            "pass plain numbers"
        )
    return value


def as_sequence(arrays: Any) -> Any:
    """Return the arrays of a list, or the entries along the first axis of an array."""
    return arrays if isinstance(arrays, (list, tuple)) else list(as_one(arrays))


def in_dtype(x: Any, dtype: Any) -> Any:
    """Convert to a floating dtype, where one is asked for."""
    if dtype is None or x.dtype == np.dtype(dtype):
        return x
    if np.dtype(dtype).kind not in "fc":
        raise TracingError(
            f"dtype={np.dtype(dtype)} of a traced value{user_line()} would cut off fractions; "
            "use a floating dtype"
        )
    return elementwise.astype(x, dtype=np.dtype(dtype))


def converted(part, like):
    """A part in the dtype of another array."""
    return elementwise.astype(part, dtype=like.dtype)


def as_dtype_of(arr: Any, values: Any) -> Any:
    """Convert values to the dtype of the array that they go into."""
    if arr.dtype.kind not in "fc" and values.dtype != arr.dtype and is_traced(values):
        raise TracingError(
            f"an array of {arr.dtype} would cut off fractions of a traced value{user_line()}; "
            "make it an array of floats"
        )
    return values if values.dtype == arr.dtype else elementwise.astype(values, dtype=arr.dtype)


def flat(x: Any) -> Any:
    """Flatten; a vector stays as it is, without a step."""
    return x if x.ndim == 1 else ravel(x)


def cut(x, axis, start=None, stop=None, step=None):
    """x[:, ..., start:stop:step] along this axis."""
    return shaping.getitem(x, index=(ALL,) * axis + (slice(start, stop, step),))


def along(x: Any, axis: int, part: Any) -> Any:
    """x[:, ..., part] with `part` at this axis."""
    return shaping.getitem(x, index=(ALL,) * axis + (part,))


def misfit(what: str) -> ShapeError:
    return ShapeError(what + user_line())


def as_ints(numbers: Any) -> Any:
    """Return an int, or a tuple of ints."""
    if are_several(numbers):
        return tuple(map(operator.index, numbers))
    return operator.index(numbers)


def as_sizes(numbers: Any) -> tuple[int, ...]:
    """Return a tuple of ints, also for a single one."""
    return as_ints(numbers) if are_several(numbers) else (as_ints(numbers),)


def are_several(numbers: Any) -> bool:
    return isinstance(numbers, (list, tuple)) or bool(shape_of(numbers))
