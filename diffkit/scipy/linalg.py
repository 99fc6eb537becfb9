"""Twins of scipy.linalg, with its signatures.

Matrices are (..., n, n) where SciPy takes stacks of them, right-hand sides (n,) or (n, m).
Options about memory and checks (overwrite_a, check_finite ...) are taken, and do nothing:
traced values are never overwritten.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import ShapeError, user_line
from ..primitives import scipy_arrays as rows
from ..primitives.elementwise import conjugated
from .dispatch import array, rest_of, twin

__all__ = [
    "cho_solve",
    "cholesky",
    "det",
    "expm",
    "inv",
    "pinv",
    "solve",
    "solve_banded",
    "solve_sylvester",
    "solve_triangular",
    "sqrtm",
]
__getattr__ = rest_of("linalg")


def _swapped(a: Any) -> Any:
    return np.swapaxes(a, -1, -2)


def _triangle(a: Any, lower: bool, inner: int = 0) -> Any:
    """Zeros outside one triangle."""
    ones = np.ones(a.shape[-2:], a.dtype)
    return a * (np.tril(ones, -inner) if lower else np.triu(ones, inner))


def _hermitian(a: Any, lower: bool, conjugate: bool) -> Any:
    """The matrix of which only one triangle is looked at."""
    other = _swapped(_triangle(a, lower, 1))
    return _triangle(a, lower) + (conjugated(other) if conjugate else other)


@twin("linalg")
def solve(
    a: Any,
    b: Any,
    lower: bool = False,
    overwrite_a: bool = False,
    overwrite_b: bool = False,
    check_finite: bool = True,
    assume_a: str | None = None,
    transposed: bool = False,
) -> Any:
    """Solve a x = b (a^T x = b if transposed)."""
    a, b = array(a), array(b)
    if assume_a in ("lower triangular", "upper triangular"):
        a = _triangle(a, assume_a == "lower triangular")
    elif assume_a in ("sym", "symmetric"):
        a = _hermitian(a, lower, conjugate=False)
    elif assume_a in ("her", "hermitian", "pos", "positive definite"):
        a = _hermitian(a, lower, conjugate=True)
    return np.linalg.solve(_swapped(a) if transposed else a, b)


@twin("linalg")
def solve_triangular(
    a: Any,
    b: Any,
    trans: Any = 0,
    lower: bool = False,
    unit_diagonal: bool = False,
    overwrite_b: bool = False,
    check_finite: bool = True,
) -> Any:
    """Solve a x = b, a^T x = b ("T", 1) or a^H x = b ("C", 2); one triangle of a counts.

    The gradient by a is zero outside of that triangle.

    References
    ----------
    scipy.linalg.solve_triangular

    Examples
    --------
    >>> import numpy as np
    >>> from diffkit import grad
    >>> a = np.array([[2.0, 0.0], [1.0, 4.0]])
    >>> grad(lambda a: solve_triangular(a, [2.0, 9.0], lower=True)[1])(a).tolist()
    [[0.125, 0.0], [-0.25, -0.5]]
    """
    a, b = array(a), array(b)
    a = conjugated(a) if trans in (2, "C") else a
    x = rows.solve_triangular(
        a,
        rows.columns(b),
        lower=bool(lower),
        transposed=trans not in (0, "N"),
        unit=bool(unit_diagonal),
    )
    return x.reshape(x.shape[:-1]) if b.ndim == 1 else x


@twin("linalg")
def cholesky(
    a: Any, lower: bool = False, overwrite_a: bool = False, check_finite: bool = True
) -> Any:
    """The upper factor r of a = r^H r, from a's upper triangle; or the lower one."""
    a = array(a)
    if lower:
        return np.linalg.cholesky(a)
    return conjugated(_swapped(np.linalg.cholesky(conjugated(_swapped(a)))))


@twin("linalg")
def cho_solve(
    c_and_lower: Any, b: Any, overwrite_b: bool = False, check_finite: bool = True
) -> Any:
    """Solve a x = b by a's Cholesky factor."""
    c, lower = c_and_lower
    first, second = (0, 2) if lower else (2, 0)
    y = solve_triangular(c, b, first, lower)
    return solve_triangular(c, y, second, lower)


@twin("linalg")
def inv(
    a: Any,
    overwrite_a: bool = False,
    check_finite: bool = True,
    assume_a: Any = None,
    lower: bool = False,
) -> Any:
    """The inverse."""
    a = array(a)
    if assume_a in ("sym", "her", "pos"):
        a = _hermitian(a, lower, conjugate=assume_a != "sym")
    return np.linalg.inv(a)


@twin("linalg")
def det(a: Any, overwrite_a: bool = False, check_finite: bool = True) -> Any:
    """The determinant."""
    return np.linalg.det(array(a))


@twin("linalg")
def pinv(a: Any, *, atol: Any = None, rtol: Any = None, check_finite: bool = True) -> Any:
    """The pseudo-inverse."""
    return np.linalg.pinv(array(a))


@twin("linalg")
def expm(A: Any) -> Any:
    """The exponential of a matrix, or of each of a stack of them.

    References
    ----------
    scipy.linalg.expm

    Examples
    --------
    >>> import numpy as np
    >>> from diffkit import jvp
    >>> a, a_dot = np.zeros((2, 2)), np.array([[0.0, 1.0], [0.0, 0.0]])
    >>> jvp(expm, (a,), (a_dot,))[1].tolist()
    [[0.0, 1.0], [0.0, 0.0]]
    """
    return rows.expm(array(A))


@twin("linalg")
def sqrtm(A: Any) -> Any:
    """The principal square root of a matrix; a real one is to have a real root."""
    return rows.sqrtm(array(A))


@twin("linalg")
def solve_sylvester(a: Any, b: Any, q: Any) -> Any:
    """Solve a x + x b = q."""
    return rows.solve_sylvester(array(a), array(b), array(q))


@twin("linalg")
def solve_banded(
    l_and_u: Any,
    ab: Any,
    b: Any,
    overwrite_ab: bool = False,
    overwrite_b: bool = False,
    check_finite: bool = True,
) -> Any:
    """Solve a x = b, given the l bands below and u bands above a's diagonal."""
    below, above = map(int, l_and_u)
    ab, b = array(ab), array(b)
    if below + above + 1 != ab.shape[0]:
        raise ShapeError(
            f"solve_banded{user_line()}: {below} bands below and {above} above the diagonal need "
            f"{below + above + 1} rows, not {ab.shape[0]}"
        )
    x = rows.solve_banded(ab, rows.columns(b), below=below, above=above)
    return x.reshape(x.shape[:-1]) if b.ndim == 1 else x
