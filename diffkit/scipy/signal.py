"""Twins of scipy.signal: convolutions and correlations, with its signatures.

Both arrays have as many axes; `mode` is "full", "same" (the shape of the first) or "valid".
"""

from __future__ import annotations

from typing import Any

from ..errors import ArgumentError, ShapeError, user_line
from ..primitives import scipy_arrays as rows
from ..primitives.elementwise import conjugated
from ..primitives.functions import axes_of
from ..primitives.shaping import getitem
from .dispatch import array, rest_of, twin

__all__ = ["convolve", "convolve2d", "correlate", "correlate2d", "fftconvolve", "oaconvolve"]
__getattr__ = rest_of("signal")


def _cut(full: Any, a: Any, b: Any, mode: str, axes: Any, later: int) -> Any:
    """The part of a full convolution that a mode asks for."""
    if mode == "full":
        return full
    if mode not in ("same", "valid"):
        raise ArgumentError(f"mode is 'full', 'same' or 'valid', not {mode!r}")
    chosen = range(full.ndim) if axes is None else axes
    index = [slice(None)] * full.ndim
    for i in range(full.ndim) if mode == "same" else chosen:
        n, m = a.shape[i], b.shape[i]
        length = n if mode == "same" else abs(n - m) + 1
        start = (full.shape[i] - length + later) // 2
        index[i] = slice(start, start + length)
    if (
        mode == "valid"
        and len({a.shape[i] >= b.shape[i] for i in chosen if a.shape[i] != b.shape[i]}) > 1
    ):
        raise ShapeError(
            f"mode 'valid'{user_line()}: one array must be at least as long as the other along "
            f"every axis; the shapes are {a.shape} and {b.shape}"
        )
    return getitem(full, index=tuple(index))


def _convolved(a: Any, b: Any, mode: str, axes: Any, method: str, later: int = 0) -> Any:
    if a.ndim != b.ndim:
        raise ShapeError(
            f"convolution{user_line()} of {a.ndim} and {b.ndim} dimensions: they must be as many"
        )
    if a.ndim == 0:
        return a * b
    return _cut(rows.convolution(a, b, axes=axes, method=method), a, b, mode, axes, later)


@twin("signal")
def convolve(in1: Any, in2: Any, mode: str = "full", method: str = "auto") -> Any:
    """Convolve two arrays of as many dimensions.

    Raises
    ------
    ShapeError
        If their numbers of axes differ, or with mode="valid" neither holds the other.

    References
    ----------
    scipy.signal.convolve

    Examples
    --------
    >>> import numpy as np
    >>> from diffkit import grad
    >>> kernel = np.array([1.0, -2.0])
    >>> grad(lambda x: convolve(x, kernel, mode="valid")[0])(np.zeros(3)).tolist()
    [-2.0, 1.0, 0.0]
    """
    return _convolved(array(in1), array(in2), mode, None, method)


@twin("signal")
def correlate(in1: Any, in2: Any, mode: str = "full", method: str = "auto") -> Any:
    """Correlate: convolve with the second array reversed and conjugated."""
    in1, in2 = array(in1), array(in2)
    return _convolved(in1, _reversed(in2, None), mode, None, method)


def _reversed(b: Any, axes: Any) -> Any:
    return conjugated(rows.flipped(b, axes)) if b.ndim else conjugated(b)


@twin("signal")
def fftconvolve(in1: Any, in2: Any, mode: str = "full", axes: Any = None) -> Any:
    """Convolve along some axes, broadcasting the others."""
    in1, in2 = array(in1), array(in2)
    along = None if axes is None else axes_of(_tuple(axes), in1.ndim)
    return _convolved(in1, in2, mode, along, "fft")


@twin("signal")
def oaconvolve(in1: Any, in2: Any, mode: str = "full", axes: Any = None) -> Any:
    """As fftconvolve, which it calls."""
    return fftconvolve(in1, in2, mode, axes)


def _tuple(axes: Any) -> Any:
    return tuple(axes) if isinstance(axes, list) else axes


@twin("signal")
def convolve2d(
    in1: Any, in2: Any, mode: str = "full", boundary: str = "fill", fillvalue: Any = 0
) -> Any:
    """Convolve two matrices, with zeros around them."""
    _zeros_around("convolve2d", boundary, fillvalue)
    return _convolved(array(in1), array(in2), mode, None, "direct")


@twin("signal")
def correlate2d(
    in1: Any, in2: Any, mode: str = "full", boundary: str = "fill", fillvalue: Any = 0
) -> Any:
    """Correlate two matrices, with zeros around them."""
    _zeros_around("correlate2d", boundary, fillvalue)
    in1, in2 = array(in1), array(in2)
    # Of the two middles of an even kernel, SciPy takes the other one here.
    return _convolved(in1, _reversed(in2, None), mode, None, "direct", later=int(mode == "same"))


def _zeros_around(name: str, boundary: str, fillvalue: Any) -> None:
    if boundary != "fill" or fillvalue != 0:
        raise ArgumentError(
            f"{name}(boundary={boundary!r}, fillvalue={fillvalue!r}) of a traced value"
            f"{user_line()} is not covered; np.pad the array and use mode='valid'"
        )
