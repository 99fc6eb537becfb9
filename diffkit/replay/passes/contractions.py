"""Contractions: an einsum of two operands is one matrix product, which BLAS computes.

So is the sum of a product of two arrays that repeat each other, as in
``(a[:, :, None]*b[:, None, :]).sum(0)``: the large array in between is never made.

The sums are the same up to their order: rounding differs as it does between `@` and
a loop, by at most n*eps*sum(|a||b|) for n terms (Higham, Accuracy and Stability,
section 3.1).
"""

from __future__ import annotations

import math
import string
from typing import Any

import numpy as np

from ...core.program import Program, Step
from .rewriting import Rewriting, Same, replaced

WORTH = 64  # multiplications in one matrix product; below, multiplying and adding is faster


def contractions(program: Program) -> Program:
    """Write einsum steps as matmul, sum, multiply and transpose where they are such."""
    return Rewriting(program).run(_contracted, {"einsum", "sum"})


def _contracted(step: Step, new: Rewriting) -> Step | Same | None:
    if step.primitive.name == "sum":
        return _sum_of_product(step, new)
    return _as_products(step, new)


def _sum_of_product(step: Step, new: Rewriting) -> Step | None:
    """A sum along axes that both factors have, where at least one has others, too."""
    product = new.made_by(step.operands[0], "multiply")
    if product is None or not new.once(step.operands[0]):
        return None
    shape, axes = product.type.shape, step.params["axis"]
    letters = string.ascii_letters[: len(shape)]
    out = "".join(
        c for i, c in enumerate(letters) if shape[i] > 1 and axes is not None and i not in axes
    )
    kinds = [new.type_of(factor) for factor in product.operands]
    terms = [_letters(kind.shape, letters) for kind in kinds]
    if not _worth(terms, out, shape) or any(kind.dtype != step.type.dtype for kind in kinds):
        return None
    operands = tuple([_squeezed(factor, new) for factor in product.operands])
    found = _pair(step._replace(operands=operands), new, terms, out)
    if found is None:
        return None
    name = new.add(found.primitive.name, *found.operands, **found.params)
    return replaced(step, "reshape", name, shape=step.type.shape)


def _letters(shape: tuple[int, ...], letters: str) -> str:
    """Return the letters of the axes that are longer than 1."""
    own = letters[len(letters) - len(shape) :]
    return "".join(c for c, n in zip(own, shape, strict=True) if n > 1)


def _worth(terms: list[str], out: str, shape: tuple[int, ...]) -> bool:
    """Say whether `_pair` would take them."""
    a, b = map(set, terms)
    alone = bool(a - b) + bool(b - a)
    enough = alone == 2 or (alone == 1 and not a & b & set(out))
    return enough and (a ^ b) <= set(out) and math.prod(shape) >= WORTH


def _squeezed(operand: Any, new: Rewriting) -> Any:
    shape = new.type_of(operand).shape
    longer = tuple([n for n in shape if n > 1])
    return operand if longer == shape else new.add("reshape", operand, shape=longer)


def _as_products(step: Step, new: Rewriting) -> Step | Same | None:
    if not step.type.shape:
        return None
    left, out = step.params["subscripts"].split("->")
    terms = left.split(",")
    kinds = [new.type_of(o) for o in step.operands]
    if not _plain(terms, kinds) or any(kind.dtype != step.type.dtype for kind in kinds):
        return None
    if len(terms) == 2:
        return _pair(step, new, terms, out)
    if len(terms) > 2:
        return _one_by_one(step, new, terms, out)
    return None


def _plain(terms: list[str], kinds: list[Any]) -> bool:
    """No letter twice in a term, and each of one length everywhere."""
    sizes: dict[str, int] = {}
    for term, kind in zip(terms, kinds, strict=True):
        if len(set(term)) < len(term):
            return False
        for letter, n in zip(term, kind.shape, strict=True):
            if sizes.setdefault(letter, n) != n:
                return False
    return True


def _one_by_one(step: Step, new: Rewriting, terms: list[str], out: str) -> Step:
    """Contract more than two operands in the order that NumPy's planner finds."""
    subscripts = step.params["subscripts"]
    shapes = [np.broadcast_to(0.0, new.type_of(o).shape) for o in step.operands]
    path = np.einsum_path(subscripts, *shapes, optimize="greedy")[0][1:]
    operands, letters = list(step.operands), list(terms)
    for pair in path:
        chosen = sorted(pair, reverse=True)
        taken = [(operands.pop(i), letters.pop(i)) for i in chosen]
        needed = out + "".join(letters)
        mine = "".join(term for _, term in taken)
        kept = "".join(c for c in dict.fromkeys(mine) if c in needed) if letters else out
        text = f"{','.join(term for _, term in taken)}->{kept}"
        if not letters:
            return replaced(step, "einsum", *[o for o, _ in taken], subscripts=text)
        operands.append(new.add("einsum", *[o for o, _ in taken], subscripts=text))
        letters.append(kept)
    raise AssertionError("a contraction path ends with one operand")


def _pair(step: Step, new: Rewriting, terms: list[str], out: str) -> Step | None:
    """a[batch, rows, sum] @ b[batch, sum, columns], reshaped and transposed as needed."""
    a, b = terms
    summed = [c for c in a if c in b and c not in out]
    batch = [c for c in a if c in b and c in out]
    rows, columns = [c for c in a if c not in b], [c for c in b if c not in a]
    if not summed or any(c not in out for c in (*rows, *columns)):
        return None
    vectors = not rows or not columns
    if (batch and vectors) or not (rows or columns):
        return None
    sizes = _sizes(step, terms, new)
    n, k, m = [math.prod([sizes[c] for c in part]) for part in (rows, summed, columns)]
    head = tuple(sizes[c] for c in batch)
    left = _arranged(step.operands[0], a, batch + rows + summed, new)
    right = _arranged(step.operands[1], b, batch + summed + columns, new)
    left = new.add("reshape", left, shape=(*head, n, k))
    right = new.add("reshape", right, shape=(*head, k, m))
    product = new.add("matmul", left, right)
    found = batch + rows + columns
    axes = tuple(found.index(c) for c in out)
    shaped = new.add("reshape", product, shape=tuple(sizes[c] for c in found))
    return replaced(step, "transpose", shaped, axes=axes)


def _sizes(step: Step, terms: list[str], new: Rewriting) -> dict[str, int]:
    pairs = zip(terms, step.operands, strict=True)
    return {c: n for t, o in pairs for c, n in zip(t, new.type_of(o).shape, strict=True)}


def _arranged(operand: Any, term: str, wanted: list[str], new: Rewriting) -> str:
    """Transpose an operand such that its letters come in this order."""
    return new.add("transpose", operand, axes=tuple(term.index(c) for c in wanted))
