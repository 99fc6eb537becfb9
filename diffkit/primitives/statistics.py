"""Variance, averages, covariances.

All composed, on top of a square root that answers 0 for the slope of a deviation of 0.
"""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Callable
from math import inf
from typing import Any

import numpy as np

from ..core.tracing import abstract, is_traced
from ..errors import ArgumentError, ShapeError, user_line
from . import arithmetic, contraction, elementwise, functions, reductions, shaping
from .arguments import as_one, in_dtype
from .functions import as_array, broadcast_to, concatenate, reshape, some_axes, speaks, transpose
from .partly import counted
from .rules import array_row, row

# -- variance --------------------------------------------------------------------------

# fmt: off
root = row("root", np.sqrt, [lambda y, x: elementwise.quotient(0.5, y)], "sqrt", domain=(0, inf),
           source="DLMF 4.7.12; 0 at 0, where a deviation has its kink")
# fmt: on


def squared(d):
    """|d|**2, real also where d is complex."""
    if d.dtype.kind != "c":
        return elementwise.square(d)
    return elementwise.real(d * elementwise.conjugate(d))


def count_of(x, axes):
    return math.prod(x.shape if axes is None else [x.shape[i] for i in axes])


def lost(ddof, correction):
    """Degrees of freedom that are used up; the array API calls them a correction."""
    if correction is None:
        return ddof
    if ddof:
        raise ArgumentError(f"give ddof= or correction={user_line()}, not both")
    return correction


def _variance(x, *, axis, keepdims, ddof):
    apart = x - np.add.reduce(x, axis=axis, keepdims=True) / count_of(x, axis)
    squares = (apart * apart.conj()).real if x.dtype.kind == "c" else apart * apart
    total = np.add.reduce(squares, axis=axis, keepdims=keepdims)
    return total / _freedom_of(x, axis, ddof, total.dtype)


def _freedom_of(x, axis, ddof, dtype):
    """Entries less the degrees of freedom; NumPy's 0 where none is left: nan or inf."""
    return max(count_of(x, axis) - ddof, 0) or np.zeros((), dtype)[()]


def _variance_slope(x, axis, ddof):
    """How the mean moves does not matter: the distances from it add up to 0."""
    apart = x - reductions.mean(x, axis=axis, keepdims=True)
    real = np.empty(0, x.dtype).real.dtype
    return elementwise.conjugated(apart) * (2 / _freedom_of(x, axis, ddof, real))


def _variance_jvp(dots, y, x, *, axis, keepdims, ddof):
    moved = dots[0] * _variance_slope(x, axis, ddof)
    return reductions.sum_(moved, axis=axis, keepdims=keepdims)


def _variance_objects(scalar, x, *, axis, keepdims, ddof):
    apart = x - np.add.reduce(x, axis=axis, keepdims=True) / count_of(x, axis)
    total = np.add.reduce(apart * np.conjugate(apart), axis=axis, keepdims=keepdims)
    return total / (count_of(x, axis) - ddof)


variance = array_row(
    "var",
    _variance,
    [
        lambda bar, y, x, *, axis, keepdims, ddof: (
            reductions.spread_factor(bar, x, axis) * _variance_slope(x, axis, ddof)
        )
    ],
    _variance_jvp,
    shape=lambda x, axis, keepdims, ddof: abstract(
        reductions.reduced_shape(x.shape, axis, keepdims), np.empty(0, x.dtype).real.dtype
    ),
    objects=_variance_objects,
    source="2 (x - mean)/n",
    examples=(
        ((3,), {"axis": None, "keepdims": False, "ddof": 0}),
        ((2, 3), {"axis": (1,), "keepdims": True, "ddof": 1}),
        ((2, 3), {"axis": (0,), "keepdims": False, "ddof": 0}),
    ),
)


@speaks(np.var)
def var(
    a: Any, axis: Any = None, dtype: Any = None, *, ddof: Any = 0, keepdims: bool = False,
    mean: Any = None, correction: Any = None, where: Any = True,
) -> Any:  # fmt: skip
    """Mean square of the distances from the mean."""
    a = in_dtype(as_one(a), dtype)
    axes = some_axes(axis, a.ndim)
    lost_ = lost(ddof, correction)
    if where is not True:
        return _variance_of_some(a, axes, bool(keepdims), mean, lost_, where)
    if mean is None and not is_traced(lost_) and a.dtype.kind in "fc":
        return variance(a, axis=axes, keepdims=bool(keepdims), ddof=lost_)
    if mean is None:
        mean = reductions.mean(a, axis=axes, keepdims=True)
    total = reductions.sum_(squared(a - as_array(mean)), axis=axes, keepdims=bool(keepdims))
    freedom = count_of(a, axes) - lost_
    if not is_traced(freedom) and freedom <= 0:
        freedom = np.zeros((), total.dtype)[()]  # NumPy's 0: nan or inf, and a warning
    return total / freedom


def _variance_of_some(a, axes, keepdims, mean, lost_, where):
    """Mean square of the distances from the mean, of the entries that a mask chooses."""
    if mean is None:
        mean = functions.mean(a, axis=axes, keepdims=True, where=where)
    squares = squared(a - as_array(mean))
    freedom = counted(a, axes, keepdims, where) - lost_
    # NumPy's 0 where no entry is left: nan or inf, and a warning.
    freedom = arithmetic.maximum(freedom, 0)
    return functions.sum_(squares, axis=axes, keepdims=keepdims, where=where) / freedom


def rooted(variance: Callable) -> Callable:
    """Root of the variance; where all entries are equal its gradient is 0."""

    @functools.wraps(variance)  # for its signature
    def deviation(*args: Any, **options: Any) -> Any:
        return root(variance(*args, **options))

    return deviation


std = speaks(np.std)(rooted(var))


def reduce_along(primitive, a, axis, keepdims):
    return primitive(a, axis=some_axes(axis, a.ndim), keepdims=bool(keepdims))


@speaks(np.ptp)
def ptp(a: Any, axis: Any = None, *, keepdims: bool = False) -> Any:
    """Largest entry less the smallest."""
    a = as_one(a)
    return reduce_along(reductions.max_, a, axis, keepdims) - reduce_along(
        reductions.min_, a, axis, keepdims
    )


# -- averages ----------------------------------------------------------------------------


def weights_for(a, weights, axis):
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
        total = np.full(mean.shape, count_of(a, axes), mean.dtype)[()]
        return (mean, total) if returned else mean
    weights = weights_for(a, as_one(weights), axis)
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
