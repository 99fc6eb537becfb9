"""SciPy's functions in versions that can be traced: values are SciPy's, derivatives are right.

On plain arrays a twin is SciPy's own function, so finite differences of a twin are an
independent witness for the derivatives of its traceable definition.
"""

import pickle
import subprocess
import sys

import numpy as np
import pytest
import scipy.integrate
import scipy.linalg
import scipy.ndimage
import scipy.optimize
import scipy.signal
import scipy.special
import scipy.stats

import diffkit as dk
from diffkit.errors import DiffkitError, MissingRule, TracingError
from diffkit.scipy import integrate, linalg, signal, special, stats

from .table import derivative_faults, random

# ruff: noqa: E501 - a case is one line

inf, nan = np.inf, np.nan

V = np.array([0.3, -1.2, 0.8])
W = np.array([[0.5, 1.5, 0.7], [1.1, 0.2, 2.0]])
P = np.array([0.2, 0.5, 0.3])
A = np.array([[2.0, 0.4, -0.3], [0.1, 1.5, 0.6], [0.2, -0.5, 1.8]])
S = A @ A.T + np.eye(3)
B = np.array([[0.3, 1.0], [-0.7, 0.4], [1.2, 0.1]])
BANDS = np.array([[0.0, 0.5, -0.7, 0.2], [2.0, -3.0, 2.5, 1.9], [0.3, 0.6, -0.2, 0.0]])
K = np.array([0.0, 1.0, 4.0])
PLANE = np.array([[0.6, -0.2, 1.1], [0.3, 0.9, -0.4]])  # spanned by its rows


def symmetric(m):
    """The part of a matrix that SciPy assumes of it."""
    return (m + np.swapaxes(m, -1, -2)) / 2


# Name, function, arguments to move.
# fmt: off
SPECIAL = [
    ("logsumexp",            lambda x: special.logsumexp(x), [V]),
    ("logsumexp scalar",     lambda x: special.logsumexp(x), [np.float64(0.7)]),
    ("logsumexp axis",       lambda x: special.logsumexp(x, axis=-1), [W]),
    ("logsumexp axes",       lambda x: special.logsumexp(x, axis=(0, 1), keepdims=True), [W]),
    ("logsumexp b",          lambda x, b: special.logsumexp(x, axis=1, b=b), [W, W[::-1] + 0.1]),
    ("logsumexp b constant", lambda x: special.logsumexp(x, b=[0.5, 0.0, 2.0], axis=1, keepdims=True), [W]),
    ("logsumexp b smaller",  lambda x, b: special.logsumexp(x, b=b), [W, P]),
    ("logsumexp sign",       lambda x: special.logsumexp(x, b=[-3.0, 1.0, 0.5], return_sign=True)[0], [V]),
    ("softmax",              lambda x: special.softmax(x), [W]),
    ("softmax axis",         lambda x: special.softmax(x, axis=0), [W]),
    ("log_softmax",          lambda x: special.log_softmax(x, axis=1), [W]),
    ("log_softmax all",      lambda x: special.log_softmax(x), [V]),
    ("multigammaln",         lambda x: special.multigammaln(x, 3), [W + 2]),
    ("polygamma",            lambda x: special.polygamma(np.array([[1], [2]]), x), [W]),
    ("zeta",                 lambda q: special.zeta(2.5, q), [W]),
    ("factorial",            lambda x: special.factorial(x), [W]),
    ("comb",                 lambda n, k: special.comb(n, k), [W[0] + 3, W[1]]),
    ("comb repetition",      lambda n: special.comb(n, 2.0, repetition=True), [W[0] + 3]),
]
CONTINUOUS = {
    "norm": (), "beta": (2.3, 1.7), "chi2": (3.4,), "gamma": (1.8,), "t": (4.5,),
    "cauchy": (), "expon": (), "logistic": (), "laplace": (),
}
BY_ORDER = {"beta", "chi2", "gamma", "t"}  # distribution functions without a derivative by shapes
MULTIVARIATE = [
    ("poisson.logpmf",   lambda m: stats.poisson.logpmf(K, m), [W[:, :1]]),
    ("poisson.pmf",      lambda m: stats.poisson.pmf(K, mu=m), [W]),
    ("poisson.cdf",      lambda m: stats.poisson.cdf(K, m, loc=1), [W]),
    ("poisson.sf",       lambda m: stats.poisson.sf(2.5, m), [W]),
    ("dirichlet.logpdf", lambda a: stats.dirichlet.logpdf(P, a), [W[0] + 0.5]),
    ("dirichlet.pdf",    lambda a: stats.dirichlet.pdf(P[:2], a), [W[0] + 0.5]),
    ("dirichlet many",   lambda a: stats.dirichlet.logpdf(np.stack([P, P[::-1]]).T, a), [W[0]]),
    ("dirichlet rest",   lambda x: stats.dirichlet.logpdf(x, [1.5, 2.5, 0.7]), [P[:2]]),
    ("mvn.logpdf",       lambda x, m, c: stats.multivariate_normal.logpdf(x, m, symmetric(c)), [W, V, S]),
    ("mvn.pdf",          lambda x, m: stats.multivariate_normal.pdf(x, m, S), [V, P]),
    ("mvn one",          lambda x, c: stats.multivariate_normal.logpdf(x, 0.3, c), [V, np.float64(1.3)]),
    ("mvn scalar",       lambda x: stats.multivariate_normal.logpdf(x), [np.float64(0.4)]),
    ("mvn diagonal",     lambda x, c: stats.multivariate_normal.logpdf(x, V, c), [W, P]),
    ("mvn isotropic",    lambda x, c: stats.multivariate_normal.pdf(x, V, c), [W, np.float64(1.4)]),
    ("mvn on a plane",   lambda x, m: stats.multivariate_normal.logpdf(x @ PLANE, m @ PLANE, PLANE.T @ PLANE, True), [B, V[:2]]),
    ("mvn anyway",       lambda x, m: stats.multivariate_normal.pdf(x, m, S, allow_singular=True), [W, V]),
    ("mvn.entropy",      lambda c: stats.multivariate_normal.entropy(cov=symmetric(c)), [S]),
    ("mvn frozen",       lambda x, m: stats.multivariate_normal(m, S).logpdf(x), [V, P]),
    ("norm frozen",      lambda x, m, s: stats.norm(m, scale=s).logpdf(x), [V, np.float64(0.2), P]),
]
LINALG = [
    ("solve",            linalg.solve, [A, V]),
    ("solve matrix",     linalg.solve, [A, B]),
    ("solve transposed", lambda a, b: linalg.solve(a, b, transposed=True), [A, V]),
    ("solve pos",        lambda a, b: linalg.solve(a, b, assume_a="pos"), [S, V]),
    ("solve sym lower",  lambda a, b: linalg.solve(a, b, lower=True, assume_a="sym"), [S, V]),
    ("triangular",       linalg.solve_triangular, [A, V]),
    ("triangular lower", lambda a, b: linalg.solve_triangular(a, b, lower=True), [A, B]),
    ("triangular T",     lambda a, b: linalg.solve_triangular(a, b, trans="T", lower=True), [A, B]),
    ("triangular unit",  lambda a, b: linalg.solve_triangular(a, b, trans=1, unit_diagonal=True), [A, V]),
    ("cholesky",         lambda a: linalg.cholesky(symmetric(a)), [S]),
    ("cholesky lower",   lambda a: linalg.cholesky(symmetric(a), lower=True), [S]),
    ("cho_solve",        lambda c, b: linalg.cho_solve((c, True), b), [A, B]),
    ("cho_solve upper",  lambda c, b: linalg.cho_solve((c, False), b), [A, V]),
    ("inv",              linalg.inv, [A]),
    ("det",              linalg.det, [A]),
    ("expm",             linalg.expm, [A / 2]),
    ("expm stack",       linalg.expm, [np.stack([A / 3, A.T / 4])]),
    ("sqrtm",            linalg.sqrtm, [S + A]),
    ("solve_sylvester",  linalg.solve_sylvester, [A, S[:2, :2], B]),
    ("solve_banded",     lambda ab, b: linalg.solve_banded((1, 1), ab, b), [BANDS, np.arange(1.0, 5)]),
    ("solve_banded up",  lambda ab, b: linalg.solve_banded((0, 2), ab, b), [BANDS[[2, 0, 1]], np.eye(4)[:, :2]]),
    ("solve_banded low", lambda ab, b: linalg.solve_banded((2, 0), ab, b), [BANDS[[1, 0, 2]], np.ones(4)]),
]
LONG = np.array([0.5, -1.0, 2.0, 0.3, 0.7])
SIGNAL = [
    *[(f"{f} {mode}", lambda a, b, f=f, mode=mode: getattr(signal, f)(a, b, mode), [LONG, x])
      for f in ("convolve", "correlate", "fftconvolve", "oaconvolve")
      for mode in ("full", "same", "valid") for x in (V, LONG[:2])],
    *[(f"{f} short {mode}", lambda a, b, f=f, mode=mode: getattr(signal, f)(a, b, mode), [V, LONG])
      for f in ("convolve", "correlate") for mode in ("full", "same", "valid")],
    *[(f"{f} 2-D {mode}", lambda a, b, f=f, mode=mode: getattr(signal, f)(a, b, mode), [A, B[1:, :]])
      for f in ("convolve", "correlate", "convolve2d", "correlate2d") for mode in ("full", "same", "valid")],
    *[(f"axes {axes} {mode}", lambda a, b, axes=axes, mode=mode: signal.fftconvolve(a, b, mode, axes=axes), [A, b])
      for axes, b in ((0, B[:2, :1]), ([1], B[:1]), ((0, 1), B[:2])) for mode in ("full", "same", "valid")],
    *[(f"axis 1, rows paired {mode}", lambda a, b, mode=mode: signal.fftconvolve(a[:, None], b[None], mode, axes=2), [A, B.T])
      for mode in ("full", "same", "valid")],
    ("direct", lambda a, b: signal.convolve(a, b, method="direct"), [LONG, V]),
    ("fft",    lambda a, b: signal.correlate(a, b, method="fft"), [LONG, V]),
    ("numbers", signal.convolve, [np.float64(2.0), np.float64(3.0)]),
]
# fmt: on
CASES = SPECIAL + MULTIVARIATE + LINALG + SIGNAL


def continuous_cases():
    """Every method of every distribution, by x, loc, scale and (densities) the shapes."""
    for name, shapes in CONTINUOUS.items():
        x = np.array([0.2, 0.4, 0.7])
        methods = getattr(stats, name).methods
        assert {"pdf", "logpdf", "cdf", "sf", "logcdf", "logsf"} <= set(methods)
        for method in methods:
            f = getattr(getattr(stats, name), method)
            if name in BY_ORDER and "pdf" not in method:
                yield (
                    f"{name}.{method}",
                    lambda x, m, s, f=f, p=shapes: f(x, *p, m, s),
                    [x, V[0] / 10, P + 1],
                )
            else:
                yield f"{name}.{method}", f, [x, *map(np.float64, shapes), V[0] / 10, P + 1]


CASES += list(continuous_cases())


def ids(cases):
    return [case[0] for case in cases]


@pytest.mark.parametrize(("name", "f", "xs"), CASES, ids=ids(CASES))
def test_values_are_scipys(name, f, xs):
    """The traceable definition gives SciPy's value, shape and dtype; so does its Program."""
    wanted = f(*xs)
    program = dk.lower(f, *xs)
    assert len(program) > 0
    found = program(*xs)
    assert np.shape(found) == np.shape(wanted)
    assert found.dtype == wanted.dtype
    assert found == pytest.approx(wanted, rel=1e-12, abs=1e-13)


@pytest.mark.parametrize(("name", "f", "xs"), CASES, ids=ids(CASES))
def test_derivatives_are_those_of_scipys_function(name, f, xs):
    """VJP, JVP and both derivatives of the VJP, against differences of SciPy's values."""
    rng = random(name)
    assert not derivative_faults(name, f, xs, list(range(len(xs))), rng, h=0.02)


@pytest.mark.parametrize(("name", "f", "xs"), CASES, ids=ids(CASES))
def test_programs_hold_at_other_points(name, f, xs):
    """Recorded once, replayed elsewhere; the adjoint Program gives the eager gradient."""
    program = dk.lower(lambda *v: np.sum(f(*v)), *xs)
    others = [x * 1.01 for x in xs]
    assert program(*others) == pytest.approx(np.sum(f(*others)), rel=1e-12, abs=1e-13)
    found = program.adjoint()(*others)
    eager = dk.grad(lambda *v: np.sum(f(*v)), tuple(range(len(xs))))(*others)
    for one, other in zip(found if len(xs) > 1 else (found,), eager, strict=True):
        assert one == pytest.approx(other, rel=1e-12, abs=1e-13)
    assert pickle.loads(pickle.dumps(program))(*others) == program(*others)


# -- stability ---------------------------------------------------------------------------


def test_logsumexp_of_infinities():
    """-inf is a term of 0; a sum of nothing is -inf with slope 0; +inf wins."""
    f = special.logsumexp
    assert dk.value_and_grad(f)(np.array([-inf, 0.0, 0.0]))[1] == pytest.approx([0, 0.5, 0.5])
    value, slope = dk.value_and_grad(f)(np.array([-inf, -inf]))
    assert value == -inf
    assert slope.tolist() == [0, 0]
    assert dk.lower(f, V)(np.array([inf, 0.0, 0.0])) == inf


@pytest.mark.parametrize("f", [special.logsumexp, special.softmax, special.log_softmax])
@pytest.mark.parametrize("x", [[1000.0, 999.0, -1000.0], [-2000.0, -2001.0, -1999.0], [1e8, 0, 1]])
def test_large_exponents(f, x):
    """Nothing overflows, in values and in first and second derivatives."""
    x = np.array(x)
    assert dk.lower(f, x)(x) == pytest.approx(f(x), rel=1e-14)
    weights = scipy.special.softmax(x)
    assert dk.grad(special.logsumexp)(x) == pytest.approx(weights, rel=1e-13)
    expected = np.diag(weights) - np.outer(weights, weights)
    assert dk.hessian(special.logsumexp)(x) == pytest.approx(expected, rel=1e-12, abs=1e-15)


def test_logsumexp_with_weights_of_zero():
    """A constant weight of 0 removes its term, even one that is infinite; a traced one counts."""
    x = np.array([inf, 1.0])
    f = lambda x: special.logsumexp(x, b=np.array([0.0, 2.0]))
    assert dk.value_and_grad(f)(x)[0] == pytest.approx(1 + np.log(2))
    slope = dk.grad(lambda b: special.logsumexp(np.array([1.0, 2.0]), b=b))(np.array([0.0, 1.0]))
    assert slope == pytest.approx([np.exp(-1), 1])


def test_logsumexp_of_a_negative_sum():
    """Without its sign it has no logarithm: nan, as in SciPy; with it the slope is right."""
    f = lambda x: special.logsumexp(x, b=np.array([1.0, -3.0]))
    with pytest.warns(RuntimeWarning, match="invalid value"):
        assert np.isnan(dk.value_and_grad(f)(np.zeros(2))[0])
    f = lambda x: special.logsumexp(x, b=np.array([1.0, -3.0]), return_sign=True)
    _y, sign = dk.lower(f, V[:2])(V[:2])
    assert sign == f(V[:2])[1]


def test_logsumexp_of_complex_values():
    """Holomorphic: the slope is softmax."""
    z = np.array([0.3 + 1j, -0.2 + 0.5j])
    y, slope = dk.vjp(special.logsumexp, z)
    assert y == pytest.approx(scipy.special.logsumexp(z))
    assert slope(1.0)[0] == pytest.approx(np.exp(z - y))


def test_far_tails():
    """Logarithms of distribution functions have slopes where the functions are 0."""
    slope = dk.grad(stats.norm.logcdf)(-1e5)
    assert slope == pytest.approx(1e5, rel=1e-9)
    assert dk.grad(dk.grad(stats.norm.logcdf))(-1e5) == pytest.approx(-1, rel=1e-9)
    assert dk.grad(stats.norm.logsf)(60.0) == pytest.approx(-60.01665741, rel=1e-8)
    assert dk.grad(stats.logistic.logcdf)(-800.0) == 1


@pytest.mark.parametrize(
    ("name", "method"), [(name, m) for name in CONTINUOUS for m in getattr(stats, name).methods]
)
@pytest.mark.filterwarnings("ignore:divide by zero:RuntimeWarning")
def test_outside_of_the_support(name, method):
    """Values are SciPy's outside and at the ends of the support, at nan, and for scale <= 0."""
    f = getattr(getattr(stats, name), method)
    x = np.array([-0.5, 0.0, 0.5, 1.0, 1.5, nan])
    program = dk.lower(lambda x, s: f(x, *CONTINUOUS[name], scale=s), x, np.float64(1.0))
    for scale in (1.0, -1.0):
        with np.errstate(all="ignore"):
            found = program(x, scale)
        assert found == pytest.approx(f(x, *CONTINUOUS[name], scale=scale), nan_ok=True)
    if name in ("beta", "chi2", "gamma", "expon"):
        assert dk.grad(lambda x: f(x, *CONTINUOUS[name]))(-0.5) == 0


def test_a_singular_normal_distribution_off_its_plane():
    """There is no density there."""
    f = lambda x: stats.multivariate_normal.pdf(x, cov=PLANE.T @ PLANE, allow_singular=True)
    off = np.cross(*PLANE)
    assert dk.value_and_grad(f)(off)[0] == f(off) == 0


def test_poisson_outside_of_the_whole_numbers():
    """No mass between whole numbers and below 0; no derivative by the count."""
    k = np.array([-1.0, 0.5, 2.0])
    for method in ("pmf", "logpmf", "cdf", "sf"):
        f = getattr(stats.poisson, method)
        assert dk.lower(lambda m, f=f: f(k, m), 1.3)(1.3) == pytest.approx(f(k, 1.3))
    with pytest.raises(TracingError, match="counts"):
        dk.grad(lambda k: stats.poisson.pmf(k, 1.3))(2.0)


# -- differential equations --------------------------------------------------------------------

MATRIX = np.array([[-0.4, 1.3], [-0.9, 0.2]])
TIMES = np.array([0.2, 0.5, 1.1])
TIGHT = {"rtol": 1e-11, "atol": 1e-11}


def linear(y, t, a):
    return a @ y


def by_odeint(y0, t, a):
    return integrate.odeint(linear, y0, t, args=(a,), **TIGHT)


def by_exponentials(y0, t, a):
    return np.stack([linalg.expm(a * (s - t[0])) @ y0 for s in t])


@pytest.mark.parametrize("k", range(3))
def test_trajectories_of_linear_equations(k):
    """y' = A y has the solution expm(A t) y0, whose derivatives are known by another way."""
    xs = [np.array([0.7, -0.2]), TIMES, MATRIX]
    weights = np.array([[0.3, -1.0], [0.8, 0.5], [-0.6, 1.2]])
    losses = [
        lambda x, f=f: np.sum(weights * np.sin(f(*xs[:k], x, *xs[k + 1 :])))
        for f in (by_odeint, by_exponentials)
    ]
    found, expected = [dk.grad(loss)(xs[k]) for loss in losses]
    assert found == pytest.approx(expected, rel=1e-8, abs=1e-9)
    x_dot = random("odeint", k).normal(size=xs[k].shape)
    found, expected = [dk.jvp(loss, (xs[k],), (x_dot,))[1] for loss in losses]
    assert found == pytest.approx(expected, rel=1e-8, abs=1e-9)
    found, expected = [dk.hvp(loss, xs[k], x_dot) for loss in losses]
    assert found == pytest.approx(expected, rel=1e-7, abs=1e-8)


def test_odeint_takes_what_scipys_takes():
    """Numbers for y0, lists for rates, tfirst, several arguments, some of them no numbers."""
    t = np.array([0.0, 0.3, 1.0])

    def rate(t, y, k, kind, scales):
        assert kind == "decay"
        return [-k * y[0] * scales[1]]

    f = lambda k: integrate.odeint(rate, 1.5, t, (k, "decay", [1.0, 2.0]), tfirst=True, **TIGHT)
    assert dk.lower(f, 0.7)(0.7) == pytest.approx(f(0.7), rel=1e-12)
    assert dk.grad(lambda k: f(k)[-1, 0])(0.7) == pytest.approx(-3 * np.exp(-1.4), rel=1e-8)
    constant = lambda y0: integrate.odeint(lambda y, t: 2.0, y0, t)[-1, 0]
    assert dk.grad(constant)(0.5) == pytest.approx(1)


@pytest.mark.parametrize("start", [lambda k: 1.5, lambda k: k], ids=["constant", "traced"])
def test_odeint_sees_traced_values_that_the_rate_brings_along(start):
    """A rate that closes over a traced value would lose its derivative."""
    with pytest.raises(TracingError, match="hand it over by args="):
        dk.grad(lambda k: integrate.odeint(lambda y, t: -k * y, start(k), TIMES)[-1, 0])(2.0)


@pytest.mark.parametrize("options", [{"full_output": True}, {"rtol": [1e-6]}, {"Dfun": linear}])
def test_odeint_names_the_options_that_it_does_not_take(options):
    """Only for traced values."""
    with pytest.raises(MissingRule, match="odeint of traced values at test_scipy_twins"):
        dk.grad(lambda k: integrate.odeint(linear, [1.0], TIMES, ([[k]],), **options)[-1, 0])(2.0)


# -- behaviour -------------------------------------------------------------------------------


def test_lists_of_traced_values():
    """A list that holds traced values is an array of them."""
    found = dk.grad(lambda x: special.logsumexp([x, 2 * x, 0.5]))(0.3)
    weights = scipy.special.softmax([0.3, 0.6, 0.5])
    assert found == pytest.approx(weights[0] + 2 * weights[1])
    slope = dk.grad(lambda m: stats.multivariate_normal.logpdf([0.1, 0.2], [m, 2 * m]))(0.3)
    assert slope == pytest.approx(0.1 - 0.3 + 2 * (0.2 - 0.6))


@pytest.mark.parametrize(("name", "f", "xs"), [c for c in CASES if c[0] in (
    "logsumexp", "softmax", "solve", "triangular", "expm", "solve_banded", "solve_sylvester",
    "fft", "direct", "norm.pdf", "mvn.logpdf", "sqrtm")], ids=lambda c: c if isinstance(c, str) else "")  # fmt: skip
def test_float32(name, f, xs):
    """float32 in: the dtype is SciPy's, and gradients are float32."""
    xs = [np.asarray(x, np.float32)[()] for x in xs]
    assert dk.lower(f, *xs)(*xs).dtype == f(*xs).dtype
    for slope in dk.grad(lambda *v: np.sum(f(*v)), tuple(range(len(xs))))(*xs):
        assert slope.dtype == np.float32


@pytest.mark.parametrize(("f", "xs"), [
    (linalg.solve_triangular, [A + 0.3j * A.T, V + 1j]),
    (lambda a, b: linalg.solve_triangular(a, b, trans="C"), [A + 0.3j * A.T, V + 1j]),
    (lambda ab, b: linalg.solve_banded((1, 1), ab, b), [BANDS * (1 + 0.2j), np.arange(4) - 1j]),
    (linalg.solve_sylvester, [A + 0.1j, S[:2, :2] - 0.2j, B * 1j]),
    (linalg.expm, [A / 2 + 0.3j]),
    (linalg.sqrtm, [S + 0.3j]),
    (lambda a: linalg.cholesky((a + np.conj(a).T) / 2), [S + 0.2j * A]),
    (signal.convolve, [LONG + 1j, V - 2j]),
    (signal.correlate, [LONG + 1j, V - 2j]),
])  # fmt: skip
def test_complex_values(f, xs):
    """Tangents move with z_dot; the cotangent of Re(w y) is dRe/dx - i dRe/dy."""
    rng, h = random("complex"), 1e-6
    wanted = f(*xs)
    assert dk.lower(f, *xs)(*xs) == pytest.approx(wanted, rel=1e-12)
    bar = rng.normal(size=wanted.shape) + 1j * rng.normal(size=wanted.shape)
    dots = [rng.normal(size=x.shape) + 1j * rng.normal(size=x.shape) for x in xs]
    numeric = (
        f(*[x + h * d for x, d in zip(xs, dots, strict=True)])
        - f(*[x - h * d for x, d in zip(xs, dots, strict=True)])
    ) / (2 * h)
    assert dk.jvp(f, tuple(xs), tuple(dots))[1] == pytest.approx(numeric, rel=1e-7, abs=1e-8)
    pulled = dk.vjp(f, *xs)[1](bar)
    left = np.real(np.sum(bar * numeric))
    right = sum(np.real(np.sum(b * d)) for b, d in zip(pulled, dots, strict=True))
    assert left == pytest.approx(right, rel=1e-7)


def test_what_has_no_twin_is_scipys():
    """A module of twins stands for SciPy's whole module."""
    assert special.gammaln is scipy.special.gammaln
    assert linalg.qr is scipy.linalg.qr
    assert signal.get_window is scipy.signal.get_window
    assert stats.norm.ppf(0.5) == 0
    assert stats.norm(1.0, 2.0).mean() == 1
    assert stats.multivariate_normal(np.zeros(2)).rvs(random_state=0).shape == (2,)
    assert stats.lognorm is scipy.stats.lognorm
    with pytest.raises(AttributeError):
        special.nothing_of_this_name  # noqa: B018


def test_plain_arrays_are_scipys_own():
    """Without traced values the answer is SciPy's, options and errors included."""
    assert special.logsumexp([1.0, 2.0]) == scipy.special.logsumexp([1.0, 2.0])
    assert special.comb(5, 2, exact=True) == 10
    assert linalg.solve(A, V, check_finite=False).tolist() == scipy.linalg.solve(A, V).tolist()
    with pytest.raises(ValueError, match="sum"):
        stats.dirichlet.logpdf([0.5, 0.6, 0.1], [1.0, 1.0, 1.0])


@pytest.mark.parametrize(("f", "x"), [
    (lambda x: special.comb(x, 2, exact=True), 3.0),
    (lambda x: special.factorial(x, exact=True), 3.0),
    (lambda x: special.multigammaln(x, 0), 3.0),
    (lambda x: special.logsumexp(x + 0j, b=P), V),
    (lambda x: special.zeta(x, 2.0), 3.0),
    (lambda x: stats.gamma.cdf(1.0, x), 3.0),
    (lambda x: stats.gamma.pdf(1.0, x, 0, 1, 2), 3.0),
    (lambda x: stats.gamma.pdf(x), 3.0),
    (lambda x: stats.multivariate_normal.logpdf(V, cov=S * x, allow_singular=True), 1.5),
    (lambda x: stats.multivariate_normal.logpdf(x, cov=-S, allow_singular=True), V),
    (lambda x: stats.multivariate_normal.logpdf(x, V[:2], S), V),
    (lambda x: stats.dirichlet.logpdf(P, x), V[:1]),
    (lambda x: linalg.solve_banded((1, 0), x, V), BANDS[:, :3]),
    (lambda x: signal.convolve(x, A), V),
    (lambda x: signal.convolve(x, V, "most"), V),
    (lambda x: signal.convolve(x, A[:1], "valid"), A[:, :2]),
    (lambda x: signal.convolve2d(x, A, boundary="wrap"), A),
])  # fmt: skip
def test_what_cannot_be_is_refused(f, x):
    """Each with an error of ours."""
    with pytest.raises(DiffkitError):
        dk.grad(lambda x: np.real(np.sum(f(x))))(x)


def test_importing_the_twins_imports_no_scipy():
    """SciPy comes when something needs it."""
    code = (
        "import sys, diffkit.scipy.special, diffkit.scipy.stats, diffkit.scipy.signal;"
        "print([m for m in sys.modules if m.split('.')[0] == 'scipy'])"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert loaded.stdout.strip() == "[]"


# -- the error that names the twin ------------------------------------------------------------

ORIGINALS = {
    "special.logsumexp": lambda x: scipy.special.logsumexp(x),
    "special.log_softmax": lambda x: scipy.special.log_softmax(x),
    "special.multigammaln": lambda x: scipy.special.multigammaln(x[0], 2),
    "special.polygamma": lambda x: scipy.special.polygamma(1, x),
    "special.comb": lambda x: scipy.special.comb(x, 2),
    "stats.norm.pdf": lambda x: scipy.stats.norm.pdf(x),
    "stats.norm.logcdf": lambda x: scipy.stats.norm.logcdf(x),
    "stats.poisson.logpmf": lambda x: scipy.stats.poisson.logpmf(2, x),
    "stats.dirichlet.logpdf": lambda x: scipy.stats.dirichlet.logpdf(P, x),
    "stats.multivariate_normal.logpdf": lambda x: scipy.stats.multivariate_normal.logpdf(V, x),
    "linalg.solve": lambda x: scipy.linalg.solve(A, x),
    "linalg.solve_triangular": lambda x: scipy.linalg.solve_triangular(A, x),
    "linalg.cholesky": lambda x: scipy.linalg.cholesky(S * x[0]),
    "linalg.inv": lambda x: scipy.linalg.inv(A * x[0]),
    "linalg.det": lambda x: scipy.linalg.det(A * x[0]),
    "linalg.expm": lambda x: scipy.linalg.expm(A * x[0]),
    "linalg.sqrtm": lambda x: scipy.linalg.sqrtm(A * x[0]),
    "linalg.solve_sylvester": lambda x: scipy.linalg.solve_sylvester(A * x[0], A, A),
    "linalg.solve_banded": lambda x: scipy.linalg.solve_banded((1, 1), BANDS, BANDS[0] * x[0]),
    "integrate.odeint": lambda x: scipy.integrate.odeint(linear, x[:2], TIMES, args=(MATRIX,)),
    "signal.fftconvolve": lambda x: scipy.signal.fftconvolve(x, V),
}


@pytest.mark.parametrize("record", [dk.grad, lambda f: lambda x: dk.lower(f, x)], ids=["grad", "lower"])  # fmt: skip
@pytest.mark.parametrize("name", ORIGINALS)
def test_the_error_of_the_original_names_the_twin(name, record):
    """Where SciPy's own function met a traced value, the message says what to write."""
    module = name.partition(".")[0]
    with pytest.raises(TracingError) as raised:
        record(lambda x: np.sum(ORIGINALS[name](x)))(np.abs(V))
    assert str(raised.value).startswith(f"scipy.{name} met a traced value at test_scipy_twins.py:")
    assert f"`from diffkit.scipy import {module}`" in str(raised.value)


@pytest.mark.parametrize(("name", "f"), [
    ("scipy.stats.rv_generic.entropy", lambda x: scipy.stats.gamma.entropy(x)),
    ("scipy.linalg.lu", lambda x: scipy.linalg.lu(np.eye(2) * x)[2][0, 0]),
    ("scipy.linalg.cho_factor", lambda x: scipy.linalg.cho_factor(np.eye(2) * x)[0][0, 0]),
    ("scipy.ndimage.gaussian_filter", lambda x: np.sum(scipy.ndimage.gaussian_filter(x * V, 1))),
    ("scipy.integrate.solve_ivp", lambda x: scipy.integrate.solve_ivp(lambda t, y: -y, (0, 1), [x])),
])  # fmt: skip
def test_functions_without_a_twin_are_named(name, f):
    """The error says which function of SciPy it was, where, and how it failed."""
    pattern = (
        rf"{name} met a traced value at test_scipy_twins.py:.* no version of it in diffkit.sci"
    )
    with pytest.raises(TracingError, match=pattern):
        dk.grad(f)(1.5)


def test_errors_of_the_users_own_callbacks_stay():
    """What goes wrong inside of a function that SciPy calls is not SciPy's."""

    def callback(t):
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        dk.grad(lambda x: x * scipy.optimize.fsolve(callback, 0.0)[0])(1.0)


def test_lists_of_traced_values_in_ufuncs_are_explained():
    """A ufunc of SciPy does not look into lists."""
    with pytest.raises(TracingError, match=r"ufunc 'gammaln' .* np\.stack"):
        dk.grad(lambda x: np.sum(scipy.special.gammaln([x, 2 * x])))(1.5)
    f = lambda x: np.sum(scipy.special.gammaln(np.stack([x, 2 * x])))
    assert dk.grad(f)(1.5) == pytest.approx(scipy.special.psi(1.5) + 2 * scipy.special.psi(3.0))


def test_other_errors_are_not_explained():
    """A complaint of SciPy about plain arrays stays SciPy's."""
    with pytest.raises(ValueError, match=r"ncompatible|same number of rows"):
        dk.grad(lambda x: x * scipy.linalg.solve(A, np.ones(2)))(1.0)
    with pytest.raises(MissingRule):
        dk.grad(lambda x: special.comb(x, 2, exact=True))(3.0)
