"""Steps that write straight into their part of the array that gathers them.

A concatenation, a stack or a scatter copies its operands into slices of a new array.
An operand that nobody else reads need not exist outside of it: the array is made
first, and the step that computes the operand is told to write into the slice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from ..core.program import Program, Step
from ..primitives.shaping import is_basic
from .reading import shape_in, types_of, uses_of


class Part(NamedTuple):
    """A slice of the array that a step makes.

    Attributes
    ----------
    whole : Step
    index : int, slice, ... or a tuple of them
    """

    whole: Step
    index: Any


def parts_of(step: Step, types: dict[str, Any]) -> Iterator[tuple[Any, Any]]:
    """Yield (operand, index) of a step that gathers: what goes where."""
    if step.primitive.name == "concatenate":
        start, axis = 0, step.params["axis"]
        for operand in step.operands:
            n = shape_in(operand, types)[axis]
            yield operand, (slice(None),) * axis + (slice(start, start + n),)
            start += n
    elif step.primitive.name == "stack":
        axis = step.params["axis"] % len(step.type.shape)
        for k, operand in enumerate(step.operands):
            yield operand, (slice(None),) * axis + (k,)
    elif step.primitive.name == "scatter" and is_basic(step.params["index"]):
        yield step.operands[0], step.params["index"]


def gathered(program: Program, writes: Callable[[Step], Any]) -> dict[str, Part]:
    """Return the steps that may write into a part of another, and which part that is.

    Parameters
    ----------
    program : Program
    writes : callable
        Says whether a step can be told where to write.
    """
    steps = {step.name: step for step in program.steps}
    types, uses = types_of(program), uses_of(program)
    return {
        operand: Part(step, index)
        for step in program.steps
        for operand, index in parts_of(step, types)
        if operand.__class__ is str
        and operand in steps
        and uses[operand] == 1
        and _fits(steps[operand], step, index, writes)
    }


def _fits(step: Step, whole: Step, index: Any, writes: Callable[[Step], Any]) -> bool:
    """Say whether a step makes an array of the part's form, and can be told where."""
    if not getattr(step.type, "shape", ()) or not step.type.size or writes(step) is None:
        return False
    part = np.broadcast_to(np.empty((), whole.type.dtype), whole.type.shape)[index]
    return part.shape == step.type.shape and part.dtype == step.type.dtype
