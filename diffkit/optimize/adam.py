"""Adam and its kin: momentum divided by the root mean square of gradients."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from ..errors import ArgumentError
from .moments import mean_of, mean_square, of_zero, scaled
from .rule import Rate, Rule, rule


class Moments(NamedTuple):
    """The count of updates, the means of g and of g**2, and the largest of the latter."""

    t: int
    mean: Any
    square: Any
    largest: Any = None


@rule
class Adam(Rule):
    """Momentum over root mean square, both freed of their bias towards 0, as torch.optim.Adam.

    Parameters
    ----------
    lr : float or schedule
    betas : (float, float)
        The shares of the mean of g and of the mean of g**2 that stay.
    eps : float
        Added to the root, after the bias correction (the paper's Algorithm 1).
    weight_decay : float
        Adds weight_decay*x to g: L2. For decoupled decay see `AdamW`.
    amsgrad : bool
        Take the largest mean of g**2 so far (before the correction, as torch does).
    bias_correction : bool or "constant"
        Divide the means by 1 - beta**t; False leaves them as they are; "constant"
        divides by 1 - beta at every update.

    References
    ----------
    Kingma & Ba, Adam (ICLR 2015); Reddi, Kale & Kumar, On the convergence of Adam
    and beyond (ICLR 2018).

    Examples
    --------
    >>> import numpy as np
    >>> rule, x = Adam(lr=0.1), np.zeros(2)
    >>> rule.update(np.array([1.0, 100.0]), rule.init(x), x)[0].round(6)
    array([-0.1, -0.1])
    """

    lr: Rate = 1e-3
    betas: tuple[float, float] = (0.9, 0.999)
    eps: float = 1e-8
    weight_decay: float = 0.0
    amsgrad: bool = False
    bias_correction: bool | str = True

    def __post_init__(self) -> None:
        if self.bias_correction not in (True, False, "constant"):
            raise ArgumentError(
                f'bias_correction is True, False or "constant", not {self.bias_correction!r}'
            )

    def init(self, x: np.ndarray) -> Moments:
        """Return moments that are zero."""
        zero = np.zeros_like(x)
        return Moments(0, zero, zero, zero if self.amsgrad else None)

    def update(self, g: np.ndarray, state: Moments, x: np.ndarray) -> tuple:
        """Return the step and the next moments."""
        if self.weight_decay:
            g = g + self.weight_decay * x
        return self._moved(g, state)

    def _moved(self, g: np.ndarray, state: Moments) -> tuple[np.ndarray, Moments]:
        t, mean, square, largest = state
        mean = mean_of(mean, g, self.betas[0])
        square = mean_square(square, g, self.betas[1])
        if self.amsgrad:
            largest = np.maximum(largest, square)
        first, second = self._corrections(t + 1)
        # m/first / (sqrt(v)/second + eps) = second/first m / (sqrt(v) + second eps)
        factor = -self.rate(t) * second / first
        root = np.sqrt(largest if self.amsgrad else square)
        step = of_zero(scaled(factor, mean, root, self.eps * second), mean, self.eps)
        return step, Moments(t + 1, mean, square, largest)

    def _corrections(self, count: int) -> tuple[float, float]:
        """Return the divisors of the mean of g, and of the root of the mean of g**2."""
        if self.bias_correction is False:
            return 1.0, 1.0
        power = 1 if self.bias_correction == "constant" else count
        beta1, beta2 = self.betas
        return 1 - beta1**power, math.sqrt(1 - beta2**power)


@rule
class AdamW(Adam):
    """Adam with decoupled weight decay, as torch.optim.AdamW: first x *= 1 - lr weight_decay.

    References
    ----------
    Loshchilov & Hutter, Decoupled weight decay regularization (ICLR 2019).

    Examples
    --------
    >>> import numpy as np
    >>> rule, x = AdamW(lr=0.1, weight_decay=0.5), np.array([1.0])
    >>> rule.update(np.array([4.0]), rule.init(x), x)[0].round(6)
    array([-0.15])
    """

    weight_decay: float = 1e-2

    def update(self, g: np.ndarray, state: Moments, x: np.ndarray) -> tuple:
        """Return the step and the next moments."""
        step, moments = self._moved(g, state)
        if self.weight_decay:
            step -= (self.rate(state.t) * self.weight_decay) * x
        return step, moments


@rule
class Adamax(Rule):
    """Adam with the largest |g|, slowly forgotten, in place of the root, as torch.optim.Adamax.

    Parameters
    ----------
    lr : float or schedule
    betas : (float, float)
        The shares of the mean of g and of the largest |g| that stay.
    eps : float
        u = max(beta2 u, |g| + eps).
    weight_decay : float
        Adds weight_decay*x to g.

    References
    ----------
    Kingma & Ba, Adam (ICLR 2015), section 7.1.

    Examples
    --------
    >>> import numpy as np
    >>> rule, x = Adamax(lr=0.1), np.zeros(2)
    >>> rule.update(np.array([1.0, 100.0]), rule.init(x), x)[0].round(6)
    array([-0.1, -0.1])
    """

    lr: Rate = 2e-3
    betas: tuple[float, float] = (0.9, 0.999)
    eps: float = 1e-8
    weight_decay: float = 0.0

    def init(self, x: np.ndarray) -> Moments:
        """Return moments that are zero."""
        return Moments(0, np.zeros_like(x), np.zeros_like(x))

    def update(self, g: np.ndarray, state: Moments, x: np.ndarray) -> tuple:
        """Return the step and the next moments."""
        t, mean, largest, _ = state
        if self.weight_decay:
            g = g + self.weight_decay * x
        mean = mean_of(mean, g, self.betas[0])
        size = np.abs(g)
        size += self.eps
        largest = np.maximum(largest * self.betas[1], size, out=size)
        factor = -self.rate(t) / (1 - self.betas[0] ** (t + 1))
        step = np.divide(mean, largest)
        step *= factor
        return of_zero(step, mean, self.eps), Moments(t + 1, mean, largest)


class Looking(NamedTuple):
    """The count of updates, the means of g and g**2, and the product of all momenta."""

    t: int
    mean: Any
    square: Any
    product: float = 1.0


@rule
class NAdam(Rule):
    """Adam with Nesterov momentum, as torch.optim.NAdam.

    Parameters
    ----------
    lr : float or schedule
    betas : (float, float)
    eps : float
    weight_decay : float
        Adds weight_decay*x to g.
    momentum_decay : float
        The momentum of update t = 1, 2, ... is beta1 (1 - 0.96**(t momentum_decay)/2).
    decoupled_weight_decay : bool
        Decay as `AdamW` does.

    References
    ----------
    Dozat, Incorporating Nesterov momentum into Adam (2016).

    Examples
    --------
    >>> import numpy as np
    >>> rule, x = NAdam(lr=0.1), np.zeros(2)
    >>> rule.update(np.array([1.0, 100.0]), rule.init(x), x)[0].round(4)
    array([-0.1056, -0.1056])
    """

    lr: Rate = 2e-3
    betas: tuple[float, float] = (0.9, 0.999)
    eps: float = 1e-8
    weight_decay: float = 0.0
    momentum_decay: float = 4e-3
    decoupled_weight_decay: bool = False

    def init(self, x: np.ndarray) -> Looking:
        """Return moments that are zero."""
        return Looking(0, np.zeros_like(x), np.zeros_like(x))

    def update(self, g: np.ndarray, state: Looking, x: np.ndarray) -> tuple:
        """Return the step and the next moments."""
        t, mean, square, product = state
        decay, rate = self.weight_decay, self.rate(t)
        if decay and not self.decoupled_weight_decay:
            g = g + decay * x
        mean, square = mean_of(mean, g, self.betas[0]), mean_square(square, g, self.betas[1])
        now, ahead = self._momentum(t + 1), self._momentum(t + 2)
        product *= now
        second = math.sqrt(1 - self.betas[1] ** (t + 1))
        top = mean * (ahead / (1 - product * ahead))
        top += g * ((1 - now) / (1 - product))
        step = scaled(-rate * second, top, np.sqrt(square), self.eps * second)
        step = of_zero(step, top, self.eps)
        if decay and self.decoupled_weight_decay:
            step -= (rate * decay) * x
        return step, Looking(t + 1, mean, square, product)

    def _momentum(self, count: int) -> float:
        return self.betas[0] * (1 - 0.5 * 0.96 ** (count * self.momentum_decay))
