"""Along which axes a row can be computed part by part.

An entry of a sum of rows needs its row alone, so rows can be taken some at a time; a
product of matrices can be taken by rows of the left, by columns of the right, or by
parts of the inner axis, whose results are added up. Each of these is a way.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import NamedTuple

from ..core.program import Step
from ..primitives.shaping import is_basic
from .indices import spelled_out

Shape = tuple[int, ...]

# Reductions whose parts are put together by the same operation.
COMBINED = {"sum": "add", "matmul": "add", "prod": "multiply", "max": "maximum", "min": "minimum"}


class Way(NamedTuple):
    """One axis of each array of a step, all of the same length, that is taken in parts.

    Attributes
    ----------
    operands : tuple of (int or None)
        None: the operand is needed whole.
    out : int or None
        None: each part gives a result, and they are combined (`COMBINED`).
    """

    operands: tuple[int | None, ...]
    out: int | None


def ways(step: Step, shapes: list[Shape]) -> Iterator[Way]:
    """Return all ways to compute a step in parts, given the shapes of its operands."""
    row = step.primitive
    if row.elementwise and not step.params:
        return _broadcasting(step, shapes)
    find = RULES.get(row.name)
    return find(step, shapes) if find is not None else iter(())


def _lined_up(back: int, shape: Shape, n: int) -> int | None:
    """Return the axis so many from the right, unless the operand is repeated along it."""
    axis = len(shape) + back
    return axis if axis >= 0 and shape[axis] == n else None


def _broadcasting(step: Step, shapes: list[Shape]) -> Iterator[Way]:
    out = step.type.shape
    for axis, n in enumerate(out):
        yield Way(tuple([_lined_up(axis - len(out), shape, n) for shape in shapes]), axis)


def _reduced(step: Step, shapes: list[Shape]) -> Iterator[Way]:
    (shape,), gone = shapes, step.params["axis"]
    for axis in range(len(shape)):
        if gone is None or axis in gone:
            if step.primitive.name in COMBINED:
                yield Way((axis,), None)
        elif step.params["keepdims"]:
            yield Way((axis,), axis)
        else:
            yield Way((axis,), axis - sum(a < axis for a in gone))


def _transposed(step: Step, shapes: list[Shape]) -> Iterator[Way]:
    for axis in range(len(shapes[0])):
        yield Way((axis,), step.params["axes"].index(axis))


def _reshaped(step: Step, shapes: list[Shape]) -> Iterator[Way]:
    """An axis stays one if as much lies before it and it is as long."""
    (old,), new = shapes, step.type.shape
    for a, n in enumerate(old):
        for b, m in enumerate(new):
            if n == m > 1 and math.prod(old[:a]) == math.prod(new[:b]):
                yield Way((a,), b)


def _indexed(step: Step, shapes: list[Shape]) -> Iterator[Way]:
    """Axes that an index of whole numbers and slices takes as they are."""
    index = step.params["index"]
    if not is_basic(index):
        return
    before = after = 0
    for part in spelled_out(index, len(shapes[0])):
        if part == slice(None):
            yield Way((before,), after)
        before += part is not None
        after += part is None or isinstance(part, slice)


def _joined(step: Step, shapes: list[Shape]) -> Iterator[Way]:
    """Every axis but the one along which operands are put side by side."""
    ndim = len(step.type.shape)
    along = step.params["axis"] % ndim
    stacked = step.primitive.name == "stack"
    for axis in range(ndim):
        if axis != along:
            yield Way((axis - (stacked and along < axis),) * len(shapes), axis)


def _multiplied(step: Step, shapes: list[Shape]) -> Iterator[Way]:
    """Rows of the left, columns of the right, stacks of both, or the inner axis."""
    a, b = map(len, shapes)
    out = step.type.shape
    if a > 1:
        yield Way((a - 2, None), len(out) - 1 - (b > 1))
    if b > 1:
        yield Way((None, b - 1), len(out) - 1)
    for axis in range(len(out) - 2 if min(a, b) > 1 else 0):
        back, n = axis - len(out), out[axis]
        yield Way((_lined_up(back, shapes[0], n), _lined_up(back, shapes[1], n)), axis)
    yield Way((a - 1, max(b - 2, 0)), None)


RULES: dict[str, Callable[[Step, list[Shape]], Iterator[Way]]] = {
    "broadcast_to": _broadcasting,
    "concatenate": _joined,
    **dict.fromkeys(("sum", "mean", "prod", "max", "min"), _reduced),
    "copy": _broadcasting,
    "getitem": _indexed,
    "matmul": _multiplied,
    "reshape": _reshaped,
    "stack": _joined,
    "transpose": _transposed,
}
