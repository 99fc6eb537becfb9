"""dk.swell: how large the derivative of one source is, in each of its forms."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from ..core.program import Program
from ..errors import ArgumentError
from ..symbolic.differentiate import DEFAULT_BUDGET
from . import algebra, views
from .forms import Forms
from .rows import COLUMNS, ROWS, Row, own_rows, tasks_for, with_answer
from .sources import scalar_source


class SwellReport:
    """Sizes of a function and of its derivative's forms: ``report[row].tree_ops``.

    Attributes
    ----------
    program : Program
        The function, over scalars.
    wrt : tuple of str
        The inputs differentiated by.
    rows : dict, name -> Row
    """

    def __init__(self, program: Program, wrt: tuple[str, ...], rows: dict[str, Row]) -> None:
        self.program = program
        self.wrt = wrt
        self.rows = rows

    def __getitem__(self, name: str) -> Row:
        if name not in self.rows:
            raise KeyError(f"{name!r} is not a row; the rows are {', '.join(self.rows)}")
        return self.rows[name]

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows.values())

    def __len__(self) -> int:
        return len(self.rows)

    def _ipython_key_completions_(self) -> list[str]:
        return list(self.rows)

    def __str__(self) -> str:
        return views.as_text(self)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return views.as_html(self)

    def sentence(self, row: str | None = None) -> str:
        """Say in words how long a row's formula is; by default the longest derivative's."""
        return views.sentence(self, row)

    def to_latex(self) -> str:
        """Return the table in LaTeX, with the rules of the package booktabs."""
        return views.as_latex(views.HEADER, [views.cells(row) for row in self])

    def to_dict(self) -> dict[str, Any]:
        """Return numbers, lists and strings only; integers beyond 4000 digits as strings."""
        return {
            "program": [str(step) for step in self.program.steps],
            "wrt": list(self.wrt),
            "rows": {row.name: views.row_dict(row) for row in self},
            "sentence": self.sentence(),
        }

    def to_dataframe(self) -> Any:
        """Return a pandas DataFrame, one line a row, with exact integers."""
        records = [{"row": r.name, **{c: getattr(r, c) for c in COLUMNS}} for r in self]
        return views.dataframe(records, ["row"])

    @cached_property
    def forms(self) -> Forms:
        """The formulas that the sizes are sizes of."""
        return Forms(self.program, self.wrt)


def swell(
    source: Any,
    wrt: str | Sequence[str] | None = None,
    *,
    at: Mapping[str, Any] | Sequence[Any] | None = None,
    rows: Sequence[str] = ROWS,
    budget: float = DEFAULT_BUDGET,
) -> SwellReport:
    """Measure how a derivative swells.

    One operation is one binary + or *, a quotient, a power, a sign, or a function; a
    difference a - b is a + (-b), two. Constants and variables cost nothing, factors 1
    and -1 and terms 0 of a derivative are folded, as one does by hand.

    ========  ==========================================================================
    primal    the function f itself
    tangent   f and its forward-mode derivative, the Program ``p.tangent(wrt)``; with
              several inputs in wrt, along one direction of them
    adjoint   f and its gradient, the Program ``p.adjoint(wrt)``
    textbook  the derivative alone, by the textbook's rules from the inside out (forward
              accumulation), one formula for each input
    unrolled  the derivative alone, accumulated in reverse as the adjoint is
    sympy     SymPy's derivative, as SymPy holds it
    cse       that after ``sympy.cse``: dag_ops are those of the code that it gives
    simplify  that after ``sympy.simplify``
    ========  ==========================================================================

    Parameters
    ----------
    source : str, SymPy expression, Program or function over NumPy
        With one number as its result. Arrays are written out entry by entry.
    wrt : str or sequence of str, optional
        Inputs to differentiate by; all by default.
    at : mapping, name -> value, or sequence of arguments, optional
        Gives the shapes of array inputs, and to a function its arguments; numbers by
        default. Sizes do not depend on the values.
    rows : sequence of str
        Which rows; all by default.
    budget : float
        Seconds for each question to SymPy, which is asked in a process that is killed
        when they are over. 0 asks nothing.

    Returns
    -------
    SwellReport

    Raises
    ------
    ArgumentError
        If the source is constant, or wrt is not in it.
    NonScalarOutput
        If the result is not one number.

    Notes
    -----
    ``swell_tree`` is tree_ops(D)/tree_ops(f), and ``swell_dag`` is dag_ops(f and D)/dag_ops(f),
    where D is the row's formula. The first grows without bound where a value is used
    twice at each level; the second stays below a constant for reverse mode.

    References
    ----------
    Laue, On the equivalence of automatic and symbolic differentiation, arXiv:1904.02990.
    Baydin et al., Automatic differentiation in machine learning: a survey, JMLR 18(153), 2018.

    Examples
    --------
    >>> report = swell("log(1 + exp(w*x + b))", "w", budget=0)
    >>> report["primal"].dag_ops, report["textbook"].tree_ops, report["textbook"].dag_ops
    (5, 10, 7)
    >>> report["adjoint"].dag_ops
    8
    """
    program, names = scalar_source(source, wrt, at)
    wanted = checked_rows(rows)
    checked_budget(budget)
    found = own_rows(Forms(program, names, wanted))
    algebra.ask(
        {0: (program, names)},
        tasks_for(0, wanted),
        budget,
        lambda task, answer: with_answer(found, task, answer),
    )
    return SwellReport(program, names, {name: found[name] for name in wanted})


def checked_rows(rows: Sequence[str]) -> tuple[str, ...]:
    """Return the rows in their order; the primal is always one."""
    chosen = (rows,) if isinstance(rows, str) else tuple(rows)
    for row in chosen:
        if row not in ROWS:
            raise ArgumentError(f"{row!r} is not a row; the rows are {', '.join(ROWS)}")
    return tuple(row for row in ROWS if row in chosen or row == "primal")


def checked_budget(budget: float) -> None:
    """Refuse what is not a number of seconds."""
    if not isinstance(budget, (int, float)) or math.isnan(budget) or budget < 0:
        raise ArgumentError(f"budget={budget!r}: give seconds, 0 or more")
