"""What a tableau says against its own error bars: hidden noise, and no power series."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

from .ladder import SLACK, Column, Level, due, noise_in, tableau

SLOW = 0.7  # D converging like h**0.7 or worse is not the polynomial it should be
NO_LIMIT = 0.95  # steps of D that shrink less than this per level lead nowhere
JITTER = 0.01  # ... unless they are this small beside D; even log(h) takes larger ones
CLEAR = 20.0  # times the noise: what no noise explains
HIDDEN = 4.0  # on noise that shows in one or two differences only; calibrated


def loudness(levels: Sequence[Level], columns: int) -> float:
    """Return how many times the noise is larger than it was taken to be; 1 if it is not.

    f may carry more noise than its size tells: log(1 + x) that of 1. It shows where
    the steps of a column no longer shrink towards the fine end as they should.
    """
    most = 1.0
    for column in tableau(levels, columns):
        if len(column.values) < 3:
            break
        found = _stalled(column, levels)
        if found == inf:
            break
        most = max(most, 1 + HIDDEN * (found - 1))
    return most


def _stalled(column: Column, levels: Sequence[Level]) -> float:
    """Return the last step of a column in units of noise if it is too large, else 0.

    It is inf where the quotients themselves are still on their way, or converge more
    slowly than a power series: that is not noise.
    """
    first, second = map(abs, column.steps()[-2:])
    run = column.runs[-1]
    small = second < JITTER * abs(column.values[-1])
    if second <= SLACK * due(levels[-len(run) - 2 :]) * first:
        return 0.0 if small or len(run) > 1 else inf
    if len(run) == 1 and (second < first or not small):
        return inf
    return second / (noise_in(run) or inf)


def slow_tail(levels: Sequence[Level], value: float) -> float:
    """Return how far the limit may be from a value if the finest levels converge too slowly.

    The changes of D from level to level should shrink at least like h. Where f has no
    Taylor series they shrink less (x**1.5 at 0), and what is left is a geometric sum, or
    they do not shrink (sqrt at 0), and there is no limit. 0 if all is well.
    """
    finest = list(levels[-4:])
    rates = [_rate(run) for run in zip(finest, finest[1:], finest[2:], strict=False)]
    if not rates or min(rates) == 0.0:
        return 0.0
    fine = finest[-1].value
    return abs(value - fine) + _rest(rates[-1], abs(fine - finest[-2].value), abs(fine))


def _rest(rate: float, last: float, size: float) -> float:
    """Return what a geometric sum still holds after its last term."""
    if rate < NO_LIMIT:
        return last * rate / (1 - rate)
    # Small steps that do not shrink are noise that f was not known to have.
    return inf if last > JITTER * size else 4 * last


def _rate(run: Sequence[Level]) -> float:
    """Return the ratio of two successive steps of D, 0 if it is as small as it should be."""
    coarse, middle, fine = run
    first, second = abs(middle.value - coarse.value), abs(fine.value - middle.value)
    if second <= CLEAR * (middle.noise + fine.noise):
        return 0.0
    shrunk = (middle.step - fine.step) / (coarse.step - middle.step)
    return second / first if first and second > first * shrunk**SLOW else (0.0 if first else inf)
