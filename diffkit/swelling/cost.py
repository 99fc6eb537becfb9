"""What evaluating one derivative costs, from each of its forms.

All are timed in one process, which is killed when it takes too long. Programs are
replayed step by step by the same interpreter, shared or written out, so their times
compare the forms; SymPy's lambdify compiles Python code, and is compared with its own
function.
"""

from __future__ import annotations

import timeit
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..core.program import Program, Step
from ..errors import SymbolicError
from ..tables import html_table, text_table
from .algebra import Algebra
from .asking import asked_one_by_one
from .numbers import duration, short

MOST_STEPS = 20_000  # of a tree that is replayed
REPEATS = 5
HEADER = ["form", "operations", "seconds", "ratio", "compared with", "status"]


@dataclass(frozen=True)
class Cost:
    """What one evaluation of one form takes.

    Attributes
    ----------
    form : str
    operations : int or None
        Steps replayed; None for compiled code.
    seconds : float or None
        The best of five runs.
    ratio : float or None
        To the function's own evaluation, in the same way.
    baseline : str
        The form of the function that it is compared with.
    status : str
    """

    form: str
    operations: int | None = None
    seconds: float | None = None
    ratio: float | None = None
    baseline: str = ""
    status: str = "done"


class EvaluationCost(dict[str, Cost]):
    """Costs by form; prints as a table."""

    def _table(self) -> tuple[list[str], list[list[str]]]:
        rows = [
            [c.form, short(c.operations), duration(c.seconds), short(c.ratio), c.baseline, c.status]
            for c in self.values()
        ]
        return HEADER, rows

    def __str__(self) -> str:
        return text_table(*self._table())

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return html_table(*self._table())


# Each form, and the form of the function that its time is compared with.
FORMS = {
    "function": "function",
    "adjoint": "function",
    "textbook tree": "function",
    "lambdify function": "lambdify function",
    "lambdify": "lambdify function",
    "lambdify cse": "lambdify function",
}


def evaluation_cost(
    program: Program, wrt: Sequence[str], at: Mapping[str, float], budget: float
) -> EvaluationCost:
    """Time the function and its derivative in every form, one after another."""
    left = list(FORMS)
    common = (program, tuple(wrt), dict(at))
    costs = {
        form: cost or Cost(form, status=status)
        for form, cost, status in asked_one_by_one(_work, common, left, budget)
    }
    return EvaluationCost({form: _compared(cost, costs) for form, cost in costs.items()})


def _compared(cost: Cost, costs: Mapping[str, Cost]) -> Cost:
    baseline = FORMS[cost.form]
    own = costs[baseline].seconds
    ratio = cost.seconds / own if cost.seconds and own else None
    return Cost(cost.form, cost.operations, cost.seconds, ratio, baseline, cost.status)


# -- in the child ------------------------------------------------------------------------


def _work(program: Program, wrt: tuple, at: dict, forms: Sequence[str]) -> Iterator[Cost]:
    algebra = Algebra(program, wrt)
    for form in forms:
        try:
            operations, call = _evaluation(form, algebra, at)
            with np.errstate(all="ignore"):
                yield Cost(form, operations, _seconds(call))
        except Exception as error:  # of SymPy's printer or compiler: the row says which
            yield Cost(form, status=f"{type(error).__name__}: {str(error)[:200]}")


def _seconds(call: Callable[[], Any]) -> float:
    timer = timeit.Timer(call)
    number = 1
    while (taken := timer.timeit(number)) < 5e-3:
        number *= 4
    return min([taken, *timer.repeat(REPEATS - 1, number)]) / number


def _evaluation(form: str, algebra: Algebra, at: dict) -> tuple[int | None, Callable[[], Any]]:
    """Return how many steps an evaluation has, and the evaluation."""
    program, wrt = algebra.program, algebra.wrt
    if form.startswith("lambdify"):
        return None, _lambdified(form, algebra, at)
    if form == "function":
        chosen = [program]
    elif form == "adjoint":
        chosen = [program.adjoint(wrt)]
    else:
        chosen = [unrolled(program.tangent(name)) for name in wrt]
    point = {name: np.float64(at[name]) for name in program.inputs}
    return sum(map(len, chosen)), lambda: [p.run(point) for p in chosen]


def _lambdified(form: str, algebra: Algebra, at: dict) -> Callable[[], Any]:
    sympy = algebra.sympy
    roots, _ = algebra.primal if form == "lambdify function" else algebra.held
    symbols = [sympy.Symbol(name, real=True) for name in algebra.program.inputs]
    function = sympy.lambdify(symbols, roots, "numpy", cse=form == "lambdify cse")
    values = [np.float64(at[name]) for name in algebra.program.inputs]
    return lambda: function(*values)


def unrolled(program: Program) -> Program:
    """Return the Program in which nothing is shared: each use computes its value anew.

    Raises
    ------
    SymbolicError
        If it would have more than 20,000 steps.
    """
    by_name = {step.name: step for step in program.steps}
    _check_size(program)
    steps: list[Step] = []
    outputs = []
    for output in program.outputs:
        done: list[str] = []  # names of operands that are computed, the last one on top
        stack = [(output, False)]
        while stack:
            name, ready = stack.pop()
            step = by_name.get(name)
            if step is None:
                done.append(name)
                continue
            places = [k for k, o in enumerate(step.operands) if o.__class__ is str]
            if not ready:
                stack.append((name, True))
                stack.extend((step.operands[k], False) for k in reversed(places))
                continue
            operands = list(step.operands)
            for k in reversed(places):
                operands[k] = done.pop()
            done.append(f"u{len(steps)}_")
            steps.append(step._replace(name=done[-1], operands=tuple(operands)))
        outputs += done
    return Program(program.types, steps, outputs)


def _check_size(program: Program) -> None:
    sizes = dict.fromkeys(program.inputs, 0)
    for step in program.steps:
        sizes[step.name] = 1 + sum([sizes[o] for o in step.operands if o.__class__ is str])
    total = sum([sizes[output] for output in program.outputs])
    if total > MOST_STEPS:
        raise SymbolicError(f"written out it has {short(total)} steps; at most {MOST_STEPS:,} run")
