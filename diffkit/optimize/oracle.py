"""The oracle: answers f, gradient, Hessian and products at a point, once each, and counts."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from .ways import Objective


class BudgetSpent(Exception):
    """The next evaluation would exceed the budget."""


class Point:
    """A place, with what has been asked about it so far.

    Attributes
    ----------
    x : array of shape (n,), read-only
    f : float
    g : array of shape (n,)
    gnorm : float, the Euclidean length of g
    H : array of shape (n, n)
    counts : (int, int, int)
        Calls of f, gradients and `Oracle.spent` when it was last asked about.
    """

    def __init__(self, oracle: Oracle, x: np.ndarray, batch: tuple) -> None:
        self.oracle, self.batch = oracle, batch
        self.x = x
        self._f: float | None = None
        self._g: np.ndarray | None = None
        self.counts = oracle.counts
        self._gnorm: float | None = None
        self._H: np.ndarray | None = None

    @property
    def f(self) -> float:
        """The value."""
        if self._f is None:
            self._f = self.oracle.value(self)
        return self._f

    @property
    def g(self) -> np.ndarray:
        """The gradient; it may bring the value along."""
        if self._g is None:
            value, self._g = self.oracle.slope(self)
            if self._f is None:
                self._f = value
        return self._g

    @property
    def known_slope(self) -> np.ndarray | None:
        """The gradient if it has been asked for."""
        return self._g

    @property
    def gnorm(self) -> float:
        """The Euclidean length of the gradient."""
        if self._gnorm is None:
            self._gnorm = math.sqrt(self.g @ self.g)
        return self._gnorm

    @property
    def H(self) -> np.ndarray:
        """The Hessian."""
        if self._H is None:
            self._H = self.oracle.hessian(self)
        return self._H

    @property
    def residuals(self) -> tuple[np.ndarray, np.ndarray]:
        """The residuals and their Jacobian, where f returns residuals."""
        _ = self.g  # counts, and keeps both
        return self.oracle.objective.linearized(self.x, self.batch)

    def times(self, v: np.ndarray) -> np.ndarray:
        """Return the Hessian times v; from the Hessian if that is known."""
        return self.oracle.product(self, v) if self._H is None else self._H @ v


class Oracle:
    """Evaluates an objective, remembers the last point, and counts.

    Attributes
    ----------
    nhev, nhvp : int
        Hessians, and products of the Hessian with a vector.
    budget : float
        No evaluation begins when `spent` has reached it.
    """

    def __init__(
        self, objective: Objective, budget: float = np.inf, uses_gradient: bool = True
    ) -> None:
        self.objective, self.budget, self.uses_gradient = objective, budget, uses_gradient
        self.nhev = self.nhvp = 0
        self.batch: tuple = ()
        self.gtol = 0.0  # what the run asks for; SciPy's methods are told
        self._last: Point | None = None

    @property
    def nfev(self) -> int:
        """Calls of f; reverse mode calls it once a gradient, differences many times."""
        return self.objective.calls

    @property
    def njev(self) -> int:
        """Gradients."""
        return self.objective.slopes

    @property
    def spent(self) -> int:
        """Gradients, a Hessian as n of them, its product with a vector as two.

        Values count only where the method uses no gradients.
        """
        if not self.uses_gradient:
            return self.nfev
        return self.njev + self.objective.layout.size * self.nhev + 2 * self.nhvp

    def at(self, x: np.ndarray) -> Point:
        """Return the point at x: the last one again if it is the same."""
        last = self._last
        if last is None or last.batch is not self.batch or not np.array_equal(last.x, x):
            x = np.array(x, dtype=self.objective.layout.start.dtype)
            x.flags.writeable = False
            self._last = last = Point(self, x, self.batch)
        return last

    def _check(self) -> None:
        if self.spent >= self.budget:
            raise BudgetSpent

    @property
    def counts(self) -> tuple[int, int, int]:
        """Calls of f, gradients, and `spent`."""
        return self.nfev, self.njev, self.spent

    def _asked(self, answer: Callable, point: Point, *args: Any) -> Any:
        with np.errstate(all="ignore"):
            answered = answer(point.x, *args, point.batch)
        point.counts = self.counts
        return answered

    def value(self, point: Point) -> float:
        """Evaluate f."""
        if not self.uses_gradient:
            self._check()
        return self._asked(self.objective.value, point)

    def slope(self, point: Point) -> tuple[float | None, np.ndarray]:
        """Evaluate the gradient, and f if it comes along."""
        self._check()
        return self._asked(self.objective.value_and_slope, point)

    def hessian(self, point: Point) -> np.ndarray:
        """Evaluate the Hessian."""
        self._check()
        self.nhev += 1
        return self._asked(self.objective.hessian, point)

    def product(self, point: Point, v: np.ndarray) -> np.ndarray:
        """Evaluate the Hessian times v."""
        self._check()
        self.nhvp += 1
        return self._asked(self.objective.product, point, v)
