"""Blocks: steps over large arrays that can be taken part by part, so that all stays in cache.

A step over arrays of many megabytes waits for memory. Where several steps follow one
another, and each can be computed by parts of one axis (`ways`), they are done part by
part: all of them on the first few rows, then all of them on the next. What only they
read is never there as a whole. Such steps are a run (`runs`), and here it is decided
which of them are worth a loop, and over how large blocks.
"""

from __future__ import annotations

import math
from typing import Any

from ..core.primitive import Primitive
from ..core.program import Program, Step
from ..core.tracing import Abstract
from .homes import RUN
from .reading import bytes_of, names_in
from .runs import SEED, Growing, Run, Whole
from .storage import Storage

# Bytes. A processor's last cache holds less than LARGE, its second one several blocks of BLOCK.
LARGE, BLOCK, MOST_BLOCK = 24 << 20, 1 << 17, 1 << 20
# Bytes that pass through memory while a NumPy call begins, and while it gets to a piece elsewhere.
CALL, PIECE = 1 << 14, 6 << 10
INNER = 512  # entries next to each other, at least
SHARE = 8  # blocks grow until what each of them repeats is so small a part of what is saved

RUNNING = Primitive(RUN, numpy=None)  # type: ignore[arg-type]


def blocks(program: Program, plan: Storage) -> Program:
    """Return the Program with a step `RUN` for each output of each run that is worth a loop.

    Parameters
    ----------
    program : Program
    plan : Storage
        Where its variables would live without this.
    """
    if not any(bytes_of(step.type) >= SEED for step in program.steps):
        return program
    whole, i = Whole(program, plan), 0
    steps: list[Step] = []
    while i < len(program.steps):
        worth = _best(whole, i)
        stop = worth.run.end if worth else i + 1
        steps += _replaced(worth) if worth and worth.pays() else program.steps[i:stop]
        i = stop
    return Program(program.types, steps, program.outputs, program.structure)


def _best(whole: Whole, i: int) -> _Worth | None:
    """Return the best of the runs that begin with a step, one for each axis."""
    step = whole.steps[i]
    if not isinstance(step.type, Abstract) or whole.written(step.name) < SEED:
        return None
    grown = [Growing(whole, i, axis) for axis in range(len(step.type.shape))]
    found = [_Worth(run) for run in grown if len(run.steps) > 1]
    return max(found, key=lambda worth: worth.gain, default=None)


class _Worth:
    """What a run would gain.

    Attributes
    ----------
    gain : float
        Bytes that need not pass through memory, less what all blocks do again.
    block : int
        How much of the axis is taken at a time.
    """

    def __init__(self, run: Growing) -> None:
        self.run, self.whole = run, run.whole
        outer = {name: bytes_of(self.whole.kind(o)) for name, o in run.inputs.items()}
        inner = {step.name: self.whole.written(step.name) for step in run.steps}
        self._sizes = {**outer, **inner}
        saved, again = self._passed(), self._repeated()
        self.block = self._fitting(saved, again)
        enough = 0 < 2 * self.block <= run.length
        self.gain = saved - again * run.length / self.block if enough else -math.inf

    def pays(self) -> bool:
        """Say whether anything is gained, and the arrays are too large for a cache."""
        return self.gain > 0 and self._memory() >= LARGE

    def _passed(self) -> int:
        """Return the bytes that step by step pass through memory, and in blocks do not."""
        sizes, run = self._sizes, self.run
        written = [step for step in run.steps if sizes[step.name]]
        read = [name for step in written for name in names_in(step.operands)]
        every = sum(sizes[step.name] for step in written) + sum(sizes[name] for name in read)
        return every - sum(sizes[name] for name in [*run.inputs, *run.ends()[0]])

    def _repeated(self) -> int:
        """Return the bytes of each block's calls, of what it reads whole, and adds to totals."""
        whole = sum(size for name, size in self._sizes.items() if self.run.cut[name] is None)
        arrays = [*self.run.inputs, *self.run.ends()[0]]
        pieces = sum(self._around(n)[0] - 1 for n in arrays if self.run.cut[n] is not None)
        return CALL * len(self.run.steps) + PIECE * pieces + 3 * whole

    def _around(self, name: str) -> tuple[int, int]:
        """Return how many entries lie before and after the axis, in an array's memory."""
        shape = self.whole.kind(self.run.inputs.get(name, name)).shape
        home = self.whole.plan.home.get(name)
        order = home.order if home is not None else tuple(range(len(shape)))
        at = order.index(self.run.cut[name])
        return math.prod(shape[a] for a in order[:at]), math.prod(shape[a] for a in order[at + 1 :])

    def _fitting(self, saved: int, again: int) -> int:
        """Return the length of blocks that fit a cache; 0 if none does."""
        length, largest = self.run.length, max(self.run.inside, key=self._sizes.__getitem__)
        row = max(1, self._sizes[largest] // length)
        block = max(BLOCK // row, math.ceil(INNER / self._around(largest)[1]))
        while SHARE * again * length > saved * block and 2 * block * row <= MOST_BLOCK:
            block *= 2
        return block if block * row <= MOST_BLOCK else 0

    def _memory(self) -> int:
        """Return the bytes of all places that the steps would use on whole arrays."""
        plan, places = self.whole.plan, dict[Any, int]()
        for name, size in self._sizes.items():
            root = plan.home[name].root if name in plan.home else name
            while root in plan.same_as:
                root = plan.same_as[root]
            places[root] = max(places.get(root, 0), size)
        return sum(places.values())


def _replaced(worth: _Worth) -> list[Step]:
    """Return what is done instead: steps that came in between, the run, and the others."""
    growing, plan = worth.run, worth.whole.plan
    names, views = growing.ends()
    before, after = growing.others()
    inputs, outputs = growing.inputs, {name: worth.whole.types[name] for name in names}
    cut = {name: growing.cut[name] for name in [*inputs, *[s.name for s in growing.steps]]}
    run = Run(tuple(growing.steps), inputs, outputs, cut, growing.length, worth.block)
    over, operands = growing.replaceable(), tuple(inputs.values())
    results = []
    for name, kind in outputs.items():
        params = {"run": run, "order": plan.home[name].order, "over": over[name]}
        results.append(Step(name, RUNNING, operands, params, kind))
    return [*before, *results, *views, *after]
