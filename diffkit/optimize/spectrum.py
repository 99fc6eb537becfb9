"""Curvatures: the eigenvalues of the Hessian, and what they say about a stationary point."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .linesearch import NOISE
from .method import Halt, Status
from .oracle import Point

_FLAT = 1e-10  # curvature relative to the largest one that counts as none
_BESIDE = (1e-2, -1e-2, 1e-3, -1e-3)  # steps relative to x, or to 1
_CLEAR = 1e-6  # negative curvature relative to the largest one that is no rounding


class Spectrum(NamedTuple):
    """Eigenvalues of the Hessian in rising order, and the eigenvectors as columns."""

    values: np.ndarray
    vectors: np.ndarray

    @property
    def floor(self) -> float:
        """The size below which a curvature counts as none."""
        return _FLAT * self.largest

    @property
    def largest(self) -> float:
        """The size of the largest curvature, above 0."""
        return max(float(np.abs(self.values).max()), np.finfo(float).tiny)

    @property
    def flaw(self) -> str:
        """Why a stationary point with these curvatures is no minimum; "" if it may be one."""
        if self.values[0] >= -_CLEAR * self.largest:
            return ""
        kind = "maximum" if self.values[-1] < 0 else "saddle"
        return f"a {kind}, the smallest eigenvalue of the Hessian is {self.values[0]:.3g}"


def spectrum(point: Point) -> Spectrum:
    """Decompose the Hessian at a point."""
    try:
        return Spectrum(*np.linalg.eigh(point.H))
    except np.linalg.LinAlgError:
        raise Halt(Status.NONFINITE, "the Hessian has no eigenvalues: it is not finite") from None


def lower_beside(point: Point, found: Spectrum) -> bool:
    """Confirm an estimated negative curvature: whether f is lower a small step along it."""
    reach = max(1.0, float(np.linalg.norm(point.x))) * found.vectors[:, 0]
    places = [point.x + t * reach for t in _BESIDE]
    return any(point.oracle.at(x).f < point.f - NOISE * abs(point.f) for x in places)
