"""The plane that a path is drawn in: two of its coordinates, or its principal directions."""

from __future__ import annotations

import operator
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...errors import ArgumentError
from ..layout import Layout

_FAR = 10.0  # how much farther than most of a path a point may lie and still be in view
_MARGIN = 0.15
_KEY = re.compile(r"^x0\['(.*?)'\]")


@dataclass(frozen=True)
class Plane:
    """An affine plane (or, for one parameter, a line) in the space of the parameters.

    Attributes
    ----------
    origin : array, shape (n,)
    directions : array, shape (2, n) or (1, n), orthonormal rows
    names : tuple of str
        What the axes are called.
    """

    origin: np.ndarray
    directions: np.ndarray
    names: tuple[str, ...]

    def places(self, vectors: np.ndarray) -> np.ndarray:
        """Return the coordinates in the plane of points, one a row, as they fall on it."""
        with np.errstate(all="ignore"):
            return (vectors - self.origin) @ self.directions.T

    def point(self, *coordinates: float) -> np.ndarray:
        """Return the parameters at a place of the plane."""
        return self.origin + np.asarray(coordinates) @ self.directions

    def grid(self, result: Any, box: np.ndarray, count: int) -> tuple[np.ndarray, ...]:
        """Return the coordinates of a grid over a box, and f there."""
        axes = [np.linspace(low, high, count) for low, high in box]
        places = np.stack(np.meshgrid(*axes, indexing="xy"), axis=-1)
        value = result.objective.value
        with np.errstate(all="ignore"):
            heights = [value(self.point(*p), result.data) for p in places.reshape(-1, len(axes))]
        return *axes, np.array(heights).reshape(places.shape[:-1])


def plane_of(layout: Layout, vectors: np.ndarray, coordinates: Any) -> Plane:
    """Return the plane of two coordinates, or that in which the path moves most.

    Parameters
    ----------
    layout : Layout
    vectors : array, shape (points, n)
        The points of all paths; the last one lies in the plane.
    coordinates : two whole numbers, optional
        Places in the flat vector of parameters.
    """
    n = layout.size
    if coordinates is None and n <= 2:
        coordinates = range(n)
    if coordinates is None:
        return _principal(vectors[np.all(np.isfinite(vectors), axis=1)])
    try:
        chosen = [operator.index(i) for i in coordinates]
    except TypeError:
        chosen = []
    if not len(set(chosen)) == len(chosen) == min(n, 2) or not all(0 <= i < n for i in chosen):
        raise ArgumentError(
            f"coordinates must be two different ones of 0 to {n - 1}, not {coordinates!r}"
        )
    origin = vectors[-1].astype(float).copy()
    origin[chosen] = 0.0
    return Plane(origin, np.eye(n)[chosen], tuple([_called(layout.place(i)) for i in chosen]))


def _principal(vectors: np.ndarray) -> Plane:
    """Return the two directions that hold most of the path's movement."""
    moved = vectors - vectors[-1]
    _, sizes, directions = np.linalg.svd(moved, full_matrices=len(moved) < 2)
    share = sizes**2 / max(float(sizes @ sizes), np.finfo(float).tiny)
    shares = [*share[:2], 0.0, 0.0][:2]
    names = [f"direction {i} ({part:.0%} of the movement)" for i, part in enumerate(shares, 1)]
    return Plane(vectors[-1].copy(), _two(directions), tuple(names))


def _two(directions: np.ndarray) -> np.ndarray:
    """Return two orthonormal rows; a path along a line leaves the second one free."""
    if len(directions) >= 2:
        return directions[:2]
    first = directions[0]
    other = np.eye(len(first))[np.argmin(np.abs(first))]
    other = other - (other @ first) * first
    return np.stack([first, other / np.linalg.norm(other)])


def _called(place: str) -> str:
    """Return how a person calls an entry: x, w[2], x[0]."""
    return _KEY.sub(r"\1", place).replace("x0", "x")


def box_around(places: Sequence[np.ndarray]) -> np.ndarray:
    """Return the part of the plane to show: all points but those that ran away.

    Returns
    -------
    array, shape (axes, 2)
    """
    points = np.concatenate(places)
    points = points[np.all(np.isfinite(points), axis=1)]
    starts = np.array([p[0] for p in places])
    middle = np.median(points, axis=0)
    near = np.quantile(np.abs(points - middle), 0.75, axis=0)
    reach = np.maximum(_FAR * near, 1.5 * np.abs(starts - middle).max(axis=0))
    kept = points[np.all(np.abs(points - middle) <= reach, axis=1)]
    low, high = kept.min(axis=0), kept.max(axis=0)
    size = high - low
    wide = np.where(size > 0.05 * size.max(), size, max(0.5 * size.max(), 1e-3))
    middle = (low + high) / 2
    half = wide * (0.5 + _MARGIN)
    return np.stack([middle - half, middle + half], axis=1)
