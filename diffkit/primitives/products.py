"""Products of vectors and of stacks of them: cross, kron, vecdot, matvec, vecmat."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import ShapeError, user_line
from . import arithmetic, contraction, elementwise, reductions, shaping
from .arguments import as_one
from .functions import expand_dims, moveaxis, reshape, speaks


@speaks(np.cross)
def cross(
    a: Any, b: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None
) -> Any:
    """Cross product of vectors of three entries (of two: their third entry is 0)."""
    if axis is not None:
        axisa = axisb = axisc = axis
    a, b = moveaxis(as_one(a), axisa, -1), moveaxis(as_one(b), axisb, -1)
    if a.shape[-1] not in (2, 3) or b.shape[-1] not in (2, 3):
        raise ShapeError(
            f"np.cross{user_line()} takes vectors of 2 or 3 entries, not shapes {a.shape}, {b.shape}"
        )
    (a0, a1, *a2), (b0, b1, *b2) = _entries(a), _entries(b)
    third = a0 * b1 - a1 * b0
    if not a2 and not b2:
        return third
    first, second = _cross_parts(a0, a1, a2, b0, b1, b2)
    return moveaxis(shaping.stack(*[first, second, third], axis=third.ndim), -1, axisc)


def _entries(v):
    return [v[..., i] for i in range(v.shape[-1])]


def _cross_parts(a0, a1, a2, b0, b1, b2):
    if a2 and b2:
        return a1 * b2[0] - a2[0] * b1, a2[0] * b0 - a0 * b2[0]
    return (-a2[0] * b1, a2[0] * b0) if a2 else (a1 * b2[0], -a0 * b2[0])


@speaks(np.kron)
def kron(a: Any, b: Any) -> Any:
    """Blocks of b, one for each entry of a, multiplied by it."""
    a, b = as_one(a), as_one(b)
    if not a.ndim or not b.ndim:
        return arithmetic.multiply(a, b)
    ndim = max(a.ndim, b.ndim)
    a, b = (reshape(x, (1,) * (ndim - x.ndim) + x.shape) for x in (a, b))
    sizes = tuple(n * m for n, m in zip(a.shape, b.shape, strict=True))
    apart = expand_dims(a, tuple(range(1, 2 * ndim, 2)))
    return reshape(apart * expand_dims(b, tuple(range(0, 2 * ndim, 2))), sizes)


def vecdot(x1: Any, x2: Any, /, *, axis: int = -1) -> Any:
    """Dot products of vectors along an axis, the first conjugated."""
    a, b = (moveaxis(as_one(x), axis, -1) if axis != -1 else as_one(x) for x in (x1, x2))
    product = elementwise.conjugated(a) * b
    axes = None if product.ndim == 1 else (product.ndim - 1,)
    return reductions.sum_(product, axis=axes, keepdims=False)


def matvec(x1: Any, x2: Any, /) -> Any:
    """Matrices times vectors, in stacks."""
    a, x = as_one(x1), as_one(x2)
    if x.ndim == 1:
        return contraction.matmul(a, x)
    return contraction.matmul(a, expand_dims(x, -1))[..., 0]


def vecmat(x1: Any, x2: Any, /) -> Any:
    """Vectors, conjugated, times matrices, in stacks."""
    x, a = elementwise.conjugated(as_one(x1)), as_one(x2)
    if x.ndim == 1:
        return contraction.matmul(x, a)
    return contraction.matmul(expand_dims(x, -2), a)[..., 0, :]


for _product in (vecdot, matvec, vecmat):
    if hasattr(np, _product.__name__):  # NumPy 2.0, 2.2
        speaks(getattr(np, _product.__name__))(_product)
