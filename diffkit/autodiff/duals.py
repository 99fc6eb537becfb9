"""Forward over reverse: both sweeps over one recording, with every value's tangent at hand.

The product of a Hessian with a vector is the tangent of a gradient. Tracing the gradient
once more would record and keep every step of both of its sweeps. Here the function is
recorded once, on plain values. Its tangents are pushed through that recording; the sweep
back then computes every cotangent together with its tangent, and keeps neither.

What a rule hands on is the cotangent times something, so the product rule says what
becomes of the tangents. Only rules that are more than that are computed with duals:
tracers whose tape keeps nothing, with the tangent in the place of an index.

References
----------
Griewank & Walther, Evaluating Derivatives, 2nd ed., section 5.1.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, cast

import numpy as np

from ..core.tracing import OPERANDS, SHAPES, Tape, Tracer
from ..primitives.rules import Masked, added, carried, match, moved_by, plain
from .results import seed_of

Pair = tuple[Any, Any]  # a value, and its tangent: None where it does not move
Step = tuple[Any, Any, Any]  # row, record, and the what `_pushed` kept for it


class DualTape(Tape):
    """A tape that keeps nothing: in the place of an index its tracers have their tangent."""

    __slots__ = ()

    def apply(self, primitive: Any, values: tuple, slots: tuple, params: dict) -> Any:
        """Apply a primitive to values and to their tangents (-1: does not move)."""
        compute = self.computation(primitive)
        out = compute(*values, **params) if params else compute(*values)
        if primitive.push is None:
            return out
        dots = [None if dot.__class__ is int else dot for dot in slots]
        return self.dual(out, primitive.push(dots, out, values, params))

    def record(self, primitive: Any, operands: tuple, params: dict) -> Any:
        """Apply a primitive to tracers and constants; nothing is kept, nothing need be copied."""
        values, dots = [], []
        for operand in operands:
            traced = operand.__class__ is Tracer
            if traced and operand.tape is self:
                values.append(operand.value)
                dots.append(operand.index)
            else:
                values.append(self._constant(operand) if traced else operand)
                dots.append(-1)
        return self.apply(primitive, tuple(values), tuple(dots), params)

    def record_one(self, primitive: Any, operand: Tracer, params: dict) -> Any:
        """Apply a primitive to one tracer; rules never write into what they look at."""
        return self.apply(primitive, (operand.value,), (operand.index,), params)

    def dual(self, value: Any, dot: Any) -> Any:
        """Return a value that moves as a tracer, any other as it is."""
        if dot is None:
            return value
        place: Any = float(dot) if dot.__class__ is int else dot
        return Tracer(value, self, place)

    def apart(self, value: Any) -> Pair:
        """Return a value and its tangent (that of what is masked stays inside)."""
        if value.__class__ is Tracer and value.tape is self:
            return value.value, value.index
        return value, None


@np.errstate(all="ignore")
def pair_pullback(tape: Tape, dots: Sequence[Any], y: Any) -> list[Pair]:
    """Return the gradient of y by each input of a tape, and its tangent along `dots`."""
    if y.__class__ is not Tracer or y.tape is not tape:
        return [(None, None)] * len(dots)
    dual = DualTape()
    dual.computation = tape.computation
    table = _pulled(tape, _pushed(tape, dots, dual), y, dual)
    pairs = [(None, None) if pair is None else pair for pair in table[: len(dots)]]
    return [dual.apart(bar.bar) if bar.__class__ is Masked else (bar, dot) for bar, dot in pairs]


def _pushed(tape: Tape, dots: Sequence[Any], dual: DualTape) -> list[Any]:
    """Push the tangents of the inputs through a tape.

    Returns
    -------
    list, by position: what the sweep back needs where an operand moves and a rule looks
    at it: the slopes of an elementwise step, each with its tangent; of any other the
    tangents of operands and result
    """
    table = [*dots, *[None] * (len(tape.records) - len(dots))]
    kept: list[Any] = [None] * len(table)
    for position, (row, record) in enumerate(zip(tape.rows, tape.records, strict=True)):
        if row is None or record is None:
            continue
        moving = [table[slot] if slot >= 0 else None for slot in record[1]]
        if row[0].push is not None and any([dot is not None for dot in moving]):
            table[position], kept[position] = _moved(row, record, moving, dual)
    return kept


def _moved(row: Any, record: Any, moving: list[Any], dual: DualTape) -> Pair:
    """Return the tangent of a step's result, and what the sweep back needs."""
    (primitive, params), (values, _, out) = row, record
    if primitive.reads == SHAPES:
        return primitive.push(moving, out, values, params), None
    by_entry = primitive.partials and str not in map(type, primitive.partials)
    if by_entry and primitive.reads == OPERANDS:
        slopes, total = _slopes(primitive, record, moving, None, dual), None
        for dot, (slope, _) in zip(moving, slopes, strict=True):
            if dot is not None:
                total = moved_by(dot, slope, total)
        return total if total is None else match(total, out), slopes
    moved = primitive.push(moving, out, values, params)
    return moved, _slopes(primitive, record, moving, moved, dual) if by_entry else (moving, moved)


def _slopes(
    primitive: Any, record: Any, moving: list[Any], moved: Any, dual: DualTape
) -> list[Pair]:
    """Return the partials of a step by what is traced, each with its tangent."""
    values, slots, out = record
    y, xs = dual.dual(out, moved), list(map(dual.dual, values, moving))
    return [
        (partial, None) if slot < 0 or partial.__class__ is int else dual.apart(partial(y, *xs))
        for slot, partial in zip(slots, primitive.partials, strict=True)
    ]


def _pulled(tape: Tape, kept: list[Any], y: Tracer, dual: DualTape) -> list[Any]:
    """Carry 1 back from y, and tangents with it; return what arrived, by position.

    Each record, and what `_pushed` kept for it, is let go of once it is used.
    """
    rows, records = tape.rows, cast(list[Any], tape.records)
    table: list[Any] = [None] * len(records)
    table[y.index] = seed_of(y), None
    for position in range(y.index, -1, -1):
        pair, row = table[position], rows[position]
        if pair is None or row is None:
            continue
        step = row, records[position], kept[position]
        table[position] = records[position] = kept[position] = None
        if row[0].pull is None:
            continue
        rule = _rule(row[0], pair, step[2])
        for k, slot in enumerate(step[1][1]):
            if slot >= 0:
                final = rule is _multilinear and rows[slot] is None
                part = (_into_input if final else rule)(dual, k, pair, step)
                if part[0] is not None:
                    old = table[slot]
                    table[slot] = part if old is None else _sum(dual, old, part)
    return table


def _sum(dual: DualTape, a: Pair, b: Pair) -> Pair:
    if a[0].__class__ is Masked or b[0].__class__ is Masked:
        return dual.apart(dual.dual(*a) + dual.dual(*b))
    if a[1] is None or b[1] is None:
        return a[0] + b[0], b[1] if a[1] is None else a[1]
    return a[0] + b[0], a[1] + b[1]


# -- the tangent of a rule --------------------------------------------------------------


def _rule(primitive: Any, pair: Pair, moving: Any) -> Callable:
    """Choose the least that gives what a rule hands on together with its tangent."""
    if moving.__class__ is list:
        return _elementwise
    if pair[0].__class__ is Masked:
        return _general
    if moving is None:
        return _linear
    # Of rows without partials only products have rules that look at the operands alone.
    return _multilinear if primitive.reads == OPERANDS else _general


def _linear(dual: DualTape, k: int, pair: Pair, step: Step) -> Pair:
    """Nothing moves but the cotangent, in which every rule is linear."""
    (primitive, params), (values, _, out), _ = step
    bar, dot = pair
    part = primitive.pull(k, bar, out, values, params)
    if dot is None or part is None:
        return part, None
    if part.__class__ is Masked:
        return _general(dual, k, pair, step)
    return part, primitive.pull(k, dot, out, values, params)


def _multilinear(dual: DualTape, k: int, pair: Pair, step: Step) -> Pair:
    """The other operands move too, and the rule is linear in each of them."""
    part, moved = _linear(dual, k, pair, step)
    return part, _turned(moved, k, pair, step)


def _into_input(dual: DualTape, k: int, pair: Pair, step: Step) -> Pair:
    """As `_multilinear`, for an input: of its cotangent nothing but the tangent is asked."""
    (primitive, params), (values, _, out), _ = step
    dot = pair[1]
    moved = None if dot is None else primitive.pull(k, dot, out, values, params)
    return 0.0, _turned(moved, k, pair, step)


def _turned(moved: Any, k: int, pair: Pair, step: Step) -> Any:
    """Add what the tangents of the other operands of a product contribute."""
    (primitive, params), (values, _, out), (dots, _) = step
    for j, dot in enumerate(dots):
        if j != k and dot is not None:
            turned = (*values[:j], dot, *values[j + 1 :])
            more = primitive.pull(k, pair[0], out, turned, params)
            moved = more if moved is None else added(moved, more)
    return moved


def _elementwise(dual: DualTape, k: int, pair: Pair, step: Step) -> Pair:
    """A cotangent times a slope, of which either may move."""
    _, (values, _, out), slopes = step
    (bar, dot), (slope, curvature), x = pair, slopes[k], values[k]
    if bar.__class__ is Masked:
        return carried(bar, dual.dual(slope, curvature), out, x), None
    part = carried(bar, slope, out, x)
    moved = None if dot is None else carried(dot, slope, out, x)
    if curvature is not None:
        more = carried(bar, curvature, out, x)
        moved = more if moved is None else moved + more
    return part, moved


def _general(dual: DualTape, k: int, pair: Pair, step: Step) -> Pair:
    """The rule itself, computed with duals."""
    (primitive, params), (_, _, out), _ = step
    bar, dot = pair
    if bar.__class__ is not Masked:
        bar = dual.dual(plain(bar, out), None if dot is None else plain(dot, out))
    moving, moved_out = _lifted(dual, step)
    return dual.apart(primitive.pull(k, bar, moved_out, moving, params))


def _lifted(dual: DualTape, step: Step) -> tuple[tuple, Any]:
    """Return operands and result with their tangents."""
    _, (values, _, out), moving = step
    if moving is None:
        return values, out
    dots, moved = moving
    return tuple(map(dual.dual, values, dots)), dual.dual(out, moved)
