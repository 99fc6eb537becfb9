"""Determinants; that of a singular matrix has its derivative by cofactors."""

from __future__ import annotations

import numpy as np

from ..core.tracing import AbstractTuple, abstract
from ..errors import SymbolicError
from . import arithmetic, reductions, shaping
from .decompositions import svd_row
from .matrices import (
    GILES,
    column_of,
    conj,
    diagonal_matrix,
    diagonal_of,
    h,
    imag,
    is_complex,
    matmul,
    mt,
    per_matrix,
    product,
    real,
    real_dtype,
    sum2,
    tangent_of,
    total,
    well_conditioned,
)
from .rules import array_row
from .several import tuple_row, unpacked
from .solving import object_cofactor, object_det


def _without(s, count):
    """Products of all singular values but one, or but two different ones (0 on the diagonal)."""
    n = s.shape[-1]
    keep = ~np.eye(n, dtype=bool)
    if count == 2:
        keep = keep[:, None, :] & keep[None, :, :]
    spread = shaping.reshape(s, shape=(*s.shape[:-1], *(1,) * count, n))
    kept = arithmetic.where(keep, spread, s.dtype.type(1))
    products = reductions.prod(kept, axis=(kept.ndim - 1,), keepdims=False)
    return products if count == 1 else products * (1 - np.eye(n, dtype=s.dtype))


def _cofactor(x):
    """det(x) times the transposed inverse, also where x is singular."""
    n = x.shape[-1]
    if n == 1:
        return np.ones_like(x)
    if n == 2:
        flipped = x[..., ::-1, ::-1]
        return flipped * np.array([[1, -1], [-1, 1]], x.dtype)
    u, s, vh = np.linalg.svd(x)
    turn = (np.linalg.det(u) * np.linalg.det(vh))[..., None, None]
    return turn * (u.conj() * _without(s, 1)[..., None, :]) @ vh.conj()


def _cofactor_derivative(dot, x):
    """The second derivative of det, applied once; it is symmetric, so it is VJP and JVP.

    Between the singular vectors x is diagonal, and a cofactor of a diagonal matrix with
    entries s changes by products of all s but two.
    """
    if x.shape[-1] == 1:
        return dot * 0
    if x.shape[-1] == 2:
        return cofactor(dot)
    u, s, vh = unpacked(svd_row(x, full=False))
    turn = per_matrix(det_row(u) * det_row(vh))
    pairs = _without(s, 2)
    inner = product(h(u), dot, h(vh))
    on = diagonal_matrix(matmul(pairs, column_of(diagonal_of(inner)))[..., 0])
    return turn * product(conj(u), on - mt(pairs * inner), conj(vh))


cofactor = array_row(
    "cofactor",
    _cofactor,
    [lambda bar, y, x: _cofactor_derivative(bar, x)],
    lambda dots, y, x: _cofactor_derivative(dots[0], x),
    shape=lambda x: x.shape,
    objects=lambda scalar, x: object_cofactor(x),
    source="the Hessian of det, in the frame of the singular vectors",
    examples=(
        ((well_conditioned(3, 3),), {}),
        ((well_conditioned(2, 2, 2),), {}),
        ((well_conditioned(1, 1),), {}),
    ),
)

det_row = array_row(
    "det",
    np.linalg.det,
    [lambda bar, y, x: per_matrix(bar) * cofactor(x)],
    lambda dots, y, x: sum2(dots[0] * cofactor(x)),
    shape=lambda x: x.shape[:-2],
    objects=lambda scalar, x: object_det(x),
    source=f"{GILES}, section 2.2.4; by cofactors, so also where x is singular",
    examples=(((well_conditioned(3, 3),), {}), ((well_conditioned(2, 2, 2),), {})),
)


def _log_slope(x):
    """The transposed inverse; cofactors over 0 where there is none, as log(det) has it."""
    try:
        return np.linalg.inv(x).swapaxes(-1, -2)
    except np.linalg.LinAlgError:
        return _cofactor(x) / np.linalg.det(x)[..., None, None]


log_slope = array_row(
    "log_det_slope",
    _log_slope,
    [lambda bar, y, x: -product(y, mt(bar), y)],
    lambda dots, y, x: -product(y, mt(dots[0]), y),
    shape=lambda x: x.shape,
    objects=lambda scalar, x: object_cofactor(x) / np.asarray(object_det(x))[..., None, None],
    source=f"{GILES}, section 2.2.3, transposed",
    examples=(((well_conditioned(3, 3),), {}), ((well_conditioned(2, 2, 2),), {})),
)


def _slogdet_shape(x):
    return AbstractTuple([abstract(x.shape[:-2], x.dtype), abstract(x.shape[:-2], real_dtype(x))])


def _slogdet_objects(scalar, x):
    raise SymbolicError("np.linalg.slogdet has no SymPy form; write np.log(np.linalg.det(x))")


def _slogdet_vjp(bars, out, x):
    """log|det x| has the gradient x**-T; the sign of a real matrix does not move."""
    sign_bar, log_bar = bars
    if log_bar is None and not is_complex(x):
        return np.zeros(x.shape, x.dtype)
    turn = None
    if sign_bar is not None and is_complex(x):
        turn = 1j * imag(sign_bar * unpacked(out)[0])
    return per_matrix(total(log_bar, turn)) * log_slope(x)


def _slogdet_jvp(dots, out, x):
    moved = sum2(tangent_of(dots, x) * log_slope(x))
    sign = unpacked(out)[0]
    turned = sign * imag(moved) * 1j if is_complex(x) else sign * 0
    return turned, real(moved)


slogdet_row = tuple_row(
    "slogdet",
    lambda x: tuple(np.linalg.slogdet(x)),
    _slogdet_vjp,
    _slogdet_jvp,
    shape=_slogdet_shape,
    objects=_slogdet_objects,
    source=f"{GILES}, section 2.2.4",
)
