"""Values and gradients of every variable of a Program at a point.

The Program is run on tracers, which leaves a tape; the backward sweep of the core
goes over it once and tells of every variable's gradient. What each single use of a
variable contributes is asked of the same rules again: `pull` with the gradient of the
result is the contribution, `pull` with 1 is the local factor.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..core.program import Program
from ..core.sweeps import pullback
from ..core.tracing import Tape, Tracer, shape_of

Use = tuple[str, int]  # a step's name, and which of its operands


@dataclass
class Annotation:
    """What is known of a Program at a point; what was not computed is absent.

    Attributes
    ----------
    values : dict, variable -> value
    gradients : dict, variable -> derivative of the output by it
    parts : dict, (step, operand number) -> what this use contributes to the gradient
        of the operand; the parts of one variable add up to its gradient
    locals : dict, (step, operand number) -> derivative of the step by that operand,
        where it is a number or acts entry by entry
    """

    values: dict[str, Any] = field(default_factory=dict)
    gradients: dict[str, Any] = field(default_factory=dict)
    parts: dict[Use, Any] = field(default_factory=dict)
    locals: dict[Use, Any] = field(default_factory=dict)


def annotate(program: Program, at: Mapping[str, Any], wrt: Sequence[str]) -> Annotation:
    """Evaluate a Program and, where its output is one real number, its gradient.

    Parameters
    ----------
    program : Program
    at : mapping, input -> value
    wrt : sequence of str
        Inputs to differentiate by; others are held fixed.

    Examples
    --------
    >>> import diffkit as dk
    >>> found = annotate(dk.lower("q = x*y; f = q*q"), {"x": 2.0, "y": 3.0}, ["x", "y"])
    >>> float(found.values["f"]), float(found.gradients["q"]), float(found.parts["q", 0])
    (36.0, 12.0, 36.0)
    """
    tape, at = Tape(), program.bind((), at)
    with np.errstate(all="ignore"):
        env = _run(program, at, wrt, tape)
        found = Annotation(
            {
                name: getattr(v, "value", v) if v.__class__ is Tracer else v
                for name, v in env.items()
            }
        )
        _sweep(tape, program, env, found)
    return found


def _run(program: Program, at: Mapping[str, Any], wrt: Sequence[str], tape: Tape) -> dict[str, Any]:
    """Return each variable: a tracer where it depends on an input in `wrt`."""
    env = {name: tape.input(at[name]) if name in wrt else at[name] for name in program.inputs}
    for step in program.steps:
        operands = [env[o] if o.__class__ is str else o for o in step.operands]
        env[step.name] = step.primitive(*operands, **step.params)
    return env


def _sweep(tape: Tape, program: Program, env: Mapping[str, Any], found: Annotation) -> None:
    """Fill in what the backward sweep gives."""
    output = env[program.outputs[0]]
    if len(program.outputs) > 1 or output.__class__ is not Tracer or not _is_number(output.value):
        return
    names = {v.index: name for name, v in env.items() if v.__class__ is Tracer}
    steps = {step.name: step for step in program.steps}

    def seen(position: int, bar: Any) -> None:
        name = names[position]
        total = _plain(bar, found.values[name])
        if total is not None:
            found.gradients[name] = total
        if name in steps:
            _ask_rules(tape, position, name, bar, found)

    pullback(tape, {output.index: np.ones((), output.dtype)[()]}, seen)
    for name in program.inputs:  # nothing arrived: the derivative is zero, and is known
        value = env[name]
        if value.__class__ is Tracer and name not in found.gradients and _is_float(value):
            found.gradients[name] = np.zeros(value.shape, value.dtype)[()]


def _ask_rules(tape: Tape, position: int, name: str, bar: Any, found: Annotation) -> None:
    """Ask the rule of one step for the contribution and the factor of each operand."""
    (primitive, params), (values, slots, out) = tape.rows[position], tape.records[position]  # type: ignore[misc]
    if primitive.pull is None:
        return
    for k, slot in enumerate(slots):
        if slot < 0:
            continue
        part = _plain(primitive.pull(k, bar, out, values, params), values[k])
        if part is not None:
            found.parts[name, k] = part
        seed = _seed(primitive, out, values[k])
        given = None if seed is None else primitive.pull(k, seed, out, values, params)
        factor = _plain(given, values[k])
        if factor is not None:
            found.locals[name, k] = factor


def _seed(primitive: Any, out: Any, operand: Any) -> Any:
    """Return the cotangent whose pullback is the local factor, if there is such a thing."""
    if primitive.several or not _is_float(out):
        return None
    if shape_of(out) and not (primitive.elementwise and shape_of(operand) == shape_of(out)):
        return None
    return np.ones(shape_of(out), out.dtype)[()]


def _plain(bar: Any, like: Any) -> Any:
    """Return a cotangent as an array or number of the shape of its primal.

    Rules hand on masked ones, ±1 as integers, and one number where all entries are equal.
    """
    if isinstance(like, tuple):
        return None  # of several results, each has a gradient, not all of them together
    bar = getattr(bar, "bar", bar)
    if bar.__class__ is int:
        bar = np.float64(bar)
    if bar is None or shape_of(bar) == shape_of(like):
        return bar
    return np.broadcast_to(bar, shape_of(like)).copy()


def _is_number(value: Any) -> bool:
    return not shape_of(value) and _is_float(value)


def _is_float(value: Any) -> bool:
    return getattr(value, "dtype", None) is not None and value.dtype.kind == "f"
