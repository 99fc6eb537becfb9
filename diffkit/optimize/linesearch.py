"""Line searches: a step along a direction that meets the strong Wolfe conditions."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from .oracle import Point

C1, C2 = 1e-4, 0.9  # Nocedal & Wright, section 3.1, for quasi-Newton directions
TRIALS = 40
NOISE = 1e-14  # relative to f: a difference of values below it is rounding
_FARTHEST = 1e10


class Trial(NamedTuple):
    """A point on the line: its distance, value and slope, and the point itself."""

    t: float
    f: float
    slope: float
    point: Point


class LineSearchFailed(Exception):
    """No acceptable step was found."""


def strong_wolfe(
    start: Point, direction: np.ndarray, t: float, c1: float = C1, c2: float = C2
) -> Trial:
    """Find a step t > 0 with f low and flat enough along the direction.

    The conditions are f(t) <= f(0) + c1 t f'(0) and abs(f'(t)) <= c2 abs(f'(0)).
    Where values differ by rounding alone, slopes decide (the approximate Wolfe
    conditions).

    Parameters
    ----------
    start : Point
    direction : array, downhill
    t : float
        The first trial.

    Raises
    ------
    LineSearchFailed
        If the direction does not go down, or `TRIALS` steps were not enough.

    References
    ----------
    Moré & Thuente, Line search algorithms with guaranteed sufficient decrease, ACM
    TOMS 20 (1994); Hager & Zhang, SIAM J. Optim. 16 (2005), equation 4.1.
    """
    slope = float(start.g @ direction)
    if not slope < 0:
        raise LineSearchFailed("the direction does not go down")
    origin = Trial(0.0, start.f, slope, start)

    def at(t: float) -> Trial:
        point = start.oracle.at(start.x + t * direction)
        slope = float(point.g @ direction)
        return Trial(t, point.f, slope, point)

    return search(at, origin, t, c1, c2)


def search(at: Callable[[float], Trial], origin: Trial, t: float, c1: float, c2: float) -> Trial:
    """Search between the best trial so far and one that is known to be beyond a minimum."""
    best, other, ceiling = origin, None, _FARTHEST
    width, halving = math.inf, 0
    for _ in range(TRIALS):
        trial = at(t)
        if not (math.isfinite(trial.f) and math.isfinite(trial.slope)):
            ceiling = t
            t = best.t + 0.1 * (t - best.t)
            continue
        if _accepts(origin, trial, c1, c2):
            return trial
        t = min(next_trial(best, other, trial), best.t + 0.9 * (ceiling - best.t))
        best, other = _narrowed(best, other, trial, origin, c1)
        if other is not None:
            new = abs(other.t - best.t)
            halving = halving + 1 if new > 0.66 * width else 0
            width = new
            if halving >= 2:
                t, halving = (best.t + other.t) / 2, 0
            if new <= 1e-16 * max(best.t, other.t):
                break
    if best.t > 0 and best.f < origin.f + c1 * best.t * origin.slope:
        return best
    raise LineSearchFailed(f"no step along the direction was accepted in {TRIALS} trials")


def _accepts(origin: Trial, trial: Trial, c1: float, c2: float) -> bool:
    """Whether the strong Wolfe conditions hold, or the approximate ones within rounding."""
    flat = abs(trial.slope) <= c2 * abs(origin.slope)
    if trial.f <= origin.f + c1 * trial.t * origin.slope:
        return flat
    noise = NOISE * (abs(origin.f) + abs(trial.f))
    return flat and trial.f <= origin.f + noise and trial.slope <= (2 * c1 - 1) * origin.slope


def _narrowed(
    best: Trial, other: Trial | None, trial: Trial, origin: Trial, c1: float
) -> tuple[Trial, Trial | None]:
    """Return the better end of the interval, and the other one (None as long as it is open)."""
    too_high = trial.f > origin.f + c1 * trial.t * origin.slope
    if too_high or trial.f > best.f:
        return best, trial
    if trial.slope * (trial.t - best.t) >= 0:
        return trial, best
    return trial, other


# -- where to look next -----------------------------------------------------------------


def next_trial(best: Trial, other: Trial | None, trial: Trial) -> float:
    """Return the minimum of a polynomial through what is known, kept within sensible limits."""
    if trial.f > best.f:  # a minimum lies between: the cubic, or towards it from the parabola
        cubic, parabola = _cubic(best, trial), _parabola(best, trial)
        nearer = abs(cubic - best.t) < abs(parabola - best.t)
        return cubic if nearer else (cubic + parabola) / 2
    if trial.slope * best.slope < 0:  # between, too
        return _farther(trial.t, _cubic(best, trial), _secant(best, trial))
    if abs(trial.slope) < abs(best.slope):  # flattening out: extrapolate
        return _limited(best, other, trial, _ahead(best, trial))
    if other is not None:
        return _cubic(trial, other)
    return trial.t + 4 * (trial.t - best.t)


def _ahead(best: Trial, trial: Trial) -> tuple[float, float]:
    """Return the minima of the cubic and of the secant, where they lie beyond the trial."""
    secant = _secant(best, trial)
    cubic = _cubic(best, trial)
    forward = (cubic - trial.t) * (trial.t - best.t) > 0
    return (cubic if forward else secant), secant


def _limited(best: Trial, other: Trial | None, trial: Trial, found: tuple[float, float]) -> float:
    """Choose the nearer of two places within a bracket, the farther one outside of one."""
    if other is None:
        t = _farther(trial.t, *found)
        return min(max(t, trial.t + 1.1 * (trial.t - best.t)), trial.t + 4 * (trial.t - best.t))
    t = min(found, key=lambda place: abs(place - trial.t))
    edge = trial.t + 0.66 * (other.t - trial.t)
    return min(t, edge) if trial.t > best.t else max(t, edge)


def _farther(t: float, *places: float) -> float:
    return max(places, key=lambda place: abs(place - t))


def _cubic(a: Trial, b: Trial) -> float:
    """Return the minimum of the cubic with both values and slopes (Nocedal & Wright, 3.59)."""
    width = b.t - a.t
    d1 = a.slope + b.slope - 3 * (b.f - a.f) / width
    scale = max(abs(d1), abs(a.slope), abs(b.slope))
    square = (d1 / scale) ** 2 - (a.slope / scale) * (b.slope / scale) if scale else 0.0
    d2 = math.copysign(scale * math.sqrt(max(square, 0.0)), width)
    bottom = b.slope - a.slope + 2 * d2
    return b.t - width * (b.slope + d2 - d1) / bottom if bottom else b.t


def _parabola(a: Trial, b: Trial) -> float:
    """Return the minimum of the parabola with both values and the slope at a."""
    width = b.t - a.t
    bottom = a.slope - (b.f - a.f) / width
    return a.t + a.slope * width / (2 * bottom) if bottom else b.t


def _secant(a: Trial, b: Trial) -> float:
    """Return where the line through both slopes is zero."""
    bottom = a.slope - b.slope
    return a.t + (b.t - a.t) * a.slope / bottom if bottom else b.t
