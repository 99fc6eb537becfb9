"""A function along a line: every point computed once, and counted for each output."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import inf, isfinite
from typing import Any

import numpy as np

from .calling import Function

DEVIATIONS = 5.0  # of measured noise that are counted on
TINY = float(np.finfo(float).smallest_subnormal)


class Missing(Exception):
    """Places of a sheet that must be computed, with those of others, before work goes on."""

    def __init__(self, sheet: Sheet, places: Sequence) -> None:
        self.sheet, self.places = sheet, places


class Sheet:
    """f at `point(place)`, each place computed once and only if it is `inside`.

    Where f is better called on many points at once, a place that is not known yet is
    asked for by raising `Missing`.
    """

    def __init__(self, function: Function, point: Callable[[Any], np.ndarray]) -> None:
        self.function, self.point = function, point
        self.known: dict[Any, np.ndarray] = {}

    def need(self, *places: Any) -> None:
        """Make sure that all places are known."""
        new = [place for place in dict.fromkeys(places) if place not in self.known]
        for place in new:
            if not self.inside(place):
                self.known[place] = self.function.nowhere()
        new = [place for place in new if place not in self.known]
        if new and self.function.how.together:
            raise Missing(self, new)
        if new:
            learn([Missing(self, new)])

    def inside(self, place: Any) -> bool:
        """Say whether f may be called there."""
        return True

    def values(self, place: Any) -> np.ndarray:
        """Return all outputs at a place."""
        if place not in self.known:
            self.need(place)
        return self.known[place]


def learn(requests: Sequence[Missing]) -> None:
    """Compute what is missing, all in one go."""
    unique = {(id(m.sheet), place): (m.sheet, place) for m in requests for place in m.places}
    for kind in (float, complex):  # real and complex points do not share a stack
        asked = [(s, t) for s, t in unique.values() if isinstance(t, complex) == (kind is complex)]
        if asked:
            found = asked[0][0].function.values([sheet.point(place) for sheet, place in asked])
            for (sheet, place), values in zip(asked, found, strict=True):
                sheet.known[place] = values


class Line(Sheet):
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
        point: Callable[[Any], np.ndarray],
        origin: float,
        scale: float,
        dtype: Any = float,
        lower: float = -inf,
        upper: float = inf,
    ) -> None:
        super().__init__(function, point)
        self.origin, self.scale = origin, scale
        self.dtype, self.lower, self.upper = np.dtype(dtype).type, lower, upper
        self.known[origin] = function.base

    def inside(self, t: Any) -> bool:
        """Say whether t is finite and within the bounds."""
        return isinstance(t, complex) or (isfinite(t) and self.lower <= t <= self.upper)

    def probe(self, output: int, sigma: float = 0.0) -> Probe:
        """Return one output along this line, with the noise that is known of it."""
        return Probe(self, output, sigma)


def coordinate(
    function: Function, index: tuple[int, ...], lower: float = -inf, upper: float = inf
) -> Line:
    """Return the line through x along one coordinate, measured by the coordinate itself."""

    def point(t: Any) -> np.ndarray:
        moved = function.x.astype(complex if isinstance(t, complex) else function.x.dtype)
        moved[index] = t
        return moved

    origin = float(function.x[index])
    return Line(function, point, origin, abs(origin), function.x.dtype, lower, upper)


def along(function: Function, v: np.ndarray, lower: float = -inf, upper: float = inf) -> Line:
    """Return the line x + t*v, measured by t."""
    x = function.x

    def point(t: Any) -> np.ndarray:
        narrow = np.result_type(x, np.complex64) if isinstance(t, complex) else x.dtype
        return (x + t * v).astype(narrow)

    longest = np.max(np.abs(v)) or 1.0
    scale = np.max(np.abs(x), where=v != 0, initial=0.0) / longest
    return Line(function, point, 0.0, float(scale), lower=lower, upper=upper)


def room(
    x: np.ndarray, v: np.ndarray, limits: tuple[np.ndarray, np.ndarray]
) -> tuple[float, float]:
    """Return the t between which x + t*v stays within the limits."""
    moved = v != 0
    x, v, low, high = x[moved], v[moved], limits[0][moved], limits[1][moved]
    with np.errstate(invalid="ignore"):
        ahead, behind = np.where(v > 0, (high - x, x - low), (x - low, high - x))
    lower, upper = -np.min(behind / abs(v), initial=inf), np.min(ahead / abs(v), initial=inf)
    return float(lower), float(upper)


def group_line(
    function: Function, group: np.ndarray, steps: np.ndarray, limits: Any, stretch: Any = 1.0
) -> tuple[Line, np.ndarray]:
    """Return the line that moves some entries of x together, and how fast it moves each.

    Speeds are the steps or, where there are none, powers of two near the size of each
    entry, so that x is moved without rounding; times `stretch`. Entries with more room
    below move down.
    """
    x, (low, high) = function.x.ravel().astype(float), (limit.ravel() for limit in limits)
    speeds = np.zeros(x.shape)
    with np.errstate(invalid="ignore"):  # inf - inf: then it does not matter
        down = high - x < x - low
    for j in group:
        size = abs(x[j])
        speed = steps.flat[j] or power_of_two(size if 1e-290 < size < inf else 1.0)
        speeds[j] = -speed if down[j] else speed
    speeds *= stretch
    v = speeds.reshape(function.x.shape)
    line = along(function, v, *room(function.x, v, limits))
    line.scale = float(np.max(np.abs(x[group]) / np.abs(speeds[group])))
    return line, speeds


class Probe:
    """One output of f along a line, and the noise to expect in it."""

    def __init__(self, line: Line, output: int = 0, sigma: float = 0.0) -> None:
        self.line, self.output = line, output
        self.origin, self.scale = line.origin, line.scale
        self.eps, self.sigma = line.function.eps, sigma
        self.seen = {line.origin}
        self.base = float(line.function.base[output])

    def afresh(self, sigma: float) -> Probe:
        """Return the same probe with its noise known and its calls uncounted."""
        return Probe(self.line, self.output, sigma)

    @property
    def calls(self) -> int:
        """The points that this output has asked for."""
        return len(self.seen)

    def shifted(self, h: float) -> float:
        """Return origin + h, as rounded in the type of x."""
        with np.errstate(over="ignore"):
            return float(self.line.dtype(self.origin + h))

    def need(self, *places: float) -> None:
        """Have several places computed together, before they are looked at one by one."""
        self.line.need(*places)
        self.seen.update(places)

    def __call__(self, t: float) -> float:
        """Return this output at t, nan where f has no finite value."""
        self.seen.add(t)
        return float(self.line.values(t)[self.output])

    def imaginary(self, t: float, h: float) -> float:
        """Return the imaginary part of f at t + ih, or nan."""
        return float(self.line.values(complex(t, h))[self.output])

    def eta(self, size: float, slope: float) -> float:
        """Bound the noise of f: its own rounding, that of its argument, and what was measured.

        Parameters
        ----------
        size : float, the largest abs(f) nearby
        slope : float, about f'
        """
        rounding = self.eps * size + abs(self.eps * self.scale * slope) + TINY
        return max(rounding, DEVIATIONS * self.sigma)

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
