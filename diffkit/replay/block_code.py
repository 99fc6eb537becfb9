"""How a run of steps (`blocks`) is written: a function of a block, and a loop that calls it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np

from ..core.program import Program, Step
from ..core.tracing import Abstract, abstract_of
from .homes import RUN, Given
from .reading import names_in
from .routine import Statement
from .runs import Run
from .text import indented, length
from .ways import COMBINED

if TYPE_CHECKING:
    from .array_code import ArrayCode

_NEUTRAL = {"add": "0", "multiply": "1", "maximum": "-inf", "minimum": "inf"}


def cut(make: Callable[[int], Callable], length: int, block: int) -> list[tuple[Callable, slice]]:
    """Return, for each block of an axis, the function that computes it and where it lies."""
    of = {n: make(n) for n in {block, length % block} if n}
    starts = range(0, length, block)
    return [(of[min(block, length - i)], slice(i, min(length, i + block))) for i in starts]


def local_names(program: Program) -> Iterator[str]:
    """Return all names inside of the runs of a program."""
    for step in program.steps:
        if step.primitive.name == RUN:
            run = step.params["run"]
            yield from run.inputs
            yield from [inner.name for inner in run.steps if inner.name not in run.outputs]


def write_run(code: ArrayCode, step: Step) -> None:
    """Write the loop, once all the arrays that it writes into are there."""
    run = step.params["run"]
    if step.name == list(run.outputs)[-1]:
        _Loop(code, run).write()


class _Loop:
    """The text of one run."""

    def __init__(self, code: ArrayCode, run: Run) -> None:
        self.code, self.run = code, run
        self.names, self.routine = code.names, code.routine
        self.length = length(run.block, self.names.extra("n"))
        self.block = self.names.extra("block")
        self.inner = self._inner()
        self.along = {name: self._target(name) for name in run.outputs if self._is_along(name)}
        others = [name for name in run.outputs if not self._is_along(name)]
        self.totals = {name: self.names.extra(f"{self.names[name]}_total") for name in others}
        self.ufunc = {s.name: COMBINED.get(s.primitive.name, "") for s in run.steps}

    def write(self) -> None:
        """Write the function of a block, and the loop that calls it."""
        make, parts = self.names.extra("blocks"), self.names.extra("parts")
        self.routine.setup += self._function(make)
        said = f"{make}, {self.run.length}, {self.run.block}"
        self.routine.setup.append(f"{parts} = {self.code.constant(cut, 'cut')}({said})")
        for name in self.totals:
            self._do(f"{self._total(name)}.fill({_NEUTRAL[self.ufunc[name]]})")
        self._do(self._loop(parts))
        for name in self.totals:
            if self._is_number(name):
                kind = self.code.numpy(self.run.outputs[name].dtype.type.__name__)
                target = self.names[name]
                text = f"{target} = {kind}({self.totals[name]})"
                self.routine.body.append(Statement(text, target, ()))

    def _is_along(self, name: str) -> bool:
        return self.run.cut[name] is not None

    def _is_number(self, name: str) -> bool:
        return self.run.outputs[name].shape == ()

    def _do(self, text: str) -> None:
        reads = [self.names[o] for o in names_in(self.run.inputs.values())]
        reads += [self.names[o] for o in self.run.outputs if not self._is_number(o)]
        self.routine.body.append(Statement(text, None, tuple(reads)))

    # -- the function of a block ---------------------------------------------------------

    def _inner(self) -> ArrayCode:
        """Return what writes the steps, over parts of all variables that are cut."""
        run, home = self.run, self.code.storage.home
        given = {name: self._given(name) for name in run.outputs if self._is_along(name)}
        inputs = {}
        for name, operand in run.inputs.items():
            kind = self.code.types[name] if operand.__class__ is str else abstract_of(operand)
            inputs[name] = self._part(name, kind)
            if operand.__class__ is str:
                given[name] = Given(home[operand].order, False)
        steps = [step._replace(type=self._part(step.name, step.type)) for step in run.steps]
        inner = self.code.within(Program(inputs, steps, run.outputs), given)
        for name, kept in inner.storage.home.items():
            if kept.kind == "result":  # copied or added to a total at once: a buffer will do
                inner.storage.home[name] = kept._replace(kind="place")
        return inner

    def _given(self, name: str) -> Given:
        """Say how parts of a result lie: together, if the axis is the outermost."""
        home = self.code.storage.home[name]
        return Given(home.order, home.contiguous and self.run.cut[name] == 0)

    def _part(self, name: str, kind: Abstract) -> Abstract:
        """Return the type of a part of a variable."""
        axis = self.run.cut[name]
        if axis is None:
            return kind
        return Abstract((*kind.shape[:axis], self.length, *kind.shape[axis + 1 :]), kind.dtype)

    def _target(self, name: str) -> str:
        """Name the parameter for a result: its own name, if it is computed there."""
        given = self.inner.storage.home[name].kind == "given"
        return self.names[name] if given else self.names.extra(f"{self.names[name]}_part")

    def _function(self, make: str) -> list[str]:
        inner = self.inner
        inner.write()
        self.routine.foreign |= inner.routine.foreign
        inputs = [self.names[name] for name in self.run.inputs]
        parameters = [*inputs, *self.along.values(), *self.totals.values()]
        body = [*[statement.text for statement in inner.routine.body], *self._handed_over()]
        head = f"def {self.block}({', '.join(parameters)}):"
        lines = [*inner.routine.setup, "", head, *indented(body), "", f"return {self.block}"]
        gap = [""] if self.routine.setup else []
        return [*gap, f"def {make}({self.length!r}):", *indented(lines), ""]

    def _handed_over(self) -> list[str]:
        """Write the lines that take results where they belong, if they are not there yet."""
        copies = [(p, self.names[n]) for n, p in self.along.items() if p != self.names[n]]
        lines = [f"{parameter}[...] = {name}" for parameter, name in copies]
        for name, total in self.totals.items():
            combine = self.code.numpy(self.ufunc[name])
            lines.append(f"{combine}({total}, {self.names[name]}, out={total})")
        return lines

    # -- the loop ------------------------------------------------------------------------

    def _loop(self, parts: str) -> str:
        block, part = self.block, self.names.extra("part")
        given = [self._sliced(n, self.code.operand(o), part) for n, o in self.run.inputs.items()]
        given += [self._sliced(name, self.names[name], part) for name in self.along]
        given += [self._total(name) for name in self.totals]
        return f"for {block}, {part} in {parts}:\n    {block}({', '.join(given)})"

    def _sliced(self, name: str, text: str, part: str) -> str:
        axis = self.run.cut[name]
        return text if axis is None else f"{text}[{':, ' * axis}{part}]"

    def _total(self, name: str) -> str:
        """Name the array outside in which the results of all parts are combined."""
        if not self._is_number(name):
            return self.names[name]
        kind = self.run.outputs[name].dtype
        kind = np.result_type(kind, np.float64) if kind.kind in "fc" else kind
        line = f"{self.totals[name]} = {self.code.empty((), kind)}"
        if line not in self.routine.setup:
            self.routine.setup.append(line)
        return self.totals[name]
