"""Right entries in the wrong place: other layouts of a matrix, and permutations."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from .case import Case
from .problem import Block


def layouts(case: Case) -> Iterator[tuple[str, np.ndarray]]:
    """Yield the gradient with the matrices of the region laid out in other ways."""
    for what, change in (("transposed", _transpose), ("stored column by column", _by_columns)):
        changed = case.analytic.copy()
        touched = False
        for block in _matrices(case):
            part = case.analytic[block.slice].reshape(block.shape)
            other = change(part)
            if other is not None:
                changed[block.slice], touched = other.ravel(), True
        if touched:
            yield what, changed


def _matrices(case: Case) -> list[Block]:
    region = np.broadcast_to(case.region, case.x.shape)
    return [b for b in case.names.blocks if len(b.shape) > 1 and np.any(region[b.slice])]


def _transpose(part: np.ndarray) -> np.ndarray | None:
    return part.T if part.ndim == 2 and part.shape[0] == part.shape[1] else None


def _by_columns(part: np.ndarray) -> np.ndarray:
    return part.ravel().reshape(part.shape, order="F")


def rearrangement(case: Case) -> tuple[str, tuple[int, ...]] | None:
    """Return what was permuted and how: entry k of the true gradient is a[permutation[k]]."""
    if case.rows is None:
        return _by_sorting(case)
    for what, changed in _usual(case):
        if case.explains(case.inside(changed)):
            return what, ()
    return None


def _by_sorting(case: Case) -> tuple[str, tuple[int, ...]] | None:
    places = np.flatnonzero(np.broadcast_to(case.region, case.x.shape))
    a, n = case.analytic[places], case.numeric[places]
    if len(places) < 2 or not np.all(np.isfinite(n)) or np.sum(case.bad[places]) < 2:
        return None
    permutation = np.empty(len(places), int)
    permutation[np.argsort(n, kind="stable")] = np.argsort(a, kind="stable")
    permutation = _settled(a, n, permutation, case.tolerance[places])
    changed = case.analytic.copy()
    changed[places] = a[permutation]
    if np.array_equal(permutation, np.arange(len(places))) or not case.explains(changed):
        return None
    return _pattern(permutation, [case.names[int(i)] for i in places]), tuple(map(int, permutation))


def _settled(a: np.ndarray, n: np.ndarray, permutation: np.ndarray, bar: np.ndarray) -> np.ndarray:
    """Let entries that are right where they are stay there: equal entries may trade places."""
    inverse = np.argsort(permutation)
    for k in np.flatnonzero(np.abs(a - n) <= bar):
        there = int(inverse[k])
        if there != k:
            permutation[there], permutation[k] = permutation[k], k
            inverse[permutation[there]], inverse[k] = there, k
    return permutation


def _pattern(permutation: np.ndarray, names: list[str]) -> str:
    moved = np.flatnonzero(permutation != np.arange(len(permutation)))
    if len(moved) == 2:
        return f"{names[moved[0]]} and {names[moved[1]]} are swapped"
    shift = _roll_of(permutation)
    if np.array_equal(permutation, np.arange(len(permutation))[::-1]):
        return "reversed"
    if shift:
        return f"shifted cyclically by {shift}"
    return f"{len(moved)} entries from {names[moved[0]]} to {names[moved[-1]]} are permuted"


def _roll_of(permutation: np.ndarray) -> int:
    """Return by how much a cyclic shift shifts, 0 for any other permutation."""
    n, shift = len(permutation), int(permutation[0])
    if not np.array_equal(permutation, (np.arange(n) + shift) % n):
        return 0
    return shift if shift <= n // 2 else shift - n


def _usual(case: Case) -> Iterator[tuple[str, np.ndarray]]:
    """Yield the permutations that happen by mistake, for gradients too large to be sorted."""
    blocks = [
        b for b in case.names.blocks if np.any(np.broadcast_to(case.region, case.x.shape)[b.slice])
    ]
    for block in blocks:
        part = case.analytic[block.slice].reshape(block.shape)
        for axis in range(part.ndim):
            for what, other in (
                ("reversed", np.flip(part, axis)),
                ("shifted cyclically by 1", np.roll(part, -1, axis)),
                ("shifted cyclically by -1", np.roll(part, 1, axis)),
            ):
                changed = case.analytic.copy()
                changed[block.slice] = other.ravel()
                yield f"{block.name} is {what} along axis {axis}", changed
    for one, two in pairwise(blocks):
        if one.shape == two.shape:
            changed = case.analytic.copy()
            changed[one.slice], changed[two.slice] = (
                case.analytic[two.slice],
                case.analytic[one.slice],
            )
            yield f"{one.name} and {two.name} are swapped", changed
