"""The evidence that explanations are tried on: what was claimed, and what was measured.

Small problems are measured entry by entry. Large ones are measured along directions:
row k says that rows[k] @ gradient is numeric[k] +- error[k]. Every explanation ("twice too
large", "transposed") is a corrected gradient, and a corrected gradient can be tried on either.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from .problem import Names

BARS = 3.0  # how many error bars apart are a disagreement
ROUNDINGS = 64.0  # of an entry of the user's gradient
EXPLAINED = 1e-7  # relative; a fitted constant carries the errors of what it was fitted to


@dataclass(frozen=True)
class Case:
    """A gradient and measurements of it.

    Attributes
    ----------
    analytic : array, shape (n,)
    numeric, error : array, shape (m,)
        One measurement a row with its error bar, inf where it cannot be decided.
    x : array, shape (n,)
    names : Names
    rows : array, shape (m, n), or None for entry by entry (m = n)
    eps : array, shape (n,), relative rounding of the user's gradient
    integer : array of bool, shape (n,), where the user's gradient came as whole numbers
    region : array of bool, shape (n,)
        Where an explanation may change the gradient.
    lengths : dict, length -> what has it, for factors that are a length
    """

    analytic: np.ndarray
    numeric: np.ndarray
    error: np.ndarray
    x: np.ndarray
    names: Names
    rows: np.ndarray | None = None
    eps: np.ndarray = field(default_factory=lambda: np.array(np.finfo(float).eps))
    integer: np.ndarray = field(default_factory=lambda: np.array(False))
    region: np.ndarray = field(default_factory=lambda: np.array(True))
    lengths: Mapping[int, str] = field(default_factory=dict)

    def project(self, vector: np.ndarray) -> np.ndarray:
        """Return what the measurements would see of a gradient."""
        return vector if self.rows is None else self.rows @ vector

    @cached_property
    def tolerance(self) -> np.ndarray:
        """How far the gradient may be from the measurements."""
        sizes = self.eps * np.abs(self.analytic)
        if self.rows is not None:
            return BARS * self.error + 8 * np.sqrt((self.rows * self.rows) @ (sizes * sizes))
        return BARS * self.error + ROUNDINGS * sizes + 4 * np.max(sizes, initial=0.0)

    @cached_property
    def bad(self) -> np.ndarray:
        """The rows that contradict the gradient."""
        return self.contradicts(self.analytic)

    @cached_property
    def sizes(self) -> np.ndarray:
        """What each error is measured by: the entry, or its share of the largest effect of x."""
        if self.rows is not None:
            shares = np.abs(self.rows * self.analytic)
            scale = np.maximum(np.max(shares, axis=1), 1e-300)
            return np.maximum(scale * np.linalg.norm(shares / scale[:, None], axis=1), 1e-300)
        numeric, size = np.abs(self.numeric), np.where(self.x == 0, 1.0, np.abs(self.x))
        largest = np.nanmax(np.where(np.isfinite(self.error), numeric * size, 0.0), initial=0.0)
        return np.maximum(np.fmax(numeric, largest / size), 1e-300)

    @cached_property
    def discrepancy(self) -> float:
        """The largest contradiction, relative to the size of the gradient."""
        with np.errstate(over="ignore", invalid="ignore"):
            gaps = np.abs(self.project(self.analytic) - self.numeric) / self.sizes
        return float(np.max(gaps[self.bad], initial=0.0))

    def contradicts(self, candidate: np.ndarray, slack: float = 0.0) -> np.ndarray:
        """Return the rows that contradict a gradient."""
        seen = self.project(candidate)
        with np.errstate(invalid="ignore"):
            return np.abs(seen - self.numeric) > self.tolerance + slack * np.abs(self.numeric)

    def explains(self, candidate: np.ndarray, constants: int = 0) -> bool:
        """Say whether a corrected gradient agrees with all, though it has fewer free constants.

        A constant can always be chosen such that one wrong measurement comes right;
        only further ones confirm it.
        """
        if not np.all(np.isfinite(candidate)) or np.sum(self.bad) <= constants:
            return False
        slack = min(EXPLAINED, self.discrepancy / 100)
        return not np.any(self.contradicts(candidate, slack))

    def inside(self, changed: np.ndarray) -> np.ndarray:
        """Return the gradient with the region taken from another one."""
        return np.where(self.region, changed, self.analytic)

    def fit(self, basis: np.ndarray, start: np.ndarray) -> float:
        """Return the c that brings start + c*basis closest to the measurements."""
        seen, rest = self.project(basis), self.numeric - self.project(start)
        weights = 1 / np.maximum(self.tolerance, 1e-300)
        usable = np.isfinite(seen) & np.isfinite(rest) & np.isfinite(self.error) & self.bad
        weights = np.where(usable, weights / np.max(weights[usable], initial=0.0), 0.0)
        a, b = np.where(usable, seen, 0) * weights, np.where(usable, rest, 0) * weights
        return float(a @ b / (a @ a)) if a @ a else 0.0

    def bad_entries(self) -> np.ndarray:
        """Return the indices of wrong entries; only when measured entry by entry."""
        return np.flatnonzero(self.bad)

    def within(self, region: np.ndarray) -> Case:
        """Return the same case with changes allowed only in a region, and judged only there."""
        if self.rows is None:
            outside = ~region
        else:
            outside = np.any(self.rows[:, ~region] != 0, axis=1)
        return replace(self, region=region, error=np.where(outside, np.inf, self.error))
