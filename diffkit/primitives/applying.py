"""Calling a function with parts of an array: np.apply_along_axis and np.apply_over_axes."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from . import shaping
from .arguments import as_one, misfit
from .functions import moveaxis, one_axis, speaks, stack, transpose


@speaks(np.apply_along_axis)
def apply_along_axis(func1d: Callable, axis: int, arr: Any, *args: Any, **kwargs: Any) -> Any:
    """Call a function with each vector along an axis."""
    arr = as_one(arr)
    axis = one_axis(axis, arr.ndim)
    lines = moveaxis(arr, axis, arr.ndim - 1)
    others = lines.shape[:-1]
    if not math.prod(others):
        raise misfit("np.apply_along_axis over an axis of length 0")
    parts = [as_one(func1d(lines[index], *args, **kwargs)) for index in np.ndindex(*others)]
    own = parts[0].shape
    result = shaping.reshape(stack(parts), shape=others + own)
    front, end = range(axis), range(axis, len(others))
    middle = range(len(others), len(others) + len(own))
    return transpose(result, (*front, *middle, *end))


@speaks(np.apply_over_axes)
def apply_over_axes(func: Callable, a: Any, axes: Any) -> Any:
    """Call func(a, axis) for one axis after the other; a reduced axis keeps length 1."""
    result = as_one(a)
    for axis in np.atleast_1d(axes).tolist():
        axis = one_axis(axis, result.ndim)
        part = as_one(func(result, axis))
        if part.ndim == result.ndim - 1:
            part = shaping.reshape(part, shape=(*part.shape[:axis], 1, *part.shape[axis:]))
        if part.ndim != result.ndim:
            raise misfit("np.apply_over_axes: the function must keep the axes or reduce its own")
        result = part
    return result
