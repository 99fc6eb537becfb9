"""dk.swell_study: sizes over a range of depths, and the laws that they obey."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import Any

from ..core.program import Program
from ..errors import ArgumentError, DiffkitError, EvaluationFailed
from ..families import named
from ..progress import Progress
from ..symbolic.differentiate import DEFAULT_BUDGET
from . import study_views, views
from .fits import SHORTEST, fitted_law
from .laws import Law, exact_law
from .report import asked, checked_budget, checked_rows, complete, measured
from .rows import COLUMNS, ROWS, Row, tasks_for

EXACT = ("dag_ops", "tree_ops", "depth", "characters", "count_ops")


class SwellStudy:
    """Sizes of a family's functions and derivatives over depths.

    Attributes
    ----------
    name : str
        The family's.
    depths : tuple of int
        Those that were finished.
    rows : tuple of str
    reports : dict, depth -> {row name: Row}
    interrupted : bool
        Whether Ctrl-C ended it before the last depth.
    """

    def __init__(
        self, name: str, reports: dict[int, dict[str, Row]], rows: Sequence[str], interrupted: bool
    ) -> None:
        self.name = name
        self.reports = reports
        self.depths = tuple(reports)
        self.rows = tuple(rows)
        self.interrupted = interrupted
        self._laws: dict[tuple[str, str], Law] = {}

    def sizes(self, row: str, column: str = "tree_ops") -> list[Any]:
        """Return one number a depth; None where there is none.

        Raises
        ------
        ArgumentError
            If there is no such row or column.
        """
        if row not in self.rows:
            raise ArgumentError(f"{row!r} is not a row here; the rows are {', '.join(self.rows)}")
        if column not in COLUMNS:
            raise ArgumentError(f"{column!r} is not a column; these are {', '.join(COLUMNS)}")
        return [getattr(report[row], column) for report in self.reports.values()]

    def law(self, row: str, column: str = "tree_ops") -> Law:
        """Return the law that a size obeys: exact with a certificate, or undecided.

        Seconds and simplify's sizes are measured, not counted: theirs is a fit, judged
        by points that were held out, and never certain.
        """
        if (row, column) not in self._laws:
            self._laws[row, column] = self._found_law(row, column)
        return self._laws[row, column]

    def _found_law(self, row: str, column: str) -> Law:
        sizes = self.sizes(row, column)
        if row != "simplify" and column in EXACT:
            return exact_law(self.depths, sizes)
        return fitted_law(self.depths, sizes, SHORTEST if column == "seconds" else 0.0)

    def __str__(self) -> str:
        return study_views.as_text(self)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return study_views.as_html(self)

    def to_latex(self) -> str:
        """Return the table in LaTeX, with the rules of the package booktabs."""
        return views.as_latex(*study_views.table(self))

    def to_dict(self) -> dict[str, Any]:
        """Return numbers, lists and strings only; integers beyond 4000 digits as strings."""
        return study_views.as_dict(self)

    def to_dataframe(self) -> Any:
        """Return a pandas DataFrame, one line a depth and row, with exact integers."""
        records = [
            {"n": n, "row": row, **{c: getattr(report[row], c) for c in COLUMNS}}
            for n, report in self.reports.items()
            for row in self.rows
        ]
        return views.dataframe(records, ["n", "row"])

    def plot(self, path: Any = None, **options: Any) -> Any:
        """Draw the sizes over n, see `diffkit.swelling.plotting.plot`."""
        from .plotting import plot

        return plot(self, path, **options)


def swell_study(
    family: Callable[[int], Any] | str,
    depths: Iterable[int],
    wrt: str | Sequence[str] | None = None,
    *,
    rows: Sequence[str] = ROWS,
    budget: float = DEFAULT_BUDGET,
) -> SwellStudy:
    """Measure how the derivatives of a family swell with its depth.

    Under each column stands the law that the sizes obey. It is found from the exact
    integers by Berlekamp's and Massey's algorithm, as a recurrence of order L from 2L
    terms, and only stated if two more terms, or more, confirm it.

    Parameters
    ----------
    family : callable, n -> source; or the name of one of `dk.families`
        A source is a text, a SymPy expression, a Program or a function.
    depths : increasing whole numbers
        Equally spaced ones, for the laws.
    wrt : str or sequence of str, optional
        Inputs to differentiate by; by default what the family says, or all.
    rows : sequence of str
        See `dk.swell`.
    budget : float
        Seconds for each question to SymPy. What takes longer at one depth is not asked
        at the next ones.

    Returns
    -------
    SwellStudy
        With ``.sizes(row, column)`` and ``.law(row, column)``. Ctrl-C ends the study; the
        depths that were finished are returned.

    Raises
    ------
    ArgumentError
        If the depths do not increase, or the family's variables change from depth to
        depth other than by new ones.
    EvaluationFailed
        If the family raises. Any error that is met at some depth has the study of the
        depths before it in ``.result``.

    Examples
    --------
    >>> import diffkit as dk
    >>> study = swell_study(dk.families.logistic, range(1, 11), budget=0)
    >>> print(study.law("adjoint", "dag_ops"))
    9n - 2 (exact from n = 1: order 2, 6 spare terms)
    >>> print(study.law("textbook", "tree_ops"))
    (4n - 1) 2^n (exact from n = 1: order 2, 6 spare terms)
    >>> study.sizes("textbook", "tree_ops")[:4]
    [6, 28, 88, 240]
    """
    family = named(family) if isinstance(family, str) else family
    if not callable(family):
        raise ArgumentError(f"{family!r} is not a family: give a function of n, or its name")
    levels, wanted = checked_depths(depths), checked_rows(rows)
    checked_budget(budget)
    name = str(getattr(family, "name", getattr(family, "__name__", "family")))
    wrt = getattr(family, "wrt", None) if wrt is None else wrt
    tasks = [task for n in levels for task in tasks_for(n, wanted)]
    found: dict[int, dict[str, Row]] = {}
    with Progress(f"swell of {name}", len(levels) + len(tasks)) as progress:
        try:
            sources, interrupted = _measured(family, levels, wrt, wanted, found, progress)
        except DiffkitError as error:
            error.result = SwellStudy(name, _completed(found, wanted), wanted, True)
            raise
        tasks = [task for task in tasks if task.key in found]
        interrupted = interrupted or asked(sources, tasks, budget, found, progress)
    return SwellStudy(name, _completed(found, wanted), wanted, interrupted)


def _completed(found: dict[int, dict[str, Row]], rows: Sequence[str]) -> dict[int, dict[str, Row]]:
    return {n: complete(rows_found, rows) for n, rows_found in found.items()}


def _measured(
    family: Callable[[int], Any],
    levels: Sequence[int],
    wrt: str | Sequence[str] | None,
    rows: Sequence[str],
    found: dict[int, dict[str, Row]],
    progress: Progress,
) -> tuple[dict[int, tuple[Program, tuple[str, ...]]], bool]:
    """Measure what needs no SymPy, depth by depth; return the Programs, and if Ctrl-C came."""
    sources: dict[int, tuple[Program, tuple[str, ...]]] = {}
    before: tuple[int, Program] | None = None
    for n in levels:
        try:
            program, names, own = measured(_source_at(family, n), wrt, None, rows)
        except DiffkitError as error:
            raise type(error)(f"at n = {n}: {error}") from error
        except KeyboardInterrupt:
            if not found:
                raise
            return sources, True
        _check_variables(before, n, program)
        before, sources[n], found[n] = (n, program), (program, names), own
        progress.advance(f"n = {n}")
    return sources, False


def _source_at(family: Callable[[int], Any], n: int) -> Any:
    try:
        return family(n)
    except DiffkitError:
        raise
    except Exception as error:
        raise EvaluationFailed(
            f"the family raised {type(error).__name__}: {error}; the study of the depths "
            "before is in .result"
        ) from error


def _check_variables(before: tuple[int, Program] | None, n: int, program: Program) -> None:
    """A deeper function may have more variables, but keeps those of the shallower."""
    if before is None:
        return
    lost = [name for name in before[1].inputs if name not in program.types]
    if lost:
        raise ArgumentError(
            f"the family returns different variables per depth: {', '.join(lost[:5])} at "
            f"n = {before[0]} is missing at n = {n}, which has {', '.join(program.inputs[:5])}; "
            "sizes over n need the same variables, or more of them"
        )


def checked_depths(depths: Iterable[int]) -> list[int]:
    """Return increasing whole numbers.

    Raises
    ------
    ArgumentError
        If they are not.
    """
    try:
        levels = [operator.index(n) for n in depths]
    except TypeError:
        raise ArgumentError(f"depths={depths!r}: give whole numbers, as in range(1, 13)") from None
    if not levels or any(n < 0 for n in levels):
        raise ArgumentError("depths: give at least one whole number, and none below 0")
    for a, b in pairwise(levels):
        if b <= a:
            raise ArgumentError(f"depths must increase, but {b} follows {a}")
    return levels
