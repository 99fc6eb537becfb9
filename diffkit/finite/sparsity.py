"""Jacobians with a known pattern of zeros: columns that share no row are moved together.

References
----------
Curtis, Powell & Reid, On the estimation of sparse Jacobian matrices, J. Inst. Math.
Appl. 13 (1974).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import ArgumentError, ShapeError
from .calling import Function
from .columns import Column, Method, Task
from .estimate import Estimate, collect
from .ladder import Outcome, Rung
from .lines import group_line
from .running import INTERRUPTED, finish
from .schemes import SCHEMES

ZERO = Outcome(Rung(0.0, 0.0, 0.0, np.nan, np.nan), "zero by pattern")
WELL = 10.0  # times the error bars: what is missing is no matter of digits
NAMED = 5  # rows in an error message, at most


class Pattern:
    """The places of a Jacobian that may differ from zero, row by row.

    Parameters
    ----------
    given : array of bool or numbers, or SciPy sparse matrix, shape (outputs, inputs)
        Rows are the entries of f(x) and columns those of x, each in C order.
    """

    def __init__(self, given: Any, outputs: int, inputs: int) -> None:
        from scipy.sparse import csr_array, issparse

        self.sparse, self.shape = issparse(given), (outputs, inputs)
        if np.shape(given) != self.shape:
            raise ShapeError(
                f"the sparsity pattern has shape {np.shape(given)}; f has {outputs} results "
                f"and {inputs} inputs, so it must be {self.shape}"
            )
        matrix = csr_array(given).astype(bool)
        matrix.eliminate_zeros()
        matrix.sort_indices()
        self.rows, self.columns = (index.astype(int) for index in matrix.tocoo().coords)
        self.by_column = matrix.tocsc()

    def places(self) -> Iterator[tuple[int, int]]:
        """Return the row and column of each entry, row by row."""
        return zip(self.rows.tolist(), self.columns.tolist(), strict=True)

    def rows_of(self, columns: Sequence[int] | np.ndarray) -> list[int]:
        """Return the rows that some columns meet."""
        starts = self.by_column.indptr
        found = [self.by_column.indices[starts[j] : starts[j + 1]] for j in columns]
        return np.unique(np.concatenate(found)).tolist()

    def groups(self) -> list[np.ndarray]:
        """Return the columns of each colour; no two columns of a colour share a row."""
        from scipy.optimize._numdiff import group_columns

        colours = group_columns(self.by_column)
        return [np.flatnonzero(colours == colour) for colour in range(colours.max() + 1)]


@dataclass(frozen=True, eq=False, repr=False)
class SparseEstimate(Estimate):
    """The entries of a sparse Jacobian, row by row, with their error bars.

    Attributes
    ----------
    rows, columns : arrays of int, as long as `value`
    full : (outputs, inputs), the shape of the Jacobian
    """

    rows: Any = None
    columns: Any = None
    full: tuple[int, int] = (0, 0)

    def matrix(self, part: str = "value") -> Any:
        """Return "value", "error", "truncation", "rounding" or "step" as a SciPy CSR array."""
        from scipy.sparse import csr_array

        return csr_array((getattr(self, part), (self.rows, self.columns)), shape=self.full)


def by_pattern(task: Task, function: Function, pattern: Pattern) -> Estimate:
    """Differentiate by groups of columns; check the pattern along one more direction."""
    groups, method = pattern.groups(), task.method._replace(guard=bool(task.method.guard))
    lines = [group_line(function, group, task.steps, task.limits) for group in groups]
    jobs = [
        Column(line, method, task.first, pattern.rows_of(group))
        for group, (line, _) in zip(groups, lines, strict=True)
    ]
    entries: dict[tuple[int, int], Outcome] = {}
    for group, job, (_, speeds), found in zip(
        groups, jobs, lines, finish(jobs, function), strict=True
    ):
        entries |= _entries(pattern, group, job, speeds, found)
    outcomes = [entries[place] for place in pattern.places()]
    check(task, function, pattern, outcomes)
    return _arranged(outcomes, function, pattern)


def _entries(
    pattern: Pattern, group: np.ndarray, job: Column, speeds: np.ndarray, found: Any
) -> dict[tuple[int, int], Outcome]:
    """Give each entry of a group the outcome of its row, per unit of its own column."""
    rows = job.outputs or ()
    of_row = dict(zip(rows, found or [INTERRUPTED] * len(rows), strict=True))
    return {(i, j): of_row[i].per(speeds[j]) for j in group.tolist() for i in pattern.rows_of([j])}


def check(task: Task, function: Function, pattern: Pattern, outcomes: Sequence[Outcome]) -> None:
    """Compare the Jacobian with the derivatives along one random direction.

    Its entries all differ in size: equal ones would hide an entry that is missing
    where its group was moved together.

    Raises
    ------
    ArgumentError
        If they differ by more than the error bars.
    """
    everything = np.arange(function.x.size)
    # Multiples of 2**-8, so that x is still moved without rounding.
    stretch = np.random.default_rng().integers(128, 257, everything.shape) / 256
    line, speeds = group_line(function, everything, task.steps, task.limits, stretch)
    (found,) = finish([Column(line, Method(SCHEMES["adaptive"], True), task.first)], function)
    smallest = [outcome.rung.last for outcome in found or ()]
    told, doubt = np.zeros((2, function.base.size))
    for (i, j), outcome in zip(pattern.places(), outcomes, strict=True):
        told[i] += outcome.rung.value * speeds[j]
        moved = abs(outcome.rung.value * function.x.flat[j])
        doubt[i] += outcome.rung.bound * abs(speeds[j]) + function.eps * moved / smallest[i]
        doubt[i] += function.eps**0.6 * abs(outcome.rung.value * speeds[j])
    wrong = [
        i
        for i, outcome in enumerate(found or ())
        if abs(outcome.rung.value - told[i]) > WELL * (doubt[i] + outcome.rung.bound)
    ]
    if wrong:
        raise ArgumentError(
            f"the sparsity pattern misses entries: rows {wrong[:NAMED]} of the Jacobian "
            f"({len(wrong)} in all) have more than it says; leave sparsity out, or complete it"
        )


def _arranged(outcomes: list[Outcome], function: Function, pattern: Pattern) -> Estimate:
    if pattern.sparse:
        flat = collect(outcomes, function, (len(outcomes),))
        return SparseEstimate(
            **vars(flat), rows=pattern.rows, columns=pattern.columns, full=pattern.shape
        )
    table = dict(zip(pattern.places(), outcomes, strict=True))
    everything = [table.get(place, ZERO) for place in np.ndindex(pattern.shape)]
    return collect(everything, function, function.shape + function.x.shape)
