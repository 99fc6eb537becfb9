"""The adaptive default: symmetric quotients, extrapolated to step zero."""

from __future__ import annotations

from math import frexp, inf, isfinite

from .climbing import CALLS, RETREATS, Budget, Climbed, Quotient, climb, finite_start
from .doubts import CLEAR
from .guard import Sentinel, grain_level, stand_guard
from .ladder import NOWHERE, Level, Outcome, Rung
from .lines import Probe

SAFETY = 0.75  # of the eta of a whole f that its noise rarely exceeds; calibrated
SYMMETRIC_COLUMNS = 4  # order 8
ONE_SIDED_COLUMNS = 7
CLOSER = 2.0**-9  # where the ladder is built again when the guard objects
SUSPICIOUS = 16.0  # times the noise expected, as read off the ladder: worth the guard
ACCURATE = 0.4  # an error below eps**0.4 of the size of f' counts as converged


def adaptive(probe: Probe, step: float | None = None, guard: bool = False) -> Outcome:
    """Estimate the derivative of one output along a line, from a first step on.

    Where f turns out to be much noisier than its size tells, the guard comes unasked:
    what looks like noise may be waves that are shorter than the steps.
    """
    if not (isfinite(probe.base) and isfinite(probe.origin)):
        return Outcome(NOWHERE, "no finite values")
    h = probe.start(step)
    sentinel = stand_guard(probe, h) if guard else None
    known = probe.sigma
    outcome, louder = _from(probe, h, CALLS - 1)
    noise, calls = grain_level(map(probe, tuple(probe.seen)), probe.eps), probe.calls
    if louder > SUSPICIOUS and not guard:
        sentinel = stand_guard(probe, h)
    if max(noise, probe.sigma) > known:
        # The same ladder with more noise known: its calls are free, and one level may be new.
        probe = probe.afresh(max(noise, probe.sigma))
        outcome, _ = _from(probe, h, min(calls + 1, CALLS - 1))
    if sentinel is None or sentinel.agrees(outcome.rung):
        return outcome
    # The ladder stood beyond a kink, or on an alias: build it again close to x.
    return _reaching(_from(probe, h * CLOSER, CALLS // 2)[0], sentinel)


def _reaching(outcome: Outcome, sentinel: Sentinel) -> Outcome:
    """Widen the error bar until it covers the slope that was seen at tiny steps."""
    if sentinel.agrees(outcome.rung) or not isfinite(outcome.rung.bound):
        return outcome
    gap = abs(outcome.rung.value - sentinel.slope) + sentinel.bound
    return Outcome(outcome.rung._replace(truncation=gap), "kink suspected")


def _from(probe: Probe, h: float, calls: int) -> tuple[Outcome, float]:
    """Climb from a first step, on both sides of x or, where f ends, on one.

    Returns the outcome, and how loud the noise is against what was expected.
    """
    budget = Budget(lambda: probe.calls, calls)
    fitting = between_bounds(probe, h)
    if fitting:
        both = symmetric(probe)
        start = finite_start(both, fitting)
        if start:
            climbed = climb(both, start, budget, probe.eps)
            return _judged(probe, climbed), climbed.louder
    return _on_one_side(probe, h, budget)


def _on_one_side(probe: Probe, h: float, budget: Budget) -> tuple[Outcome, float]:
    for side in sides_of(probe):
        alone = one_sided(probe, side)
        start = finite_start(alone, h)
        if start:
            rung, _, louder = climb(alone, start, budget, probe.eps)
            return Outcome(rung, quality(probe, rung, "one-sided")), louder
    return Outcome(NOWHERE, "no finite values"), 1.0


def between_bounds(probe: Probe, h: float) -> float | None:
    """Return a first step that fits on both sides of x, or None if there is too little room."""
    room = min(probe.origin - probe.line.lower, probe.line.upper - probe.origin)
    return min(h, _power_within(room)) if room >= h * RETREATS[2] else None


def sides_of(probe: Probe) -> tuple[int, int]:
    """Return the sides to try, the roomier first."""
    above, below = probe.line.upper - probe.origin, probe.origin - probe.line.lower
    return (1, -1) if above >= below else (-1, 1)


def _power_within(room: float) -> float:
    """Return the largest power of two that is no larger."""
    return 2.0 ** (frexp(room)[1] - 1) if isfinite(room) else inf


# -- quotients -----------------------------------------------------------------


def symmetric(probe: Probe) -> Quotient:
    """Return (f(x+h) - f(x-h)) / 2h, a polynomial in h*h."""

    def level(h: float) -> Level | None:
        right, left = probe.shifted(h), probe.shifted(-h)
        if probe.origin in (right, left):
            return None
        probe.need(right, left)
        above, below = probe(right), probe(left)
        if not isfinite(above - below):
            return None
        half = (right - left) / 2
        slope = (above - below) / 2 / half
        noise = probe.eta(max(abs(above), abs(below)), slope) / half
        return Level(half, 2, slope, SAFETY * noise)

    return Quotient(level, 2, SYMMETRIC_COLUMNS)


def one_sided(probe: Probe, side: int) -> Quotient:
    """Return (f(x+h) - f(x)) / h for one sign of h, a polynomial in h."""

    def level(h: float) -> Level | None:
        there = probe.shifted(side * h)
        if there == probe.origin:
            return None
        step, value = there - probe.origin, probe(there)
        slope = (value - probe.base) / step
        if not isfinite(slope):
            return None
        noise = 2 * probe.eta(max(abs(value), abs(probe.base)), slope) / abs(step)
        return Level(abs(step), 1, slope, SAFETY * noise)

    return Quotient(level, 1, ONE_SIDED_COLUMNS)


# -- verdicts ------------------------------------------------------------------


def quality(probe: Probe, rung: Rung, otherwise: str = "converged") -> str:
    """Say whether a first derivative is accurate, and if not, what is in the way."""
    size = max(abs(rung.value), abs(probe.base) / max(probe.scale, rung.step))
    return verdict(rung, probe.eps**ACCURATE * size, otherwise)


def verdict(rung: Rung, tolerance: float, otherwise: str = "converged") -> str:
    """Say whether a bound is within a tolerance, and if not, what is in the way."""
    if rung.bound <= tolerance:
        return otherwise
    return "noise-limited" if rung.noise >= rung.truncation else "not converged"


def _judged(probe: Probe, climbed: Climbed) -> Outcome:
    """Look for a kink at x itself, which symmetric quotients cannot see."""
    rung, levels = climbed.rung, climbed.levels
    gaps = [side_gap(probe, level.step) for level in levels[-2:]]
    bound = kink_bound(gaps, levels[-2:])
    if bound > rung.bound:
        return Outcome(rung._replace(truncation=bound), "kink suspected")
    return Outcome(rung, quality(probe, rung))


def side_gap(probe: Probe, h: float) -> float:
    """Return the slope to the right of x less that to the left; 0 in the limit, if smooth."""
    above, below = probe(probe.shifted(h)), probe(probe.shifted(-h))
    return (above - probe.base) / h - (probe.base - below) / h


def kink_bound(gaps: list[float], levels: list[Level]) -> float:
    """Return half the gap between the sides of a kink, inf at a jump, 0 where f is smooth.

    For a smooth f the gap shrinks like the step (or faster); at a kink it stays, at
    a jump it grows.
    """
    if len(levels) < 2 or abs(gaps[1]) <= CLEAR * levels[1].noise:
        return 0.0
    growth, ratio = abs(gaps[1]) / abs(gaps[0]) if gaps[0] else inf, levels[0].step / levels[1].step
    if growth < ratio**-0.4:
        return 0.0
    return inf if growth > ratio**0.4 else abs(gaps[1]) / 2
