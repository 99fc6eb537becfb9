"""Heights and their contour lines."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...errors import ArgumentError
from ..preparing import check_count

LEVELS = 18
RESOLUTION = 100  # points of the grid each way


def checked_resolution(resolution: Any) -> int:
    """Return a count of grid points each way; contours need two.

    Raises
    ------
    ArgumentError
        If it is none.
    """
    check_count("resolution", resolution)
    if resolution is None or resolution < 2:
        raise ArgumentError(f"resolution must be at least 2 points each way, not {resolution!r}")
    return int(resolution)


def levels(heights: np.ndarray, lowest: float) -> np.ndarray:
    """Return values for contour lines, closer together near the lowest point.

    Steps are equal in log(f - lowest), so that a narrow valley shows its floor; the
    lines of a plane, which has no valley, are equally far apart.
    """
    finite = heights[np.isfinite(heights)]
    if not finite.size or finite.min() == finite.max():
        return np.zeros(0)
    floor = min(lowest, float(finite.min()))
    above = (finite - floor)[finite > floor]
    low, high = np.quantile(above, [0.01, 0.98])
    if high < 30 * low:
        return np.linspace(finite.min(), floor + high, LEVELS)
    return floor + np.geomspace(low, high, LEVELS)


def lines(x: np.ndarray, y: np.ndarray, heights: np.ndarray, at: np.ndarray) -> list[np.ndarray]:
    """Return the contour lines as arrays of shape (points, 2)."""
    import contourpy

    masked = np.ma.masked_invalid(heights)
    generator = contourpy.contour_generator(x, y, masked)
    found: list[Any] = [line for level in at for line in generator.lines(float(level))]
    return found
