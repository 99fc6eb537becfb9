"""Many sweeps at once: the tangent or adjoint Program of a tape, over unit vectors.

A sweep for each column (or row) of a Jacobian does the same operations on other
numbers. Here they are done once, on arrays with a further axis of one entry a sweep.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..core.program import Program, Step
from ..core.tracing import Tape, Tracer, abstract_of, concrete, shape_of
from ..replay.batching import batched, each
from .results import size_of

MOST_ENTRIES = 2**21  # of the largest array, further axis included


def columns(tape: Tape, inputs: Sequence[Tracer], outputs: Sequence[Any]) -> list | None:
    """Return the Jacobian blocks [output][input] by forward sweeps, all at once.

    None where a step would have to be done point by point after all.
    """
    program, values = _program(tape, inputs, outputs)
    names = program.inputs[: len(inputs)]
    found = _swept(program.tangent(names), values, [f"{n}_dot" for n in names], inputs)
    if found is None:
        return None
    blocks = []
    for output, moved in zip(outputs, found, strict=True):
        starts = np.cumsum([0, *map(size_of, inputs)])
        blocks.append(
            [
                np.reshape(moved[..., start : start + size_of(t)], shape_of(output) + shape_of(t))
                for t, start in zip(inputs, starts[:-1], strict=True)
            ]
        )
    return blocks


def rows(tape: Tape, inputs: Sequence[Tracer], outputs: Sequence[Any]) -> list | None:
    """Return the Jacobian blocks [output][input] by reverse sweeps, all at once."""
    program, values = _program(tape, inputs, outputs)
    names = program.inputs[: len(inputs)]
    adjoint = program.adjoint(names)
    found = _swept(adjoint, values, [f"{n}_bar" for n in program.outputs], outputs)
    if found is None:
        return None
    starts = np.cumsum([0, *map(size_of, outputs)])
    return [
        [
            np.reshape(
                np.moveaxis(bar[..., start : start + size_of(output)], -1, 0),
                shape_of(output) + shape_of(t),
            )
            for t, bar in zip(inputs, found, strict=True)
        ]
        for output, start in zip(outputs, starts[:-1], strict=True)
    ]


def _swept(
    program: Program, values: dict[str, Any], seeds: list[str], like: Sequence[Any]
) -> list | None:
    """Run a sweep over all unit vectors of `like`, some of them at a time."""
    total = sum(map(size_of, like))
    largest = max([step.type.size for step in program.steps], default=1)
    count = max(1, min(total, MOST_ENTRIES // max(1, largest)))
    parts = []
    for start in range(0, total, count):
        stop = min(total, start + count)
        many = batched(program, seeds, stop - start)
        if any(step.primitive is each for step in many.steps):
            return None
        with np.errstate(all="ignore"):
            parts.append(many.run({**values, **_units(seeds, like, start, stop)}))
    if len(parts) == 1:
        return parts[0]
    return [np.concatenate(found, axis=-1) for found in zip(*parts, strict=True)]


def _units(names: list[str], like: Sequence[Any], start: int, stop: int) -> dict[str, np.ndarray]:
    """Return unit vectors number start to stop, the variables one after the other."""
    found, offset = {}, 0
    for name, x in zip(names, like, strict=True):
        n = size_of(x)
        units = np.zeros((n, stop - start), abstract_of(x).dtype)
        first, last = max(offset, start), min(offset + n, stop)
        if first < last:
            steps = np.arange(first, last)
            units[steps - offset, steps - start] = 1
        found[name] = units.reshape((*shape_of(x), stop - start))
        offset += n
    return found


def _program(
    tape: Tape, inputs: Sequence[Tracer], outputs: Sequence[Tracer]
) -> tuple[Program, dict[str, Any]]:
    """Return the records of a tape as a Program, and the values of its inputs.

    Values of older tapes, constants of this one, are further inputs.
    """
    names = {t.index: f"x{k}" for k, t in enumerate(inputs)}
    values = {names[t.index]: t.value for t in inputs}
    older: dict[tuple, str] = {}

    def operand(slot: int, value: Any) -> Any:
        if slot >= 0:
            return names.setdefault(slot, f"v{slot}")
        if value.__class__ is not Tracer:
            return value
        name = older.setdefault((value.tape.birth, value.index), f"c{len(older)}")
        values[name] = value
        return name

    steps = []
    for i, (row, record) in enumerate(zip(tape.rows, tape.records, strict=True)):
        if row is None or record is None:
            continue
        (primitive, params), (operands, slots, out) = row, record
        read = tuple(map(operand, slots, operands))
        steps.append(Step(names.setdefault(i, f"v{i}"), primitive, read, params, abstract_of(out)))
    types = {name: abstract_of(concrete(value)) for name, value in values.items()}
    return Program(types, steps, [names[t.index] for t in outputs]), values
