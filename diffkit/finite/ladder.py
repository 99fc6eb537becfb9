"""Extrapolation to step zero: a ladder of difference quotients and its best rung.

A quotient D(h) = D(0) + c1*s + c2*s**2 + ... is a polynomial in s = h**power: power 2
for a symmetric quotient, 1 for a one-sided one. Neville's tableau passes polynomials
through runs of neighbouring levels and reads them at s = 0.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import hypot, inf, isfinite
from typing import NamedTuple

SLACK = 1.3  # how much slower than a power series a column may converge
CLOSER = 6.0  # on the error that an order removes; calibrated, see docs/finite_differences.md


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


def best_rung(levels: Sequence[Level], columns: int, louder: float = 1.0) -> Rung:
    """Return the rung with the smallest bound that the finest levels do not contradict.

    `louder` multiplies the noise of all levels.

    >>> levels = [Level(h, 2, 3.0 + h * h, 1e-16) for h in (0.4, 0.2, 0.1)]
    >>> round(best_rung(levels, columns=4).value, 12)
    3.0
    """
    rungs = [rung._replace(noise=rung.noise * louder) for rung in rungs_of(levels, columns)]
    rungs = [rung for rung in rungs if isfinite(rung.bound)]
    smallest = min((level.step for level in levels), default=0.0)
    best = min(rungs, key=_bound, default=NOWHERE)
    fine = min((rung for rung in rungs if rung.last == smallest), key=_bound, default=NOWHERE)
    # Coarse levels may agree by aliasing; what the fine ones say then counts.
    return best if abs(best.value - fine.value) <= best.bound + fine.bound else fine


def _bound(rung: Rung) -> float:
    return rung.bound


# -- Neville's tableau ---------------------------------------------------------------


class Column(NamedTuple):
    """One order of the tableau: runs of so many levels, coarse to fine, and their values."""

    runs: list[Sequence[Level]]
    values: list[float]

    def steps(self) -> list[float]:
        """Return by how much the value changes from run to run."""
        return [fine - coarse for coarse, fine in pairwise(self.values)]


def tableau(levels: Sequence[Level], columns: int) -> Iterator[Column]:
    """Return the columns over runs of 1, 2, ... neighbouring levels, widest first."""
    runs, values = [levels[i : i + 1] for i in range(len(levels))], [lv.value for lv in levels]
    yield Column(runs, values)
    for size in range(2, min(columns, len(levels)) + 1):
        runs = [levels[i : i + size] for i in range(len(levels) - size + 1)]
        values = [_neville(run, *pair) for run, pair in zip(runs, pairwise(values), strict=True)]
        yield Column(runs, values)


def _neville(run: Sequence[Level], coarse: float, fine: float) -> float:
    return fine + (fine - coarse) / (run[0].ratio(run[-1]) - 1)


def due(run: Sequence[Level]) -> float:
    """Return the ratio of the two steps of a column over a run, as a power series has it.

    Its entries use all levels of the run but two; their errors are proportional to the
    product of s over the levels of each.

    >>> due([Level(h, 2, 0.0, 0.0) for h in (4.0, 2.0, 1.0)])
    0.25
    """
    width, errors = len(run) - 2, []
    for i in range(3):
        error = 1.0
        for level in run[i : i + width]:
            error /= run[0].ratio(level)
        errors.append(error)
    return (errors[1] - errors[2]) / (errors[0] - errors[1])


# -- rungs with error bars -------------------------------------------------------------


def rungs_of(levels: Sequence[Level], columns: int) -> list[Rung]:
    """Return all rungs, the plain quotients first.

    References
    ----------
    Ridders, Accurate computation of F'(x) and F'(x)F''(x), Adv. Eng. Softw. 4 (1982).
    """
    rungs = [_plain(coarse, fine) for coarse, fine in pairwise(levels)]
    before: list[float] = []
    for lower, higher in pairwise(tableau(levels, columns)):
        steps = lower.steps()
        for i, (run, value) in enumerate(zip(*higher, strict=True)):
            truncation = _truncation(run, before[i : i + 2], steps[i])
            rungs.append(Rung(value, truncation, noise_in(run), run[0].step, run[-1].step))
        before = steps
    return rungs


def _plain(coarse: Level, fine: Level) -> Rung:
    """Take a quotient as it is: its error is what is still to come below the next one.

    The noise in that one counts, too: it may hide some of what is to come.
    """
    q = coarse.ratio(fine)
    truncation = abs(coarse.value - fine.value) * q / (q - 1)
    return Rung(coarse.value, truncation, coarse.noise + fine.noise, coarse.step, coarse.step)


def _truncation(run: Sequence[Level], before: Sequence[float], step: float) -> float:
    """Bound the truncation of a rung by the step between the two it was made from.

    If the steps of the order below shrank as those of a power series do, this order
    removed most of that one, too. Where f is not analytic (x + x**2.5 at 0) they
    shrink more slowly, and no order removes what is left.
    """
    if len(before) < 2:
        return abs(step)
    noise = run[-1].noise + run[-2].noise
    if abs(before[1]) > max(SLACK * due(run) * abs(before[0]), noise):
        return abs(step)
    return abs(step) * min(1.0, CLOSER / (run[0].ratio(run[-1]) - 1))


def noise_in(run: Sequence[Level]) -> float:
    """Return the noise of a run's value: independent in its levels, so squares add up."""
    return hypot(*(w * level.noise for w, level in zip(_weights(run), run, strict=True)))


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
