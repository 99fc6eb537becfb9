"""Rows: the size of one form of a derivative, in the unit that all rows share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from . import algebra
from .algebra import Answer, Task, counting
from .forms import OWN_ROWS, Forms
from .sizes import Size, measure, ratio
from .writing import Writing

ROWS = (*OWN_ROWS, *algebra.ROWS)


@dataclass(frozen=True)
class Row:
    """The size of one form of the derivative.

    Attributes
    ----------
    name : str
    status : str
        "done", or why there are no sizes.
    dag_ops, tree_ops : int or None
        Operations, distinct ones and all that would be written.
    depth : int or None
        Most operations inside one another.
    characters : int or None
        Length of the text, written out in infix notation.
    count_ops : int or None
        What SymPy's function of this name answers, in SymPy's own unit. It walks the tree:
        beyond 30,000 operations it is not asked.
    seconds : float or None
        What making it took.
    swell_tree, swell_dag : float, int or None
        tree_ops(D)/tree_ops(f), and dag_ops(f and D together)/dag_ops(f), where D is this
        row's formula and f the function as it was given. None where f has no operations.
    """

    name: str
    status: str = "done"
    dag_ops: int | None = None
    tree_ops: int | None = None
    depth: int | None = None
    characters: int | None = None
    count_ops: int | None = None
    seconds: float | None = None
    swell_tree: float | int | None = None
    swell_dag: float | int | None = None

    @property
    def sharing(self) -> float | int | None:
        """tree_ops/dag_ops: how often an operation is repeated, on average."""
        if self.tree_ops is None or self.dag_ops is None:
            return None
        return ratio(self.tree_ops, self.dag_ops)


COLUMNS = (
    "dag_ops", "tree_ops", "sharing", "depth", "characters", "count_ops", "seconds",
    "swell_tree", "swell_dag",
)  # fmt: skip


def sized(name: str, size: Size, both: int | None, primal: Size, seconds: float | None) -> Row:
    """Make a row of a size; `both` is dag_ops of the function and this formula together."""
    return Row(
        name, "done", size.dag_ops, size.tree_ops, size.depth, size.characters, None, seconds,
        ratio(size.tree_ops, primal.tree_ops),
        None if both is None else ratio(both, primal.dag_ops),
    )  # fmt: skip


def own_rows(forms: Forms) -> dict[str, Row]:
    """Measure all that needs no SymPy."""
    terms, writing = forms.terms, Writing(forms.terms)
    own = terms.below(forms.primal)
    primal = measure(terms, forms.primal, own, writing)
    rows = {}
    for name, roots in forms.roots.items():
        order = terms.below(roots)
        size, needed = measure(terms, roots, order, writing), set(order)
        both = size.dag_ops + sum([terms.costs[term] for term in own if term not in needed])
        rows[name] = sized(name, size, both, primal, forms.seconds[name])
    return rows


def with_answer(rows: dict[str, Row], task: Task, answer: Answer) -> None:
    """Put what SymPy answered into the rows."""
    if task.what in algebra.ROWS:
        primal = rows["primal"]
        size = Size(primal.dag_ops or 0, primal.tree_ops or 0, 0, 0)
        rows[task.what] = (
            Row(task.what, answer.status)
            if answer.size is None
            else sized(task.what, answer.size, answer.dag_with_primal, size, answer.seconds)
        )
    else:
        name = task.what.removeprefix(counting(""))
        rows[name] = replace(rows[name], count_ops=answer.counted)


def tasks_for(key: Any, rows: Sequence[str]) -> list[Task]:
    """Return what to ask SymPy for these rows."""
    wanted = [row for row in algebra.ROWS if row in rows]
    counted = [row for row in algebra.COUNTED if row in wanted or (wanted and row == "primal")]
    return [Task(key, row) for row in wanted] + [Task(key, counting(row)) for row in counted]
