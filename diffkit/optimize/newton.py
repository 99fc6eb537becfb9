"""Newton's method that knows a saddle when it sees one, with a line search or a trust region."""

from __future__ import annotations

import numpy as np

from ..errors import ArgumentError
from .linesearch import TRIALS
from .method import Halt, Method, Move, Status
from .oracle import Point
from .quasi import searched
from .rule import rule
from .spectrum import Spectrum, spectrum
from .trust import Region, trusted


@rule
class Newton(Method):
    """Newton's method: step to the stationary point of the parabola that f resembles.

    Where the Hessian has negative eigenvalues, their signs are turned, so the step
    leaves saddles and maxima instead of seeking them. A saddle is never reported as
    CONVERGED.

    Parameters
    ----------
    globalization : {"line_search", "trust_region"}
        Search along the step for a strong Wolfe point, or take the lowest point of
        the parabola within a radius that grows and shrinks with its success.

    References
    ----------
    Nocedal & Wright, Numerical Optimization, 2nd ed., chapters 3, 4 (algorithm 4.1,
    section 4.3); Dauphin et al., Identifying and attacking the saddle point problem
    (NIPS 2014).

    Examples
    --------
    >>> from diffkit import minimize
    >>> minimize("(x - 3)^2 + 5*(x - y)^2", {"x": 0.0, "y": 0.0}, Newton()).nit
    1
    """

    globalization: str = "line_search"

    leaves_saddles = True

    def __post_init__(self) -> None:
        if self.globalization not in ("line_search", "trust_region"):
            raise ArgumentError(
                f'globalization is "line_search" or "trust_region", not {self.globalization!r}'
            )

    def init(self, point: Point) -> Region:
        """Return the first radius."""
        return Region()

    def step(self, point: Point, state: Region) -> Move:
        """Move by a line search or within the trust region."""
        found = spectrum(point)
        if self.globalization == "trust_region":
            return trusted(point, state.radius, lambda r: lowest_within(found, point.g, r))
        if found.values[0] < -found.floor and point.gnorm <= found.floor:
            return Move(*_downhill(point, found.vectors[:, 0], state))
        sizes = np.maximum(np.abs(found.values), found.floor)
        direction = -(found.vectors @ ((found.vectors.T @ point.g) / sizes))
        trial = searched(point, direction, 1.0)
        return Move(trial.point, state, trial.t)


def _downhill(point: Point, direction: np.ndarray, state: Region) -> tuple[Point, Region, float]:
    """Leave a stationary point along a direction of negative curvature."""
    t = 1.0
    for _ in range(TRIALS):
        new = point.oracle.at(point.x + t * direction)
        if new.f < point.f:
            return new, state, t
        t /= 2
    raise Halt(Status.LINE_SEARCH_FAILED, "f does not fall along the negative curvature")


def lowest_within(found: Spectrum, g: np.ndarray, radius: float) -> tuple[np.ndarray, float]:
    """Return the lowest point of g.p + p.H p/2 with |p| <= radius, and how low it is.

    p = -(H + s I)^-1 g with the smallest shift s >= 0 that makes the matrix positive
    and p short enough; in the hard case an eigenvector reaches to the edge.
    """
    values, slopes = found.values, found.vectors.T @ g
    least = max(0.0, -float(values[0]))
    shift = least + (found.floor if values[0] <= found.floor else 0.0)
    p = _shifted(values, slopes, shift)
    length = float(np.linalg.norm(p))
    if length > radius:
        p = _shifted(values, slopes, _shift_for(values, slopes, shift, radius))
    elif values[0] < -found.floor:
        p[0] += np.copysign(np.sqrt(radius**2 - length**2), p[0] or 1.0)
    return found.vectors @ p, -float(slopes @ p + p @ (values * p) / 2)


def _shifted(values: np.ndarray, slopes: np.ndarray, shift: float) -> np.ndarray:
    return -slopes / (values + shift)


def _shift_for(values: np.ndarray, slopes: np.ndarray, low: float, radius: float) -> float:
    """Find the shift at which the step has the length of the radius, by bisection."""
    high = low + float(np.linalg.norm(slopes)) / radius
    while (middle := (low + high) / 2) not in (low, high):
        if np.linalg.norm(_shifted(values, slopes, middle)) > radius:
            low = middle
        else:
            high = middle
    return high


@rule
class NewtonCG(Method):
    """Newton's method for many variables: only products with the Hessian, by conjugate gradients.

    The parabola is minimized within a trust region until the residual is small
    enough, the edge is reached, or a direction of negative curvature is met, which is
    then followed to the edge.

    References
    ----------
    Steihaug, SIAM J. Numer. Anal. 20 (1983); Nocedal & Wright, algorithm 7.2.

    Examples
    --------
    >>> from diffkit import minimize
    >>> result = minimize("(1 - x)^2 + 100*(y - x^2)^2", {"x": -1.2, "y": 1.0}, NewtonCG())
    >>> result.success, result.nhvp > 0
    (True, True)
    """

    def init(self, point: Point) -> Region:
        """Return the first radius."""
        return Region()

    def step(self, point: Point, state: Region) -> Move:
        """Move within the trust region."""
        return trusted(point, state.radius, lambda radius: _steihaug(point, radius))


def _steihaug(point: Point, radius: float) -> tuple[np.ndarray, float]:
    """Return a step within the radius, and by how much the parabola falls."""
    p, residual, direction = np.zeros_like(point.x), point.g, -point.g
    Hp = np.zeros_like(p)
    enough = min(0.5, np.sqrt(point.gnorm)) * point.gnorm
    for _ in range(2 * p.size):
        product = point.times(direction)
        bend, square = float(direction @ product), float(residual @ residual)
        t = square / bend if bend > 0 else np.inf
        if bend <= 0 or np.linalg.norm(p + t * direction) >= radius:
            t = _to_edge(p, direction, radius)
            p, Hp = p + t * direction, Hp + t * product
            break
        p, Hp = p + t * direction, Hp + t * product
        residual = residual + t * product
        if np.linalg.norm(residual) <= enough:
            break
        direction = -residual + float(residual @ residual) / square * direction
    return p, -float(point.g @ p + p @ Hp / 2)


def _to_edge(p: np.ndarray, d: np.ndarray, radius: float) -> float:
    """Return t > 0 with |p + t d| = radius."""
    a, b, c = float(d @ d), float(p @ d), float(p @ p) - radius**2
    return (-b + np.sqrt(b * b - a * c)) / a
