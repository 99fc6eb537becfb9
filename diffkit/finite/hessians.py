"""The matrix of second derivatives, by second differences along lines and in planes."""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite
from typing import Any

import numpy as np

from .adaptive import ACCURATE, SAFETY, kink_bound, verdict
from .arguments import as_point, checked_step
from .climbing import CALLS, Budget, Quotient, climb, finite_start
from .estimate import Estimate, collect
from .ladder import NOWHERE, Level, Outcome
from .lines import Function, Probe, coordinate

Index = tuple[int, ...]
MIXED_CALLS = 2 * CALLS  # a mixed quotient costs four calls a level, a plain one two
COLUMNS = 4


def hessian(f: Callable, x: Any, *, step: float | None = None) -> Estimate:
    """Estimate the matrix of second derivatives of a function that returns one number.

    Parameters
    ----------
    f : callable, array of the shape of x -> number
    x : array of any shape, or number
        Never changed; f gets fresh copies.
    step : float, optional
        The first step tried along each coordinate, in units of x. Default: an
        eighth of its size.

    Returns
    -------
    Estimate of shape x.shape + x.shape, symmetric
        In units of f per unit of x squared. Up to 24 calls for a diagonal entry and
        48 for one beside it.

    Raises
    ------
    NonScalarOutput
        If f returns an array.
    NotDifferentiable, ArgumentError
        As in `derivative`.

    References
    ----------
    Abramowitz & Stegun, Handbook of Mathematical Functions, 25.3.23 and 25.3.26.

    Examples
    --------
    >>> hessian(lambda x: x[0] ** 2 * x[1], [3.0, 5.0]).value.round(6) + 0.0
    array([[10.,  6.],
           [ 6.,  0.]])
    """
    start, point = checked_step(step), as_point(x)
    function = Function(f, point, True)
    probes = {index: coordinate(function, index).probe(0) for index in np.ndindex(point.shape)}
    found: dict[tuple[Index, Index], Outcome] = {}
    for i in probes:
        for j in probes:
            known = found.get((j, i))
            found[i, j] = known or _entry(probes[i], probes[j], i, j, start)
    return collect(found.values(), function.calls, point.shape * 2, point.dtype)


def _entry(first: Probe, second: Probe, i: Index, j: Index, step: float | None) -> Outcome:
    if not isfinite(first.base) or not (isfinite(first.origin) and isfinite(second.origin)):
        return Outcome(NOWHERE, "no finite values")
    if i == j:
        return _diagonal(first, first.start(step))
    return _beside(first, second, i, j, step)


# -- on the diagonal ---------------------------------------------------------------


def _diagonal(probe: Probe, h: float) -> Outcome:
    budget = Budget(lambda: probe.calls, CALLS - 1)
    quotient = second_difference(probe)
    start = finite_start(quotient, h)
    if start is None:
        return Outcome(NOWHERE, "no finite values")
    rung, levels = climb(quotient, start, budget, probe.eps)
    gaps = [_curvature_gap(probe, level.step) for level in levels[-2:]]
    bound = kink_bound(gaps, levels[-2:])
    if bound > rung.bound:
        return Outcome(rung._replace(truncation=bound), "kink suspected")
    size = max(abs(rung.value), abs(probe.base) / max(probe.scale, rung.step) ** 2)
    return Outcome(rung, verdict(rung, probe.eps**ACCURATE * size))


def second_difference(probe: Probe) -> Quotient:
    """Return (f(x+h) - 2 f(x) + f(x-h)) / h**2, a polynomial in h*h."""

    def level(h: float) -> Level | None:
        right, left = probe.shifted(h), probe.shifted(-h)
        if probe.origin in (right, left):
            return None
        above, below, half = probe(right), probe(left), (right - left) / 2
        value = ((above - probe.base) - (probe.base - below)) / half / half
        if not isfinite(value):
            return None
        eta = probe.eta(max(abs(above), abs(below), abs(probe.base)), (above - below) / 2 / half)
        return Level(half, 2, value, 4 * SAFETY * eta / half / half)

    return Quotient(level, 2, COLUMNS)


def _curvature_gap(probe: Probe, h: float) -> float:
    """Return the curvature to the right of x less that to the left; 0 in the limit, if smooth."""
    values = [probe(probe.shifted(k * h)) for k in (-1.0, -0.5, 0.5, 1.0)]
    right = values[3] - 2 * values[2] + probe.base
    left = values[0] - 2 * values[1] + probe.base
    return (right - left) / (h / 2) ** 2


# -- beside the diagonal -------------------------------------------------------------


def _beside(first: Probe, second: Probe, i: Index, j: Index, step: float | None) -> Outcome:
    function = first.line.function
    a, b = first.start(step), second.start(step)
    quotient = mixed_difference(first, second, i, j, a, b)
    budget = Budget(lambda: function.calls, MIXED_CALLS)
    start = finite_start(quotient, 1.0)
    if start is None:
        return Outcome(NOWHERE, "no finite values")
    rung, _ = climb(quotient, start, budget, function.eps)
    sides = max(first.scale, rung.step * a) * max(second.scale, rung.step * b)
    size = max(abs(rung.value), abs(first.base) / sides)
    return Outcome(rung._replace(step=rung.step * a), verdict(rung, function.eps**ACCURATE * size))


def mixed_difference(
    first: Probe, second: Probe, i: Index, j: Index, a: float, b: float
) -> Quotient:
    """Return the difference over the corners (x_i +- s*a, x_j +- s*b), a polynomial in s*s."""
    function = first.line.function

    def level(s: float) -> Level | None:
        p = [first.shifted(k * s * a) for k in (1, -1)]
        q = [second.shifted(k * s * b) for k in (1, -1)]
        if first.origin in p or second.origin in q:
            return None
        f = np.array([[_corner(function, i, j, u, v) for v in q] for u in p])
        width, height = p[0] - p[1], q[0] - q[1]
        value = float(f[0, 0] - f[0, 1] - f[1, 0] + f[1, 1]) / width / height
        slopes = abs(np.array([f[0].sum() - f[1].sum(), f[:, 0].sum() - f[:, 1].sum()])) / 2
        moved = first.scale * slopes[0] / width + second.scale * slopes[1] / height
        eta = first.eta(float(abs(f).max()) + moved, 0.0)
        noise = 4 * SAFETY * eta / width / height
        return Level(s, 2, value, float(noise)) if isfinite(value) else None

    return Quotient(level, 4, COLUMNS)


def _corner(function: Function, i: Index, j: Index, u: float, v: float) -> float:
    x = function.x.copy()
    x[i], x[j] = u, v
    return float(function(x)[0])
