"""Differences, slopes and integrals of samples."""

from __future__ import annotations

import operator
from math import pi
from typing import Any

import numpy as np

from ..core.tracing import is_traced, shape_of
from ..errors import ShapeError, user_line
from . import arithmetic, comparison, elementwise, reductions, shaping
from .arguments import as_one, converted, cut, flat
from .functions import as_array, broadcast_to, concatenate, one_axis, reshape, speaks
from .running import cumsum


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
        later, earlier = cut(a, axis, 1, None), cut(a, axis, None, -1)
        a = comparison.not_equal(later, earlier) if a.dtype == bool else later - earlier
    return a


@speaks(np.ediff1d)
def ediff1d(ary: Any, to_end: Any = None, to_begin: Any = None) -> Any:
    """Differences of neighbours in the flattened array, with entries put around them."""
    ary = flat(as_one(ary))
    parts = [to_begin, cut(ary, 0, 1, None) - cut(ary, 0, None, -1), to_end]
    vectors = [flat(as_one(part)) for part in parts if part is not None]
    if len(vectors) == 1:
        return vectors[0]
    return concatenate([v if v.dtype == ary.dtype else converted(v, ary) for v in vectors])


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
    apart = cut(step, 0, 1, None) - cut(step, 0, None, -1)
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
        return reshape(cut(h, 0, start, stop), lined)

    def sample(start, stop):
        return cut(f, axis, start, stop)

    inner = _inner_slopes(sample, distance, not shape_of(h))
    ends = _linear_ends if edge_order == 1 else _quadratic_ends
    first, last = ends(sample, distance)
    slopes = shaping.concatenate(first, inner, last, axis=axis)
    return slopes if slopes.dtype == f.dtype else converted(slopes, f)


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
    return shaping.concatenate(cut(p, axis, 0, 1), cut(p, axis, 1, None) + correction, axis=axis)


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
    pieces = dx * (cut(y, axis, 1, None) + cut(y, axis, None, -1)) / 2.0
    return reductions.sum_(pieces, axis=None if y.ndim == 1 else (axis,), keepdims=False)
