"""The two sweeps over a tape: cotangents backward, tangents forward.

Given a tape of plain values they compute numbers; given one whose values are
tracers they are themselves recorded, which is how a derivative becomes a
Program and has derivatives of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, cast

from .tracing import Tape, Tracer


def pullback(
    tape: Tape,
    bars: dict[int, Any],
    seen: Callable[[int, Any], None] | None = None,
    last: bool = False,
) -> list[Any]:
    """Carry the cotangents `bars` (by position) backward to the inputs.

    Parameters
    ----------
    tape : Tape
    bars : cotangents of some positions
    seen : callable, optional
        Told of every position and its complete cotangent (for naming).
    last : bool
        The tape is not swept again: let go of each record once it is used.

    Returns
    -------
    list, by position: the cotangent of each input, None where nothing arrived (and for
    steps, which have handed on theirs).

    References
    ----------
    Griewank & Walther, Evaluating Derivatives, 2nd ed., section 3.2.
    """
    rows, records = tape.rows, cast(list[Any], tape.records)
    table: list[Any] = [None] * len(records)
    for position, bar in bars.items():
        table[position] = bar
    for position in range(len(records) - 1, -1, -1):
        bar = table[position]
        if bar is None:
            continue
        if seen is not None:
            seen(position, bar)
        row = rows[position]
        if row is None:
            continue
        primitive, params = row
        values, slots, out = record = records[position]
        table[position] = None
        records[position] = None if last else record
        pull = primitive.pull
        if pull is None:
            continue
        k = 0
        for slot in slots:
            if slot >= 0:
                part = pull(k, bar, out, values, params)
                if part is not None:
                    old = table[slot]
                    table[slot] = part if old is None else old + part
            k += 1
    return table


def pushforward(
    tape: Tape,
    dots: dict[int, Any],
    seen: Callable[[int, Any], None] | None = None,
) -> list[Any]:
    """Carry the tangents `dots` of inputs forward; None where nothing moves."""
    table: list[Any] = [None] * len(tape.records)
    for position, dot in dots.items():
        table[position] = dot
    for position, (row, record) in enumerate(zip(tape.rows, tape.records, strict=True)):
        if row is not None and record is not None:
            (primitive, params), (values, slots, out) = row, record
            moving = [table[slot] if slot >= 0 else None for slot in slots]
            if primitive.push is not None and any(dot is not None for dot in moving):
                table[position] = primitive.push(moving, out, values, params)
        if seen is not None and table[position] is not None:
            seen(position, table[position])
    return table


def recorded(function: Callable, values: Sequence[Any]) -> tuple[Tape, Any]:
    """Call `function` on tracers of `values`; return the tape and the result."""
    tape = Tape()
    return tape, function(*[tape.input(value) for value in values])


def pull_through(function: Callable, k: int, bar: Any, values: Sequence[Any]) -> Any:
    """Cotangent of operand k of a composition of primitives."""
    tape, y = recorded(function, values)
    if y.__class__ is not Tracer or y.tape is not tape:
        return None
    return pullback(tape, {y.index: bar})[k]


def push_through(function: Callable, dots: Sequence[Any], values: Sequence[Any]) -> Any:
    """Tangent of a composition of primitives."""
    tape, y = recorded(function, values)
    if y.__class__ is not Tracer or y.tape is not tape:
        return None
    moving = {k: dot for k, dot in enumerate(dots) if dot is not None}
    return pushforward(tape, moving)[y.index]
