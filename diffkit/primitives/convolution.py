"""Convolutions and sliding windows, which stay views."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import ShapeError, user_line
from . import elementwise
from .arguments import ALL, as_one, as_plain, as_sizes, cut, misfit
from .functions import atleast_1d, one_axis, speaks
from .rules import array_row


def _convolve(a, v, *, mode):
    return np.convolve(a, v, mode)


def _reversed(x):
    return cut(x, 0, None, None, -1)


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
    return cut(_convolution(a, v, mode="full"), 0, start, start + a.size)


@speaks(np.correlate)
def correlate(a: Any, v: Any, mode: str = "valid") -> Any:
    """Sums of products of a with the conjugate of v, v moving along a."""
    a, v = atleast_1d(as_one(a)), atleast_1d(as_one(v))
    if mode != "same" or a.size >= v.size:
        return convolve(a, _reversed(elementwise.conjugated(v)), mode)
    # NumPy centres before it turns the result around.
    return _reversed(elementwise.conjugated(correlate(v, a, mode)))


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
        out[(ALL,) * axis + (slice(j, j + count),)] += windows[..., j]
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
    sizes = as_sizes(as_plain(window_shape, "the window_shape"))
    places = range(x.ndim) if axis is None else np.atleast_1d(axis).tolist()
    if len(places) != len(sizes):
        raise misfit(f"window_shape {sizes} has not one length for each of {len(places)} axes")
    axes = [one_axis(i, x.ndim) for i in places]
    for size, place in zip(sizes, axes, strict=True):
        x = windows(x, window=size, axis=place)
    return x
