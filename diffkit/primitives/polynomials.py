"""Polynomials, given by their coefficients, the highest power first."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from ..core.tracing import is_traced
from ..errors import MissingRule, ShapeError, user_line
from . import contraction, elementwise, reductions, shaping
from .arguments import as_one, cut
from .convolution import convolve
from .functions import atleast_1d, broadcast_to, concatenate, reshape, speaks
from .least_squares import lstsq
from .moving import flip
from .running import cumprod


@speaks(np.polyval)
def polyval(p: Any, x: Any) -> Any:
    """Value of a polynomial, by Horner's rule."""
    p, x = as_one(p), as_one(x)
    if not p.size:
        return elementwise.copy(x * 0)
    y = p[0]
    for i in range(1, p.shape[0]):
        y = y * x + p[i]
    shape = x.shape + p.shape[1:] if p.ndim > 1 else x.shape
    return y if y.shape == shape else broadcast_to(y, np.broadcast_shapes(y.shape, shape))


@speaks(np.polyder)
def polyder(p: Any, m: int = 1) -> Any:
    """Coefficients of the m-th derivative."""
    p = as_one(p)
    for _ in range(_order("polyder", m)):
        n = p.shape[0] - 1
        p = cut(p, 0, None, -1) * np.arange(n, 0, -1)
    return p


@speaks(np.polyint)
def polyint(p: Any, m: int = 1, k: Any = None) -> Any:
    """Coefficients of the m-th integral, with the given constants."""
    p, m = as_one(p), _order("polyint", m)
    constants = np.zeros(m) if k is None else atleast_1d(as_one(k))
    if constants.size == 1 and m > 1:
        constants = broadcast_to(constants, (m,))
    if constants.size < m:
        raise ShapeError(f"np.polyint{user_line()} needs 1 or {m} constants, not {constants.size}")
    for i in range(m):
        divided = p / np.arange(p.shape[0], 0, -1)
        p = concatenate([divided, cut(constants, 0, i, i + 1)])
    return p


def _order(name, m):
    m = operator.index(m)
    if m < 0:
        raise ShapeError(f"np.{name}(m={m}){user_line()}: m is 0 or more")
    return m


def _same_length(a, b):
    """Both with zeros in front of the shorter."""
    a, b = atleast_1d(as_one(a)), atleast_1d(as_one(b))
    n = max(a.size, b.size)
    return [x if x.size == n else concatenate([np.zeros(n - x.size, x.dtype), x]) for x in (a, b)]


@speaks(np.polyadd)
def polyadd(a1: Any, a2: Any) -> Any:
    """Coefficients of the sum."""
    a, b = _same_length(a1, a2)
    return a + b


@speaks(np.polysub)
def polysub(a1: Any, a2: Any) -> Any:
    """Coefficients of the difference."""
    a, b = _same_length(a1, a2)
    return a - b


@speaks(np.polymul)
def polymul(a1: Any, a2: Any) -> Any:
    """Coefficients of the product; leading zeros of plain coefficients are dropped."""
    return convolve(_trimmed(a1), _trimmed(a2))


def _trimmed(a):
    """Without leading zeros, as np.poly1d has it (which depends on values)."""
    a = atleast_1d(as_one(a))
    start = 0
    while start < a.size - 1 and bool(a[start] == 0):
        start += 1
    return cut(a, 0, start, None) if start else a


@speaks(np.polydiv)
def polydiv(u: Any, v: Any) -> tuple:
    """Quotient and remainder; zeros in front of the remainder are dropped."""
    u, v = atleast_1d(as_one(u)) + 0.0, atleast_1d(as_one(v)) + 0.0
    r, n, quotient = u + 0.0 * v[0], v.size, []
    while r.size >= n:
        d = r[0] / v[0]
        quotient.append(d)
        taken = cut(r, 0, 0, n) - d * v
        r = concatenate([cut(taken, 0, 1, None), cut(r, 0, n, None)])
    if not quotient:
        quotient = [0.0 * r[0]]
    elif not r.size:
        r = np.zeros(1, u.dtype)
    while r.size > 1 and bool(elementwise.absolute(r[0]) <= 1e-8):
        r = cut(r, 0, 1, None)
    return shaping.stack(*quotient, axis=0), r


@speaks(np.poly)
def poly(seq_of_zeros: Any) -> Any:
    """Coefficients of the polynomial with the given roots."""
    roots = atleast_1d(as_one(seq_of_zeros))
    if roots.ndim != 1:
        raise MissingRule(
            f"np.poly of a matrix{user_line()} is not covered; write "
            "np.poly(np.linalg.eigvals(a)), or np.linalg.det(x * np.eye(n) - a)"
        )
    coefficients = np.ones(1, roots.dtype)
    for i in range(roots.size):
        factor = shaping.stack(roots.dtype.type(1), -roots[i], axis=0)
        coefficients = convolve(coefficients, factor)
    return coefficients


@speaks(np.roots)
def roots(p: Any) -> Any:
    """Roots of a polynomial, always complex: their dtype must not depend on values."""
    p = _trimmed(p)
    if p.ndim != 1:
        raise ShapeError(f"np.roots{user_line()} takes a vector, not shape {p.shape}")
    if p.size < 2:
        return np.zeros(0, complex)
    companion = reshape(-cut(p, 0, 1, None) / p[0], (1, -1))
    if p.size > 2:
        companion = concatenate([companion, np.eye(p.size - 1, dtype=companion.dtype)[:-1]])
    return np.linalg.eigvals(companion)


@speaks(np.vander)
def vander(x: Any, N: int | None = None, increasing: bool = False) -> Any:
    """Columns of powers of x."""
    x = as_one(x)
    if x.ndim != 1:
        raise ShapeError(f"np.vander{user_line()} takes a vector, not shape {x.shape}")
    n = x.size if N is None else operator.index(N)
    dtype = np.promote_types(x.dtype, int)
    powers = np.ones((x.size, min(n, 1)), dtype)
    if n > 1:
        x = x if x.dtype == dtype else elementwise.astype(x, dtype=dtype)
        repeated = broadcast_to(reshape(x, (x.size, 1)), (x.size, n - 1))
        powers = shaping.concatenate(powers, cumprod(repeated, 1), axis=1)
    return powers if increasing else flip(powers, 1)


@speaks(np.polyfit)
def polyfit(
    x: Any, y: Any, deg: int, rcond: Any = None, full: bool = False, w: Any = None, cov: Any = False
) -> Any:
    """Coefficients of the polynomial of least squares; `full` adds what np.linalg.lstsq tells."""
    x, y = as_one(x) + 0.0, as_one(y) + 0.0
    order = operator.index(deg) + 1
    if x.ndim != 1 or y.ndim not in (1, 2) or y.shape[0] != x.shape[0] or order < 1:
        raise ShapeError(
            f"np.polyfit{user_line()}: a degree and as many points as values, not {x.shape} and "
            f"{y.shape}"
        )
    columns, values = vander(x, order), y
    if w is not None:
        w = as_one(w) + 0.0
        columns = columns * reshape(w, (-1, 1))
        values = values * (w if y.ndim == 1 else reshape(w, (-1, 1)))
    rcond = x.size * np.finfo(x.dtype).eps if rcond is None else rcond
    scale = elementwise.sqrt(reductions.sum_(columns * columns, axis=(0,), keepdims=False))
    scaled = columns / scale
    scale_ = scale if y.ndim == 1 else reshape(scale, (-1, 1))
    if full:
        c, squares, rank, singular = lstsq(scaled, values, rcond)
        return c / scale_, squares, rank, singular, rcond
    c = _least_squares(scaled, values, rcond) / scale_
    return (c, _fit_covariance(columns, values, c, cov)) if cov else c


def _least_squares(a, b, rcond):
    """Solution of least squares; by one product where the matrix is plain."""
    if not is_traced(a):
        return contraction.matmul(np.linalg.pinv(a, rcond), b)
    return lstsq(a, b, rcond)[0]


def _fit_covariance(columns, values, c, cov):
    """Inverse of the normal matrix, times the variance of the residuals."""
    gram = contraction.matmul(shaping.transpose(columns, axes=(1, 0)), columns)
    inverse = np.linalg.inv(gram)
    if isinstance(cov, str) and cov == "unscaled":
        return inverse
    left = elementwise.absolute(values - contraction.matmul(columns, c))
    variance = reductions.sum_(left * left, axis=(0,), keepdims=False) / (
        columns.shape[0] - columns.shape[1]
    )
    return inverse * variance if values.ndim == 1 else inverse[:, :, None] * variance
