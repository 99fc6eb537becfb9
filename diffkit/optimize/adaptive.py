"""Rules with a learning rate for each coordinate: Adagrad, RMSprop, Adadelta, Adam and its kin.

Moments are running means, m += (1 - beta)(g - m). Arrays are written over as soon
as they are not needed, since on long vectors it is the memory that takes the time.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from ..errors import ArgumentError
from .rule import Rate, Rule, rule


def _mean(old: np.ndarray, new: np.ndarray, beta: float, own: bool = False) -> np.ndarray:
    """Return beta old + (1 - beta) new; `own` says that `new` may be written over."""
    moved = np.subtract(new, old, out=new if own else None)
    moved *= 1 - beta
    moved += old
    return moved


def _mean_square(old: np.ndarray, g: np.ndarray, beta: float) -> np.ndarray:
    """Return beta old + (1 - beta) g**2."""
    return _mean(old, g * g, beta, own=True)


def _scaled(factor: float, top: np.ndarray, root: np.ndarray, eps: float) -> np.ndarray:
    """Return factor top/(root + eps); `root` is written over."""
    if eps:
        root += eps
    np.divide(top, root, out=root)
    root *= factor
    return root


def _of_zero(step: np.ndarray, g: np.ndarray, eps: float) -> np.ndarray:
    """Return the step, without the 0/0 of entries that have never had a gradient."""
    return step if eps else np.where(g == 0, 0.0, step)


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
        step = _scaled(-self.rate(t), g, _like(root, g), 0.0 if self.eps_in_sqrt else self.eps)
        return _of_zero(step, total, self.eps), Accumulated(t + 1, total)

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
        square = _mean_square(square, g, self.alpha)
        root = square
        if self.centered:
            mean = _mean(mean, g, self.alpha)
            # the variance; rounding can take it below 0
            root = np.maximum(square - mean * mean, 0.0)
        root = np.sqrt(root + self.eps if self.eps_in_sqrt else root)
        eps, rate = (0.0 if self.eps_in_sqrt else self.eps), -self.rate(t)
        step = _of_zero(_scaled(1.0 if self.momentum else rate, g, root, eps), g, self.eps)
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
        square = _mean_square(square, g, self.rho)
        ratio = delta + self.eps
        ratio /= square + self.eps
        step = np.sqrt(ratio, out=ratio)
        step *= g
        delta = _mean_square(delta, step, self.rho)
        step *= -self.rate(t)
        return step, Deltas(t + 1, square, delta)


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
        mean = _mean(mean, g, self.betas[0])
        square = _mean_square(square, g, self.betas[1])
        if self.amsgrad:
            largest = np.maximum(largest, square)
        first, second = self._corrections(t + 1)
        # m/first / (sqrt(v)/second + eps) = second/first m / (sqrt(v) + second eps)
        factor = -self.rate(t) * second / first
        root = np.sqrt(largest if self.amsgrad else square)
        step = _of_zero(_scaled(factor, mean, root, self.eps * second), mean, self.eps)
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
        mean = _mean(mean, g, self.betas[0])
        size = np.abs(g)
        size += self.eps
        largest = np.maximum(largest * self.betas[1], size, out=size)
        factor = -self.rate(t) / (1 - self.betas[0] ** (t + 1))
        step = np.divide(mean, largest)
        step *= factor
        return _of_zero(step, mean, self.eps), Moments(t + 1, mean, largest)


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
        mean, square = _mean(mean, g, self.betas[0]), _mean_square(square, g, self.betas[1])
        now, ahead = self._momentum(t + 1), self._momentum(t + 2)
        product *= now
        second = math.sqrt(1 - self.betas[1] ** (t + 1))
        top = mean * (ahead / (1 - product * ahead))
        top += g * ((1 - now) / (1 - product))
        step = _scaled(-rate * second, top, np.sqrt(square), self.eps * second)
        step = _of_zero(step, top, self.eps)
        if decay and self.decoupled_weight_decay:
            step -= (rate * decay) * x
        return step, Looking(t + 1, mean, square, product)

    def _momentum(self, count: int) -> float:
        return self.betas[0] * (1 - 0.5 * 0.96 ** (count * self.momentum_decay))
