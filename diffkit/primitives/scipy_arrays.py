"""Rows over arrays that SciPy evaluates: matrix equations and functions, convolution.

SciPy is imported when one of them first computes something. What they say in SciPy's
own signatures is in `diffkit.scipy`.
"""

import numpy as np

from ..core.tracing import shape_of
from ..errors import SymbolicError
from .contraction import _swapped, matmul
from .rules import array_row
from .scipys import FromSciPy
from .shaping import concatenate, getitem, reshape


def _eliminated(a, b):
    """Solve a x = b over objects (symbols, mpmath's numbers), which LAPACK does not know."""
    n, a, b = len(a), a.astype(object), b.astype(object)
    for i in range(n):
        for j in range(i + 1, n):
            factor = a[j, i] / a[i, i]
            a[j], b[j] = a[j] - factor * a[i], b[j] - factor * b[i]
    x = b * 0
    for i in reversed(range(n)):
        x[i] = (b[i] - sum((a[i, j] * x[j] for j in range(i + 1, n)), b[i] * 0)) / a[i, i]
    return x


# -- triangular systems --------------------------------------------------------------

_triangular = FromSciPy("linalg", "solve_triangular")


def _solve_triangular(a, b, *, lower, transposed, unit):
    return _triangular(
        a, b, trans=int(transposed), lower=lower, unit_diagonal=unit, check_finite=False
    )


def _part(a, lower, unit):
    """Ones where a solver of triangular systems looks at the matrix."""
    ones = np.ones(shape_of(a)[-2:], a.dtype)
    return np.tril(ones, -int(unit)) if lower else np.triu(ones, int(unit))


def _triangular_matrix_vjp(bar, y, a, b, *, lower, transposed, unit):
    w = solve_triangular(a, bar, lower=lower, transposed=not transposed, unit=unit)
    product = matmul(y, _swapped(w)) if transposed else matmul(w, _swapped(y))
    return -product * _part(a, lower, unit)


def _triangular_objects(scalar, a, b, *, lower, transposed, unit):
    a = np.where(_part(a, lower, False) != 0, a, 0 * a)
    a = np.where(np.eye(len(a)) != 0, 1, a) if unit else a
    return _eliminated(a.T if transposed else a, b)


_EXAMPLE = {"lower": True, "transposed": False, "unit": False}
solve_triangular = array_row(
    "solve_triangular",
    _solve_triangular,
    [
        _triangular_matrix_vjp,
        lambda bar, y, a, b, *, lower, transposed, unit: solve_triangular(
            a, bar, lower=lower, transposed=not transposed, unit=unit
        ),
    ],
    shape=lambda a, b, lower, transposed, unit: (
        *np.broadcast_shapes(a.shape[:-2], b.shape[:-2]),
        *b.shape[-2:],
    ),
    objects=_triangular_objects,
    source="Giles, Collected matrix derivative results (2008), section 2.3.1",
    examples=(
        (((2, 2), (2, 3)), _EXAMPLE),
        (((3, 3), (3, 1)), {"lower": False, "transposed": False, "unit": False}),
        (((2, 2), (2, 1)), {"lower": True, "transposed": True, "unit": True}),
    ),
)


# -- band matrices -------------------------------------------------------------------
# LAPACK's storage: bands[u + i - j, j] is entry (i, j) of a matrix with l bands below
# its diagonal and u above.

_banded = FromSciPy("linalg", "solve_banded")


def _solve_banded(bands, b, *, below, above):
    return _banded((below, above), bands, b, check_finite=False)


def _places(shape, shift):
    """For each place (r, j) of the storage: the index j + shift(r), and whether it exists."""
    rows, columns = np.indices(shape)
    index = columns + shift(rows)
    inside = (index >= 0) & (index < shape[1])
    return np.where(inside, index, 0), inside


def _transposed_bands(bands, below, above):
    """The storage of the transposed matrix."""
    index, inside = _places(shape_of(bands), lambda r: r - below)
    rows = below + above - np.indices(shape_of(bands))[0]
    return getitem(bands, index=(rows, index)) * inside


def _bands_vjp(bar, y, bands, b, *, below, above):
    """-w x^T, where there are bands."""
    w = solve_banded(_transposed_bands(bands, below, above), bar, below=above, above=below)
    index, inside = _places(shape_of(bands), lambda r: r - above)
    pairs = getitem(w, index=(index,)) * y
    return -(pairs.sum(axis=-1)) * inside


def dense_from_bands(bands, below, above):
    """Write out a band matrix in full."""
    n = shape_of(bands)[1]
    i, j = np.indices((n, n))
    inside = (i - j <= below) & (j - i <= above)
    return np.where(inside, bands[np.where(inside, above + i - j, 0), j], 0 * bands[0, 0])


solve_banded = array_row(
    "solve_banded",
    _solve_banded,
    [
        _bands_vjp,
        lambda bar, y, bands, b, *, below, above: solve_banded(
            _transposed_bands(bands, below, above), bar, below=above, above=below
        ),
    ],
    shape=lambda bands, b, below, above: b.shape,
    objects=lambda scalar, bands, b, *, below, above: _eliminated(
        dense_from_bands(bands, below, above), b
    ),
    source="Giles, Collected matrix derivative results (2008), section 2.3.1",
    examples=(
        ((np.array([[0.0, 0.5, -0.7], [2.0, -3.0, 2.5]]), (3, 2)), {"below": 0, "above": 1}),
        (
            (np.array([[0.0, 0.5, -0.7], [2.0, -3.0, 2.5], [0.3, 0.6, 0.0]]), (3, 1)),
            {"below": 1, "above": 1},
        ),
    ),
)


# -- Sylvester's equation, and functions of matrices -----------------------------------


def _sylvester_objects(scalar, a, b, q):
    """The same as one system for all entries, row by row."""
    matrix = np.kron(a, np.eye(len(b), dtype=int)) + np.kron(np.eye(len(a), dtype=int), b.T)
    return _eliminated(matrix, q.reshape(-1)).reshape(q.shape)


def _adjoint_sylvester(bar, a, b):
    return solve_sylvester(_swapped(a), _swapped(b), bar)


solve_sylvester = array_row(
    "solve_sylvester",
    FromSciPy("linalg", "solve_sylvester"),
    [
        lambda bar, y, a, b, q: -matmul(_adjoint_sylvester(bar, a, b), _swapped(y)),
        lambda bar, y, a, b, q: -matmul(_swapped(y), _adjoint_sylvester(bar, a, b)),
        lambda bar, y, a, b, q: _adjoint_sylvester(bar, a, b),
    ],
    lambda dots, y, a, b, q: solve_sylvester(a, b, _sylvester_tangent(dots, y)),
    shape=lambda a, b, q: q.shape,
    objects=_sylvester_objects,
    source="a x + x b = q, differentiated: Kao & Hennequin (2020), section 3",
    examples=(
        (
            (
                np.array([[3.0, 0.3], [-0.4, 2.5]]),
                np.array([[1.5]]),
                (2, 1),
            ),
            {},
        ),
    ),
)


def _sylvester_tangent(dots, y):
    """What moves on the right: q_dot - a_dot x - x b_dot."""
    a_dot, b_dot, q_dot = dots
    total = 0.0 if q_dot is None else q_dot
    total = total if a_dot is None else total - matmul(a_dot, y)
    return total if b_dot is None else total - matmul(y, b_dot)


def _expm_along(a, e):
    """The derivative of expm at a along e: the corner of exp([[a, e], [0, a]])."""
    n = shape_of(a)[-1]
    zeros = np.zeros(shape_of(a), a.dtype)
    upper = concatenate(a, e, axis=a.ndim - 1)
    lower = concatenate(zeros, a, axis=a.ndim - 1)
    both = expm(concatenate(upper, lower, axis=a.ndim - 2))
    return getitem(both, index=(Ellipsis, slice(None, n), slice(n, None)))


def _two_by_two(name, a):
    if a.shape != (2, 2):
        raise SymbolicError(f"{name} is written out for matrices of shape (2, 2), not {a.shape}")
    return (a[0, 0] + a[1, 1]) / 2, np.eye(2, dtype=int)


def _expm_objects(scalar, a):
    """Return exp(t) (cosh(s) I + sinh(s)/s (a - t I)): t half the trace, s*s = -det(a - t I)."""
    t, identity = _two_by_two("expm", a)
    s = scalar("sqrt")((a[0, 0] - t) ** 2 + a[0, 1] * a[1, 0])
    mixed = scalar("cosh")(s) * identity + scalar("sinh")(s) / s * (a - t * identity)
    return scalar("exp")(t) * mixed


def _sqrtm_objects(scalar, a):
    """Cayley and Hamilton: (a + r I)/sqrt(trace + 2 r) with r*r = det a."""
    t, identity = _two_by_two("sqrtm", a)
    r = scalar("sqrt")(a[0, 0] * a[1, 1] - a[0, 1] * a[1, 0])
    return (a + r * identity) / scalar("sqrt")(2 * t + 2 * r)


# Moderate entries: finite differences of exponentials of exponentials need them.
_SMALL = np.array([[0.4, 0.7], [0.3, 0.2]])
_ROOTED = np.array([[4.0, 0.5], [-0.6, 2.5]])

expm = array_row(
    "expm",
    FromSciPy("linalg", "expm"),
    [lambda bar, y, a: _expm_along(_swapped(a), bar)],
    lambda dots, y, a: _expm_along(a, dots[0]),
    shape=lambda a: a.shape,
    objects=_expm_objects,
    source="Higham, Functions of Matrices (2008), theorem 3.6 and section 10.6",
    examples=(((_SMALL,), {}),),
)

sqrtm = array_row(
    "sqrtm",
    FromSciPy("linalg", "sqrtm"),
    [lambda bar, y, a: _adjoint_sylvester(bar, y, y)],
    lambda dots, y, a: solve_sylvester(y, y, dots[0]),
    shape=lambda a: a.shape,
    objects=_sqrtm_objects,
    source="y y = a, differentiated: Higham, Functions of Matrices (2008), section 6.1",
    examples=(((_ROOTED,), {}),),
)


# -- convolution -----------------------------------------------------------------------

_convolve = FromSciPy("signal", "convolve")
_fftconvolve = FromSciPy("signal", "fftconvolve")


def _full_convolution(a, b, *, axes, method):
    if axes is None:
        return _convolve(a, b, "full", method)
    return _fftconvolve(a, b, "full", axes=axes)


def flipped(x, axes):
    """Reverse along some axes."""
    turned = slice(None, None, -1)
    every = range(len(shape_of(x)))
    chosen = every if axes is None else axes
    return getitem(x, index=tuple(turned if i in chosen else slice(None) for i in every))


def _convolution_vjp(k, bar, y, a, b, *, axes, method):
    """Correlate the cotangent with the other operand; keep what meets this one."""
    x, other = (a, b) if k == 0 else (b, a)
    whole = convolution(bar, flipped(other, axes), axes=axes, method=method)
    chosen = range(bar.ndim) if axes is None else axes
    keep = [
        slice(other.shape[i] - 1, other.shape[i] - 1 + x.shape[i]) if i in chosen else slice(None)
        for i in range(bar.ndim)
    ]
    return getitem(whole, index=tuple(keep))


def _convolution_shape(a, b, axes, method):
    chosen = range(a.ndim) if axes is None else axes
    sizes = zip(a.shape, b.shape, strict=True)
    return tuple(
        [
            n + m - 1 if i in chosen else np.broadcast_shapes((n,), (m,))[0]
            for i, (n, m) in enumerate(sizes)
        ]
    )


def _convolution_objects(scalar, a, b, *, axes, method):
    """Shift and add, an entry of b (or a line of them) at a time."""
    shape = _convolution_shape(a, b, axes, method)
    chosen = range(a.ndim) if axes is None else axes
    out = np.zeros(shape, dtype=object)
    for index in np.ndindex(*[b.shape[i] if i in chosen else 1 for i in range(b.ndim)]):
        there = tuple(
            [slice(i, i + a.shape[k]) if k in chosen else slice(None) for k, i in enumerate(index)]
        )
        piece = tuple(
            [slice(i, i + 1) if k in chosen else slice(None) for k, i in enumerate(index)]
        )
        out[there] = out[there] + a * b[piece]
    return out


convolution = array_row(
    "convolution",
    _full_convolution,
    _convolution_vjp,
    "multilinear",
    form=lambda names, params: f"convolve({', '.join(names)})",
    shape=_convolution_shape,
    objects=_convolution_objects,
    source="bilinear; its transpose in either operand is a correlation with the other",
    examples=(
        (((3,), (2,)), {"axes": None, "method": "direct"}),
        (((2, 3), (2, 2)), {"axes": None, "method": "direct"}),
        (((2, 3), (1, 2)), {"axes": (1,), "method": "fft"}),
    ),
)


def columns(b):
    """A vector as a matrix of one column."""
    return reshape(b, shape=(*shape_of(b), 1)) if len(shape_of(b)) == 1 else b
