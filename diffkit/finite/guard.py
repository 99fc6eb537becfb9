"""A watch close to x: measured noise, and a slope that large steps cannot fool."""

from __future__ import annotations

from collections.abc import Iterable
from math import comb, isfinite, sqrt
from typing import NamedTuple

import numpy as np

from .ladder import Rung
from .lines import Probe

CLOSE = 2.0**-17  # the spacing of the watch in units of the first step
REACH = 3  # points on each side of x: six calls


COARSE = 4.0  # grains in units of eps*abs(f) above which f is not as fine as its type
EXACT = 2.0**-20  # ... and relative to abs(f), below which values are not just short numbers
GRAIN_DEVIATION = 0.29  # 1/sqrt(12): of a uniform rounding error, in grains


class Sentinel(NamedTuple):
    """The slope seen at tiny steps, with its own error bar."""

    slope: float
    bound: float

    def agrees(self, rung: Rung) -> bool:
        """Say whether a rung and the sentinel are within each other's error bars."""
        return abs(self.slope - rung.value) <= self.bound + rung.bound


def stand_guard(probe: Probe, h: float) -> Sentinel | None:
    """Measure the noise of f near x and its slope there; None where f is not finite.

    The noise becomes part of `probe`. Six calls.
    """
    values = _watch(probe, h * CLOSE)
    if values is None:
        return None
    probe.sigma = noise_level([value for _, value in values])
    near, far = (_slope(values, k) for k in (1, REACH))
    noise = 4 * probe.eta(max(abs(value) for _, value in values), far) / (REACH * h * CLOSE)
    return Sentinel(far, 2 * abs(far - near) + noise)


def _watch(probe: Probe, delta: float) -> list[tuple[float, float]] | None:
    places = [probe.shifted(k * delta) for k in range(-REACH, REACH + 1)]
    if len(set(places)) < len(places):
        return None  # the type of x is too narrow for steps as small as this
    probe.need(*places)
    values = [(t, probe(t)) for t in places]
    return values if all(isfinite(value) for _, value in values) else None


def _slope(values: list[tuple[float, float]], k: int) -> float:
    (left, below), (right, above) = values[REACH - k], values[REACH + k]
    return (above - below) / (right - left)


def noise_level(values: list[float]) -> float:
    """Return the standard deviation of the noise in equally spaced values of f.

    Differences of high order take away what is smooth; those of independent noise
    have variance sigma**2 * (2k)!/(k!)**2. The largest of the orders 4 to 6 counts.

    References
    ----------
    Moré & Wild, Estimating computational noise, SIAM J. Sci. Comput. 33 (2011).

    Examples
    --------
    >>> noise_level([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0])
    0.0
    """
    return max(_deviation(values, order) for order in (4, 5, 6))


def _deviation(values: list[float], order: int) -> float:
    differences = np.abs(np.diff(values, order))
    largest = float(np.max(differences)) or 1.0  # squares of 1e200 are no numbers
    share = float(np.mean((differences / largest) ** 2)) / comb(2 * order, order)
    return largest * sqrt(share)


def grain_level(values: Iterable[float], eps: float) -> float:
    """Return the standard deviation of the rounding in values that are all multiples of a grain.

    sqrt(1 + x) - 1 is a multiple of 2**-52, however small; what was computed in
    float32 keeps its zeros as a float64. 0 if the grain is that of the type, or so
    coarse that the values are just short numbers, such as 2.25.

    Examples
    --------
    >>> grain_level([(1 + x) ** 0.5 - 1 for x in np.arange(1, 8) * 1e-5], 2.0**-52) / 2.0**-52
    0.29
    """
    sizes = [abs(value) for value in values if value and isfinite(value)]
    if len(sizes) < 6:
        return 0.0
    largest, grain = max(sizes), min(map(_last_bit, sizes))
    odd = COARSE * eps * largest <= grain <= EXACT * largest
    return GRAIN_DEVIATION * grain if odd else 0.0


def _last_bit(value: float) -> float:
    numerator, denominator = value.as_integer_ratio()
    return (numerator & -numerator) / denominator
