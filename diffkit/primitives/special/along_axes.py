"""Exponentials along axes: logsumexp and softmax, which do not overflow."""

from math import inf

import numpy as np

from ..reductions import spread, sum_
from ..rules import array_row
from .rows import safe_ratio


def _top(x, axis):
    """The largest entry (by real part), or 0 where that is infinite."""
    x = np.asarray(x).real
    largest = np.max(x, axis=axis, keepdims=True, initial=-inf)
    return np.where(np.isfinite(largest), largest, 0).astype(largest.dtype)


# Shifting by it changes no value, so it needs no derivative: what it adds, it takes away.
top = array_row(
    "top",
    lambda x, *, axis: _top(x, axis),
    None,
    form=lambda names, params: f"top({names[0]}, axis={params['axis']})",
    source="a shift against overflow, which cancels",
    examples=(((3,), {"axis": None}), ((2, 3), {"axis": (1,)})),
)


def _logsumexp(x, *, axis, keepdims):
    shift = _top(x, axis)
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        total = np.sum(np.exp(x - shift), axis=axis, keepdims=True)
        y = np.log(total) + shift
    return y if keepdims else np.squeeze(y, axis)[()]


def _softmax(x, *, axis):
    with np.errstate(over="ignore"):
        weights = np.exp(x - _top(x, axis))
    return safe_ratio(weights, np.sum(weights, axis=axis, keepdims=True))


def _softmax_vjp(bar, y, x, *, axis):
    return y * (bar - sum_(bar * y, axis=axis, keepdims=True))


def _softmax_objects(scalar, x, *, axis):
    weights = scalar("exp")(x)
    return weights / np.add.reduce(weights, axis=axis, keepdims=True)


logsumexp = array_row(
    "logsumexp",
    _logsumexp,
    [
        lambda bar, y, x, *, axis, keepdims: spread(bar, x, axis) * softmax(x, axis=axis),
    ],
    lambda dots, y, x, *, axis, keepdims: sum_(
        dots[0] * softmax(x, axis=axis), axis=axis, keepdims=keepdims
    ),
    objects=lambda scalar, x, *, axis, keepdims: scalar("logaddexp").reduce(
        x, axis=axis, keepdims=keepdims
    ),
    source="chain rule; 0 where all entries are -inf",
    examples=(
        ((3,), {"axis": None, "keepdims": False}),
        ((2, 3), {"axis": (1,), "keepdims": True}),
        ((2, 2), {"axis": (0,), "keepdims": False}),
    ),
)
softmax = array_row(
    "softmax",
    _softmax,
    [_softmax_vjp],
    lambda dots, y, x, *, axis: _softmax_vjp(dots[0], y, x, axis=axis),
    shape=lambda x, axis: x.shape,
    objects=_softmax_objects,
    source="quotient rule",
    examples=(((3,), {"axis": None}), ((2, 3), {"axis": (1,)})),
)
