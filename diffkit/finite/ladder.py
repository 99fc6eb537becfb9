"""Extrapolation to step zero: a ladder of difference quotients and its best rung.

A quotient D(h) = D(0) + c1*s + c2*s**2 + ... is a polynomial in s = h**power: power 2
for a symmetric quotient, 1 for a one-sided one. Neville's tableau passes polynomials
through runs of neighbouring levels and reads them at s = 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import inf, isfinite
from typing import NamedTuple

SLOW = 0.7  # D converging like h**0.7 or worse is not the polynomial it should be
NO_LIMIT = 0.95  # steps of D that shrink less than this per level lead nowhere
JITTER = 0.01  # ... unless they are this small beside D; even log(h) takes larger ones


class Level(NamedTuple):
    """A quotient at one step, with the bound of the noise in it."""

    step: float
    power: int
    value: float
    noise: float

    def ratio(self, finer: Level) -> float:
        """Return s here over s there, without squaring the steps, which may underflow."""
        return (self.step / finer.step) ** self.power


class Rung(NamedTuple):
    """An extrapolated value, the two parts of its error, its largest and smallest step."""

    value: float
    truncation: float
    noise: float
    step: float
    last: float

    @property
    def bound(self) -> float:
        """The error bar."""
        return self.truncation + self.noise


class Outcome(NamedTuple):
    """The best rung, and a word on how it came about."""

    rung: Rung
    status: str

    def per(self, speed: float) -> Outcome:
        """Return the same by x, where x moves at a speed along the line."""
        value, truncation, noise, step, last = self.rung
        size = abs(speed)
        rung = Rung(value / speed, truncation / size, noise / size, step * size, last * size)
        return Outcome(rung, self.status)


NOWHERE = Rung(float("nan"), inf, inf, float("nan"), float("nan"))


def best_rung(levels: Sequence[Level], columns: int) -> Rung:
    """Return the rung with the smallest bound that the finest levels do not contradict.

    >>> levels = [Level(h, 2, 3.0 + h * h, 1e-16) for h in (0.4, 0.2, 0.1)]
    >>> round(best_rung(levels, columns=4).value, 12)
    3.0
    """
    rungs = [rung for rung in tableau(levels, columns) if isfinite(rung.bound)]
    best = min(rungs, key=_bound, default=NOWHERE)
    smallest = min((level.step for level in levels), default=0.0)
    fine = min((rung for rung in rungs if rung.last == smallest), key=_bound, default=NOWHERE)
    # Coarse levels may agree by aliasing; what the fine ones say then counts.
    return best if abs(best.value - fine.value) <= best.bound + fine.bound else fine


def _bound(rung: Rung) -> float:
    return rung.bound


def tableau(levels: Sequence[Level], columns: int) -> list[Rung]:
    """Return all rungs over runs of at most `columns` neighbouring levels, coarse to fine.

    The truncation of a rung is the difference of the two of lower order that it was
    made from. Its own distance to them is far smaller in high orders, and is the
    truth only where f is analytic: at 0 it misses what x + x**2.5 keeps at any order.

    References
    ----------
    Ridders, Accurate computation of F'(x) and F'(x)F''(x), Adv. Eng. Softw. 4 (1982).
    """
    ordered = sorted(levels, key=lambda level: -level.step)
    values = [level.value for level in ordered]
    rungs = [_plain(coarse, fine) for coarse, fine in pairwise(ordered)]
    for size in range(2, min(columns, len(ordered)) + 1):
        runs = [ordered[i : i + size] for i in range(len(ordered) - size + 1)]
        raised = [_neville(run, values[i], values[i + 1]) for i, run in enumerate(runs)]
        rungs += [
            _rung(run, value, values[i], values[i + 1])
            for i, (run, value) in enumerate(zip(runs, raised, strict=True))
        ]
        values = raised
    return rungs


def _neville(run: Sequence[Level], coarse: float, fine: float) -> float:
    q = run[0].ratio(run[-1])
    return fine + (fine - coarse) / (q - 1)


def _plain(coarse: Level, fine: Level) -> Rung:
    """Take a quotient as it is: its error is what is still to come below the next one."""
    q = coarse.ratio(fine)
    truncation = abs(coarse.value - fine.value) * q / (q - 1)
    return Rung(coarse.value, truncation, coarse.noise, coarse.step, coarse.step)


def _rung(run: Sequence[Level], value: float, coarse: float, fine: float) -> Rung:
    noise = sum(abs(w) * level.noise for w, level in zip(_weights(run), run, strict=True))
    return Rung(value, abs(fine - coarse), noise, run[0].step, run[-1].step)


def _weights(run: Sequence[Level]) -> list[float]:
    """Return the share of each level in the value at s = 0 (Lagrange)."""
    weights = []
    for level in run:
        w = 1.0
        for other in run:
            if other is not level:
                w /= 1 - level.ratio(other)
        weights.append(w)
    return weights


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
    if second <= 4 * (middle.noise + fine.noise):
        return 0.0
    shrunk = (middle.step - fine.step) / (coarse.step - middle.step)
    return second / first if first and second > first * shrunk**SLOW else (0.0 if first else inf)
