"""Trust: how far a model of f is believed, by how well it foretold the last change."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from .linesearch import NOISE, TRIALS
from .method import Halt, Move, Status
from .oracle import Point

ENOUGH = 1e-4  # of the foretold fall, for a step to be taken
_LARGEST = 1e6


class Region(NamedTuple):
    """The radius of the trust region, in units of x."""

    radius: float = 1.0


def fulfilled(point: Point, new: Point, fall: float) -> float:
    """Return the share of the foretold fall of f that came true, -1 where f is not finite.

    Where the fall is below the rounding of f, a shorter gradient counts as all of it.
    """
    if not (fall > 0 and np.isfinite(new.f)):
        return -1.0
    if fall <= NOISE * (abs(point.f) + abs(new.f)):
        return 1.0 if new.gnorm < point.gnorm else -1.0
    return (point.f - new.f) / fall


def trusted(
    point: Point, radius: float, lowest: Callable[[float], tuple[np.ndarray, float]]
) -> Move:
    """Shrink the region until f falls as foretold; let it grow where that went well.

    `lowest(radius)` returns a step within the radius and the fall that it foretells.
    """
    for _ in range(TRIALS):
        step, fall = lowest(radius)
        new = point.oracle.at(point.x + step)
        share, length = fulfilled(point, new, fall), float(np.linalg.norm(step))
        if share < 0.25:
            radius = length / 4
        elif share > 0.75 and length > 0.99 * radius:
            radius = min(2 * radius, _LARGEST)
        if share > ENOUGH:
            return Move(new, Region(radius), length)
    raise Halt(Status.LINE_SEARCH_FAILED, f"f does not fall within a radius of {radius:.3g}")
