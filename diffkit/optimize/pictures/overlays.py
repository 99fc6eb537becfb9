"""What made one step: the gradient, the momentum, the look-ahead point, Newton's ellipse."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ...errors import ArgumentError, DiffkitError
from ..momentum import GD, SGD, Momentum
from ..nesterov import Nesterov

_BY_VELOCITY = (GD, SGD, Momentum, Nesterov)  # their step is a gradient and a velocity


class Parts(NamedTuple):
    """The parts of the step from one point of a path to the next, as vectors.

    Attributes
    ----------
    at, next : where the step begins and ends
    carried : the momentum in it; None for a method that has none
    ahead : where the gradient was taken, if that is another point

    The rest of the step is the learning rate times the gradient, downhill.
    """

    at: np.ndarray
    next: np.ndarray
    carried: np.ndarray | None
    ahead: np.ndarray | None


def parts_of(result: Any, k: int) -> Parts:
    """Take the step from point k of a path apart.

    Raises
    ------
    ArgumentError
        If the path has no step there.
    """
    vectors, count = result.path.vectors, result.nit
    if not isinstance(k, (int, np.integer)) or not 0 <= k < count:
        raise ArgumentError(f"step must be from 0 to {count - 1}, not {k!r}")
    at, after = vectors[k], vectors[k + 1]
    if not isinstance(getattr(result.method, "rule", result.method), _BY_VELOCITY):
        return Parts(at, after, None, None)
    ahead = _looked_at(result.method, vectors, k)
    where = at if ahead is None else ahead
    _, g = result.objective.value_and_slope(where.copy(), result.data)
    return Parts(at, after, after - at + float(result.path.lr[k + 1]) * g, ahead)


def _looked_at(method: Any, vectors: np.ndarray, k: int) -> np.ndarray | None:
    """Return the look-ahead point of a method that has one, from the last two points."""
    if not isinstance(method, Nesterov) or k == 0:
        return None
    return vectors[k] + method.share * (vectors[k] - vectors[k - 1])


def ellipse(result: Any, k: int, plane: Any, count: int = 121) -> np.ndarray | None:
    """Return the contour through point k of the quadratic model there, in the plane.

    Newton's step leads to its centre. None where the model has no lowest point.
    """
    x = result.path.vectors[k]
    try:
        _, g = result.objective.value_and_slope(x.copy(), result.data)
        H = result.objective.hessian(x.copy(), result.data)
    except DiffkitError:
        return None
    u = plane.directions
    g, H = u @ g, u @ H @ u.T
    if not np.all(np.isfinite(H)) or np.linalg.eigvalsh(H)[0] <= 0:
        return None
    centre = -np.linalg.solve(H, g)
    turn = np.linspace(0, 2 * np.pi, count)
    radius = np.sqrt(float(centre @ H @ centre))
    root = np.linalg.inv(np.linalg.cholesky(H)).T
    circle = np.stack([np.cos(turn), np.sin(turn)])
    return plane.places(x[None]) + centre + radius * (root @ circle).T
