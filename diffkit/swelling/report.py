"""dk.swell: how large the derivative of one source is, in each of its forms."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from ..core.program import Program
from ..errors import ArgumentError
from ..progress import Progress
from ..symbolic.differentiate import DEFAULT_BUDGET
from . import algebra, views
from .blame import Blame
from .cost import EvaluationCost, evaluation_cost
from .forms import Forms
from .graphs import MOST_NODES, graphs
from .rows import COLUMNS, ROWS, Row, own_rows, tasks_for, with_answer
from .sources import scalar_source
from .stepping import Naming
from .writing import write

LONGEST_BUDGET = 7 * 24 * 3600.0


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

    # -- why ---------------------------------------------------------------------------

    @cached_property
    def forms(self) -> Forms:
        """The formulas that the sizes are sizes of; SymPy's are not among them."""
        return Forms(self.program, self.wrt)

    def _formulas(self, row: str) -> list[int]:
        if row not in self.forms.roots:
            raise ArgumentError(
                f"there are no formulas of {row!r} here, only of {', '.join(self.forms.roots)}"
            )
        return self.forms.roots[row]

    def formula(self, row: str = "textbook") -> str:
        """Return a row's formulas as text, one a line.

        Raises
        ------
        ArgumentError
            If the text would be longer than 100,000 characters; it says how long.
        """
        return "\n".join(write(self.forms.terms, root) for root in self._formulas(row))

    def blame(self, row: str = "textbook") -> Blame:
        """Say which subexpressions a row's formulas repeat, and which rule copied them.

        Examples
        --------
        >>> print(swell("log(1 + exp(w*x + b))", "w", budget=0).blame())
        subexpression  operations  places  occurrences  wasted  copied by
        -------------  ----------  ------  -----------  ------  ---------
        exp(w*x + b)            3       2            2       3  chain
        Wasted: 3 = 10 written out - 7 distinct (chain 3).
        """
        return Blame(self.forms.terms, self._formulas(row))

    def name_it(self, row: str = "textbook") -> Naming:
        """Go from a row's written formula to a list of steps, one name at a time.

        Returns
        -------
        Naming
            Listings; the first is the formula, each next one has one name more, and at
            the last nothing is repeated (or there are 200 names).

        Examples
        --------
        >>> steps = swell("log(1 + exp(w*x + b))", "w", budget=0).name_it()
        >>> print(steps[0])
        df_dw = 1/(1 + exp(w*x + b))*(exp(w*x + b)*x)
        >>> print(steps[-1])
        t1 = exp(w*x + b)
        df_dw = 1/(1 + t1)*(t1*x)
        >>> [listing.operations for listing in steps]
        [10, 7]
        """
        return Naming(
            self.forms.terms, dict(zip(self._labels(row), self._formulas(row), strict=True))
        )

    def _labels(self, row: str) -> list[str]:
        partials = [f"df_d{name}" for name in self.wrt]
        if row in ("textbook", "unrolled"):
            return partials
        return ["f", *({"tangent": ["f_dot"], "adjoint": partials}.get(row, []))]

    def graphs(self, row: str = "textbook", *, most: int = MOST_NODES) -> tuple[Any, Any]:
        """Return a row's formulas as a tree and as a DAG, for drawing side by side.

        See `diffkit.swelling.graphs.graphs` for the attributes of their nodes.

        Examples
        --------
        >>> tree, dag = swell("sin(x)*x", budget=0).graphs("primal")
        >>> len(tree), len(dag)
        (4, 3)
        """
        return graphs(self.forms.terms, self._formulas(row), most)

    def evaluation_cost(
        self, at: Mapping[str, float] | None = None, *, budget: float = DEFAULT_BUDGET
    ) -> EvaluationCost:
        """Time one evaluation of the derivative in each of its forms.

        Parameters
        ----------
        at : mapping, name -> number, optional
            Where; 0.5 for inputs that are not in it.
        budget : float
            Seconds for each form.

        Returns
        -------
        EvaluationCost, a dict from form to Cost: seconds, and the ratio to the function's
        own evaluation in the same way
        """
        checked_budget(budget)
        extra = [name for name in at or {} if name not in self.program.types]
        if extra:
            raise ArgumentError(
                f"at gives {', '.join(extra)}; the inputs are {', '.join(self.program.inputs)}"
            )
        point = dict.fromkeys(self.program.inputs, 0.5) | dict(at or {})
        return evaluation_cost(self.program, self.wrt, point, budget)


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
    wanted = checked_rows(rows)
    checked_budget(budget)
    program, names, found = measured(source, wrt, at, wanted)
    tasks = tasks_for(0, wanted)
    with Progress("swell", len(tasks)) as progress:
        asked({0: (program, names)}, tasks, budget, {0: found}, progress)
    return SwellReport(program, names, complete(found, wanted))


def measured(
    source: Any,
    wrt: str | Sequence[str] | None,
    at: Mapping[str, Any] | Sequence[Any] | None,
    rows: Sequence[str],
) -> tuple[Program, tuple[str, ...], dict[str, Row]]:
    """Return the scalar Program, the inputs to differentiate by, and SymPy's rows excepted."""
    started = time.perf_counter()
    program, names = scalar_source(source, wrt, at)
    reading = time.perf_counter() - started
    forms = Forms(program, names, rows)
    forms.seconds["primal"] = reading
    return program, names, own_rows(forms)


def asked(
    sources: Mapping[int, tuple[Program, tuple[str, ...]]],
    tasks: Sequence[algebra.Task],
    budget: float,
    found: Mapping[int, dict[str, Row]],
    progress: Progress,
) -> bool:
    """Let SymPy answer tasks into the rows; return whether Ctrl-C came before the end."""

    def answered(task: algebra.Task, answer: algebra.Answer) -> None:
        with_answer(found[task.key], task, answer)
        progress.advance(f"n = {task.key}, {task.what}" if task.key else task.what)

    try:
        algebra.ask(dict(sources), tasks, budget, answered)
        return False
    except KeyboardInterrupt:
        return True


def complete(found: Mapping[str, Row], rows: Sequence[str]) -> dict[str, Row]:
    """Return the rows in their order; what Ctrl-C left unanswered says so."""
    return {name: found.get(name, Row(name, "interrupted")) for name in rows}


def checked_rows(rows: Sequence[str]) -> tuple[str, ...]:
    """Return the rows in their order; the primal is always one."""
    chosen = (rows,) if isinstance(rows, str) else tuple(rows)
    for row in chosen:
        if row not in ROWS:
            raise ArgumentError(f"{row!r} is not a row; the rows are {', '.join(ROWS)}")
    return tuple(row for row in ROWS if row in chosen or row == "primal")


def checked_budget(budget: float) -> None:
    """Refuse what is not a number of seconds."""
    if not isinstance(budget, (int, float)) or not 0 <= budget <= LONGEST_BUDGET:
        raise ArgumentError(f"budget={budget!r}: give seconds, 0 or more (up to a week)")
