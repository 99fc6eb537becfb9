"""Work on many lines: one after the other, or side by side where f likes many points at once.

A job is a computation that can be repeated at no cost, since every value of f is
remembered. Where values are better computed together, jobs stop at the first
missing one; all that is missing is computed in one go, and the jobs start again.
So the numbers do not depend on how f is called.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from .calling import Function
from .ladder import NOWHERE, Outcome
from .lines import Missing, learn

Result = TypeVar("Result")
INTERRUPTED = Outcome(NOWHERE, "interrupted")


def finish(jobs: Sequence[Callable[[], Result]], function: Function) -> list[Result | None]:
    """Return the result of every job.

    At Ctrl-C what is finished is kept, and the rest is None; if nothing is
    finished, KeyboardInterrupt is raised.
    """
    done: dict[int, Result] = {}
    width, function.progress.total = function.how.lines(function.x.size), len(jobs)
    try:
        with function.progress:
            for start in range(0, len(jobs), width):
                _settle(range(start, min(start + width, len(jobs))), jobs, done, function)
    except KeyboardInterrupt:
        if not done:
            raise
    return [done.get(k) for k in range(len(jobs))]


def _settle(
    unsettled: Iterable[int],
    jobs: Sequence[Callable[[], Result]],
    done: dict[int, Result],
    function: Function,
) -> None:
    """Run jobs until none misses a value."""
    while unsettled:
        missing: dict[int, Missing] = {}
        for k in unsettled:
            try:
                done[k] = jobs[k]()
            except Missing as request:
                missing[k] = request
        function.progress.done = len(done)
        if missing:
            learn(list(missing.values()))
        unsettled = list(missing)
