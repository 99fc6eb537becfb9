"""Whether f and its gradient behave like functions: the tests that come before any number."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .. import finite
from ..core.nest import leaves
from .findings import Evidence, Finding, found, listed
from .gradients import Answer, Gradient
from .problem import Problem, as_number

REPEATS = 8  # of f and of the gradient at x: two would miss what goes wrong every fifth time
ROUNDING = 1e-12  # relative; repeats that differ less are those of a parallel sum
NEARBY = 1e-2  # relative distance of another point


@dataclass
class Hearing:
    """What is known while the tests run.

    Attributes
    ----------
    answer : the gradient at x, once it has the right form
    again : the gradient at x, computed after f was called elsewhere
    findings : what was found, in order
    other : array, shape (n,), a point near x
    sparing : bool
        Call f and the gradient as rarely as can be.
    """

    problem: Problem
    gradient: Gradient
    other: np.ndarray
    sparing: bool
    answer: Answer | None = None
    again: Answer | None = None
    findings: list[Finding] = field(default_factory=list)

    @property
    def analytic(self) -> Answer:
        """The gradient at x."""
        assert self.answer is not None
        return self.answer


def hear(problem: Problem, gradient: Gradient, rng: np.random.Generator, sparing: bool) -> Hearing:
    """Run the tests in order, up to the first that finds more than a note."""
    size = np.where(problem.x == 0, 1.0, np.abs(problem.x))
    other = problem.x + NEARBY * size * rng.uniform(0.5, 1.0, problem.x.shape)
    hearing = Hearing(problem, gradient, other.astype(problem.dtype), sparing)
    _run(hearing, (*ABOUT_F, *ABOUT_GRADIENT))
    return hearing


def of_f(problem: Problem) -> list[Finding]:
    """Run the tests of f alone."""
    hearing = Hearing(problem, Gradient(problem, None), problem.x, sparing=False)
    _run(hearing, ABOUT_F)
    return hearing.findings


def _run(hearing: Hearing, tests: tuple[Test, ...]) -> None:
    for test in tests:
        finding = test(hearing)
        if finding:
            hearing.findings.append(finding)
            if finding.verdict != "pass":
                break


# -- f -------------------------------------------------------------------------


def whole_numbers(hearing: Hearing) -> Finding | None:
    """An f that returns integers is flat between jumps; an x of integers is only worth a note."""
    problem = hearing.problem
    if problem.base.dtype.kind in "iub":
        told = f"f returned {problem.base!r}, a whole number: rounded like that it has no slope"
        return found(
            "dtype", "inconclusive", Evidence(told, (), {"dtype": str(problem.base.dtype)})
        )
    arrays = [(n, x) for n, x in leaves(problem.nest, "x") if isinstance(x, np.ndarray)]
    names = tuple(
        block.name
        for block, (_, x) in zip(problem.blocks, arrays, strict=False)
        if len(arrays) == len(problem.blocks) and x.dtype.kind in "iub"
    )
    if not names:
        return None
    told = f"{listed(names)} holds whole numbers; it was checked as float64"
    return found("dtype", "pass", Evidence(told, names))


def nonfinite_value(hearing: Hearing) -> Finding | None:
    """The value f(x), or x itself, is not finite."""
    problem = hearing.problem
    bad = np.flatnonzero(~np.isfinite(problem.x))
    if bad.size:
        names = [problem.names[int(i)] for i in bad]
        told = f"the point to check is not finite at {listed(names)}"
        return found("nonfinite", "inconclusive", Evidence(told, tuple(names[:8])))
    if not np.isfinite(problem.base):
        return found("nonfinite", "inconclusive", Evidence(f"f(x) is {problem.base}"))
    return None


def changes_by_f(hearing: Hearing) -> Finding | None:
    """The array that f was given was changed by it."""
    problem = hearing.problem
    nest = problem.nest_of(problem.x)
    value = as_number(problem.call(nest))
    return _changes(problem, "f", nest) or spread_of_f(problem, [value])


def changes_by_gradient(hearing: Hearing) -> Finding | None:
    """The gradient changed the array it was given."""
    if not hearing.gradient.is_function:
        return None
    return _changes(hearing.problem, "the gradient", hearing.analytic.argument)


def _changes(problem: Problem, who: str, nest: Any) -> Finding | None:
    names = problem.changed(nest)
    if not names:
        return None
    told = f"{who} changes its argument in place, at {listed(names)}"
    return found("mutates_input", "fail", Evidence(told, names, {"who": who}))


def repeats_of_f(hearing: Hearing) -> Finding | None:
    """Calls of f give different values at the same point."""
    problem = hearing.problem
    if hearing.sparing:
        return None
    return spread_of_f(problem, [problem.at(problem.x) for _ in range(REPEATS - 2)])


def spread_of_f(problem: Problem, values: Iterable[Any]) -> Finding | None:
    """Compare values of f at x with the first one."""
    seen = np.array([problem.base, *values], dtype=float)
    if np.all(seen == seen[0]):
        return None
    spread = float(np.nanmax(seen) - np.nanmin(seen))
    told = (
        f"f gives different values at the same point: {seen[0]:.10g} at first, later values "
        f"up to {spread:.2g} apart"
    )
    verdict = "pass" if spread <= ROUNDING * abs(seen[0]) else "inconclusive"
    return found("nondeterministic_f", verdict, Evidence(told, (), {"spread": spread}))


# -- the gradient --------------------------------------------------------------


def form_of_gradient(hearing: Hearing) -> Finding | None:
    """Structure, shapes and types of the gradient are not those of x."""
    answer = hearing.gradient.at(hearing.problem.x)
    if isinstance(answer, Finding):
        return answer
    hearing.answer = answer
    return None


def repeats_of_gradient(hearing: Hearing) -> Finding | None:
    """The gradient differs at the same point, by chance or because it adds up."""
    if not hearing.gradient.is_function or hearing.sparing:
        return None
    first, x = hearing.analytic, hearing.problem.x
    again = [hearing.gradient.at(x) for _ in range(REPEATS - 1)]
    return _compared(hearing, [a.flat for a in again if isinstance(a, Answer)], first.flat)


def _compared(hearing: Hearing, again: list[np.ndarray], first: np.ndarray) -> Finding | None:
    if all(np.array_equal(a, first, equal_nan=True) for a in again):
        return None
    with np.errstate(invalid="ignore"):
        gaps = [float(np.nanmax(np.abs(a - first), initial=0.0)) for a in again]
    scale = float(np.nanmax(np.abs(first), initial=0.0))
    told = f"the gradient gives different values at the same point, up to {max(gaps):.2g} apart"
    if max(gaps) <= ROUNDING * scale:
        return found("nondeterministic_grad", "pass", Evidence(told, (), {"spread": max(gaps)}))
    if scale and all(np.allclose(a, (k + 2) * first, rtol=1e-9) for k, a in enumerate(again)):
        told = "the gradient adds up: its second call gives twice the first, the third thrice"
        return found("stale_state", "fail", Evidence(told, (), {"call": 2, "factor": 2.0}))
    places = np.flatnonzero(np.any([a != first for a in again], axis=0))
    names = tuple(hearing.problem.names[i] for i in places[:8])
    return found("nondeterministic_grad", "fail", Evidence(told, names, {"spread": max(gaps)}))


def memory_of_f(hearing: Hearing) -> Finding | None:
    """The gradient at x depends on where f was called last."""
    if not hearing.gradient.is_function:
        return None
    hearing.problem.at(hearing.other)
    again = hearing.gradient.at(hearing.problem.x)
    if not isinstance(again, Answer):
        return again
    hearing.again = again
    if again.same_as(hearing.analytic):
        return None
    if hearing.sparing:
        third = hearing.gradient.at(hearing.problem.x)
        if isinstance(third, Answer) and not third.same_as(again):
            return _compared(hearing, [again.flat, third.flat], hearing.analytic.flat)
    gap = float(np.max(np.abs(again.flat - hearing.analytic.flat)))
    if gap <= ROUNDING * np.max(np.abs(again.flat)):
        return None
    told = (
        "the gradient at x changes after f was called at another point: it uses what f left behind"
    )
    return found("stale_state", "fail", Evidence(told, (), {"change": gap}))


def view_of_argument(hearing: Hearing) -> Finding | None:
    """The result shares memory with the argument."""
    answer = hearing.analytic
    if not hearing.gradient.is_function or not _share(answer.raw, answer.argument):
        return None
    told = "the gradient is its own argument, or a view of it: changing one changes the other"
    return found("aliased_buffer", "pass", Evidence(told, (), {"shares": "x"}))


def overwritten_result(hearing: Hearing) -> Finding | None:
    """A later call overwrites the gradient of an earlier one, or repeats it elsewhere."""
    if not hearing.gradient.is_function or (hearing.sparing and not _reused(hearing)):
        return None
    first = hearing.analytic
    elsewhere = hearing.gradient.at(hearing.other)
    kept = np.concatenate([np.ravel(part).astype(float) for part in first.raw])
    if not np.array_equal(kept, first.flat, equal_nan=True):
        told = "a second call overwrites the array that the first one returned"
        return found("aliased_buffer", "fail", Evidence(told, (), {"shares": "buffer"}))
    if isinstance(elsewhere, Answer) and elsewhere.same_as(first) and not hearing.sparing:
        return _frozen(hearing)
    return None


def _reused(hearing: Hearing) -> bool:
    """Say whether another call at x returned memory that the first one had returned."""
    return hearing.again is not None and _share(hearing.again.raw, hearing.analytic.raw)


def _frozen(hearing: Hearing) -> Finding | None:
    """The gradient is right at x, and the same at another point, where it is wrong."""
    g, problem = hearing.analytic.flat, hearing.problem
    way = np.where(g < 0, -1.0, 1.0) * np.where(problem.x == 0, 1.0, np.abs(problem.x))
    way = way.astype(problem.dtype)
    if not np.all(np.isfinite(g)):
        return None
    here = finite.directional(problem.known_at, problem.x, way)
    there = finite.directional(problem.at, hearing.other, way)
    if abs(here.value - g @ way) > 3 * here.error:
        return None
    gap = abs(there.value - g @ way)
    if not gap > 10 * (there.error + here.error):
        return None
    told = "the gradient at another point is the one of x again, and wrong there: it was kept"
    return found("stale_state", "fail", Evidence(told, (), {"change": float(gap)}))


def _share(some: Any, others: Any) -> bool:
    pairs = itertools.product(_arrays(some), _arrays(others))
    return any(np.may_share_memory(a, b) for a, b in pairs)


def _arrays(nest: Any) -> list[np.ndarray]:
    return [leaf for _, leaf in leaves(nest) if isinstance(leaf, np.ndarray)]


Test = Callable[[Hearing], Finding | None]

ABOUT_F: tuple[Test, ...] = (
    whole_numbers,
    nonfinite_value,
    changes_by_f,
    repeats_of_f,
)
ABOUT_GRADIENT: tuple[Test, ...] = (
    form_of_gradient,
    changes_by_gradient,
    repeats_of_gradient,
    memory_of_f,
    view_of_argument,
    overwritten_result,
)
