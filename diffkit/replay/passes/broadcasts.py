"""Broadcasts: elementwise operations repeat their operands themselves, so nobody else need."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...core.program import Program, Step
from ...core.tracing import Abstract, abstract
from .numbers import number_everywhere
from .rewriting import Rewriting, replaced


def broadcasts(program: Program) -> Program:
    """Give elementwise steps what was repeated, before it was repeated."""
    return Rewriting(program).run(_smaller)


def _smaller(step: Step, new: Rewriting) -> Step | None:
    if not step.primitive.elementwise or step.params:
        return None
    operands = tuple([_source(o, step, new) for o in step.operands])
    if all(a is b for a, b in zip(operands, step.operands, strict=True)):
        return None
    shape = np.broadcast_shapes(*[new.type_of(o).shape for o in operands])
    if shape == step.type.shape:
        return step._replace(operands=operands)
    small = abstract(shape, step.type.dtype)
    name = new.add(step.primitive.name, *operands, type=small)
    return replaced(step, "broadcast_to", name, shape=step.type.shape)


def _source(operand: Any, step: Step, new: Rewriting) -> Any:
    if operand.__class__ is np.ndarray:
        first = number_everywhere(operand) if operand.dtype.kind in "fc" else None
        return operand if first is None or operand.size == 1 else first
    made = new.made_by(operand, "broadcast_to")
    if made is None:
        return operand
    source = made.operands[0]
    kind = new.type_of(source)
    if not isinstance(kind, Abstract) or kind.dtype != made.type.dtype:
        return operand
    # A bare Python number would take on the dtype of its neighbour.
    return kind.dtype.type(source) if source.__class__ in (int, float) else source
