"""How the adaptive default chooses its steps, for any difference quotient.

First the scale: h shrinks until the quotients at h and h/2 tell the same story. Then
the ladder: a finer level while truncation dominates, a wider one while noise does.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from .doubts import loudness, slow_tail
from .ladder import Level, Rung, best_rung

CALLS = 24  # evaluations for one derivative, without the guard
RETREATS = (1.0, 2.0**-3, 2.0**-6, 2.0**-20)  # where to look when f is not finite
SHRINK = 2.0**-3  # per step of the scale search
QUARREL = 0.3  # relative disagreement of D(h), D(h/2) that says: h is too large
NOISE_UNITS = 64.0  # ... unless the noise explains it
FINE_ENOUGH = 64.0  # noise in units of eps*abs(f') below which wider steps cannot pay
WIDENINGS = (4.0, 8.0)  # the first wider step, and all later ones


class Quotient(NamedTuple):
    """A difference quotient: its level at a step (None if not finite), and its price."""

    level: Callable[[float], Level | None]
    price: int  # calls of f for one level
    columns: int  # levels that one rung may span
    name: str = "converged"  # the status of a good result


class Budget:
    """So many more calls, as counted by `spent`."""

    def __init__(self, spent: Callable[[], int], calls: int = CALLS) -> None:
        self.spent, self.limit = spent, spent() + calls

    def affords(self, price: int) -> bool:
        """Say whether so many more calls are allowed."""
        return self.spent() + price <= self.limit


def finite_start(quotient: Quotient, h: float) -> float | None:
    """Return the first of a few ever smaller steps where f is finite, or None."""
    return next((h * r for r in RETREATS if quotient.level(h * r)), None)


class Climbed(NamedTuple):
    """The best rung of a ladder, the ladder, finest last, and how loud its noise is."""

    rung: Rung
    levels: list[Level]
    louder: float


def climb(quotient: Quotient, h: float, budget: Budget, eps: float) -> Climbed:
    """Return the best rung of a ladder that starts near h."""
    levels = scale_search(quotient, h, budget)
    _add(levels, quotient, levels[-1].step / 2)
    rung = best_rung(levels, quotient.columns)
    while budget.affords(quotient.price):
        step = _next_step(rung, levels, eps)
        if step is None or not _add(levels, quotient, step):
            break
        before, rung = rung, best_rung(levels, quotient.columns)
        if not (rung.bound < before.bound / 2 or _unsettled(levels, rung)):
            break
    tail = slow_tail(levels, rung.value)
    louder = loudness(levels, quotient.columns)
    if louder > 1:
        rung = best_rung(levels, quotient.columns, louder)
    return Climbed(rung._replace(truncation=max(rung.truncation, tail)), levels, louder)


def scale_search(quotient: Quotient, h: float, budget: Budget) -> list[Level]:
    """Return the levels h and h/2, after shrinking h until they agree."""
    levels: list[Level] = []
    while found := _pair(quotient, h):
        levels = found
        # What is kept back pays for the ladder itself.
        if not _quarrel(*levels) or not budget.affords(4 * quotient.price):
            break
        h *= SHRINK
    return levels


def _pair(quotient: Quotient, h: float) -> list[Level]:
    levels: list[Level] = []
    for step in (h, h / 2):
        _add(levels, quotient, step)
    return levels


def _quarrel(wide: Level, fine: Level | None = None) -> bool:
    """Say whether two levels differ by more than a ladder on them could repair."""
    if fine is None:
        return False
    gap = abs(wide.value - fine.value)
    size = max(abs(wide.value), abs(fine.value))
    return gap > QUARREL * size and gap > NOISE_UNITS * (wide.noise + fine.noise)


def _unsettled(levels: list[Level], rung: Rung) -> bool:
    return _quarrel(*levels[-2:]) or slow_tail(levels, rung.value) > rung.bound


def _next_step(rung: Rung, levels: list[Level], eps: float) -> float | None:
    """Return the step that may halve the bound: finer, wider, or None."""
    if rung.truncation > 2 * rung.noise:
        return levels[-1].step / 2
    if rung.noise > FINE_ENOUGH * eps * abs(rung.value):
        return levels[0].step * WIDENINGS[len(levels) > 3]
    return None


def _add(levels: list[Level], quotient: Quotient, step: float) -> bool:
    """Add the level of a step, if f is finite there and the rounded step is new, widest first."""
    level = quotient.level(step)
    new = level is not None and level.step not in [known.step for known in levels]
    if level and new:
        levels.append(level)
        levels.sort(key=lambda level: -level.step)
    return new
