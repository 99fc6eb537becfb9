"""Running sums, products and extrema.

The rows are these, and the linear recurrence, which is the derivative of a running
product and closed under differentiation.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import ShapeError, user_line
from . import arithmetic, comparison, shaping
from .arguments import as_one, cut, flat, in_dtype
from .functions import atleast_1d, one_axis, speaks
from .rules import array_row

# -- running sums --------------------------------------------------------------------


def _running_form(name):
    """Print cumsum(x, axis=1), and whether it runs from the end."""

    def form(names, params):
        said = [*names, f"axis={params['axis']}"]
        return f"{name}({', '.join(said + ['reverse=True'] * params['reverse'])})"

    return form


def _cumsum(x, *, axis, reverse):
    if not reverse:
        return np.cumsum(x, axis)
    return np.flip(np.cumsum(np.flip(x, axis), axis), axis)


_BOTH_WAYS = (
    ((3,), {"axis": 0, "reverse": False}),
    ((2, 3), {"axis": 1, "reverse": True}),
    ((2, 3), {"axis": 0, "reverse": False}),
)

_running_sum = array_row(
    "cumsum",
    _cumsum,
    [lambda bar, y, x, *, axis, reverse: _running_sum(bar, axis=axis, reverse=not reverse)],
    "linear",
    form=_running_form("cumsum"),
    source="linear: x_i stands in every later sum, so the transpose sums from the end",
    examples=_BOTH_WAYS,
)


# -- running products ----------------------------------------------------------------


def _recurrence(a, b, *, axis, reverse):
    """y_i = a_i y_(i-1) + b_i along the axis, from y = 0 before it."""
    a, b = (np.moveaxis(np.asarray(v), axis, 0) for v in np.broadcast_arrays(a, b))
    y = np.empty(a.shape, np.result_type(a, b))
    steps = range(len(y))
    last = np.zeros(y.shape[1:], y.dtype)
    if y.ndim == 1 and y.dtype in (np.float64, np.complex128):
        last, a, b = 0.0, a.tolist(), b.tolist()  # ten times as fast as NumPy's scalars
    for i in reversed(steps) if reverse else steps:
        last = y[i] = a[i] * last + b[i]
    return np.moveaxis(y, 0, axis)


def _shifted(x, axis, by, fill=0.0):
    """x_(i-by), and `fill` where there is none."""
    n = x.shape[axis]
    edge = np.full([min(n, 1) if i == axis else m for i, m in enumerate(x.shape)], fill, x.dtype)
    if by > 0:
        return shaping.concatenate(edge, cut(x, axis, 0, max(n - 1, 0)), axis=axis)
    return shaping.concatenate(cut(x, axis, 1, None), edge, axis=axis)


def _recurrence_vjp_b(bar, y, a, b, *, axis, reverse):
    """What arrives at y_i, and a_(i+1) times what arrives at y_(i+1)."""
    following = _shifted(a, axis, 1 if reverse else -1)
    return recurrence(following, bar, axis=axis, reverse=not reverse)


def _recurrence_vjp_a(bar, y, a, b, *, axis, reverse):
    b_bar = _recurrence_vjp_b(bar, y, a, b, axis=axis, reverse=reverse)
    return b_bar * _shifted(y, axis, -1 if reverse else 1)


def _recurrence_jvp(dots, y, a, b, *, axis, reverse):
    a_dot, b_dot = dots
    moved = 0.0 if a_dot is None else a_dot * _shifted(y, axis, -1 if reverse else 1)
    moved = moved if b_dot is None else moved + b_dot
    return recurrence(a, moved, axis=axis, reverse=reverse)


recurrence = array_row(
    "recurrence",
    _recurrence,
    [_recurrence_vjp_a, _recurrence_vjp_b],
    _recurrence_jvp,
    form=_running_form("recurrence"),
    shape=lambda a, b, axis, reverse: b.shape,
    source="the transpose of a linear recurrence runs from the end: Griewank & Walther, section 3.2",
    examples=tuple(((shape, shape), params) for shape, params in _BOTH_WAYS),
)


def _cumprod_vjp(bar, y, x, *, axis, reverse):
    """x_i meets the product before it and, for each later y_j, the factors in between."""
    side = 1 if reverse else -1
    later = recurrence(_shifted(x, axis, side), bar, axis=axis, reverse=not reverse)
    return later * _shifted(y, axis, -side, 1.0)


def _cumprod_jvp(dots, y, x, *, axis, reverse):
    before = _shifted(y, axis, -1 if reverse else 1, 1.0)
    return recurrence(x, dots[0] * before, axis=axis, reverse=reverse)


def _cumprod(x, *, axis, reverse):
    if not reverse:
        return np.cumprod(x, axis)
    return np.flip(np.cumprod(np.flip(x, axis), axis), axis)


_running_product = array_row(
    "cumprod",
    _cumprod,
    [_cumprod_vjp],
    _cumprod_jvp,
    form=_running_form("cumprod"),
    source="product rule, exact at zeros: y_i' = x_i y_(i-1)' + x_i' y_(i-1)",
    examples=_BOTH_WAYS,
)


# -- running extrema -----------------------------------------------------------------


def _stretches(y, x, axis):
    """Where x attains the running extremum y, how often so far, and where y goes on as it was."""
    attained = arithmetic.where(comparison.equal(x, y), 1.0, 0.0)
    same = arithmetic.where(comparison.equal(y, _shifted(y, axis, 1, np.nan)), 1.0, 0.0)
    return attained, recurrence(same, attained, axis=axis, reverse=False), same


def _running_extremum_vjp(bar, y, x, *, axis):
    """Every entry tied for an extremum has an equal share of what arrives at it."""
    attained, count, same = _stretches(y, x, axis)
    later = _shifted(same, axis, -1)
    return attained * recurrence(later, bar / count, axis=axis, reverse=True)


def _running_extremum_jvp(dots, y, x, *, axis):
    attained, count, same = _stretches(y, x, axis)
    return recurrence(same, attained * dots[0], axis=axis, reverse=False) / count


def _running_extremum(name, ufunc, pairwise):
    extremum = array_row(
        name,
        lambda x, *, axis: ufunc.accumulate(x, axis),
        [_running_extremum_vjp],
        _running_extremum_jvp,
        shape=lambda x, axis: x.shape,
        kinks="ties, where the extremum is shared",
        objects=lambda scalar, x, *, axis: scalar(pairwise).accumulate(x, axis),
        source="the entries that attain it so far; tied entries share equally",
        examples=(((3,), {"axis": 0}), ((2, 3), {"axis": 1}), ((2, 3), {"axis": 0})),
    )

    def accumulate(array: Any, axis: int = 0) -> Any:
        array = as_one(array)
        return extremum(array, axis=one_axis(axis, array.ndim))

    return speaks(ufunc.accumulate)(accumulate)


running_max = _running_extremum("running_max", np.maximum, "maximum")
running_min = _running_extremum("running_min", np.minimum, "minimum")


# -- NumPy's functions ---------------------------------------------------------------


def _running(running_row):
    def accumulate(a: Any, axis: int | None = None, dtype: Any = None) -> Any:
        a = in_dtype(as_one(a), dtype)
        a, axis = (flat(a), 0) if axis is None else (a, one_axis(axis, a.ndim))
        return running_row(a, axis=axis, reverse=False)

    accumulate.__name__ = running_row.name
    return accumulate


cumsum = speaks(np.cumsum)(_running(_running_sum))
cumprod = speaks(np.cumprod)(_running(_running_product))


def _cumulative(name, running, first):
    def cumulative(
        x: Any, /, *, axis: int | None = None, dtype: Any = None, include_initial: bool = False
    ) -> Any:
        x = atleast_1d(as_one(x))
        if axis is None and x.ndim > 1:
            raise ShapeError(f"np.{name} of {x.ndim} dimensions{user_line()} needs axis=")
        axis = 0 if axis is None else one_axis(axis, x.ndim)
        total = running(x, axis, dtype)
        if not include_initial:
            return total
        edge = [1 if i == axis else n for i, n in enumerate(total.shape)]
        return shaping.concatenate(np.full(edge, first, total.dtype), total, axis=axis)

    cumulative.__name__ = name
    return cumulative


cumulative_sum = _cumulative("cumulative_sum", cumsum, 0)
cumulative_prod = _cumulative("cumulative_prod", cumprod, 1)
if hasattr(np, "cumulative_sum"):  # NumPy 2.1
    speaks(np.cumulative_sum)(cumulative_sum)
    speaks(np.cumulative_prod)(cumulative_prod)
