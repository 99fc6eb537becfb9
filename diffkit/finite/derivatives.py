"""Derivative, gradient and directional derivative by differences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..errors import ShapeError
from .arguments import as_point, checked_step
from .calling import Function
from .columns import Column, asked, by_output
from .estimate import Estimate, collect
from .lines import along, room
from .running import finish


def derivative(
    f: Callable,
    x: Any,
    *,
    scheme: str = "adaptive",
    order: int | None = None,
    step: float | None = None,
    guard: bool = False,
    bounds: tuple | None = None,
    vectorized: bool = False,
    executor: Any = None,
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
        24 calls, and up to twice as many where f looks noisy or has a kink;
        "complex" is checked against it before it is believed.
    order : int, optional
        With `scheme="central"`: 2, 4, 6 or 8.
    step : float, optional
        h, in units of x: the fixed step, or the first one that "adaptive" tries.
        Default for fixed schemes: about eps**(1/(order+1)) * abs(x), 1 for x = 0;
        a power of two.
    guard : bool
        Spend six more calls on measuring the noise of f and on a slope at tiny
        steps, which finds kinks and aliases (only for "adaptive"). Where f looks
        far noisier than its size tells, this is done unasked.
    bounds : (lower, upper), optional
        f is not called outside; None for no bound. Near a bound the difference
        is one-sided.
    vectorized : bool
        Say that f takes a stack of points, of shape (k,), and returns k values. That
        is checked. There are fewer calls then, each with more points; `evaluations`
        counts points.
    executor : concurrent.futures.Executor, optional
        Calls f: threads, processes (f must be picklable), Dask, MPI. The numbers are
        the same as without.

    Returns
    -------
    Estimate, in units of f per unit of x

    Raises
    ------
    NonScalarOutput
        If f returns an array.
    ShapeError
        If x is an array, or f with `vectorized` returns no row for each point.
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
    task = asked(x, scheme, order, guard, step, bounds, vectorized, executor)
    if task.x.shape != ():
        raise ShapeError(
            f"x has shape {task.x.shape}; derivative is for one number, "
            "use gradient or jacobian for arrays"
        )
    return task.estimate(f, scalar=True)


def gradient(
    f: Callable,
    x: Any,
    *,
    scheme: str = "adaptive",
    order: int | None = None,
    step: Any = None,
    guard: bool | str = False,
    bounds: tuple | None = None,
    vectorized: bool = False,
    executor: Any = None,
) -> Estimate:
    """Estimate the gradient of a function that returns one number.

    Parameters
    ----------
    f : callable, array of the shape of x -> number
    x : array of any shape
        Never changed; f gets fresh copies.
    scheme, order : as in `derivative`
    guard : bool or "direction"
        True stands guard in every entry, at six calls each. "direction" does so once,
        along a random direction of +-1, and in every entry only where the
        derivatives do not add up to the slope seen there.
    step : float or array that broadcasts to x, optional
    bounds : (lower, upper), optional
        Each a number, None, or an array that broadcasts to x.
    vectorized : bool
        Say that f takes a stack of points, of shape (k, *x.shape), and returns k
        values. That is checked.
    executor : as in `derivative`

    Returns
    -------
    Estimate of the shape of x, in units of f per unit of x

    Raises
    ------
    NonScalarOutput
        If f returns an array; that has a `jacobian`.
    NotDifferentiable, ArgumentError, ShapeError
        As in `derivative`; ArgumentError also for an empty x.

    Notes
    -----
    After two seconds a line on stderr tells how far it is. Ctrl-C returns what is
    finished; the other entries have the status "interrupted" and no value.

    Examples
    --------
    >>> import numpy as np
    >>> gradient(lambda x: x @ x, np.array([1.0, 2.0])).value.round(9)
    array([2., 4.])
    """
    task = asked(x, scheme, order, guard, step, bounds, vectorized, executor)
    return task.estimate(f, scalar=True)


def directional(
    f: Callable,
    x: Any,
    v: Any,
    *,
    scheme: str = "adaptive",
    order: int | None = None,
    step: float | None = None,
    guard: bool = True,
    bounds: tuple | None = None,
    vectorized: bool = False,
    executor: Any = None,
) -> Estimate:
    """Estimate the derivative of f along v: the limit of (f(x + t*v) - f(x)) / t.

    Parameters
    ----------
    f : callable, array of the shape of x -> number or array
    x : array of any shape, or number
    v : array of the shape of x, in units of x
        Its length counts: twice the v, twice the derivative.
    scheme, order, step, vectorized, executor : as in `derivative`
        The step is one of t.
    guard : bool
        On by default: x + t*v is rounded, and only a measurement tells how much
        of that f shows.
    bounds : as in `gradient`
        x + t*v stays within.

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
    task = asked(x, scheme, order, bool(guard), None, bounds, vectorized, executor)
    way, first = as_point(v), checked_step(step)
    if task.x.shape != way.shape:
        raise ShapeError(f"v has shape {way.shape}, x has shape {task.x.shape}; give the same")
    function = Function(f, task.x, False, task.how)
    line = along(function, way, *room(task.x, way, task.limits))
    found = finish([Column(line, task.method, first)], function)
    return collect(by_output(found, function), function, function.shape)
