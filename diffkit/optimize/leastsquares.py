"""Sums of squares: Gauss-Newton and Levenberg-Marquardt, for f that returns residuals."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from .linesearch import TRIALS
from .method import Halt, Method, Move, Status
from .oracle import Point
from .quasi import searched
from .rule import rule
from .trust import ENOUGH, fulfilled


@rule
class GaussNewton(Method):
    """Least squares: step to the minimum of |r + J p|, then search along that line.

    f returns the residuals r, an array; what is minimized is |r|**2/2.

    References
    ----------
    Nocedal & Wright, Numerical Optimization, 2nd ed., section 10.3.

    Examples
    --------
    >>> import numpy as np
    >>> from diffkit import minimize
    >>> t, y = np.array([1.0, 2.0, 3.0]), np.array([2.0, 4.0, 6.0])
    >>> result = minimize(lambda w: w[0] * t + w[1] - y, [0.0, 0.0], GaussNewton())
    >>> result.nit, result.x.round(6) + 0.0
    (1, array([2., 0.]))
    """

    least_squares = True

    def step(self, point: Point, state: None) -> Move:
        """Search along the Gauss-Newton direction."""
        r, J = point.residuals
        direction = np.linalg.lstsq(J, -r, rcond=None)[0]
        trial = searched(point, direction, 1.0)
        return Move(trial.point, state, trial.t)


class Damping(NamedTuple):
    """The damping (None before the first step), and the factor of its next growth."""

    mu: Any = None
    factor: float = 2.0


@rule
class LevenbergMarquardt(Method):
    """Least squares: Gauss-Newton steps, damped as much as it takes for f to fall.

    f returns the residuals r, an array; what is minimized is |r|**2/2. A step solves
    (J'J + mu D) p = -J'r, where D holds the largest diagonals of J'J so far.

    Parameters
    ----------
    damping : float
        The first mu.

    References
    ----------
    Moré, The Levenberg-Marquardt algorithm (1978); Nielsen, Damping parameter in
    Marquardt's method (1999).

    Examples
    --------
    >>> import numpy as np
    >>> from diffkit import minimize
    >>> f = lambda x: np.stack([10 * (x[1] - x[0] ** 2), 1 - x[0]])
    >>> minimize(f, [-1.2, 1.0], LevenbergMarquardt()).x.round(5)
    array([1., 1.])
    """

    damping: float = 1e-3

    least_squares = True

    def init(self, point: Point) -> tuple[Damping, np.ndarray]:
        """Return the first damping, and no diagonal."""
        return Damping(self.damping), np.zeros_like(point.x)

    def step(self, point: Point, state: tuple[Damping, np.ndarray]) -> Move:
        """Increase the damping until f falls."""
        (mu, factor), largest = state
        r, J = point.residuals
        largest = np.maximum(largest, np.sum(J * J, axis=0))
        scale = np.sqrt(np.where(largest > 0, largest, 1.0))
        wanted = np.concatenate([-r, np.zeros_like(scale)])
        for _ in range(TRIALS):
            damped = np.concatenate([J, np.sqrt(mu) * np.diag(scale)])
            step = np.linalg.lstsq(damped, wanted, rcond=None)[0]
            new = point.oracle.at(point.x + step)
            fall = -float(point.g @ step) - float(np.sum((J @ step) ** 2)) / 2
            share = fulfilled(point, new, fall)
            if share > ENOUGH:
                mu *= max(1 / 3, 1 - (2 * share - 1) ** 3)
                return Move(new, (Damping(mu), largest), mu)
            mu, factor = mu * factor, 2 * factor
        raise Halt(Status.LINE_SEARCH_FAILED, f"f does not fall with damping up to {mu:.3g}")
