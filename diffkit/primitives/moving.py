"""Moving entries: splitting, flipping, tiling, padding, diagonals, windows.

Nearly all of it is composed: basic slices of a reshaped array reach every regular
pattern (a diagonal is a slice of the flattened matrix), and their transposes are
as cheap. Two patterns are rows: a roll, and sliding windows, which stay views.
"""

from __future__ import annotations

import itertools
import math
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from ..core.tracing import is_traced, shape_of
from ..errors import MissingRule, ShapeError, TracingError, user_line
from . import arithmetic, contraction, elementwise, shaping
from .functions import (
    as_array,
    axes_of,
    concatenate,
    moveaxis,
    one_axis,
    ravel,
    speaks,
    stack,
    sum_,
    swapaxes,
    transpose,
)
from .rules import array_row

_ALL = slice(None)


def as_one(x: Any) -> Any:
    """Return arrays and tracers as they are, lists and numbers as arrays."""
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


def _along(x: Any, axis: int, part: Any) -> Any:
    """x[:, ..., part] with `part` at this axis."""
    return shaping.getitem(x, index=(_ALL,) * axis + (part,))


def _wrong(what: str) -> ShapeError:
    return ShapeError(what + user_line())


# -- splitting -----------------------------------------------------------------------


@speaks(np.array_split)
def array_split(ary: Any, indices_or_sections: Any, axis: int = 0) -> list:
    """Cut into pieces, of nearly equal length where a number of pieces is given."""
    ary, axis = as_one(ary), operator.index(axis)
    axis = one_axis(axis, ary.ndim)
    cuts = _cuts(as_plain(indices_or_sections, "where np.split cuts"), ary.shape[axis])
    return [_along(ary, axis, slice(a, b)) for a, b in itertools.pairwise(cuts)]


def _cuts(where: Any, n: int) -> list[int]:
    """Where the pieces begin and end."""
    if _several(where):
        return [0, *map(operator.index, where), n]
    count = operator.index(where)
    if count < 1:
        raise _wrong("an array is split into one piece or more")
    longer = n % count
    return [i * (n // count) + min(i, longer) for i in range(count + 1)]


@speaks(np.split)
def split(ary: Any, indices_or_sections: Any, axis: int = 0) -> list:
    """Cut at the given places, or into pieces of equal length."""
    ary = as_one(ary)
    pieces = indices_or_sections
    if not is_traced(pieces) and not _several(pieces):
        n = ary.shape[one_axis(axis, ary.ndim)]
        if operator.index(pieces) < 1 or n % pieces:
            raise _wrong(
                f"{n} entries do not split into {pieces} equal pieces; np.array_split does"
            )
    return array_split(ary, pieces, axis)


def _splitter(name: str, least: int, axis_of: Callable[[int], int]) -> Callable:
    def splits(ary: Any, indices_or_sections: Any) -> list:
        ary = as_one(ary)
        if ary.ndim < least:
            raise _wrong(f"np.{name} needs {least} or more dimensions, not {ary.ndim}")
        return split(ary, indices_or_sections, axis_of(ary.ndim))

    splits.__name__ = name
    return splits


hsplit = speaks(np.hsplit)(_splitter("hsplit", 1, lambda ndim: min(ndim - 1, 1)))
vsplit = speaks(np.vsplit)(_splitter("vsplit", 2, lambda ndim: 0))
dsplit = speaks(np.dsplit)(_splitter("dsplit", 3, lambda ndim: 2))


def unstack(x: Any, /, *, axis: int = 0) -> tuple:
    """Take apart what np.stack joined."""
    x = as_one(x)
    if not x.ndim:
        raise _wrong("np.unstack needs an array of one or more dimensions")
    axis = one_axis(axis, x.ndim)
    return tuple([_along(x, axis, i) for i in range(x.shape[axis])])


if hasattr(np, "unstack"):  # since NumPy 2.1
    speaks(np.unstack)(unstack)


# -- joining -------------------------------------------------------------------------


@speaks(np.atleast_3d)
def atleast_3d(*arys: Any) -> Any:
    """Give at least three axes: a vector becomes the middle one, a matrix the first two."""
    results = tuple([_atleast_3d(as_one(a)) for a in arys])
    return results[0] if len(results) == 1 else results


def _atleast_3d(a: Any) -> Any:
    shapes: list = [(1, 1, 1), (1, *a.shape, 1), (*a.shape, 1)]
    return shaping.reshape(a, shape=shapes[a.ndim]) if a.ndim < 3 else a


@speaks(np.dstack)
def dstack(tup: Any) -> Any:
    """Join along the third axis."""
    return concatenate([_atleast_3d(as_one(a)) for a in as_sequence(tup)], 2)


def as_sequence(arrays: Any) -> Any:
    """Return the arrays of a list, or the entries along the first axis of an array."""
    return arrays if isinstance(arrays, (list, tuple)) else list(as_one(arrays))


@speaks(np.block)
def block(arrays: Any) -> Any:
    """Join nested lists of blocks, the innermost along the last axis."""
    depth, ndim = _block_depth(arrays), 0

    def leaves(part: Any) -> Any:
        return [leaves(p) for p in part] if isinstance(part, list) else as_one(part)

    def largest(part: Any) -> int:
        return max(map(largest, part)) if isinstance(part, list) else part.ndim

    def joined(part: Any, level: int) -> Any:
        if isinstance(part, list):
            return concatenate([joined(p, level - 1) for p in part], -level)
        return _widened(part, ndim)

    parts = leaves(arrays)
    ndim = max(depth, largest(parts))
    return joined(parts, depth)


def _block_depth(part: Any) -> int:
    if not isinstance(part, list):
        return 0
    depths = {_block_depth(p) for p in part}
    if len(depths) != 1:
        raise _wrong("the lists of np.block must be nested equally deep, and none be empty")
    return 1 + depths.pop()


def _widened(x: Any, ndim: int) -> Any:
    """Insert axes of length 1 in front."""
    return shaping.reshape(x, shape=(1,) * (ndim - x.ndim) + x.shape) if x.ndim < ndim else x


@speaks(np.append)
def append(arr: Any, values: Any, axis: int | None = None) -> Any:
    """Join at the end; both flattened where no axis is given."""
    return concatenate([arr, values], axis)


@speaks(np.insert)
def insert(arr: Any, obj: Any, values: Any, axis: int | None = None) -> Any:
    """Put values in before the given positions."""
    arr, values = as_one(arr), as_one(values)
    if axis is None:
        arr, axis = ravel(arr), 0
    axis = one_axis(axis, arr.ndim)
    obj, n = _positions(as_plain(obj, "where np.insert inserts")), arr.shape[axis]
    values = _widened(_in_dtype_of(arr, values), arr.ndim)
    if np.ndim(obj) == 0 and not isinstance(obj, slice):
        values = moveaxis(values, 0, axis)
    count = np.insert(np.zeros(n), obj, 0).size - n
    count = values.shape[axis] if count == 1 else count
    wanted = (*arr.shape[:axis], count, *arr.shape[axis + 1 :])
    both = concatenate([arr, shaping.broadcast_to(values, shape=wanted)], axis)
    return _along(both, axis, np.insert(np.arange(n), obj, np.arange(n, n + count)))


def _in_dtype_of(arr: Any, values: Any) -> Any:
    """Convert values to the dtype of the array that they go into."""
    if arr.dtype.kind not in "fc" and values.dtype != arr.dtype and is_traced(values):
        raise TracingError(
            f"an array of {arr.dtype} would cut off fractions of a traced value{user_line()}; "
            "make it an array of floats"
        )
    return values if values.dtype == arr.dtype else elementwise.astype(values, dtype=arr.dtype)


@speaks(np.delete)
def delete(arr: Any, obj: Any, axis: int | None = None) -> Any:
    """Leave out the given positions."""
    arr = as_one(arr)
    if axis is None:
        arr, axis = ravel(arr), 0
    axis = one_axis(axis, arr.ndim)
    n = arr.shape[axis]
    left = np.delete(np.arange(n), _positions(as_plain(obj, "what np.delete deletes")))
    return _along(arr, axis, np.isin(np.arange(n), left))


def _positions(obj: Any) -> Any:
    """Return positions as NumPy's own functions take them."""
    return np.asarray(obj) if isinstance(obj, (list, tuple, range)) and len(obj) else obj


@speaks(np.broadcast_arrays)
def broadcast_arrays(*args: Any) -> tuple:
    """Give all arrays the shape that they have together."""
    arrays = [as_one(a) for a in args]
    shape = np.broadcast_shapes(*[a.shape for a in arrays])
    return tuple([a if a.shape == shape else shaping.broadcast_to(a, shape=shape) for a in arrays])


@speaks(np.meshgrid)
def meshgrid(*xi: Any, copy: bool = True, sparse: bool = False, indexing: str = "xy") -> tuple:
    """Spread vectors over a grid, the first along the columns ("xy") or the rows ("ij")."""
    if indexing not in ("xy", "ij"):
        raise _wrong(f'np.meshgrid(indexing={indexing!r}): "xy" or "ij"')
    count = len(xi)
    order = list(range(count))
    if indexing == "xy":
        order[:2] = order[:2][::-1]
    lines = [
        shaping.reshape(x, shape=(1,) * place + (x.size,) + (1,) * (count - 1 - place))
        for x, place in zip(map(as_one, xi), order, strict=True)
    ]
    return tuple(lines) if sparse else broadcast_arrays(*lines)


# -- flipping and rolling ------------------------------------------------------------


@speaks(np.flip)
def flip(m: Any, axis: Any = None) -> Any:
    """Reverse the order along some axes, or all."""
    m = as_one(m)
    axes = axes_of(axis, m.ndim)
    if not axes:
        return m
    index = [slice(None, None, -1) if i in axes else _ALL for i in range(max(axes) + 1)]
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
        raise _wrong(f"np.rot90(axes={tuple(axes)!r}) needs two axes that differ")
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
    return _roll(as_one(a), shift=_whole(shift), axis=None if axis is None else _whole(axis))


def _whole(numbers: Any) -> Any:
    """Return an int, or a tuple of ints."""
    if _several(numbers):
        return tuple(map(operator.index, numbers))
    return operator.index(numbers)


def _sizes(numbers: Any) -> tuple[int, ...]:
    """Return a tuple of ints, also for a single one."""
    return _whole(numbers) if _several(numbers) else (_whole(numbers),)


def _several(numbers: Any) -> bool:
    return isinstance(numbers, (list, tuple)) or bool(shape_of(numbers))


@speaks(np.rollaxis)
def rollaxis(a: Any, axis: int, start: int = 0) -> Any:
    """Move an axis before another; np.moveaxis reads better."""
    axis, start = one_axis(axis, a.ndim), operator.index(start)
    if not -a.ndim <= start <= a.ndim:
        raise _wrong(f"np.rollaxis(start={start}) is out of range for {a.ndim} dimensions")
    start += a.ndim if start < 0 else 0
    return moveaxis(a, axis, start - 1 if axis < start else start)


def matrix_transpose(x: Any, /) -> Any:
    """Exchange the last two axes."""
    x = as_one(x)
    if x.ndim < 2:
        raise _wrong(f"np.matrix_transpose needs two or more dimensions, not {x.ndim}")
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
        return _along(a, axis, np.repeat(np.arange(n), repeats))
    times = operator.index(repeats.item())
    column = shaping.reshape(a, shape=(*shape[: axis + 1], 1, *shape[axis + 1 :]))
    spread = shaping.broadcast_to(column, shape=(*shape[: axis + 1], times, *shape[axis + 1 :]))
    return shaping.reshape(spread, shape=(*shape[:axis], n * times, *shape[axis + 1 :]))


@speaks(np.tile)
def tile(A: Any, reps: Any) -> Any:
    """Repeat the whole array along its axes."""
    a, reps = as_one(A), as_plain(reps, "how often np.tile repeats")
    times = _sizes(reps)
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
    shape = _sizes(as_plain(new_shape, "the shape for np.resize"))
    a, size = ravel(as_one(a)), math.prod(shape)
    if min(shape, default=0) < 0:
        raise _wrong(f"np.resize to {shape}: lengths are not negative")
    if not a.size:
        return np.zeros(shape, a.dtype)
    tiled = a if size <= a.size else tile(a, -(-size // a.size))
    return shaping.reshape(_along(tiled, 0, slice(size)), shape=shape)


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
        raise _wrong("np.diagonal needs two or more dimensions")
    axis1, axis2 = one_axis(axis1, a.ndim), one_axis(axis2, a.ndim)
    if axis1 == axis2:
        raise _wrong("np.diagonal needs two axes that differ")
    last = (a.ndim - 2, a.ndim - 1)
    a = a if (axis1, axis2) == last else moveaxis(a, (axis1, axis2), last)
    *batch, rows, columns = a.shape
    flat = shaping.reshape(a, shape=(*batch, rows * columns))
    return _along(flat, len(batch), _diagonal_slice(rows, columns, operator.index(offset)))


@speaks(np.diag)
def diag(v: Any, k: int = 0) -> Any:
    """Return the diagonal of a matrix, or the matrix with this diagonal."""
    v = as_one(v)
    if v.ndim == 2:
        return diagonal(v, k)
    if v.ndim != 1:
        raise _wrong(f"np.diag takes a vector or a matrix, not {v.ndim} dimensions")
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


# -- padding -------------------------------------------------------------------------


def _pairs(widths: Any, ndim: int) -> list:
    """(before, after) for each axis, from one number, one pair, or a pair for each."""
    if isinstance(widths, dict):
        found = [(0, 0)] * ndim
        for axis, width in widths.items():
            found[axis] = width if isinstance(width, tuple) else (width, width)
        return found
    widths = as_one(widths)
    if shape_of(widths) == (ndim, 2) and not is_traced(widths):
        return [tuple(pair) for pair in widths.tolist()]
    spread = shaping.broadcast_to(widths, shape=(ndim, 2))
    return [(spread[i, 0], spread[i, 1]) for i in range(ndim)]


def _pad_constant(x: Any, axis: int, widths: tuple, mode: str, values: Any) -> Any:
    return _enclosed(x, axis, widths, [_in_dtype_of(x, as_one(value)) for value in values])


def _enclosed(x: Any, axis: int, widths: tuple, fills: list) -> Any:
    """Join what goes before, x, and what goes after; each fill is spread over its width."""

    def spread(fill: Any, width: int) -> Any:
        shape = (*x.shape[:axis], width, *x.shape[axis + 1 :])
        return fill if fill.shape == shape else shaping.broadcast_to(fill, shape=shape)

    before, after = [spread(f, n) for f, n in zip(fills, widths, strict=True)]
    parts = [part for part in (before, x, after) if part.shape[axis]]
    return concatenate(parts, axis) if len(parts) > 1 else x


def _pad_by_index(x: Any, axis: int, widths: tuple, mode: str, option: Any) -> Any:
    """Entries of x again, at positions that NumPy's own padding of 0, 1, 2 ... tells."""
    return _along(x, axis, np.pad(np.arange(x.shape[axis]), widths, mode=mode))


def _pad_reflecting(x: Any, axis: int, widths: tuple, mode: str, reflect_type: str) -> Any:
    """As by index; "odd" is 2*edge - entry, once or again, by NumPy's matrix for it."""
    if reflect_type == "even":
        return _pad_by_index(x, axis, widths, mode, None)
    unit = np.eye(x.shape[axis], dtype=x.dtype)
    matrix = np.pad(unit, (widths, (0, 0)), mode=mode, reflect_type=reflect_type)
    return moveaxis(contraction.tensordot(matrix, x, axes=((1,), (axis,))), 0, axis)


def _pad_ramp(x: Any, axis: int, widths: tuple, mode: str, ends: Any) -> Any:
    """A straight line from the end value to the edge."""
    column, fills = (-1,) + (1,) * (x.ndim - axis - 1), []
    for width, end, edge, step in zip(widths, ends, (0, -1), (1, -1), strict=True):
        ramp = (np.arange(width) / max(width, 1)).astype(x.dtype)[::step].reshape(column)
        edge = _along(x, axis, slice(edge, 1 if edge == 0 else None))
        end = _in_dtype_of(x, as_one(end))
        fills.append(end + (edge - end) * ramp)
    return _enclosed(x, axis, widths, fills)


def _pad_statistic(x: Any, axis: int, widths: tuple, mode: str, lengths: Any) -> Any:
    """The mean, maximum ... of the first and of the last few entries."""
    n = x.shape[axis]
    statistic = {"maximum": np.max, "minimum": np.min}.get(mode) or getattr(np, mode)
    counts = [n if length is None else min(length, n) for length in lengths]
    ends = [slice(0, counts[0]), slice(n - counts[1], n)]
    return _enclosed(
        x, axis, widths, [statistic(_along(x, axis, e), axis=axis, keepdims=True) for e in ends]
    )


# mode: how it pads one axis, its option, and the option's default
_PADS: dict[str, tuple[Callable, str, Any]] = {
    "constant": (_pad_constant, "constant_values", 0),
    "edge": (_pad_by_index, "", None),
    "wrap": (_pad_by_index, "", None),
    "reflect": (_pad_reflecting, "reflect_type", "even"),
    "symmetric": (_pad_reflecting, "reflect_type", "even"),
    "linear_ramp": (_pad_ramp, "end_values", 0),
    "maximum": (_pad_statistic, "stat_length", None),
    "minimum": (_pad_statistic, "stat_length", None),
    "mean": (_pad_statistic, "stat_length", None),
    "median": (_pad_statistic, "stat_length", None),
}


@speaks(np.pad)
def pad(array: Any, pad_width: Any, mode: Any = "constant", **options: Any) -> Any:
    """Lengthen every axis at both ends."""
    x = as_one(array)
    extend, name, default = _pad_mode(mode)
    widths = _pairs(as_plain(pad_width, "the width of np.pad"), x.ndim)
    widths = [(operator.index(before), operator.index(after)) for before, after in widths]
    option = options.pop(name, default)
    if options or min(map(min, widths), default=0) < 0:
        wrong = ", ".join(f"{key}=" for key in options) or "a negative pad_width"
        raise _wrong(f"np.pad(mode={mode!r}) does not take {wrong}")
    if mode == "constant" and _is_zero(as_one(option)):
        return _pad_zeros(x, widths)
    each = [option] * x.ndim if mode in ("reflect", "symmetric") else _option_pairs(option, x.ndim)
    for axis, (width, value) in enumerate(zip(widths, each, strict=True)):
        x = extend(x, axis, width, mode, value) if any(width) else x
    return x


def _option_pairs(option: Any, ndim: int) -> list:
    return [(None, None)] * ndim if option is None else _pairs(option, ndim)


def _pad_mode(mode: Any) -> tuple[Callable, str, Any]:
    if not isinstance(mode, str) or mode not in _PADS:
        raise MissingRule(
            f"np.pad(mode={mode!r}) of a traced value{user_line()} is not covered; the modes are "
            + ", ".join(_PADS)
        )
    return _PADS[mode]


def _is_zero(values: Any) -> bool:
    return not is_traced(values) and not values.any()


def _pad_zeros(x: Any, widths: list) -> Any:
    shape = tuple(a + n + b for n, (a, b) in zip(x.shape, widths, strict=True))
    index = tuple(slice(a, a + n) for n, (a, _) in zip(x.shape, widths, strict=True))
    return shaping.scatter(x, shape=shape, index=index) if shape != x.shape else x


# -- windows -------------------------------------------------------------------------


def _windows(x, *, window, axis):
    return np.lib.stride_tricks.sliding_window_view(x, window, axis)


def _windows_shape(x, window, axis):
    n = x.shape[axis] - window + 1
    if window < 0 or n < 1:
        raise ValueError(f"a window of {window} does not fit into {x.shape[axis]} entries")
    return (*x.shape[:axis], n, *x.shape[axis + 1 :], window)


def _overlap_add(windows, *, axis):
    """Add up windows that slide along an axis, each entry where it was taken from."""
    *shape, width = windows.shape
    count = shape[axis]
    shape[axis] = count + width - 1
    out = np.zeros(shape, windows.dtype)
    for j in range(width):
        out[(_ALL,) * axis + (slice(j, j + count),)] += windows[..., j]
    return out


windows = array_row(
    "windows",
    _windows,
    [lambda bar, y, x, *, window, axis: overlap_add(bar, axis=axis)],
    "linear",
    shape=_windows_shape,
    source="linear: its transpose adds where windows overlap",
    examples=(
        ((5,), {"window": 2, "axis": 0}),
        ((3, 4), {"window": 3, "axis": 1}),
        ((4, 2), {"window": 2, "axis": 0}),
    ),
)
windows.view = lambda params: True

overlap_add = array_row(
    "overlap_add",
    _overlap_add,
    [lambda bar, y, x, *, axis: windows(bar, window=x.shape[-1], axis=axis)],
    "linear",
    shape=lambda x, axis: tuple(
        n + x.shape[-1] - 1 if i == axis else n for i, n in enumerate(x.shape[:-1])
    ),
    source="linear: its transpose slides a window",
    examples=(((4, 2), {"axis": 0}), ((2, 3, 2), {"axis": 1})),
)


@speaks(np.lib.stride_tricks.sliding_window_view)
def sliding_window_view(
    x: Any, window_shape: Any, axis: Any = None, *, subok: bool = False, writeable: bool = False
) -> Any:
    """Return all windows of a shape, their axes last: a view, as in NumPy."""
    x = as_one(x)
    sizes = _sizes(as_plain(window_shape, "the window_shape"))
    places = range(x.ndim) if axis is None else np.atleast_1d(axis).tolist()
    if len(places) != len(sizes):
        raise _wrong(f"window_shape {sizes} has not one length for each of {len(places)} axes")
    axes = [one_axis(i, x.ndim) for i in places]
    for size, place in zip(sizes, axes, strict=True):
        x = windows(x, window=size, axis=place)
    return x


# -- functions over slices -----------------------------------------------------------


@speaks(np.apply_along_axis)
def apply_along_axis(func1d: Callable, axis: int, arr: Any, *args: Any, **kwargs: Any) -> Any:
    """Call a function with each vector along an axis."""
    arr = as_one(arr)
    axis = one_axis(axis, arr.ndim)
    lines = moveaxis(arr, axis, arr.ndim - 1)
    others = lines.shape[:-1]
    if not math.prod(others):
        raise _wrong("np.apply_along_axis over an axis of length 0")
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
            raise _wrong("np.apply_over_axes: the function must keep the axes or reduce its own")
        result = part
    return result


@speaks(np.trace)
def trace(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """Sum of a diagonal."""
    entries = diagonal(a, offset, axis1, axis2)
    return sum_(entries, axis=-1)
