"""Nonlinear conjugate gradients."""

from __future__ import annotations

from typing import Any, NamedTuple

from ..errors import ArgumentError
from .method import Method, Move
from .oracle import Point
from .quasi import first_rate, searched
from .rule import rule


class Conjugate(NamedTuple):
    """The last direction, the slope along it and the step that was taken."""

    direction: Any = None
    slope: float = 0.0
    t: float = 0.0


@rule
class ConjugateGradient(Method):
    """Nonlinear conjugate gradients: d = -g + beta d, with a strict line search.

    Parameters
    ----------
    beta : {"polak-ribiere", "fletcher-reeves"}
        y.g/|g|**2, at least 0, or the ratio of |g|**2.

    References
    ----------
    Nocedal & Wright, Numerical Optimization, 2nd ed., section 5.2.

    Examples
    --------
    >>> from diffkit import minimize
    >>> result = minimize("(1 - x)^2 + 100*(y - x^2)^2", {"x": -1.2, "y": 1.0}, "cg")
    >>> result.success
    True
    """

    beta: str = "polak-ribiere"

    def __post_init__(self) -> None:
        if self.beta not in ("polak-ribiere", "fletcher-reeves"):
            raise ArgumentError(f'beta is "polak-ribiere" or "fletcher-reeves", not {self.beta!r}')

    def init(self, point: Point) -> Conjugate:
        """Return no direction."""
        return Conjugate(-point.g)

    def step(self, point: Point, state: Conjugate) -> Move:
        """Search along the direction, and make the next one."""
        direction = state.direction
        if not point.g @ direction < 0:
            direction = -point.g
        slope = float(point.g @ direction)
        # the first change of f as large as the last one (Nocedal & Wright, section 3.5)
        t = state.t * state.slope / slope if state.t else first_rate(point)
        trial = searched(point, direction, t, c2=0.1)
        g = trial.point.g
        y = g - point.g if self.beta == "polak-ribiere" else g
        beta = max(0.0, float(y @ g) / point.gnorm**2)
        return Move(trial.point, Conjugate(beta * direction - g, slope, trial.t), trial.t)
