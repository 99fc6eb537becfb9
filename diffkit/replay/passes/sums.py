"""Sums: what is constant along the axes of a sum is taken out of it.

The sum of a matrix product's rows is the sum of the left operand's rows, times the right
operand, and its sum of columns likewise: n products of matrices less. The sum of c*x is
c times the sum of x. In real arithmetic that is the same; n terms in another order differ
by at most n*eps*sum(|terms|).
"""

from __future__ import annotations

from typing import Any

from ...core.program import Program, Step
from .identities import number
from .rewriting import Rewriting, replaced


def sums(program: Program) -> Program:
    """Sum before the work, where the sum is all that is read."""
    return Rewriting(program).run(_sooner)


def _sooner(step: Step, new: Rewriting) -> Step | None:
    if step.primitive.name not in ("sum", "mean") or not new.once(step.operands[0]):
        return None
    made = new.of.get(step.operands[0])
    rule = None if made is None else RULES.get(made.primitive.name)
    return None if made is None or rule is None else rule(step, made, new)


def _axes(step: Step, whole: Step) -> tuple[int, ...]:
    axis = step.params["axis"]
    return tuple(range(len(whole.type.shape))) if axis is None else axis


def _over_transposed(step: Step, turned: Step, new: Rewriting) -> Step:
    """Other axes of the array that is turned; those that are left are turned after that."""
    order, keep = turned.params["axes"], step.params["keepdims"]
    axes = tuple(sorted([order[i] for i in _axes(step, turned)]))
    params = {"axis": axes, "keepdims": keep}
    left = [i for i in order if keep or i not in axes]
    if left == sorted(left):
        return replaced(step, step.primitive.name, turned.operands[0], **params)
    summed = new.add(step.primitive.name, turned.operands[0], **params)
    rank = sorted(left)
    return replaced(step, "transpose", summed, axes=tuple([rank.index(i) for i in left]))


def _over_product(step: Step, product: Step, new: Rewriting) -> Step | None:
    """Rows of the left, columns of the right."""
    a, b = product.operands
    last = len(product.type.shape) - 1
    axes = set(_axes(step, product))
    if min(_ndim(a, new), _ndim(b, new)) < 2 or not axes <= {last - 1, last}:
        return None
    if last - 1 in axes:
        a = _summed(step, a, -2, new)
    if last in axes:
        b = _summed(step, b, -1, new)
    if step.params["keepdims"]:
        return replaced(step, "matmul", a, b)
    return replaced(step, "reshape", new.add("matmul", a, b), shape=step.type.shape)


def _summed(step: Step, x: Any, axis: int, new: Rewriting) -> str:
    axes = (axis + _ndim(x, new),)
    return new.add(step.primitive.name, x, axis=axes, keepdims=True)


def _ndim(x: Any, new: Rewriting) -> int:
    return len(new.type_of(x).shape)


def _over_multiple(step: Step, product: Step, new: Rewriting) -> Step | None:
    """A number comes out."""
    for c, x in (product.operands, product.operands[::-1]):
        if number(c) is not None and new.type_of(x) == product.type:
            summed = new.add(step.primitive.name, x, type=step.type, **step.params)
            return replaced(step, "multiply", c, summed)
    return None


RULES = {
    "transpose": _over_transposed,
    "matmul": _over_product,
    "multiply": _over_multiple,
}
