"""Calling functions with parts of an array: np.apply_along_axis, np.piecewise ..."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ..core.tracing import is_traced, shape_of
from . import shaping
from .arguments import as_one, misfit
from .functions import as_array, moveaxis, one_axis, ravel, speaks, stack, transpose
from .protocol import settled


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


@speaks(np.piecewise)
def piecewise(x: Any, condlist: Any, funclist: Any, *args: Any, **kw: Any) -> Any:
    """Call each function with the entries where its condition holds; the last one wins."""
    x, pieces = as_one(x), list(funclist)
    conditions = _conditions(condlist, x)
    if len(pieces) == len(conditions) + 1:
        conditions.append(~np.logical_or.reduce(conditions))
    if len(pieces) != len(conditions):
        raise misfit(f"np.piecewise has {len(conditions)} conditions and {len(pieces)} functions")
    flat, y = ravel(x), np.zeros(x.size, x.dtype)
    for condition, piece in zip(conditions, pieces, strict=True):
        if condition.any():
            chosen = piece(flat[condition], *args, **kw) if callable(piece) else piece
            y = shaping.set_at(y, chosen, index=(condition,))
    return shaping.reshape(y, shape=x.shape)


def _conditions(condlist: Any, x: Any) -> list:
    """Conditions as flat, plain masks; a traced one is a branch."""
    if not isinstance(condlist, (list, tuple)):
        condlist = [condlist] if len(shape_of(condlist)) <= x.ndim else list(condlist)
    elif x.ndim and not shape_of(as_array(condlist[0])):
        condlist = [condlist]
    masks = [as_one(condition) for condition in condlist]
    masks = [settled(mask, "a condition") if is_traced(mask) else mask for mask in masks]
    return [np.broadcast_to(mask, x.shape).astype(bool).ravel() for mask in masks]
