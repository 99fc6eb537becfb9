"""The schemes with a fixed step, and the complex step, each with an error bar."""

from __future__ import annotations

from math import inf, isfinite

import numpy as np

from .adaptive import SAFETY, adaptive, kink_bound, quality, side_gap
from .ladder import NOWHERE, Level, Outcome, Rung
from .lines import Probe, power_of_two
from .schemes import Scheme, one_sided

TRUNCATION_SAFETY = 2.0  # on the error that a second step of twice the length shows


def fixed_step(probe: Probe, scheme: Scheme, step: float | None) -> Outcome:
    """Estimate by one scheme at h; its value at 2h tells the truncation error."""
    if not (isfinite(probe.base) and isfinite(probe.origin)):
        return Outcome(NOWHERE, "no finite values")
    scheme, h = _within_bounds(probe, scheme, step or default_step(probe, scheme))
    fine, wide = fixed_level(probe, scheme, h), fixed_level(probe, scheme, 2 * h)
    if fine is None:
        return Outcome(NOWHERE, "no finite values")
    rung = Rung(fine.value, _truncation(scheme, fine, wide), fine.noise, h, h)
    return _judged(probe, scheme, rung, [level for level in (wide, fine) if level])


def default_step(probe: Probe, scheme: Scheme) -> float:
    """Return the power of two near eps**(1/(order+1)) * abs(x), which balances the errors."""
    scale = probe.scale if probe.scale > 1e-290 else 1.0
    return power_of_two(probe.eps ** (1 / ((scheme.order or 1) + 1)) * scale)


def fixed_level(probe: Probe, scheme: Scheme, h: float) -> Level | None:
    """Return the difference quotient of a scheme at h, or None if f is not finite."""
    places = [probe.shifted(k * h) for k in scheme.offsets]
    probe.need(*places)
    values = [probe(t) for t in places]
    width = _width(places, scheme)
    if not width or not all(map(isfinite, values)):
        return None
    weights = [float(w) for w in scheme.weights]
    slope = sum(w * v for w, v in zip(weights, values, strict=True)) / width
    if not isfinite(slope):
        return None
    noise = sum(map(abs, weights)) * probe.eta(max(map(abs, values)), slope) / width
    return Level(width, scheme.order or 1, slope, SAFETY * noise)


def _width(places: list[float], scheme: Scheme) -> float:
    """Return h as it came out: the rounded distance of the outer points, an offset apart."""
    return (places[-1] - places[0]) / (scheme.offsets[-1] - scheme.offsets[0])


def _truncation(scheme: Scheme, fine: Level, wide: Level | None) -> float:
    if wide is None:
        return inf
    q = 2.0 ** (scheme.order or 1)
    return TRUNCATION_SAFETY * abs(wide.value - fine.value) / (q - 1)


def _judged(probe: Probe, scheme: Scheme, rung: Rung, levels: list[Level]) -> Outcome:
    if scheme.sides != "both":
        return Outcome(rung, quality(probe, rung, "one-sided"))
    gaps = [side_gap(probe, level.step) for level in levels]
    bound = kink_bound(gaps, levels)
    if bound > rung.bound:
        return Outcome(rung._replace(truncation=bound), "kink suspected")
    return Outcome(rung, quality(probe, rung))


def _within_bounds(probe: Probe, scheme: Scheme, h: float) -> tuple[Scheme, float]:
    """Turn a scheme to the roomier side, and shorten its step, if it would leave the bounds."""
    above, below = probe.line.upper - probe.origin, probe.origin - probe.line.lower
    need = 2 * h * scheme.reach
    if (scheme.sides == "-" or above >= need) and (scheme.sides == "+" or below >= need):
        return scheme, h
    turned = one_sided(scheme.order or 1, 1 if above >= below else -1)
    room = max(above, below) / (2 * turned.reach)
    while h > room > 0:
        h /= 2
    return turned, h


# -- complex step ------------------------------------------------------------------


def complex_step(probe: Probe, step: float | None, guard: bool = False) -> Outcome:
    """Estimate by Im f(x + ih) / h, if real differences say the same.

    There is no subtraction, so h may be tiny and truncation vanishes. What a function
    that is not analytic gives instead is stopped by the comparison.

    References
    ----------
    Squire & Trapp, Using complex variables to estimate derivatives of real
    functions, SIAM Review 40 (1998).
    """
    real = adaptive(probe, guard=guard)
    if real.status == "kink suspected" or not isfinite(real.rung.bound):
        return real
    rung = complex_rung(probe, step)
    if rung is None:
        return Outcome(real.rung, "complex rejected")
    if not abs(rung.value - real.rung.value) <= rung.bound + real.rung.bound:
        return Outcome(real.rung, "not analytic")
    return Outcome(rung, quality(probe, rung))


def complex_rung(probe: Probe, step: float | None = None) -> Rung | None:
    """Return the complex step at x, or None if f does not go along.

    How far its last digits can be trusted shows in what it does one ulp away.
    """
    h = step or 2.0**-66 * (probe.scale if probe.scale > 1e-200 else 1.0)
    x = probe.origin
    ulps = [_neighbour(probe, side) for side in (-1, 1)]
    slope, *nearby = [probe.imaginary(t, h) / h for t in (x, *ulps)]
    truncation = abs(probe.imaginary(x, 2 * h) / (2 * h) - slope)
    spread = max(abs(near - slope) for near in nearby)
    noise = SAFETY * (probe.eps * abs(slope) + 2 * spread)
    return Rung(slope, truncation, noise, h, h) if isfinite(truncation + noise) else None


def _neighbour(probe: Probe, side: int) -> float:
    """Return the next t that f can tell from x: an ulp of t, or of x where t is 0 there."""
    number = probe.line.dtype
    ulp = float(np.nextafter(number(probe.origin), number(side * inf)))
    return ulp if probe.origin else side * probe.eps * probe.scale or ulp
