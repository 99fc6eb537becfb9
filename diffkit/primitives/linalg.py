"""np.linalg in NumPy's own signatures, on top of the rows of other files."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any

import numpy as np

from ..errors import MissingRule, ShapeError, user_line
from . import contraction, elementwise, functions, moving, products, reductions, shaping
from .arguments import as_one, as_plain, in_dtype
from .decompositions import cholesky_row, qr_row, svd_row, svdvals
from .determinants import det_row, slogdet_row
from .eigenvalues import eig_row, eigh_row
from .functions import concatenate, one_axis, some_axes, speaks
from .matrices import as_floating, as_matrices, h, hermitian_part, matmul, row_of
from .norms import matrix_norm, vector_norm
from .several import unpacked
from .solving import inv, solve_row


@lru_cache(maxsize=8)
def _result_class(function: Callable) -> type:
    """NumPy's named tuple for the results of this function."""
    return type(function(np.eye(1)))


def _results(function: Callable, parts: Any) -> Any:
    return _result_class(function)(*parts)


@speaks(np.linalg.inv)
def inv_(a: Any) -> Any:
    """Inverse of each matrix."""
    return inv(as_matrices(a, "inv", square=True))


@speaks(np.linalg.solve)
def solve(a: Any, b: Any) -> Any:
    """Solve a x = b; b is a vector, or matrices."""
    a, b = as_matrices(a, "solve", square=True), as_floating(as_one(b))
    if b.ndim == 0 or b.shape[-1 if b.ndim == 1 else -2] != a.shape[-1]:
        raise ShapeError(f"np.linalg.solve{user_line()}: shapes {a.shape} and {b.shape}")
    if b.ndim > 1 or a.ndim == 2:
        return solve_row(a, b)
    return solve_row(a, shaping.reshape(b, shape=(*b.shape, 1)))[..., 0]


@speaks(np.linalg.det)
def det(a: Any) -> Any:
    """Determinant of each matrix."""
    return det_row(as_matrices(a, "det", square=True))


@speaks(np.linalg.slogdet)
def slogdet(a: Any) -> Any:
    """Sign, and logarithm of the absolute value, of each determinant."""
    parts = unpacked(slogdet_row(as_matrices(a, "slogdet", square=True)))
    return _results(np.linalg.slogdet, parts)


def cholesky(a: Any, /, *, upper: bool = False) -> Any:
    """L with a = L L^H, from the lower triangle; or U with a = U^H U, from the upper one."""
    a = as_matrices(a, "cholesky", square=True)
    return h(cholesky_row(h(a))) if upper else cholesky_row(a)


speaks(np.linalg.cholesky)(cholesky)


def _lower(uplo: Any) -> bool:
    if str(uplo).upper() not in ("L", "U"):
        raise ShapeError(f'UPLO={uplo!r}{user_line()}: it may be "L" or "U"')
    return str(uplo).upper() == "L"


@speaks(np.linalg.eigh)
def eigh(a: Any, UPLO: str = "L") -> Any:
    """Eigenvalues, ascending, and eigenvectors of Hermitian matrices."""
    row = eigh_row(as_matrices(a, "eigh", square=True), lower=_lower(UPLO))
    return _results(np.linalg.eigh, unpacked(row))


@speaks(np.linalg.eigvalsh)
def eigvalsh(a: Any, UPLO: str = "L") -> Any:
    """Eigenvalues of Hermitian matrices, ascending."""
    return eigh(a, UPLO)[0]


@speaks(np.linalg.eig)
def eig(a: Any) -> Any:
    """Eigenvalues and eigenvectors, always complex: their dtype must not depend on values."""
    return _results(np.linalg.eig, unpacked(eig_row(as_matrices(a, "eig", square=True))))


@speaks(np.linalg.eigvals)
def eigvals(a: Any) -> Any:
    """Eigenvalues, always complex."""
    return eig(a)[0]


@speaks(np.linalg.svd)
def svd(
    a: Any, full_matrices: bool = True, compute_uv: bool = True, hermitian: bool = False
) -> Any:
    """Singular values, descending, and vectors: a = U diag(S) Vh."""
    a = as_matrices(a, "svd", square=hermitian)
    if not compute_uv:
        return svdvals(hermitian_part(a, hermitian))
    full = bool(full_matrices) and a.shape[-1] != a.shape[-2]
    parts = _hermitian_svd(a) if hermitian else unpacked(svd_row(a, full=full))
    return _results(np.linalg.svd, parts)


def _hermitian_svd(a: Any) -> tuple:
    """Through the eigenvalues, as NumPy does it."""
    w, u = eigh(a)
    order = np.argsort(elementwise.absolute(w), axis=-1)[..., ::-1]
    w = np.take_along_axis(w, order, axis=-1)
    u = np.take_along_axis(u, functions.expand_dims(order, -2), axis=-1)
    return u, elementwise.absolute(w), h(u * row_of(elementwise.sign(w)))


@speaks(np.linalg.qr)
def qr(a: Any, mode: str = "reduced") -> Any:
    """Q with orthonormal columns, and R upper triangular."""
    a = as_matrices(a, "qr")
    m, n = a.shape[-2:]
    if mode not in ("reduced", "r") and not (mode == "complete" and m <= n):
        raise MissingRule(
            f"np.linalg.qr(mode={mode!r}) of traced {m} x {n} matrices{user_line()}: columns that "
            'only complete a basis are not unique; use mode="reduced"'
        )
    q, r = unpacked(qr_row(a if m >= n else a[..., :m]))
    if m < n:
        r = concatenate([r, matmul(h(q), a[..., m:])], -1)
    return r if mode == "r" else _results(np.linalg.qr, (q, r))


# -- products ----------------------------------------------------------------------------------------


@speaks(np.linalg.matrix_power)
def matrix_power(a: Any, n: int) -> Any:
    """Multiply a matrix by itself n times, by repeated squaring."""
    a = as_matrices(a, "matrix_power", square=True)
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


# -- the array API's names -------------------------------------------------------------------------------


def cross(x1: Any, x2: Any, /, *, axis: int = -1) -> Any:
    """Cross product of vectors of three entries."""
    x1, x2 = as_one(x1), as_one(x2)
    if x1.shape[axis] != 3 or x2.shape[axis] != 3:
        raise ShapeError(
            f"np.linalg.cross{user_line()} takes vectors of 3 entries, not {x1.shape}, {x2.shape}"
        )
    return products.cross(x1, x2, axis=axis)


def diagonal(x: Any, /, *, offset: int = 0) -> Any:
    """Diagonals of matrices."""
    return moving.diagonal(x, offset, -2, -1)


def trace(x: Any, /, *, offset: int = 0, dtype: Any = None) -> Any:
    """Sums of the diagonals of matrices."""
    x = diagonal(x, offset=offset)
    total = reductions.sum_(x, axis=some_axes(-1, x.ndim), keepdims=False)
    return total if dtype is None else in_dtype(total, dtype)


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
    "vecdot": products.vecdot,
    "vector_norm": vector_norm,
}.items():
    speaks(getattr(np.linalg, _name))(_definition)
