"""Sums over the outer or the inner axes of an array, as products with ones.

BLAS adds up a matrix of 64 x 64 in a third of the time of np.add.reduce, and columns
of 10 in a sixth. What it returns is a sum of the same terms in another order.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from ..core.program import Step
from .orders import Order

if TYPE_CHECKING:
    from .array_code import ArrayCode

MOST = 2**16  # terms of one sum; as many ones are kept
PAIRED = 2**10  # along the inner axis NumPy adds more terms than these in pairs, which rounds less


class Sum(NamedTuple):
    """A sum as one of a matrix.

    Attributes
    ----------
    terms, results : int
        Of each sum, and how many sums there are.
    inner : bool
        Whether rows are summed, rather than columns.
    order : tuple of int
        In which the axes of the array make up the matrix; () where it is one already.
    """

    terms: int
    results: int
    inner: bool
    order: Order


def sum_into(code: ArrayCode, step: Step) -> str | None:
    """Write a sum into the array of its step; None where NumPy had better do it."""
    found = _as_matrix(code, step)
    if found is None or not _in_one_piece(code, step, found):
        return None
    home, out = code.storage.home[step.name], step.name
    shape = (found.results,) if found.results > 1 else ()
    if step.type.shape != shape:
        out = code.reshaped(step.name, home.order, shape)
    else:
        out = code.names[step.name]
    return f"{_product(code, step, found)[:-1]}, {out})"


def sum_of(code: ArrayCode, step: Step) -> str | None:
    """Write a sum that is a number as an expression."""
    found = _as_matrix(code, step)
    return None if found is None else _product(code, step, found)


def _product(code: ArrayCode, step: Step, found: Sum) -> str:
    x = step.operands[0]
    shape: tuple[int, ...] = (found.terms,)
    if found.results > 1:
        shape = (found.results, found.terms) if found.inner else (found.terms, found.results)
    plain = not found.order or code.types[x].shape == shape
    matrix = code.names[x] if plain else code.reshaped(x, found.order, shape)
    factors = [matrix, code.ones(found.terms, step.type.dtype)]
    return f"{code.numpy('dot')}({', '.join(factors if found.inner else factors[::-1])})"


def _as_matrix(code: ArrayCode, step: Step) -> Sum | None:
    """Return the sum as one of rows or columns, if its axes and the memory are such."""
    x, axis = step.operands[0], step.params["axis"]
    if not code.products or x.__class__ is not str or step.primitive.name not in ("sum", "mean"):
        return None
    kind, home = code.types[x], code.storage.home[x]
    summed = set(range(len(kind.shape)) if axis is None else axis)
    terms = math.prod([kind.shape[i] for i in summed])
    long = [i for i in home.order if kind.shape[i] > 1]
    left = [i for i in long if i not in summed]
    results = math.prod([kind.shape[i] for i in left])
    inner = long[: len(left)] == left
    outer = long[len(long) - len(left) :] == left
    fits = kind.dtype == step.type.dtype and kind.dtype.name in ("float64", "float32")
    if not fits or not (inner or outer) or not 1 < terms <= (PAIRED if inner else MOST):
        return None
    if len(kind.shape) == 2 and left:
        return Sum(terms, results, 1 in summed, ())
    if len(kind.shape) == 1:
        return Sum(terms, results, True, ())
    whole = home.contiguous or home.kind == "place"
    return Sum(terms, results, inner, home.order) if whole else None


def _in_one_piece(code: ArrayCode, step: Step, found: Sum) -> bool:
    """Say whether the results lie one after the other, as the product writes them."""
    home, x = code.storage.home[step.name], step.operands[0]
    shape, order = code.types[x].shape, code.storage.home[x].order
    keep, axis = step.params["keepdims"], step.params["axis"]
    kept = [i for i in range(len(shape)) if keep or (axis is not None and i not in axis)]
    mine = [kept[i] for i in home.order if step.type.shape[i] > 1]
    theirs = [i for i in order if i in mine]
    return mine == theirs and (home.contiguous or home.kind == "place")
