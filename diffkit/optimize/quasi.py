"""Quasi-Newton methods: BFGS with a matrix, L-BFGS with the last few steps."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ..errors import ArgumentError
from .linesearch import LineSearchFailed, Trial, strong_wolfe
from .method import Halt, Method, Move, Status
from .oracle import Point
from .rule import rule


def searched(point: Point, direction: np.ndarray, t: float, c2: float = 0.9) -> Trial:
    """Search along a direction; where that fails, once more straight down."""
    try:
        return strong_wolfe(point, direction, t, c2=c2)
    except LineSearchFailed as first:
        try:
            return strong_wolfe(point, -point.g, first_rate(point), c2=c2)
        except LineSearchFailed:
            raise Halt(Status.LINE_SEARCH_FAILED, str(first)) from None


def first_rate(point: Point) -> float:
    """Return the length of a first step that moves x by at most 1."""
    return min(1.0, 1.0 / point.gnorm) if point.gnorm else 1.0


class Inverse(NamedTuple):
    """The inverse Hessian so far, None before the first step."""

    H: Any = None


@rule
class BFGS(Method):
    """Broyden, Fletcher, Goldfarb and Shanno: build the inverse Hessian from gradients.

    Each step solves with the matrix of n**2 numbers, then searches along that direction
    for a point that meets the strong Wolfe conditions.

    References
    ----------
    Nocedal & Wright, Numerical Optimization, 2nd ed., algorithm 6.1 and equation 6.20.

    Examples
    --------
    >>> from diffkit import minimize
    >>> result = minimize("(1 - x)^2 + 100*(y - x^2)^2", {"x": -1.2, "y": 1.0}, BFGS())
    >>> result.success, round(float(result.x["y"]), 6)
    (True, 1.0)
    """

    def init(self, point: Point) -> Inverse:
        """Return no matrix."""
        return Inverse()

    def step(self, point: Point, state: Inverse) -> Move:
        """Search along -H g."""
        H = state.H
        direction = -point.g if H is None else -(H @ point.g)
        trial = searched(point, direction, first_rate(point) if H is None else 1.0)
        s, y = trial.point.x - point.x, trial.point.g - point.g
        return Move(trial.point, Inverse(_updated(H, s, y)), trial.t)


def _updated(H: np.ndarray | None, s: np.ndarray, y: np.ndarray) -> np.ndarray | None:
    """Return the inverse Hessian that maps y to s and is otherwise nearest to H."""
    product = float(s @ y)
    if product <= 1e-14 * np.linalg.norm(s) * np.linalg.norm(y):
        return H
    if H is None:
        H = np.eye(s.size) * (product / float(y @ y))
    Hy = H @ y
    scale = (1 + float(y @ Hy) / product) / product
    cross = np.outer(Hy / product, s)
    return H + scale * np.outer(s, s) - cross - cross.T


class Pairs(NamedTuple):
    """The last steps s and changes of the gradient y, the oldest first; the count of steps."""

    pairs: tuple = ()
    t: int = 0


@rule
class LBFGS(Method):
    """L-BFGS: the direction of BFGS from the last `history_size` steps, without the matrix.

    Parameters
    ----------
    lr : float
        Without a line search the step is lr times the direction (the first one
        lr min(1, 1/|g|_1)), as torch.optim.LBFGS does it.
    history_size : int
    line_search_fn : "strong_wolfe" or None

    References
    ----------
    Nocedal & Wright, Numerical Optimization, 2nd ed., algorithms 7.4 and 7.5.

    Examples
    --------
    >>> from diffkit import minimize
    >>> result = minimize("(1 - x)^2 + 100*(y - x^2)^2", {"x": -1.2, "y": 1.0}, LBFGS())
    >>> result.success, round(float(result.x["y"]), 6)
    (True, 1.0)
    """

    lr: float = 1.0
    history_size: int = 10
    line_search_fn: str | None = "strong_wolfe"

    def __post_init__(self) -> None:
        if self.line_search_fn not in ("strong_wolfe", None):
            raise ArgumentError(
                f'line_search_fn is "strong_wolfe" or None, not {self.line_search_fn!r}'
            )
        if not isinstance(self.history_size, int) or self.history_size < 1:
            raise ArgumentError(f"history_size must be at least 1, not {self.history_size!r}")
        if callable(self.lr):
            raise ArgumentError("LBFGS: lr is a number; it takes no schedule")

    def init(self, point: Point) -> Pairs:
        """Return no pairs."""
        return Pairs()

    def step(self, point: Point, state: Pairs) -> Move:
        """Move along the direction of the two loops."""
        direction = -two_loops(point.g, state.pairs)
        new, rate = self._moved(point, direction, first=state.t == 0)
        s, y = new.x - point.x, new.g - point.g
        pairs = state.pairs
        if float(s @ y) > 1e-10 * self._scale(s, y):
            pairs = (*pairs, (s, y))[-self.history_size :]
        return Move(new, Pairs(pairs, state.t + 1), rate)

    def _scale(self, s: np.ndarray, y: np.ndarray) -> float:
        """Return what s.y is compared with: torch has 1 there, which knows no units."""
        return 1.0 if self.line_search_fn is None else float(np.linalg.norm(s) * np.linalg.norm(y))

    def _moved(self, point: Point, direction: np.ndarray, first: bool) -> tuple[Point, float]:
        if self.line_search_fn is None:
            rate = self.lr * (min(1.0, 1.0 / np.abs(point.g).sum()) if first else 1.0)
            return point.oracle.at(point.x + rate * direction), rate
        trial = searched(point, direction, first_rate(point) if first else 1.0)
        return trial.point, trial.t


def two_loops(g: np.ndarray, pairs: tuple) -> np.ndarray:
    """Return the inverse Hessian times g, from pairs (s, y)."""
    q = g.copy()
    weights = []
    for s, y in reversed(pairs):
        weight = float(s @ q) / float(s @ y)
        q -= weight * y
        weights.append(weight)
    if pairs:
        s, y = pairs[-1]
        q *= float(s @ y) / float(y @ y)
    for (s, y), weight in zip(pairs, reversed(weights), strict=True):
        q += (weight - float(y @ q) / float(s @ y)) * s
    return q
