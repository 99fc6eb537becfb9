"""Running sums and products, differences, integrals, convolutions, polynomials.

Nearly all of it is composed. Rows are the running sum, the linear recurrence (which is
the derivative of a running product, and closed under differentiation), convolution,
and interpolation.
"""

from __future__ import annotations

import operator
from math import pi
from typing import Any

import numpy as np

from ..core.tracing import abstract, is_traced, shape_of
from ..errors import MissingRule, ShapeError, TracingError, user_line
from . import (
    arithmetic,
    comparison,
    contraction,
    elementwise,
    ordering,
    reductions,
    shaping,
)
from .functions import (
    FUNCTIONS,
    as_array,
    atleast_1d,
    broadcast_to,
    concatenate,
    expand_dims,
    moveaxis,
    one_axis,
    ravel,
    reshape,
    speaks,
)
from .moving import as_one, flip
from .rules import array_row, composed_row, row

_ALL = slice(None)


def _cut(x, axis, start=None, stop=None, step=None):
    """x[:, ..., start:stop:step] along this axis."""
    return shaping.getitem(x, index=(_ALL,) * axis + (slice(start, stop, step),))


def in_dtype(x: Any, dtype: Any) -> Any:
    """Convert to a floating dtype, where one is asked for."""
    if dtype is None or x.dtype == np.dtype(dtype):
        return x
    if np.dtype(dtype).kind not in "fc":
        raise TracingError(
            f"dtype={np.dtype(dtype)} of a traced value{user_line()} would cut off fractions; "
            "use a floating dtype"
        )
    return elementwise.astype(x, dtype=np.dtype(dtype))


def flat(x: Any) -> Any:
    """Flatten; a vector stays as it is, without a step."""
    return x if x.ndim == 1 else ravel(x)


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
        return shaping.concatenate(edge, _cut(x, axis, 0, max(n - 1, 0)), axis=axis)
    return shaping.concatenate(_cut(x, axis, 1, None), edge, axis=axis)


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


# -- differences -----------------------------------------------------------------------


def _edge(value, a, axis):
    """A scalar to put before or after is repeated over the other axes."""
    value = as_one(value)
    if value.ndim:
        return value
    return broadcast_to(value, tuple(1 if i == axis else n for i, n in enumerate(a.shape)))


@speaks(np.diff)
def diff(a: Any, n: int = 1, axis: int = -1, prepend: Any = None, append: Any = None) -> Any:
    """n-th differences of neighbours."""
    a, n = as_one(a), operator.index(n)
    if n < 0 or not a.ndim:
        raise ShapeError(f"np.diff(n={n}) of {a.ndim} dimensions{user_line()}: n >= 0, 1 or more")
    axis = one_axis(axis, a.ndim)
    if n and (prepend is not None or append is not None):
        edges = [None if e is None else _edge(e, a, axis) for e in (prepend, append)]
        a = concatenate([part for part in (edges[0], a, edges[1]) if part is not None], axis)
    for _ in range(n):
        later, earlier = _cut(a, axis, 1, None), _cut(a, axis, None, -1)
        a = comparison.not_equal(later, earlier) if a.dtype == bool else later - earlier
    return a


@speaks(np.ediff1d)
def ediff1d(ary: Any, to_end: Any = None, to_begin: Any = None) -> Any:
    """Differences of neighbours in the flattened array, with entries put around them."""
    ary = flat(as_one(ary))
    parts = [to_begin, _cut(ary, 0, 1, None) - _cut(ary, 0, None, -1), to_end]
    vectors = [flat(as_one(part)) for part in parts if part is not None]
    if len(vectors) == 1:
        return vectors[0]
    return concatenate([v if v.dtype == ary.dtype else _as(v, ary) for v in vectors])


def _as(part, like):
    """A part in the dtype of another array."""
    return elementwise.astype(part, dtype=like.dtype)


@speaks(np.gradient)
def gradient(f: Any, *varargs: Any, axis: Any = None, edge_order: int = 1) -> Any:
    """Slopes of samples: central differences inside, one-sided ones at the ends."""
    f = as_one(f)
    asked = range(f.ndim) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    axes = [one_axis(i, f.ndim) for i in asked]
    steps = [1.0] if not varargs else list(varargs)
    if len(steps) == 1 and not np.ndim(steps[0]):
        steps *= len(axes)
    if len(steps) != len(axes) or edge_order not in (1, 2):
        raise ShapeError(
            f"np.gradient{user_line()}: one spacing for each of {len(axes)} axes, edge_order 1 or 2"
        )
    if f.dtype.kind not in "fc":
        f = elementwise.astype(f, dtype=np.dtype(float))
    slopes = [
        _slopes(f, i, _spacing(step, f.shape[i]), edge_order)
        for i, step in zip(axes, steps, strict=True)
    ]
    return slopes[0] if len(slopes) == 1 else tuple(slopes)


def _spacing(step, n):
    """A number, or the distances between neighbours (one number if plain and all equal)."""
    step = as_array(step)
    if not shape_of(step):
        return step
    step = as_one(step)
    if step.shape != (n,):
        raise ShapeError(
            f"np.gradient{user_line()}: coordinates of shape {step.shape} for {n} samples"
        )
    step = step if step.dtype.kind in "fc" else elementwise.astype(step, dtype=np.dtype(float))
    apart = _cut(step, 0, 1, None) - _cut(step, 0, None, -1)
    if not is_traced(apart) and len(apart) and np.all(apart == apart[0]):
        return apart[0]
    return apart


def _slopes(f, axis, h, edge_order):
    """Slopes along one axis: h is a number, or the distances between neighbours."""
    if f.shape[axis] < edge_order + 1:
        raise ShapeError(
            f"np.gradient{user_line()} needs {edge_order + 1} samples along axis {axis}, "
            f"not {f.shape[axis]}"
        )
    lined = (-1,) + (1,) * (f.ndim - axis - 1)

    def distance(start, stop):
        if not shape_of(h):
            return h
        return reshape(_cut(h, 0, start, stop), lined)

    def sample(start, stop):
        return _cut(f, axis, start, stop)

    inner = _inner_slopes(sample, distance, not shape_of(h))
    ends = _linear_ends if edge_order == 1 else _quadratic_ends
    first, last = ends(sample, distance)
    slopes = shaping.concatenate(first, inner, last, axis=axis)
    return slopes if slopes.dtype == f.dtype else _as(slopes, f)


def _inner_slopes(f, h, uniform):
    if uniform:
        return (f(2, None) - f(None, -2)) / (2.0 * h(0, 1))
    left, right = h(0, -1), h(1, None)
    both = left + right
    return (
        -right / (left * both) * f(None, -2)
        + (right - left) / (left * right) * f(1, -1)
        + left / (right * both) * f(2, None)
    )


def _linear_ends(f, h):
    return (f(1, 2) - f(0, 1)) / h(0, 1), (f(-1, None) - f(-2, -1)) / h(-1, None)


def _quadratic_ends(f, h):
    """The slope at an end of the parabola through the three samples there."""
    near, far = h(0, 1), h(1, 2)
    first = (
        -(2.0 * near + far) / (near * (near + far)) * f(0, 1)
        + (near + far) / (near * far) * f(1, 2)
        - near / (far * (near + far)) * f(2, 3)
    )
    far, near = h(-2, -1), h(-1, None)
    last = (
        near / (far * (far + near)) * f(-3, -2)
        - (near + far) / (far * near) * f(-2, -1)
        + (2.0 * near + far) / (near * (far + near)) * f(-1, None)
    )
    return first, last


@speaks(np.unwrap)
def unwrap(p: Any, discont: Any = None, axis: int = -1, *, period: Any = 2 * pi) -> Any:
    """Add multiples of the period so that neighbours differ by half a period at most."""
    p = as_one(p)
    axis = one_axis(axis, p.ndim)
    steps = diff(p, axis=axis)
    high = period / 2
    wrapped = arithmetic.remainder(steps + high, period) - high
    up = comparison.logical_and(comparison.equal(wrapped, -high), comparison.greater(steps, 0))
    correction = arithmetic.where(up, high, wrapped) - steps
    small = comparison.less(elementwise.absolute(steps), high if discont is None else discont)
    correction = cumsum(arithmetic.where(small, 0.0, correction), axis)
    return shaping.concatenate(_cut(p, axis, 0, 1), _cut(p, axis, 1, None) + correction, axis=axis)


# -- integrals -------------------------------------------------------------------------


@speaks(np.trapezoid)
def trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1) -> Any:
    """Integral of samples by the trapezoidal rule."""
    y = as_one(y)
    axis = one_axis(axis, y.ndim)
    if x is not None:
        x = as_one(x)
        dx = diff(x, axis=axis if x.ndim > 1 else 0)
        if x.ndim == 1:
            dx = reshape(dx, (-1,) + (1,) * (y.ndim - axis - 1))
    pieces = dx * (_cut(y, axis, 1, None) + _cut(y, axis, None, -1)) / 2.0
    return reductions.sum_(pieces, axis=None if y.ndim == 1 else (axis,), keepdims=False)


# -- interpolation -----------------------------------------------------------------------


def _interpolated(x, xp, fp, left, right):
    """np.interp in rows: on the piece that begins at or before x.

    At a knot that is the piece to its right (at the last knot, to its left); outside
    of the knots the constants `left` and `right`.
    """
    n = xp.shape[0]
    inside = shaping.getitem(fp, index=0)
    if n > 1:
        piece = arithmetic.clip(ordering.searchsorted(xp, x, "right") - 1, 0, n - 2)
        x0, f0 = ordering.take(xp, piece), ordering.take(fp, piece)
        x1, f1 = ordering.take(xp, piece + 1), ordering.take(fp, piece + 1)
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
    xp, fp = ordering.take(xp, order), ordering.take(fp, order)
    around = [_cut(xp, 0, -1, None) - period, xp, _cut(xp, 0, 0, 1) + period]
    return x, concatenate(around), concatenate([_cut(fp, 0, -1, None), fp, _cut(fp, 0, 0, 1)])


# -- convolution -------------------------------------------------------------------------


def _convolve(a, v, *, mode):
    return np.convolve(a, v, mode)


def _reversed(x):
    return _cut(x, 0, None, None, -1)


def _convolve_vjp(k, bar, y, a, v, *, mode):
    """Convolve the cotangent with the other operand, reversed.

    A full convolution leaves what covers the operand entirely; in a "valid" one, where
    the first operand is the longer, the shorter takes what lies within the longer.
    """
    if mode == "full":
        return _convolution(bar, _reversed(v if k == 0 else a), mode="valid")
    if k == 0:
        return _convolution(bar, _reversed(v), mode="full")
    return _convolution(_reversed(a), bar, mode="valid")


def _convolve_shape(a, v, *, mode):
    n = a.size + v.size - 1
    return (n if mode == "full" else n - 2 * (v.size - 1),)


_convolution = array_row(
    "convolve",
    _convolve,
    _convolve_vjp,
    "multilinear",
    shape=_convolve_shape,
    source="linear in each operand: its transpose is a correlation",
    examples=(
        (((4,), (3,)), {"mode": "full"}),
        (((2,), (4,)), {"mode": "full"}),
        (((4,), (3,)), {"mode": "valid"}),
        (((3,), (3,)), {"mode": "valid"}),
    ),
)


@speaks(np.convolve)
def convolve(a: Any, v: Any, mode: str = "full") -> Any:
    """Sums of products of a with v reversed, v moving along a."""
    a, v = atleast_1d(as_one(a)), atleast_1d(as_one(v))
    if a.ndim > 1 or v.ndim > 1 or not a.size or not v.size:
        raise ShapeError(f"np.convolve{user_line()} takes vectors, not shapes {a.shape}, {v.shape}")
    if v.size > a.size:
        a, v = v, a
    if mode not in ("full", "same", "valid"):
        raise ShapeError(f'mode={mode!r}{user_line()}: "full", "same" or "valid"')
    if mode != "same":
        return _convolution(a, v, mode=mode)
    start = (v.size - 1) // 2
    return _cut(_convolution(a, v, mode="full"), 0, start, start + a.size)


@speaks(np.correlate)
def correlate(a: Any, v: Any, mode: str = "valid") -> Any:
    """Sums of products of a with the conjugate of v, v moving along a."""
    a, v = atleast_1d(as_one(a)), atleast_1d(as_one(v))
    if mode != "same" or a.size >= v.size:
        return convolve(a, _reversed(elementwise.conjugated(v)), mode)
    # NumPy centres before it turns the result around.
    return _reversed(elementwise.conjugated(correlate(v, a, mode)))


# -- polynomials: coefficients of the highest power first --------------------------------


@speaks(np.polyval)
def polyval(p: Any, x: Any) -> Any:
    """Value of a polynomial, by Horner's rule."""
    p, x = as_one(p), as_one(x)
    if not p.size:
        return elementwise.copy(x * 0)
    y = p[0]
    for i in range(1, p.shape[0]):
        y = y * x + p[i]
    shape = x.shape + p.shape[1:] if p.ndim > 1 else x.shape
    return y if y.shape == shape else broadcast_to(y, np.broadcast_shapes(y.shape, shape))


@speaks(np.polyder)
def polyder(p: Any, m: int = 1) -> Any:
    """Coefficients of the m-th derivative."""
    p = as_one(p)
    for _ in range(_order("polyder", m)):
        n = p.shape[0] - 1
        p = _cut(p, 0, None, -1) * np.arange(n, 0, -1)
    return p


@speaks(np.polyint)
def polyint(p: Any, m: int = 1, k: Any = None) -> Any:
    """Coefficients of the m-th integral, with the given constants."""
    p, m = as_one(p), _order("polyint", m)
    constants = np.zeros(m) if k is None else atleast_1d(as_one(k))
    if constants.size == 1 and m > 1:
        constants = broadcast_to(constants, (m,))
    if constants.size < m:
        raise ShapeError(f"np.polyint{user_line()} needs 1 or {m} constants, not {constants.size}")
    for i in range(m):
        divided = p / np.arange(p.shape[0], 0, -1)
        p = concatenate([divided, _cut(constants, 0, i, i + 1)])
    return p


def _order(name, m):
    m = operator.index(m)
    if m < 0:
        raise ShapeError(f"np.{name}(m={m}){user_line()}: m is 0 or more")
    return m


def _same_length(a, b):
    """Both with zeros in front of the shorter."""
    a, b = atleast_1d(as_one(a)), atleast_1d(as_one(b))
    n = max(a.size, b.size)
    return [x if x.size == n else concatenate([np.zeros(n - x.size, x.dtype), x]) for x in (a, b)]


@speaks(np.polyadd)
def polyadd(a1: Any, a2: Any) -> Any:
    """Coefficients of the sum."""
    a, b = _same_length(a1, a2)
    return a + b


@speaks(np.polysub)
def polysub(a1: Any, a2: Any) -> Any:
    """Coefficients of the difference."""
    a, b = _same_length(a1, a2)
    return a - b


@speaks(np.polymul)
def polymul(a1: Any, a2: Any) -> Any:
    """Coefficients of the product; leading zeros of plain coefficients are dropped."""
    return convolve(_trimmed(a1), _trimmed(a2))


def _trimmed(a):
    """Without leading zeros, as np.poly1d has it (which depends on values)."""
    a = atleast_1d(as_one(a))
    start = 0
    while start < a.size - 1 and bool(a[start] == 0):
        start += 1
    return _cut(a, 0, start, None) if start else a


@speaks(np.polydiv)
def polydiv(u: Any, v: Any) -> tuple:
    """Quotient and remainder; zeros in front of the remainder are dropped."""
    u, v = atleast_1d(as_one(u)) + 0.0, atleast_1d(as_one(v)) + 0.0
    r, n, quotient = u + 0.0 * v[0], v.size, []
    while r.size >= n:
        d = r[0] / v[0]
        quotient.append(d)
        taken = _cut(r, 0, 0, n) - d * v
        r = concatenate([_cut(taken, 0, 1, None), _cut(r, 0, n, None)])
    if not quotient:
        quotient = [0.0 * r[0]]
    elif not r.size:
        r = np.zeros(1, u.dtype)
    while r.size > 1 and bool(elementwise.absolute(r[0]) <= 1e-8):
        r = _cut(r, 0, 1, None)
    return shaping.stack(*quotient, axis=0), r


@speaks(np.poly)
def poly(seq_of_zeros: Any) -> Any:
    """Coefficients of the polynomial with the given roots."""
    roots = atleast_1d(as_one(seq_of_zeros))
    if roots.ndim != 1:
        raise MissingRule(
            f"np.poly of a matrix{user_line()} is not covered; write "
            "np.poly(np.linalg.eigvals(a)), or np.linalg.det(x * np.eye(n) - a)"
        )
    coefficients = np.ones(1, roots.dtype)
    for i in range(roots.size):
        factor = shaping.stack(roots.dtype.type(1), -roots[i], axis=0)
        coefficients = convolve(coefficients, factor)
    return coefficients


@speaks(np.vander)
def vander(x: Any, N: int | None = None, increasing: bool = False) -> Any:
    """Columns of powers of x."""
    x = as_one(x)
    if x.ndim != 1:
        raise ShapeError(f"np.vander{user_line()} takes a vector, not shape {x.shape}")
    n = x.size if N is None else operator.index(N)
    dtype = np.promote_types(x.dtype, int)
    powers = np.ones((x.size, min(n, 1)), dtype)
    if n > 1:
        x = x if x.dtype == dtype else elementwise.astype(x, dtype=dtype)
        repeated = broadcast_to(reshape(x, (x.size, 1)), (x.size, n - 1))
        powers = shaping.concatenate(powers, cumprod(repeated, 1), axis=1)
    return powers if increasing else flip(powers, 1)


@speaks(np.polyfit)
def polyfit(x: Any, y: Any, deg: int, rcond: Any = None, *, w: Any = None, cov: Any = False) -> Any:
    """Coefficients of the polynomial of least squares."""
    x, y = as_one(x) + 0.0, as_one(y) + 0.0
    order = operator.index(deg) + 1
    if x.ndim != 1 or y.ndim not in (1, 2) or y.shape[0] != x.shape[0] or order < 1:
        raise ShapeError(
            f"np.polyfit{user_line()}: a degree and as many points as values, not {x.shape} and "
            f"{y.shape}"
        )
    columns, values = vander(x, order), y
    if w is not None:
        w = as_one(w) + 0.0
        columns = columns * reshape(w, (-1, 1))
        values = values * (w if y.ndim == 1 else reshape(w, (-1, 1)))
    rcond = x.size * np.finfo(x.dtype).eps if rcond is None else rcond
    scale = elementwise.sqrt(reductions.sum_(columns * columns, axis=(0,), keepdims=False))
    scaled = columns / scale
    scale_ = scale if y.ndim == 1 else reshape(scale, (-1, 1))
    c = _least_squares(scaled, values, rcond) / scale_
    return (c, _fit_covariance(columns, values, c, cov)) if cov else c


def _least_squares(a, b, rcond):
    """Solution of least squares; by one product where the matrix is plain."""
    if not is_traced(a):
        return contraction.matmul(np.linalg.pinv(a, rcond), b)
    lstsq = FUNCTIONS.get(np.linalg.lstsq)
    if lstsq is None:
        raise MissingRule(
            f"np.polyfit with traced x or w{user_line()} needs np.linalg.lstsq, which has no row"
        )
    return lstsq(a, b, rcond)[0]


def _fit_covariance(columns, values, c, cov):
    """Inverse of the normal matrix, times the variance of the residuals."""
    gram = contraction.matmul(shaping.transpose(columns, axes=(1, 0)), columns)
    inverse = np.linalg.inv(gram)
    if isinstance(cov, str) and cov == "unscaled":
        return inverse
    left = elementwise.absolute(values - contraction.matmul(columns, c))
    variance = reductions.sum_(left * left, axis=(0,), keepdims=False) / (
        columns.shape[0] - columns.shape[1]
    )
    return inverse * variance if values.ndim == 1 else inverse[:, :, None] * variance


# -- products of vectors -----------------------------------------------------------------


@speaks(np.cross)
def cross(
    a: Any, b: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None
) -> Any:
    """Cross product of vectors of three entries (of two: their third entry is 0)."""
    if axis is not None:
        axisa = axisb = axisc = axis
    a, b = moveaxis(as_one(a), axisa, -1), moveaxis(as_one(b), axisb, -1)
    if a.shape[-1] not in (2, 3) or b.shape[-1] not in (2, 3):
        raise ShapeError(
            f"np.cross{user_line()} takes vectors of 2 or 3 entries, not shapes {a.shape}, {b.shape}"
        )
    (a0, a1, *a2), (b0, b1, *b2) = _entries(a), _entries(b)
    third = a0 * b1 - a1 * b0
    if not a2 and not b2:
        return third
    first, second = _cross_parts(a0, a1, a2, b0, b1, b2)
    return moveaxis(shaping.stack(*[first, second, third], axis=third.ndim), -1, axisc)


def _entries(v):
    return [v[..., i] for i in range(v.shape[-1])]


def _cross_parts(a0, a1, a2, b0, b1, b2):
    if a2 and b2:
        return a1 * b2[0] - a2[0] * b1, a2[0] * b0 - a0 * b2[0]
    return (-a2[0] * b1, a2[0] * b0) if a2 else (a1 * b2[0], -a0 * b2[0])


@speaks(np.kron)
def kron(a: Any, b: Any) -> Any:
    """Blocks of b, one for each entry of a, multiplied by it."""
    a, b = as_one(a), as_one(b)
    if not a.ndim or not b.ndim:
        return arithmetic.multiply(a, b)
    ndim = max(a.ndim, b.ndim)
    a, b = (reshape(x, (1,) * (ndim - x.ndim) + x.shape) for x in (a, b))
    sizes = tuple(n * m for n, m in zip(a.shape, b.shape, strict=True))
    apart = expand_dims(a, tuple(range(1, 2 * ndim, 2)))
    return reshape(apart * expand_dims(b, tuple(range(0, 2 * ndim, 2))), sizes)


def vecdot(x1: Any, x2: Any, /, *, axis: int = -1) -> Any:
    """Dot products of vectors along an axis, the first conjugated."""
    a, b = (moveaxis(as_one(x), axis, -1) if axis != -1 else as_one(x) for x in (x1, x2))
    product = elementwise.conjugated(a) * b
    axes = None if product.ndim == 1 else (product.ndim - 1,)
    return reductions.sum_(product, axis=axes, keepdims=False)


def matvec(x1: Any, x2: Any, /) -> Any:
    """Matrices times vectors, in stacks."""
    a, x = as_one(x1), as_one(x2)
    if x.ndim == 1:
        return contraction.matmul(a, x)
    return contraction.matmul(a, expand_dims(x, -1))[..., 0]


def vecmat(x1: Any, x2: Any, /) -> Any:
    """Vectors, conjugated, times matrices, in stacks."""
    x, a = elementwise.conjugated(as_one(x1)), as_one(x2)
    if x.ndim == 1:
        return contraction.matmul(x, a)
    return contraction.matmul(expand_dims(x, -2), a)[..., 0, :]


for _product in (vecdot, matvec, vecmat):
    if hasattr(np, _product.__name__):  # NumPy 2.0, 2.2
        speaks(getattr(np, _product.__name__))(_product)


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
        y = concatenate([_cut(y, 0, None, -1), last if last.dtype == y.dtype else _as(last, y)])
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
    parts = [_end(start, y), _cut(y, 0, 1, None)]
    if endpoint and num > 1:
        parts = [parts[0], _cut(y, 0, 1, -1), _end(stop, y)]
    y = shaping.concatenate(*parts, axis=0) if num > 0 else y
    return in_dtype(y if axis == 0 else moveaxis(y, 0, axis), dtype)


def _end(x, y):
    """The first or last number as it was given, in the shape of one slice of y."""
    x = broadcast_to(expand_dims(x, 0), (1, *y.shape[1:]))
    return x if x.dtype == y.dtype else _as(x, y)


# -- parts of numbers ----------------------------------------------------------------------


@speaks(np.angle)
def angle(z: Any, deg: bool = False) -> Any:
    """The argument of a complex number: 0 or pi for a real one."""
    z = as_one(z)
    is_complex = z.dtype.kind == "c"
    imag, real = (elementwise.imag(z), elementwise.real(z)) if is_complex else (0, z)
    turned = arithmetic.arctan2(imag, real)
    return turned * (180 / pi) if deg else turned


@speaks(np.real_if_close)
def real_if_close(a: Any, tol: float = 100) -> Any:
    """The real part, if all imaginary parts are close to 0: a branch on values."""
    a = as_one(a)
    if a.dtype.kind != "c":
        return a
    tol = np.finfo(a.dtype).eps * tol if tol > 1 else tol
    sizes = elementwise.absolute(elementwise.imag(a))
    close = reductions.all_(comparison.less(sizes, tol), axis=None, keepdims=False)
    return elementwise.real(a) if bool(close) else a


@speaks(np.isreal)
def isreal(x: Any) -> Any:
    """Where the imaginary part is 0."""
    return comparison.equal(elementwise.imag(as_one(x)), 0)


@speaks(np.iscomplex)
def iscomplex(x: Any) -> Any:
    """Where the imaginary part is not 0."""
    return comparison.not_equal(elementwise.imag(as_one(x)), 0)


@speaks(np.isrealobj)
def isrealobj(x: Any) -> bool:
    """Say whether the dtype is not complex."""
    return as_one(x).dtype.kind != "c"


@speaks(np.isposinf)
def isposinf(x: Any) -> Any:
    """Where x is +inf."""
    return comparison.equal(as_one(x), np.inf)


@speaks(np.isneginf)
def isneginf(x: Any) -> Any:
    """Where x is -inf."""
    return comparison.equal(as_one(x), -np.inf)


@speaks(np.nan_to_num)
def nan_to_num(
    x: Any, copy: bool = True, nan: Any = 0.0, posinf: Any = None, neginf: Any = None
) -> Any:
    """Replace nan and infinities by numbers."""
    x = as_one(x)
    if not is_traced(nan) and nan == 0 and posinf is None and neginf is None:
        return elementwise.nan_to_num(x)
    if x.dtype.kind == "c":
        parts = [nan_to_num(f(x), copy, nan, posinf, neginf) for f in _PARTS]
        return parts[0] + 1j * parts[1]
    largest = float(np.finfo(x.dtype).max)
    y = arithmetic.where(comparison.isnan(x), nan, x)
    y = arithmetic.where(isposinf(x), largest if posinf is None else posinf, y)
    return arithmetic.where(isneginf(x), -largest if neginf is None else neginf, y)


_PARTS = (elementwise.real, elementwise.imag)
FUNCTIONS[np.fix] = elementwise.trunc

# fmt: off
fraction  = row("fraction",  lambda x: np.modf(x)[0],  [1],    lambda sp, x: x - sp.sign(x) * sp.floor(sp.Abs(x)),
                kinks=np.sinc, source="x less a step function")
exponent  = row("exponent",  lambda x: np.frexp(x)[1], None,   lambda sp, x: sp.floor(sp.log(sp.Abs(x), 2)) + 1)
spacing   = row("spacing",   np.spacing,               None,   None)
nextafter = row("nextafter", np.nextafter,             [1, 0], lambda sp, a, b: a,
                source="the next number follows x; the other operand says only on which side")
# fmt: on
FUNCTIONS[np.spacing], FUNCTIONS[np.nextafter] = spacing, nextafter


@speaks(np.modf)
def modf(x: Any, /) -> tuple:
    """The part behind the point, and the whole number before it."""
    return fraction(x), elementwise.trunc(x)


@speaks(np.divmod)
def divmod_(x1: Any, x2: Any, /) -> tuple:
    """Floor of the quotient, and the remainder."""
    return arithmetic.floor_divide(x1, x2), arithmetic.remainder(x1, x2)


@speaks(np.frexp)
def frexp(x: Any, /) -> tuple:
    """Split into mantissa * 2**exponent, with 1/2 <= |mantissa| < 1; the exponent is a step."""
    power = exponent(x)
    return arithmetic.ldexp(x, -power), power
