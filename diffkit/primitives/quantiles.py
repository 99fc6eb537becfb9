"""Medians, quantiles and percentiles, on top of a row for the k-th smallest entry of a line."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from math import inf
from typing import Any

import numpy as np

from ..core.tracing import abstract, is_traced, shape_of
from ..errors import ArgumentError, ShapeError, SymbolicError, TracingError, user_line
from . import arithmetic, comparison, elementwise, reductions, shaping
from .arguments import as_one, flat, in_dtype
from .functions import as_array, axes_of, reshape, speaks, transpose
from .missing import filled, present
from .reductions import shares, spread
from .rules import array_row
from .statistics import count_of, weights_for

MOST_SUBSETS = 1000  # SymPy needs seconds for Min and Max of more


def _order_statistic(x, rank):
    """The entry with this rank, counted from 0, of each line; nan if the line has one."""
    rank = np.asarray(rank).astype(np.intp)
    if rank.ndim == 0:
        ordered = np.partition(x, [int(rank), -1])
        found = ordered[..., int(rank)]
    else:
        ordered = np.sort(x)
        found = np.take_along_axis(ordered, rank[..., None], -1)[..., 0]
    if ordered.dtype.kind in "fc":
        largest = ordered[..., -1]  # nan is sorted behind all numbers
        found = np.where(np.isnan(largest), largest, found)[()]
    return found


def _order_objects(scalar, x, rank):
    """Over numbers by sorting, over symbols the least maximum of rank + 1 entries."""
    rank = np.broadcast_to(np.asarray(rank, dtype=int), x.shape[:-1])
    try:
        return np.take_along_axis(np.sort(x), rank[..., None], -1)[..., 0]
    except TypeError:
        found = np.empty(x.shape[:-1], object)
        for place in np.ndindex(found.shape):
            found[place] = _symbolic_order(scalar, x[place], rank[place])
        return found[()]


def _symbolic_order(scalar, entries, rank):
    if math.comb(entries.size, rank + 1) > MOST_SUBSETS:
        raise SymbolicError(
            f"a median or quantile of {entries.size} symbols has too many cases to write down"
        )
    largest = [
        scalar("maximum").reduce(np.array(some, object))
        for some in itertools.combinations(entries, rank + 1)
    ]
    return scalar("minimum").reduce(np.array(largest, object))


def _order_jvp(dots, y, x, rank):
    axis = x.ndim - 1
    return reductions.sum_(dots[0] * shares(y, x, (axis,)), axis=(axis,), keepdims=False)


order_statistic = array_row(
    "order_statistic",
    _order_statistic,
    [lambda bar, y, x, rank: spread(bar, x, (x.ndim - 1,)) * shares(y, x, (x.ndim - 1,)), None],
    _order_jvp,
    shape=lambda x, rank: abstract(x.shape[:-1], x.dtype),
    kinks="ties, where it is shared",
    objects=_order_objects,
    source="the entry that has the rank; tied entries share equally",
    examples=(
        (((3,), np.array(1)), {}),
        (((2, 3), np.array(2)), {}),
        (((2, 3), np.array([0, 2])), {}),
    ),
)


def _lines(a, axis):
    """Gather the axes to be reduced into one last axis."""
    axes = axes_of(axis, a.ndim)
    free = tuple([i for i in range(a.ndim) if i not in axes])
    moved = a if free + axes == tuple(range(a.ndim)) else transpose(a, free + axes)
    shape = (*[a.shape[i] for i in free], count_of(a, axes))
    if not shape[-1]:
        raise ShapeError(f"a median or quantile of no entries{user_line()}: shape {a.shape}")
    return moved if moved.shape == shape else reshape(moved, shape)


def _with_axes_kept(result, a, axis, keepdims):
    """Put the reduced axes back, with length 1, behind those of q."""
    if not keepdims:
        return result
    axes = axes_of(axis, a.ndim)
    kept = tuple(1 if i in axes else n for i, n in enumerate(a.shape))
    leading = result.ndim - (a.ndim - len(axes))
    return reshape(result, result.shape[:leading] + kept)


def _limited(rank, n):
    """A rank brought into the line."""
    if is_traced(rank) or is_traced(n) or np.ndim(rank) or np.ndim(n):
        return arithmetic.clip(rank, 0, arithmetic.maximum(n - 1, 0))
    return int(min(max(rank, 0), n - 1))


def _between(lines, n, position):
    """Interpolate between the entries on both sides of a fractional rank."""
    low = elementwise.floor(position)
    low = float(low) if position.__class__ is float else low  # a weak number stays one
    part = position - low
    below = order_statistic(lines, _limited(low, n))
    known = not is_traced(part) and not np.ndim(part)
    if known and part == 0:
        return in_dtype(below, np.result_type(below.dtype, part))
    above = order_statistic(lines, _limited(low + 1, n))
    apart = above - below
    # As NumPy has it: the formula that is exact at the nearer end.
    if known:
        return below + apart * part if part < 0.5 else above - apart * (1 - part)
    nearer = comparison.less(part, 0.5)
    return arithmetic.where(nearer, below + apart * part, above - apart * (1 - part))


def _middle(lines, n):
    """The median of n plain entries in each line."""
    if n % 2:
        return order_statistic(lines, n // 2)
    return (order_statistic(lines, n // 2 - 1) + order_statistic(lines, n // 2)) / 2


@speaks(np.median)
def median(
    a: Any, axis: Any = None, *, overwrite_input: bool = False, keepdims: bool = False
) -> Any:
    """The middle entry, or the mean of the two in the middle."""
    a = as_one(a)
    lines = _lines(a, axis)
    return _with_axes_kept(_middle(lines, lines.shape[-1]), a, axis, keepdims)


# Where the quantile q of n entries lies, counted from 0: Hyndman & Fan, Sample quantiles
# in statistical packages (1996), and four of NumPy's own.


def _hyndman_fan(alpha, beta):
    return lambda n, q: n * q + (alpha + q * (1 - alpha - beta)) - 1


_FRACTIONAL: dict[str, Callable] = {
    "linear": lambda n, q: (n - 1) * q,
    "interpolated_inverted_cdf": _hyndman_fan(0, 1),
    "hazen": _hyndman_fan(0.5, 0.5),
    "weibull": _hyndman_fan(0, 0),
    "median_unbiased": _hyndman_fan(1 / 3.0, 1 / 3.0),
    "normal_unbiased": _hyndman_fan(3 / 8.0, 3 / 8.0),
    "midpoint": lambda n, q: 0.5 * (elementwise.floor((n - 1) * q) + elementwise.ceil((n - 1) * q)),
    "averaged_inverted_cdf": lambda n, q: (
        0.5 * (elementwise.ceil(n * q - 1) + elementwise.floor(n * q))
    ),
}
_WHOLE: dict[str, Callable] = {
    "lower": lambda n, q: elementwise.floor((n - 1) * q),
    "higher": lambda n, q: elementwise.ceil((n - 1) * q),
    "nearest": lambda n, q: elementwise.rint((n - 1) * q),
    "inverted_cdf": lambda n, q: elementwise.ceil(n * q - 1),
    # Half-way it takes the rank that is even when counted from 1.
    "closest_observation": lambda n, q: elementwise.rint(n * q - 2) + 1,
}


def _one_quantile(lines, n, q, method):
    if method in _WHOLE:
        return order_statistic(lines, _limited(_WHOLE[method](n, q), n))
    if method not in _FRACTIONAL:
        names = ", ".join([*_FRACTIONAL, *_WHOLE])
        raise ArgumentError(f"method={method!r}{user_line()} is not one of {names}")
    position = _FRACTIONAL[method](n, q)
    weak = q.__class__ in (int, float) and not is_traced(position)
    return _between(lines, n, float(position) if weak else position)


def _weighted_rank(lines, weights, q):
    """The first rank at which the weights so far reach the share q."""
    order = np.argsort(lines, -1)
    reached = np.take_along_axis(np.broadcast_to(weights, lines.shape), order, -1).cumsum(-1)
    reached = reached / reached[..., -1:]
    reached = np.where(reached == 0, -1, reached)  # nothing is taken before the first weight
    return np.minimum((reached < q).sum(-1), lines.shape[-1] - 1)


weighted_rank = array_row(
    "weighted_rank",
    _weighted_rank,
    None,
    shape=lambda x, weights, q: abstract(x.shape[:-1], np.intp),
    source="whole numbers: constant between jumps",
    examples=((((2, 3), np.array([1.0, 2.0, 1.0]), np.array(0.5)), {}),),
)


def _each(quantile_of, q):
    """One quantile, or as many as q has entries, along new first axes."""
    shape = shape_of(q)
    if not shape:
        return quantile_of(q)
    q = flat(q)
    found = [quantile_of(q[i]) for i in range(math.prod(shape))]
    return reshape(shaping.stack(*found, axis=0), shape + shape_of(found[0]))


def _checked(q, largest):
    """The quantiles asked for, all inside their range."""
    q = as_array(q)
    if not is_traced(q):
        q = q if isinstance(q, (int, float)) else np.asarray(q)
        if not np.all((0 <= np.asarray(q)) & (np.asarray(q) <= largest)):
            raise ValueError(f"a quantile{user_line()} lies outside of [0, {largest}]: {q}")
    return q


def _quantiles(a, q, axis, method, keepdims, weights, skip_nan):
    a = as_one(a)
    if a.dtype.kind == "c":
        raise TracingError(f"a quantile of complex numbers{user_line()}: they have no order")
    lines = _lines(a, axis)
    n = lines.shape[-1]
    if skip_nan:
        missing = comparison.isnan(lines)
        n = present(lines, (lines.ndim - 1,) if lines.ndim > 1 else None, False)
        lines = filled(lines, inf)
    if weights is None:
        result = _each(lambda one: _one_quantile(lines, n, one, method), q)
    else:
        if method != "inverted_cdf":
            raise ArgumentError(f'weights={user_line()} go with method="inverted_cdf" alone')
        w = _lines(weights_for(a, as_one(weights), axis), axis)
        w = arithmetic.where(missing, 0.0, w) if skip_nan else w
        result = _each(lambda one: order_statistic(lines, weighted_rank(lines, w, one)), q)
    if skip_nan:
        result = arithmetic.where(comparison.equal(n, 0), np.nan, result)
    return _with_axes_kept(result, a, axis, keepdims)


def _quantile_function(name, largest, skip_nan):
    def quantile(
        a: Any, q: Any, axis: Any = None, *, overwrite_input: bool = False,
        method: str = "linear", keepdims: bool = False, weights: Any = None,
    ) -> Any:  # fmt: skip
        q = _checked(q, largest)
        q = q if largest == 1 else q / largest
        return _quantiles(a, q, axis, method, keepdims, weights, skip_nan)

    quantile.__name__ = name
    return speaks(getattr(np, name))(quantile)


quantile = _quantile_function("quantile", 1, False)
percentile = _quantile_function("percentile", 100, False)
nanquantile = _quantile_function("nanquantile", 1, True)
nanpercentile = _quantile_function("nanpercentile", 100, True)


@speaks(np.nanmedian)
def nanmedian(
    a: Any, axis: Any = None, *, overwrite_input: bool = False, keepdims: bool = False
) -> Any:
    """Median of the entries that are not nan."""
    return _quantiles(a, 0.5, axis, "linear", keepdims, None, True)
