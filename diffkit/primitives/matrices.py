"""Matrices, the last two axes of an array: transposes, diagonals and triangles, in rows.

cholesky, eigh and eigvalsh read one triangle. An entry that equals (the conjugate of) its
mirror image shares its gradient equally with it, as ties do; where the two differ, the one
that is read has all of it. So symmetric matrices have symmetric gradients.
"""

from __future__ import annotations

import math
import operator
from functools import lru_cache, reduce
from typing import Any

import numpy as np

from ..core.tracing import shape_of
from ..errors import ShapeError, SymbolicError, user_line
from . import arithmetic, comparison, contraction, elementwise, moving, reductions, shaping
from .arguments import as_one
from .functions import some_axes
from .rules import array_row, plain

GILES = "Giles, Collected matrix derivative results for forward and reverse mode AD (2008)"

SEEGER = "Seeger et al., Auto-differentiating linear algebra (2017)"

matmul = contraction.matmul


def mt(x):
    """Transpose the last two axes."""
    order = tuple(range(x.ndim))
    return shaping.transpose(x, axes=(*order[:-2], order[-1], order[-2]))


def h(x):
    """Transpose and conjugate."""
    return elementwise.conjugated(mt(x))


conj = elementwise.conjugated


def product(*factors):
    return reduce(matmul, factors)


def is_complex(x):
    return x.dtype.kind == "c"


def real_dtype(x):
    return np.empty(0, x.dtype).real.dtype


def real(x):
    return elementwise.real(x) if is_complex(x) else x


def imag(x):
    return elementwise.imag(x)


def row_of(v):
    """A vector that scales columns when it multiplies a matrix."""
    return shaping.reshape(v, shape=(*v.shape[:-1], 1, v.shape[-1]))


def column_of(v):
    """A vector that scales rows when it multiplies a matrix."""
    return shaping.reshape(v, shape=(*v.shape, 1))


def per_matrix(v):
    """A number for each matrix, in a shape that multiplies it."""
    return shaping.reshape(v, shape=(*shape_of(v), 1, 1)) if shape_of(v) else v


def identity_for(x):
    return _identity(x.shape[-1], real_dtype(x))


@lru_cache(maxsize=64)
def _identity(n, dtype):
    return _constant(np.eye(n, dtype=dtype))


def _constant(x):
    """An array that nobody can change, so that recordings need not copy it."""
    x.flags.writeable = False
    return x


def diagonal_of(x):
    return moving.diagonal(x, 0, -2, -1)


def diagonal_matrix(v):
    return identity_for(v) * row_of(v)


def times_sum(x, diagonal, core):
    """Multiply by the sum of a diagonal matrix and another one; None is zero."""
    scaled = None if diagonal is None else x * row_of(diagonal)
    return total(scaled, None if core is None else matmul(x, core))


def total(*parts):
    """The sum of what is there."""
    parts = [part for part in parts if part is not None]
    return reduce(operator.add, parts) if parts else None


def strictly_lower(x):
    return _below_diagonal(x.shape[-1], real_dtype(x))


@lru_cache(maxsize=64)
def _below_diagonal(n, dtype):
    return _constant(np.tri(n, k=-1, dtype=dtype))


def sum2(x):
    """Sum of the entries of each matrix."""
    return reductions.sum_(x, axis=some_axes((-2, -1), x.ndim), keepdims=False)


def tangent_of(dots, x):
    return plain(dots[0], x)


# -- what reads one triangle ---------------------------------------------------------------


def _read_share(x, lower):
    """The part of an entry's gradient that it has itself; its mirror image has the rest."""
    read = _halved_triangle(x.shape[-1], real_dtype(x), lower)
    return arithmetic.where(comparison.equal(x, h(x)), read.dtype.type(0.5), read)


@lru_cache(maxsize=64)
def _halved_triangle(n, dtype, lower):
    triangle = np.tri(n, k=-1, dtype=dtype) + np.eye(n, dtype=dtype) / 2
    return _constant(triangle if lower else triangle.T.copy())


def folded(bar, x, lower=True):
    """The cotangent of a matrix of which one triangle stands for both."""
    return (bar + h(bar)) * _read_share(x, lower)


def mirrored(dot, x, lower=True):
    """The tangent of the Hermitian matrix that is read."""
    part = dot * _read_share(x, lower)
    return part + h(part)


def _hermitian(x, *, lower):
    low = np.tril(x, -1) if lower else np.conjugate(np.triu(x, 1)).swapaxes(-1, -2)
    eye = np.eye(x.shape[-1], dtype=bool)
    return np.where(eye, np.real(x), low + np.conjugate(low).swapaxes(-1, -2)).astype(x.dtype)


def _hermitian_objects(scalar, x, *, lower):
    low = np.tril(x, -1) if lower else np.conjugate(np.triu(x, 1)).swapaxes(-1, -2)
    return low + np.conjugate(low).swapaxes(-1, -2) + x * np.eye(x.shape[-1], dtype=int)


hermitian = array_row(
    "hermitian",
    _hermitian,
    [lambda bar, y, x, *, lower: folded(bar, x, lower)],
    lambda dots, y, x, *, lower: mirrored(dots[0], x, lower),
    shape=lambda x, lower: x.shape,
    objects=_hermitian_objects,
    kinks="where an entry equals its mirror image both share the gradient",
    source="linear in the triangle that is read",
    examples=(((3, 3), {"lower": True}), ((2, 2, 2), {"lower": False})),
)

# -- what rows and definitions of other files share --------------------------------------


def well_conditioned(*shape):
    """Matrices for the table-wide tests: far from singular, nothing symmetric."""
    entries = np.cos(7.0 * np.arange(1, math.prod(shape) + 1)).reshape(shape)
    return entries / 2 + np.eye(*shape[-2:]) * 1.5


def no_symbols(name):
    def refuse(scalar, *operands, **params):
        raise SymbolicError(f"np.linalg.{name} has no SymPy form: it is found by iteration")

    return refuse


def as_matrices(x: Any, name: str, square: bool = False) -> Any:
    """Floating matrices; NumPy computes whole numbers as float64."""
    x = as_one(x)
    if x.ndim < 2 or (square and x.shape[-1] != x.shape[-2]):
        kind = "square matrices" if square else "matrices"
        raise ShapeError(f"np.linalg.{name}{user_line()} takes {kind}, not shape {x.shape}")
    return as_floating(x)


def as_floating(x: Any) -> Any:
    if x.dtype.kind in "fc":
        return x
    return elementwise.astype(x, dtype=np.dtype(np.float64))


def hermitian_part(a: Any, hermitian_: bool) -> Any:
    return hermitian(a, lower=True) if hermitian_ else a
