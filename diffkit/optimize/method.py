"""What a method is: it may ask an oracle anything at any point, and moves to the next point."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from .oracle import Point
from .rule import Rule


class Status(StrEnum):
    """How a run ended."""

    CONVERGED = "CONVERGED"  # the gradient is as short as was asked
    MAX_STEPS = "MAX_STEPS"  # the steps, epochs or evaluations that were allowed are used up
    STALLED = "STALLED"  # it goes on, but nothing gets better
    LINE_SEARCH_FAILED = "LINE_SEARCH_FAILED"  # no acceptable step along a direction
    DIVERGED = "DIVERGED"  # it walks away
    NONFINITE = "NONFINITE"  # f or its gradient is nan or infinite
    STOPPED = "STOPPED"  # somebody stopped it


class Halt(Exception):
    """A method cannot go on."""

    def __init__(self, status: Status, reason: str) -> None:
        super().__init__(reason)
        self.status, self.reason = status, reason


class Move(NamedTuple):
    """Where a method goes: the point, its state there, and the learning rate or step length."""

    point: Point
    state: Any
    lr: float


class Method:
    """Moves from point to point.

    Attributes
    ----------
    stochastic : bool
        Whether the function may change between steps, as with minibatches.
    uses_gradient : bool
        Whether gradients are asked for at all.
    patient : bool
        Whether standing still for a step is no reason to stop.
    least_squares : bool
        Whether f returns residuals.
    leaves_saddles : bool
        Whether it can go on from a stationary point that is no minimum.
    """

    stochastic = False
    uses_gradient = True
    patient = False
    least_squares = False
    leaves_saddles = False

    def init(self, point: Point) -> Any:
        """Return the state at the start."""
        return None

    def probe(self, point: Point, state: Any) -> Point:
        """Return the point whose gradient the next step follows."""
        return point

    def step(self, point: Point, state: Any) -> Move:
        """Return the next point."""
        raise NotImplementedError

    def stable_rate(self, curvature: float) -> float | None:
        """Return the learning rate above which a parabola of this curvature diverges."""
        return None


@dataclass(frozen=True, repr=False)
class ByRule(Method):
    """Follow an update rule: one gradient a step."""

    rule: Rule

    stochastic = True

    def init(self, point: Point) -> tuple[int, Any]:
        """Return the count of steps, and the state of the rule."""
        return 0, self.rule.init(point.x)

    def step(self, point: Point, state: tuple[int, Any]) -> Move:
        """Return x + the step of the rule."""
        t, inner = state
        x, inner = self.rule.update(point.g, inner, point.x)
        x += point.x  # the step is a new array
        return Move(point.oracle.at(x), (t + 1, inner), self.rule.rate(t))

    def stable_rate(self, curvature: float) -> float | None:
        """Return what the rule says."""
        return self.rule.stable_rate(curvature)

    def __repr__(self) -> str:
        return repr(self.rule)
