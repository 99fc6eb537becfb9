"""In which order the axes of an array lie in memory, and in which they had better.

An order lists axes from the outermost to the one along which entries are next to each
other; (0, 1, 2) is C's. NumPy's inner loops run along the last of them, so an
elementwise chain is fastest where all arrays have one order and its last axis is long.
A matrix product reads and writes its own order, and what hangs on it follows.
"""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

from ..core.program import Program, Step
from ..primitives.shaping import index_parts, is_basic
from .reading import types_of

Order = tuple[int, ...]


def c_order(ndim: int) -> Order:
    """Return the order of a new array."""
    return tuple(range(ndim))


def transposed(order: Order, axes: tuple[int, ...]) -> Order:
    """Return the order of x.transpose(axes)."""
    return tuple(axes.index(axis) for axis in order)


def reduced(order: Order, gone: Any, keepdims: bool) -> Order:
    """Return the order of a reduction's result."""
    if keepdims:
        return order
    kept = [axis for axis in range(len(order)) if gone is not None and axis not in gone]
    return tuple(kept.index(axis) for axis in order if axis in kept)


def indexed(order: Order, index: Any, ndim: int) -> Order | None:
    """Return the order of a basic indexing's result; None where it is not simple."""
    parts = index_parts(index)
    if not is_basic(index) or any(part is None or part is Ellipsis for part in parts):
        return None
    kept = [a for a in range(len(order)) if a >= len(parts) or isinstance(parts[a], slice)]
    found = tuple(kept.index(axis) for axis in order if axis in kept)
    return found if len(found) == ndim else None


def reshaped(order: Order, old: tuple[int, ...], new: tuple[int, ...]) -> Order | None:
    """Return the order of a reshape that puts in or leaves out axes of length 1, else None."""
    before = [axis for axis, n in enumerate(old) if n > 1]
    after = [axis for axis, n in enumerate(new) if n > 1]
    if [old[axis] for axis in before] != [new[axis] for axis in after]:
        return None
    place = dict(zip(before, after, strict=True))
    found = [place[axis] for axis in order if axis in place]
    for axis in [axis for axis, n in enumerate(new) if n == 1]:  # beside the axis before it
        found.insert(found.index(axis - 1) + 1 if axis else 0, axis)
    return tuple(found)


def wishes(program: Program) -> dict[str, Order]:
    """Return the orders that consumers wish for: those in which a transpose is C's.

    A wish travels up elementwise steps to operands of the same shape. Of several, the
    one with the longest inner loops is granted.
    """
    wished: dict[str, Order] = {}
    types = types_of(program)

    def wish(name: Any, order: Order) -> None:
        if name.__class__ is not str or len(types[name].shape) != len(order):
            return
        shape, old = types[name].shape, wished.get(name)
        if old is None or shape[order[-1]] > shape[old[-1]]:
            wished[name] = order

    for step in reversed(program.steps):
        if step.primitive.name == "transpose":
            wish(step.operands[0], step.params["axes"])
        elif step.name in wished and step.primitive.elementwise:
            for operand in step.operands:
                wish(operand, wished[step.name])
    return wished


# BLAS multiplies small matrices by kernels of their own, and that for a right operand that
# lies across takes 1.6 times as long: beyond so many rows, copying it takes less. Measured.
SMALL_PRODUCT = 10**6  # multiplications
ROWS, ENTRIES = 48, 400


def turned(program: Program) -> set[str]:
    """Return the transposes that had better be copied, being right operands of products."""
    transposes = {s.name: s.type.shape for s in program.steps if s.primitive.name == "transpose"}
    rows: Counter[str] = Counter()
    for step in program.steps:
        if step.primitive.name != "matmul" or len(step.type.shape) != 2:
            continue
        right, m = step.operands[1], step.type.shape[0]
        shape = transposes.get(right, ()) if right.__class__ is str else ()
        if math.prod(shape) >= ENTRIES and m * math.prod(shape) <= SMALL_PRODUCT:
            rows[right] += m
    return {name for name, m in rows.items() if m >= ROWS}


def of_product(shape: tuple[int, ...]) -> Order:
    """Return the order of a matrix product: along its columns, where those are much longer."""
    plain = c_order(len(shape))
    if len(shape) < 2 or shape[-1] == 1 or shape[-2] <= 4 * shape[-1]:
        return plain
    return (*plain[:-2], plain[-1], plain[-2])


def conflict(order: Order, shape: tuple, other: Order, other_shape: tuple) -> bool:
    """Say whether an operand that is repeated lies in another order than the result."""
    extra = len(shape) - len(other_shape)
    long = {axis + extra for axis, n in enumerate(other_shape) if n > 1}
    mine = [axis + extra for axis in other if axis + extra in long]
    return mine != [axis for axis in order if axis in long]


def preferred(step: Step, orders: list[tuple[Order, tuple]], wished: Order | None) -> Order:
    """Choose the order of an elementwise result: that of its operands, else the wish."""
    shape = step.type.shape
    for order, operand_shape in orders:
        if operand_shape == shape:
            return order
    return wished if wished is not None and len(wished) == len(shape) else c_order(len(shape))
