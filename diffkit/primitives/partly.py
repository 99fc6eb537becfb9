"""Reductions of some of the entries: NumPy's where=, initial= and dtype=."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..core.primitive import Primitive
from ..errors import ArgumentError, ShapeError, user_line
from . import arithmetic, comparison, reductions
from .arguments import as_one, in_dtype
from .functions import as_array, some_axes

# How a reduction goes on from an initial value, and which entry does not change it.
_JOINED: dict[str, tuple[Primitive, Any]] = {
    "sum": (arithmetic.add, 0),
    "prod": (arithmetic.multiply, 1),
    "max": (arithmetic.maximum, None),
    "min": (arithmetic.minimum, None),
    "all": (comparison.logical_and, True),
    "any": (comparison.logical_or, False),
}
_DTYPED = ("sum", "prod", "mean")


def reduced_partly(
    row: Primitive, a: Any, axis: Any, dtype: Any, keepdims: bool, initial: Any, where: Any
) -> Any:
    """Reduce the entries where a mask holds, going on from an initial value."""
    name = row.name
    for option, given, known in (
        ("dtype", dtype is not None, name in _DTYPED),
        ("initial", initial is not None, name in _JOINED),
    ):
        if given and not known:
            raise ArgumentError(f"np.{name}{user_line()} has no {option}=")
    a, keepdims = in_dtype(as_one(a), dtype), bool(keepdims)
    axes = some_axes(axis, a.ndim)
    if name == "mean":
        return _mean(a, axes, keepdims, where)
    join, neutral = _JOINED[name]
    total = row(_kept(name, a, where, initial, neutral), axis=axes, keepdims=keepdims)
    return total if initial is None else join(total, as_array(initial))


def _mean(a, axes, keepdims, where):
    if where is True:
        return reductions.mean(a, axis=axes, keepdims=keepdims)
    total = reductions.sum_(chosen(a, where, 0), axis=axes, keepdims=keepdims)
    return total / counted(a, axes, keepdims, where)


def _kept(name, a, where, initial, neutral):
    """Put what does not change the result where the mask does not hold."""
    if where is True:
        return a
    neutral = initial if neutral is None else neutral
    if neutral is None:
        raise ArgumentError(
            f"np.{name}(where=){user_line()} may leave no entry at all; give initial= too, "
            f"the {name} of nothing"
        )
    return chosen(a, where, neutral)


def chosen(a: Any, where: Any, other: Any) -> Any:
    """Return the entries where a mask holds, `other` elsewhere."""
    mask = as_one(where)
    if mask.dtype != bool:
        raise ArgumentError(f"where={user_line()} is a mask, an array of bool, not {mask.dtype}")
    parts = arithmetic.where(mask, a, other)
    if parts.shape != a.shape:
        raise ShapeError(f"where= of shape {mask.shape} does not fit {a.shape}{user_line()}")
    return parts


def counted(a: Any, axes: Any, keepdims: bool, where: Any) -> Any:
    """How many entries a mask chooses, as a number of the dtype of |a|."""
    one = np.ones((), np.empty(0, a.dtype).real.dtype)
    ones = chosen(np.broadcast_to(one, a.shape), where, 0)
    return reductions.sum_(ones, axis=axes, keepdims=keepdims)
