"""A work that we do and others do too: all must agree before anybody is timed.

They take turns within one process, with one thread each.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from . import rivals
from .findings import Finding, not_installed
from .harness import AnswersDiffer, Contender, Effort, Timing, compete

FUNCTION = "the function in NumPy"


@dataclass
class Work:
    """Something to compute, by us and by others.

    Attributes
    ----------
    what : str
    ours : callable
    peers : dict, name -> callable, or None where it is not installed
    asked : list of (names, ratio)
        Our time over that of the fastest of these peers; None is only reported.
    function : callable, optional
        What is differentiated, in NumPy: a gradient is to cost a few of it.
    functions : float, optional
        How many of it are asked at most.
    note : str
    """

    what: str
    ours: Callable
    peers: dict[str, Callable | None]
    asked: list[tuple[Sequence[str], float | None]] = field(default_factory=list)
    function: Callable | None = None
    functions: float | None = None
    note: str = ""


def measured(makers: Iterable[Callable[[Effort], Work]], effort: Effort) -> Iterator[Finding]:
    """Measure one work after the other."""
    for make in makers:
        work = make(effort)
        print(f"  {work.what} ...", file=sys.stderr, flush=True)
        yield from _measured(work, effort)


def _measured(work: Work, effort: Effort) -> Iterator[Finding]:
    peers = {name: call for name, call in work.peers.items() if call is not None}
    _check(work.what, work.ours, peers)
    asked = list(work.asked)
    if work.function is not None:
        peers[FUNCTION] = work.function
        asked.append(([FUNCTION], work.functions))
    calls = [Contender("diffkit", work.ours), *[Contender(n, c) for n, c in peers.items()]]
    timings = compete(calls, effort.rounds, same_answer=False, seconds=effort.seconds)
    found = {timing.name: timing for timing in timings}
    yield Finding(work.what, *scaled(timings[0].seconds), note=work.note)
    for names, ratio in asked:
        yield _against(names, ratio, found)


def scaled(seconds: float) -> tuple[float, str]:
    """Return a time as a number from 1 to 1000 and its unit."""
    for factor, unit in ((1e6, "us"), (1e3, "ms")):
        if seconds * factor < 1000:
            return seconds * factor, unit
    return seconds, "s"


def _against(names: Sequence[str], asked: float | None, found: dict[str, Timing]) -> Finding:
    """Our time over that of the fastest of these."""
    there = [found[name] for name in names if name in found]
    what = f"  time over that of {' | '.join(names)}"
    if not there:
        return not_installed(what, "x", asked)
    best = min(there, key=lambda timing: timing.seconds)
    told = ", ".join("{} {:.3g} {}".format(t.name, *scaled(t.seconds)) for t in there)
    note = f"{told}; quartiles {best.low:.3g} {best.high:.3g}"
    return Finding(what, best.ratio, "x", asked, note)


def _check(what: str, ours: Callable, peers: dict[str, Callable]) -> None:
    """Raise unless every peer gives our numbers, to 1e-8 of the largest in each array."""
    expected = _numbers(ours())
    for name, call in peers.items():
        answer = _numbers(getattr(call, "as_numpy", call)())
        if len(answer) != len(expected):
            raise AnswersDiffer(f"{what}: {name} gives {len(answer)} arrays for {len(expected)}")
        for mine, theirs in zip(expected, answer, strict=True):
            error = np.max(np.abs(mine - theirs.reshape(mine.shape)))
            if not error <= 1e-8 * max(1.0, np.max(np.abs(mine))):
                raise AnswersDiffer(f"{what}: {name} differs by {error:.1e}")


def _numbers(result: Any) -> list[np.ndarray]:
    return [np.asarray(leaf, dtype=float) for leaf in rivals.leaves(result)]
