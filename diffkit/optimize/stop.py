"""Rules that end a run early: short gradients, plateaus, time, a value that is good enough.

A stop rule is a function of the run, which has `.path`, `.point`, `.seconds`; it
returns (Status, reason) or None.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..errors import ArgumentError
from .diagnosis import Verdict, slope
from .method import Status

if TYPE_CHECKING:
    from .running import Run


@dataclass(frozen=True)
class gtol:
    """Stop, CONVERGED, when the gradient is not longer than `epsilon`.

    >>> from diffkit import minimize
    >>> from diffkit.optimize import GD, stop
    >>> minimize("x^2", {"x": 1.0}, GD(0.25), stop=stop.gtol(0.1)).nit
    5
    """

    epsilon: float

    def __post_init__(self) -> None:
        _positive("gtol", self.epsilon)

    def __call__(self, run: Run) -> Verdict:
        """Judge the last step."""
        length = run.gnorm
        if not length <= self.epsilon:
            return None
        return Status.CONVERGED, f"|g| = {length:.3g} <= {self.epsilon:.3g}"


@dataclass(frozen=True)
class plateau:
    """Stop, STALLED, when the best f has not improved by more than `by` for `steps` steps."""

    steps: int
    by: float = 0.0

    def __post_init__(self) -> None:
        _positive("plateau", self.steps)

    def __call__(self, run: Run) -> Verdict:
        """Judge the last step."""
        lows = run.path.lows
        if len(lows) <= self.steps or lows[-1] < lows[-1 - self.steps] - self.by:
            return None
        return Status.STALLED, f"f did not get better for {self.steps} steps; {slope(run)}"


@dataclass(frozen=True)
class seconds:
    """Stop, STOPPED, when so many seconds have passed."""

    limit: float

    def __post_init__(self) -> None:
        _positive("seconds", self.limit)

    def __call__(self, run: Run) -> Verdict:
        """Judge the last step."""
        if run.seconds < self.limit:
            return None
        return Status.STOPPED, f"{self.limit:g} s have passed; {slope(run)}"


@dataclass(frozen=True)
class target:
    """Stop, STOPPED, when f is not above `value`."""

    value: float

    def __call__(self, run: Run) -> Verdict:
        """Judge the last step."""
        f = run.f
        if not f <= self.value:
            return None
        return Status.STOPPED, f"f = {f:.6g} <= {self.value:.6g}; {slope(run)}"


def _positive(name: str, value: Any) -> None:
    if not 0 < value < math.inf:
        raise ArgumentError(f"stop.{name} takes a positive number, not {value!r}")
