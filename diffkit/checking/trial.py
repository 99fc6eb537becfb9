"""Everything that is known when the judging begins."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .case import BARS, ROUNDINGS, Case
from .constants import lengths_of
from .gradients import Answer
from .problem import Problem
from .readings import Reading, disagrees
from .roughness import line_of


@dataclass
class Trial:
    """A problem, the gradient that is claimed, and the readings."""

    problem: Problem
    answer: Answer
    readings: list[Reading]
    rng: np.random.Generator

    @property
    def by_entry(self) -> bool:
        """Whether every entry was measured by itself."""
        return self.readings[0].direction is None

    def case(self) -> Case:
        """Return the readings as a case for diagnosis; what was not read decides nothing."""
        problem, answer = self.problem, self.answer
        lengths = lengths_of(problem.f, problem.nest, problem.name)
        x = problem.x.astype(float)
        given = answer.flat, *self._measured(), x, problem.names, self._directions()
        return Case(*given, answer.eps, answer.integer, lengths=lengths)

    def _measured(self) -> tuple[np.ndarray, np.ndarray]:
        """Return values and error bars, one a row of the case."""
        if not self.by_entry:
            rows = [(r.value, r.error) for r in self.readings if r.direction is not None]
            return np.array([value for value, _ in rows]), np.array([error for _, error in rows])
        numeric, error = np.full((2, self.problem.x.size), [[np.nan], [np.inf]])
        for r in self.readings:
            numeric[r.index], error[r.index] = r.value, r.error
        return numeric, error

    def _directions(self) -> np.ndarray | None:
        if self.by_entry:
            return None
        return np.array([r.direction for r in self.readings if r.direction is not None])

    def line_of(self, reading: Reading) -> tuple[Callable, float]:
        """Return f along what was read, and where on it x lies."""
        if reading.direction is None:
            return self.problem.along_entry(reading.index)
        return line_of(self.problem, reading.direction), 0.0

    def claimed(self, reading: Reading) -> float:
        """Return what the user's gradient says about a reading."""
        if reading.direction is None:
            return float(self.answer.flat[reading.index])
        return float(self.answer.flat @ reading.direction)

    def contradicted(self) -> list[Reading]:
        """Return the readings that contradict the user's gradient."""
        return [reading for reading in self.readings if self.contradicts(reading)]

    def contradicts(self, reading: Reading) -> bool:
        """Say whether a reading contradicts the user's gradient."""
        if reading.direction is not None:
            return disagrees(reading, self.answer.flat)
        claimed = self.claimed(reading)
        slack = ROUNDINGS * float(self.answer.eps[reading.index]) * abs(claimed)
        return not abs(reading.value - claimed) <= BARS * reading.error + slack

    def in_order(self) -> list[Reading]:
        """Return the readings in the order of the rows of the case."""
        if not self.by_entry:
            return [r for r in self.readings if r.direction is not None]
        by_index = {r.index: r for r in self.readings}
        blank = self.readings[0]
        return [by_index.get(i, blank) for i in range(self.problem.x.size)]
