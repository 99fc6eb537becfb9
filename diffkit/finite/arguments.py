"""What goes in, checked: points, results, steps and bounds."""

from __future__ import annotations

from math import inf
from typing import Any

import numpy as np

from ..errors import ArgumentError, NotDifferentiable, ShapeError


def as_point(x: Any) -> np.ndarray:
    """Return x as a new array of floats; integers become float64."""
    array = np.array(x)
    if array.dtype.kind not in "fiu":
        raise NotDifferentiable(f"x is {x!r:.60}, of type {array.dtype}; give real numbers")
    if array.size == 0:
        raise ArgumentError("x is empty, so there is nothing to differentiate by")
    return array.astype(float_dtype(array))


def real_array(result: Any) -> np.ndarray:
    """Return what f returned as a real array, or say why it has no derivative."""
    try:
        array = np.asarray(result)
    except ValueError:
        raise NotDifferentiable("f returned a ragged list; return one array") from None
    if array.dtype.kind not in "fiu":
        kind = "None" if result is None else f"{array.dtype} values ({result!r:.60})"
        raise NotDifferentiable(f"f returned {kind}; it must return real numbers")
    if array.size == 0:
        raise NotDifferentiable("f returned an empty array, which has no derivative")
    return array


def float_dtype(array: np.ndarray) -> np.dtype:
    """Return the floating point type that an array is worked with in, at most float64."""
    narrow = array.dtype.kind == "f" and array.dtype.itemsize < 8
    return array.dtype if narrow else np.dtype(float)


def steps_like(step: Any, x: np.ndarray) -> np.ndarray:
    """Return the steps of all entries of x, None where they are to be chosen."""
    if step is None:
        return np.full(x.shape, None)
    return _broadcast(checked_step(step), x, "step")


def checked_step(step: Any) -> Any:
    """Return a step, or several, as positive floats; None stays None."""
    if step is None:
        return None
    steps = np.asarray(step)
    if steps.dtype.kind not in "fiu" or not np.all((steps > 0) & np.isfinite(steps)):
        raise ArgumentError(f"step must be positive and finite, not {step!r}")
    return steps.astype(float)[()]


def bounds_like(bounds: Any, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the lower and the upper bounds of all entries of x, infinite where none."""
    lower, upper = _pair(bounds)
    low = _broadcast(-inf if lower is None else lower, x, "the lower bound")
    high = _broadcast(inf if upper is None else upper, x, "the upper bound")
    if np.any((x < low) | (x > high)):
        raise ArgumentError(f"x = {x.tolist()!r:.60} lies outside the bounds {bounds!r:.60}")
    return low, high


def _pair(bounds: Any) -> tuple[Any, Any]:
    if bounds is None:
        return None, None
    if not isinstance(bounds, (tuple, list)) or len(bounds) != 2:
        raise ArgumentError(f"bounds must be (lower, upper), not {bounds!r:.60}")
    return bounds[0], bounds[1]


def _broadcast(value: Any, x: np.ndarray, what: str) -> np.ndarray:
    try:
        return np.broadcast_to(np.asarray(value, dtype=float), x.shape)
    except ValueError:
        raise ShapeError(
            f"{what} has shape {np.shape(value)}, which does not fit x of shape {x.shape}"
        ) from None
