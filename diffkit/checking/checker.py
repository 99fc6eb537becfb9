"""gradcheck: protocol, numbers, judgement, report."""

from __future__ import annotations

import secrets
import time
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from ..autodiff import grad as reverse
from ..errors import ArgumentError, ZeroGradientWarning
from .findings import VERDICTS, Evidence, Finding, found, worst
from .gradients import Gradient
from .judgement import judge
from .problem import Problem
from .protocol import Hearing, hear, spread_of_f
from .readings import Reading, read_entry, survey
from .report import GradientReport, Row
from .second import check_second
from .trial import Trial

SMALL = 256  # entries up to which each is measured by itself


def gradcheck(
    f: Callable,
    x: Any,
    grad: Any = None,
    *,
    order: int = 1,
    every: bool | None = None,
    seed: int | None = None,
    name: str | None = None,
    progress: bool = True,
) -> GradientReport:
    """Check a gradient against finite differences, and name what is wrong with it.

    Parameters
    ----------
    f : callable, nest -> number
        Any function: NumPy, or another library behind a NumPy face. It gets fresh
        copies of x; exceptions near x count as the edge of its domain.
    x : number, array, or lists, tuples and dicts of them
        Integers are taken as float64.
    grad : callable, array or nest, optional
        The gradient to check: a function of x, or its value at x. By default
        diffkit's own reverse mode is what is checked.
    order : 1 or 2
        2 checks second derivatives: `grad` is then the function (or value) of the
        Hessian, or a function hvp(x, v).
    every : bool, optional
        Measure every entry (True) or along random directions (False). By default
        every entry up to 256 of them.
    seed : int, optional
        For the random directions; a fresh one by default. The report shows it.
    name : str, optional
        What the report calls x; by default the first parameter of f.
    progress : bool
        Show progress on stderr after two seconds. Ctrl-C ends the measuring and
        gives the report on what was measured.

    Returns
    -------
    GradientReport: true if the gradient passed; printing it shows the diagnosis

    Raises
    ------
    NonScalarOutput, NotDifferentiable
        If f does not return one real number, or x does not hold real numbers.
    ArgumentError
        If x is empty, or order or seed cannot be used.

    References
    ----------
    Griewank & Walther, Evaluating Derivatives, 2nd ed., section 1; Moré & Wild,
    Estimating computational noise, SIAM J. Sci. Comput. 33 (2011).

    Examples
    --------
    >>> import numpy as np
    >>> report = gradcheck(lambda w: np.sum(w**2), np.array([1.0, 2.0, 3.0]), lambda w: w)
    >>> report.verdict, report.cause
    ('fail', 'constant_factor')
    >>> print(report.findings[0].message)
    the gradient is 0.5 times the true one in every component: is the factor 2 of a square missing?
    """
    if order not in (1, 2):
        raise ArgumentError(f"order is 1 or 2, not {order!r}")
    seed = _seed(seed)
    problem = Problem(f, x, name)
    if order == 2:
        return check_second(problem, grad, every=every, seed=seed, progress=progress)
    started = time.perf_counter()
    gradient = Gradient(problem, own_gradient(f) if grad is None else grad, own=grad is None)
    session = _Session(problem, gradient, np.random.default_rng(seed), every)
    with problem.watched(session.goal, progress):
        session.run()
    return _report(session, seed, time.perf_counter() - started)


def _seed(given: Any) -> int:
    if given is None:
        return secrets.randbits(32)
    if not isinstance(given, (int, np.integer)) or given < 0:
        raise ArgumentError(f"seed is a whole number from 0 on, not {given!r:.60}")
    return int(given)


def own_gradient(f: Callable) -> Callable:
    """Return the gradient of f by diffkit's reverse mode."""
    slope = reverse(f)

    def gradient(x: Any) -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ZeroGradientWarning)
            return slope(x)

    return gradient


class _Session:
    """One check, from the first call to the last finding."""

    def __init__(
        self, problem: Problem, gradient: Gradient, rng: np.random.Generator, every: bool | None
    ) -> None:
        self.problem, self.gradient, self.rng = problem, gradient, rng
        self.by_entry = problem.x.size <= SMALL if every is None else every
        self.findings: list[Finding] = []
        self.readings: list[Reading] = []
        self.hearing: Hearing | None = None

    @property
    def goal(self) -> int:
        """About how many calls of f there will be."""
        return 20 * self.problem.x.size + 10 if self.by_entry else 60

    def run(self) -> None:
        """Run all stages; an interrupt ends the measuring, not the judging."""
        try:
            self.hearing = hear(self.problem, self.gradient, self.rng, sparing=not self.by_entry)
            self.findings += self.hearing.findings
            if worst(self.findings) == "pass":
                self._measure()
                self.findings += self._spread() + self._judgement()
        except KeyboardInterrupt:
            self.findings += [*self._partial(), self._interrupt()]
        self.findings.sort(key=lambda finding: -VERDICTS.index(finding.verdict))

    def _measure(self) -> None:
        assert self.hearing is not None
        if self.by_entry:
            for i in range(self.problem.x.size):
                self.readings.append(read_entry(self.problem, i))
            return
        analytic = self.hearing.analytic.flat
        if not np.all(np.isfinite(analytic)):
            self.readings.append(read_entry(self.problem, int(np.argmin(np.isfinite(analytic)))))
        else:
            survey(self.problem, analytic, self.rng, self.readings)

    def _spread(self) -> list[Finding]:
        """Call f once more at x: after so many calls, what happens rarely has happened."""
        finding = spread_of_f(self.problem, [self.problem.at(self.problem.x)])
        return [finding] if finding else []

    def _judgement(self) -> list[Finding]:
        assert self.hearing is not None
        return judge(Trial(self.problem, self.hearing.analytic, self.readings, self.rng))

    def _partial(self) -> list[Finding]:
        """Judge what was measured before an interrupt, if there is something that is wrong."""
        if not self.readings:
            return []
        return [finding for finding in self._judgement() if finding.verdict == "fail"]

    def _interrupt(self) -> Finding:
        what = f"{self.problem.x.size} entries" if self.by_entry else "8 directions"
        told = f"interrupted after {len(self.readings)} of {what}"
        return found("unexplained", "inconclusive", Evidence(told, (), {"interrupted": True}))


def _report(session: _Session, seed: int, seconds: float) -> GradientReport:
    problem = session.problem
    analytic = session.hearing.answer if session.hearing else None
    numeric, error = np.full(problem.x.size, np.nan), np.full(problem.x.size, np.inf)
    for reading in session.readings:
        if reading.direction is None:
            numeric[reading.index], error[reading.index] = reading.value, reading.error
    return GradientReport(
        findings=tuple(session.findings),
        analytic=None if analytic is None else problem.unflatten(analytic.flat),
        numeric=problem.unflatten(numeric),
        error=problem.unflatten(error),
        rows=() if analytic is None else tuple(_rows(session)),
        evaluations=problem.evaluations,
        gradient_evaluations=session.gradient.calls,
        seed=seed,
        seconds=seconds,
        problem=problem,
    )


def _rows(session: _Session) -> Iterator[Row]:
    assert session.hearing is not None
    trial = Trial(session.problem, session.hearing.analytic, session.readings, session.rng)
    for reading in session.readings:
        a = trial.claimed(reading)
        if not np.isfinite(reading.error):
            verdict = "unknown"
        else:
            verdict = "wrong" if trial.contradicts(reading) else "right"
        yield Row(reading.label, reading.index, a, reading.value, reading.error, verdict)
