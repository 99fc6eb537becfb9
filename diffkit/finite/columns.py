"""A column of a Jacobian: the derivatives of all outputs along one line, by one method."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from .adaptive import adaptive
from .arguments import as_point, bounds_like, steps_like
from .calling import Calling, Function, calling
from .estimate import Estimate, collect
from .fixed import complex_step, fixed_step
from .ladder import Outcome
from .lines import Line, Probe, coordinate
from .running import INTERRUPTED, finish
from .schemes import Scheme, find_scheme


class Method(NamedTuple):
    """A row of the table of schemes, and whether to stand guard."""

    scheme: Scheme
    guard: bool

    def __call__(self, probe: Probe, step: float | None) -> Outcome:
        """Estimate the derivative of one output along a line."""
        if self.scheme.name == "adaptive":
            return adaptive(probe, step, self.guard)
        if self.scheme.sides == "complex":
            return complex_step(probe, step, self.guard)
        return fixed_step(probe, self.scheme, step)


@dataclass(frozen=True)
class Column:
    """A job: the derivatives of some outputs (all by default) along a line."""

    line: Line
    method: Method
    step: float | None
    outputs: Sequence[int] | None = None

    def __call__(self) -> list[Outcome]:
        """Estimate each output with its own steps; they share the values of f."""
        outputs = range(self.line.function.base.size) if self.outputs is None else self.outputs
        return [self.method(self.line.probe(k), self.step) for k in outputs]


class Task(NamedTuple):
    """What was asked, checked before f is called for the first time."""

    x: np.ndarray
    method: Method
    steps: np.ndarray  # of floats, or of None where they are to be chosen
    limits: tuple[np.ndarray, np.ndarray]
    how: Calling

    @property
    def first(self) -> float | None:
        """The first step along a line whose speeds are the steps, where steps were given."""
        return None if self.steps.flat[0] is None else 1.0

    def columns(self, function: Function) -> list[Column]:
        """Return one column for each entry of x."""
        lower, upper = self.limits
        places = zip(np.ndindex(self.x.shape), lower.flat, upper.flat, self.steps.flat, strict=True)
        return [
            Column(coordinate(function, index, low, high), self.method, h)
            for index, low, high, h in places
        ]

    def estimate(self, f: Callable, scalar: bool) -> Estimate:
        """Differentiate f by every entry of x."""
        function = Function(f, self.x, scalar, self.how)
        found = finish(self.columns(function), function)
        return collect(by_output(found, function), function, function.shape + self.x.shape)


def asked(
    x: Any,
    scheme: str,
    order: int | None,
    guard: bool,
    step: Any,
    bounds: Any,
    vectorized: bool,
    executor: Any,
) -> Task:
    """Check the arguments that all public functions share."""
    point, method = as_point(x), Method(find_scheme(scheme, order), guard)
    limits, how = bounds_like(bounds, point), calling(vectorized, executor)
    return Task(point, method, steps_like(step, point), limits, how)


def by_output(found: Sequence[list[Outcome] | None], function: Function) -> list[Outcome]:
    """Arrange the outcomes of columns as the Jacobian has them: outputs first."""
    blank = [INTERRUPTED] * function.base.size
    return [outcome for row in zip(*(f or blank for f in found), strict=True) for outcome in row]
