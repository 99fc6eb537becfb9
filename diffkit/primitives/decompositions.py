"""Cholesky, QR and singular values: rows for real and complex matrices.

Cholesky reads one triangle, as eigh does (see `matrices`). Singular vectors may be turned
by a phase; the derivative is the one that does not turn them. Those of equal singular
values have none (see `eigenvalues`).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..core.tracing import AbstractTuple, abstract
from .eigenvalues import divided_off_diagonal
from .functions import concatenate, speaks
from .matrices import (
    SEEGER,
    as_matrices,
    column_of,
    conj,
    diagonal_matrix,
    diagonal_of,
    folded,
    h,
    identity_for,
    imag,
    is_complex,
    matmul,
    mirrored,
    mt,
    no_symbols,
    product,
    real,
    real_dtype,
    row_of,
    strictly_lower,
    tangent_of,
    times_sum,
    total,
    well_conditioned,
)
from .rules import array_row
from .several import tuple_row, unpacked
from .solving import inv, solve_row

_TOWNSEND = "Townsend, Differentiating the singular value decomposition (2016)"

# -- Cholesky ----------------------------------------------------------------------------------


def _halved_lower(x):
    """The lower triangle, half of the diagonal."""
    return x * (strictly_lower(x) + identity_for(x) / 2)


def _cholesky_vjp(bar, y, x):
    back = inv(y)
    return folded(product(mt(back), _halved_lower(matmul(mt(y), bar)), conj(back)), x)


def _cholesky_jvp(dots, y, x):
    back = inv(y)
    return matmul(y, _halved_lower(product(back, mirrored(dots[0], x), h(back))))


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
    source=f"{SEEGER}, section 4.1",
    examples=(((well_conditioned(3, 3),), {}), ((well_conditioned(2, 2, 2),), {})),
)

# -- QR ------------------------------------------------------------------------------------------


def _qr_shape(x):
    *batch, m, n = x.shape
    return AbstractTuple([abstract((*batch, m, n), x.dtype), abstract((*batch, n, n), x.dtype)])


def _qr_jvp(dots, out, x):
    """The diagonal of R stays real, as LAPACK has it."""
    q, r = unpacked(out)
    pushed = _divided_by(tangent_of(dots, x), r)
    inner = matmul(h(q), pushed)
    lower = inner * strictly_lower(inner)
    turn = lower - h(lower)
    if is_complex(x):
        turn = turn + diagonal_matrix(imag(diagonal_of(inner))) * 1j
    return matmul(q, turn - inner) + pushed, matmul(inner - turn, r)


def _divided_by(x, r):
    """Multiply by the inverse of r."""
    return mt(solve_row(mt(r), mt(x)))


def _qr_vjp(bars, out, x):
    q, r = unpacked(out)
    q_bar, r_bar = bars
    inner = total(
        None if q_bar is None else matmul(mt(q), q_bar),
        None if r_bar is None else -matmul(r_bar, mt(r)),
    )
    core = (inner - h(inner)) * strictly_lower(inner) - inner
    if is_complex(x):
        core = core + diagonal_matrix(imag(diagonal_of(inner))) * 1j
    return _divided_by(total(q_bar, matmul(conj(q), core)), mt(r))


qr_row = tuple_row(
    "qr",
    lambda x: tuple(np.linalg.qr(x)),
    _qr_vjp,
    _qr_jvp,
    shape=_qr_shape,
    objects=no_symbols("qr"),
    source=f"{SEEGER}, section 4.2; Townsend (2016)",
)

# -- singular values ----------------------------------------------------------------------------


def _svd_shape(x, full):
    *batch, m, n = x.shape
    k = min(m, n)
    return AbstractTuple(
        [
            abstract((*batch, m, m if full else k), x.dtype),
            abstract((*batch, k), real_dtype(x)),
            abstract((*batch, n if full else k, n), x.dtype),
        ]
    )


def _square_gaps(x, s):
    """Entry i, j divided by s[j]**2 - s[i]**2; 0 on the diagonal."""
    across, down = row_of(s), column_of(s)
    return divided_off_diagonal(x, (across - down) * (across + down))


def _phases(x, s):
    """Half of how far a pair of singular vectors turns against each other; real ones do not."""
    if not is_complex(x):
        return None
    return diagonal_matrix(imag(diagonal_of(x)) / (2 * s)) * 1j


def _svd_parts(out):
    """The vectors that belong to singular values, and those that only complete the basis."""
    u, s, vh = unpacked(out)
    k = s.shape[-1]
    u2 = u[..., k:] if u.shape[-1] > k else None
    v2 = h(vh[..., k:, :]) if vh.shape[-2] > k else None
    u, vh = (u[..., :k] if u2 is not None else u), (vh[..., :k, :] if v2 is not None else vh)
    return u, s, h(vh), u2, v2


def _svd_jvp(dots, out, x, *, full):
    u, s, v, u2, v2 = _svd_parts(out)
    dot, across = tangent_of(dots, x), row_of(s)
    inner = product(h(u), dot, v)
    other = h(inner)
    phases = _phases(inner, s)
    u_turn = _square_gaps(inner * across + column_of(s) * other, s)
    v_turn = _square_gaps(column_of(s) * inner + other * across, s)
    u_dot = matmul(u, total(u_turn, phases))
    v_dot = matmul(v, v_turn if phases is None else v_turn - phases)
    m, n = x.shape[-2:]
    if m > n:
        pushed = matmul(dot, v) / across
        u_dot = u_dot + pushed - matmul(u, inner / across)
    if n > m:
        pushed = matmul(h(dot), u) / across
        v_dot = v_dot + pushed - matmul(v, other / across)
    if u2 is not None:
        u_dot = concatenate([u_dot, -matmul(u / across, product(h(v), h(dot), u2))], -1)
    if v2 is not None:
        v_dot = concatenate([v_dot, -matmul(v / across, product(h(u), dot, v2))], -1)
    return u_dot, real(diagonal_of(inner)), h(v_dot)


def _svd_vjp(bars, out, x, *, full):
    """U of the Hermitian transpose is V: one rule for both, whose cotangent is transposed."""
    u, s, v, u2, v2 = _svd_parts(out)
    u_bar, s_bar, vh_bar = bars
    core = other = rest = beside = None
    if u_bar is not None:
        core, rest = _left_vectors_vjp(u_bar, u, s, v, u2)
    if vh_bar is not None:
        other, beside = _left_vectors_vjp(h(vh_bar), v, s, u, v2)
        other, beside = h(other), None if beside is None else h(beside)
    return total(matmul(times_sum(conj(u), s_bar, total(core, other)), mt(v)), rest, beside)


def _left_vectors_vjp(bar, u, s, v, u2):
    """What arrives at U: its part between the singular vectors, and its part outside."""
    across, k = row_of(s), s.shape[-1]
    inside = bar if u2 is None else bar[..., :k]
    inner = matmul(mt(u), inside)
    gaps = _square_gaps(inner, s)
    core, outside, completing = (gaps + h(gaps)) * across, None, None
    if u.shape[-2] > k:
        outside = matmul((inside - matmul(conj(u), inner)) / across, mt(v))
    if u2 is not None:
        back = matmul(conj(u2), h(bar[..., k:]))
        completing = -product(back, conj(u) / across, mt(v))
    return total(core, _phases(inner, s)), total(outside, completing)


svd_row = tuple_row(
    "svd",
    lambda x, *, full: tuple(np.linalg.svd(x, full_matrices=full)),
    _svd_vjp,
    _svd_jvp,
    shape=_svd_shape,
    objects=no_symbols("svd"),
    source=f"{_TOWNSEND}; {SEEGER}, section 4.4",
)

# -- NumPy's functions that others are made of ----------------------------------------


def svdvals(x: Any, /) -> Any:
    """Singular values, descending."""
    return unpacked(svd_row(as_matrices(x, "svdvals"), full=False))[1]


speaks(np.linalg.svdvals)(svdvals)
