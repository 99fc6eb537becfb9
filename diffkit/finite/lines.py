"""A function along a line: every point computed once, counted, checked and made float."""

from __future__ import annotations

from collections.abc import Callable
from math import inf, isfinite
from typing import Any

import numpy as np

from ..errors import ArgumentError, DiffkitError, NonScalarOutput, ShapeError
from .arguments import float_dtype, real_array

TINY = float(np.finfo(float).smallest_subnormal)


class Function:
    """The user's function, called on fresh copies, with its calls counted.

    `scalar` demands one number. The value at x itself is computed at once; it tells
    shape and precision of all other values, and what it raises is the user's to see.
    """

    def __init__(self, f: Callable, x: Any, scalar: bool) -> None:
        if not callable(f):
            raise ArgumentError(f"f must be a function, not {f!r}")
        self.f, self.scalar, self.calls = f, scalar, 0
        self.shape: tuple[int, ...] | None = None
        result = self._call(x)
        self.shape, self.x = result.shape, x
        self.base = result.astype(float).ravel()
        self.eps = float(np.finfo(float_dtype(result)).eps)

    def __call__(self, x: Any) -> np.ndarray:
        """Return f(x), flat and in float64; nan where f gives up."""
        try:
            return self._call(x).astype(float).ravel()
        except DiffkitError:
            raise
        except (ArithmeticError, ValueError):
            # Outside the domain: math.log(-1) raises where np.log(-1) is nan.
            return np.full(self.base.shape, np.nan)

    def _call(self, x: Any) -> np.ndarray:
        self.calls += 1
        with np.errstate(all="ignore"):
            result = self.f(x.copy()[()])
        if self.shape is not None and np.iscomplexobj(result):
            # Python's (-1.0)**0.5 is complex where NumPy's is nan: f has left its domain.
            return np.full(self.shape, np.nan)
        return self._checked(result)

    def imaginary(self, z: np.ndarray) -> np.ndarray:
        """Return the imaginary part of f(z), flat; nan if f is not one for complex z."""
        self.calls += 1
        try:
            with np.errstate(all="ignore"):
                result = np.asarray(self.f(z.copy()[()]))
        except (TypeError, ValueError, ArithmeticError, Warning):
            return np.full(self.base.shape, np.nan)
        if result.dtype.kind != "c" or result.shape != self.shape:
            return np.full(self.base.shape, np.nan)
        return result.imag.astype(float).ravel()

    def _checked(self, result: Any) -> np.ndarray:
        array = real_array(result)
        if self.scalar and array.shape != ():
            raise NonScalarOutput(
                f"f returned an array of shape {array.shape} where one number is needed; "
                "use jacobian for functions that return arrays"
            )
        if self.shape is not None and array.shape != self.shape:
            raise ShapeError(
                f"f returned shape {array.shape} at one point and {self.shape} at another"
            )
        return array


class Line:
    """f at `point(t)`, for t around `origin`.

    Parameters
    ----------
    function : Function
    point : callable, t -> argument of f
    origin : float
        The t of x itself.
    scale : float
        The size of t whose relative rounding shows in f; also what steps are
        measured by. 0 if nothing is known.
    dtype : floating point type of t: steps must be exact in it
    lower, upper : float
        t must stay within.
    """

    def __init__(
        self,
        function: Function,
        point: Callable[[Any], Any],
        origin: float,
        scale: float,
        dtype: Any = float,
        lower: float = -inf,
        upper: float = inf,
    ) -> None:
        self.function, self.point, self.origin, self.scale = function, point, origin, scale
        self.dtype, self.lower, self.upper = np.dtype(dtype).type, lower, upper
        self.known: dict[complex, np.ndarray] = {origin: function.base}

    def values(self, t: float) -> np.ndarray:
        """Return all outputs at t, computing them on first use."""
        if t not in self.known:
            inside = isfinite(t) and self.lower <= t <= self.upper
            self.known[t] = self.function(self.point(self.dtype(t))) if inside else self._nan()
        return self.known[t]

    def imaginary(self, t: complex) -> np.ndarray:
        """Return the imaginary parts of all outputs at a complex t."""
        if t not in self.known:
            self.known[t] = self.function.imaginary(self.point(np.complex128(t)))
        return self.known[t]

    def _nan(self) -> np.ndarray:
        return np.full(self.function.base.shape, np.nan)

    def probe(self, output: int) -> Probe:
        """Return one output along this line."""
        return Probe(self, output)


def coordinate(
    function: Function, index: tuple[int, ...], lower: float = -inf, upper: float = inf
) -> Line:
    """Return the line through x along one coordinate, measured by the coordinate itself."""

    def point(t: Any) -> np.ndarray:
        moved = function.x.astype(np.result_type(function.x, t))
        moved[index] = t
        return moved

    origin = float(function.x[index])
    return Line(function, point, origin, abs(origin), function.x.dtype, lower, upper)


def along(function: Function, v: np.ndarray) -> Line:
    """Return the line x + t*v, measured by t."""
    x = function.x

    def point(t: Any) -> np.ndarray:
        return (x + t * v).astype(np.result_type(x, np.complex64) if np.iscomplex(t) else x.dtype)

    longest = np.max(np.abs(v)) or 1.0
    scale = np.max(np.abs(x), where=v != 0, initial=0.0) / longest
    return Line(function, point, 0.0, float(scale))


class Probe:
    """One output of f along a line, and the noise to expect in it."""

    def __init__(self, line: Line, output: int = 0) -> None:
        self.line, self.output = line, output
        self.origin, self.scale = line.origin, line.scale
        self.eps, self.sigma = line.function.eps, 0.0
        self.seen = {line.origin}
        self.base = float(line.function.base[output])

    @property
    def calls(self) -> int:
        """The points that this output has asked for."""
        return len(self.seen)

    def shifted(self, h: float) -> float:
        """Return origin + h, as rounded in the type of x."""
        with np.errstate(over="ignore"):
            return float(self.line.dtype(self.origin + h))

    def __call__(self, t: float) -> float:
        """Return this output at t, nan where f has no finite value."""
        self.seen.add(t)
        return float(self.line.values(t)[self.output])

    def imaginary(self, t: float, h: float) -> float:
        """Return the imaginary part of f at t + ih, or nan."""
        return float(self.line.imaginary(complex(t, h))[self.output])

    def eta(self, size: float, slope: float) -> float:
        """Bound the noise of f: its own rounding, that of its argument, and what was measured.

        Parameters
        ----------
        size : float, the largest abs(f) nearby
        slope : float, about f'
        """
        return self.eps * size + abs(self.eps * self.scale * slope) + TINY + 1.5 * self.sigma

    def start(self, step: float | None = None) -> float:
        """Return the first step: a power of two near scale/8, so that x+-h is exact."""
        if step is not None:
            return step
        return power_of_two(self.scale / 8 if self.scale > 1e-290 else 0.125)


def power_of_two(size: float) -> float:
    """Return the power of two nearest to a positive size.

    >>> power_of_two(0.1)
    0.125
    """
    return float(2.0 ** round(np.log2(size)))
