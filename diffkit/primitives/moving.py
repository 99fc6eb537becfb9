"""Moving entries: flipping, rolling, repeating, diagonals and triangles.

Nearly all of it is composed: basic slices of a reshaped array reach every regular
pattern (a diagonal is a slice of the flattened matrix), and their transposes are as cheap.
"""

from __future__ import annotations

import itertools
import math
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from . import arithmetic, shaping
from .arguments import ALL, along, as_ints, as_one, as_plain, as_sizes, misfit
from .functions import axes_of, moveaxis, one_axis, ravel, speaks, sum_, swapaxes
from .rules import array_row

# -- flipping and rolling ------------------------------------------------------------


@speaks(np.flip)
def flip(m: Any, axis: Any = None) -> Any:
    """Reverse the order along some axes, or all."""
    m = as_one(m)
    axes = axes_of(axis, m.ndim)
    if not axes:
        return m
    index = [slice(None, None, -1) if i in axes else ALL for i in range(max(axes) + 1)]
    return shaping.getitem(m, index=tuple(index))


@speaks(np.fliplr)
def fliplr(m: Any) -> Any:
    """Reverse the order along the second axis."""
    return flip(m, 1)


@speaks(np.flipud)
def flipud(m: Any) -> Any:
    """Reverse the order along the first axis."""
    return flip(m, 0)


@speaks(np.rot90)
def rot90(m: Any, k: int = 1, axes: Any = (0, 1)) -> Any:
    """Turn by k right angles, from the first axis towards the second."""
    m = as_one(m)
    first, second = (one_axis(i, m.ndim) for i in axes)
    if first == second:
        raise misfit(f"np.rot90(axes={tuple(axes)!r}) needs two axes that differ")
    k = operator.index(k) % 4
    if k % 2 == 0:
        return flip(m, (first, second)) if k else m
    if k == 1:
        return swapaxes(flip(m, second), first, second)
    return flip(swapaxes(m, first, second), second)


def _negative(shift):
    return tuple(-s for s in shift) if isinstance(shift, tuple) else -shift


def _roll_form(names, params):
    axis = "" if params["axis"] is None else f", axis={params['axis']}"
    return f"roll({names[0]}, {params['shift']}{axis})"


_roll = array_row(
    "roll",
    lambda x, *, shift, axis: np.roll(x, shift, axis),
    [lambda bar, y, x, *, shift, axis: _roll(bar, shift=_negative(shift), axis=axis)],
    "linear",
    form=_roll_form,
    shape=lambda x, shift, axis: x.shape,
    source="linear: the transpose of a permutation is its inverse",
    examples=(
        ((4,), {"shift": 1, "axis": None}),
        ((2, 3), {"shift": -2, "axis": None}),
        ((2, 3), {"shift": (1, 2), "axis": (0, 1)}),
        ((2, 3), {"shift": 1, "axis": -1}),
    ),
)


@speaks(np.roll)
def roll(a: Any, shift: Any, axis: Any = None) -> Any:
    """Shift entries, the last ones to the front."""
    return _roll(as_one(a), shift=as_ints(shift), axis=None if axis is None else as_ints(axis))


@speaks(np.rollaxis)
def rollaxis(a: Any, axis: int, start: int = 0) -> Any:
    """Move an axis before another; np.moveaxis reads better."""
    axis, start = one_axis(axis, a.ndim), operator.index(start)
    if not -a.ndim <= start <= a.ndim:
        raise misfit(f"np.rollaxis(start={start}) is out of range for {a.ndim} dimensions")
    start += a.ndim if start < 0 else 0
    return moveaxis(a, axis, start - 1 if axis < start else start)


def matrix_transpose(x: Any, /) -> Any:
    """Exchange the last two axes."""
    x = as_one(x)
    if x.ndim < 2:
        raise misfit(f"np.matrix_transpose needs two or more dimensions, not {x.ndim}")
    return swapaxes(x, -1, -2)


speaks(np.matrix_transpose)(matrix_transpose)


# -- repeating -----------------------------------------------------------------------


@speaks(np.repeat)
def repeat(a: Any, repeats: Any, axis: int | None = None) -> Any:
    """Repeat each entry, all equally often or each its own number of times."""
    a, repeats = as_one(a), np.asarray(as_plain(repeats, "how often np.repeat repeats"))
    if axis is None:
        a, axis = ravel(a), 0
    axis, shape = one_axis(axis, a.ndim), a.shape
    n = shape[axis]
    if repeats.size != 1:
        return along(a, axis, np.repeat(np.arange(n), repeats))
    times = operator.index(repeats.item())
    column = shaping.reshape(a, shape=(*shape[: axis + 1], 1, *shape[axis + 1 :]))
    spread = shaping.broadcast_to(column, shape=(*shape[: axis + 1], times, *shape[axis + 1 :]))
    return shaping.reshape(spread, shape=(*shape[:axis], n * times, *shape[axis + 1 :]))


@speaks(np.tile)
def tile(A: Any, reps: Any) -> Any:
    """Repeat the whole array along its axes."""
    a, reps = as_one(A), as_plain(reps, "how often np.tile repeats")
    times = as_sizes(reps)
    ndim = max(a.ndim, len(times))
    sizes, times = (1,) * (ndim - a.ndim) + a.shape, (1,) * (ndim - len(times)) + times
    if all(n == 1 for n in times):
        return shaping.reshape(a, shape=sizes) if sizes != a.shape else a
    apart = shaping.reshape(a, shape=tuple(itertools.chain(*[(1, n) for n in sizes])))
    spread = shaping.broadcast_to(
        apart, shape=tuple(itertools.chain(*zip(times, sizes, strict=True)))
    )
    return shaping.reshape(spread, shape=tuple(map(operator.mul, times, sizes)))


@speaks(np.resize)
def resize(a: Any, new_shape: Any) -> Any:
    """Give another shape, beginning again with the first entries where there are too few."""
    shape = as_sizes(as_plain(new_shape, "the shape for np.resize"))
    a, size = ravel(as_one(a)), math.prod(shape)
    if min(shape, default=0) < 0:
        raise misfit(f"np.resize to {shape}: lengths are not negative")
    if not a.size:
        return np.zeros(shape, a.dtype)
    tiled = a if size <= a.size else tile(a, -(-size // a.size))
    return shaping.reshape(along(tiled, 0, slice(size)), shape=shape)


# -- diagonals and triangles ---------------------------------------------------------


def _diagonal_slice(rows: int, columns: int, offset: int) -> slice:
    """Where a diagonal is in the flattened matrix."""
    count = min(rows + min(offset, 0), columns - max(offset, 0))
    if count <= 0:
        return slice(0, 0)
    start = offset if offset >= 0 else -offset * columns
    return slice(start, start + (count - 1) * (columns + 1) + 1, columns + 1)


@speaks(np.diagonal)
def diagonal(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """Entries a[i, i + offset] of two axes, as a new last axis."""
    a = as_one(a)
    if a.ndim < 2:
        raise misfit("np.diagonal needs two or more dimensions")
    axis1, axis2 = one_axis(axis1, a.ndim), one_axis(axis2, a.ndim)
    if axis1 == axis2:
        raise misfit("np.diagonal needs two axes that differ")
    last = (a.ndim - 2, a.ndim - 1)
    a = a if (axis1, axis2) == last else moveaxis(a, (axis1, axis2), last)
    *batch, rows, columns = a.shape
    flat = shaping.reshape(a, shape=(*batch, rows * columns))
    return along(flat, len(batch), _diagonal_slice(rows, columns, operator.index(offset)))


@speaks(np.diag)
def diag(v: Any, k: int = 0) -> Any:
    """Return the diagonal of a matrix, or the matrix with this diagonal."""
    v = as_one(v)
    if v.ndim == 2:
        return diagonal(v, k)
    if v.ndim != 1:
        raise misfit(f"np.diag takes a vector or a matrix, not {v.ndim} dimensions")
    k = operator.index(k)
    n = v.shape[0] + abs(k)
    flat = shaping.scatter(v, shape=(n * n,), index=(_diagonal_slice(n, n, k),))
    return shaping.reshape(flat, shape=(n, n))


@speaks(np.diagflat)
def diagflat(v: Any, k: int = 0) -> Any:
    """Return the matrix whose diagonal is the flattened array."""
    return diag(ravel(as_one(v)), k)


def _triangle(m: Any, keep: Callable[[np.ndarray, int], np.ndarray], k: int) -> Any:
    m = as_one(m)
    rows, columns = m.shape[-2:] if m.ndim > 1 else m.shape * 2
    mask = keep(np.ones((rows, columns), bool), operator.index(k))
    return arithmetic.where(mask, m, m.dtype.type(0))


@speaks(np.tril)
def tril(m: Any, k: int = 0) -> Any:
    """Keep what is on and below the k-th diagonal."""
    return _triangle(m, np.tril, k)


@speaks(np.triu)
def triu(m: Any, k: int = 0) -> Any:
    """Keep what is on and above the k-th diagonal."""
    return _triangle(m, np.triu, k)


@speaks(np.tril_indices_from)
def tril_indices_from(arr: Any, k: int = 0) -> tuple:
    """Positions on and below a diagonal: plain, they depend on the shape alone."""
    return np.tril_indices_from(np.broadcast_to(0, arr.shape), k)


@speaks(np.triu_indices_from)
def triu_indices_from(arr: Any, k: int = 0) -> tuple:
    """Positions on and above a diagonal: plain, they depend on the shape alone."""
    return np.triu_indices_from(np.broadcast_to(0, arr.shape), k)


@speaks(np.diag_indices_from)
def diag_indices_from(arr: Any) -> tuple:
    """Positions on the diagonal: plain, they depend on the shape alone."""
    return np.diag_indices_from(np.broadcast_to(0, arr.shape))


@speaks(np.trace)
def trace(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """Sum of a diagonal."""
    entries = diagonal(a, offset, axis1, axis2)
    return sum_(entries, axis=-1)
