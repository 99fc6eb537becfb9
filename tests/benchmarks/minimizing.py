"""BFGS and L-BFGS on the problems of Moré, Garbow & Hillstrom, beside SciPy's.

With exact gradients by reverse mode, and with finite differences. What counts: how
many evaluations it takes, and how often a wrong answer is called a success.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np
import scipy.optimize

import diffkit as dk

from .findings import Finding
from .harness import Effort
from .mgh import PROBLEMS, Problem

STEPS = 5000


class Outcome(NamedTuple):
    """Calls of f (a gradient that brings the value along is one), and how it ended."""

    calls: int
    right: bool
    success: bool


class Tally(NamedTuple):
    """Sums over all problems."""

    calls: int
    right: int
    wrong_successes: int


def tally(solve: Callable[[Problem], Outcome], problems: Iterable[Problem] = PROBLEMS) -> Tally:
    """Solve all problems, and count."""
    found = [solve(problem) for problem in problems]
    return Tally(
        sum(outcome.calls for outcome in found),
        sum(outcome.right for outcome in found),
        sum(outcome.success and not outcome.right for outcome in found),
    )


def ours(method: str, grad: str = "reverse") -> Callable[[Problem], Outcome]:
    """Return how our method solves a problem."""

    def solve(problem: Problem) -> Outcome:
        result = dk.minimize(problem, problem.x0, method, grad=grad, steps=STEPS, progress=False)
        # the look at the Hessian at the end is one more call, and no part of the search
        calls = result.njev if grad == "reverse" else result.nfev
        return Outcome(calls, problem.solved(result.fun), result.success)

    return solve


def scipys(method: str, exact: bool) -> Callable[[Problem], Outcome]:
    """Return how SciPy's method solves a problem, with its own tolerances."""
    options = {"maxiter": STEPS} | ({"maxfun": 100 * STEPS} if method == "L-BFGS-B" else {})

    def solve(problem: Problem) -> Outcome:
        slope = dk.value_and_grad(problem)
        f = (lambda x: tuple(slope(x))) if exact else problem
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            found = scipy.optimize.minimize(
                f, problem.x0, jac=exact or None, method=method, options=options
            )
        return Outcome(found.nfev, problem.solved(found.fun), found.success)

    return solve


def minimizing(effort: Effort) -> list[Finding]:
    """The headline table: exact against finite-difference gradients, ours against SciPy."""
    return [
        *_compared("BFGS", "bfgs", "BFGS", 1.1),
        *_compared("L-BFGS", "l-bfgs", "L-BFGS-B", None),
    ]


def _compared(name: str, our_name: str, scipy_name: str, asked: float | None) -> list[Finding]:
    exact, theirs = tally(ours(our_name)), tally(scipys(scipy_name, exact=True))
    apart = [("diffkit, exact", exact), (f"SciPy {scipy_name}, exact", theirs)]
    apart += [
        ("diffkit, differences", tally(ours(our_name, "finite"))),
        (f"SciPy {scipy_name}, differences", tally(scipys(scipy_name, exact=False))),
    ]
    return [
        Finding(f"{name}: evaluations over SciPy's", exact.calls / theirs.calls, "x", asked),
        Finding(
            f"{name}: wrong answers called success", exact.wrong_successes, "", 0,
            note=f"SciPy {theirs.wrong_successes}",
        ),
        *[
            Finding(
                f"  {who}", found.calls, "calls",
                note=f"{found.right} of {len(PROBLEMS)} solved, "
                f"{found.wrong_successes} wrong called success",
            )
            for who, found in apart
        ],
    ]  # fmt: skip
