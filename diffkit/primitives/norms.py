"""Norms of vectors and matrices, and condition numbers; norms are 0 at the origin."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..core.tracing import abstract
from ..errors import ShapeError, SymbolicError, user_line
from . import arithmetic, comparison, elementwise, reductions, shaping
from .arguments import as_one, as_plain
from .decompositions import svdvals
from .functions import moveaxis, one_axis, some_axes, speaks
from .matrices import as_floating, as_matrices, conj, is_complex, real_dtype, well_conditioned
from .rules import array_row, composed_row
from .solving import inv, object_inv


def _p_norm(x, *, axis, keepdims, ord):
    powers = np.add.reduce(np.abs(x) ** ord, axis=axis, keepdims=keepdims)
    return powers ** powers.dtype.type(1 / ord)


def _p_direction(y, x, axis, ord):
    """sign(x) * (|x|/y)**(ord - 1), and 0 at the origin for ord > 1."""
    kept = tuple(1 if axis is None or i in axis else n for i, n in enumerate(x.shape))
    y, size = shaping.reshape(y, shape=kept), elementwise.absolute(x)
    sign = elementwise.quotient(conj(x), size) if is_complex(x) else elementwise.sign(x)
    if ord < 0:
        return sign * elementwise.quotient(y, size) ** (1 - ord)
    return sign * elementwise.quotient(size, y) ** (ord - 1)


def _p_norm_vjp(bar, y, x, *, axis, keepdims, ord):
    kept = tuple(1 if axis is None or i in axis else n for i, n in enumerate(x.shape))
    return shaping.reshape(bar, shape=kept) * _p_direction(y, x, axis, ord)


def _p_norm_shape(x, axis, keepdims, ord):
    reduced = range(x.ndim) if axis is None else axis
    if keepdims:
        return abstract(
            tuple(1 if i in reduced else n for i, n in enumerate(x.shape)), real_dtype(x)
        )
    return abstract(tuple(n for i, n in enumerate(x.shape) if i not in reduced), real_dtype(x))


def _object_p_norm(scalar, x, *, axis, keepdims, ord):
    power = scalar("power")
    size = scalar("sqrt")(x * np.conjugate(x))
    return power(np.add.reduce(power(size, ord), axis=axis, keepdims=keepdims), 1 / ord)


p_norm = array_row(
    "p_norm",
    _p_norm,
    [_p_norm_vjp],
    lambda dots, y, x, *, axis, keepdims, ord: reductions.sum_(
        dots[0] * _p_direction(y, x, axis, ord), axis=axis, keepdims=keepdims
    ),
    shape=_p_norm_shape,
    objects=_object_p_norm,
    kinks="the origin, where it answers 0",
    source="sign(x) (|x|/y)**(p-1)",
    examples=(
        ((3,), {"axis": None, "keepdims": False, "ord": 3}),
        ((2, 3), {"axis": (1,), "keepdims": True, "ord": 1.5}),
        ((2, 3), {"axis": (0,), "keepdims": False, "ord": -2}),
    ),
)

# -- NumPy's functions ------------------------------------------------------------


@speaks(np.linalg.norm)
def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    """Norm of vectors (one axis) or matrices (two axes)."""
    x, keepdims = as_floating(as_one(x)), bool(keepdims)
    if ord is None and axis is None:
        return reductions.norm2(x, axis=None, keepdims=keepdims)
    ord = as_plain(ord, "the order of a norm")
    if axis is None and ((x.ndim == 1 and ord == 2) or (x.ndim == 2 and ord in ("f", "fro"))):
        return reductions.norm2(x, axis=None, keepdims=keepdims)
    axes = tuple(range(x.ndim)) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    axes = tuple(one_axis(i, x.ndim) for i in axes)
    if len(axes) == 1:
        return _vector_norm(x, ord, some_axes(axes, x.ndim), keepdims)
    if len(axes) != 2 or axes[0] == axes[1]:
        raise ShapeError(
            f"np.linalg.norm{user_line()}: a vector has one axis, a matrix two, not {axes}"
        )
    return _matrix_norm(x, ord, axes, keepdims)


def _vector_norm(x: Any, ord: Any, axis: Any, keepdims: bool) -> Any:
    along = {"axis": axis, "keepdims": keepdims}
    if ord is None or ord == 2:
        return reductions.norm2(x, **along)
    if isinstance(ord, str):
        raise ShapeError(f"ord={ord!r}{user_line()} is a norm of matrices, not of vectors")
    if ord == 0:
        there = arithmetic.where(comparison.not_equal(x, 0), 1.0, 0.0)
        return elementwise.astype(reductions.sum_(there, **along), dtype=real_dtype(x))
    size = elementwise.absolute(x)
    if ord == 1:
        return reductions.sum_(size, **along)
    if np.isinf(ord):
        return (reductions.max_ if ord > 0 else reductions.min_)(size, **along)
    return p_norm(x, **along, ord=ord)


# Each norm of a matrix: what is reduced first (0: the rows' axis, 1: the columns'), and how.
_OVER_SUMS = {
    1: (0, reductions.max_),
    -1: (0, reductions.min_),
    np.inf: (1, reductions.max_),
    -np.inf: (1, reductions.min_),
}
_OVER_SINGULAR = {2: reductions.max_, -2: reductions.min_, "nuc": reductions.sum_}


def _matrix_norm(x: Any, ord: Any, axes: tuple, keepdims: bool) -> Any:
    if ord in (None, "f", "fro"):
        return reductions.norm2(x, axis=some_axes(axes, x.ndim), keepdims=keepdims)
    if ord in _OVER_SUMS:
        first, extremum = _OVER_SUMS[ord]
        sums = reductions.sum_(elementwise.absolute(x), axis=(axes[first],), keepdims=True)
        return extremum(sums, axis=some_axes(axes, x.ndim), keepdims=keepdims)
    if ord not in _OVER_SINGULAR:
        raise ShapeError(
            f"ord={ord!r}{user_line()} is no norm of matrices; they are 'fro', 'nuc', and plus or "
            "minus 1, 2 and inf"
        )
    s = svdvals(moveaxis(x, axes, (-2, -1)))
    # abs, for its derivative at 0: where a singular value is 0, so is its part of the gradient.
    y = _OVER_SINGULAR[ord](elementwise.absolute(s), axis=(s.ndim - 1,), keepdims=False)
    kept = tuple(1 if i in axes else n for i, n in enumerate(x.shape))
    return shaping.reshape(y, shape=kept) if keepdims else y


def vector_norm(x: Any, /, *, axis: Any = None, keepdims: bool = False, ord: Any = 2) -> Any:
    """Norm of vectors, along one axis or several together."""
    x, ord = as_floating(as_one(x)), as_plain(ord, "the order of a norm")
    return _vector_norm(x, ord, some_axes(axis, x.ndim), bool(keepdims))


def matrix_norm(x: Any, /, *, keepdims: bool = False, ord: Any = "fro") -> Any:
    """Norm of the matrices in the last two axes."""
    x, ord = as_matrices(x, "matrix_norm"), as_plain(ord, "the order of a norm")
    return _matrix_norm(x, ord, (x.ndim - 2, x.ndim - 1), bool(keepdims))


# -- condition numbers ------------------------------------------------------------


@speaks(np.linalg.cond)
def cond(x: Any, p: Any = None) -> Any:
    """Condition number: |x| |x**-1| in a norm, by default the largest singular value's."""
    return cond_row(as_matrices(x, "cond", square=p not in (None, 2, -2)), p=p)


def _cond_expansion(x, *, p):
    if p in (None, 2, -2):
        s = svdvals(x)
        return s[..., -1] / s[..., 0] if p == -2 else s[..., 0] / s[..., -1]
    return matrix_norm(x, ord=p) * matrix_norm(inv(x), ord=p)


# A row, so that the value of a singular matrix is infinite, as NumPy has it, and no error.
cond_row = composed_row(
    "cond",
    lambda x, *, p: np.linalg.cond(x, p),
    _cond_expansion,
    shape=lambda x, p: abstract(x.shape[:-2], real_dtype(x)),
    objects=lambda scalar, x, *, p: _object_cond(scalar, x, p),
    source="its definition, through the singular values or the inverse",
    examples=(((well_conditioned(2, 2),), {"p": "fro"}),),
)


def _object_cond(scalar, x, p):
    if p not in ("fro", "f"):
        raise SymbolicError(f"np.linalg.cond(p={p!r}) has no SymPy form")
    lengths = [np.asarray((y * np.conjugate(y)).sum((-2, -1))) for y in (x, object_inv(x))]
    return scalar("sqrt")(lengths[0] * lengths[1])
