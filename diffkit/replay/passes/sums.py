"""Sums: what is constant along the axes of a sum is taken out of it.

The sum of a matrix product's rows is the sum of the left operand's rows, times the right
operand, and its sum of columns likewise: one product of vectors in place of n. The sum of
c*x is c times the sum of x, if c is the same along it. In real arithmetic that is equal;
n terms in another order differ by at most n*eps*sum(|terms|).
"""

from __future__ import annotations

from typing import Any

from ...core.program import Program, Step
from .rewriting import Rewriting, replaced


def sums(program: Program) -> Program:
    """Sum before the work, where the sum is all that is read."""
    return Rewriting(program).run(_sooner, ("sum", "mean"))


def _sooner(step: Step, new: Rewriting) -> Step | None:
    if not new.once(step.operands[0]):
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
    """A factor that is the same along these axes comes out."""
    shape, axes = product.type.shape, _axes(step, product)
    for c, x in (product.operands, product.operands[::-1]):
        whole = [_length(x, axis - len(shape), new) == shape[axis] for axis in axes]
        same = [_length(c, axis - len(shape), new) == 1 for axis in axes]
        if all(whole) and all(same) and new.type_of(x).dtype == step.type.dtype:
            x = _aligned(x, len(shape), new)
            as_asked = step.params["keepdims"] or not new.type_of(c).shape
            keep = step.params["keepdims"] if as_asked else True
            summed = new.add(step.primitive.name, x, axis=axes, keepdims=keep)
            if as_asked:
                return replaced(step, "multiply", c, summed)
            multiple = new.add("multiply", c, summed)
            return replaced(step, "reshape", multiple, shape=step.type.shape)
    return None


def _length(x: Any, axis: int, new: Rewriting) -> int:
    """Return the length of an axis counted from the last, 1 where there is none."""
    shape = new.type_of(x).shape
    return shape[axis] if -axis <= len(shape) else 1


def _aligned(x: Any, ndim: int, new: Rewriting) -> Any:
    """Give an array as many axes as the product has."""
    shape = new.type_of(x).shape
    if len(shape) == ndim:
        return x
    return new.add("reshape", x, shape=(*(1,) * (ndim - len(shape)), *shape))


RULES = {
    "transpose": _over_transposed,
    "matmul": _over_product,
    "multiply": _over_multiple,
}
