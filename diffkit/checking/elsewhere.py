"""Whether a gradient is that of another point: of x + c*d for some c."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain

import numpy as np

from .. import finite
from .case import BARS, Case
from .findings import Evidence
from .problem import Problem
from .readings import rademacher, scales

# fmt: off
SHIFTS = (1e-4, 1e-3, 1e-2, 0.03, 0.06, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.7, 1.0, 1.3, 1.6, 2.0, 2.5)
# fmt: on
SMALLEST = 1e-6  # relative shift; smaller ones explain the rounding of any gradient
WITNESSES = 3  # directions that must confirm a point
ALIKE = 1e-6  # relative


def wrong_point(problem: Problem, case: Case, rng: np.random.Generator) -> Evidence | None:
    """Find c with gradient(x) = f'(x + c*d), for d in 1, x, f'(x).

    One directional derivative as a function of c is zero there; others confirm it.
    """
    if problem.x.size < 2:
        return None
    sizes = scales(problem)
    ways = [rademacher(sizes, rng) for _ in range(WITNESSES)]
    for name, d in _displacements(case):
        unit = float(np.linalg.norm(sizes) / np.linalg.norm(d))
        sought = ways if case.rows is None else ways[:1]
        gaps = [_mismatch(problem, case.analytic, d, way) for way in sought]
        # Along one direction a root may be double, or too flat to be found exactly.
        for c in chain.from_iterable(_roots(gap, unit) for gap in gaps):
            if abs(c) < SMALLEST * unit:
                continue
            if all(_agrees(problem, case.analytic, d, c, way) for way in ways) and _whole(
                problem, case, d, c
            ):
                told = f"it is the gradient of another point, x + c*{name} with c = {c:.6g}"
                return Evidence(told, (), {"displacement": name, "coefficient": c})
    return None


def _displacements(case: Case) -> Iterator[tuple[str, np.ndarray]]:
    yield "1", np.ones(case.x.size)
    yield "x", case.x
    if case.rows is None and np.all(np.isfinite(case.numeric)) and np.any(case.numeric):
        yield "gradient", case.numeric


def _mismatch(problem: Problem, a: np.ndarray, d: np.ndarray, way: np.ndarray) -> Callable:
    def gap(c: float) -> float:
        there = (problem.x + c * d).astype(problem.dtype)
        found = finite.directional(problem.at, there, way, scheme="central", order=4)
        return float(found.value) - float(a @ way)

    return gap


def _roots(gap: Callable, unit: float) -> Iterator[float]:
    """Yield where a function changes its sign, for c of both signs and many sizes."""
    from scipy.optimize import brentq

    grid = sorted([0.0, *[side * unit * s for s in SHIFTS for side in (1.0, -1.0)]])
    values = [_quiet(gap, c) for c in grid]
    for k in range(len(grid) - 1):
        if np.isfinite(values[k] * values[k + 1]) and values[k] * values[k + 1] <= 0:
            yield float(brentq(gap, grid[k], grid[k + 1], xtol=1e-14 * unit, rtol=1e-12))


def _quiet(gap: Callable, c: float) -> float:
    value = gap(c)
    return value if np.isfinite(value) else np.nan


def _agrees(problem: Problem, a: np.ndarray, d: np.ndarray, c: float, way: np.ndarray) -> bool:
    there = (problem.x + c * d).astype(problem.dtype)
    found = finite.directional(problem.at, there, way)
    seen = float(a @ way)
    slack = BARS * float(found.error) + ALIKE * float(np.linalg.norm(a * way))
    return bool(abs(float(found.value) - seen) <= slack)


def _whole(problem: Problem, case: Case, d: np.ndarray, c: float) -> bool:
    """Compare all entries, where all are measured: a few directions may be dependent."""
    if case.rows is not None:
        return True
    found = finite.gradient(problem.at, (problem.x + c * d).astype(problem.dtype))
    slack = BARS * found.error + ALIKE * np.linalg.norm(case.analytic)
    return bool(np.all(np.abs(found.value - case.analytic) <= slack))
