"""Second derivatives: a Hessian, or a function that multiplies with it, against differences."""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from .. import finite
from ..autodiff import hvp as own_hvp
from ..core.nest import leaves
from .case import Case
from .diagnosis import diagnose
from .findings import VERDICTS, Evidence, Finding, found, worst
from .problem import Block, Names, Problem
from .protocol import of_f
from .readings import DECIDED, rademacher, scales
from .report import GradientReport, Row

SMALL = 20  # entries of x up to which the whole matrix is measured
PAIRS = 8  # pairs of directions beyond that


class PairNames(Names):
    """Names of the entries of a Hessian, such as ``d2f/dx[0]dx[1]``."""

    def __init__(self, names: Names, size: int) -> None:
        super().__init__((Block("the Hessian", (size, size), np.dtype(float), 0),))
        self.names, self.side = names, size

    def __getitem__(self, index: int) -> str:
        i, j = divmod(int(index), self.side)
        return f"d2f/d{self.names[i]}d{self.names[j]}"


class Labels(Names):
    """Names that are given one by one."""

    def __init__(self, labels: list[str]) -> None:
        super().__init__((Block("the Hessian", (len(labels),), np.dtype(float), 0),))
        self.labels = labels

    def __getitem__(self, index: int) -> str:
        return self.labels[int(index)]


def check_second(
    problem: Problem, grad: Any, *, every: bool | None, seed: int, progress: bool
) -> GradientReport:
    """Check second derivatives; the other arguments are those of `gradcheck`."""
    started = time.perf_counter()
    rng = np.random.default_rng(seed)
    second = Second(problem, grad)
    whole = problem.x.size <= SMALL if every is None else every
    goal = 30 * (problem.x.size**2 if whole else 3 * PAIRS)
    case: Case | None = None
    with problem.watched(goal, progress):
        try:
            findings = of_f(problem)
            if worst(findings) == "pass":
                case = _matrix_case(second) if whole else _pair_case(second, rng)
                findings += _judged(case)
        except KeyboardInterrupt:
            findings = [found("unexplained", "inconclusive", Evidence("interrupted"))]
        except FormError as error:
            findings = [error.finding]
    findings.sort(key=lambda finding: -VERDICTS.index(finding.verdict))
    seconds = time.perf_counter() - started
    return _report(problem, second, case, whole, findings, seed, seconds)


class FormError(Exception):
    """The Hessian has no usable form; what is wrong is the finding."""

    def __init__(self, cause: str, told: str, **constants: Any) -> None:
        self.finding = found(cause, "fail", Evidence(told, (), constants))


class Second:
    """The user's second derivatives, as a product and as a matrix."""

    def __init__(self, problem: Problem, given: Any) -> None:
        self.problem, self.calls = problem, 0
        self.given = self._own if given is None else given
        self.is_product = callable(self.given) and _parameters(self.given) == 2
        self._matrix: np.ndarray | None = None

    def _own(self, x: Any, v: Any) -> Any:
        return own_hvp(self.problem.f, (x,), (v,))

    def times(self, v: np.ndarray) -> np.ndarray:
        """Return H v, flat."""
        if not self.is_product:
            return self.matrix() @ v
        problem = self.problem
        product = self._call(problem.nest_of(problem.x), problem.nest_of(v))
        parts = [np.asarray(part) for _, part in leaves(product)]
        shapes = [part.shape for part in parts]
        if shapes != [block.shape for block in problem.blocks]:
            told = f"the product with the Hessian has the shapes {shapes}, not those of x"
            raise FormError("shape_mismatch", told)
        return np.concatenate([part.ravel().astype(float) for part in parts])

    def matrix(self) -> np.ndarray:
        """Return H, shape (n, n)."""
        if self._matrix is None:
            n = self.problem.x.size
            if self.is_product:
                columns = [self.times(column) for column in np.eye(n)]
                self._matrix = np.stack(columns, axis=1)
            else:
                self._matrix = self._assembled(n)
        return self._matrix

    def _assembled(self, n: int) -> np.ndarray:
        """Return the matrix from (n, n), x.shape * 2, or a nest of nests of blocks."""
        is_function = callable(self.given)
        given = self._call(self.problem.nest_of(self.problem.x)) if is_function else self.given
        parts = [np.asarray(part) for _, part in leaves(given)]
        blocks = self.problem.blocks
        if len(parts) == 1 and parts[0].size == n * n and parts[0].dtype.kind in "fiub":
            return parts[0].reshape(n, n).astype(float)
        pairs = [(one, two) for one in blocks for two in blocks]
        if [part.shape for part in parts] != [one.shape + two.shape for one, two in pairs]:
            told = f"the Hessian has the shapes {[part.shape for part in parts]}; give ({n}, {n})"
            raise FormError("shape_mismatch", told)
        matrix = np.empty((n, n))
        for (one, two), part in zip(pairs, parts, strict=True):
            matrix[one.slice, two.slice] = part.reshape(one.size, two.size)
        return matrix

    def _call(self, *nests: Any) -> Any:
        self.calls += 1
        try:
            with np.errstate(all="ignore"):
                return self.given(*nests)
        except Exception as error:
            if self.given == self._own:
                raise
            told = f"the second derivative raised {type(error).__name__}: {error}"
            raise FormError("unexplained", told, exception=repr(error)) from None


def _parameters(function: Callable) -> int:
    """Count the parameters of a function that have no default."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return 1
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return sum(p.kind in positional and p.default is p.empty for p in parameters)


def _matrix_case(second: Second) -> Case:
    problem = second.problem
    n, analytic = problem.x.size, second.matrix()
    measured = finite.hessian(problem.known_at, problem.x)
    numeric = np.asarray(measured.value, float).reshape(n, n)
    error = np.where(np.isfinite(numeric), np.reshape(measured.error, (n, n)), np.inf)
    names = PairNames(problem.names, n)
    return Case(analytic.ravel(), numeric.ravel(), error.ravel(), np.zeros(n * n), names)


def _pair_case(second: Second, rng: np.random.Generator) -> Case:
    """Compare u'Hv for pairs of random directions."""
    problem = second.problem
    sizes = scales(problem)
    rows = []
    for _ in range(PAIRS):
        u, v = rademacher(sizes, rng), rademacher(sizes, rng)
        measured = finite.hessian(_plane(problem, u, v), np.zeros(2))[0, 1]
        rows.append((float(u @ second.times(v)), float(measured.value), float(measured.error)))
    analytic, numeric, error = np.array(rows).T
    labels = [f"directions {2 * k + 1}, {2 * k + 2}" for k in range(PAIRS)]
    return Case(analytic, numeric, error, np.zeros(PAIRS), Labels(labels))


def _plane(problem: Problem, u: np.ndarray, v: np.ndarray) -> Callable:
    return lambda t: problem.known_at((problem.x + t[0] * u + t[1] * v).astype(problem.dtype))


def _judged(case: Case) -> list[Finding]:
    if not np.all(np.isfinite(case.analytic)):
        names = tuple(case.names[int(i)] for i in np.flatnonzero(~np.isfinite(case.analytic))[:8])
        return [found("nonfinite", "fail", Evidence(f"{names[0]} is not finite", names))]
    if np.any(case.bad):
        result = diagnose(case)
        if result:
            return [found(result[0], "fail", _about_hessian(result[1]))]
        names = tuple(case.names[int(i)] for i in np.flatnonzero(case.bad)[:8])
        told = f"{int(np.sum(case.bad))} of {case.x.size} second derivatives are wrong"
        return [found("unexplained", "fail", Evidence(told + _asymmetry(case), names))]
    if not np.any(case.analytic):
        told = "the Hessian is 0 everywhere, and so are the differences: this tests nothing"
        return [found("vacuous", "pass", Evidence(told))]
    share = float(np.max(case.error) / np.max(np.abs(case.numeric)))
    if share > 100 * DECIDED:  # second differences have half the digits of first ones
        told = f"the second differences have error bars of {share:.1g} of the Hessian"
        return [found("noise_floor", "inconclusive", Evidence(told, (), {"share": share}))]
    return []


def _about_hessian(evidence: Evidence) -> Evidence:
    told = evidence.told.replace("the gradient", "the Hessian")
    return Evidence(told, evidence.where, evidence.constants)


def _asymmetry(case: Case) -> str:
    if not isinstance(case.names, PairNames):
        return ""
    matrix = case.analytic.reshape(case.names.side, -1)
    return "" if np.allclose(matrix, matrix.T) else ", and the matrix is not symmetric"


def _report(
    problem: Problem,
    second: Second,
    case: Case | None,
    whole: bool,
    findings: list[Finding],
    seed: int,
    seconds: float,
) -> GradientReport:
    side = (problem.x.size, problem.x.size)
    parts: list[Any] = [None] * 3
    if case is not None and whole:
        parts = [v.reshape(side) for v in (case.analytic, case.numeric, case.error)]
    return GradientReport(
        findings=tuple(findings),
        analytic=parts[0],
        numeric=parts[1],
        error=parts[2],
        rows=() if case is None else tuple(_rows(case)),
        evaluations=problem.evaluations,
        gradient_evaluations=second.calls,
        seed=seed,
        seconds=seconds,
        problem=problem,
    )


def _rows(case: Case) -> Iterator[Row]:
    for i, wrong in enumerate(case.bad):
        verdict = "wrong" if wrong else "right" if np.isfinite(case.error[i]) else "unknown"
        analytic, numeric, error = case.analytic[i], case.numeric[i], case.error[i]
        yield Row(case.names[i], -1, float(analytic), float(numeric), float(error), verdict)
