"""Statistics: variance, quantiles, covariances, histograms, and their kin that skip nan.

All of it is composed, on top of two rows that are made here: a square root that
answers 0 for the slope of a deviation of 0, and the k-th smallest entry of a line.
"""

from __future__ import annotations

import functools
import itertools
import math
import operator
from collections.abc import Callable
from math import inf
from typing import Any

import numpy as np

from ..core.tracing import abstract, is_traced, shape_of
from ..errors import ArgumentError, ShapeError, SymbolicError, TracingError, user_line
from . import arithmetic, comparison, contraction, elementwise, ordering, reductions, shaping
from .calculus import cumprod, cumsum, diff, flat, in_dtype, linspace
from .functions import (
    as_array,
    axes_of,
    broadcast_to,
    concatenate,
    reshape,
    some_axes,
    speaks,
    transpose,
)
from .moving import as_one
from .reductions import _extremum, _shares, _spread
from .rules import PRIMITIVES, array_row, row

# -- variance --------------------------------------------------------------------------

# fmt: off
root = row("root", np.sqrt, [lambda y, x: elementwise.quotient(0.5, y)], "sqrt", domain=(0, inf),
           source="DLMF 4.7.12; 0 at 0, where a deviation has its kink")
# fmt: on


def _squared(d):
    """|d|**2, real also where d is complex."""
    if d.dtype.kind != "c":
        return elementwise.square(d)
    return elementwise.real(d * elementwise.conjugate(d))


def _count(x, axes):
    return math.prod(x.shape if axes is None else [x.shape[i] for i in axes])


def _lost(ddof, correction):
    """Degrees of freedom that are used up; the array API calls them a correction."""
    if correction is None:
        return ddof
    if ddof:
        raise ArgumentError(f"give ddof= or correction={user_line()}, not both")
    return correction


@speaks(np.var)
def var(
    a: Any, axis: Any = None, dtype: Any = None, *, ddof: Any = 0, keepdims: bool = False,
    mean: Any = None, correction: Any = None,
) -> Any:  # fmt: skip
    """Mean square of the distances from the mean."""
    a = in_dtype(as_one(a), dtype)
    axes = some_axes(axis, a.ndim)
    if mean is None:
        mean = reductions.mean(a, axis=axes, keepdims=True)
    total = reductions.sum_(_squared(a - as_array(mean)), axis=axes, keepdims=bool(keepdims))
    freedom = _count(a, axes) - _lost(ddof, correction)
    if not is_traced(freedom) and freedom <= 0:
        freedom = np.zeros((), total.dtype)[()]  # NumPy's 0: nan or inf, and a warning
    return total / freedom


def _rooted(variance: Callable) -> Callable:
    """Root of the variance; where all entries are equal its gradient is 0."""

    @functools.wraps(variance)  # for its signature
    def deviation(*args: Any, **options: Any) -> Any:
        return root(variance(*args, **options))

    return deviation


std = speaks(np.std)(_rooted(var))


# -- skipping nan ----------------------------------------------------------------------


def _filled(a, fill):
    """Put a number in the place of nan, which cannot be in an array of whole numbers."""
    a = as_one(a)
    return arithmetic.where(comparison.isnan(a), fill, a) if a.dtype.kind in "fc" else a


def _reduce(primitive, a, axis, keepdims):
    return primitive(a, axis=some_axes(axis, a.ndim), keepdims=bool(keepdims))


def _reducing_others(primitive, fill):
    def reduce(a: Any, axis: Any = None, dtype: Any = None, *, keepdims: bool = False) -> Any:
        a = in_dtype(as_one(a), dtype)
        return _reduce(primitive, _filled(a, fill), axis, keepdims)

    return reduce


def _running_over_others(running, fill):
    def accumulate(a: Any, axis: int | None = None, dtype: Any = None) -> Any:
        return running(_filled(a, fill), axis, dtype)

    return accumulate


nansum = speaks(np.nansum)(_reducing_others(reductions.sum_, 0.0))
nanprod = speaks(np.nanprod)(_reducing_others(reductions.prod, 1.0))
nancumsum = speaks(np.nancumsum)(_running_over_others(cumsum, 0.0))
nancumprod = speaks(np.nancumprod)(_running_over_others(cumprod, 1.0))

_nanmax = _extremum("nanmax", np.fmax, "fmax")
_nanmin = _extremum("nanmin", np.fmin, "fmin")


@speaks(np.nanmax)
def nanmax(a: Any, axis: Any = None, *, keepdims: bool = False) -> Any:
    """Largest entry that is not nan, its cotangent shared among ties."""
    return _reduce(_nanmax, as_one(a), axis, keepdims)


@speaks(np.nanmin)
def nanmin(a: Any, axis: Any = None, *, keepdims: bool = False) -> Any:
    """Smallest entry that is not nan, its cotangent shared among ties."""
    return _reduce(_nanmin, as_one(a), axis, keepdims)


def _present(a, axes, keepdims):
    """How many entries are not nan, as a number of the dtype of |a|."""
    ones = arithmetic.where(comparison.isnan(a), 0.0, 1.0)
    count = reductions.sum_(ones, axis=axes, keepdims=keepdims)
    dtype = np.empty(0, a.dtype).real.dtype
    return count if dtype.kind != "f" or count.dtype == dtype else in_dtype(count, dtype)


@speaks(np.nanmean)
def nanmean(a: Any, axis: Any = None, dtype: Any = None, *, keepdims: bool = False) -> Any:
    """Mean of the entries that are not nan."""
    a = in_dtype(as_one(a), dtype)
    axes = some_axes(axis, a.ndim)
    total = reductions.sum_(_filled(a, 0.0), axis=axes, keepdims=bool(keepdims))
    return total / _present(a, axes, bool(keepdims))


@speaks(np.nanvar)
def nanvar(
    a: Any, axis: Any = None, dtype: Any = None, *, ddof: Any = 0, keepdims: bool = False,
    mean: Any = None, correction: Any = None,
) -> Any:  # fmt: skip
    """Variance of the entries that are not nan; nan where there are not enough of them."""
    a, keepdims = in_dtype(as_one(a), dtype), bool(keepdims)
    axes = some_axes(axis, a.ndim)
    mean = nanmean(a, axis, keepdims=True) if mean is None else as_array(mean)
    apart = arithmetic.where(comparison.isnan(a), 0.0, a - mean)
    total = reductions.sum_(_squared(apart), axis=axes, keepdims=keepdims)
    freedom = _present(a, axes, keepdims) - _lost(ddof, correction)
    return total / arithmetic.where(comparison.greater(freedom, 0), freedom, np.nan)


nanstd = speaks(np.nanstd)(_rooted(nanvar))


@speaks(np.ptp)
def ptp(a: Any, axis: Any = None, *, keepdims: bool = False) -> Any:
    """Largest entry less the smallest."""
    a = as_one(a)
    return _reduce(reductions.max_, a, axis, keepdims) - _reduce(reductions.min_, a, axis, keepdims)


# -- order statistics --------------------------------------------------------------------


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
    return reductions.sum_(dots[0] * _shares(y, x, (axis,)), axis=(axis,), keepdims=False)


order_statistic = array_row(
    "order_statistic",
    _order_statistic,
    [lambda bar, y, x, rank: _spread(bar, x, (x.ndim - 1,)) * _shares(y, x, (x.ndim - 1,)), None],
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
    shape = (*[a.shape[i] for i in free], _count(a, axes))
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
        n = _present(lines, (lines.ndim - 1,) if lines.ndim > 1 else None, False)
        lines = _filled(lines, inf)
    if weights is None:
        result = _each(lambda one: _one_quantile(lines, n, one, method), q)
    else:
        if method != "inverted_cdf":
            raise ArgumentError(f'weights={user_line()} go with method="inverted_cdf" alone')
        w = _lines(_weights_for(a, as_one(weights), axis), axis)
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


# -- averages ----------------------------------------------------------------------------


def _weights_for(a, weights, axis):
    """Weights in a shape that goes with a: one for each entry, or for each along axes."""
    if weights.shape == a.shape:
        return weights
    axes = axis if isinstance(axis, tuple) else (axis,)
    places = None if axis is None else [operator.index(i) % a.ndim for i in axes]
    if places is None or weights.shape != tuple(a.shape[i] for i in places):
        raise ShapeError(
            f"weights of shape {weights.shape} for an array of shape {a.shape}{user_line()}; "
            "one for each entry, or for each along axis="
        )
    order = tuple(int(i) for i in np.argsort(places))
    weights = transpose(weights, order) if weights.ndim > 1 else weights
    return broadcast_to(
        reshape(weights, tuple(n if i in places else 1 for i, n in enumerate(a.shape))), a.shape
    )


@speaks(np.average)
def average(
    a: Any, axis: Any = None, weights: Any = None, returned: bool = False, *,
    keepdims: bool = False,
) -> Any:  # fmt: skip
    """Weighted mean; with `returned` also the sum of the weights."""
    a, keepdims = as_one(a), bool(keepdims)
    axes = some_axes(axis, a.ndim)
    if weights is None:
        mean = reductions.mean(a, axis=axes, keepdims=keepdims)
        total = np.full(mean.shape, _count(a, axes), mean.dtype)[()]
        return (mean, total) if returned else mean
    weights = _weights_for(a, as_one(weights), axis)
    whole = () if a.dtype.kind in "fc" else (np.float64,)
    weights = in_dtype(weights, np.result_type(a.dtype, weights.dtype, *whole))
    total = reductions.sum_(weights, axis=axes, keepdims=keepdims)
    if not is_traced(total) and np.any(total == 0):
        raise ZeroDivisionError(f"the weights of np.average{user_line()} add up to 0")
    mean = reductions.sum_(a * weights, axis=axes, keepdims=keepdims) / total
    return (mean, total) if returned else mean


@speaks(np.cov)
def cov(
    m: Any, y: Any = None, rowvar: bool = True, bias: bool = False, ddof: int | None = None,
    fweights: Any = None, aweights: Any = None, *, dtype: Any = None,
) -> Any:  # fmt: skip
    """Covariances of variables, one a row."""
    x = _variables(m, y, rowvar, dtype)
    n = x.shape[1]
    ddof = (0 if bias else 1) if ddof is None else operator.index(ddof)
    counts, importance = (None if w is None else _in_float(w) for w in (fweights, aweights))
    weights = (
        counts if importance is None else importance if counts is None else counts * importance
    )
    mean, total = average(x, 1, weights, True)
    freedom = n - ddof if weights is None else _freedom(weights, importance, total[0], ddof)
    if not is_traced(freedom) and freedom <= 0:
        freedom = 0.0
    apart = x - reshape(mean, (-1, 1))
    weighted = apart if weights is None else apart * weights
    turned = elementwise.conjugated(shaping.transpose(weighted, axes=(1, 0)))
    found = contraction.matmul(apart, turned) / freedom
    if 1 not in found.shape:
        return found
    return reshape(found, tuple(k for k in found.shape if k != 1))


def _in_float(weights):
    return in_dtype(as_one(weights), float)


def _variables(m, y, rowvar, dtype):
    """All variables as the rows of one matrix of at least float64, as np.cov has it."""
    parts = [as_one(v) for v in (m, y) if v is not None]
    if any(v.ndim > 2 for v in parts):
        raise ShapeError(f"np.cov{user_line()} takes vectors and matrices")
    dtype = np.result_type(*[v.dtype for v in parts], np.float64) if dtype is None else dtype
    rows = []
    for i, v in enumerate(parts):
        v = in_dtype(reshape(v, (1, -1)) if v.ndim < 2 else v, dtype)
        flips = not rowvar and (parts[0].ndim != 1 if i == 0 else v.shape[0] != 1)
        rows.append(shaping.transpose(v, axes=(1, 0)) if flips else v)
    return rows[0] if len(rows) == 1 else concatenate(rows, 0)


def _freedom(weights, importance, total, ddof):
    """What the sum of weighted squares is divided by."""
    if ddof == 0 or importance is None:
        return total - ddof if ddof else total
    used = reductions.sum_(weights * importance, axis=None, keepdims=False)
    return total - ddof * used / total


@speaks(np.corrcoef)
def corrcoef(x: Any, y: Any = None, rowvar: bool = True, *, dtype: Any = None) -> Any:
    """Correlations of variables, one a row."""
    c = cov(x, y, rowvar, dtype=dtype)
    if not c.ndim:
        return c / c
    places = np.arange(c.shape[0])
    scale = elementwise.sqrt(elementwise.real(shaping.getitem(c, index=(places, places))))
    c = c / reshape(scale, (-1, 1)) / reshape(scale, (1, -1))
    if c.dtype.kind != "c":
        return arithmetic.clip(c, -1, 1)
    parts = [arithmetic.clip(part(c), -1, 1) for part in (elementwise.real, elementwise.imag)]
    return parts[0] + 1j * parts[1]


# -- histograms --------------------------------------------------------------------------


@speaks(np.histogram_bin_edges)
def histogram_bin_edges(a: Any, bins: Any = 10, range: Any = None, weights: Any = None) -> Any:
    """The edges that np.histogram uses."""
    a, bins = flat(as_one(a)), as_array(bins)
    if isinstance(bins, str):
        if is_traced(a):
            raise TracingError(
                f"bins={bins!r} of a traced value{user_line()}: how many there are depends on "
                "values; give a number of bins, or their edges"
            )
        return np.histogram_bin_edges(a, bins, range)
    if shape_of(bins):
        return as_one(bins)
    if range is None:
        low, high = (
            extremum(a, axis=None, keepdims=False)
            for extremum in (reductions.min_, reductions.max_)
        )
    else:
        low, high = as_one(range[0]) + 0.0, as_one(range[1]) + 0.0
    same = comparison.equal(low, high)
    low, high = (arithmetic.where(same, end + by, end) for end, by in ((low, -0.5), (high, 0.5)))
    return linspace(low, high, operator.index(bins) + 1)


@speaks(np.histogram)
def histogram(
    a: Any, bins: Any = 10, range: Any = None, density: bool | None = None, weights: Any = None
) -> tuple:
    """Counts, or sums of weights, in bins; only weights and edges have derivatives."""
    edges = histogram_bin_edges(a, bins, range)
    a, n = flat(as_one(a)), edges.shape[0] - 1
    inside = comparison.logical_and(
        comparison.greater_equal(a, edges[0]), comparison.less_equal(a, edges[n])
    )
    bin_of = arithmetic.clip(ordering.searchsorted(edges, a, "right") - 1, 0, n - 1)
    each = arithmetic.where(inside, 1 if weights is None else flat(as_one(weights)), 0)
    counts = PRIMITIVES["scatter_take"](each, bin_of, shape=(n,), axis=0)
    if density:
        counts = counts / diff(edges) / reductions.sum_(counts, axis=None, keepdims=False)
    return counts, edges


def _refused(name: str) -> Callable:
    def refuse(*args: Any, **kwargs: Any) -> Any:
        raise TracingError(
            f"np.{name} of a traced value{user_line()}: counts are whole numbers without a "
            "derivative. For traced weights at plain points number the cells yourself: "
            "np.bincount(np.ravel_multi_index(cells, shape), weights).reshape(shape)"
        )

    refuse.__name__ = name
    return speaks(getattr(np, name))(refuse)


histogram2d = _refused("histogram2d")
histogramdd = _refused("histogramdd")
