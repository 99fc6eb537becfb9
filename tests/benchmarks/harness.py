"""Measuring: interleaved times, cold starts, memory, and a check that answers agree.

A busy machine slows everything that runs at the moment. So contenders take
turns in one process, a short block each, and only the ratios within one round
are compared; the median over the rounds is reported.
"""

from __future__ import annotations

import gc
import math
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import repeat
from statistics import median, quantiles
from typing import Any

import numpy as np

BLOCK_SECONDS = 10e-3  # many calls, so that each finds its own data in the caches, as in a loop


@dataclass(frozen=True)
class Effort:
    """How long to measure: rounds of blocks, launches of processes, steps of chains.

    `seconds` is the most that the rounds of one work may take, where works are long.
    """

    rounds: int
    launches: int
    sizes: tuple[int, ...]
    chain_rounds: int
    seconds: float = 30.0


FULL = Effort(rounds=101, launches=21, sizes=(10**4, 10**5, 10**6), chain_rounds=5)
QUICK = Effort(rounds=15, launches=5, sizes=(10**4, 10**5), chain_rounds=3, seconds=4.0)


class AnswersDiffer(Exception):
    """Contenders compute different things: their times say nothing."""


# -- interleaved times -------------------------------------------------------------


@dataclass(frozen=True)
class Contender:
    """A call to time; it returns its answer as a sequence of numbers."""

    name: str
    call: Callable[[], Sequence[Any]]


@dataclass(frozen=True)
class Timing:
    """One contender's share of a competition.

    Attributes
    ----------
    name : str
    seconds : float
        Median time of one call.
    ratio, low, high : float
        Time of the first contender over this one's: median and quartiles over
        the rounds.
    """

    name: str
    seconds: float
    ratio: float
    low: float
    high: float


def compete(
    contenders: Sequence[Contender],
    rounds: int,
    same_answer: bool = True,
    seconds: float = math.inf,
) -> list[Timing]:
    """Time contenders against the first of them, interleaved.

    Parameters
    ----------
    contenders : sequence of Contender
        Ours first.
    rounds : int
        In each every contender runs one block of at least `BLOCK_SECONDS`; the
        order is turned round every time.
    same_answer : bool
        Check that all give the same numbers before timing them.
    seconds : float
        What the rounds may take together; where that is too short for three, three are done.

    Returns
    -------
    list of Timing, in the order of the contenders

    Raises
    ------
    AnswersDiffer
    """
    if same_answer:
        check_agreement(contenders)
    sizes, blocks = zip(*[_filled_block(c.call) for c in contenders], strict=True)
    rounds = max(min(rounds, 3), int(min(rounds, seconds / sum(blocks))))
    gc.collect()
    table = [_round(contenders, sizes, turned=bool(i % 2)) for i in range(rounds)]
    return [_timing(c.name, [(row[0], row[k]) for row in table]) for k, c in enumerate(contenders)]


def check_agreement(contenders: Sequence[Contender], rtol: float = 1e-9) -> None:
    """Raise AnswersDiffer unless all give the numbers that the first one gives."""
    first, *others = [(c.name, [float(v) for v in c.call()]) for c in contenders]
    for name, answer in others:
        if len(answer) != len(first[1]) or not np.allclose(answer, first[1], rtol=rtol, atol=0):
            raise AnswersDiffer(f"{first[0]} gives {first[1]}, {name} gives {answer}")


def _round(contenders: Sequence[Contender], sizes: Sequence[int], turned: bool) -> list[float]:
    """Seconds a call of every contender."""
    seconds = [0.0] * len(sizes)
    order = range(len(sizes))
    for k in reversed(order) if turned else order:
        seconds[k] = _block(contenders[k].call, sizes[k]) / sizes[k]
    return seconds


def _block(call: Callable, number: int) -> float:
    start = time.perf_counter()
    for _ in repeat(None, number):
        call()
    return time.perf_counter() - start


def _filled_block(call: Callable) -> tuple[int, float]:
    """Calls that fill a block, found after warming up, and its seconds."""
    number = 1
    while (seconds := _block(call, number)) < BLOCK_SECONDS:
        number *= 2
    return number, seconds


def _timing(name: str, rounds: list[tuple[float, float]]) -> Timing:
    low, middle, high = quantiles([ours / theirs for ours, theirs in rounds])
    return Timing(name, median(theirs for _, theirs in rounds), middle, low, high)


def stopwatch(function: Callable, *args: Any) -> tuple[float, Any]:
    """Return the seconds of one call, and its result."""
    start = time.perf_counter()
    result = function(*args)
    return time.perf_counter() - start, result


# -- cold starts -------------------------------------------------------------------


def cold_starts(commands: Sequence[Sequence[str]], launches: int) -> list[list[float]]:
    """Time Python started with each of these arguments, interleaved.

    Returns
    -------
    list, one entry a launch: the wall seconds of every command

    Raises
    ------
    CalledProcessError
        If a command fails.
    """
    for command in commands:
        _launch(command)  # bytecode and disk cache are warm from here on
    return [[_launch(command) for command in commands] for _ in range(launches)]


def _launch(arguments: Sequence[str]) -> float:
    command = [sys.executable, *arguments]
    return stopwatch(lambda: subprocess.run(command, check=True, capture_output=True))[0]


# -- memory ------------------------------------------------------------------------


def bytes_held(make: Callable[[], Any]) -> int:
    """Return the bytes that are still allocated while the result of `make` is held."""
    gc.collect()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        result = make()
        gc.collect()
        held = tracemalloc.get_traced_memory()[0] - before
        del result
        return held
    finally:
        tracemalloc.stop()
