"""Derivative, gradient, Jacobian and directional derivative by differences."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import inf
from typing import Any, NamedTuple

import numpy as np

from ..errors import ArgumentError, ShapeError
from .adaptive import Outcome, adaptive
from .estimate import Estimate
from .fixed import complex_step, fixed_step
from .lines import Function, Line, Probe, as_point
from .schemes import Scheme, find_scheme


def derivative(
    f: Callable,
    x: Any,
    *,
    scheme: str = "adaptive",
    order: int | None = None,
    step: float | None = None,
    guard: bool = False,
    bounds: tuple | None = None,
) -> Estimate:
    """Estimate the derivative of a function of one number.

    Parameters
    ----------
    f : callable, number -> number
        Called with a NumPy scalar of the type of x. Where it raises an
        ArithmeticError or a ValueError, away from x, it counts as not finite.
    x : number
        Integers are taken as float64. A float32 is differentiated in float32: the
        steps are exact in it, and the error bar rests on the precision of what f
        returns. Wider types than float64 are taken as float64.
    scheme : str
        A row of `SCHEMES`. "adaptive" chooses steps and order itself, with at most
        24 calls; "complex" is checked against it before it is believed.
    order : int, optional
        With `scheme="central"`: 2, 4, 6 or 8.
    step : float, optional
        h, in units of x: the fixed step, or the first one that "adaptive" tries.
        Default for fixed schemes: about eps**(1/(order+1)) * abs(x), 1 for x = 0;
        a power of two.
    guard : bool
        Spend six more calls on measuring the noise of f and on a slope at tiny
        steps, which finds kinks and aliases (only for "adaptive").
    bounds : (lower, upper), optional
        f is not called outside; None for no bound. Near a bound the difference
        is one-sided.

    Returns
    -------
    Estimate, in units of f per unit of x

    Raises
    ------
    NonScalarOutput
        If f returns an array.
    NotDifferentiable
        If x or f(x) is complex, text, None or not a number at all.
    ArgumentError
        For an unknown scheme, an unusable step, or an x outside the bounds.

    References
    ----------
    Ridders, Accurate computation of F'(x) and F'(x)F''(x), Adv. Eng. Softw. 4
    (1982); Nocedal & Wright, Numerical Optimization, 2nd ed., section 8.1.

    Examples
    --------
    >>> import numpy as np
    >>> estimate = derivative(np.sin, 1.0)
    >>> float(estimate).__round__(12), estimate.status
    (0.540302305868, 'converged')
    >>> bool(abs(estimate.value - np.cos(1.0)) <= estimate.error)
    True
    """
    point = as_point(x)
    if point.shape != ():
        raise ShapeError(
            f"x has shape {point.shape}; derivative is for one number, "
            "use gradient or jacobian for arrays"
        )
    return _partials(f, point, True, _method(scheme, order, guard), step, bounds)


def gradient(
    f: Callable,
    x: Any,
    *,
    scheme: str = "adaptive",
    order: int | None = None,
    step: Any = None,
    guard: bool = False,
    bounds: tuple | None = None,
) -> Estimate:
    """Estimate the gradient of a function that returns one number.

    Parameters
    ----------
    f : callable, array of the shape of x -> number
    x : array of any shape
        Never changed; f gets fresh copies.
    scheme, order, guard : as in `derivative`
    step : float or array that broadcasts to x, optional
    bounds : (lower, upper), optional
        Each a number, None, or an array that broadcasts to x.

    Returns
    -------
    Estimate of the shape of x, in units of f per unit of x

    Raises
    ------
    NonScalarOutput
        If f returns an array; that has a `jacobian`.
    NotDifferentiable, ArgumentError, ShapeError
        As in `derivative`; ArgumentError also for an empty x.

    Examples
    --------
    >>> import numpy as np
    >>> gradient(lambda x: x @ x, np.array([1.0, 2.0])).value.round(9)
    array([2., 4.])
    """
    return _partials(f, as_point(x), True, _method(scheme, order, guard), step, bounds)


def jacobian(
    f: Callable,
    x: Any,
    *,
    scheme: str = "adaptive",
    order: int | None = None,
    step: Any = None,
    guard: bool = False,
    bounds: tuple | None = None,
) -> Estimate:
    """Estimate all partial derivatives of a function that returns an array.

    Parameters
    ----------
    f : callable, array of the shape of x -> array
    x : array of any shape, or number
    scheme, order, step, guard, bounds : as in `gradient`

    Returns
    -------
    Estimate of shape f.shape + x.shape
        Each output has its own steps and error bar; they share the calls of f.

    Raises
    ------
    ShapeError
        If f returns arrays of different shapes at different points.
    NotDifferentiable, ArgumentError
        As in `derivative`.

    Examples
    --------
    >>> import numpy as np
    >>> f = lambda x: np.stack([x[0] * x[1], x[0]])
    >>> jacobian(f, np.array([2.0, 3.0])).value.round(9) + 0.0
    array([[3., 2.],
           [1., 0.]])
    """
    return _partials(f, as_point(x), False, _method(scheme, order, guard), step, bounds)


def directional(
    f: Callable,
    x: Any,
    v: Any,
    *,
    scheme: str = "adaptive",
    order: int | None = None,
    step: float | None = None,
    guard: bool = True,
) -> Estimate:
    """Estimate the derivative of f along v: the limit of (f(x + t*v) - f(x)) / t.

    Parameters
    ----------
    f : callable, array of the shape of x -> number or array
    x : array of any shape, or number
    v : array of the shape of x, in units of x
        Its length counts: twice the v, twice the derivative.
    scheme, order, step : as in `derivative`
        The step is one of t.
    guard : bool
        On by default: x + t*v is rounded, and only a measurement tells how much
        of that f shows.

    Returns
    -------
    Estimate of the shape of f(x)

    Raises
    ------
    ShapeError
        If v has not the shape of x.
    NotDifferentiable, ArgumentError
        As in `derivative`.

    Examples
    --------
    >>> import numpy as np
    >>> along = directional(lambda x: x[0] * x[1], [2.0, 3.0], [1.0, -1.0])
    >>> round(float(along), 9)
    1.0
    """
    point, way = as_point(x), as_point(v)
    if point.shape != way.shape:
        raise ShapeError(f"v has shape {way.shape}, x has shape {point.shape}; give the same")
    method = _method(scheme, order, guard)
    function = Function(f, point, False)
    outcomes = _outcomes(_along(function, way), method, checked_step(step))
    return collect(outcomes, function, function.shape, point.dtype)


# -- inside ----------------------------------------------------------------------


class Method(NamedTuple):
    """A row of the table, and whether to stand guard."""

    scheme: Scheme
    guard: bool

    def __call__(self, probe: Probe, step: float | None) -> Outcome:
        """Estimate the derivative of one output along a line."""
        if self.scheme.name == "adaptive":
            return adaptive(probe, step, self.guard)
        if self.scheme.sides == "complex":
            return complex_step(probe, step, self.guard)
        return fixed_step(probe, self.scheme, step)


def _method(scheme: str, order: int | None, guard: bool) -> Method:
    return Method(find_scheme(scheme, order), guard)


def _partials(
    f: Callable, x: np.ndarray, scalar: bool, method: Method, step: Any, bounds: Any
) -> Estimate:
    steps = _steps_like(step, x)
    lower, upper = _bounds_like(bounds, x)
    function = Function(f, x, scalar)
    columns = [
        _outcomes(coordinate(function, index, *limits), method, h)
        for index, *limits, h in zip(
            np.ndindex(x.shape), lower.flat, upper.flat, steps.flat, strict=True
        )
    ]
    shape = (function.shape or ()) + x.shape
    # columns[input][output] -> output first, as the shape of the Jacobian has it
    outcomes = [outcome for row in zip(*columns, strict=True) for outcome in row]
    return collect(outcomes, function, shape, x.dtype)


def _outcomes(line: Line, method: Method, step: float | None) -> list[Outcome]:
    return [method(line.probe(k), step) for k in range(line.function.base.size)]


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


def _along(function: Function, v: np.ndarray) -> Line:
    """Return the line x + t*v, measured by t."""
    x = function.x

    def point(t: Any) -> np.ndarray:
        return (x + t * v).astype(np.result_type(x, np.complex64) if np.iscomplex(t) else x.dtype)

    longest = np.max(np.abs(v)) or 1.0
    scale = np.max(np.abs(x), where=v != 0, initial=0.0) / longest
    return Line(function, point, 0.0, float(scale))


def collect(outcomes: Iterable[Outcome], function: Function, shape: Any, dtype: Any) -> Estimate:
    """Gather outcomes, in order, into one estimate of a shape."""
    rungs, statuses = zip(*outcomes, strict=True)

    def arranged(numbers: Iterable[float]) -> np.ndarray:
        return np.array(list(numbers), dtype=float).reshape(shape)[()]

    value, rounding = arranged(r.value for r in rungs), arranged(r.noise for r in rungs)
    truncation = arranged(r.truncation for r in rungs)
    if np.dtype(dtype).itemsize < 8:  # given in the type of x, so rounded once more
        rounding = rounding + np.finfo(dtype).eps * np.abs(value)
        value = value.astype(dtype)
    status = np.array(statuses).reshape(shape) if shape else statuses[0]
    step = arranged(r.step for r in rungs)
    error = truncation + rounding
    return Estimate(value, error, truncation, rounding, function.calls, status, step)


def _steps_like(step: Any, x: np.ndarray) -> np.ndarray:
    """Return the steps of all entries of x, None where they are to be chosen."""
    if step is None:
        return np.full(x.shape, None)
    return _broadcast(checked_step(step), x, "step")


def checked_step(step: Any) -> Any:
    """Return a step, or several, as positive floats; None stays None."""
    if step is None:
        return None
    steps = np.asarray(step)
    if steps.dtype.kind not in "fiu" or not np.all((steps > 0) & np.isfinite(steps)):
        raise ArgumentError(f"step must be positive and finite, not {step!r}")
    return steps.astype(float)[()]


def _bounds_like(bounds: Any, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    lower, upper = _pair(bounds)
    low = _broadcast(-inf if lower is None else lower, x, "the lower bound")
    high = _broadcast(inf if upper is None else upper, x, "the upper bound")
    if np.any((x < low) | (x > high)):
        raise ArgumentError(f"x = {x.tolist()!r:.60} lies outside the bounds {bounds!r:.60}")
    return low, high


def _pair(bounds: Any) -> tuple[Any, Any]:
    if bounds is None:
        return None, None
    if not isinstance(bounds, (tuple, list)) or len(bounds) != 2:
        raise ArgumentError(f"bounds must be (lower, upper), not {bounds!r:.60}")
    return bounds[0], bounds[1]


def _broadcast(value: Any, x: np.ndarray, what: str) -> np.ndarray:
    try:
        return np.broadcast_to(np.asarray(value, dtype=float), x.shape)
    except ValueError:
        raise ShapeError(
            f"{what} has shape {np.shape(value)}, which does not fit x of shape {x.shape}"
        ) from None
