"""Linear algebra: values and dtypes are NumPy's, derivatives those of finite differences.

A case is a function written with np and its arguments. Complex results are compared by real
and imaginary parts, and complex arguments moved in both, so the same check serves both.
"""

import pickle

import numpy as np
import pytest

import diffkit as dk
from diffkit.errors import MissingRule, ShapeError, SymbolicError, TracingError
from diffkit.primitives import PRIMITIVES

from .table import abstract_faults, close, derivative_faults, dtype_faults, random

la = np.linalg
inf = np.inf


def well(*shape, seed=0):
    """Matrices far from singular, with entries of all sizes and signs."""
    rng = random("well", shape, seed)
    return rng.uniform(-0.5, 0.5, shape) + 1.6 * np.eye(*shape[-2:])


def spread(*shape, seed=0):
    """Matrices whose eigenvalues and singular values keep apart."""
    n = min(shape[-2:])
    values = np.zeros(shape)
    values[..., np.arange(n), np.arange(n)] = 1 + np.arange(n)
    return values + random("spread", shape, seed).uniform(-0.3, 0.3, shape)


def any_(*shape, seed=0):
    rng = random("any", shape, seed)
    return rng.uniform(0.3, 1.5, shape) * rng.choice([-1, 1], shape)


def hermitian(x):
    return x + np.conj(np.swapaxes(x, -1, -2))


def projectors(v):
    """Each column times its conjugate: what is unique about an eigenvector."""
    return np.einsum("...ik,...jk->...kij", v, np.conj(v))


def pairs(u, s, vh):
    """What is unique about singular vectors."""
    k = s.shape[-1]
    u, vh = u[..., :k], vh[..., :k, :]
    return np.einsum("...ik,...kj->...kij", u, vh), projectors(u), projectors(np.conj(vh).mT)


# name: function, arguments. All are tried with real and with complex numbers.
CASES = {
    "inv": (la.inv, well(3, 3)),
    "inv of a stack": (la.inv, well(2, 2, 2)),
    "inv of a number": (la.inv, well(1, 1)),
    "solve vector": (la.solve, well(3, 3), any_(3)),
    "solve matrix": (la.solve, well(3, 3), any_(3, 2)),
    "solve stacks": (la.solve, well(2, 2, 2), any_(2, 2, 1)),
    "solve stack, one vector": (la.solve, well(2, 2, 2), any_(2)),
    "solve, stack of right sides": (la.solve, well(2, 2), any_(3, 2, 1)),
    "solve, stacks broadcast": (la.solve, well(2, 1, 2, 2), any_(3, 2, 1)),
    "det": (la.det, well(3, 3)),
    "det of a stack": (la.det, well(2, 2, 2)),
    "det of 4 by 4": (la.det, any_(4, 4)),
    "det of a number": (la.det, well(1, 1)),
    "slogdet": (la.slogdet, well(3, 3)),
    "slogdet of a stack": (lambda x: la.slogdet(x).logabsdet, -well(2, 3, 3)),
    "cholesky": (lambda x: la.cholesky(hermitian(x)), well(3, 3)),
    "cholesky reads the lower triangle": (la.cholesky, well(3, 3)),
    "cholesky of a stack": (la.cholesky, well(2, 2, 2)),
    "cholesky of a product": (lambda x: la.cholesky(x @ np.conj(x).mT), well(3, 3)),
    "cholesky, upper": (lambda x: la.cholesky(x, upper=True), well(3, 3)),
    "eigvalsh": (lambda x: la.eigvalsh(hermitian(x)), spread(3, 3)),
    "eigvalsh reads the lower triangle": (la.eigvalsh, spread(3, 3)),
    "eigvalsh of a stack, upper": (lambda x: la.eigvalsh(x, "U"), spread(2, 2, 2)),
    "eigh": (lambda x: (la.eigh(x)[0], projectors(la.eigh(x)[1])), spread(3, 3)),
    "eigh, upper": (lambda x: projectors(la.eigh(x, UPLO="U").eigenvectors), spread(3, 3)),
    "eigh of a stack": (lambda x: projectors(la.eigh(hermitian(x))[1]), spread(2, 2, 2)),
    "eigvals": (la.eigvals, spread(3, 3)),
    "eigvals of a stack": (la.eigvals, spread(2, 2, 2)),
    "eig": (lambda x: tuple(la.eig(x)), spread(3, 3)),
    "eig of a stack": (lambda x: la.eig(x).eigenvectors, spread(2, 2, 2)),
    "eig of a rotation": (
        lambda x: (la.eig(x).eigenvalues, projectors(la.eig(x).eigenvectors)),
        np.array([[1.0, -2.0], [0.7, 1.1]]),
    ),
    "svdvals": (la.svdvals, spread(3, 2)),
    "svdvals of a stack": (lambda x: la.svd(x, compute_uv=False), spread(2, 2, 3)),
    "svd": (lambda x: pairs(*la.svd(x)), spread(3, 3)),
    "svd tall": (lambda x: pairs(*la.svd(x, full_matrices=False)), spread(4, 2)),
    "svd wide": (lambda x: pairs(*la.svd(x, full_matrices=False)), spread(2, 3)),
    "svd of a stack": (lambda x: la.svd(x, full_matrices=False).S, spread(2, 3, 2)),
    "svd tall, full": (
        lambda x: (*pairs(*la.svd(x)), la.svd(x)[0][:, 2:] @ np.conj(la.svd(x)[0][:, 2:]).T),
        spread(4, 2),
    ),
    "svd wide, full": (
        lambda x: (*pairs(*la.svd(x)), np.conj(la.svd(x)[2][2:, :]).T @ la.svd(x)[2][2:, :]),
        spread(2, 4),
    ),
    "svd hermitian": (
        lambda x: pairs(*la.svd(x, hermitian=True)), spread(3, 3) * np.array([1, -1, 1])[:, None],
    ),
    "svdvals hermitian": (
        lambda x: la.svd(x, compute_uv=False, hermitian=True), spread(3, 3),
    ),
    "qr square": (la.qr, well(3, 3)),
    "qr tall": (la.qr, well(4, 2)),
    "qr wide": (la.qr, well(2, 4)),
    "qr of a stack": (la.qr, well(2, 3, 2)),
    "qr, r alone": (lambda x: la.qr(x, "r"), well(3, 2)),
    "qr, q alone": (lambda x: la.qr(x).Q, well(3, 2)),
    "qr complete": (lambda x: la.qr(x, mode="complete"), well(2, 3)),
    "pinv tall": (la.pinv, well(4, 2)),
    "pinv wide": (la.pinv, well(2, 3)),
    "pinv of a stack": (lambda x: la.pinv(x, rtol=None), well(2, 2, 3)),
    "pinv of rank 1": (lambda x: la.pinv(x[:, None] * any_(2), rcond=1e-8), any_(3)),
    "pinv hermitian": (lambda x: la.pinv(x, hermitian=True), well(3, 3)),
    "lstsq": (lambda a, b: la.lstsq(a, b)[0], well(4, 2), any_(4)),
    "lstsq residuals": (lambda a, b: la.lstsq(a, b, rcond=None)[1], well(4, 2), any_(4)),
    "lstsq matrix": (lambda a, b: la.lstsq(a, b)[:2], well(4, 2), any_(4, 3)),
    "lstsq wide": (lambda a, b: la.lstsq(a, b, rcond=-1)[0], well(2, 3), any_(2)),
    "lstsq singular values": (lambda a, b: (la.lstsq(a, b)[3], b), well(3, 2), any_(3)),
    "matrix_power 3": (lambda x: la.matrix_power(x, 3), well(2, 2)),
    "matrix_power 5": (lambda x: la.matrix_power(x, 5), well(2, 2, 2)),
    "matrix_power -2": (lambda x: la.matrix_power(x, -2), well(2, 2)),
    "matrix_power 0": (lambda x: x + la.matrix_power(x, 0), well(2, 2)),
    "multi_dot two": (lambda a, b: la.multi_dot([a, b]), any_(2, 3), any_(3, 2)),
    "multi_dot": (
        lambda a, b, c: la.multi_dot([a, b, c, np.ones((1, 2))]),
        any_(2, 3), any_(3, 2), any_(2, 1),
    ),
    "multi_dot of vectors": (lambda a, b, c: la.multi_dot([a, b, c]), any_(2), any_(2, 3), any_(3)),
    "multi_dot, vector first": (
        lambda a, b, c: la.multi_dot([a, b, c]), any_(2), any_(2, 3), any_(3, 2),
    ),
    "multi_dot, vector last": (
        lambda a, b, c: la.multi_dot([a, b, c]), any_(2, 2), any_(2, 3), any_(3),
    ),
    "cond": (la.cond, spread(3, 2)),
    "cond -2": (lambda x: la.cond(x, -2), spread(2, 2, 2)),
    "cond 1": (lambda x: la.cond(x, 1), well(2, 2, 2)),
    "cond fro": (lambda x: la.cond(x, "fro"), well(3, 3)),
    "cond inf": (lambda x: la.cond(x, inf), well(3, 3)),
    "tensorinv": (la.tensorinv, well(4, 4).reshape(2, 2, 4)),
    "tensorinv 1": (lambda x: la.tensorinv(x, ind=1), well(4, 4).reshape(4, 2, 2)),
    "tensorsolve": (la.tensorsolve, well(4, 4).reshape(2, 2, 4), any_(2, 2)),
    "tensorsolve axes": (
        lambda a, b: la.tensorsolve(a, b, axes=(0,)), well(4, 4).reshape(4, 2, 2), any_(2, 2),
    ),
    "cross": (la.cross, any_(2, 3), any_(3)),
    "cross axis": (lambda a, b: la.cross(a, b, axis=0), any_(3, 2), any_(3, 2, seed=1)),
    "diagonal": (lambda x: la.diagonal(x, offset=1), any_(2, 2, 3)),
    "trace": (la.trace, any_(2, 3, 3)),
    "trace offset": (lambda x: la.trace(x, offset=-1), any_(3, 3)),
    "matrix_transpose": (la.matrix_transpose, any_(2, 2, 3)),
    "matmul": (la.matmul, any_(2, 3), any_(3, 2)),
    "outer": (la.outer, any_(2), any_(3)),
    "vecdot": (la.vecdot, any_(2, 3), any_(3)),
    "vecdot axis": (lambda a, b: la.vecdot(a, b, axis=0), any_(3, 2), any_(3, 1)),
    "tensordot": (lambda a, b: la.tensordot(a, b, axes=1), any_(2, 3), any_(3, 2)),
    "norm": (la.norm, any_(2, 3)),
    "norm of many axes": (lambda x: la.norm(x, keepdims=True), any_(2, 1, 2)),
    "norm of rows": (lambda x: la.norm(x, axis=1), any_(2, 3)),
    **{
        f"norm {ord} of a vector": (lambda x, p=ord: la.norm(x, p), any_(3))
        for ord in (2, 1, inf, -inf, 3, 1.5, 0.5, -1, -2.5)
    },
    **{
        f"norm {ord} of columns": (
            lambda x, p=ord: la.norm(x, p, axis=-2, keepdims=True), any_(2, 3),
        )
        for ord in (None, 1, -inf, 4)
    },
    **{
        f"norm {ord} of a matrix": (lambda x, p=ord: la.norm(x, p), spread(2, 3))
        for ord in ("fro", "nuc", 1, -1, 2, -2, inf, -inf)
    },
    **{
        f"norm {ord} of a stack": (
            lambda x, p=ord: la.norm(x, p, axis=(2, 0), keepdims=True),
            np.moveaxis(spread(2, 2, 3), 0, 1),
        )
        for ord in (None, "nuc", 1, 2, inf)
    },
    "vector_norm": (la.vector_norm, any_(2, 3)),
    "vector_norm axes": (
        lambda x: la.vector_norm(x, axis=(2, 0), ord=3, keepdims=True), any_(2, 2, 2),
    ),
    "vector_norm inf": (lambda x: la.vector_norm(x, axis=-1, ord=inf), any_(2, 3)),
    "matrix_norm": (la.matrix_norm, any_(2, 2, 3)),
    "matrix_norm nuc": (lambda x: la.matrix_norm(x, ord="nuc", keepdims=True), spread(2, 2, 3)),
    "matrix_norm 1": (lambda x: la.matrix_norm(x, ord=1), any_(2, 2, 3)),
}  # fmt: skip
NAMES = [name.replace(" ", "-") for name in CASES]
COMPLEX_ALWAYS = {name for name in CASES if name.startswith("eig") and "h" not in name.split()[0]}


def complex_(x, seed=1):
    """The same with an imaginary part."""
    return x + 0.4j * random("imaginary", x.shape, seed).uniform(-1, 1, x.shape)


def parts_of(result):
    return list(result) if isinstance(result, (tuple, list)) else [result]


def split(f, xs, complex_always=False):
    """f as a real function of real numbers: real and imaginary parts, in one vector."""
    twice = any(np.iscomplexobj(x) for x in xs)

    def g(*values):
        if twice:
            half = len(values) // 2
            values = [a + 1j * b for a, b in zip(values[:half], values[half:], strict=True)]
        pieces = []
        for v in map(np.ravel, parts_of(f(*values))):
            pieces += [np.real(v), np.imag(v)] if v.dtype.kind == "c" or complex_always else [v]
        return np.concatenate(pieces)

    reals = [np.real(x) for x in xs] + [np.imag(x) for x in xs if twice]
    return g, reals


def traced(f, xs):
    """What f gives when it is traced."""
    found = []

    def kept(*values):
        found.append(f(*values))
        return values

    dk.vjp(kept, *xs)
    return found[0]


def value_faults(f, xs, complex_always=False):
    """Kind, shapes, dtypes and entries are NumPy's."""
    wanted, found = f(*xs), traced(f, xs)
    faults = []
    if hasattr(wanted, "_fields") and type(found) is not type(wanted):
        faults.append(f"a {type(found).__name__}, NumPy {type(wanted).__name__}")
    for a, b in zip(parts_of(found), map(np.asarray, parts_of(wanted)), strict=True):
        kind = np.result_type(b.dtype, np.complex64) if complex_always else b.dtype
        single = b.dtype in (np.float32, np.complex64)
        value, tolerance = np.asarray(getattr(a, "value", a)), 1e-4 if single else 1e-12
        if a.shape != b.shape or (a.dtype != kind and not complex_always):
            faults.append(f"{a.dtype}{a.shape}, NumPy {kind}{b.shape}")
        elif not np.allclose(value, b, tolerance, tolerance):
            faults.append(f"value {value}, NumPy {b}")
    return faults


def kinds(xs):
    return {"real": xs, "complex": [complex_(x, i) for i, x in enumerate(xs)]}


@pytest.mark.parametrize("kind", ["real", "complex", "single"])
@pytest.mark.parametrize("name", CASES, ids=NAMES)
def test_values_are_numpys(name, kind):
    """Traced or not: the same results, shapes and dtypes, in NumPy's named tuples."""
    f, *xs = CASES[name]
    xs = [x.astype(np.float32) for x in xs] if kind == "single" else kinds(xs)[kind]
    assert not value_faults(f, xs, name in COMPLEX_ALWAYS)


@pytest.mark.parametrize("kind", ["real", "complex"])
@pytest.mark.parametrize("name", CASES, ids=NAMES)
def test_derivatives_are_those_of_finite_differences(name, kind):
    """VJP, JVP, and both derivatives of the VJP."""
    f, *xs = CASES[name]
    g, reals = split(f, kinds(xs)[kind], name in COMPLEX_ALWAYS)
    faults = derivative_faults(name, g, reals, range(len(reals)), random(name), h=0.02)
    assert not faults


@pytest.mark.parametrize("kind", ["real", "complex"])
@pytest.mark.parametrize("name", CASES, ids=NAMES)
def test_programs_replay_elsewhere(name, kind):
    """A pickled Program of f and its adjoint hold at another point, and ask for no values."""
    f, *xs = CASES[name]
    g, reals = split(f, kinds(xs)[kind], name in COMPLEX_ALWAYS)

    def total(*values):
        y = g(*values)
        return np.sum(y * np.linspace(1, 2, y.size))

    program = pickle.loads(pickle.dumps(dk.lower(total, *reals)))
    adjoint = program.adjoint()
    assert "guard" not in adjoint.count()
    elsewhere = [0.98 * x + 0.01 for x in reals]
    with np.errstate(invalid="ignore"):
        assert close(program(*elsewhere), dk.vjp(total, *elsewhere)[0], 1e-12)
        slopes = adjoint(*elsewhere)
    slopes = slopes if isinstance(slopes, tuple) else (slopes,)
    expected = dk.grad(total, tuple(range(len(reals))))(*elsewhere)
    for a, b in zip(slopes, expected, strict=True):
        assert close(a, b, 1e-11, 1e-13)


@pytest.mark.parametrize("name", CASES, ids=NAMES)
def test_gradients_keep_float32(name):
    """float32 in, float32 gradient out."""
    f, *xs = CASES[name]
    g, reals = split(f, xs, name in COMPLEX_ALWAYS)
    assert not dtype_faults(name, g, reals, range(len(reals)))


SEVERAL = {
    "slogdet": [((3, 3), {}), ((2, 2, 2), {})],
    "eigh": [((3, 3), {"lower": True}), ((2, 2, 2), {"lower": False})],
    "eig": [((3, 3), {}), ((2, 2, 2), {})],
    "qr": [((3, 2), {}), ((2, 2, 2), {})],
    "svd": [
        ((3, 2), {"full": False}), ((2, 3), {"full": True}), ((2, 3, 2), {"full": True}),
    ],
}  # fmt: skip


@pytest.mark.parametrize("kind", [np.float64, np.float32, np.complex128, np.complex64])
@pytest.mark.parametrize("name", SEVERAL)
def test_shapes_of_several_results_are_known_without_values(name, kind):
    """Shapes and dtypes of decompositions are those that NumPy gives."""
    for shape, params in SEVERAL[name]:
        x = (spread(*shape) if shape[-1] == shape[-2] else any_(*shape)).astype(kind)
        assert not abstract_faults(PRIMITIVES[name], [x], params)


# -- vectors themselves, where their sign is all that is free ------------------------------


RAW = {
    "eigh": (lambda x: la.eigh(x)[1], spread(3, 3)),
    "svd": (lambda x: tuple(la.svd(x)), spread(3, 3)),
    "svd thin": (lambda x: tuple(la.svd(x, full_matrices=False)), spread(4, 2)),
    "eig, real": (lambda x: np.real(la.eig(x)[1]), spread(3, 3)),
    "eig, complex": (la.eig, complex_(spread(3, 3))),
}


@pytest.mark.parametrize("name", RAW)
def test_vectors_move_as_lapack_moves_them(name):
    """Real vectors are unique but for their sign; those of eig are scaled as LAPACK does it."""
    f, x = RAW[name]
    g, reals = split(f, [x])
    assert not derivative_faults(name, g, reals, range(len(reals)), random(name), h=0.02)


# -- singular and degenerate matrices ------------------------------------------------------


def polynomial_det(x):
    """The determinant of a 3 x 3 matrix, written out."""
    return (
        x[0, 0] * (x[1, 1] * x[2, 2] - x[1, 2] * x[2, 1])
        - x[0, 1] * (x[1, 0] * x[2, 2] - x[1, 2] * x[2, 0])
        + x[0, 2] * (x[1, 0] * x[2, 1] - x[1, 1] * x[2, 0])
    )


SINGULAR = {
    "rank 2": np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]]),
    "rank 1": np.outer([1.0, 2.0, 3.0], [1.0, -1.0, 0.5]),
    "zero": np.zeros((3, 3)),
    "identity": np.eye(3),
    "diagonal": np.diag([2.0, 0.0, 3.0]),
}


@pytest.mark.parametrize("name", SINGULAR)
def test_det_of_singular_matrices(name):
    """First and second derivatives are those of the polynomial, whatever the rank."""
    x = SINGULAR[name]
    for derivative in (dk.grad, dk.hessian):
        expected = derivative(polynomial_det)(x)
        assert close(derivative(la.det)(x), expected, 1e-12, 1e-12)
    x_dot = any_(3, 3)
    expected = dk.jvp(polynomial_det, (x,), (x_dot,))[1]
    assert close(dk.jvp(la.det, (x,), (x_dot,))[1], expected, 1e-12, 1e-12)


def test_log_det_of_a_singular_matrix_is_infinitely_steep():
    """As log(det): cofactors over 0."""
    ones = np.ones((2, 2))
    for f in (lambda x: la.slogdet(x)[1], lambda x: np.log(la.det(x))):
        with np.errstate(all="ignore"):
            slope = dk.grad(f)(ones)
        assert slope.tolist() == [[inf, -inf], [-inf, inf]]


def test_numpys_own_error_for_singular_matrices():
    """A program that catches np.linalg.LinAlgError still does."""
    with pytest.raises(np.linalg.LinAlgError, match="Singular"):
        dk.grad(lambda x: la.inv(x)[0, 0])(np.ones((2, 2)))


def test_arrays_of_traced_values_are_to_be_stacked():
    """np.array makes an array of objects of them, which LAPACK does not read."""

    def f(v):
        return la.det(np.array([[v[0], 1.0], [1.0, v[1]]]))

    with pytest.raises(TracingError, match=r"test_linalg\.py.*np\.stack\(\[a, b, c, d\]\)"):
        dk.grad(f)(np.array([4.0, 3.0]))
    g = dk.grad(lambda v: la.det(np.stack([v[0], 1.0, 1.0, v[1]]).reshape(2, 2)))
    assert g(np.array([4.0, 3.0])).tolist() == pytest.approx([3, 4])


def test_third_derivatives_of_det():
    """Through the singular vectors of the second, where singular values differ."""
    x, u, v, w = spread(3, 3), *[any_(3, 3, seed=i) for i in range(3)]

    def along(f, *directions):
        for d in directions:
            f = lambda x, f=f, d=d: dk.jvp(f, (x,), (d,))[1]
        return f

    assert close(along(la.det, u, v, w)(x), along(polynomial_det, u, v, w)(x), 1e-11)


def test_det_of_two_by_two_is_exact():
    x = np.array([[1.0, 2.0], [2.0, 4.0]])
    assert dk.grad(la.det)(x).tolist() == [[4, -2], [-2, 1]]


def test_symmetric_matrices_have_symmetric_gradients():
    """Both mirror images count, as for a product that is symmetric by construction."""
    x = hermitian(spread(3, 3))
    for f in (la.cholesky, la.eigvalsh, lambda x: la.eigvalsh(x, "U"), lambda x: la.eigh(x)[1]):
        g = lambda x, f=f: np.sum(f(x) * np.linspace(1, 2, f(np.eye(3)).size).reshape(f(x).shape))
        slope = dk.grad(g)(x)
        assert close(slope, slope.T, 1e-12)
        through = dk.grad(lambda x, g=g: g((x + x.T) / 2))(x)
        assert close(slope, through, 1e-11)


def test_a_triangle_alone_has_all_of_the_gradient():
    """np.tril before changes nothing, also for the gradient."""
    x = hermitian(spread(3, 3))
    f = lambda x: np.sum(la.eigvalsh(x) ** 3)
    for triangle, uplo in ((np.tril, "L"), (np.triu, "U")):
        g = lambda x, t=triangle, uplo=uplo: np.sum(la.eigvalsh(t(x), uplo) ** 3)
        slope = dk.grad(g)(x)
        assert close(slope, triangle(slope))
        assert close((slope + slope.T) / 2, dk.grad(f)(x), 1e-12)


def test_equal_eigenvalues_have_gradients():
    """Functions of all of them alike are smooth: the trace, the trace of the square."""
    x = np.diag([2.0, 2.0, 3.0])
    assert close(dk.grad(lambda x: np.sum(la.eigvalsh(x)))(x), np.eye(3))
    assert close(dk.grad(lambda x: np.sum(la.eigvalsh(x) ** 2))(x), 2 * x)
    assert close(dk.grad(lambda x: np.sum(la.eigh(x)[0] ** 2))(x), 2 * x)
    assert close(dk.jvp(lambda x: np.sum(la.eigvalsh(x) ** 2), (x,), (x,))[1], 34)
    assert close(dk.grad(lambda x: np.real(np.sum(la.eigvals(x) ** 2)))(x), 2 * x.T)
    assert close(dk.grad(lambda x: np.sum(la.svdvals(x)))(np.eye(3)), np.eye(3))
    assert close(dk.grad(lambda x: np.sum(la.svdvals(x) ** 2))(x), 2 * x)


def test_vectors_of_equal_eigenvalues_have_none():
    """Nan, not a number that depends on how LAPACK happens to turn them."""
    x, weights = np.diag([2.0, 2.0, 3.0]), any_(3, 3)
    assert np.isnan(dk.grad(lambda x: np.sum(weights * la.eigh(x)[1]))(x)).any()
    assert np.isnan(dk.grad(lambda x: np.sum(weights * la.svd(x)[0]))(x)).any()
    assert np.isnan(dk.hessian(lambda x: np.sum(la.eigvalsh(x) ** 2))(x)).any()


def test_the_other_vectors_keep_theirs():
    """A vector of an eigenvalue of its own moves, whatever the other eigenvalues do."""
    x = np.diag([2.0, 2.0, 3.0])
    x_dot = np.array([[0.0, 0.0, 0.5], [0.0, 0.0, -0.25], [0.5, -0.25, 0.0]])
    f = lambda x: la.eigh(x)[1][:, 2] * np.sign(la.eigh(np.diag([2.0, 2.0, 3.0]))[1][2, 2])
    expected = [0.5, -0.25, 0.0]  # x_dot[:, 2] / (3 - 2)
    for k in range(3):
        slope = dk.grad(lambda x, k=k: f(x)[k])(x)
        assert np.sum(slope * x_dot) == pytest.approx(expected[k], abs=1e-14)


def test_matrix_functions_through_eigenvalues():
    """exp by eigh: d tr exp(x) = exp(x); the exponential of x along x is x exp(x)."""

    def exponential(x):
        w, v = la.eigh(x)
        return (v * np.exp(w)) @ v.T

    x = hermitian(spread(3, 3)) / 3
    assert close(dk.grad(lambda x: np.trace(exponential(x)))(x), exponential(x), 1e-12)
    assert close(dk.jvp(exponential, (x,), (x,))[1], x @ exponential(x), 1e-11, 1e-11)


# -- ties, zeros ---------------------------------------------------------------------------

V, Z, TIES = np.array([0.0, 1.0]), np.zeros(2), np.array([[1.0, 1.0], [1.0, -1.0]])
KINKS = {
    "2 at 0": (lambda x: la.norm(x), Z, [0, 0]),
    "3 at 0": (lambda x: la.norm(x, 3), Z, [0, 0]),
    "1 at (0, 1)": (lambda x: la.norm(x, 1), V, [0, 1]),
    "1.5 at (0, 1)": (lambda x: la.norm(x, 1.5), V, [0, 1]),
    "inf of a tie": (lambda x: la.norm(x, inf), np.array([1.0, -1.0]), [0.5, -0.5]),
    "-inf of a tie": (lambda x: la.norm(x, -inf), np.array([1.0, -1.0]), [0.5, -0.5]),
    "-1 at (0, 1)": (lambda x: la.norm(x, -1), V, [0, 0]),
    "fro at 0": (lambda x: la.norm(x, "fro"), np.zeros((2, 2)), np.zeros((2, 2))),
    "nuc at 0": (lambda x: la.norm(x, "nuc"), np.zeros((2, 2)), np.zeros((2, 2))),
    "matrix 2 at 0": (lambda x: la.norm(x, 2), np.zeros((2, 2)), np.zeros((2, 2))),
    "matrix 1 of a tie": (lambda x: la.norm(x, 1), TIES, TIES / 2),
    "matrix inf of a tie": (lambda x: la.norm(x, inf), TIES, TIES / 2),
    "one row at 0": (
        lambda x: np.sum(la.norm(x, axis=1)), np.array([[0.0, 0.0], [3.0, 4.0]]),
        [[0, 0], [0.6, 0.8]],
    ),
    "vector_norm at 0": (la.vector_norm, np.zeros((2, 2)), np.zeros((2, 2))),
}  # fmt: skip


@pytest.mark.parametrize("name", KINKS)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # NumPy's, about 0 to a negative power
def test_norms_at_kinks(name):
    """Zero at the origin, equal shares at ties, and abs at 0 is flat."""
    f, x, expected = KINKS[name]
    assert close(dk.grad(f)(x), expected)
    for i in np.ndindex(x.shape):
        unit = np.zeros(x.shape)
        unit[i] = 1
        assert close(dk.jvp(f, (x,), (unit,))[1], np.asarray(expected)[i])


def test_counting_norms_and_ranks_have_no_derivative():
    """What is a whole number is a step like any other, through which nothing flows."""
    x = np.array([[3.0, 0.0], [0.0, 0.0]])
    assert not value_faults(lambda x: la.norm(x[0], 0), [x])
    assert not value_faults(lambda x: la.norm(x, 0, axis=1), [x.astype(np.float32)])
    assert not value_faults(la.matrix_rank, [np.stack([x, np.eye(2)])])
    f = lambda x: np.sum(x) * la.matrix_rank(x) + la.norm(x[0], 0)
    assert dk.grad(f)(x).tolist() == [[1, 1], [1, 1]]
    f = lambda x: x[0, 0] * la.lstsq(x, np.ones(2))[2]
    assert dk.grad(f)(x).tolist() == [[1, 0], [0, 0]]


def test_cond_of_a_singular_matrix_is_infinite():
    """The value is NumPy's, where the inverse does not exist."""
    x = np.array([[1.0, 2.0], [2.0, 4.0]])
    assert np.isinf(dk.vjp(lambda x: la.cond(x, 1), x)[0])


def test_whole_numbers_and_lists_are_matrices():
    """Plain operands beside traced ones are what NumPy makes of them."""
    b = np.array([1.0, 2.0])
    a = [[2, 1], [1, 3]]
    assert close(dk.jacobian(lambda b: la.solve(a, b))(b), la.inv(a))
    assert dk.grad(lambda b: la.norm(la.multi_dot([a, a, b])))(b).shape == (2,)


# -- what is refused -------------------------------------------------------------------------

M, S = np.ones((2, 3)), np.eye(2)


@pytest.mark.parametrize(
    ("f", "x", "error", "told"),
    [
        (la.inv, M, ShapeError, "square matrices, not shape"),
        (la.det, np.ones(3), ShapeError, "square"),
        (la.svdvals, np.ones(3), ShapeError, "matrices"),
        (lambda x: la.solve(x, np.ones(3)), S, ShapeError, "solve"),
        (lambda x: la.eigh(x, UPLO="X")[0], S, ShapeError, "UPLO"),
        (lambda x: la.qr(x, mode="complete").R, M.T, MissingRule, "reduced"),
        (lambda x: la.norm(x, "fro"), np.ones(3), ShapeError, "matrices"),
        (lambda x: la.norm(x, 3), S, ShapeError, "no norm of matrices"),
        (lambda x: la.norm(x, 2), np.ones((2, 2, 2)), ShapeError, "one axis"),
        (lambda x: la.norm(x, x[0]), V, TracingError, "order of a norm"),
        (lambda x: la.matrix_power(S, x), np.float64(2), TracingError, "exponent"),
        (lambda x: la.pinv(x, rcond=x[0, 0]), S, TracingError, "pinv"),
        (lambda x: la.multi_dot([x]), S, ShapeError, "two or more"),
        (lambda x: la.outer(x, x), S, ShapeError, "vectors"),
        (lambda x: la.cross(x, x), S, ShapeError, "3 entries"),
        (lambda x: la.tensorinv(x, 0), S, ShapeError, "positive"),
        (lambda x: la.tensorsolve(x, np.ones(3)), S, ShapeError, "tensorsolve"),
        (lambda x: la.lstsq(x, np.ones(3))[0], S, ShapeError, "lstsq"),
    ],
    ids=lambda part: part if isinstance(part, str) else "",
)
def test_refusals_say_what_is_wrong(f, x, error, told):
    """Errors name the function, or the argument, and the line."""
    with pytest.raises(error, match=told):
        dk.vjp(lambda x: np.sum(f(x)), x)


# -- SymPy -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "f",
    [
        lambda x: la.det(x),
        lambda x: la.solve(x, x[0]),
        lambda x: la.cholesky(x @ x.T)[1, 0],
        lambda x: la.norm(x, 1.5, axis=0),
        lambda x: la.pinv(x)[0],
    ],
)
def test_sympy_sees_the_same_formulas(f):
    """What has a closed form is written out over symbols."""
    pytest.importorskip("sympy")
    x = np.array([[1.5, -0.5], [0.25, 2.0]])
    written = dk.lower(f, x).to_sympy()
    symbols = sorted(written.free_symbols, key=str)
    values = written.subs(dict(zip(symbols, x.ravel(), strict=True)))
    found = np.array(values.tolist() if hasattr(values, "tolist") else values, float)
    assert close(found, f(x), 1e-13)


@pytest.mark.parametrize("f", [la.eigvalsh, la.svdvals, la.eigvals, lambda x: la.slogdet(x)[1]])
def test_what_has_no_formula_says_so(f):
    """An error of our own, not of NumPy about objects."""
    pytest.importorskip("sympy")
    with pytest.raises(SymbolicError, match=r"np\.linalg"):
        dk.lower(f, spread(2, 2)).to_sympy()
