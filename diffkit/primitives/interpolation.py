"""Between given numbers: interpolation, and evenly spaced numbers."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from ..core.tracing import abstract, shape_of
from ..errors import ShapeError, user_line
from . import arithmetic, comparison, elementwise, ordering, shaping, taking
from .arguments import as_one, converted, cut, in_dtype
from .functions import as_array, broadcast_to, concatenate, expand_dims, moveaxis, reshape, speaks
from .rules import composed_row


def _interpolated(x, xp, fp, left, right):
    """np.interp in rows: on the piece that begins at or before x.

    At a knot that is the piece to its right (at the last knot, to its left); outside
    of the knots the constants `left` and `right`.
    """
    n = xp.shape[0]
    inside = shaping.getitem(fp, index=0)
    if n > 1:
        piece = arithmetic.clip(ordering.searchsorted(xp, x, "right") - 1, 0, n - 2)
        x0, f0 = taking.take(xp, piece), taking.take(fp, piece)
        x1, f1 = taking.take(xp, piece + 1), taking.take(fp, piece + 1)
        inside = f0 + elementwise.quotient(f1 - f0, x1 - x0) * (x - x0)
    below = comparison.less(x, shaping.getitem(xp, index=0))
    above = comparison.greater(x, shaping.getitem(xp, index=n - 1))
    y = arithmetic.where(below, left, arithmetic.where(above, right, inside))
    wide = np.dtype(complex if y.dtype.kind == "c" else float)
    return y if y.dtype == wide else elementwise.astype(y, dtype=wide)


def _interp_objects(scalar, x, xp, fp, left, right):
    try:
        return np.frompyfunc(lambda t: _interp_number(t, xp, fp, left, right), 1, 1)(x)
    except TypeError:
        return _interp_symbols(scalar, x, xp, fp, left, right)


def _interp_number(t, xp, fp, left, right):
    """Over numbers, which can be compared."""
    if t < xp[0] or t > xp[-1]:
        return left if t < xp[0] else right
    j = max(i for i in range(max(len(xp) - 1, 1)) if xp[i] <= t)
    if len(xp) == 1 or xp[j] == xp[j + 1]:
        return fp[j]
    return fp[j] + (fp[j + 1] - fp[j]) / (xp[j + 1] - xp[j]) * (t - xp[j])


def _interp_symbols(scalar, x, xp, fp, left, right):
    """Over symbols: how far x has come on each piece, times its slope."""
    low, high, beyond = scalar("maximum"), scalar("minimum"), scalar("step")
    y = fp[0] + (left - fp[0]) * beyond(xp[0], x) + (right - fp[-1]) * beyond(x, xp[-1])
    for i in range(len(xp) - 1):
        slope = (fp[i + 1] - fp[i]) / (xp[i + 1] - xp[i])
        y = y + slope * (high(low(x, xp[i]), xp[i + 1]) - xp[i])
    return y


_interp = composed_row(
    "interp",
    np.interp,
    _interpolated,
    shape=lambda x, xp, fp, left, right: abstract(
        x.shape, complex if "c" in (fp.dtype.kind, left.dtype.kind, right.dtype.kind) else float
    ),
    kinks="the knots, where it takes the slope of the piece to the right",
    objects=_interp_objects,
    source="the slope of the piece; each value there has its barycentric weight",
    examples=(
        (((3,), np.array([-2.0, 0.0, 2.0]), (3,), (), ()), {}),
        (((2, 2), np.array([-1.0, 0.0, 1.0]), (3,), (), ()), {}),
        (((), np.array([-2.0, 2.0]), (2,), (), ()), {}),
    ),
)


@speaks(np.interp)
def interp(
    x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None, period: Any = None
) -> Any:
    """Interpolate linearly between the points (xp, fp)."""
    x, xp, fp = as_one(x), as_one(xp), as_one(fp)
    if xp.ndim != 1 or fp.shape != xp.shape or not xp.size:
        raise ShapeError(
            f"np.interp{user_line()}: xp of shape {xp.shape} and fp of shape {fp.shape}; "
            "both are vectors of the same length"
        )
    if period is not None:
        x, xp, fp = _periodic(x, xp, fp, elementwise.absolute(period))
        left = right = None
    left = shaping.getitem(fp, index=0) if left is None else as_array(left)
    right = shaping.getitem(fp, index=fp.size - 1) if right is None else as_array(right)
    return _interp(x, xp, fp, left, right)


def _periodic(x, xp, fp, period):
    """Knots brought into one period, in order, and one more at each side."""
    x, xp = arithmetic.remainder(x, period), arithmetic.remainder(xp, period)
    order = ordering.argsort(xp)
    xp, fp = taking.take(xp, order), taking.take(fp, order)
    around = [cut(xp, 0, -1, None) - period, xp, cut(xp, 0, 0, 1) + period]
    return x, concatenate(around), concatenate([cut(fp, 0, -1, None), fp, cut(fp, 0, 0, 1)])


# -- evenly spaced numbers ---------------------------------------------------------------


@speaks(np.linspace)
def linspace(
    start: Any, stop: Any, num: int = 50, endpoint: bool = True, retstep: bool = False,
    dtype: Any = None, axis: int = 0,
) -> Any:  # fmt: skip
    """Evenly spaced numbers between start and stop, which may be arrays."""
    start, stop, num = as_array(start), as_array(stop), operator.index(num)
    delta = stop - start
    kind = delta.dtype if delta.dtype.kind in "fc" else np.dtype(float)
    parts = num - 1 if endpoint else num
    counts = np.arange(num, dtype=kind).reshape((-1,) + (1,) * delta.ndim)
    step = delta / parts if parts > 0 else delta * np.nan
    y = counts * (step if parts > 0 else delta) + start
    if endpoint and num > 1:
        last = broadcast_to(expand_dims(as_one(stop), 0), (1, *y.shape[1:]))
        y = concatenate(
            [cut(y, 0, None, -1), last if last.dtype == y.dtype else converted(last, y)]
        )
    y = in_dtype(y if axis == 0 else moveaxis(y, 0, axis), dtype)
    return (y, step) if retstep else y


@speaks(np.logspace)
def logspace(
    start: Any, stop: Any, num: int = 50, endpoint: bool = True, base: Any = 10.0,
    dtype: Any = None, axis: int = 0,
) -> Any:  # fmt: skip
    """Powers of the base with evenly spaced exponents."""
    base = as_array(base)
    if shape_of(base):
        ends = as_one(start), as_one(stop), base
        ndim = max(x.ndim for x in ends)
        start, stop, base = (reshape(x, (1,) * (ndim - x.ndim) + x.shape) for x in ends)
        base = expand_dims(base, axis)
    exponents = linspace(start, stop, num, endpoint, axis=axis)
    return in_dtype(arithmetic.power(base, exponents), dtype)


@speaks(np.geomspace)
def geomspace(
    start: Any, stop: Any, num: int = 50, endpoint: bool = True, dtype: Any = None, axis: int = 0
) -> Any:
    """Numbers with evenly spaced logarithms between start and stop."""
    start, stop = as_one(start), as_one(stop)
    wide = np.result_type(start.dtype, stop.dtype, float)  # as NumPy: never less than float64
    start, stop = in_dtype(start, wide), in_dtype(stop, wide)
    side = start / elementwise.absolute(start) if wide.kind == "c" else elementwise.sign(start)
    ends = [elementwise.log10(start / side), elementwise.log10(stop / side)]
    y = logspace(*ends, num, endpoint) * side
    parts = [_end(start, y), cut(y, 0, 1, None)]
    if endpoint and num > 1:
        parts = [parts[0], cut(y, 0, 1, -1), _end(stop, y)]
    y = shaping.concatenate(*parts, axis=0) if num > 0 else y
    return in_dtype(y if axis == 0 else moveaxis(y, 0, axis), dtype)


def _end(x, y):
    """The first or last number as it was given, in the shape of one slice of y."""
    x = broadcast_to(expand_dims(x, 0), (1, *y.shape[1:]))
    return x if x.dtype == y.dtype else converted(x, y)
