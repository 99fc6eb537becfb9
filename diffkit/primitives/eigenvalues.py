"""Eigenvalues and eigenvectors: rows for real and complex matrices.

Complex eigenvectors of eigh may be turned by a phase; the derivative is the one that does
not turn them. Those of eig have length 1 and one real entry, as LAPACK scales them.
Eigenvectors of equal eigenvalues have no derivative: it is nan, unless what asks for it
does not turn them into each other. The derivatives of eigenvalues need no vectors to be
unique.
"""

from __future__ import annotations

import numpy as np

from ..core.tracing import AbstractTuple, abstract
from . import reductions
from .matrices import (
    GILES,
    SEEGER,
    column_of,
    conj,
    diagonal_of,
    folded,
    h,
    identity_for,
    imag,
    matmul,
    mirrored,
    mt,
    no_symbols,
    product,
    real,
    real_dtype,
    row_of,
    tangent_of,
    times_sum,
    total,
    well_conditioned,
)
from .rules import array_row
from .several import tuple_row, unpacked
from .solving import solve_row


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
    return divided_off_diagonal(x, row_of(values) - column_of(values))


def divided_off_diagonal(x, gaps):
    eye = identity_for(
        x
    )  # a gap of 1 on the diagonal, so that it is like any other in higher orders
    return gap_quotient(x * (1 - eye), gaps + eye)


def _eigh_shape(x, lower):
    return AbstractTuple([abstract(x.shape[:-1], real_dtype(x)), abstract(x.shape, x.dtype)])


def _eigh_vjp(bars, out, x, *, lower):
    w_bar, v_bar = bars
    w, v = unpacked(out)
    core = None if v_bar is None else _over_gaps(matmul(mt(v), v_bar), w)
    return folded(matmul(times_sum(conj(v), w_bar, core), mt(v)), x, lower)


def _eigh_jvp(dots, out, x, *, lower):
    w, v = unpacked(out)
    inner = product(h(v), mirrored(tangent_of(dots, x), x, lower), v)
    return real(diagonal_of(inner)), matmul(v, _over_gaps(inner, w))


eigh_row = tuple_row(
    "eigh",
    lambda x, *, lower: tuple(np.linalg.eigh(x, "L" if lower else "U")),
    _eigh_vjp,
    _eigh_jvp,
    shape=_eigh_shape,
    objects=no_symbols("eigh"),
    source=f"{GILES}, section 3.1; {SEEGER}, section 4.3",
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
    shape=lambda v: abstract(v.shape, real_dtype(v)),
    objects=no_symbols("eig"),
    source="which entry it is does not vary continuously",
    examples=(((well_conditioned(2, 2) * (1 + 0j),), {}),),
)


def _columns_sum(x):
    return reductions.sum_(x, axis=(x.ndim - 2,), keepdims=False)


def _eig_jvp(dots, out, x):
    """Then back to length 1 and a real anchor, along each vector."""
    w, v = unpacked(out)
    inner = solve_row(v, matmul(tangent_of(dots, x), v))
    free = matmul(v, _over_gaps(inner, w))
    at = anchors(v)
    length = real(_columns_sum(conj(v) * free))
    turn = imag(_columns_sum(at * free)) / real(_columns_sum(at * v))
    return diagonal_of(inner), free - v * row_of(length + 1j * turn)


def _eig_vjp(bars, out, x):
    w, v = unpacked(out)
    w_bar, v_bar = bars
    right, core = mt(v), None
    if v_bar is not None:
        along, at = _columns_sum(v_bar * v), anchors(v)
        turn = imag(along) / real(_columns_sum(at * v))
        free = v_bar - conj(v) * row_of(real(along)) - at * row_of(1j * turn)
        core = matmul(_over_gaps(matmul(right, free), w), right)
    return solve_row(right, total(None if w_bar is None else column_of(w_bar) * right, core))


eig_row = tuple_row(
    "eig",
    _eig,
    _eig_vjp,
    _eig_jvp,
    shape=_eig_shape,
    objects=no_symbols("eig"),
    source=f"{GILES}, section 3.1, with LAPACK's scaling of the vectors",
)
