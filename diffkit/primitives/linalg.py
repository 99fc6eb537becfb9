"""Linear algebra: solving, determinants, decompositions, norms; matrices are the last two axes.

Rules are for real and complex matrices. A cotangent pairs with a tangent as
Re sum(x_bar * x_dot), so a holomorphic rule transposes and does not conjugate.

Conventions, where NumPy's answer or its derivative is not unique:

- cholesky, eigh and eigvalsh read one triangle. An entry that equals (the conjugate of) its
  mirror image shares its gradient equally with it, as ties do; where the two differ, the
  one that is read has all of it. So symmetric matrices have symmetric gradients.
- Complex eigenvectors of eigh and singular vectors may be turned by a phase; the
  derivative is the one that does not turn them. Those of eig have length 1 and one real
  entry, as LAPACK scales them.
- Eigenvectors of equal eigenvalues (singular vectors of equal singular values) have no
  derivative: it is nan, unless what asks for it does not turn them into each other. The
  derivatives of eigenvalues need no vectors to be unique.
- det of a singular matrix has its derivative by cofactors. Norms are 0 at the origin.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from functools import cache, lru_cache, reduce
from typing import Any

import numpy as np

from ..core.tracing import AbstractTuple, abstract, shape_of
from ..errors import MissingRule, ShapeError, SymbolicError, user_line
from . import (
    arithmetic,
    calculus,
    comparison,
    contraction,
    elementwise,
    functions,
    moving,
    reductions,
    shaping,
)
from .functions import concatenate, moveaxis, one_axis, some_axes, speaks
from .moving import as_one, as_plain
from .rules import array_row, composed_row, plain, tuple_row, unpacked

_GILES = "Giles, Collected matrix derivative results for forward and reverse mode AD (2008)"
_TOWNSEND = "Townsend, Differentiating the singular value decomposition (2016)"
_SEEGER = "Seeger et al., Auto-differentiating linear algebra (2017)"

matmul = contraction.matmul


# -- matrices, in rows -------------------------------------------------------------------


def _mt(x):
    """Transpose the last two axes."""
    order = tuple(range(x.ndim))
    return shaping.transpose(x, axes=(*order[:-2], order[-1], order[-2]))


def _h(x):
    """Transpose and conjugate."""
    return elementwise.conjugated(_mt(x))


_conj = elementwise.conjugated


def _product(*factors):
    return reduce(matmul, factors)


def _is_complex(x):
    return x.dtype.kind == "c"


def _real_dtype(x):
    return np.empty(0, x.dtype).real.dtype


def _real(x):
    return elementwise.real(x) if _is_complex(x) else x


def _imag(x):
    return elementwise.imag(x)


def _across(v):
    """A vector that scales columns when it multiplies a matrix."""
    return shaping.reshape(v, shape=(*v.shape[:-1], 1, v.shape[-1]))


def _down(v):
    """A vector that scales rows when it multiplies a matrix."""
    return shaping.reshape(v, shape=(*v.shape, 1))


def _spread(v):
    """A number for each matrix, in a shape that multiplies it."""
    return shaping.reshape(v, shape=(*shape_of(v), 1, 1)) if shape_of(v) else v


def _eye(x):
    return np.eye(x.shape[-1], dtype=_real_dtype(x))


def _diagonal(x):
    return moving.diagonal(x, 0, -2, -1)


def _diagonal_matrix(v):
    return _eye(v) * _across(v)


def _times(x, diagonal, core):
    """Multiply by the sum of a diagonal matrix and another one; None is zero."""
    scaled = None if diagonal is None else x * _across(diagonal)
    return _total(scaled, None if core is None else matmul(x, core))


def _total(*parts):
    """The sum of what is there."""
    parts = [part for part in parts if part is not None]
    return reduce(operator.add, parts) if parts else None


def _strictly_lower(x):
    return np.tril(np.ones(x.shape[-2:], _real_dtype(x)), -1)


def _sum2(x):
    """Sum of the entries of each matrix."""
    return reductions.sum_(x, axis=some_axes((-2, -1), x.ndim), keepdims=False)


def _moving(dots, x):
    return plain(dots[0], x)


# -- what reads one triangle ---------------------------------------------------------------


def _read_share(x, lower):
    """The part of an entry's gradient that it has itself; its mirror image has the rest."""
    half, low = np.eye(x.shape[-1]) / 2, np.tril(np.ones(x.shape[-2:]), -1)
    read = (half + (low if lower else low.T)).astype(_real_dtype(x))
    return arithmetic.where(comparison.equal(x, _h(x)), read.dtype.type(0.5), read)


def _folded(bar, x, lower=True):
    """The cotangent of a matrix of which one triangle stands for both."""
    return (bar + _h(bar)) * _read_share(x, lower)


def _mirrored(dot, x, lower=True):
    """The tangent of the Hermitian matrix that is read."""
    part = dot * _read_share(x, lower)
    return part + _h(part)


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
    [lambda bar, y, x, *, lower: _folded(bar, x, lower)],
    lambda dots, y, x, *, lower: _mirrored(dots[0], x, lower),
    shape=lambda x, lower: x.shape,
    objects=_hermitian_objects,
    kinks="where an entry equals its mirror image both share the gradient",
    source="linear in the triangle that is read",
    examples=(((3, 3), {"lower": True}), ((2, 2, 2), {"lower": False})),
)


# -- solving -------------------------------------------------------------------------------


def _minor(x, i, j):
    return np.delete(np.delete(x, i, -2), j, -1)


def _object_det(x):
    """By the first row: symbols are not compared, so there is nothing to pivot by."""
    if x.shape[-1] == 0:
        return 1
    signed = [(-1) ** j * x[..., 0, j] * _object_det(_minor(x, 0, j)) for j in range(x.shape[-1])]
    return sum(signed[1:], signed[0])


def _object_cofactor(x):
    n = x.shape[-1]
    y = np.empty(x.shape, object)
    for i, j in np.ndindex(n, n):
        y[..., i, j] = (-1) ** (i + j) * _object_det(_minor(x, i, j))
    return y


def _object_inv(x):
    return _object_cofactor(x).swapaxes(-1, -2) / np.asarray(_object_det(x))[..., None, None]


def _inv_vjp(bar, y, x):
    return -_product(_mt(y), bar, _mt(y))


def _well(*shape):
    """Matrices for the table-wide tests: far from singular, nothing symmetric."""
    entries = np.cos(7.0 * np.arange(1, math.prod(shape) + 1)).reshape(shape)
    return entries / 2 + np.eye(*shape[-2:]) * 1.5


inv = array_row(
    "inv",
    np.linalg.inv,
    [_inv_vjp],
    lambda dots, y, x: -_product(y, dots[0], y),
    shape=lambda x: x.shape,
    objects=lambda scalar, x: _object_inv(x),
    source=f"{_GILES}, section 2.2.3",
    examples=(((_well(3, 3),), {}), ((_well(2, 2, 2),), {})),
)


def _as_columns(v, like):
    """A vector as a matrix of one column; a matrix as it is."""
    return shaping.reshape(v, shape=(*v.shape, 1)) if like.ndim == 1 else v


def _solve_vjp_b(bar, y, a, b):
    return solve_row(_mt(a), bar)


def _solve_vjp_a(bar, y, a, b):
    back = _solve_vjp_b(bar, y, a, b)
    return -matmul(_as_columns(back, b), _mt(_as_columns(y, b)))


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
    objects=lambda scalar, a, b: _object_inv(a) @ b,
    source=f"{_GILES}, section 2.3.1",
    examples=(
        ((_well(3, 3), (3,)), {}),
        ((_well(3, 3), (3, 2)), {}),
        ((_well(2, 2, 2), (2, 1)), {}),
        ((_well(2, 2), (2, 2, 1)), {}),
    ),
)


# -- determinants ----------------------------------------------------------------------------


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
    turn = _spread(det_row(u) * det_row(vh))
    pairs = _without(s, 2)
    inner = _product(_h(u), dot, _h(vh))
    on = _diagonal_matrix(matmul(pairs, _down(_diagonal(inner)))[..., 0])
    return turn * _product(_conj(u), on - _mt(pairs * inner), _conj(vh))


cofactor = array_row(
    "cofactor",
    _cofactor,
    [lambda bar, y, x: _cofactor_derivative(bar, x)],
    lambda dots, y, x: _cofactor_derivative(dots[0], x),
    shape=lambda x: x.shape,
    objects=lambda scalar, x: _object_cofactor(x),
    source="the Hessian of det, in the frame of the singular vectors",
    examples=(((_well(3, 3),), {}), ((_well(2, 2, 2),), {}), ((_well(1, 1),), {})),
)

det_row = array_row(
    "det",
    np.linalg.det,
    [lambda bar, y, x: _spread(bar) * cofactor(x)],
    lambda dots, y, x: _sum2(dots[0] * cofactor(x)),
    shape=lambda x: x.shape[:-2],
    objects=lambda scalar, x: _object_det(x),
    source=f"{_GILES}, section 2.2.4; by cofactors, so also where x is singular",
    examples=(((_well(3, 3),), {}), ((_well(2, 2, 2),), {})),
)


def _slogdet_shape(x):
    return AbstractTuple([abstract(x.shape[:-2], x.dtype), abstract(x.shape[:-2], _real_dtype(x))])


def _slogdet_objects(scalar, x):
    raise SymbolicError("np.linalg.slogdet has no SymPy form; write np.log(np.linalg.det(x))")


def _slogdet_vjp(bars, out, x):
    """log|det x| has the gradient x**-T; the sign of a real matrix does not move."""
    sign_bar, log_bar = bars
    if log_bar is None and not _is_complex(x):
        return np.zeros(x.shape, x.dtype)
    turn = None
    if sign_bar is not None and _is_complex(x):
        turn = 1j * _imag(sign_bar * unpacked(out)[0])
    return _spread(_total(log_bar, turn)) * _mt(inv(x))


def _slogdet_jvp(dots, out, x):
    moved = _sum2(_moving(dots, x) * _mt(inv(x)))
    sign = unpacked(out)[0]
    turned = sign * _imag(moved) * 1j if _is_complex(x) else sign * 0
    return turned, _real(moved)


slogdet_row = tuple_row(
    "slogdet",
    lambda x: tuple(np.linalg.slogdet(x)),
    _slogdet_vjp,
    _slogdet_jvp,
    shape=_slogdet_shape,
    objects=_slogdet_objects,
    source=f"{_GILES}, section 2.2.4",
)


# -- Cholesky ----------------------------------------------------------------------------------


def _halved_lower(x):
    """The lower triangle, half of the diagonal."""
    return x * (_strictly_lower(x) + _eye(x) / 2)


def _cholesky_vjp(bar, y, x):
    back = inv(y)
    return _folded(_product(_mt(back), _halved_lower(matmul(_mt(y), bar)), _conj(back)), x)


def _cholesky_jvp(dots, y, x):
    back = inv(y)
    return matmul(y, _halved_lower(_product(back, _mirrored(dots[0], x), _h(back))))


def _object_cholesky(scalar, x):
    n, sqrt = x.shape[-1], scalar("sqrt")
    y = x * 0
    for j in range(n):
        done = y[..., j, :j]
        y[..., j, j] = sqrt(x[..., j, j] - (done * np.conjugate(done)).sum(-1))
        for i in range(j + 1, n):
            rest = (y[..., i, :j] * np.conjugate(done)).sum(-1)
            y[..., i, j] = (x[..., i, j] - rest) / y[..., j, j]
    return y


cholesky_row = array_row(
    "cholesky",
    np.linalg.cholesky,
    [_cholesky_vjp],
    _cholesky_jvp,
    shape=lambda x: x.shape,
    objects=_object_cholesky,
    source=f"{_SEEGER}, section 4.1",
    examples=(((_well(3, 3),), {}), ((_well(2, 2, 2),), {})),
)


# -- eigenvalues ---------------------------------------------------------------------------------


def _gap_quotient(a, b):
    """a/b; where b is 0, 0 for a = 0 and nan for others."""
    a = np.asarray(a)
    return np.where((b == 0) & (a == 0), a, a / np.where(b == 0, np.nan, b))[()]


# What equal eigenvalues do to their vectors: nothing, when nothing asks; else unknown.
gap_quotient = array_row(
    "gap_quotient",
    _gap_quotient,
    [
        lambda bar, y, a, b: gap_quotient(bar, b),
        lambda bar, y, a, b: gap_quotient(-bar * y, b),
    ],
    lambda dots, y, a, b: gap_quotient(
        (0 if dots[0] is None else dots[0]) - (0 if dots[1] is None else y * dots[1]), b
    ),
    elementwise=True,
    sympy=lambda sp, a, b: a / b,
    source="quotient rule",
    examples=((((3,), (3,)), {}), (((2, 2), (2,)), {})),
)


def _over_gaps(x, values):
    """Entry i, j divided by values[j] - values[i]; 0 on the diagonal."""
    return _divided_off_diagonal(x, _across(values) - _down(values))


def _divided_off_diagonal(x, gaps):
    eye = _eye(x)  # a gap of 1 on the diagonal, so that it is like any other in higher orders
    return gap_quotient(x * (1 - eye), gaps + eye)


def _no_symbols(name):
    def refuse(scalar, *operands, **params):
        raise SymbolicError(f"np.linalg.{name} has no SymPy form: it is found by iteration")

    return refuse


def _eigh_shape(x, lower):
    return AbstractTuple([abstract(x.shape[:-1], _real_dtype(x)), abstract(x.shape, x.dtype)])


def _eigh_vjp(bars, out, x, *, lower):
    w_bar, v_bar = bars
    w, v = unpacked(out)
    core = None if v_bar is None else _over_gaps(matmul(_mt(v), v_bar), w)
    return _folded(matmul(_times(_conj(v), w_bar, core), _mt(v)), x, lower)


def _eigh_jvp(dots, out, x, *, lower):
    w, v = unpacked(out)
    inner = _product(_h(v), _mirrored(_moving(dots, x), x, lower), v)
    return _real(_diagonal(inner)), matmul(v, _over_gaps(inner, w))


eigh_row = tuple_row(
    "eigh",
    lambda x, *, lower: tuple(np.linalg.eigh(x, "L" if lower else "U")),
    _eigh_vjp,
    _eigh_jvp,
    shape=_eigh_shape,
    objects=_no_symbols("eigh"),
    source=f"{_GILES}, section 3.1; {_SEEGER}, section 4.3",
)


def _eig(x):
    w, v = np.linalg.eig(x)
    kind = np.result_type(x.dtype, np.complex64)
    return w.astype(kind), v.astype(kind)


def _eig_shape(x):
    kind = np.result_type(x.dtype, np.complex64)
    return AbstractTuple([abstract(x.shape[:-1], kind), abstract(x.shape, kind)])


def _anchors(v):
    """1 at the entry of each column that is kept real: the largest one, as LAPACK has it."""
    size = np.where(v.imag == 0, np.abs(v), -1)
    first = np.argmax(size, axis=-2)[..., None, :]
    return (np.arange(v.shape[-2])[:, None] == first).astype(size.dtype)


anchors = array_row(
    "eigenvector_anchor",
    _anchors,
    None,
    shape=lambda v: abstract(v.shape, _real_dtype(v)),
    objects=_no_symbols("eig"),
    source="which entry it is does not vary continuously",
    examples=(((_well(2, 2) * (1 + 0j),), {}),),
)


def _columns_sum(x):
    return reductions.sum_(x, axis=(x.ndim - 2,), keepdims=False)


def _eig_jvp(dots, out, x):
    """Then back to length 1 and a real anchor, along each vector."""
    w, v = unpacked(out)
    inner = solve_row(v, matmul(_moving(dots, x), v))
    free = matmul(v, _over_gaps(inner, w))
    at = anchors(v)
    length = _real(_columns_sum(_conj(v) * free))
    turn = _imag(_columns_sum(at * free)) / _real(_columns_sum(at * v))
    return _diagonal(inner), free - v * _across(length + 1j * turn)


def _eig_vjp(bars, out, x):
    w, v = unpacked(out)
    w_bar, v_bar = bars
    right, core = _mt(v), None
    if v_bar is not None:
        along, at = _columns_sum(v_bar * v), anchors(v)
        turn = _imag(along) / _real(_columns_sum(at * v))
        free = v_bar - _conj(v) * _across(_real(along)) - at * _across(1j * turn)
        core = matmul(_over_gaps(matmul(right, free), w), right)
    return solve_row(right, _total(None if w_bar is None else _down(w_bar) * right, core))


eig_row = tuple_row(
    "eig",
    _eig,
    _eig_vjp,
    _eig_jvp,
    shape=_eig_shape,
    objects=_no_symbols("eig"),
    source=f"{_GILES}, section 3.1, with LAPACK's scaling of the vectors",
)


# -- singular values ----------------------------------------------------------------------------


def _svd_shape(x, full):
    *batch, m, n = x.shape
    k = min(m, n)
    return AbstractTuple(
        [
            abstract((*batch, m, m if full else k), x.dtype),
            abstract((*batch, k), _real_dtype(x)),
            abstract((*batch, n if full else k, n), x.dtype),
        ]
    )


def _square_gaps(x, s):
    """Entry i, j divided by s[j]**2 - s[i]**2; 0 on the diagonal."""
    across, down = _across(s), _down(s)
    return _divided_off_diagonal(x, (across - down) * (across + down))


def _phases(x, s):
    """Half of how far a pair of singular vectors turns against each other; real ones do not."""
    if not _is_complex(x):
        return None
    return _diagonal_matrix(_imag(_diagonal(x)) / (2 * s)) * 1j


def _svd_parts(out):
    """The vectors that belong to singular values, and those that only complete the basis."""
    u, s, vh = unpacked(out)
    k = s.shape[-1]
    u2 = u[..., k:] if u.shape[-1] > k else None
    v2 = _h(vh[..., k:, :]) if vh.shape[-2] > k else None
    u, vh = (u[..., :k] if u2 is not None else u), (vh[..., :k, :] if v2 is not None else vh)
    return u, s, _h(vh), u2, v2


def _svd_jvp(dots, out, x, *, full):
    u, s, v, u2, v2 = _svd_parts(out)
    dot, across = _moving(dots, x), _across(s)
    inner = _product(_h(u), dot, v)
    other = _h(inner)
    phases = _phases(inner, s)
    u_turn = _square_gaps(inner * across + _down(s) * other, s)
    v_turn = _square_gaps(_down(s) * inner + other * across, s)
    u_dot = matmul(u, _total(u_turn, phases))
    v_dot = matmul(v, v_turn if phases is None else v_turn - phases)
    m, n = x.shape[-2:]
    if m > n:
        pushed = matmul(dot, v) / across
        u_dot = u_dot + pushed - matmul(u, inner / across)
    if n > m:
        pushed = matmul(_h(dot), u) / across
        v_dot = v_dot + pushed - matmul(v, other / across)
    if u2 is not None:
        u_dot = concatenate([u_dot, -matmul(u / across, _product(_h(v), _h(dot), u2))], -1)
    if v2 is not None:
        v_dot = concatenate([v_dot, -matmul(v / across, _product(_h(u), dot, v2))], -1)
    return u_dot, _real(_diagonal(inner)), _h(v_dot)


def _svd_vjp(bars, out, x, *, full):
    """U of the Hermitian transpose is V: one rule for both, whose cotangent is transposed."""
    u, s, v, u2, v2 = _svd_parts(out)
    u_bar, s_bar, vh_bar = bars
    core = other = rest = beside = None
    if u_bar is not None:
        core, rest = _left_vectors_vjp(u_bar, u, s, v, u2)
    if vh_bar is not None:
        other, beside = _left_vectors_vjp(_h(vh_bar), v, s, u, v2)
        other, beside = _h(other), None if beside is None else _h(beside)
    return _total(matmul(_times(_conj(u), s_bar, _total(core, other)), _mt(v)), rest, beside)


def _left_vectors_vjp(bar, u, s, v, u2):
    """What arrives at U: its part between the singular vectors, and its part outside."""
    across, k = _across(s), s.shape[-1]
    inside = bar if u2 is None else bar[..., :k]
    inner = matmul(_mt(u), inside)
    gaps = _square_gaps(inner, s)
    core, outside, completing = (gaps + _h(gaps)) * across, None, None
    if u.shape[-2] > k:
        outside = matmul((inside - matmul(_conj(u), inner)) / across, _mt(v))
    if u2 is not None:
        back = matmul(_conj(u2), _h(bar[..., k:]))
        completing = -_product(back, _conj(u) / across, _mt(v))
    return _total(core, _phases(inner, s)), _total(outside, completing)


svd_row = tuple_row(
    "svd",
    lambda x, *, full: tuple(np.linalg.svd(x, full_matrices=full)),
    _svd_vjp,
    _svd_jvp,
    shape=_svd_shape,
    objects=_no_symbols("svd"),
    source=f"{_TOWNSEND}; {_SEEGER}, section 4.4",
)


# -- QR ------------------------------------------------------------------------------------------


def _qr_shape(x):
    *batch, m, n = x.shape
    return AbstractTuple([abstract((*batch, m, n), x.dtype), abstract((*batch, n, n), x.dtype)])


def _qr_jvp(dots, out, x):
    """The diagonal of R stays real, as LAPACK has it."""
    q, r = unpacked(out)
    pushed = _divided_by(_moving(dots, x), r)
    inner = matmul(_h(q), pushed)
    lower = inner * _strictly_lower(inner)
    turn = lower - _h(lower)
    if _is_complex(x):
        turn = turn + _diagonal_matrix(_imag(_diagonal(inner))) * 1j
    return matmul(q, turn - inner) + pushed, matmul(inner - turn, r)


def _divided_by(x, r):
    """Multiply by the inverse of r."""
    return _mt(solve_row(_mt(r), _mt(x)))


def _qr_vjp(bars, out, x):
    q, r = unpacked(out)
    q_bar, r_bar = bars
    inner = _total(
        None if q_bar is None else matmul(_mt(q), q_bar),
        None if r_bar is None else -matmul(r_bar, _mt(r)),
    )
    core = (inner - _h(inner)) * _strictly_lower(inner) - inner
    if _is_complex(x):
        core = core + _diagonal_matrix(_imag(_diagonal(inner))) * 1j
    return _divided_by(_total(q_bar, matmul(_conj(q), core)), _mt(r))


qr_row = tuple_row(
    "qr",
    lambda x: tuple(np.linalg.qr(x)),
    _qr_vjp,
    _qr_jvp,
    shape=_qr_shape,
    objects=_no_symbols("qr"),
    source=f"{_SEEGER}, section 4.2; Townsend (2016)",
)


# -- least squares -------------------------------------------------------------------------------


def _pinv_shape(x, rcond):
    return (*x.shape[:-2], x.shape[-1], x.shape[-2])


def _pinv_vjp(bar, y, x, *, rcond):
    """The rank is taken to stay as it is."""
    beside, below = _complement(matmul(x, y)), _complement(matmul(y, x))
    bar_h, y_h = _h(bar), _h(y)
    return (
        -_product(_mt(y), bar, _mt(y))
        + _product(_conj(beside), bar_h, _conj(matmul(y, y_h)))
        + _product(_conj(matmul(y_h, y)), bar_h, _conj(below))
    )


def _pinv_jvp(dots, y, x, *, rcond):
    beside, below = _complement(matmul(x, y)), _complement(matmul(y, x))
    dot, y_h = dots[0], _h(y)
    return (
        -_product(y, dot, y) + _product(y, y_h, _h(dot), beside) + _product(below, _h(dot), y_h, y)
    )


def _complement(projector):
    return _eye(projector) - projector


def _object_pinv(scalar, x, *, rcond):
    """Of full rank: symbols have no other."""
    h = np.conjugate(x).swapaxes(-1, -2)
    m, n = x.shape[-2:]
    return _object_inv(h @ x) @ h if m >= n else h @ _object_inv(x @ h)


pinv_row = array_row(
    "pinv",
    lambda x, *, rcond: np.linalg.pinv(x, rcond),
    [_pinv_vjp],
    _pinv_jvp,
    shape=_pinv_shape,
    objects=_object_pinv,
    source="Golub & Pereyra, The differentiation of pseudo-inverses (1973), equation 4.12",
    examples=(((_well(3, 2),), {"rcond": 1e-15}), ((_well(2, 2, 3),), {"rcond": 1e-15})),
)

lstsq_row = composed_row(
    "lstsq",
    lambda a, b, *, rcond: np.linalg.lstsq(a, b, rcond)[0],
    lambda a, b, *, rcond: matmul(pinv_row(a, rcond=rcond), b),
    shape=lambda a, b, rcond: (a.shape[-1], *b.shape[1:]),
    objects=lambda scalar, a, b, *, rcond: _object_pinv(scalar, a, rcond=rcond) @ b,
    source="the pseudo-inverse times b",
    examples=(
        ((_well(3, 2), (3,)), {"rcond": 1e-15}),
        ((_well(2, 3), (2, 2)), {"rcond": 1e-15}),
    ),
)

rank_row = array_row(
    "matrix_rank",
    lambda x, *, tol, rtol, hermitian: np.linalg.matrix_rank(x, tol, hermitian, rtol=rtol),
    None,
    shape=lambda x, tol, rtol, hermitian: abstract(x.shape[:-2] if x.ndim > 1 else (), np.intp),
    objects=_no_symbols("matrix_rank"),
    source="a whole number",
    examples=(((3, 2), {"tol": None, "rtol": None, "hermitian": False}),),
)


# -- norms of vectors ------------------------------------------------------------------------------


def _p_norm(x, *, axis, keepdims, ord):
    powers = np.add.reduce(np.abs(x) ** ord, axis=axis, keepdims=keepdims)
    return powers ** powers.dtype.type(1 / ord)


def _p_direction(y, x, axis, ord):
    """sign(x) * (|x|/y)**(ord - 1), and 0 at the origin for ord > 1."""
    kept = tuple(1 if axis is None or i in axis else n for i, n in enumerate(x.shape))
    y, size = shaping.reshape(y, shape=kept), elementwise.absolute(x)
    sign = elementwise.quotient(_conj(x), size) if _is_complex(x) else elementwise.sign(x)
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
            tuple(1 if i in reduced else n for i, n in enumerate(x.shape)), _real_dtype(x)
        )
    return abstract(tuple(n for i, n in enumerate(x.shape) if i not in reduced), _real_dtype(x))


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


# == NumPy's functions ===========================================================================


def _matrices(x: Any, name: str, square: bool = False) -> Any:
    """Floating matrices; NumPy computes whole numbers as float64."""
    x = as_one(x)
    if x.ndim < 2 or (square and x.shape[-1] != x.shape[-2]):
        kind = "square matrices" if square else "matrices"
        raise ShapeError(f"np.linalg.{name}{user_line()} takes {kind}, not shape {x.shape}")
    return _floating(x)


def _floating(x: Any) -> Any:
    if x.dtype.kind in "fc":
        return x
    return elementwise.astype(x, dtype=np.dtype(np.float64))


@lru_cache(maxsize=8)
def _result_class(function: Callable) -> type:
    """NumPy's named tuple for the results of this function."""
    return type(function(np.eye(1)))


def _results(function: Callable, parts: Any) -> Any:
    return _result_class(function)(*parts)


@speaks(np.linalg.inv)
def inv_(a: Any) -> Any:
    """Inverse of each matrix."""
    return inv(_matrices(a, "inv", square=True))


@speaks(np.linalg.solve)
def solve(a: Any, b: Any) -> Any:
    """Solve a x = b; b is a vector, or matrices."""
    a, b = _matrices(a, "solve", square=True), _floating(as_one(b))
    if b.ndim == 0 or b.shape[-1 if b.ndim == 1 else -2] != a.shape[-1]:
        raise ShapeError(f"np.linalg.solve{user_line()}: shapes {a.shape} and {b.shape}")
    if b.ndim > 1 or a.ndim == 2:
        return solve_row(a, b)
    return solve_row(a, shaping.reshape(b, shape=(*b.shape, 1)))[..., 0]


@speaks(np.linalg.det)
def det(a: Any) -> Any:
    """Determinant of each matrix."""
    return det_row(_matrices(a, "det", square=True))


@speaks(np.linalg.slogdet)
def slogdet(a: Any) -> Any:
    """Sign, and logarithm of the absolute value, of each determinant."""
    parts = unpacked(slogdet_row(_matrices(a, "slogdet", square=True)))
    return _results(np.linalg.slogdet, parts)


def cholesky(a: Any, /, *, upper: bool = False) -> Any:
    """L with a = L L^H, from the lower triangle; or U with a = U^H U, from the upper one."""
    a = _matrices(a, "cholesky", square=True)
    return _h(cholesky_row(_h(a))) if upper else cholesky_row(a)


speaks(np.linalg.cholesky)(cholesky)


def _lower(uplo: Any) -> bool:
    if str(uplo).upper() not in ("L", "U"):
        raise ShapeError(f'UPLO={uplo!r}{user_line()}: it may be "L" or "U"')
    return str(uplo).upper() == "L"


@speaks(np.linalg.eigh)
def eigh(a: Any, UPLO: str = "L") -> Any:
    """Eigenvalues, ascending, and eigenvectors of Hermitian matrices."""
    row = eigh_row(_matrices(a, "eigh", square=True), lower=_lower(UPLO))
    return _results(np.linalg.eigh, unpacked(row))


@speaks(np.linalg.eigvalsh)
def eigvalsh(a: Any, UPLO: str = "L") -> Any:
    """Eigenvalues of Hermitian matrices, ascending."""
    return eigh(a, UPLO)[0]


@speaks(np.linalg.eig)
def eig(a: Any) -> Any:
    """Eigenvalues and eigenvectors, always complex: their dtype must not depend on values."""
    return _results(np.linalg.eig, unpacked(eig_row(_matrices(a, "eig", square=True))))


@speaks(np.linalg.eigvals)
def eigvals(a: Any) -> Any:
    """Eigenvalues, always complex."""
    return eig(a)[0]


@speaks(np.linalg.svd)
def svd(
    a: Any, full_matrices: bool = True, compute_uv: bool = True, hermitian: bool = False
) -> Any:
    """Singular values, descending, and vectors: a = U diag(S) Vh."""
    a = _matrices(a, "svd", square=hermitian)
    if not compute_uv:
        return svdvals(_hermitian_part(a, hermitian))
    full = bool(full_matrices) and a.shape[-1] != a.shape[-2]
    parts = _hermitian_svd(a) if hermitian else unpacked(svd_row(a, full=full))
    return _results(np.linalg.svd, parts)


def _hermitian_svd(a: Any) -> tuple:
    """Through the eigenvalues, as NumPy does it."""
    w, u = eigh(a)
    order = np.argsort(elementwise.absolute(w), axis=-1)[..., ::-1]
    w = np.take_along_axis(w, order, axis=-1)
    u = np.take_along_axis(u, functions.expand_dims(order, -2), axis=-1)
    return u, elementwise.absolute(w), _h(u * _across(elementwise.sign(w)))


def _hermitian_part(a: Any, hermitian_: bool) -> Any:
    return hermitian(a, lower=True) if hermitian_ else a


def svdvals(x: Any, /) -> Any:
    """Singular values, descending."""
    return unpacked(svd_row(_matrices(x, "svdvals"), full=False))[1]


speaks(np.linalg.svdvals)(svdvals)


@speaks(np.linalg.qr)
def qr(a: Any, mode: str = "reduced") -> Any:
    """Q with orthonormal columns, and R upper triangular."""
    a = _matrices(a, "qr")
    m, n = a.shape[-2:]
    if mode not in ("reduced", "r") and not (mode == "complete" and m <= n):
        raise MissingRule(
            f"np.linalg.qr(mode={mode!r}) of traced {m} x {n} matrices{user_line()}: columns that "
            'only complete a basis are not unique; use mode="reduced"'
        )
    q, r = unpacked(qr_row(a if m >= n else a[..., :m]))
    if m < n:
        r = concatenate([r, matmul(_h(q), a[..., m:])], -1)
    return r if mode == "r" else _results(np.linalg.qr, (q, r))


# -- least squares ---------------------------------------------------------------------------------


_UNSET: Any = object()


@speaks(np.linalg.pinv)
def pinv(a: Any, rcond: Any = None, hermitian: bool = False, *, rtol: Any = _UNSET) -> Any:
    """Pseudo-inverse; singular values below rcond times the largest count as 0."""
    a = _hermitian_part(_matrices(a, "pinv", square=hermitian), hermitian)
    if rcond is None and rtol is not _UNSET:
        rcond = _epsilon(a) if rtol is None else rtol
    rcond = as_plain(1e-15 if rcond is None else rcond, "what np.linalg.pinv counts as 0")
    if not a.size:
        raise ShapeError(f"np.linalg.pinv{user_line()} of an empty matrix")
    return pinv_row(a, rcond=rcond)


def _epsilon(a: Any) -> float:
    return max(a.shape[-2:]) * float(np.finfo(a.dtype).eps)


@speaks(np.linalg.lstsq)
def lstsq(a: Any, b: Any, rcond: Any = None) -> tuple:
    """The x of least |b - a x|, the squares left over, the rank and the singular values.

    Squares are given whenever a has more rows than columns; NumPy leaves them out where
    the rank is not full, which a recorded program cannot know.
    """
    a, b = _matrices(a, "lstsq"), _floating(as_one(b))
    if a.ndim != 2 or b.ndim not in (1, 2) or b.shape[0] != a.shape[0]:
        raise ShapeError(f"np.linalg.lstsq{user_line()}: shapes {a.shape} and {b.shape}")
    rcond = as_plain(rcond, "what np.linalg.lstsq counts as 0")
    cut = _epsilon(a) if rcond is None else np.finfo(a.dtype).eps if rcond == -1 else rcond
    x = lstsq_row(a, b, rcond=float(cut))
    s = svdvals(a)
    rank = rank_row(a, tol=None, rtol=float(cut), hermitian=False)
    return x, _squares_left(a, b, x), rank, s


def _squares_left(a: Any, b: Any, x: Any) -> Any:
    if a.shape[0] <= a.shape[1]:
        return np.zeros(0, _real_dtype(x))
    left = elementwise.absolute(b - matmul(a, x)) ** 2
    left = shaping.reshape(left, shape=(a.shape[0], left.size // a.shape[0]))
    return reductions.sum_(left, axis=(0,), keepdims=False)


@speaks(np.linalg.matrix_rank)
def matrix_rank(A: Any, tol: Any = None, hermitian: bool = False, *, rtol: Any = None) -> Any:
    """How many singular values are not 0: a whole number, without a derivative."""
    tol, rtol = (as_plain(t, "what np.linalg.matrix_rank counts as 0") for t in (tol, rtol))
    return rank_row(_floating(as_one(A)), tol=tol, rtol=rtol, hermitian=bool(hermitian))


@speaks(np.linalg.cond)
def cond(x: Any, p: Any = None) -> Any:
    """Condition number: |x| |x**-1| in a norm, by default the largest singular value's."""
    return cond_row(_matrices(x, "cond", square=p not in (None, 2, -2)), p=p)


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
    shape=lambda x, p: abstract(x.shape[:-2], _real_dtype(x)),
    objects=lambda scalar, x, *, p: _object_cond(scalar, x, p),
    source="its definition, through the singular values or the inverse",
    examples=(((_well(2, 2),), {"p": "fro"}),),
)


def _object_cond(scalar, x, p):
    if p not in ("fro", "f"):
        raise SymbolicError(f"np.linalg.cond(p={p!r}) has no SymPy form")
    lengths = [np.asarray((y * np.conjugate(y)).sum((-2, -1))) for y in (x, _object_inv(x))]
    return scalar("sqrt")(lengths[0] * lengths[1])


# -- products ----------------------------------------------------------------------------------------


@speaks(np.linalg.matrix_power)
def matrix_power(a: Any, n: int) -> Any:
    """Multiply a matrix by itself n times, by repeated squaring."""
    a = _matrices(a, "matrix_power", square=True)
    n = operator.index(as_plain(n, "the exponent of np.linalg.matrix_power"))
    if n == 0:
        return np.broadcast_to(np.eye(a.shape[-1], dtype=a.dtype), a.shape).copy()
    if n < 0:
        a, n = inv(a), -n
    if n == 3:
        return matmul(matmul(a, a), a)
    result, square = None, a
    while True:
        if n % 2:
            result = square if result is None else matmul(result, square)
        n //= 2
        if not n:
            return result
        square = matmul(square, square)


@speaks(np.linalg.multi_dot)
def multi_dot(arrays: Any) -> Any:
    """Product of several matrices, in the order that costs least; vectors at the ends may be."""
    arrays = [as_one(a) for a in arrays]
    if len(arrays) < 2:
        raise ShapeError(f"np.linalg.multi_dot{user_line()} takes two or more arrays")
    row, column = arrays[0].ndim == 1, arrays[-1].ndim == 1
    if len(arrays) == 2:
        return functions.dot(*arrays)
    if row:
        arrays[0] = shaping.reshape(arrays[0], shape=(1, *arrays[0].shape))
    if column:
        arrays[-1] = shaping.reshape(arrays[-1], shape=(*arrays[-1].shape, 1))
    if any(a.ndim != 2 for a in arrays):
        raise ShapeError(f"np.linalg.multi_dot{user_line()} takes matrices")
    y = _cheapest(arrays)
    return y[(0,) * row + (slice(None),) * (not row) + (0,) * column] if row or column else y


def _cheapest(arrays: list) -> Any:
    """Cormen et al., Introduction to Algorithms, section 15.2."""
    sizes = [a.shape[0] for a in arrays] + [arrays[-1].shape[1]]

    @cache
    def plan(i: int, j: int) -> tuple[int, int]:
        """Cost of the product of arrays i to j, and after which one to part it."""
        if i == j:
            return 0, i
        costs = [
            (plan(i, k)[0] + plan(k + 1, j)[0] + sizes[i] * sizes[k + 1] * sizes[j + 1], k)
            for k in range(i, j)
        ]
        return min(costs)

    def multiplied(i: int, j: int) -> Any:
        k = plan(i, j)[1]
        return arrays[i] if i == j else matmul(multiplied(i, k), multiplied(k + 1, j))

    return multiplied(0, len(arrays) - 1)


@speaks(np.linalg.tensorinv)
def tensorinv(a: Any, ind: int = 2) -> Any:
    """Inverse of what tensordot(a, b, ind) does to b."""
    a = as_one(a)
    if ind <= 0:
        raise ShapeError(f"np.linalg.tensorinv(ind={ind}){user_line()}: ind is positive")
    shape = a.shape[ind:] + a.shape[:ind]
    rows = math.prod(a.shape[:ind])
    return shaping.reshape(inv_(shaping.reshape(a, shape=(rows, a.size // rows))), shape=shape)


@speaks(np.linalg.tensorsolve)
def tensorsolve(a: Any, b: Any, axes: Any = None) -> Any:
    """Solve tensordot(a, x, x.ndim) = b."""
    a, b = as_one(a), as_one(b)
    if axes is not None:
        axes = [one_axis(i, a.ndim) for i in (axes if hasattr(axes, "__len__") else [axes])]
        a = functions.transpose(a, [i for i in range(a.ndim) if i not in axes] + axes)
    shape = a.shape[b.ndim :]
    if a.size != b.size**2:
        raise ShapeError(f"np.linalg.tensorsolve{user_line()}: shapes {a.shape} and {b.shape}")
    matrix = shaping.reshape(a, shape=(b.size, b.size))
    x = solve(matrix, shaping.reshape(b, shape=(b.size,)))
    return shaping.reshape(x, shape=shape)


# -- norms ---------------------------------------------------------------------------------------------


@speaks(np.linalg.norm)
def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    """Norm of vectors (one axis) or matrices (two axes)."""
    x, keepdims = _floating(as_one(x)), bool(keepdims)
    ord = as_plain(ord, "the order of a norm")
    if axis is None and (
        ord is None or (x.ndim == 1 and ord == 2) or (x.ndim == 2 and ord in ("f", "fro"))
    ):
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
        return elementwise.astype(reductions.sum_(there, **along), dtype=_real_dtype(x))
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
    x, ord = _floating(as_one(x)), as_plain(ord, "the order of a norm")
    return _vector_norm(x, ord, some_axes(axis, x.ndim), bool(keepdims))


def matrix_norm(x: Any, /, *, keepdims: bool = False, ord: Any = "fro") -> Any:
    """Norm of the matrices in the last two axes."""
    x, ord = _matrices(x, "matrix_norm"), as_plain(ord, "the order of a norm")
    return _matrix_norm(x, ord, (x.ndim - 2, x.ndim - 1), bool(keepdims))


# -- the array API's names -------------------------------------------------------------------------------


def cross(x1: Any, x2: Any, /, *, axis: int = -1) -> Any:
    """Cross product of vectors of three entries."""
    x1, x2 = as_one(x1), as_one(x2)
    if x1.shape[axis] != 3 or x2.shape[axis] != 3:
        raise ShapeError(
            f"np.linalg.cross{user_line()} takes vectors of 3 entries, not {x1.shape}, {x2.shape}"
        )
    return calculus.cross(x1, x2, axis=axis)


def diagonal(x: Any, /, *, offset: int = 0) -> Any:
    """Diagonals of matrices."""
    return moving.diagonal(x, offset, -2, -1)


def trace(x: Any, /, *, offset: int = 0, dtype: Any = None) -> Any:
    """Sums of the diagonals of matrices."""
    x = diagonal(x, offset=offset)
    total = reductions.sum_(x, axis=some_axes(-1, x.ndim), keepdims=False)
    return total if dtype is None else calculus.in_dtype(total, dtype)


def outer(x1: Any, x2: Any, /) -> Any:
    """All products of an entry of one vector with an entry of the other."""
    x1, x2 = as_one(x1), as_one(x2)
    if x1.ndim != 1 or x2.ndim != 1:
        raise ShapeError(f"np.linalg.outer{user_line()} takes vectors, not {x1.shape}, {x2.shape}")
    return contraction.outer(x1, x2)


def tensordot(x1: Any, x2: Any, /, *, axes: Any = 2) -> Any:
    """Sum over the given axes of both."""
    return functions.tensordot(x1, x2, axes)


def _matmul(x1: Any, x2: Any, /) -> Any:
    """Matrix product."""
    return matmul(as_one(x1), as_one(x2))


for _name, _definition in {
    "cross": cross,
    "diagonal": diagonal,
    "matmul": _matmul,
    "matrix_norm": matrix_norm,
    "matrix_transpose": moving.matrix_transpose,
    "outer": outer,
    "tensordot": tensordot,
    "trace": trace,
    "vecdot": calculus.vecdot,
    "vector_norm": vector_norm,
}.items():
    speaks(getattr(np.linalg, _name))(_definition)
