"""The numbers: f measured entry by entry, or along random directions where there are many."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .. import finite
from ..finite.guard import noise_level
from .case import BARS
from .problem import Block, Problem
from .roughness import EPS, line_of, noise_of

DIRECTIONS = 8  # two equal errors cancel along a direction with probability 1/2
CONFIRMING = 2  # rows that an explanation with one constant needs at least
DECIDED = 1e-4  # an error bar below this share of the gradient decides
SETTLED = ("converged", "noise-limited")  # the words for a bar that can be relied on
MOST_BLOCKS = 16  # leaves up to which each gets directions of its own
TINY_STEP = 2.0**-26  # relative to x
CLOSER = (2.0**-18, 2.0**-22, TINY_STEP)  # relative to x


@dataclass
class Reading:
    """One measured derivative: of entry `index`, or along `direction`."""

    estimate: finite.Estimate
    index: int = -1
    direction: np.ndarray | None = None
    label: str = ""
    value: float = field(init=False)
    error: float = field(init=False)
    status: str = field(init=False)

    def __post_init__(self) -> None:
        self.replace(self.estimate)

    def replace(self, estimate: finite.Estimate) -> None:
        """Take a better estimate of the same."""
        self.estimate = estimate
        self.value, self.error = float(estimate.value), float(estimate.error)
        self.status = str(estimate.status)
        if not np.isfinite(self.value):
            self.error = np.inf

    @property
    def decided(self) -> bool:
        """Whether the error bar can be relied on, and leaves some digits."""
        return self.status in SETTLED and self.error <= DECIDED * abs(self.value)

    def widen(self, error: float) -> None:
        """Raise the error bar to at least this."""
        self.error = max(self.error, error)


def read_entry(problem: Problem, i: int, **options: Any) -> Reading:
    """Measure the derivative of f by one entry."""
    line, origin = problem.along_entry(i)
    estimate = finite.derivative(line, origin, **{"guard": True, **options})
    return Reading(estimate, i, label=problem.names[i])


def second_look(problem: Problem, reading: Reading) -> None:
    """Measure an entry again from another first step; what differs widens the error bar.

    So does noise, which the estimate may have taken for a slope.
    """
    line, origin = problem.along_entry(reading.index)
    size = abs(float(origin)) or 1.0
    again = finite.derivative(line, origin, guard=True, step=2.0**-11 * size * 1.171875)
    gap = abs(float(again.value) - reading.value)
    if gap > reading.error + again.error:
        reading.widen(gap + float(again.error))
    reading.widen(4 * EPS * abs(float(problem.base)) / size)  # the rounding of f, over a wide step
    noise = noise_of(line, float(origin), size, reading.value, problem.base)
    if np.isfinite(noise.sigma):
        reading.widen(6 * noise.sigma / float(reading.estimate.step))


def closer_look(problem: Problem, reading: Reading) -> None:
    """Measure an entry again with small steps: an edge, or the scale of f, may be that close."""
    line, origin = problem.along_entry(reading.index)
    size = abs(float(origin)) or 1.0
    looks = [finite.derivative(line, origin, step=step * size) for step in CLOSER]
    # In low precision f is flat at steps as small as these, or x does not move at all.
    usable = [a for a in looks if a.status in SETTLED and a.value and np.isfinite(a.error)]
    if not usable:
        return
    best = min(usable, key=lambda a: a.error)
    near = abs(float(best.value) - reading.value) <= float(best.error) + reading.error
    if (near and best.error <= reading.error) or _confirmed(best, usable):
        reading.replace(best)


def _confirmed(best: finite.Estimate, usable: list[finite.Estimate]) -> bool:
    """Say whether all steps tell the same to some digits: neither noise nor aliases do that."""
    return len(usable) == len(CLOSER) and all(
        abs(a.value - best.value) <= a.error + best.error and a.error <= DECIDED * abs(a.value)
        for a in usable
    )


# -- along directions --------------------------------------------------------------


def scales(problem: Problem) -> np.ndarray:
    """Return the typical size of x, leaf by leaf, so that small leaves count as much."""
    sizes = np.empty(problem.x.size)
    for block in problem.blocks:
        part = np.abs(problem.x[block.slice].astype(float))
        used = part[(part > 0) & np.isfinite(part)]
        sizes[block.slice] = np.sqrt(np.mean(used**2)) if used.size else 1.0
    return sizes


def rademacher(sizes: np.ndarray, rng: np.random.Generator, block: Block | None = None) -> Any:
    """Return a direction of random signs, over all entries or over one leaf.

    Every entry is seen with its full size: a normal distribution would hide one in
    twelve behind a factor below 0.1.
    """
    direction = np.zeros(sizes.size)
    where = slice(None) if block is None else block.slice
    direction[where] = sizes[where] * rng.choice([-1.0, 1.0], size=sizes[where].size)
    return direction


def read_direction(problem: Problem, direction: np.ndarray, label: str, **options: Any) -> Reading:
    """Measure the derivative of f along a direction."""
    estimate = finite.directional(
        problem.known_at, problem.x, direction.astype(problem.dtype), **options
    )
    return Reading(estimate, direction=direction, label=label)


def survey(
    problem: Problem, analytic: np.ndarray, rng: np.random.Generator, readings: list[Reading]
) -> None:
    """Fill `readings` along random directions, until some contradict the gradient.

    The first reading is a careful one. It also tells the noise of f, which the two
    steps of the quick ones that follow could not.
    """
    sizes = scales(problem)
    readings.append(read_direction(problem, rademacher(sizes, rng), "direction 1"))
    quick = _gauge(problem, analytic, readings)
    contradicted = disagrees(readings[0], analytic)
    for k in range(2, DIRECTIONS + 1):
        if contradicted and len(readings) > CONFIRMING:
            break
        direction = rademacher(sizes, rng)
        reading = quick(direction, f"direction {k}")
        if disagrees(reading, analytic) and not contradicted:
            again = read_direction(problem, direction, reading.label)
            reading = min(reading, again, key=lambda r: r.error) if quick.step else again
        readings.append(reading)
        contradicted = contradicted or disagrees(reading, analytic)
    if contradicted and 1 < len(problem.blocks) <= MOST_BLOCKS:
        _survey_blocks(problem, analytic, rng, readings, quick)


@dataclass
class Quick:
    """Readings along directions with four calls each, for an f of known noise."""

    problem: Problem
    noise: float
    step: float | None = None

    def __call__(self, direction: np.ndarray, label: str) -> Reading:
        """Measure f along a direction."""
        how = {"scheme": "central", "order": 2, "step": self.step}
        reading = read_direction(self.problem, direction, label, **how)
        if np.isfinite(self.noise) and np.isfinite(reading.error):
            reading.widen(reading.error + self.noise / float(reading.estimate.step))
        return reading


def _gauge(problem: Problem, analytic: np.ndarray, readings: list[Reading]) -> Quick:
    """Choose the step of quick readings; tiny where f bends at too many places around x.

    A net of a million relus has kinks everywhere. Few of them lie within a tiny step.
    """
    careful = readings[0]
    assert careful.direction is not None
    noise = float(careful.estimate.rounding) * float(careful.estimate.step)
    if careful.error <= DECIDED * np.linalg.norm(analytic * careful.direction):
        return Quick(problem, noise)
    line = line_of(problem, careful.direction)
    # Wider apart, the kinks themselves would look like noise.
    sigma = noise_level([float(line(k * TINY_STEP / 4)) for k in range(-3, 4)])
    close = Quick(problem, 6 * sigma, TINY_STEP)
    reading = close(careful.direction, careful.label)
    if not reading.error < careful.error:
        return Quick(problem, noise)
    readings[0] = reading
    return close


def disagrees(reading: Reading, analytic: np.ndarray) -> bool:
    """Say whether a reading along a direction contradicts the gradient."""
    assert reading.direction is not None
    seen = analytic @ reading.direction
    slack = 1e-14 * np.linalg.norm(analytic * reading.direction)
    return bool(abs(reading.value - seen) > BARS * reading.error + slack)


def _survey_blocks(
    problem: Problem,
    analytic: np.ndarray,
    rng: np.random.Generator,
    readings: list[Reading],
    quick: Quick,
) -> None:
    """Add directions within one leaf each, more where they contradict the gradient."""
    sizes = scales(problem)
    for block in problem.blocks:
        label = f"along {block.name}"
        for _ in range(CONFIRMING + 1):
            readings.append(quick(rademacher(sizes, rng, block), label))
            if not disagrees(readings[-1], analytic):
                break


# -- finding the wrong entries of a direction -----------------------------------------


def bisect(
    problem: Problem, analytic: np.ndarray, reading: Reading, most: int = 4
) -> list[int] | None:
    """Return the wrong entries that a contradicted direction holds, None if there are many.

    Halves of the direction are measured with two calls of f each, at the step of the
    quick reading of the whole; what the left half does not owe, the right one does.
    """
    direction = reading.direction
    assert direction is not None
    h, bar = float(reading.estimate.step), BARS * reading.error
    alive = [(0, direction.size, reading.value - float(analytic @ direction))]
    while any(high - low > 1 for low, high, _ in alive):
        halves = [
            half for span in alive for half in _halves(problem, analytic, direction, h, *span)
        ]
        alive = [half for half in halves if abs(half[2]) > bar]
        if not 0 < len(alive) <= most:
            return None
    return [low for low, _, _ in alive]


def _halves(
    problem: Problem,
    analytic: np.ndarray,
    direction: np.ndarray,
    h: float,
    low: int,
    high: int,
    owed: float,
) -> list[tuple[int, int, float]]:
    if high - low == 1:
        return [(low, high, owed)]
    middle = (low + high) // 2
    left = np.zeros_like(direction)
    left[low:middle] = direction[low:middle]
    above, below = (problem.at((problem.x + side * left).astype(problem.dtype)) for side in (h, -h))
    gap = float((above - below) / (2 * h) - analytic @ left)
    return [(low, middle, gap), (middle, high, owed - gap)]
