"""A run: one method on one objective, step by step, recorded and judged."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..errors import ArgumentError, DiffkitError, EvaluationFailed
from . import diagnosis
from .batches import Batches
from .diagnosis import Verdict
from .layout import Layout
from .method import Halt, Method, Move, Status
from .oracle import BudgetSpent, Oracle, Point
from .result import Best, Iterate, Path, Result
from .ways import Objective

CHECKS = (diagnosis.converged, diagnosis.diverged, diagnosis.stalled)


class Run:
    """What happens between the start and the end; iterate to take the steps.

    Attributes
    ----------
    path : Path
    point, previous : Point
        Where it is, and where it was a step ago.
    status : Status or None
        None as long as it goes on; `message` says why it ended.
    result : Result so far
    """

    def __init__(
        self,
        objective: Objective,
        layout: Layout,
        method: Method,
        *,
        steps: int | None = None,
        gtol: float = 0.0,
        checks: Sequence[Callable[[Run], Verdict]] = (),
        batches: Batches | None = None,
        budget: float = np.inf,
        record: bool = True,
    ) -> None:
        self.objective, self.layout, self.method = objective, layout, method
        self.steps, self.gtol, self.checks = steps, gtol, (*CHECKS, *checks)
        self.batches = None if batches is None or batches.whole else batches
        self._feed = None if batches is None else iter(batches)
        self.data = () if batches is None else batches.data
        self.oracle = Oracle(objective, budget, method.uses_gradient)
        self.oracle.gtol = gtol
        self.path = Path(layout, record)
        self.previous: Point | None = None
        self.state: Any = None
        self.status: Status | None = None
        self.message, self.failed, self.interrupted = "", False, False
        self.unchanged, self.turned = 0, False
        self._step: np.ndarray | None = None
        self._started = time.perf_counter()

    # -- what checks look at -------------------------------------------------------------

    @property
    def seconds(self) -> float:
        """Time since the start."""
        return time.perf_counter() - self._started

    @property
    def f(self) -> float:
        """The value now."""
        return self.path.last[0]

    @property
    def gnorm(self) -> float:
        """The length of the gradient now; nan if the method uses none."""
        return self.path.last[1]

    @property
    def first_gnorm(self) -> float:
        """The length of the gradient at the start, or what was asked if that is longer."""
        return max(self.path.first[1], self.gtol, np.finfo(float).tiny)

    # -- the steps -----------------------------------------------------------------------

    def __iter__(self) -> Run:
        return self

    def __next__(self) -> Iterate:
        if self.status is not None:
            raise StopIteration
        try:
            return self._advance() if len(self.path) else self._begin()
        except Halt as halt:
            self.end(halt.status, halt.reason)
        except BudgetSpent:
            budget = f"{self.oracle.budget:g} evaluation{'' if self.oracle.budget == 1 else 's'}"
            self.end(Status.MAX_STEPS, self._told(f"the budget of {budget} is spent"))
        raise StopIteration

    def _begin(self) -> Iterate:
        self._next_batch()
        self.point = self.oracle.at(self.layout.start)
        try:
            with np.errstate(all="ignore"):  # what overflows is told in words
                self.state = self.method.init(self.point)
                probe = self.method.probe(self.point, self.state)
                self._record(self.point, probe, np.nan, 0.0)
        except (DiffkitError, BudgetSpent):
            raise
        except Exception as error:
            shapes = ", ".join(map(str, self.layout.shapes))
            raise EvaluationFailed(
                f"f failed at the start, x0 of shape {shapes}: {_named(error)}"
            ) from error
        if not self._is_finite(self.point, probe):
            self.end(*self._nonfinite(self.point, probe, 0))
        return self._judged()

    def _advance(self) -> Iterate:
        k = len(self.path)
        if self.steps is not None and k > self.steps:
            raise Halt(Status.MAX_STEPS, self._told(f"all {self.steps} steps are done"))
        try:
            move, probe = self._moved(last=k == self.steps)
            finite = self._is_finite(move.point, probe)
        except (Halt, BudgetSpent):
            raise
        except DiffkitError as error:
            error.result = self._result_after(error)
            error.add_note(f"at step {k} of {self.method!r}; the result so far is in .result")
            raise
        except Exception as error:
            failure = EvaluationFailed(
                f"at step {k}, after {self.objective.calls} calls of f: {_named(error)}; "
                "the result so far is in .result, the path in .result.path"
            )
            failure.result = self._result_after(error)
            raise failure from error
        if not finite:
            raise Halt(*self._nonfinite(move.point, probe, k))
        length = self._note(move.point, probe)
        self.previous, self.point, self.state = self.point, move.point, move.state
        self._record(move.point, probe, move.lr, length)
        return self._judged()

    def _moved(self, last: bool) -> tuple[Move, Point]:
        """Take a step; look at the point there with the next batch, and where it looks."""
        try:
            with np.errstate(all="ignore"):  # what overflows is told in words
                move = self.method.step(self.point, self.state)
        except Halt as halt:
            raise Halt(halt.status, f"{halt.reason}; {diagnosis.slope(self)}") from None
        if not last and not self._next_batch():
            raise Halt(Status.MAX_STEPS, self._told("all epochs are done"))
        if move.point.batch is not self.oracle.batch:
            move = move._replace(point=self.oracle.at(move.point.x))
        return move, self.method.probe(move.point, move.state)

    def _next_batch(self) -> bool:
        """Fetch the batch of the next step; say whether there is one."""
        if self._feed is None:
            return True
        batch = next(self._feed, None)
        if batch is not None:
            self.oracle.batch = batch
        return batch is not None

    def _is_finite(self, point: Point, probe: Point) -> bool:
        if self.method.uses_gradient and not math.isfinite(probe.gnorm):
            return False
        return math.isfinite(point.f)

    def _nonfinite(self, point: Point, probe: Point, k: int) -> tuple[Status, str]:
        g = probe.g if self.method.uses_gradient else None
        return diagnosis.nonfinite(self, k, point.f, g)

    def _note(self, point: Point, probe: Point) -> float:
        """Count steps without change, see whether this one turned back; return its length."""
        step = point.x - self.point.x
        f, length = self.f, self.gnorm
        same = abs(point.f - f) <= diagnosis.SAME * abs(f)
        if self.method.uses_gradient:
            same &= abs(probe.gnorm - length) <= diagnosis.SAME * length
        self.unchanged = self.unchanged + 1 if same else 0
        self.turned = self._step is not None and float(step @ self._step) < 0
        self._step = step
        return float(np.linalg.norm(step))

    def _record(self, point: Point, probe: Point, lr: float, length: float) -> None:
        gnorm = probe.gnorm if self.method.uses_gradient else np.nan
        row = (point.f, gnorm, lr, length)
        self.path.add(point.x, (*row, *max(point.counts, probe.counts)))

    def _judged(self) -> Iterate:
        for check in self.checks:
            verdict = check(self) if self.status is None else None
            if verdict:
                self.end(*verdict)
        return self.iterate

    @property
    def iterate(self) -> Iterate:
        """The last point, as a record."""
        f, gnorm, lr, length, nfev, njev, _ = self.path.last
        x = self.layout.unravel(self.point.x.copy())
        return Iterate(len(self.path) - 1, x, f, gnorm, lr, length, nfev, njev, self.state)

    # -- the end -------------------------------------------------------------------------

    def end(self, status: Status, message: str) -> None:
        """Note how it ended."""
        self.status, self.message = status, message

    def _told(self, what: str) -> str:
        asked = f" (asked: {self.gtol:.3g})" if self.gtol and self.method.uses_gradient else ""
        return f"{what}; {diagnosis.slope(self)}{asked}{diagnosis.trend(self)}"

    def _result_after(self, error: Exception) -> Result:
        self.end(Status.STOPPED, f"f raised {_named(error)}; {diagnosis.slope(self)}")
        self.failed = True
        return self.result

    def __repr__(self) -> str:
        if not len(self.path):
            return f"Run of {self.method!r}, not yet begun"
        return f"Run of {self.method!r}\n{self.iterate!r}\n{self.status or 'it can go on'}"

    @property
    def result(self) -> Result:
        """What there is so far."""
        if not len(self.path):
            raise ArgumentError("there is no result before the first step; call next() on it")
        x, path = self.point.x, self.path
        unravel = self.layout.unravel
        best = Best(path.lowest, unravel(path.lowest_vector.copy()), float(path.f[path.lowest]))
        slope = self.point.known_slope
        whole = self.batches is not None and not self.failed
        return Result(
            x=unravel(x.copy()),
            fun=self.objective.value(x, self.data) if whole else self.f,
            jac=None if slope is None else unravel(slope.copy()),
            success=self.status is Status.CONVERGED,
            status=self.status or Status.STOPPED,
            message=f"{self.status or Status.STOPPED}: {self.message or 'it can go on'}",
            nit=len(path) - 1,
            nfev=self.objective.calls,
            njev=self.objective.slopes,
            nhev=self.oracle.nhev,
            nhvp=self.oracle.nhvp,
            path=path,
            best=best,
            method=self.method,
            objective=self.objective,
            seconds=self.seconds,
            interrupted=self.interrupted,
            data=self.data,
        )


def _named(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
