"""Rules with a learning rate for each coordinate: Adagrad, RMSprop, Adadelta."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from .moments import mean_of, mean_square, of_zero, scaled
from .rule import Rate, Rule, rule


class Accumulated(NamedTuple):
    """The count of updates, and the sum of squares so far."""

    t: int
    total: Any


@rule
class Adagrad(Rule):
    """Divide by the root of the sum of all squares so far, as torch.optim.Adagrad.

    Parameters
    ----------
    lr : float or schedule
    lr_decay : float
        The learning rate is lr/(1 + t lr_decay), t = 0, 1, ...
    weight_decay : float
        Adds weight_decay*x to g.
    initial_accumulator_value : float
        What the sum of squares starts with.
    eps : float
        x -= lr g/(sqrt(sum) + eps).
    eps_in_sqrt : bool
        x -= lr g/sqrt(sum + eps) instead.
    global_norm : bool
        Sum |g|**2 over all coordinates: one learning rate for all of them.

    References
    ----------
    Duchi, Hazan & Singer, JMLR 12 (2011); for `global_norm` Ward, Wu & Bottou, AdaGrad
    stepsizes (ICML 2019).

    Examples
    --------
    >>> import numpy as np
    >>> rule, x = Adagrad(lr=0.1), np.zeros(2)
    >>> rule.update(np.array([1.0, 100.0]), rule.init(x), x)[0].round(6)
    array([-0.1, -0.1])
    """

    lr: Rate = 1e-2
    lr_decay: float = 0.0
    weight_decay: float = 0.0
    initial_accumulator_value: float = 0.0
    eps: float = 1e-10
    eps_in_sqrt: bool = False
    global_norm: bool = False

    def init(self, x: np.ndarray) -> Accumulated:
        """Return the sum that there is at the start."""
        start = self.initial_accumulator_value
        return Accumulated(0, np.full(1 if self.global_norm else np.shape(x), start))

    def update(self, g: np.ndarray, state: Accumulated, x: np.ndarray) -> tuple:
        """Return the step and the next sum."""
        t, total = state
        if self.weight_decay:
            g = g + self.weight_decay * x
        square = np.vdot(g, g) if self.global_norm else g * g
        total = np.add(total, square, out=None if self.global_norm else square)
        root = np.sqrt(total + self.eps if self.eps_in_sqrt else total)
        step = scaled(-self.rate(t), g, _like(root, g), 0.0 if self.eps_in_sqrt else self.eps)
        return of_zero(step, total, self.eps), Accumulated(t + 1, total)

    def rate(self, t: int) -> float:
        """Return lr/(1 + t lr_decay)."""
        return super().rate(t) / (1 + t * self.lr_decay)


def _like(root: np.ndarray, g: np.ndarray) -> np.ndarray:
    return root if root.shape == g.shape else np.full(g.shape, root[0])


class Averages(NamedTuple):
    """The count of updates, the means of g**2 and of g, and the momentum buffer."""

    t: int
    square: Any
    mean: Any = None
    buffer: Any = None


@rule
class RMSprop(Rule):
    """Divide by the root of a running mean of squares, as torch.optim.RMSprop.

    Parameters
    ----------
    lr : float or schedule
    alpha : float
        The share of the mean that stays.
    eps : float
        u = g/(sqrt(mean) + eps).
    weight_decay : float
        Adds weight_decay*x to g.
    momentum : float
        b = momentum b + u, x -= lr b.
    centered : bool
        Subtract the square of the running mean of g: the variance.
    eps_in_sqrt : bool
        u = g/sqrt(mean + eps), as optax has it by default.

    References
    ----------
    Tieleman & Hinton, Lecture 6.5 of Neural Networks for Machine Learning (2012).

    Examples
    --------
    >>> import numpy as np
    >>> rule, x = RMSprop(lr=0.1, alpha=0.75), np.zeros(2)
    >>> rule.update(np.array([1.0, 100.0]), rule.init(x), x)[0].round(6)
    array([-0.2, -0.2])
    """

    lr: Rate = 1e-2
    alpha: float = 0.99
    eps: float = 1e-8
    weight_decay: float = 0.0
    momentum: float = 0.0
    centered: bool = False
    eps_in_sqrt: bool = False

    def init(self, x: np.ndarray) -> Averages:
        """Return means that are zero."""
        zero = np.zeros_like(x)
        return Averages(0, zero, zero if self.centered else None, zero if self.momentum else None)

    def update(self, g: np.ndarray, state: Averages, x: np.ndarray) -> tuple:
        """Return the step and the next means."""
        t, square, mean, buffer = state
        if self.weight_decay:
            g = g + self.weight_decay * x
        square = mean_square(square, g, self.alpha)
        root = square
        if self.centered:
            mean = mean_of(mean, g, self.alpha)
            # the variance; rounding can take it below 0
            root = np.maximum(square - mean * mean, 0.0)
        root = np.sqrt(root + self.eps if self.eps_in_sqrt else root)
        eps, rate = (0.0 if self.eps_in_sqrt else self.eps), -self.rate(t)
        step = of_zero(scaled(1.0 if self.momentum else rate, g, root, eps), g, self.eps)
        if self.momentum:
            buffer = buffer * self.momentum
            buffer += step
            step = buffer * rate
        return step, Averages(t + 1, square, mean, buffer)


class Deltas(NamedTuple):
    """The count of updates, the mean of g**2 and that of the steps squared."""

    t: int
    square: Any
    delta: Any


@rule
class Adadelta(Rule):
    """Steps in the units of x: the root mean squares of steps over that of gradients.

    As torch.optim.Adadelta.

    Parameters
    ----------
    lr : float or schedule
    rho : float
        The share of the means that stays.
    eps : float
        d = sqrt(mean of d**2 + eps)/sqrt(mean of g**2 + eps) g, x -= lr d.
    weight_decay : float
        Adds weight_decay*x to g.

    References
    ----------
    Zeiler, ADADELTA (2012).

    Examples
    --------
    >>> import numpy as np
    >>> rule, x = Adadelta(), np.zeros(1)
    >>> rule.update(np.array([1.0]), rule.init(x), x)[0].round(6)
    array([-0.003162])
    """

    lr: Rate = 1.0
    rho: float = 0.9
    eps: float = 1e-6
    weight_decay: float = 0.0

    def init(self, x: np.ndarray) -> Deltas:
        """Return means that are zero."""
        return Deltas(0, np.zeros_like(x), np.zeros_like(x))

    def update(self, g: np.ndarray, state: Deltas, x: np.ndarray) -> tuple:
        """Return the step and the next means."""
        t, square, delta = state
        if self.weight_decay:
            g = g + self.weight_decay * x
        square = mean_square(square, g, self.rho)
        ratio = delta + self.eps
        ratio /= square + self.eps
        step = np.sqrt(ratio, out=ratio)
        step *= g
        delta = mean_square(delta, step, self.rho)
        step *= -self.rate(t)
        return step, Deltas(t + 1, square, delta)
