"""Learning rates that change with the count of updates: t = 0 is the first update."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from ..errors import ArgumentError
from .rule import Rate, check_rate


@dataclass(frozen=True)
class Constant:
    """eta(t) = eta.

    >>> Constant(0.1)(7)
    0.1
    """

    eta: float

    def __post_init__(self) -> None:
        check_rate("Constant", self.eta)

    def __call__(self, t: int) -> float:
        """Return the learning rate of update t."""
        return self.eta


@dataclass(frozen=True)
class Piecewise:
    """eta(t) = eta_i for t_i <= t < t_(i+1), from a dict {t_i: eta_i} that begins at 0.

    >>> eta = Piecewise({0: 0.1, 20: 0.01})
    >>> eta(19), eta(20)
    (0.1, 0.01)
    """

    values: Mapping[int, float]
    _starts: list = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        starts = sorted(self.values)
        if not starts or starts[0] != 0:
            raise ArgumentError("Piecewise: the dict {t: eta} must have the key 0, the start")
        for eta in self.values.values():
            check_rate("Piecewise", eta)
        object.__setattr__(self, "_starts", starts)

    def __call__(self, t: int) -> float:
        """Return the learning rate of update t."""
        return self.values[self._starts[np.searchsorted(self._starts, t, side="right") - 1]]


@dataclass(frozen=True)
class Exponential:
    """eta(t) = eta0 exp(-decay t).

    >>> round(Exponential(0.1, decay=0.5)(2), 6)
    0.036788
    """

    eta0: float
    decay: float

    def __post_init__(self) -> None:
        check_rate("Exponential", self.eta0)

    def __call__(self, t: int) -> float:
        """Return the learning rate of update t."""
        return self.eta0 * math.exp(-self.decay * t)


@dataclass(frozen=True)
class InverseSqrt:
    """eta0/sqrt(t), counting the first update as 1: eta(t) = eta0/sqrt(t + 1).

    >>> InverseSqrt(0.1)(0), InverseSqrt(0.1)(3)
    (0.1, 0.05)
    """

    eta0: float

    def __post_init__(self) -> None:
        check_rate("InverseSqrt", self.eta0)

    def __call__(self, t: int) -> float:
        """Return the learning rate of update t."""
        return self.eta0 / math.sqrt(t + 1)


@dataclass(frozen=True)
class Cosine:
    """Half a cosine from eta0 at t = 0 down to `final` at t = steps, and `final` after that.

    >>> eta = Cosine(0.1, steps=100)
    >>> eta(0), round(eta(50), 6), eta(100), eta(500)
    (0.1, 0.05, 0.0, 0.0)

    Loshchilov & Hutter, SGDR (ICLR 2017), equation 5 without restarts.
    """

    eta0: float
    steps: int
    final: float = 0.0

    def __post_init__(self) -> None:
        check_rate("Cosine", self.eta0)
        _check_steps("Cosine", self.steps)
        if not 0 <= self.final < math.inf:
            raise ArgumentError(f"Cosine: final must be at least 0, not {self.final!r}")

    def __call__(self, t: int) -> float:
        """Return the learning rate of update t."""
        part = min(t / self.steps, 1.0)
        return self.final + (self.eta0 - self.final) * (1 + math.cos(math.pi * part)) / 2


@dataclass(frozen=True)
class Warmup:
    """A straight line up to `then`: (t + 1)/steps of its first value; then `then`, from its t = 0.

    >>> eta = Warmup(4, then=Cosine(0.1, steps=100))
    >>> [round(eta(t), 6) for t in range(5)]
    [0.025, 0.05, 0.075, 0.1, 0.1]
    """

    steps: int
    then: Rate

    def __post_init__(self) -> None:
        check_rate("Warmup", self.then)
        _check_steps("Warmup", self.steps)

    def __call__(self, t: int) -> float:
        """Return the learning rate of update t."""
        after = self.then if callable(self.then) else Constant(self.then)
        return after(0) * (t + 1) / self.steps if t < self.steps else after(t - self.steps)


def _check_steps(owner: str, steps: int) -> None:
    if not isinstance(steps, (int, np.integer)) or steps < 1:
        raise ArgumentError(f"{owner}: steps must be a count of at least 1, not {steps!r}")
