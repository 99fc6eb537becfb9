"""Questions to SymPy, one after another, in a process that each of them may cost its life."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

from ..symbolic.budget import stream_from_process


def asked_one_by_one(
    work: Callable, common: tuple, left: list[Any], budget: float
) -> Iterator[tuple[Any, Any, str]]:
    """Yield (task, answer, status) for each task; the answer is None where there is none.

    Parameters
    ----------
    work : callable, (*common, tasks) -> iterator of answers
        Importable by name; runs in the child.
    common : tuple
    left : list of tasks
        Emptied from the front; whoever iterates may take out tasks to come.
    budget : float
        Seconds for each task; 0 asks nothing.
    """
    while left:
        if not budget:
            yield left.pop(0), None, "not asked: the budget is 0 s"
            continue
        try:
            with closing(stream_from_process(work, (*common, tuple(left)), budget)) as answers:
                for answer in answers:
                    yield left.pop(0), answer, "done"
        except TimeoutError:
            yield left.pop(0), None, f"did not finish in {budget:g} s"
        except RuntimeError as crash:  # it ran out of memory or stack
            yield left.pop(0), None, str(crash).strip()
