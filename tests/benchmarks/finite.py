"""Finite differences: accuracy on a wide table, and what the error bars are worth.

The table has thirty functions: smooth, badly scaled, oscillating, near singularities,
in float32, noisy. The points are random: 2000 of twenty families that the constants rest
on (with other points), 2100 of harder families and 1200 of families with cancellation
that rules were found by, and 1000 of ten that nothing rests on. Judges are derivatives
with 30 digits.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

import mpmath
import numpy as np

from diffkit.finite import derivative

from ..finite_cases import CANCELLING, CASES, FAMILIES, HELD_OUT, MORE_FAMILIES
from .findings import Finding, not_installed
from .harness import FULL, Effort
from .peers import peer

POINTS = 100  # of each family
SEED = 97  # another one than was used for choosing constants
SETS = {
    "20 families": FAMILIES,
    "21 harder": MORE_FAMILIES,
    "12 cancelling": CANCELLING,
    "10 held out": HELD_OUT,
}
SLOW = 0.1  # of the points for numdifftools, which takes 3 ms each


class Answer(NamedTuple):
    """A derivative, its error bar, and the calls of f."""

    value: float
    error: float
    calls: float


class Judged(NamedTuple):
    """Answers of one engine: their errors, error bars and calls, and the sizes of the slopes."""

    errors: np.ndarray
    bars: np.ndarray
    calls: np.ndarray
    slopes: np.ndarray

    @property
    def relative(self) -> np.ndarray:
        """Relative errors, inf where there is no answer."""
        return np.nan_to_num(self.errors / abs(self.slopes), nan=np.inf)

    @property
    def answered(self) -> np.ndarray:
        """Where there is an answer."""
        return np.isfinite(self.errors)

    @property
    def covered(self) -> np.ndarray:
        """Whether the bar reaches the truth, for each answer."""
        return (self.errors <= self.bars)[self.answered]

    @property
    def width(self) -> float:
        """Median of error bar over error."""
        return float(np.nanmedian(self.bars / np.maximum(self.errors, 1e-300)))


# -- engines -----------------------------------------------------------------------


def ours(f: Callable, x: Any, guard: bool) -> Answer:
    """Return the adaptive default."""
    found = derivative(f, x, guard=guard)
    return Answer(float(found), found.error, found.evaluations)


def scipys(f: Callable, x: Any) -> Answer:
    """Return scipy.differentiate's answer."""
    found = peer("scipy.differentiate").derivative(f, np.asarray(x))
    return Answer(float(found.df), float(found.error), float(found.nfev))


def numdifftools(f: Callable, x: Any) -> Answer:
    """Return numdifftools' answer."""
    calls = 0

    def counted(x: Any) -> Any:
        nonlocal calls
        calls += np.size(x)
        return f(x)

    found = peer("numdifftools").Derivative(counted, full_output=True)(x)
    value, error = found[:2] if len(found) > 2 else (found[0], found[1].error_estimate)
    return Answer(float(np.ravel(value)[0]), float(np.ravel(error)[0]), calls)


def engines() -> dict[str, Callable | None]:
    """Return ours, with and without the guard, and the peers that are installed."""
    return {
        "diffkit": partial(ours, guard=False),
        "diffkit, guard": partial(ours, guard=True),
        "scipy.differentiate": scipys if peer("scipy.differentiate") else None,
        "numdifftools": numdifftools if peer("numdifftools") else None,
    }


# -- judging -----------------------------------------------------------------------


def judged(engine: Callable, questions: Sequence[tuple[Callable, Any, mpmath.mpf]]) -> Judged:
    """Ask an engine for every derivative; an exception is no answer."""
    rows = []
    for f, x, slope in questions:
        answer = _asked(engine, f, x)
        with mpmath.workdps(30):
            error = float(abs(mpmath.mpf(answer.value) - slope))
        rows.append((error, answer.error, answer.calls, float(slope)))
    return Judged(*np.array(rows).T)


def _asked(engine: Callable, f: Callable, x: Any) -> Answer:
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            return engine(f, x)
        except Exception:
            return Answer(np.nan, np.nan, np.nan)


def table() -> list[tuple[Callable, Any, mpmath.mpf]]:
    """Return the thirty functions, their points and exact slopes."""
    return [(case.f, case.x, case.slope()) for case in CASES]


def points(which: str, each: int) -> list[tuple[Callable, Any, mpmath.mpf]]:
    """Return so many random points of each family."""
    draw, found = np.random.default_rng(SEED), []
    for family in SETS[which]:
        for _ in range(each):
            x = family.point(draw)
            with mpmath.workdps(30):
                found.append((family.f, x, family.slope(mpmath.mpf(x))))
    return found


# -- figures -------------------------------------------------------------------------


def accuracy(effort: Effort) -> list[Finding]:
    """Judge every engine on the table."""
    questions, found = table(), []
    for name, engine in engines().items():
        if engine is None:
            found.append(not_installed(f"{name}: median relative error", ""))
            continue
        found += _accuracy_of(name, judged(engine, questions))
    return found


def _accuracy_of(name: str, result: Judged) -> list[Finding]:
    asked = ASKED.get(name, (None, None, None, None))
    relative, missing = result.relative, int(np.sum(~result.answered))
    note = f"{int(np.sum(result.covered))} of {len(result.covered)} within their error bars"
    return [
        Finding(f"{name}: median relative error", float(np.median(relative)), "", asked[0], note),
        Finding("  not below 1e-10", float(np.sum(relative >= 1e-10)), "of 30", asked[1]),
        Finding("  no answer", float(missing), "of 30", asked[2]),
        Finding("  calls, on average", float(np.nanmean(result.calls)), "", asked[3]),
    ]


# What is asked: median relative error, failures above 1e-10, nan, calls.
ASKED = {"diffkit": (3e-14, 5, 0, 15), "diffkit, guard": (3e-14, 5, 0, 22)}


def coverage(effort: Effort) -> list[Finding]:
    """Judge the error bars of every engine on random points of all families."""
    each, found = POINTS if effort == FULL else POINTS // 10, []
    questions = {which: points(which, each) for which in SETS}
    for name, engine in engines().items():
        if engine is None:
            found.append(not_installed(f"{name}: not covered", "%"))
            continue
        every = round(1 / SLOW) if name == "numdifftools" else 1
        results = {which: judged(engine, some[::every]) for which, some in questions.items()}
        pooled = Judged(*map(np.concatenate, zip(*results.values(), strict=True)))
        found += _coverage_of(f"{name}: not covered", pooled, "diffkit" in name)
        for which, result in results.items():
            found += _coverage_of(f"  {which}", result)[:1]
    return found


def _coverage_of(what: str, result: Judged, is_asked: bool = False) -> list[Finding]:
    missed, accuracy = 100 * (1 - float(np.mean(result.covered))), np.median(result.relative)
    calls = np.nanmean(result.calls)
    note = f"{len(result.covered)} of {len(result.errors)} answered, "
    note += f"median relative error {accuracy:.1e}, {calls:.1f} calls, {result.width:.2g} x wide"
    return [
        Finding(what, missed, "%", 1.0 if is_asked else None, note),
        Finding("  error bar over error, median", result.width, "x", 30.0 if is_asked else None),
    ]
