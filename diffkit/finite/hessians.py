"""The matrix of second derivatives, by second differences along lines and in planes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations_with_replacement, product
from math import isfinite
from typing import Any

import numpy as np

from .adaptive import (
    ACCURATE,
    ONE_SIDED_COLUMNS,
    SAFETY,
    SYMMETRIC_COLUMNS,
    between_bounds,
    kink_bound,
    sides_of,
    verdict,
)
from .arguments import checked_step
from .calling import Function
from .climbing import CALLS, Budget, Climbed, Quotient, climb, finite_start
from .columns import asked
from .estimate import Estimate, collect
from .ladder import NOWHERE, Level, Outcome, Rung
from .lines import Line, Probe, Sheet, coordinate
from .running import INTERRUPTED, finish

NOISE = 8 * SAFETY  # four values weigh in, where a first difference has one on each side
MIXED_CALLS = 2 * CALLS  # a mixed quotient costs four calls a level, a plain one two
BOTH = (1, -1)  # where a coordinate is moved to, in steps
BLANK = Outcome(NOWHERE, "no finite values")


def hessian(
    f: Callable,
    x: Any,
    *,
    step: float | None = None,
    bounds: tuple | None = None,
    vectorized: bool = False,
    executor: Any = None,
) -> Estimate:
    """Estimate the matrix of second derivatives of a function that returns one number.

    Parameters
    ----------
    f : callable, array of the shape of x -> number
    x : array of any shape, or number
        Never changed; f gets fresh copies.
    step : float, optional
        The first step tried along each coordinate, in units of x. Default: an
        eighth of its size.
    bounds, vectorized, executor : as in `gradient`

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
    first = checked_step(step)
    task = asked(x, "adaptive", None, False, None, bounds, vectorized, executor)
    function, places = Function(f, task.x, True, task.how), list(np.ndindex(task.x.shape))
    pairs = list(combinations_with_replacement(places, 2))
    lines = {c.index: c for c in _coordinates(function, task.limits)}
    jobs = [_job(lines[i], lines[j], first) for i, j in pairs]
    found = dict(zip(pairs, finish(jobs, function), strict=True))
    entries = [found.get((i, j)) or found.get((j, i)) for i in places for j in places]
    outcomes = [entry[0] if entry else INTERRUPTED for entry in entries]
    return collect(outcomes, function, task.x.shape * 2)


@dataclass(frozen=True)
class Coordinate:
    """An entry of x, and what it takes to make lines along it."""

    function: Function
    index: tuple[int, ...]
    limits: tuple[float, float]

    def line(self) -> Line:
        """Return the line along this entry."""
        return coordinate(self.function, self.index, *self.limits)


def _coordinates(function: Function, limits: tuple) -> Iterator[Coordinate]:
    for index in np.ndindex(function.x.shape):
        yield Coordinate(function, index, (float(limits[0][index]), float(limits[1][index])))


def _job(i: Coordinate, j: Coordinate, step: float | None) -> Callable[[], list[Outcome]]:
    if i is j:
        line = i.line()
        return lambda: [_diagonal(line.probe(0), step)]
    plane = Plane(i, j)
    return lambda: [_beside(plane, step)]


# -- on the diagonal ---------------------------------------------------------------


def _diagonal(probe: Probe, step: float | None) -> Outcome:
    if not (isfinite(probe.base) and isfinite(probe.origin)):
        return BLANK
    h = probe.start(step)
    budget = Budget(lambda: probe.calls, CALLS - 1)
    fitting, both = between_bounds(probe, h), second_difference(probe)
    start = fitting and finite_start(both, fitting)
    if start:
        return _judged(probe, climb(both, start, budget, probe.eps))
    for side in sides_of(probe):
        alone = one_sided_second(probe, side)
        start = finite_start(alone, h)
        if start:
            rung = climb(alone, start, budget, probe.eps).rung
            return Outcome(rung, _quality(probe, rung, "one-sided"))
    return BLANK


def _judged(probe: Probe, climbed: Climbed) -> Outcome:
    rung, levels = climbed.rung, climbed.levels
    gaps = [_curvature_gap(probe, level.step) for level in levels[-2:]]
    bound = kink_bound(gaps, levels[-2:])
    if bound > rung.bound:
        return Outcome(rung._replace(truncation=bound), "kink suspected")
    return Outcome(rung, _quality(probe, rung))


def _quality(probe: Probe, rung: Rung, otherwise: str = "converged") -> str:
    size = max(abs(rung.value), abs(probe.base) / max(probe.scale, rung.step) ** 2)
    return verdict(rung, probe.eps**ACCURATE * size, otherwise)


def second_difference(probe: Probe) -> Quotient:
    """Return (f(x+h) - 2 f(x) + f(x-h)) / h**2, a polynomial in h*h."""

    def level(h: float) -> Level | None:
        right, left = probe.shifted(h), probe.shifted(-h)
        if probe.origin in (right, left):
            return None
        probe.need(right, left)
        above, below, half = probe(right), probe(left), (right - left) / 2
        value = ((above - probe.base) - (probe.base - below)) / half / half
        if not isfinite(value):
            return None
        eta = probe.eta(max(abs(above), abs(below), abs(probe.base)), (above - below) / 2 / half)
        return Level(half, 2, value, NOISE * eta / half / half)

    return Quotient(level, 2, SYMMETRIC_COLUMNS)


def one_sided_second(probe: Probe, side: int) -> Quotient:
    """Return (f(x) - 2 f(x+h) + f(x+2h)) / h**2 for one sign of h, a polynomial in h."""

    def level(h: float) -> Level | None:
        near, far = probe.shifted(side * h), probe.shifted(2 * side * h)
        width = far - near
        if probe.origin == near or near - probe.origin != width:
            return None
        probe.need(near, far)
        value = ((probe(far) - probe(near)) - (probe(near) - probe.base)) / width / width
        if not isfinite(value):
            return None
        size = max(abs(probe(far)), abs(probe(near)), abs(probe.base))
        eta = probe.eta(size, (probe(far) - probe.base) / (far - probe.origin))
        return Level(abs(width), 1, value, NOISE * eta / width / width)

    return Quotient(level, 2, ONE_SIDED_COLUMNS)


def _curvature_gap(probe: Probe, h: float) -> float:
    """Return the curvature to the right of x less that to the left; 0 in the limit, if smooth."""
    values = [probe(probe.shifted(k * h)) for k in (-1.0, -0.5, 0.5, 1.0)]
    right = values[3] - 2 * values[2] + probe.base
    left = values[0] - 2 * values[1] + probe.base
    return (right - left) / (h / 2) ** 2


# -- beside the diagonal -------------------------------------------------------------


class Plane(Sheet):
    """f at points (u, v) of the plane through x along two coordinates."""

    def __init__(self, i: Coordinate, j: Coordinate) -> None:
        self.first, self.second = i.line().probe(0), j.line().probe(0)

        def point(place: tuple[float, float]) -> np.ndarray:
            moved = i.function.x.copy()
            moved[i.index], moved[j.index] = place
            return moved

        super().__init__(i.function, point)
        self.known[self.first.origin, self.second.origin] = i.function.base

    def inside(self, place: Any) -> bool:
        """Say whether both coordinates are within their bounds."""
        return self.first.line.inside(place[0]) and self.second.line.inside(place[1])


def _beside(plane: Plane, step: float | None) -> Outcome:
    first, second, function = plane.first, plane.second, plane.function
    if not all(map(isfinite, (first.base, first.origin, second.origin))):
        return BLANK
    a, b = first.start(step), second.start(step)
    for quotient in _mixed_quotients(plane, a, b):
        start = finite_start(quotient, 1.0)
        if start:
            budget = Budget(lambda: len(plane.known), MIXED_CALLS)
            rung = climb(quotient, start, budget, function.eps).rung
            sides = max(first.scale, rung.step * a) * max(second.scale, rung.step * b)
            size = max(abs(rung.value), abs(first.base) / sides)
            word = verdict(rung, function.eps**ACCURATE * size, quotient.name)
            return Outcome(rung._replace(step=rung.step * a, last=rung.last * a), word)
    return BLANK


def _mixed_quotients(plane: Plane, a: float, b: float) -> Iterator[Quotient]:
    """Return the quotients to try: symmetric where there is room, then those in one corner."""
    fitting = between_bounds(plane.first, a), between_bounds(plane.second, b)
    if all(fitting):
        yield mixed_difference(plane, fitting, (BOTH, BOTH))
    for s, t in product(sides_of(plane.first), sides_of(plane.second)):
        yield mixed_difference(plane, (a, b), ((s, 0), (t, 0)))


def mixed_difference(plane: Plane, steps: tuple, moves: tuple) -> Quotient:
    """Return the difference over four corners as a quotient in s, the size of the rectangle.

    With both coordinates moved to both sides it is a polynomial in s*s, else in s.
    """
    first, second = plane.first, plane.second
    symmetric = moves == (BOTH, BOTH)

    def level(s: float) -> Level | None:
        p = [first.shifted(k * s * steps[0]) for k in moves[0]]
        q = [second.shifted(k * s * steps[1]) for k in moves[1]]
        width, height = p[0] - p[1], q[0] - q[1]
        if not width or not height:
            return None
        plane.need(*product(p, q))
        f = np.array([[float(plane.values((u, v))[0]) for v in q] for u in p])
        value = float(f[0, 0] - f[0, 1] - f[1, 0] + f[1, 1]) / width / height
        slopes = abs(np.array([f[0].sum() - f[1].sum(), f[:, 0].sum() - f[:, 1].sum()])) / 2
        moved = first.scale * slopes[0] / abs(width) + second.scale * slopes[1] / abs(height)
        eta = first.eta(float(abs(f).max()) + moved, 0.0)
        noise = NOISE * eta / abs(width) / abs(height)
        return Level(s, 1 + symmetric, value, float(noise)) if isfinite(value) else None

    if symmetric:
        return Quotient(level, 4, SYMMETRIC_COLUMNS)
    return Quotient(level, 4, ONE_SIDED_COLUMNS, "one-sided")
