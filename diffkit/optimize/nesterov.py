"""Nesterov's momentum as it was meant: the gradient is taken where the velocity leads."""

from __future__ import annotations

import numpy as np

from .method import Method, Move
from .oracle import Point
from .rule import Rate, rate_of, rule


@rule
class Nesterov(Method):
    """Look-ahead momentum: v = momentum v - lr g(x + ahead v), x += v.

    The gradient at the look-ahead point is the only one that a step needs, so
    `path.gnorm` is the length of that one. The step of SGD(nesterov=True) walks
    through the look-ahead points of this method, with its default.

    Parameters
    ----------
    lr : float or schedule
    momentum : float
    ahead : float, optional
        The share of the velocity that is looked ahead by. By default the momentum, as
        in the reference; some lectures look ahead by all of v, with 1.

    References
    ----------
    Nesterov (1983); Sutskever et al., On the importance of initialization and
    momentum in deep learning (ICML 2013), equations 3 and 4.

    Examples
    --------
    >>> from diffkit import minimize
    >>> minimize("x^2 + 10*y^2", {"x": 1.0, "y": 1.0}, Nesterov(lr=0.02)).status
    <Status.CONVERGED: 'CONVERGED'>
    """

    lr: Rate = 0.01
    momentum: float = 0.9
    ahead: float | None = None

    stochastic = True

    @property
    def share(self) -> float:
        """The share of the velocity that is looked ahead by."""
        return self.momentum if self.ahead is None else self.ahead

    def init(self, point: Point) -> tuple[int, np.ndarray]:
        """Return the count of steps, and no velocity."""
        return 0, np.zeros_like(point.x)

    def probe(self, point: Point, state: tuple[int, np.ndarray]) -> Point:
        """Return the look-ahead point."""
        return point.oracle.at(point.x + self.share * state[1])

    def step(self, point: Point, state: tuple[int, np.ndarray]) -> Move:
        """Move by the new velocity."""
        t, v = state
        rate = rate_of(self.lr, t)
        v = self.momentum * v - rate * self.probe(point, state).g
        return Move(point.oracle.at(point.x + v), (t + 1, v), rate)
