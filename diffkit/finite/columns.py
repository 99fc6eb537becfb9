"""A column of a Jacobian: the derivatives of all outputs along one line, by one method."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from ..errors import ArgumentError
from .adaptive import adaptive
from .arguments import as_point, bounds_like, steps_like
from .calling import Calling, Function, calling
from .estimate import Estimate, collect
from .fixed import complex_step, fixed_step
from .guard import stand_guard
from .ladder import Outcome
from .lines import Line, Probe, coordinate, group_line
from .running import INTERRUPTED, finish
from .schemes import Scheme, find_scheme

ALONG = "direction"  # the guard of a whole gradient


class Method(NamedTuple):
    """A row of the table of schemes, and whether to stand guard."""

    scheme: Scheme
    guard: bool | str

    def __call__(self, probe: Probe, step: float | None) -> Outcome:
        """Estimate the derivative of one output along a line."""
        if self.scheme.name == "adaptive":
            return adaptive(probe, step, self.guard is True)
        if self.scheme.sides == "complex":
            return complex_step(probe, step, self.guard is True)
        return fixed_step(probe, self.scheme, step)


@dataclass(frozen=True)
class Column:
    """A job: the derivatives of some outputs (all by default) along a line."""

    line: Line
    method: Method
    step: float | None
    outputs: Sequence[int] | None = None
    sigmas: Sequence[float] | None = None  # noise that is known, of each output

    def __call__(self) -> list[Outcome]:
        """Estimate each output with its own steps; they share the values of f."""
        outputs = range(self.line.function.base.size) if self.outputs is None else self.outputs
        sigmas = self.sigmas or [0.0] * len(outputs)
        probes = (self.line.probe(k, sigma) for k, sigma in zip(outputs, sigmas, strict=True))
        return [self.method(probe, self.step) for probe in probes]


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

    def columns(
        self, function: Function, sigmas: Sequence[float] | None = None
    ) -> list[list[Outcome] | None]:
        """Differentiate by each entry of x."""
        lower, upper = self.limits
        places = zip(np.ndindex(self.x.shape), lower.flat, upper.flat, self.steps.flat, strict=True)
        jobs = [
            Column(coordinate(function, index, low, high), self.method, h, sigmas=sigmas)
            for index, low, high, h in places
        ]
        return finish(jobs, function)

    def estimate(self, f: Callable, scalar: bool) -> Estimate:
        """Differentiate f by every entry of x."""
        function = Function(f, self.x, scalar, self.how)
        once = self.method.guard == ALONG and self.method.scheme.name == "adaptive"
        found = watched(self, function) if once else self.columns(function)
        return collect(by_output(found, function), function, function.shape + self.x.shape)


def watched(task: Task, function: Function) -> list[list[Outcome] | None]:
    """Differentiate under one guard for all entries, along a random direction of +-1.

    It measures the noise of f, and a slope that the derivatives must add up to. Where
    they do not, or f ends near x, every entry gets a guard of its own.
    """
    signs = np.random.default_rng().choice([-1.0, 1.0], task.x.size)
    everything = np.arange(task.x.size)
    line, speeds = group_line(function, everything, task.steps, task.limits, signs)
    probes = [line.probe(k) for k in range(function.base.size)]
    (sentinels,) = finish([lambda: [stand_guard(p, p.start(task.first)) for p in probes]], function)
    if sentinels and all(sentinels):
        found = task.columns(function, [probe.sigma for probe in probes])
        if _add_up(found, speeds, sentinels):
            return found
    return task._replace(method=task.method._replace(guard=True)).columns(function)


def _add_up(found: Sequence[list[Outcome] | None], speeds: np.ndarray, sentinels: Any) -> bool:
    """Say whether the derivatives along x make up the slopes that the sentinels saw."""
    if None in found:  # interrupted: there is nothing to compare, and no time
        return True
    value = np.array([[outcome.rung.value for outcome in column or ()] for column in found])
    bound = np.array([[outcome.rung.bound for outcome in column or ()] for column in found])
    seen, doubt = np.array(sentinels).T
    gap = np.abs(speeds @ value - seen)
    return not np.any(gap > np.abs(speeds) @ bound + doubt)


def asked(
    x: Any,
    scheme: str,
    order: int | None,
    guard: bool | str,
    step: Any,
    bounds: Any,
    vectorized: bool,
    executor: Any,
) -> Task:
    """Check the arguments that all public functions share."""
    if guard not in (True, False, ALONG):
        raise ArgumentError(f"guard must be True, False or {ALONG!r}, not {guard!r}")
    point, method = as_point(x), Method(find_scheme(scheme, order), guard)
    limits, how = bounds_like(bounds, point), calling(vectorized, executor)
    return Task(point, method, steps_like(step, point), limits, how)


def by_output(found: Sequence[list[Outcome] | None], function: Function) -> list[Outcome]:
    """Arrange the outcomes of columns as the Jacobian has them: outputs first."""
    blank = [INTERRUPTED] * function.base.size
    return [outcome for row in zip(*(f or blank for f in found), strict=True) for outcome in row]
