"""Derivative, gradient, Jacobian and directional derivative by differences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from ..errors import ShapeError
from .adaptive import adaptive
from .arguments import as_point, bounds_like, checked_step, steps_like
from .estimate import Estimate, collect
from .fixed import complex_step, fixed_step
from .ladder import Outcome
from .lines import Function, Line, Probe, along, coordinate
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
    outcomes = _outcomes(along(function, way), method, checked_step(step))
    return collect(outcomes, function.calls, function.shape, point.dtype)


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
    steps = steps_like(step, x)
    lower, upper = bounds_like(bounds, x)
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
    return collect(outcomes, function.calls, shape, x.dtype)


def _outcomes(line: Line, method: Method, step: float | None) -> list[Outcome]:
    return [method(line.probe(k), step) for k in range(line.function.base.size)]
