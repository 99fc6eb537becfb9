"""Inverse and solution of equations: rows for real and complex matrices.

A cotangent pairs with a tangent as Re sum(x_bar * x_dot), so a holomorphic rule
transposes and does not conjugate.
"""

from __future__ import annotations

import numpy as np

from . import shaping
from .matrices import GILES, matmul, mt, product, well_conditioned
from .rules import array_row


def _minor(x, i, j):
    return np.delete(np.delete(x, i, -2), j, -1)


def object_det(x):
    """By the first row: symbols are not compared, so there is nothing to pivot by."""
    if x.shape[-1] == 0:
        return 1
    signed = [(-1) ** j * x[..., 0, j] * object_det(_minor(x, 0, j)) for j in range(x.shape[-1])]
    return sum(signed[1:], signed[0])


def object_cofactor(x):
    n = x.shape[-1]
    y = np.empty(x.shape, object)
    for i, j in np.ndindex(n, n):
        y[..., i, j] = (-1) ** (i + j) * object_det(_minor(x, i, j))
    return y


def object_inv(x):
    return object_cofactor(x).swapaxes(-1, -2) / np.asarray(object_det(x))[..., None, None]


def _inv_vjp(bar, y, x):
    return -product(mt(y), bar, mt(y))


inv = array_row(
    "inv",
    np.linalg.inv,
    [_inv_vjp],
    lambda dots, y, x: -product(y, dots[0], y),
    shape=lambda x: x.shape,
    objects=lambda scalar, x: object_inv(x),
    source=f"{GILES}, section 2.2.3",
    examples=(((well_conditioned(3, 3),), {}), ((well_conditioned(2, 2, 2),), {})),
)


def _as_columns(v, like):
    """A vector as a matrix of one column; a matrix as it is."""
    return shaping.reshape(v, shape=(*v.shape, 1)) if like.ndim == 1 else v


def _solve_vjp_b(bar, y, a, b):
    return solve_row(mt(a), bar)


def _solve_vjp_a(bar, y, a, b):
    back = _solve_vjp_b(bar, y, a, b)
    return -matmul(_as_columns(back, b), mt(_as_columns(y, b)))


def _solve_jvp(dots, y, a, b):
    a_dot, b_dot = dots
    right = b_dot
    if a_dot is not None:
        moved = matmul(a_dot, y)
        right = -moved if b_dot is None else b_dot - moved
    return solve_row(a, right)


def _solve_shape(a, b):
    if b.ndim == 1:
        return b.shape
    if a.shape[-1] != b.shape[-2]:
        raise ValueError(f"{a.shape[-1]} unknowns, and {b.shape[-2]} rows on the right")
    return (*np.broadcast_shapes(a.shape[:-2], b.shape[:-2]), *b.shape[-2:])


solve_row = array_row(
    "solve",
    np.linalg.solve,
    [_solve_vjp_a, _solve_vjp_b],
    _solve_jvp,
    shape=_solve_shape,
    objects=lambda scalar, a, b: object_inv(a) @ b,
    source=f"{GILES}, section 2.3.1",
    examples=(
        ((well_conditioned(3, 3), (3,)), {}),
        ((well_conditioned(3, 3), (3, 2)), {}),
        ((well_conditioned(2, 2, 2), (2, 1)), {}),
        ((well_conditioned(2, 2), (2, 2, 1)), {}),
    ),
)
