"""Swell: how long exact sizes take, and how time and memory grow with the Program."""

from __future__ import annotations

import time
import tracemalloc
from functools import partial

import diffkit as dk
from diffkit.families import FAMILIES
from diffkit.swelling import SwellStudy
from diffkit.swelling.forms import OWN_ROWS

from .findings import Finding
from .harness import Contender, Effort, compete, stopwatch

DEPTH, DEEP, SHORT = 1000, 10_000, 100
TRACED = (4096, 1024)  # a power of two apart, as the sizes of hash tables are
SECONDS_ASKED = 2.0
SYMPY_DEPTH, SYMPY_SECONDS_ASKED = 40, 5.0
GROWTH_ASKED = 1.5
CHAINS = ("softplus", "logistic", "nested_exp")


def swelling(effort: Effort) -> list[Finding]:
    """Seconds of all rows without SymPy; SymPy's own derivative; growth with the steps."""
    return [
        *[_seconds(name, DEPTH, 2, SECONDS_ASKED) for name in FAMILIES],
        *[_seconds(name, DEEP, 1) for name in CHAINS],
        _sympy(),
        *[_growth(name, effort.chain_rounds) for name in CHAINS],
        *[_memory(name) for name in CHAINS],
    ]


def _study(name: str, depth: int) -> SwellStudy:
    return dk.swell_study(name, [depth], rows=OWN_ROWS)


def _seconds(name: str, depth: int, runs: int, asked: float | None = None) -> Finding:
    """Processor time, the best of some runs, the source's reading included."""
    seconds = min(_processor_time(name, depth) for _ in range(runs))
    return Finding(f"{name}, depth {depth:,}: all sizes", seconds, "s of one core", asked)


def _processor_time(name: str, depth: int) -> float:
    started = time.process_time()
    _study(name, depth)
    return time.process_time() - started


def _sympy() -> Finding:
    """Process and import included."""
    ask = partial(dk.swell, FAMILIES["logistic"](SYMPY_DEPTH), "x", rows=["sympy"])
    seconds, report = stopwatch(ask)
    note = f"{report['sympy'].dag_ops:,} as DAG; finding it took {report['sympy'].seconds:.2f} s"
    what = f"logistic, depth {SYMPY_DEPTH}: SymPy's derivative"
    return Finding(what, seconds, "s", SYMPY_SECONDS_ASKED, note)


def _growth(name: str, rounds: int) -> Finding:
    """Time a step at depth 1000 over that at depth 100."""
    calls = [Contender(f"{n}", partial(_study, name, n)) for n in (DEPTH, SHORT)]
    long = compete(calls, rounds, same_answer=False)[1]
    growth = long.ratio * SHORT / DEPTH
    return Finding(f"{name}, time a step, {DEPTH} levels over {SHORT}", growth, "x", GROWTH_ASKED)


def _memory(name: str) -> Finding:
    """Peak memory a step, of a deep study over a shallow one."""
    long, short = TRACED
    growth = _peak(name, long) / _peak(name, short) * short / long
    return Finding(f"{name}, memory a step, {long} levels over {short}", growth, "x", GROWTH_ASKED)


def _peak(name: str, depth: int) -> int:
    tracemalloc.start()
    try:
        _study(name, depth)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
