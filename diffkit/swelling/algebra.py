"""What SymPy makes of a derivative: held, after cse, simplified; in a process with a budget.

Each question is one task. They are answered in order by a child process; a task that uses
up the budget costs that process its life, and the tasks of its kind that are still to
come (at greater depths) are not tried.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from ..core.program import Program
from ..errors import DiffkitError, SymbolicError
from ..symbolic.convert import check_size, expressions
from .asking import asked_one_by_one
from .reading import read_expressions
from .sizes import Size, measure
from .terms import Terms

ROWS = ("sympy", "cse", "simplify")
LARGEST_WALK = 30_000  # operations; count_ops visits each repetition, so many a second
COUNTED = ("primal", *ROWS)  # what SymPy's own count_ops is asked about


class Task(NamedTuple):
    """One question: `what` is a row, or "count_ops of" a row."""

    key: Any
    what: str


class Answer(NamedTuple):
    """What came of a task; `size` and `counted` are None where it was not answered."""

    status: str
    size: Size | None = None
    dag_with_primal: int | None = None
    counted: int | None = None
    seconds: float | None = None


def counting(row: str) -> str:
    """Name the question for SymPy's count_ops of a row."""
    return f"count_ops of {row}"


def ask(
    sources: dict[Any, tuple[Program, tuple[str, ...]]],
    tasks: Sequence[Task],
    budget: float,
    answered: Callable[[Task, Answer], None],
) -> None:
    """Put tasks to SymPy.

    Parameters
    ----------
    sources : dict, key -> (Program over scalars, inputs to differentiate by)
    tasks : sequence of Task
        Their keys are those of `sources`; the smaller problems first.
    budget : float
        Seconds for each task.
    answered : callable
        Given each task and its answer, as soon as it is known.
    """
    left = list(tasks)
    for task, answer, status in asked_one_by_one(_work, (sources,), left, budget):
        answered(task, answer or Answer(status))
        if answer is None and budget:
            for larger in [other for other in left if _as_hard(other, task)]:
                left.remove(larger)
                same = larger.key == task.key
                why = "not tried" if same else "not tried: a smaller one took too long"
                answered(larger, Answer(why))


def _as_hard(task: Task, late: Task) -> bool:
    """Say whether a task builds upon one that took too long, or asks the same of more."""
    return late.what == "sympy" or task.what in (late.what, counting(late.what))


# -- in the child ------------------------------------------------------------------------


def _work(sources: dict, tasks: Sequence[Task]) -> Iterator[Answer]:
    key, algebra = None, None
    for task in tasks:
        if algebra is None or task.key != key:
            key, algebra = task.key, Algebra(*sources[task.key])
        try:
            yield algebra.answer(task.what)
        except DiffkitError as error:
            yield Answer(str(error))
        except Exception as error:  # SymPy's own may be anything; the row says which
            yield Answer(f"{type(error).__name__}: {str(error)[:200]}")


class Algebra:
    """SymPy's forms of a Program and its derivatives, each made when first asked for."""

    def __init__(self, program: Program, wrt: Sequence[str]) -> None:
        import sympy

        self.sympy = sympy
        self.program = program
        self.wrt = wrt
        self.terms = Terms()

    @cached_property
    def primal(self) -> tuple[list[Any], float]:
        """The function as SymPy holds it, and the seconds that took."""
        check_size(self.program)
        return _timed(lambda: _flat(expressions(self.program, evaluate=True)))

    @cached_property
    def held(self) -> tuple[list[Any], float]:
        """SymPy's derivatives."""
        from ..symbolic.differentiate import diff

        roots, _ = self.primal
        symbols = [self.sympy.Symbol(name, real=True) for name in self.wrt]
        return _timed(lambda: [diff(root, symbol) for symbol in symbols for root in roots])

    @cached_property
    def reduced(self) -> tuple[tuple[list, list], float]:
        """What sympy.cse makes of them: (replacements, expressions)."""
        return _timed(lambda: self.sympy.cse(self.held[0], order="none"))

    @cached_property
    def simplified(self) -> tuple[list[Any], float]:
        """What sympy.simplify makes of them."""
        return _timed(lambda: [self.sympy.simplify(derivative) for derivative in self.held[0]])

    def answer(self, what: str) -> Answer:
        """Answer one task."""
        if what == "cse":
            return self._of_cse()
        if what in ROWS:
            roots, seconds = self.held if what == "sympy" else self.simplified
            return self._of_terms(read_expressions(self.terms, roots), seconds)
        return self._counted(what.removeprefix("count_ops of "))

    def _of_terms(self, roots: list[int], seconds: float) -> Answer:
        primal = read_expressions(self.terms, self.primal[0])
        both = measure(self.terms, primal + roots).dag_ops
        return Answer("done", measure(self.terms, roots), both, seconds=seconds)

    def _of_cse(self) -> Answer:
        """The code's own operations are the DAG's; written back into each other, the tree's."""
        (replacements, reduced), seconds = self.reduced
        names: dict[Any, int] = {}
        code = 0
        for symbol, expression in replacements:
            code += self._tree_ops([expression])
            names[symbol] = read_expressions(self.terms, [expression], names)[0]
        code += self._tree_ops(reduced)
        answer = self._of_terms(read_expressions(self.terms, reduced, names), seconds)
        assert answer.size is not None
        size = Size(code, answer.size.tree_ops, answer.size.depth, answer.size.characters)
        return answer._replace(size=size, dag_with_primal=None)

    def _tree_ops(self, expressions: Sequence[Any]) -> int:
        return measure(self.terms, read_expressions(self.terms, expressions)).tree_ops

    def _counted(self, row: str) -> Answer:
        if row == "cse":
            replacements, reduced = self.reduced[0]
            roots = [*(expression for _, expression in replacements), *reduced]
        else:
            made = {"primal": "primal", "sympy": "held", "simplify": "simplified"}[row]
            roots, _ = getattr(self, made)
        if self._tree_ops(roots) > LARGEST_WALK:
            raise SymbolicError(f"not asked: count_ops would walk {LARGEST_WALK:,} operations")
        count, seconds = _timed(lambda: sum(int(root.count_ops()) for root in roots))
        return Answer("done", counted=count, seconds=seconds)


def _flat(outputs: list[Any]) -> list[Any]:
    return [entry for output in outputs for entry in np.ravel(np.asarray(output, dtype=object))]


def _timed(call: Callable[[], Any]) -> tuple[Any, float]:
    started = time.perf_counter()
    result = call()
    return result, time.perf_counter() - started
