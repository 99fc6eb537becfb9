"""A step on many rows at once: its operands, or some of them, have a new first axis.

What each row of the table makes of the further axis; `lead` does a step so. (For millions
of points there is `diffkit.replay.batching`, which puts them last, along the inner loops;
here arrays stay as they are, one after the other, as matrix products want them.)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from ...core.program import Step
from ...core.tracing import abstract
from ...primitives.shaping import index_parts, is_basic
from .rewriting import Rewriting


class Operand(NamedTuple):
    """A variable or constant, and whether it has the new first axis."""

    value: Any
    leads: bool


Rule = Callable[[Step, list[Operand], int, Rewriting], str]


def can_lead(step: Step) -> bool:
    """Say whether there is a rule for this step."""
    if step.primitive.name in RULES:
        return "index" not in step.params or is_basic(step.params["index"])
    return step.primitive.elementwise and not step.params


def lead(step: Step, operands: list[Operand], n: int, new: Rewriting) -> str:
    """Add the steps that do this one for n rows; return the variable with the results."""
    return RULES.get(step.primitive.name, _elementwise)(step, operands, n, new)


# -- operands ------------------------------------------------------------------------------------


def _aligned(operand: Operand, ndim: int, new: Rewriting) -> Any:
    """Return an operand whose new axis comes before ndim others, for broadcasting."""
    value, leads = operand
    shape = new.type_of(value).shape
    missing = ndim - (len(shape) - 1)
    if not leads or not missing:
        return value
    return _reshaped(value, (shape[0], *[1] * missing, *shape[1:]), new)


def _reshaped(value: Any, shape: tuple[int, ...], new: Rewriting) -> Any:
    if value.__class__ is str:
        return new.add("reshape", value, shape=shape)
    return value.reshape(shape)


def _repeated(operand: Operand, n: int, new: Rewriting) -> Any:
    """Return an operand that has the new axis in any case."""
    if operand.leads:
        return operand.value
    return new.add("broadcast_to", operand.value, shape=(n, *new.type_of(operand.value).shape))


# -- rules ----------------------------------------------------------------------------------------


def _elementwise(step: Step, operands: list[Operand], n: int, new: Rewriting) -> str:
    shape = step.type.shape
    aligned = [_aligned(operand, len(shape), new) for operand in operands]
    kind = abstract((n, *shape), step.type.dtype)
    return new.add(step.primitive.name, *aligned, type=kind, **step.params)


def _along(step: Step, operands: list[Operand], n: int, new: Rewriting) -> str:
    """Reductions: the axes are one further on."""
    ndim, axis = len(new.type_of(operands[0].value).shape) - 1, step.params["axis"]
    axes = range(ndim) if axis is None else [i % ndim for i in axis]
    params = {**step.params, "axis": tuple([i + 1 for i in axes])}
    return new.add(step.primitive.name, operands[0].value, **params)


def _shaped(step: Step, operands: list[Operand], n: int, new: Rewriting) -> str:
    shape = step.type.shape
    value = operands[0].value
    if step.primitive.name == "broadcast_to":
        value = _aligned(operands[0], len(shape), new)
    return new.add(step.primitive.name, value, shape=(n, *shape))


def _transpose(step: Step, operands: list[Operand], n: int, new: Rewriting) -> str:
    axes = (0, *[axis + 1 for axis in step.params["axes"]])
    return new.add("transpose", operands[0].value, axes=axes)


def _joined(step: Step, operands: list[Operand], n: int, new: Rewriting) -> str:
    axis = step.params["axis"] % len(step.type.shape) + 1
    repeated = [_repeated(operand, n, new) for operand in operands]
    return new.add(step.primitive.name, *repeated, axis=axis)


def _indexed(step: Step, operands: list[Operand], n: int, new: Rewriting) -> str:
    index = (slice(None), *index_parts(step.params["index"]))
    if step.primitive.name == "scatter":
        shape = (n, *step.params["shape"])
        return new.add("scatter", operands[0].value, index=index, shape=shape)
    whole = _repeated(operands[0], n, new)
    if step.primitive.name == "getitem":
        return new.add("getitem", whole, index=index)
    part = np.broadcast_to(0.0, step.type.shape)[step.params["index"]]
    value = _aligned(operands[1], part.ndim, new)
    return new.add(step.primitive.name, whole, value, index=index)


def _matmul(step: Step, operands: list[Operand], n: int, new: Rewriting) -> str:
    """Vectors are a row on the left, a column on the right, as for NumPy itself."""
    (a, a_leads), (b, b_leads) = operands
    a_shape, b_shape = [new.type_of(o.value).shape[o.leads :] for o in operands]
    if a_leads and not b_leads and len(a_shape) == 1 and len(b_shape) <= 2:
        return new.add("matmul", a, b)
    if b_leads and not a_leads and len(b_shape) == 1 and len(a_shape) <= 2:
        return new.add("matmul", b, new.add("transpose", a, axes=tuple(range(len(a_shape)))[::-1]))
    if len(a_shape) == 1:
        a_shape = (1, *a_shape)
    if len(b_shape) == 1:
        b_shape = (*b_shape, 1)
    a = _reshaped(a, (n, *a_shape) if a_leads else a_shape, new)
    b = _reshaped(b, (n, *b_shape) if b_leads else b_shape, new)
    ndim = max(len(a_shape), len(b_shape))
    left = _aligned(Operand(a, a_leads), ndim, new)
    product = new.add("matmul", left, _aligned(Operand(b, b_leads), ndim, new))
    return new.add("reshape", product, shape=(n, *step.type.shape))


def _einsum(step: Step, operands: list[Operand], n: int, new: Rewriting) -> str:
    """The new axis is one letter more."""
    left, out = step.params["subscripts"].split("->")
    spare = next(c for c in "zyxwvutsrqponmlkjihgfedcba" if c not in left)
    terms = [spare * o.leads + term for term, o in zip(left.split(","), operands, strict=True)]
    subscripts = f"{','.join(terms)}->{spare}{out}"
    return new.add("einsum", *[o.value for o in operands], subscripts=subscripts)


RULES: dict[str, Rule] = {
    **dict.fromkeys(("sum", "mean", "prod", "max", "min"), _along),
    **dict.fromkeys(("reshape", "broadcast_to"), _shaped),
    **dict.fromkeys(("stack", "concatenate"), _joined),
    **dict.fromkeys(("getitem", "scatter", "set_at", "add_at"), _indexed),
    **dict.fromkeys(("astype", "copy"), _elementwise),
    "transpose": _transpose,
    "matmul": _matmul,
    "einsum": _einsum,
}
