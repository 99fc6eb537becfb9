"""Random search: guess, and keep the best guess."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import ArgumentError
from ..losses.checks import generator
from .method import Method, Move
from .oracle import Point
from .rule import rule


@rule
class RandomSearch(Method):
    """Guess x at random, and keep it if f is lower. No gradient is used.

    Parameters
    ----------
    scale : float
        Standard deviation of the guesses, in units of x.
    local : bool
        Guess around the best point so far; otherwise around 0, whatever was found.
    rng : seed or numpy Generator, optional

    Examples
    --------
    >>> from diffkit import minimize
    >>> minimize("x^2 + y^2", {"x": 1.0, "y": 1.0}, RandomSearch(0.5, rng=0), steps=100).njev
    0
    """

    scale: float = 1.0
    local: bool = True
    rng: Any = None

    uses_gradient = False
    patient = True

    def __post_init__(self) -> None:
        if not self.scale > 0:
            raise ArgumentError(f"RandomSearch: scale must be positive, not {self.scale!r}")

    def init(self, point: Point) -> np.random.Generator:
        """Return the source of random numbers."""
        return generator(self.rng)

    def step(self, point: Point, state: np.random.Generator) -> Move:
        """Guess once."""
        centre = point.x if self.local else 0.0
        guess = point.oracle.at(centre + self.scale * state.normal(size=point.x.shape))
        return Move(guess if guess.f < point.f else point, state, self.scale)
