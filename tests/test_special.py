"""SciPy's ufuncs on traced values: which row answers, what it answers, and what is refused.

The laws of tests/test_primitives.py check every row against SymPy; here are the dispatch,
orders, removable singularities, tails and complex values. Expected values come from
SciPy (values), SymPy and mpmath, and difference quotients.
"""

import os
import pickle
import subprocess
import sys

import mpmath
import numpy as np
import pytest
import scipy.special as sc

import diffkit as dk
from diffkit.errors import MissingRule, NotDifferentiable
from diffkit.primitives import PRIMITIVES
from diffkit.primitives.functions import definition_of
from diffkit.primitives.special.exponentials import log_slope
from diffkit.primitives.special.gamma_beta import polygamma
from diffkit.primitives.special.normal import ierfcx
from diffkit.primitives.special.rows import SPECIAL

from .table import elementwise_faults, filled, moving, point, random, ridders

NAMES = [name for name in SPECIAL if isinstance(getattr(sc, name, None), np.ufunc)]


def operands_of(row, *key, shape=()):
    """A point inside the domain; whole numbers where there is no rule."""
    return point(row, random(row.name, *key), [shape] * len(row.domain))


def of_moving(row, xs):
    """The ufunc as a function of the operands that may move, and those."""
    ufunc, moves = getattr(sc, row.name), [i for i, does in enumerate(moving(row)) if does]

    def f(*values):
        return ufunc(*filled(xs, moves, values))

    return f, [xs[i] for i in moves]


# -- dispatch ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_the_ufunc_finds_its_row(name):
    """SciPy's function is answered by the row of its name, values included, and replays."""
    row = PRIMITIVES[name]
    f, xs = of_moving(row, operands_of(row, shape=(3,)))
    program = dk.lower(f, *xs)
    assert program.count() == {name: 1}
    assert program(*xs) == pytest.approx(f(*xs), rel=1e-15)
    again = pickle.loads(pickle.dumps(program))
    others = [x * 0.99 for x in xs]
    assert again(*others) == pytest.approx(f(*others), rel=1e-15)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.filterwarnings("ignore::diffkit.errors.ZeroGradientWarning")
def test_slopes_are_differences_of_scipys_values(name):
    """First and second derivatives, forward and reverse, and the adjoint Program."""
    row = PRIMITIVES[name]
    f, xs = of_moving(row, operands_of(row, "slope"))
    for i, x in enumerate(xs):
        only = lambda t, i=i, f=f, xs=xs: f(*xs[:i], t, *xs[i + 1 :])
        for g in (only, dk.grad(only)):
            expected, error = ridders(lambda t, g=g, x=x: g(x + t), h=0.01)
            assert dk.grad(g)(x) == pytest.approx(expected, rel=1e-8, abs=1e-9 + 10 * error)
            tangent = dk.jvp(g, (x,), (1.0,))[1]
            assert tangent == pytest.approx(dk.grad(g)(x), rel=1e-13, abs=1e-15)
        found = dk.lower(only, x).adjoint()(x)
        assert found == pytest.approx(dk.grad(only)(x), rel=1e-14)


@pytest.mark.parametrize("name", NAMES)
def test_float32_stays_float32(name):
    """Values have SciPy's dtype, gradients that of their operand."""
    row = PRIMITIVES[name]
    f, xs = of_moving(row, operands_of(row, shape=(2,)))
    xs = [x.astype(np.float32) for x in xs]
    assert dk.lower(f, *xs)(*xs).dtype == f(*xs).dtype
    for slope in dk.vjp(f, *xs)[1](np.ones(2, f(*xs).dtype)):
        assert slope.dtype == np.float32


SAME = [
    (sc.psi, "digamma"),
    (sc.jn, "jv"),
    (sc.expm1, "expm1"),
    (sc.log1p, "log1p"),
    (sc.cbrt, "cbrt"),
    (sc.exp2, "exp2"),
    (sc.expit, "sigmoid"),
    (sc.sinc, "sinc"),
    (lambda x: sc.zeta(2.5, x), "zeta"),
]


@pytest.mark.parametrize(("function", "name"), SAME, ids=lambda x: x if isinstance(x, str) else "")
def test_other_names_of_a_row(function, name):
    """What SciPy calls otherwise, or keeps beside NumPy's, is the same row."""
    f = (lambda x: function(1, x)) if name == "jv" else function
    assert name in dk.lower(f, 0.7).count()
    assert dk.lower(f, 0.7)(0.7) == pytest.approx(f(0.7), rel=1e-15)


def test_unknown_functions_stay_unknown():
    """Only what has a row is answered; the error says how to give it one."""
    assert definition_of(sc.airy) is None
    with pytest.raises(MissingRule, match=r"airy met a traced value.*dk\.register"):
        dk.grad(lambda x: sc.airy(x)[0])(1.0)


def test_numpys_bessel_function():
    """np.i0 is the same function."""
    assert dk.lower(np.i0, 1.3).count() == {"i0": 1}
    assert dk.grad(np.i0)(1.3) == pytest.approx(sc.i1(1.3), rel=1e-14)


def run(code):
    found = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        capture_output=True, text=True, check=False, env=os.environ,
    )  # fmt: skip
    assert not found.stderr, found.stderr
    return found.stdout.strip()


def test_scipy_is_imported_on_first_use():
    """Neither the import nor a gradient without SciPy's functions brings it."""
    code = "import sys, diffkit as dk; dk.grad(lambda x: x * x)(1.0); print('scipy' in sys.modules)"
    assert run(code) == "False"


def test_a_program_runs_in_a_process_without_scipy_imported():
    """Rows are found by name; SciPy is imported when the first one computes."""
    program = dk.lower(lambda x: sc.gammaln(x) * sc.erf(x), 2.5)
    code = f"import pickle; print(float(pickle.loads({pickle.dumps(program)!r})(2.5)))"
    assert float(run(code)) == pytest.approx(sc.gammaln(2.5) * sc.erf(2.5))


def test_sympys_functions_find_their_rows():
    """In a fresh process, without any of NumPy's or SciPy's functions having been met."""
    code = """
import sympy as sp, diffkit as dk
t = sp.Symbol("t", real=True)
p = dk.lower(sp.erf(t) * sp.besselj(2, t) + sp.gamma(t) * sp.digamma(t))
print(sorted(p.count()), float(dk.grad(p)(t=1.5)))
"""
    names, _, slope = run(code).rpartition(" ")
    assert names == "['add', 'erf', 'gamma', 'jv', 'multiply', 'polygamma']"
    f = lambda t: mpmath.erf(t) * mpmath.besselj(2, t) + mpmath.gamma(t) * mpmath.psi(0, t)
    assert float(slope) == pytest.approx(float(mpmath.diff(f, 1.5)), rel=1e-12)


def test_scipy_imported_after_diffkit():
    """The first ufunc that meets a traced value brings the whole table."""
    code = "import diffkit as dk, scipy.special as sc; print(float(dk.grad(sc.erf)(0.0)))"
    assert float(run(code)) == pytest.approx(2 / np.sqrt(np.pi))


# -- orders ----------------------------------------------------------------------------------


def test_orders_may_be_inputs_of_a_program():
    """An order is an operand: Programs take it, and differentiate by the argument."""
    program = dk.lower(lambda v, x: sc.jv(v, x), 2.0, 1.5)
    assert program(3.5, 0.7) == sc.jv(3.5, 0.7)
    slope = program.adjoint(wrt=program.inputs[1])(3.5, 0.7)
    assert slope == pytest.approx(sc.jvp(3.5, 0.7))
    with pytest.raises(NotDifferentiable):
        program.adjoint()


def test_orders_broadcast():
    """Several orders at once: the slope sums over them."""
    orders, x = np.array([[0], [1], [2]]), np.array([0.3, 1.7])
    found = dk.grad(lambda x: np.sum(sc.jv(orders, x)))(x)
    assert found == pytest.approx(sc.jvp(orders, x).sum(axis=0))
    found = dk.grad(lambda x: np.sum(sc.expn(orders, x)))(x)
    assert found == pytest.approx(
        [float(-sum(mpmath.expint(n - 1, t) for n in range(3))) for t in x]
    )


def test_the_riemann_zeta_function_is_refused():
    """It has a value and no rule."""
    with pytest.raises(NotDifferentiable, match="zeta"):
        dk.grad(sc.zeta)(2.0)


# -- singularities that are none, and tails -----------------------------------------------------

# fmt: off
EXTREMES = [
    ("erfcx", 1e3), ("erfcx", 1e8), ("erfcx", -20.0), ("erfcx", 1e-9), ("erfc", 20.0), ("erf", 6.0),
    ("log_ndtr", 30.0), ("log_ndtr", 36.0), ("log_ndtr", -8.0), ("inverse_mills", 30.0),
    ("mills_gap", 5.0), ("ndtri", 1e-10), ("log_expit", -800.0), ("log_expit", 700.0),
    ("logit", 1e-100), ("exprel", 1e-9), ("exprel", -1e-5),
    ("exprel", 30.0), ("exprel", -30.0), ("cosm1", 1e-9), ("boxcox", 2.0, 1e-12),
    ("boxcox", 1e-5, 0.3), ("boxcox1p", 1e-12, 0.7), ("gammaln", 1e8), ("gammaln", 1e-8),
    ("digamma", 1e10), ("gammaln", 100.5), ("stdtr", 3, -100.0), ("j1", 1e-9), ("j0", 50.0),
    ("jv", 2, 1e-6), ("i1", 1e-9), ("i0", 100.0), ("k0", 1e-9), ("y0", 40.0), ("ellipk", 1e-12),
    ("ellipk", 0.99), ("ellipk", -0.99), ("ellipe", 1e-12), ("ellipe", 0.999), ("spence", 1 + 1e-9),
    ("spence", 1.41), ("spence", 0.61), ("spence", 1e-6), ("exp1", 1e-6), ("entr", 1e-300),
    ("rel_entr", 1e-9, 1e9), ("pseudo_huber", 1.0, 1e-9), ("pseudo_huber", 1e9, 1.0),
    ("zeta", 2, 1e3), ("wrightomega", -30.0), ("dawsn", 1e-9), ("hyp2f1", 1, 2, 3, 0.95),
    ("hyp1f1", 1, 2, -30.0), ("xlogy", 0.0, 1e-300), ("xlogy", -1.0, 1e-100),
]
# fmt: on


@pytest.mark.parametrize(("name", "xs"), [(n, xs) for n, *xs in EXTREMES], ids=map(str, EXTREMES))
@pytest.mark.filterwarnings("ignore::diffkit.errors.ZeroGradientWarning")
def test_digits_survive(name, xs):
    """In tails and near removable singularities: twelve digits, to second order."""
    row = PRIMITIVES[name]
    xs = [np.float64(x) if moves else x for x, moves in zip(xs, moving(row), strict=True)]
    many = name in ("log_ndtr", "inverse_mills", "log_expit", "exprel", "boxcox1p", "erfcx")
    assert not _faults_by_moving(row, xs, 900 if many else 120)


def _faults_by_moving(row, xs, digits):
    """As the table's check; orders are written into the SymPy form."""
    moves = [i for i, does in enumerate(moving(row)) if does]
    if len(moves) == len(xs):
        return elementwise_faults(row, xs, digits=digits, atol=0)
    with mpmath.workdps(40):
        orders = [int(x) for i, x in enumerate(xs) if i not in moves]
        f = _MPMATH[row.name]
        expected = [mpmath.diff(lambda t: f(*orders, t), float(xs[-1]), n) for n in range(3)]
    g = lambda t: getattr(sc, row.name)(*orders, t)
    g = (lambda t: row(*orders, t)) if row.name == "zeta" else g
    found = [g(xs[-1]), dk.grad(g)(xs[-1]), dk.grad(dk.grad(g))(xs[-1])]
    return [
        f"{row.name}{tuple(xs)}: {a}, not {b}"
        for a, b in zip(found, expected, strict=True)
        if not np.isclose(float(a), float(b), rtol=1e-11, atol=0)
    ]


def _student(v, t):
    x = v / (v + t * t)
    tail = mpmath.betainc(mpmath.mpf(v) / 2, 0.5, 0, x, regularized=True) / 2
    return tail if t < 0 else 1 - tail


_MPMATH = {
    "jv": mpmath.besselj,
    "stdtr": _student,
    "zeta": mpmath.zeta,
    "hyp2f1": mpmath.hyp2f1,
    "hyp1f1": mpmath.hyp1f1,
}

AT_ZERO = [
    (lambda x: sc.exprel(x), [1, 1 / 2, 1 / 3, 1 / 4]),
    (lambda x: sc.j1(x), [0, 1 / 2, 0, -3 / 8]),
    (lambda x: sc.jv(2, x), [0, 0, 1 / 4, 0]),
    (lambda x: sc.i1(x), [0, 1 / 2, 0, 3 / 8]),
    (lambda x: sc.ellipk(x), [np.pi / 2, np.pi / 8, 9 * np.pi / 64, 75 * np.pi / 256]),
    (lambda x: sc.ellipe(x), [np.pi / 2, -np.pi / 8, -3 * np.pi / 64, -15 * np.pi / 256]),
    (lambda x: sc.spence(1 + x), [0, -1, 1 / 2, -2 / 3]),
    (lambda x: sc.hyp1f1(1.0, 2.0, x), [1, 1 / 2, 1 / 3, 1 / 4]),
    (lambda x: sc.boxcox(np.e, x), [1, 1 / 2, 1 / 3, 1 / 4]),
    (lambda x: sc.erfcx(x), [1, -2 / np.sqrt(np.pi), 2, -8 / np.sqrt(np.pi)]),
    (lambda x: sc.pseudo_huber(1.0, x), [0, 0, 1, 0]),
]


@pytest.mark.parametrize(("f", "expected"), AT_ZERO)
def test_taylor_series_at_zero(f, expected):
    """Where textbook formulas are 0/0, derivatives of orders 0 to 3 are those of the series."""
    found = []
    for _ in expected:
        found.append(f(np.float64(0.0)))
        f = dk.grad(f)
    assert found == pytest.approx(expected, rel=1e-13, abs=1e-15)


@pytest.mark.parametrize("x", [-1e6, -1e3, -50.0, -5.0, 0.0, 5.0, 60.0])
def test_log_ndtr_to_third_order(x):
    """The slope is the inverse Mills ratio; finite and right in both tails."""
    with mpmath.workdps(60):
        f = lambda t: mpmath.log(mpmath.erfc(-t / mpmath.sqrt(2)) / 2)
        slope = mpmath.exp(-(mpmath.mpf(x) ** 2) / 2) / mpmath.sqrt(2 * mpmath.pi)
        slope = -mpmath.mpf(x) if x == -1e6 else slope / mpmath.exp(f(mpmath.mpf(x)))
    found = dk.grad(sc.log_ndtr)(x)
    assert found == pytest.approx(float(slope), rel=1e-11)
    second = dk.grad(dk.grad(sc.log_ndtr))(x)
    expected = -float(slope * (slope + x)) if x > -1e3 else -1
    assert second == pytest.approx(expected, rel=2e-6 if x <= -1e3 else 1e-10)
    assert abs(dk.grad(dk.grad(dk.grad(sc.log_ndtr)))(x)) < 1


def test_xlogy_at_zero():
    """0*log(0) is 0, with slope 0 by the second and log by the first operand."""
    for f in (sc.xlogy, lambda x, y: sc.xlog1py(x, y - 1)):
        assert dk.grad(f, 1)(0.0, 0.0) == 0
        assert dk.grad(f, 0)(0.0, 2.0) == pytest.approx(np.log(2))
        assert dk.grad(dk.grad(f, 0), 1)(0.0, 2.0) == pytest.approx(0.5)
        with np.errstate(divide="ignore"):
            assert dk.grad(f, 1)(1.0, 0.0) == np.inf


def test_kinks():
    """huber's slope is continuous; i0e answers 0 at its kink; gammasgn jumps between poles."""
    slope = dk.grad(lambda r: np.sum(sc.huber(1.0, r)))(np.array([-3.0, -1.0, 0.0, 1.0, 3.0]))
    assert slope.tolist() == [-1, -1, 0, 1, 1]
    assert dk.grad(sc.i0e)(0.0) == 0
    found = dk.lower(lambda x: sc.gammasgn(x), 0.5)(np.float64(-1.5))
    assert found == 1


def test_a_branch_not_taken_contributes_nothing():
    """Infinite slopes behind np.where do not turn zeros into nan."""
    f = lambda x: np.sum(np.where(x > 0, sc.gammainc(0.5, x), 0.0))
    with np.errstate(divide="ignore"):
        slope = dk.grad(f)(np.array([0.0, 1.0]))
    assert slope == pytest.approx([0, np.exp(-1) / np.sqrt(np.pi)])


# -- complex values ------------------------------------------------------------------------------

COMPLEX = [
    sc.gamma, sc.loggamma, sc.rgamma, sc.digamma, sc.erf, sc.erfc, sc.erfcx, sc.erfi, sc.dawsn,
    sc.exp1, sc.ndtr, sc.wrightomega,
    lambda z: sc.jv(1.5, z), lambda z: sc.yv(2, z), lambda z: sc.iv(0.5, z), lambda z: sc.kv(1, z),
    lambda z: sc.hyp1f1(1.0, 2.0, z), lambda z: sc.hyp2f1(1.0, 2.0, 3.0, z / 2),
    lambda z: sc.hyp0f1(1.5, z), lambda z: sc.xlogy(z, z + 1), lambda z: sc.xlog1py(z, z),
]  # fmt: skip


@pytest.mark.parametrize("f", COMPLEX)
def test_holomorphic_functions(f):
    """Tangents are z_dot f'(z); so is the gradient of the real part, f'(z)."""
    z, h = np.complex128(0.6 + 0.4j), 1e-6
    expected = (f(z + h) - f(z - h)) / (2 * h)
    assert (f(z + 1j * h) - f(z - 1j * h)) / (2j * h) == pytest.approx(expected, rel=1e-7)
    assert dk.jvp(f, (z,), (np.complex128(1j),))[1] == pytest.approx(1j * expected, rel=1e-8)
    assert dk.grad(lambda z: np.real(f(z)))(z) == pytest.approx(expected, rel=1e-8)


@pytest.mark.parametrize("k", [-1, 0, 1])
@pytest.mark.parametrize("z", [0.7, -0.2, 0.4 - 1.3j])
def test_lamberts_function(z, k):
    """Complex values also at real numbers, on every branch; real numbers have real slopes."""
    f = lambda z: sc.lambertw(z, k)
    with mpmath.workdps(40):
        expected = [complex(mpmath.diff(lambda t: mpmath.lambertw(t, k), z, n)) for n in (1, 2)]
    assert dk.lower(f, z)(z) == pytest.approx(f(z), rel=1e-15)
    first = lambda z: dk.jvp(f, (z,), (1.0 + 0 * z,))[1]
    assert first(z) == pytest.approx(expected[0], rel=1e-13)
    assert dk.jvp(first, (z,), (1.0 + 0 * z,))[1] == pytest.approx(expected[1], rel=1e-13)
    slope = dk.grad(lambda z: np.real(f(z)))(z)
    assert slope == pytest.approx(expected[0] if z.imag else expected[0].real, rel=1e-13)
    assert slope.dtype == np.asarray(z).dtype
    found = dk.lower(lambda z: np.real(f(z)), z).adjoint()(z)
    assert found == pytest.approx(slope, rel=1e-15)


def test_lamberts_function_at_zero():
    """W(z) = z - z^2 + 3/2 z^3 - ..."""
    f = lambda z: np.real(sc.lambertw(z))
    assert [dk.grad(f)(0.0), dk.grad(dk.grad(f))(0.0)] == pytest.approx([1, -2])
    assert dk.grad(f)(np.float32(0.5)).dtype == np.float32
    program = dk.lower(sc.lambertw, np.ones(2))
    assert program.steps[0].type.dtype == program(np.ones(2)).dtype == np.complex128


@pytest.mark.parametrize("f", [sc.jve, sc.yve, sc.ive])
def test_factors_that_are_not_holomorphic_are_refused(f):
    """exp(-|im z|) has no complex derivative; no number may stand for it."""
    with pytest.raises(NotDifferentiable, match="no complex derivative; write it out"):
        dk.grad(lambda z: np.real(f(1.5, z)))(0.6 + 0.4j)


@pytest.mark.parametrize("n", range(4))
@pytest.mark.parametrize("z", [0.3 + 0.4j, 5 - 2j, -3.3 + 0.1j, 30 + 100j])
def test_polygamma_of_complex_values(n, z):
    """SciPy has it for real values only."""
    found = polygamma(n, np.complex128(z))
    assert found == pytest.approx(complex(mpmath.psi(n, z)), rel=1e-13)


# -- rows of the logarithm's and exponentials' own -----------------------------------------------


@pytest.mark.parametrize("order", range(5))
def test_log_slope_continues_across_its_two_formulas(order):
    """Series and recurrence meet."""
    xs = np.array([0.1, 0.599, 0.601, 1 - 1e-7, 1.0, 1.399, 1.401, 30.0])
    with mpmath.workdps(60):
        f = lambda t: mpmath.log(t) / (1 - t)
        expected = [
            -(mpmath.mpf(-1) ** order) * mpmath.factorial(order) / (order + 1)
            if x == 1
            else mpmath.diff(f, mpmath.mpf(float(x)), order)
            for x in xs
        ]
    assert log_slope(xs, order=order) == pytest.approx([float(e) for e in expected], rel=1e-11)


@pytest.mark.parametrize("order", range(4))
def test_repeated_integrals_of_erfc(order):
    """Recurrence and continued fraction meet."""
    xs = np.array([-5.0, -0.3, 0.0, 0.99, 1.0, 1.01, 4.0, 1e3, 1e9])
    with mpmath.workdps(120):
        expected = []
        for x in map(mpmath.mpf, map(float, xs)):
            before, now = 2 / mpmath.sqrt(mpmath.pi), mpmath.exp(x * x) * mpmath.erfc(x)
            if x > 100:  # the leading terms of the asymptotic series
                n = order
                value = 2 / mpmath.sqrt(mpmath.pi) / (2 * x) ** (n + 1)
                expected.append(value * (1 - mpmath.mpf((n + 1) * (n + 2)) / (4 * x * x)))
                continue
            for n in range(1, order + 1):
                before, now = now, (before - 2 * x * now) / (2 * n)
            expected.append(now)
    found = ierfcx(xs, order=order)
    assert found == pytest.approx([float(e) for e in expected], rel=1e-11)
