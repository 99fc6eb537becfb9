"""A run in the making: which steps can be taken part by part, along one axis, together."""

from __future__ import annotations

from collections import defaultdict
from typing import Any, NamedTuple

import numpy as np

from ..core.naming import Names
from ..core.program import Program, Step
from ..core.tracing import Abstract, abstract_of
from .homes import VIEWS
from .reading import bytes_of, names_in
from .storage import Storage
from .ways import COMBINED, Way, ways

SEED = 1 << 19  # bytes of the smallest array that is worth looking at
MOST = 400  # steps of a run


class Run(NamedTuple):
    """Steps that are computed together, part by part.

    Attributes
    ----------
    steps : tuple of Step
    inputs : dict, name -> operand of the Program
        What the steps read from outside.
    outputs : dict, name -> Abstract
        What is read outside.
    cut : dict, name -> int or None
        The axis along which the variable is taken in parts; None if it is needed whole
        or, of outputs, if those of the parts are combined.
    length, block : int
        Of that axis, and of a part.
    """

    steps: tuple[Step, ...]
    inputs: dict[str, Any]
    outputs: dict[str, Abstract]
    cut: dict[str, int | None]
    length: int
    block: int


class Whole:
    """What a run has to know of the Program around it."""

    def __init__(self, program: Program, plan: Storage) -> None:
        self.steps = program.steps
        self.plan = plan
        self.types = plan.types
        self.names = Names([*program.inputs, *[step.name for step in program.steps]])
        self.returned = set(program.outputs)
        self.readers: dict[str, list[str]] = defaultdict(list)
        for step in program.steps:
            for operand in step.operands:
                if operand.__class__ is str:
                    self.readers[operand].append(step.name)

    def kind(self, operand: Any) -> Any:
        """Return shape and dtype of an operand."""
        return self.types[operand] if operand.__class__ is str else abstract_of(operand)

    def looks(self, name: str) -> bool:
        """Say whether a step only looks at another array."""
        home = self.plan.home.get(name)
        return home is not None and home.kind == "view"

    def written(self, name: str) -> int:
        """Return the bytes that a step writes."""
        return 0 if self.looks(name) else bytes_of(self.types[name])


class Growing:
    """A run that grows from its first step, along one axis of its result.

    Attributes
    ----------
    end : int
        The number of the step after the last one that takes part.
    steps : list of Step
    inputs, cut, length
        As of `Run`.
    inside : set of names
        What is there in parts only, unless somebody outside wants it whole.
    """

    def __init__(self, whole: Whole, start: int, axis: int) -> None:
        self.whole = whole
        self.end = start
        self.steps: list[Step] = []
        self.inputs: dict[str, Any] = {}
        self.cut: dict[Any, int | None] = {}
        self.inside: set[Any] = set()
        first = whole.steps[start].type.shape
        self.length = first[axis]
        self._back = axis - len(first)  # where steps that read none of ours are cut
        self._others: list[tuple[int, Step]] = []
        self._waiting: set[Any] = set()  # for the end of the loop
        self._grow(start)

    def _grow(self, start: int) -> None:
        """Go on until a large step cannot take part; small ones come before or after."""
        for i, step in enumerate(self.whole.steps[start : start + MOST], start):
            if self._join(step):
                self.end = i + 1
            elif not self.steps or self._large(step):
                break
            else:
                self._others.append((i, step))
                if not (self.inside | self._waiting).isdisjoint(names_in(step.operands)):
                    self._waiting.add(step.name)

    def _large(self, step: Step) -> bool:
        read = [] if step.primitive.name in VIEWS else names_in(step.operands)
        return max(map(self.whole.written, [step.name, *read])) >= SEED

    # -- joining -----------------------------------------------------------------------

    def _join(self, step: Step) -> bool:
        """Take part, if there is a way that agrees with those of the others."""
        keys = [_key(operand) for operand in step.operands]
        ours = not self.inside.isdisjoint(keys)
        if not isinstance(step.type, Abstract) or not step.type.size:
            return False  # what is empty has no place that a block could write into
        if not self._waiting.isdisjoint(keys):
            return False
        if self.whole.looks(step.name) and not ours:
            return False
        shapes = [self.whole.kind(operand).shape for operand in step.operands]
        for way in ways(step, shapes):
            if self._agrees(way, keys, shapes) and self._follows(way, step, ours):
                self._add(step, keys, way)
                return True
        return False

    def _agrees(self, way: Way, keys: list, shapes: list) -> bool:
        """Say whether everybody cuts these operands so, into as many parts."""
        if any(keys) and all(axis is None for axis in way.operands):
            return False
        known = dict(zip(keys, way.operands, strict=True)) | self.cut  # a @ a has one axis, too
        return all(
            (axis is None or shape[axis] == self.length)
            and (key is None or known[key] == axis)
            and (axis is not None or key not in self.inside)
            for key, axis, shape in zip(keys, way.operands, shapes, strict=True)
        )

    def _follows(self, way: Way, step: Step, ours: bool) -> bool:
        """Say whether it reads what is ours, or is at least cut where the others are."""
        if way.out is None:
            adds = COMBINED[step.primitive.name] in ("add", "multiply")
            return ours and step.type.dtype.kind in ("fciu" if adds else "f")
        shape = step.type.shape
        here = way.out - len(shape) == self._back or shape.count(self.length) == 1
        return ours or (here and shape[way.out] == self.length)

    def _add(self, step: Step, keys: list, way: Way) -> None:
        operands = tuple(map(self._local, step.operands, keys))
        for name, operand, key, axis in zip(
            operands, step.operands, keys, way.operands, strict=True
        ):
            if key is not None and key not in self.inside:
                self.inputs[name] = operand
                self.cut[key] = self.cut[name] = axis
        self.steps.append(step._replace(operands=operands))
        self.cut[step.name] = way.out
        (self._waiting if way.out is None else self.inside).add(step.name)

    def _local(self, operand: Any, key: Any) -> Any:
        """Name an array that is itself in the Program, as one that is captured."""
        if key is None or operand.__class__ is str:
            return operand
        known = [name for name, given in self.inputs.items() if given is operand]
        return known[0] if known else self.whole.names.unique("array")

    # -- what it leaves behind -----------------------------------------------------------

    def ends(self) -> tuple[list[str], list[Step]]:
        """Return what others read or is returned; and what merely looks at it, for them."""
        whole, mine = self.whole, {step.name for step in self.steps}
        wanted = {n for n in mine if n in whole.returned or not mine.issuperset(whole.readers[n])}
        ends, views = [], []
        for step in reversed(self.steps):
            if step.name in wanted and whole.looks(step.name):
                views.append(step)
                wanted.update(names_in(step.operands))
            elif step.name in wanted:
                ends.append(step.name)
        return ends[::-1], views[::-1]

    def others(self) -> tuple[list[Step], list[Step]]:
        """Return the steps in between that come before, and those that have to wait."""
        passed = [step for i, step in self._others if i < self.end]
        before = [step for step in passed if step.name not in self._waiting]
        return before, [step for step in passed if step.name in self._waiting]

    def replaceable(self) -> dict[str, list[str]]:
        """Return, for each result, the inputs whose parts are not read once it is written."""
        last: dict[str, int] = {}
        for i, step in reversed(list(enumerate(self.steps))):
            until = last.get(step.name, i) if step.primitive.name in VIEWS else i
            for name in names_in(step.operands):
                last[name] = max(last.get(name, i), until)
        found: dict[str, list[str]] = {}
        for i, step in enumerate(self.steps):
            until = i if step.primitive.elementwise else i - 1
            cut = self.cut[step.name]
            found[step.name] = [
                name
                for name, operand in self.inputs.items()
                if operand is name and last[name] <= until and cut is not None
                if self.cut[name] == cut
            ]
        return found


def _key(operand: Any) -> Any:
    """Tell operands apart: variables by name, arrays by identity, numbers not at all."""
    if operand.__class__ is str:
        return operand
    return id(operand) if isinstance(operand, np.ndarray) and operand.ndim else None
