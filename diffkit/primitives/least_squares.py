"""The pseudo-inverse, least squares and the rank of matrices."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..core.tracing import abstract
from ..errors import ShapeError, user_line
from . import elementwise, reductions, shaping
from .arguments import as_one, as_plain
from .decompositions import svdvals
from .functions import speaks
from .matrices import (
    as_floating,
    as_matrices,
    conj,
    h,
    hermitian_part,
    identity_for,
    matmul,
    mt,
    no_symbols,
    product,
    real_dtype,
    well_conditioned,
)
from .rules import array_row, composed_row
from .solving import object_inv


def _pinv_shape(x, rcond):
    return (*x.shape[:-2], x.shape[-1], x.shape[-2])


def _pinv_vjp(bar, y, x, *, rcond):
    """The rank is taken to stay as it is."""
    beside, below = _complement(matmul(x, y)), _complement(matmul(y, x))
    bar_h, y_h = h(bar), h(y)
    return (
        -product(mt(y), bar, mt(y))
        + product(conj(beside), bar_h, conj(matmul(y, y_h)))
        + product(conj(matmul(y_h, y)), bar_h, conj(below))
    )


def _pinv_jvp(dots, y, x, *, rcond):
    beside, below = _complement(matmul(x, y)), _complement(matmul(y, x))
    dot, y_h = dots[0], h(y)
    return -product(y, dot, y) + product(y, y_h, h(dot), beside) + product(below, h(dot), y_h, y)


def _complement(projector):
    return identity_for(projector) - projector


def _object_pinv(scalar, x, *, rcond):
    """Of full rank: symbols have no other."""
    h = np.conjugate(x).swapaxes(-1, -2)
    m, n = x.shape[-2:]
    return object_inv(h @ x) @ h if m >= n else h @ object_inv(x @ h)


pinv_row = array_row(
    "pinv",
    lambda x, *, rcond: np.linalg.pinv(x, rcond),
    [_pinv_vjp],
    _pinv_jvp,
    shape=_pinv_shape,
    objects=_object_pinv,
    source="Golub & Pereyra, The differentiation of pseudo-inverses (1973), equation 4.12",
    examples=(
        ((well_conditioned(3, 2),), {"rcond": 1e-15}),
        ((well_conditioned(2, 2, 3),), {"rcond": 1e-15}),
    ),
)

lstsq_row = composed_row(
    "lstsq",
    lambda a, b, *, rcond: np.linalg.lstsq(a, b, rcond)[0],
    lambda a, b, *, rcond: matmul(pinv_row(a, rcond=rcond), b),
    shape=lambda a, b, rcond: (a.shape[-1], *b.shape[1:]),
    objects=lambda scalar, a, b, *, rcond: _object_pinv(scalar, a, rcond=rcond) @ b,
    source="the pseudo-inverse times b",
    examples=(
        ((well_conditioned(3, 2), (3,)), {"rcond": 1e-15}),
        ((well_conditioned(2, 3), (2, 2)), {"rcond": 1e-15}),
    ),
)

rank_row = array_row(
    "matrix_rank",
    lambda x, *, tol, rtol, hermitian: np.linalg.matrix_rank(x, tol, hermitian, rtol=rtol),
    None,
    shape=lambda x, tol, rtol, hermitian: abstract(x.shape[:-2] if x.ndim > 1 else (), np.intp),
    objects=no_symbols("matrix_rank"),
    source="a whole number",
    examples=(((3, 2), {"tol": None, "rtol": None, "hermitian": False}),),
)

# -- NumPy's functions ------------------------------------------------------------

_UNSET: Any = object()


@speaks(np.linalg.pinv)
def pinv(a: Any, rcond: Any = None, hermitian: bool = False, *, rtol: Any = _UNSET) -> Any:
    """Pseudo-inverse; singular values below rcond times the largest count as 0."""
    a = hermitian_part(as_matrices(a, "pinv", square=hermitian), hermitian)
    if rcond is None and rtol is not _UNSET:
        rcond = epsilon(a) if rtol is None else rtol
    rcond = as_plain(1e-15 if rcond is None else rcond, "what np.linalg.pinv counts as 0")
    if not a.size:
        raise ShapeError(f"np.linalg.pinv{user_line()} of an empty matrix")
    return pinv_row(a, rcond=rcond)


def epsilon(a: Any) -> float:
    return max(a.shape[-2:]) * float(np.finfo(a.dtype).eps)


@speaks(np.linalg.lstsq)
def lstsq(a: Any, b: Any, rcond: Any = None) -> tuple:
    """The x of least |b - a x|, the squares left over, the rank and the singular values.

    Squares are given whenever a has more rows than columns; NumPy leaves them out where
    the rank is not full, which a recorded program cannot know.
    """
    a, b = as_matrices(a, "lstsq"), as_floating(as_one(b))
    if a.ndim != 2 or b.ndim not in (1, 2) or b.shape[0] != a.shape[0]:
        raise ShapeError(f"np.linalg.lstsq{user_line()}: shapes {a.shape} and {b.shape}")
    rcond = as_plain(rcond, "what np.linalg.lstsq counts as 0")
    cut = epsilon(a) if rcond is None else np.finfo(a.dtype).eps if rcond == -1 else rcond
    x = lstsq_row(a, b, rcond=float(cut))
    s = svdvals(a)
    rank = rank_row(a, tol=None, rtol=float(cut), hermitian=False)
    return x, _squares_left(a, b, x), rank, s


def _squares_left(a: Any, b: Any, x: Any) -> Any:
    if a.shape[0] <= a.shape[1]:
        return np.zeros(0, real_dtype(x))
    left = elementwise.absolute(b - matmul(a, x)) ** 2
    left = shaping.reshape(left, shape=(a.shape[0], left.size // a.shape[0]))
    return reductions.sum_(left, axis=(0,), keepdims=False)


@speaks(np.linalg.matrix_rank)
def matrix_rank(A: Any, tol: Any = None, hermitian: bool = False, *, rtol: Any = None) -> Any:
    """How many singular values are not 0: a whole number, without a derivative."""
    tol, rtol = (as_plain(t, "what np.linalg.matrix_rank counts as 0") for t in (tol, rtol))
    return rank_row(as_floating(as_one(A)), tol=tol, rtol=rtol, hermitian=bool(hermitian))
