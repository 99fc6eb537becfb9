"""Parts of numbers: angle, real part, fraction, mantissa, and what replaces nan."""

from __future__ import annotations

from math import pi
from typing import Any

import numpy as np

from ..core.tracing import is_traced
from . import arithmetic, comparison, elementwise, reductions
from .arguments import as_one
from .assignment import into
from .functions import FUNCTIONS, speaks
from .questions import isneginf, isposinf
from .rules import row


@speaks(np.angle)
def angle(z: Any, deg: bool = False) -> Any:
    """The argument of a complex number: 0 or pi for a real one."""
    z = as_one(z)
    is_complex = z.dtype.kind == "c"
    imag, real = (elementwise.imag(z), elementwise.real(z)) if is_complex else (0, z)
    turned = arithmetic.arctan2(imag, real)
    return turned * (180 / pi) if deg else turned


def astype(x: Any, dtype: Any, /, *, copy: bool = True, device: Any = None) -> Any:
    """Convert to another dtype; only floating ones carry a derivative."""
    return as_one(x).astype(dtype)


if hasattr(np, "astype"):  # NumPy 2.1
    speaks(np.astype)(astype)


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


@speaks(np.nan_to_num)
def nan_to_num(
    x: Any, copy: bool = True, nan: Any = 0.0, posinf: Any = None, neginf: Any = None
) -> Any:
    """Replace nan and infinities by numbers."""
    if not copy:
        return into(x, nan_to_num(x, True, nan, posinf, neginf), "np.nan_to_num(copy=False)")
    x = as_one(x)
    if not is_traced(nan) and nan == 0 and posinf is None and neginf is None:
        return elementwise.nan_to_num(x)
    if x.dtype.kind == "c":
        parts = [nan_to_num(f(x), True, nan, posinf, neginf) for f in _PARTS]
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
