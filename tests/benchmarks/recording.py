"""A chain of up to a million steps: what recording it costs, and what follows.

Python's garbage collector stays on, as users have it: it is what makes many
small objects superlinear where they are.
"""

from __future__ import annotations

import gc
import pickle
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

import diffkit as dk
from diffkit.core.program import Program
from diffkit.core.sweeps import recorded
from diffkit.core.tracing import Tape

from .findings import Finding
from .harness import Contender, Effort, bytes_held, compete, stopwatch

FACTOR = 1.0000001  # near 1: a million of them stay finite
BYTES_ASKED = 400
GROWTH_ASKED = 1.5


def chain(steps: int) -> Callable:
    """Return the function that multiplies by `FACTOR` that many times."""

    def function(x: Any) -> Any:
        for _ in range(steps):
            x = x * FACTOR
        return x

    return function


def tape_of(steps: int) -> Tape:
    """Record the chain as `dk.grad` does."""
    return recorded(chain(steps), [np.float64(1.0)])[0]


def lowered(steps: int) -> Program:
    """Record the chain as a Program, with names."""
    return dk.lower(chain(steps), 1.0)


def recording(effort: Effort) -> list[Finding]:
    """Bytes and time a step of tapes, gradients and Programs; then a Program's uses."""
    sizes, rounds = effort.sizes, effort.chain_rounds
    return [
        *_bytes("tape", tape_of, sizes, BYTES_ASKED),
        *_times("tape", tape_of, sizes, rounds, GROWTH_ASKED),
        *_times("gradient", _gradient, sizes, rounds, GROWTH_ASKED),
        *_bytes("Program", lowered, sizes),
        *_times("dk.lower", lowered, sizes, max(2, rounds // 2)),
        *_uses(sizes[-1]),
    ]


def _gradient(steps: int) -> Any:
    return dk.grad(chain(steps))(1.0)


def _bytes(
    what: str, make: Callable, sizes: tuple[int, ...], asked: float | None = None
) -> list[Finding]:
    return [
        Finding(f"{what}, {n:,} steps", bytes_held(partial(make, n)) / n, "bytes/step", asked)
        for n in sizes
    ]


def _times(
    what: str, make: Callable, sizes: tuple[int, ...], rounds: int, asked: float | None = None
) -> list[Finding]:
    """Time a step at each size, and its growth from the shortest chain to the longest."""
    calls = [Contender(f"{n}", partial(make, n)) for n in reversed(sizes)]
    timings = compete(calls, rounds, same_answer=False)[::-1]
    growth = timings[0].ratio * sizes[0] / sizes[-1]
    return [
        *[
            Finding(f"{what}, {n:,} steps", 1e6 * t.seconds / n, "us/step")
            for n, t in zip(sizes, timings, strict=True)
        ],
        Finding(f"{what}, time a step, longest over shortest", growth, "x", asked),
    ]


def _uses(steps: int) -> list[Finding]:
    """One look each at what is done with a long Program."""
    program = lowered(steps)
    uses: dict[str, Callable[[], Any]] = {
        "replay": lambda: program(1.0),
        "str": lambda: str(program),
        "pickle and back": lambda: pickle.loads(pickle.dumps(program)),
        "garbage collection with it alive": gc.collect,
        "adjoint": program.adjoint,
    }
    return [
        Finding(f"Program of {steps:,} steps: {name}", stopwatch(use)[0], "s")
        for name, use in uses.items()
    ]
