"""Fourier transforms: four rows along one axis, and what NumPy composes of them.

Every transform is a matrix times a vector, so its tangent is the transform of the tangent
and its cotangent the transpose (not the conjugate transpose) times the cotangent. The
matrices of fft and ifft are symmetric; those of rfft and irfft are each other's
transposes, but for the frequencies that stand for two.
"""

from __future__ import annotations

import operator
from functools import lru_cache
from typing import Any

import numpy as np

from ..core.tracing import abstract
from ..errors import MissingRule, ShapeError, user_line
from . import elementwise
from .arguments import along, as_one
from .functions import axes_of, concatenate, one_axis, speaks
from .moving import roll
from .rules import array_row

_SOURCE = "linear: Briggs & Henson, The DFT (1995), chapter 2; transposed"

# How the transposed transform is scaled, which runs the other way between real and complex.
_OTHER_WAY = {None: "forward", "backward": "forward", "ortho": "ortho", "forward": "backward"}


# -- rows --------------------------------------------------------------------------


def _in_length(x, axis, n):
    """Cut off, or fill with zeros, at the end of an axis."""
    have = x.shape[axis]
    if have >= n:
        return x if have == n else along(x, axis, slice(n))
    zeros = np.zeros((*x.shape[:axis], n - have, *x.shape[axis + 1 :]), x.dtype)
    return concatenate([x, zeros], axis)


def _weights(n, x, axis, others):
    """1 for the frequencies 0 and n/2, which stand for themselves; `others` elsewhere."""
    weights = np.full(n // 2 + 1, others, np.empty(0, x.dtype).real.dtype)
    weights[0] = 1
    if n % 2 == 0:
        weights[-1] = 1
    return weights.reshape((-1,) + (1,) * (x.ndim - 1 - axis))


def _transform_vjp(row):
    """The matrix is symmetric: the cotangent is transformed the same way."""

    def vjp(bar, y, x, *, n, axis, norm):
        return _in_length(row()(bar, n=n, axis=axis, norm=norm), axis, x.shape[axis])

    return vjp


def _rfft_vjp(bar, y, x, *, n, axis, norm):
    halved = elementwise.conjugated(bar) * _weights(n, bar, axis, 0.5)
    part = irfft_row(halved, n=n, axis=axis, norm=_OTHER_WAY[norm])
    return _in_length(part, axis, x.shape[axis])


def _irfft_vjp(bar, y, x, *, n, axis, norm):
    frequencies = elementwise.conjugate(rfft_row(bar, n=n, axis=axis, norm=_OTHER_WAY[norm]))
    doubled = frequencies * _weights(n, bar, axis, 2)
    return _in_length(doubled, axis, x.shape[axis])


@lru_cache(maxsize=64)
def _dtype(transform, dtype):
    """Which dtype NumPy's version gives."""
    return transform(np.zeros(2, dtype)).dtype


def _shape(transform, half):
    def shape(x, n, axis, norm):
        length = n // 2 + 1 if half else n
        return abstract((*x.shape[:axis], length, *x.shape[axis + 1 :]), _dtype(transform, x.dtype))

    return shape


def _over_objects(transform):
    """A matrix times the operand; for irfft, two: of its real and of its imaginary part."""

    def multiply(scalar, x, *, n, axis, norm):
        x, unit = np.moveaxis(x, axis, -1), np.eye(x.shape[axis])
        if transform is not np.fft.irfft:
            return np.moveaxis(x.dot(transform(unit, n, 1, norm)), -1, axis)
        real, imag = (transform(w * unit, n, 1, norm) for w in (1, 1j))
        turned = np.conjugate(x)
        y = (x + turned).dot(real / 2) + ((x - turned) * -1j).dot(imag / 2)
        return np.moveaxis(y, -1, axis)

    return multiply


def _form(name):
    """Print fft(x), fft(x, 8, axis=0), fft(x, norm="ortho")."""

    def form(names, params):
        said = [names[0], str(params["n"]), f"axis={params['axis']}"]
        if params["norm"] not in (None, "backward"):
            said.append(f'norm="{params["norm"]}"')
        return f"{name}({', '.join(said)})"

    return form


def _fourier_row(name, transform, vjp, half=False, **facts):
    return array_row(
        name,
        lambda x, *, n, axis, norm: transform(x, n, axis, norm),
        [vjp],
        "linear",
        form=_form(name),
        shape=_shape(transform, half),
        objects=_over_objects(transform),
        source=_SOURCE,
        **facts,
    )


fft_row = _fourier_row("fft", np.fft.fft, _transform_vjp(lambda: fft_row))
ifft_row = _fourier_row("ifft", np.fft.ifft, _transform_vjp(lambda: ifft_row))
rfft_row = _fourier_row("rfft", np.fft.rfft, _rfft_vjp, half=True)
irfft_row = _fourier_row(
    "irfft",
    np.fft.irfft,
    _irfft_vjp,
    examples=(
        ((3,), {"n": 4, "axis": 0, "norm": None}),
        ((2, 3), {"n": 5, "axis": 1, "norm": "ortho"}),
        ((4, 2), {"n": 3, "axis": 0, "norm": "forward"}),
        ((2,), {"n": 6, "axis": 0, "norm": "backward"}),
    ),
)


# -- along one axis ------------------------------------------------------------------


def _length(n: Any, default: int, name: str) -> int:
    n = default if n is None else operator.index(n)
    if n < 1:
        raise ShapeError(f"np.fft.{name}{user_line()} needs at least one point, not {n}")
    return n


def _checked(norm: Any) -> Any:
    if norm not in _OTHER_WAY:
        raise ShapeError(f'norm={norm!r}{user_line()}: it may be "backward", "ortho" or "forward"')
    return norm


@speaks(np.fft.fft)
def fft(a: Any, n: Any = None, axis: int = -1, norm: Any = None) -> Any:
    """Discrete Fourier transform along an axis."""
    a = as_one(a)
    axis = one_axis(axis, a.ndim)
    return fft_row(a, n=_length(n, a.shape[axis], "fft"), axis=axis, norm=_checked(norm))


@speaks(np.fft.ifft)
def ifft(a: Any, n: Any = None, axis: int = -1, norm: Any = None) -> Any:
    """Inverse of fft."""
    a = as_one(a)
    axis = one_axis(axis, a.ndim)
    return ifft_row(a, n=_length(n, a.shape[axis], "ifft"), axis=axis, norm=_checked(norm))


@speaks(np.fft.rfft)
def rfft(a: Any, n: Any = None, axis: int = -1, norm: Any = None) -> Any:
    """Transform of real numbers: the frequencies that are not conjugates of others."""
    a = as_one(a)
    if a.dtype.kind == "c":
        raise MissingRule(f"np.fft.rfft takes real numbers{user_line()}; np.fft.fft complex ones")
    axis = one_axis(axis, a.ndim)
    return rfft_row(a, n=_length(n, a.shape[axis], "rfft"), axis=axis, norm=_checked(norm))


@speaks(np.fft.irfft)
def irfft(a: Any, n: Any = None, axis: int = -1, norm: Any = None) -> Any:
    """Inverse of rfft, real."""
    a = as_one(a)
    axis = one_axis(axis, a.ndim)
    n = _length(n, 2 * (a.shape[axis] - 1), "irfft")
    return irfft_row(a, n=n, axis=axis, norm=_checked(norm))


@speaks(np.fft.hfft)
def hfft(a: Any, n: Any = None, axis: int = -1, norm: Any = None) -> Any:
    """Transform of a signal with Hermitian symmetry, given by its first half: real."""
    return irfft(elementwise.conjugated(as_one(a)), n, axis, _OTHER_WAY[_checked(norm)])


@speaks(np.fft.ihfft)
def ihfft(a: Any, n: Any = None, axis: int = -1, norm: Any = None) -> Any:
    """Inverse of hfft."""
    return elementwise.conjugate(rfft(a, n, axis, _OTHER_WAY[_checked(norm)]))


# -- along several axes ----------------------------------------------------------------


def _lengths(a: Any, s: Any, axes: Any) -> list[tuple[int, Any]]:
    """Each axis to transform, with the length to bring it to (None: as it is)."""
    if axes is None:
        axes = range(a.ndim) if s is None else range(-len(s), 0)
    axes = [one_axis(i, a.ndim) for i in axes]
    lengths = [None] * len(axes) if s is None else list(s)
    if len(lengths) != len(axes):
        raise ShapeError(f"s and axes differ in length{user_line()}: {len(lengths)}, {len(axes)}")
    whole = [a.shape[i] if n == -1 else n for n, i in zip(lengths, axes, strict=True)]
    return list(zip(axes, whole, strict=True))


@speaks(np.fft.fftn)
def fftn(a: Any, s: Any = None, axes: Any = None, norm: Any = None) -> Any:
    """Transform along several axes, the last first."""
    a = as_one(a)
    for axis, n in reversed(_lengths(a, s, axes)):
        a = fft(a, n, axis, norm)
    return a


@speaks(np.fft.ifftn)
def ifftn(a: Any, s: Any = None, axes: Any = None, norm: Any = None) -> Any:
    """Inverse of fftn."""
    a = as_one(a)
    for axis, n in reversed(_lengths(a, s, axes)):
        a = ifft(a, n, axis, norm)
    return a


@speaks(np.fft.rfftn)
def rfftn(a: Any, s: Any = None, axes: Any = None, norm: Any = None) -> Any:
    """Transform of real numbers along several axes; the last one is halved."""
    a = as_one(a)
    *others, (last, n) = _lengths(a, s, axes)
    a = rfft(a, n, last, norm)
    for axis, n in reversed(others):
        a = fft(a, n, axis, norm)
    return a


@speaks(np.fft.irfftn)
def irfftn(a: Any, s: Any = None, axes: Any = None, norm: Any = None) -> Any:
    """Inverse of rfftn, real."""
    a = as_one(a)
    *others, (last, n) = _lengths(a, s, axes)
    for axis, length in others:
        a = ifft(a, length, axis, norm)
    return irfft(a, n, last, norm)


@speaks(np.fft.fft2)
def fft2(a: Any, s: Any = None, axes: Any = (-2, -1), norm: Any = None) -> Any:
    """Transform along two axes."""
    return fftn(a, s, axes, norm)


@speaks(np.fft.ifft2)
def ifft2(a: Any, s: Any = None, axes: Any = (-2, -1), norm: Any = None) -> Any:
    """Inverse of fft2."""
    return ifftn(a, s, axes, norm)


@speaks(np.fft.rfft2)
def rfft2(a: Any, s: Any = None, axes: Any = (-2, -1), norm: Any = None) -> Any:
    """Transform of real numbers along two axes."""
    return rfftn(a, s, axes, norm)


@speaks(np.fft.irfft2)
def irfft2(a: Any, s: Any = None, axes: Any = (-2, -1), norm: Any = None) -> Any:
    """Inverse of rfft2, real."""
    return irfftn(a, s, axes, norm)


# -- order of frequencies ----------------------------------------------------------------


def _shifted(x: Any, axes: Any, towards: int) -> Any:
    """Roll by half the length, rounded down or (backward) up."""
    x = as_one(x)
    if not isinstance(axes, (list, tuple)):
        axes = axes_of(axes, x.ndim)
    return roll(x, tuple([towards * (x.shape[i] // 2) for i in axes]), axis=tuple(axes))


@speaks(np.fft.fftshift)
def fftshift(x: Any, axes: Any = None) -> Any:
    """Put frequency 0 into the middle."""
    return _shifted(x, axes, 1)


@speaks(np.fft.ifftshift)
def ifftshift(x: Any, axes: Any = None) -> Any:
    """Undo fftshift."""
    return _shifted(x, axes, -1)
