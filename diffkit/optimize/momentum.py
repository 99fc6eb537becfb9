"""Gradient descent, and momentum in the formulations of torch, Sutskever and running means."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ..errors import ArgumentError
from .rule import Rate, Rule, rule

FORMS = ("torch", "sutskever", "ema")


@rule
class GD(Rule):
    """Gradient descent: x -= lr g.

    Parameters
    ----------
    lr : float or schedule
        The learning rate, in units of x**2 per unit of f.

    Examples
    --------
    >>> from diffkit import minimize
    >>> round(float(minimize("(x - 3)^2", {"x": 0.0}, GD(lr=0.1)).x["x"]), 4)
    3.0
    """

    lr: Rate = 0.1

    def init(self, x: np.ndarray) -> int:
        """Return the count of updates, 0."""
        return 0

    def update(self, g: np.ndarray, state: int, x: np.ndarray) -> tuple[np.ndarray, int]:
        """Return the step -lr g, and the count."""
        return g * -self.rate(state), state + 1

    def stable_rate(self, curvature: float) -> float | None:
        """Return 2/L: beyond it each step overshoots by more than it corrects."""
        return 2 / curvature if curvature > 0 else None


class Velocity(NamedTuple):
    """The count of updates, and the velocity (None before the first one)."""

    t: int
    v: Any = None


@rule
class SGD(Rule):
    """Gradient descent with momentum, as torch.optim.SGD.

    Parameters
    ----------
    lr : float or schedule
    momentum : float
        The share of the velocity that stays, from 0 to below 1.
    dampening : float
        v = momentum v + (1 - dampening) g, except for the first v, which is g.
    weight_decay : float
        Adds weight_decay*x to g: L2, not decoupled.
    nesterov : bool
        The step is lr (g + momentum v). For the gradient at the look-ahead point
        itself see `Nesterov`.
    form : {"torch", "sutskever", "ema"}
        "torch": v = momentum v + g, x -= lr v. "sutskever": v = momentum v - lr g,
        x += v. "ema": v = momentum v + (1 - momentum) g, x -= lr v. The first two
        are the same as long as lr is constant; the third is the first with lr
        multiplied by (1 - momentum).

    References
    ----------
    Polyak, Some methods of speeding up the convergence of iteration methods
    (1964); Sutskever et al., On the importance of initialization and momentum in
    deep learning (ICML 2013).

    Examples
    --------
    >>> import numpy as np
    >>> rule, x = SGD(lr=0.1, momentum=0.9), np.array([1.0])
    >>> step, state = rule.update(np.array([2.0]), rule.init(x), x)
    >>> rule.update(np.array([2.0]), state, x + step)[0].round(3)
    array([-0.38])
    """

    lr: Rate = 1e-3
    momentum: float = 0.0
    dampening: float = 0.0
    weight_decay: float = 0.0
    nesterov: bool = False
    form: str = "torch"

    def __post_init__(self) -> None:
        if self.form not in FORMS:
            raise ArgumentError(f"form is one of {', '.join(FORMS)}, not {self.form!r}")
        if self.nesterov and (not self.momentum or self.dampening or self.form == "ema"):
            raise ArgumentError(
                'nesterov needs momentum > 0, dampening = 0 and form "torch" or "sutskever"'
            )
        if self.dampening and self.form != "torch":
            raise ArgumentError(f'dampening belongs to form "torch", not {self.form!r}')

    def init(self, x: np.ndarray) -> Velocity:
        """Return the state without a velocity."""
        return Velocity(0)

    def update(self, g: np.ndarray, state: Velocity, x: np.ndarray) -> tuple[np.ndarray, Velocity]:
        """Return the step and the next velocity."""
        t, v = state
        rate, mu = self.rate(t), self.momentum
        if self.weight_decay:
            g = g + self.weight_decay * x
        if not mu:
            return g * -rate, Velocity(t + 1)
        scale = {"torch": 1.0, "sutskever": -rate, "ema": 1 - mu}[self.form]
        v = self._next_velocity(g, v, scale)
        length = 1.0 if self.form == "sutskever" else -rate
        if self.nesterov:
            return (mu * v + scale * g) * length, Velocity(t + 1, v)
        return v * length, Velocity(t + 1, v)

    def _next_velocity(self, g: np.ndarray, v: Any, scale: float) -> np.ndarray:
        if v is None:
            return g * scale
        new = v * self.momentum
        factor = scale * (1 - self.dampening)
        new += g if factor == 1 else g * factor
        return new

    def stable_rate(self, curvature: float) -> float | None:
        """Return 2(1 + momentum)/L, for heavy-ball momentum on a parabola of curvature L."""
        if curvature <= 0 or self.nesterov or self.dampening:
            return None
        mu = self.momentum
        return 2 * (1 + mu) / curvature / ((1 - mu) if self.form == "ema" else 1)


@rule
class Momentum(SGD):
    """Gradient descent with momentum 0.9: `SGD` with another default.

    Examples
    --------
    >>> Momentum(lr=0.01, form="sutskever").momentum
    0.9
    """

    lr: Rate = 0.01
    momentum: float = 0.9


@rule
class Perceptron(GD):
    """The perceptron rule w += lr (y - sign(w.x)) x: `GD` on `losses.perceptron`.

    With one example at a time (batch_size=1) and lr = 1 it is Rosenblatt's.

    References
    ----------
    Rosenblatt, The perceptron (1958).

    Examples
    --------
    >>> import numpy as np
    >>> from diffkit import losses, minimize
    >>> X, y = np.array([[2.0, 1.0], [-1.0, 1.0]]), np.array([1.0, -1.0])
    >>> f = lambda w, X, y: losses.perceptron(X @ w, y)
    >>> options = {"data": (X, y), "batch_size": 1, "epochs": 5, "rng": 0}
    >>> result = minimize(f, np.zeros(2), Perceptron(), **options)
    >>> float(losses.zero_one(X @ result.x, y))
    0.0
    """

    lr: Rate = 1.0
