"""Running sums, differences, integrals, interpolation, convolution, polynomials, spacings.

Values, shapes and dtypes are NumPy's own on plain arrays; derivatives are those of finite
differences. A case is a function written with np, and the shapes of its arguments.
"""

import numpy as np
import pytest

import diffkit as dk
from diffkit.errors import BranchChanged, MissingRule, ShapeError, TracingError
from diffkit.primitives import FUNCTIONS, running

from .function_cases import (
    arguments,
    bent,
    complex_faults,
    named,
    program_faults,
    several,
    value_faults,
)
from .table import close, derivative_faults, dtype_faults, random

KNOTS = np.array([-3.0, -1.1, 0.0, 0.4, 1.2, 3.5])
HEIGHTS = np.array([1.0, -2.0, 0.5, 3.0, 1.0, 2.0])
TIMES = np.array([0.0, 1.0, 2.5, 3.0])


CASES = [
    # running sums and products
    ("cumsum", lambda x: np.cumsum(x), [(2, 2)]),
    ("cumsum axis", lambda x: np.cumsum(x, axis=-1), [(2, 3)]),
    ("cumsum first axis", lambda x: np.cumsum(x, 0), [(3, 2)]),
    ("cumsum wide", lambda x: np.cumsum(x, dtype=np.float64), [(3,)]),
    ("add.accumulate", lambda x: np.add.accumulate(x), [(3, 2)]),
    ("cumprod", lambda x: np.cumprod(x), [(5,)]),
    ("cumprod axis", lambda x: np.cumprod(x, axis=1), [(2, 3)]),
    ("cumprod first axis", lambda x: np.cumprod(x, axis=0), [(3, 2)]),
    ("cumprod of one", lambda x: np.cumprod(x), [(1,)]),
    ("multiply.accumulate", lambda x: np.multiply.accumulate(x, axis=1), [(2, 3)]),
    ("subtract.accumulate", lambda x: np.subtract.accumulate(x, axis=1), [(2, 3)]),
    ("subtract.reduce", lambda x: np.subtract.reduce(x), [(3, 2)]),
    ("divide.reduce", lambda x: np.divide.reduce(x, axis=1, keepdims=True), [(2, 3)]),
    ("add.reduceat", lambda x: np.add.reduceat(x, [0, 2, 1, 3]), [(4, 2)]),
    ("multiply.reduceat", lambda x: np.multiply.reduceat(x, np.array([1, 2]), axis=1), [(2, 4)]),
    # differences
    ("diff", lambda x: np.diff(x), [(2, 4)]),
    ("diff twice", lambda x: np.diff(x, 2, axis=0), [(4, 2)]),
    ("diff never", lambda x: np.diff(x, 0), [(3,)]),
    ("diff more than there are", lambda x: np.append(np.diff(x, 4), x), [(3,)]),
    ("diff prepend", lambda x, y: np.diff(x, prepend=y), [(2, 3), ()]),
    ("diff prepend plain", lambda x: np.diff(x, prepend=0.0, append=[[1.0], [2.0]]), [(2, 3)]),
    ("diff append", lambda x, y: np.diff(x, 2, 0, append=y), [(3, 2), (2, 2)]),
    ("ediff1d", lambda x: np.ediff1d(x), [(2, 2)]),
    ("ediff1d ends", lambda x, y: np.ediff1d(x, to_end=y, to_begin=y[0]), [(3,), (2,)]),
    ("gradient", lambda x: np.gradient(x), [(5,)]),
    ("gradient of two", lambda x: np.gradient(x), [(2,)]),
    ("gradient both axes", lambda x: np.gradient(x), [(3, 2)]),
    ("gradient spacing", lambda x, h: np.gradient(x, h), [(4,), ()]),
    ("gradient spacings", lambda x, h: np.gradient(x, h, 0.5), [(3, 4), ()]),
    ("gradient coordinates", lambda x, t: np.gradient(x, t, axis=0), [(4, 2), (4,)]),
    ("gradient plain coordinates", lambda x: np.gradient(x, TIMES), [(4,)]),
    ("gradient uniform coordinates", lambda x: np.gradient(x, np.arange(4.0)), [(4,)]),
    ("gradient second order", lambda x: np.gradient(x, edge_order=2), [(5,)]),
    ("gradient second order h", lambda x, h: np.gradient(x, h, edge_order=2), [(4,), ()]),
    ("gradient second order t", lambda x, t: np.gradient(x, t, edge_order=2), [(4,), (4,)]),
    ("gradient of plain", lambda h: np.gradient(HEIGHTS, h), [()]),
    ("gradient axes", lambda x: np.gradient(x, axis=(1, 0)), [(3, 2)]),
    # integrals
    ("trapezoid", lambda y: np.trapezoid(y), [(4,)]),
    ("trapezoid dx", lambda y, dx: np.trapezoid(y, dx=dx, axis=0), [(4, 2), ()]),
    ("trapezoid x", lambda y, x: np.trapezoid(y, x), [(2, 4), (4,)]),
    ("trapezoid axis", lambda y, x: np.trapezoid(y, x, axis=0), [(4, 2), (4,)]),
    ("trapezoid matrix x", lambda y, x: np.trapezoid(y, x), [(2, 3), (2, 3)]),
    ("trapezoid plain y", lambda x: np.trapezoid(HEIGHTS, x), [(6,)]),
    # convolution
    ("convolve", lambda a, v: np.convolve(a, v), [(5,), (3,)]),
    ("convolve shorter", lambda a, v: np.convolve(a, v), [(2,), (4,)]),
    ("convolve same", lambda a, v: np.convolve(a, v, "same"), [(5,), (3,)]),
    ("convolve same even", lambda a, v: np.convolve(a, v, "same"), [(3,), (4,)]),
    ("convolve valid", lambda a, v: np.convolve(a, v, mode="valid"), [(5,), (3,)]),
    ("convolve valid shorter", lambda a, v: np.convolve(a, v, mode="valid"), [(2,), (4,)]),
    ("convolve plain", lambda v: np.convolve(HEIGHTS, v, "same"), [(3,)]),
    ("convolve numbers", lambda a, v: np.convolve(a, v), [(), (3,)]),
    ("correlate", lambda a, v: np.correlate(a, v), [(5,), (3,)]),
    ("correlate shorter", lambda a, v: np.correlate(a, v), [(3,), (5,)]),
    ("correlate full", lambda a, v: np.correlate(a, v, "full"), [(4,), (3,)]),
    ("correlate full shorter", lambda a, v: np.correlate(a, v, "full"), [(2,), (5,)]),
    ("correlate same", lambda a, v: np.correlate(a, v, "same"), [(5,), (4,)]),
    ("correlate same shorter", lambda a, v: np.correlate(a, v, "same"), [(3,), (4,)]),
    ("correlate same even", lambda a, v: np.correlate(a, v, "same"), [(2,), (4,)]),
    # polynomials
    ("polyval", lambda p, x: np.polyval(p, x), [(4,), (3,)]),
    ("polyval plain p", lambda x: np.polyval([1.0, -2.0, 3.0], x), [(2, 2)]),
    ("polyval plain x", lambda p: np.polyval(p, np.linspace(0, 1, 3)), [(3,)]),
    ("polyval constant", lambda p, x: np.polyval(p, x) * x, [(1,), (2,)]),
    ("polyval number", lambda p, x: np.polyval(p, x), [(3,), ()]),
    ("polyder", lambda p: np.polyder(p), [(4,)]),
    ("polyder twice", lambda p: np.polyder(p, 2), [(4,)]),
    ("polyint", lambda p: np.polyint(p), [(3,)]),
    ("polyint twice", lambda p, k: np.polyint(p, 2, k), [(3,), (2,)]),
    ("polyint constant", lambda p, k: np.polyint(p, 2, k=k), [(3,), ()]),
    ("polyadd", lambda a, b: np.polyadd(a, b), [(2,), (4,)]),
    ("polysub", lambda a, b: np.polysub(a, b), [(4,), (2,)]),
    ("polymul", lambda a, b: np.polymul(a, b), [(2,), (3,)]),
    ("polymul plain", lambda a: np.polymul([0.0, 2.0, 1.0], a), [(3,)]),
    ("polydiv", lambda u, v: np.polydiv(u, v), [(5,), (3,)]),
    ("polydiv equal", lambda u, v: np.polydiv(u, v), [(2,), (2,)]),
    ("polydiv shorter", lambda u, v: np.polydiv(u, v), [(2,), (3,)]),
    ("poly", lambda r: np.poly(r), [(4,)]),
    ("vander", lambda x: np.vander(x), [(3,)]),
    ("vander N", lambda x: np.vander(x, 4, increasing=True), [(2,)]),
    ("vander one", lambda x: np.vander(x, 1) * x[:, None], [(2,)]),
    ("polyfit y", lambda y: np.polyfit(TIMES, y, 2), [(4,)]),
    ("polyfit columns", lambda y: np.polyfit(TIMES, y, 1), [(4, 2)]),
    ("polyfit weights", lambda y: np.polyfit(TIMES, y, 1, w=[1.0, 2.0, 1.0, 3.0]), [(4,)]),
    ("polyfit full", lambda y: np.polyfit(TIMES, y, 1, full=True)[0], [(4,)]),
    ("polyfit squares left", lambda y: np.polyfit(TIMES, y, 1, full=True)[1], [(4,)]),
    ("polyfit covariance", lambda y: np.polyfit(TIMES, y, 1, cov=True)[1], [(4,)]),
    # products of vectors
    ("cross", lambda a, b: np.cross(a, b), [(2, 3), (3,)]),
    ("cross axes", lambda a, b: np.cross(a, b, axisa=0, axisc=0), [(3, 2), (2, 3)]),
    ("cross axis", lambda a, b: np.cross(a, b, axis=0), [(3, 2), (3, 2)]),
    ("kron", lambda a, b: np.kron(a, b), [(2, 2), (2, 3)]),
    ("kron of vectors", lambda a, b: np.kron(a, b), [(2,), (3,)]),
    ("kron mixed", lambda a, b: np.kron(a, b), [(2,), (2, 1, 2)]),
    ("kron number", lambda a, b: np.kron(a, b), [(), (2,)]),
    # spacings
    ("linspace", lambda a, b: np.linspace(a, b, 5), [(), ()]),
    ("linspace open", lambda a, b: np.linspace(a, b, 4, endpoint=False), [(), ()]),
    ("linspace one", lambda a, b: np.linspace(a, b, 1) * b, [(), ()]),
    ("linspace start", lambda a: np.linspace(a, 2.0, num=3), [()]),
    ("linspace stop", lambda b: np.linspace(0, b, 3), [()]),
    ("linspace arrays", lambda a, b: np.linspace(a, b, 3, axis=-1), [(2,), (1, 2)]),
    ("linspace step", lambda a, b: np.linspace(a, b, 3, retstep=True)[1], [(), ()]),
    ("logspace", lambda a, b: np.logspace(a, b, 4), [(), ()]),
    ("logspace base", lambda a, c: np.logspace(a, 1.0, 3, base=c * c), [(), ()]),
    ("logspace bases", lambda a, c: np.logspace(a, 1.0, 3, base=c * c), [(2,), (2,)]),
    ("geomspace", lambda a: np.geomspace(a, 3.0 * a, 4), [()]),
    ("geomspace arrays", lambda a: np.geomspace(a, 3.0 * a, 3, axis=1), [(2,)]),
    ("geomspace open", lambda a: np.geomspace(a, 3.0 * a, 3, False), [()]),
]
# Only for real numbers.
REAL = [
    ("maximum.accumulate", lambda x: np.maximum.accumulate(x), [(7,)]),
    ("maximum.accumulate axis", lambda x: np.maximum.accumulate(x, axis=1), [(2, 4)]),
    ("minimum.accumulate", lambda x: np.minimum.accumulate(x), [(4, 2)]),
    ("logaddexp.accumulate", lambda x: np.logaddexp.accumulate(x, axis=-1), [(2, 3)]),
    ("logaddexp.reduce", lambda x: np.logaddexp.reduce(x, axis=0), [(4, 2)]),
    ("logaddexp.reduce all", lambda x: np.logaddexp.reduce(x, axis=None, keepdims=True), [(2, 2)]),
    ("hypot.reduce", lambda x: np.hypot.reduce(x, axis=1), [(2, 3)]),
    ("maximum.reduceat", lambda x: np.maximum.reduceat(x, [0, 3]), [(5,)]),
    ("unwrap", lambda x: np.unwrap(4 * x), [(5,)]),
    ("unwrap axis", lambda x: np.unwrap(4 * x, axis=0, discont=4.0), [(4, 2)]),
    ("unwrap period", lambda x, t: np.unwrap(x, period=1 + t * t), [(5,), ()]),
    ("interp", lambda x: np.interp(x, KNOTS, HEIGHTS), [(5,)]),
    ("interp number", lambda x: np.interp(x, KNOTS, HEIGHTS), [()]),
    ("interp values", lambda f: np.interp(TIMES, KNOTS, f), [(6,)]),
    ("interp all", lambda x, s, f: np.interp(x, KNOTS + s / 9, f), [(2, 2), (6,), (6,)]),
    ("interp sides", lambda x, a, b: np.interp(9 * x, KNOTS, HEIGHTS, a, b), [(6,), (), ()]),
    ("interp period", lambda x, f: np.interp(9 * x, KNOTS, f, period=4.7), [(6,), (6,)]),
    ("interp shifting", lambda x, s: np.interp(x, KNOTS + s, HEIGHTS, period=5.3), [(5,), ()]),
    ("interp one knot", lambda x, f: np.interp(x, [0.0], f) * x, [(4,), (1,)]),
    ("angle", lambda x, y: np.angle(x + 1j * y), [(3,), (3,)]),
    ("angle degrees", lambda x, y: np.angle(x + 1j * y, deg=True), [(), ()]),
    ("angle of real", lambda x: np.angle(x) * x, [(3,)]),
    ("real_if_close", lambda x: np.real_if_close(x), [(2,)]),
    ("modf", lambda x: np.modf(x), [(3,)]),
    ("divmod", lambda x, y: np.divmod(x, y), [(3,), ()]),
    ("frexp", lambda x: np.frexp(x)[0], [(2, 2)]),
    ("fix", lambda x: np.fix(x) + x, [(3,)]),
    ("nan_to_num", lambda x: np.nan_to_num(x, nan=1.0), [(3,)]),
    ("nan_to_num traced", lambda x, y: np.nan_to_num([0, 1, np.nan] * x, nan=y), [(3,), ()]),
    ("nextafter", lambda x: np.nextafter(x, 5.0), [(3,)]),
]
if hasattr(np, "cumulative_sum"):
    CASES += [
        ("cumulative_sum", lambda x: np.cumulative_sum(x), [(3,)]),
        (
            "cumulative_sum initial",
            lambda x: np.cumulative_sum(x, axis=1, include_initial=True),
            [(2, 2)],
        ),
        (
            "cumulative_prod",
            lambda x: np.cumulative_prod(x, axis=0, include_initial=True),
            [(3, 2)],
        ),
    ]
CASES += [("vecdot", lambda a, b: np.vecdot(a, b), [(2, 3), (3,)])]
CASES += [("vecdot axis", lambda a, b: np.vecdot(a, b, axis=0), [(3, 2), (3, 2)])]
if hasattr(np, "matvec"):
    CASES += [
        ("matvec", lambda a, x: np.matvec(a, x), [(2, 3), (4, 3)]),
        ("matvec of one", lambda a, x: np.matvec(a, x), [(2, 2, 3), (3,)]),
        ("vecmat", lambda x, a: np.vecmat(x, a), [(4, 3), (3, 2)]),
        ("vecmat of one", lambda x, a: np.vecmat(x, a), [(3,), (2, 3, 2)]),
    ]

ALL = CASES + REAL
# NumPy looks at other arguments first, and does not hand these to us when they are plain.
BESIDE_PLAIN = {"unwrap period", "interp sides", "nan_to_num traced"}
INTO_REAL = {"cumsum wide", "gradient of plain"}  # where NumPy discards imaginary parts
ROUNDED = {"polydiv"}  # NumPy keeps leading zeros of a float32 remainder that rounding made


def test_no_case_stands_twice():
    """Every case has its own name."""
    names = [case[0] for case in ALL]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("kind", [np.float64, np.float32])
@named(ALL)
def test_values_are_numpys(name, f, shapes, kind):
    """Traced or not: the same results, shapes and dtypes."""
    kind = np.float64 if name in ROUNDED else kind
    xs = [np.asarray(x).astype(kind)[()] for x in arguments(name, shapes)]
    assert not value_faults(f, xs)


@named(ALL)
def test_derivatives_are_those_of_finite_differences(name, f, shapes):
    """VJP, JVP, and both derivatives of the VJP."""
    xs = arguments(name, shapes)
    assert not derivative_faults(name, bent(f), xs, range(len(xs)), random(name), h=1e-3)


@named(ALL)
def test_programs_replay_elsewhere(name, f, shapes):
    """A pickled Program of f and its adjoint hold at another point."""
    assert not program_faults(bent(f), arguments(name, shapes))


@named([case for case in ALL if case[0] not in BESIDE_PLAIN])
def test_gradients_keep_float32(name, f, shapes):
    """float32 in, float32 gradient out."""
    xs = arguments(name, shapes)

    def whole(*values):
        result = f(*values)
        return sum(np.sum(part) for part in result) if several(result) else result

    assert not dtype_faults(name, whole, xs, range(len(xs)))


@named([case for case in CASES if case[0] not in INTO_REAL])
def test_gradients_of_complex_arrays(name, f, shapes):
    """Sums and products are the same for complex numbers."""
    assert not value_faults(f, [x * (2 - 1j) for x in arguments(name, shapes)])
    assert not complex_faults(bent(f), arguments(name, shapes), random(name))


# -- running products --------------------------------------------------------------------


def test_running_products_are_exact_at_zeros():
    """sum(cumprod(x)) = x0 + x0 x1 + x0 x1 x2 and its derivatives of every order."""

    def f(x):
        return np.sum(np.cumprod(x))

    x = np.array([0.0, 2.0, 3.0])
    assert dk.grad(f)(x).tolist() == [9, 0, 0]
    assert dk.hessian(f)(x).tolist() == [[0, 4, 2], [4, 0, 0], [2, 0, 0]]
    third = dk.jacobian(dk.hessian(f))(x)
    assert third[0, 1, 2] == third[2, 1, 0] == 1
    assert abs(third).sum() == 6
    assert dk.grad(f)(np.zeros(3)).tolist() == [1, 0, 0]


def test_jacobian_of_a_running_product(rng):
    """dy_j/dx_i is the product of the other factors up to j."""
    x = rng.normal(size=6) * [1, 1, 0, 1, 0, 1]
    expected = [
        [np.prod(np.delete(x[: j + 1], i)) if i <= j else 0 for i in range(6)] for j in range(6)
    ]
    assert close(dk.jacobian(np.cumprod)(x), expected)


@pytest.mark.parametrize("dtype", [float, np.float32, complex])
@pytest.mark.parametrize("reverse", [False, True])
def test_a_recurrence_solves_a_bidiagonal_system(reverse, dtype, rng):
    """y_i - a_i y_(i-1) = b_i; its transpose is the transposed system."""
    a, b, bar = rng.normal(size=(3, 5)).astype(dtype)
    matrix = np.eye(5, dtype=dtype)
    matrix -= np.diag(a[:-1], 1) if reverse else np.diag(a[1:], -1)
    y, pull = dk.vjp(lambda a, b: running.recurrence(a, b, axis=0, reverse=reverse), a, b)
    tolerance = 1e-5 if dtype is np.float32 else 1e-13
    assert np.allclose(y, np.linalg.solve(matrix, b), tolerance, tolerance)
    a_bar, b_bar = pull(bar)
    assert y.dtype == a_bar.dtype == b_bar.dtype == dtype
    expected = np.linalg.solve(matrix.T, bar)
    assert np.allclose(b_bar, expected, tolerance, tolerance)
    before = np.roll(y, -1 if reverse else 1)
    before[-1 if reverse else 0] = 0
    assert np.allclose(a_bar, expected * before, tolerance, tolerance)


def test_a_long_running_product():
    """A hundred thousand factors: the slope of the last product by a factor is y/x."""
    x = np.linspace(0.9999, 1.0001, 100_000)
    slope = dk.grad(lambda x: np.cumprod(x)[-1])(x)
    assert close(slope, np.prod(x) / x, 1e-9)


# -- running extrema ---------------------------------------------------------------------


def test_ties_share_a_running_extremum():
    """What arrives at each prefix is shared by the entries that are its largest."""
    x = np.array([1.0, 3.0, 2.0, 3.0, 3.0])

    slope = dk.grad(lambda x: np.sum(np.maximum.accumulate(x) * [1, 10, 100, 1000, 6000]))(x)

    assert slope == pytest.approx([1, 10 + 100 + 500 + 2000, 0, 500 + 2000, 2000])
    assert dk.grad(lambda x: np.sum(np.minimum.accumulate(x)))(np.zeros(3)) == pytest.approx(
        [1 + 1 / 2 + 1 / 3, 1 / 2 + 1 / 3, 1 / 3]
    )


def test_a_running_extremum_of_nothing():
    """Zero entries in, zero entries out."""
    assert dk.grad(lambda x: np.sum(np.maximum.accumulate(x)))(np.zeros(0)).shape == (0,)


# -- interpolation -------------------------------------------------------------------------


def test_at_a_knot_the_slope_is_that_of_the_piece_to_the_right():
    """At the last knot it is that to its left, outside it is 0."""
    xp, fp = [0.0, 1.0, 3.0], [0.0, 2.0, 10.0]
    x = np.array([-1.0, 0.0, 0.5, 1.0, 2.0, 3.0, 4.0])
    assert dk.elementwise_grad(lambda x: np.interp(x, xp, fp))(x).tolist() == [0, 2, 2, 4, 4, 4, 0]
    shares = dk.jacobian(lambda f: np.interp(x, xp, f))(np.array(fp))
    expected = [[1, 0, 0], [1, 0, 0], [0.5, 0.5, 0], [0, 1, 0], [0, 0.5, 0.5], [0, 0, 1], [0, 0, 1]]
    assert shares.tolist() == expected


def test_a_knot_given_twice_is_a_jump():
    """The value jumps as NumPy's does; slopes stay those of the pieces."""
    xp, fp = [0.0, 1.0, 1.0, 2.0, 2.0], [0.0, 1.0, 5.0, 7.0, 9.0]
    x = np.array([0.5, 1.0, 1.5, 2.0])
    value, pull = dk.vjp(lambda x: np.interp(x, xp, fp), x)
    assert value.tolist() == np.interp(x, xp, fp).tolist()
    assert pull(np.ones(4))[0].tolist() == [1, 2, 2, 0]


def test_interpolation_of_complex_values():
    """Real and imaginary parts are interpolated alike."""
    fp = np.array([1 + 1j, 2 - 3j, 0.5j])

    def f(fp):
        y = np.interp(np.array([0.25, 1.5]), [0.0, 1.0, 2.0], fp)
        return np.sum(np.real(y) * [1.0, 2.0] + np.imag(y) * [3.0, 4.0])

    weights = np.array([[0.75, 0.25, 0], [0, 0.5, 0.5]])
    expected = [1, 2] @ weights - 1j * ([3, 4] @ weights)
    assert np.allclose(dk.grad(f)(fp), expected)


# -- polynomials ---------------------------------------------------------------------------


def test_slope_of_a_polynomial():
    """d polyval(p, x)/dx is polyval(polyder(p), x); by p it is the powers of x."""
    p, x = np.array([2.0, -1.0, 0.5, 3.0]), np.float64(0.7)
    assert dk.grad(np.polyval, 1)(p, x) == pytest.approx(np.polyval(np.polyder(p), x))
    assert close(dk.grad(np.polyval)(p, x), x ** np.arange(3, -1, -1))


def test_roots_move_against_the_slope():
    """dr/dp_j = -r**(n-j)/p'(r), also where roots are complex; their dtype is always complex."""
    p = np.array([2.0, -3.0, 1.0, 5.0])

    roots, tangent = dk.jvp(np.roots, (p,), (np.array([0.0, 0.0, 1.0, 0.0]),))

    assert np.sort_complex(roots) == pytest.approx(np.sort_complex(np.roots(p)))
    assert tangent == pytest.approx(-roots / np.polyval(np.polyder(p), roots))
    real, led_by_zero = np.array([1.0, -3.0, 2.0]), np.array([0.0, 1.0, -3.0])
    assert dk.lower(np.roots, real)(real).dtype == complex
    assert dk.lower(np.roots, led_by_zero)(led_by_zero) == [3.0]
    slope = dk.grad(lambda p: np.sum(np.abs(np.roots(p)) ** 2))(real)
    assert slope == pytest.approx([-14, -6, -2])  # by hand, from roots 2 and 1


def test_division_undoes_multiplication():
    """u = q v + r for the quotient and remainder of u by v: the Jacobian is the identity."""
    v = np.array([2.0, -1.0, 0.5])

    def again(u):
        q, r = np.polydiv(u, v)
        return np.polyadd(np.polymul(q, v), r)

    u = np.array([1.0, 2.0, -3.0, 0.5, 1.0])
    assert close(dk.jacobian(again)(u), np.eye(5), atol=1e-13)


def test_a_polynomial_stays_zero_where_its_root_is_moved():
    """p(r_i; r) = 0 for all r."""
    r = np.array([1.0, -0.5, 2.0])
    jacobian = dk.jacobian(lambda r: np.polyval(np.poly(r), r))(r)
    assert close(jacobian, np.zeros((3, 3)), atol=1e-14)


def test_a_fit_depends_on_the_values_by_the_pseudo_inverse():
    """c = V^+ y."""
    x = np.array([0.0, 1.0, 2.5, 3.0, 4.0])
    found = dk.jacobian(lambda y: np.polyfit(x, y, 2))(np.cos(x))
    assert close(found, np.linalg.pinv(np.vander(x, 3)), 1e-11, 1e-12)


def test_a_fit_with_moving_points():
    """On points of a parabola the fit is that parabola, wherever the points are."""
    if np.linalg.lstsq not in FUNCTIONS:
        pytest.skip("there is no row for np.linalg.lstsq")
    jacobian = dk.jacobian(lambda x: np.polyfit(x, 3 * x * x - x + 2, 2))(TIMES)
    assert close(jacobian, np.zeros((3, 4)), atol=1e-11)


# -- smaller things ------------------------------------------------------------------------


def test_unwrapping_adds_constants():
    """Multiples of the period have no derivative."""
    x = np.array([0.1, 3.0, -3.0, 2.9, 9.0, -40.0])
    assert dk.jacobian(np.unwrap)(x).tolist() == np.eye(6).tolist()
    assert close(dk.lower(np.unwrap, x)(2 * x), np.unwrap(2 * x))


def test_evenly_spaced_numbers_are_numpys_to_the_last_digit(rng):
    """The last one is the stop itself."""
    for a, b in rng.normal(size=(20, 2)):
        for n in (2, 3, 7, 50):
            found = dk.lower(lambda a, b, n=n: np.linspace(a, b, n), a, b)(a, b)
            assert found.tolist() == np.linspace(a, b, n).tolist()
            assert found[-1] == b


def test_the_argument_of_a_complex_number():
    """theta = atan2(y, x): -y/r**2 by x, x/r**2 by y, and df/dx - i df/dy by z."""
    assert dk.grad(np.angle)(3 + 4j) == pytest.approx(-0.16 - 0.12j)
    in_degrees = dk.grad(lambda z: np.angle(z, deg=True))(3 + 4j)
    assert in_degrees == pytest.approx((-0.16 - 0.12j) * 180 / np.pi)


def test_a_part_that_is_close_to_real_is_a_branch():
    """A Program knows that it took the real part."""
    z = np.array([1 + 0j, 2 + 1e-16j])
    program = dk.lower(lambda z: np.real_if_close(z * z), z)
    assert program(z).dtype == float
    with pytest.raises(BranchChanged):
        program(z + 1j)
    assert dk.lower(lambda z: np.real_if_close(z), z + 1j)(z + 2j).dtype == complex


def test_steps_of_numbers_have_no_derivative():
    """Exponents, spacings and whole parts are recorded as steps, and warned about."""
    for f in (np.spacing, lambda x: 1.0 * np.frexp(x)[1], lambda x: np.modf(x)[1], np.fix):
        with pytest.warns(dk.errors.ZeroGradientWarning):
            assert dk.grad(f)(2.3) == 0
        assert dk.lower(f, 2.3)(9.7) == f(9.7)


@pytest.mark.parametrize("f", [np.isreal, np.iscomplex, np.isposinf, np.isneginf, np.isrealobj])
@pytest.mark.parametrize("x", [[1.0, np.inf, -np.inf, np.nan], [1 + 0j, 2j]])
def test_questions(f, x):
    """Answered as NumPy does."""
    x, answers = np.array(x), []
    if x.dtype == complex and "inf" in f.__name__:
        return
    dk.vjp(lambda x: [answers.append(f(x)), x][1], x)
    assert np.array_equal(getattr(answers[0], "value", answers[0]), f(x))


def test_what_replaces_nan_has_no_derivative():
    """Where a number was put in, nothing flows."""
    x = np.array([1.0, np.nan, np.inf, -np.inf])
    options = {"nan": 5.0, "posinf": 6.0, "neginf": 7.0}
    value, pull = dk.vjp(lambda x: np.nan_to_num(x, **options), x)
    assert value.tolist() == np.nan_to_num(x, **options).tolist()
    assert pull(np.ones(4))[0].tolist() == [1, 0, 0, 0]
    z = np.array([1 + 1j, complex(np.nan, 2)])
    found = dk.lower(lambda z: np.nan_to_num(z, nan=3.0), z)(z)
    assert found.tolist() == np.nan_to_num(z, nan=3.0).tolist()


def test_vectors_of_two_entries_have_a_cross_product():
    """NumPy warns of them, and so does its plain answer; traced they are still answered."""
    a, b, c = np.array([1.0, 2.0]), np.array([3.0, 5.0]), np.array([1.0, -1.0, 2.0])
    assert dk.lower(lambda a, b: np.cross(a, b), a, b)(a, b) == 1 * 5 - 2 * 3
    found = dk.lower(lambda a, c: np.cross(a, c), a, c)(a, c)
    assert found.tolist() == np.cross([1, 2, 0], c).tolist()
    assert dk.lower(lambda a, c: np.cross(c, a), a, c)(a, c).tolist() == (-found).tolist()


def test_lists_of_traced_values_are_vectors():
    """Where NumPy takes a list of numbers, these may be traced."""

    def f(x):
        return np.interp(x, [0.0, 1.0, 2.0], [0.0, x, 1.0]) + np.cumsum([x, x])[1]

    assert dk.grad(f)(0.4) == pytest.approx(2 * 0.4 + 2)


@pytest.mark.parametrize(
    ("f", "error", "told"),
    [
        (lambda x: np.linspace(x[0], 1.0, 3, dtype=int), TracingError, "cut off fractions"),
        (lambda x: np.linspace(0.0, 1.0, x[0]), TracingError, "Python int"),
        (lambda x: np.gradient(x, [1.0, 2.0]), ShapeError, "3 samples"),
        (lambda x: np.gradient(x, 1.0, 2.0), ShapeError, "one spacing"),
        (lambda x: np.gradient(x[:1]), ShapeError, "needs 2 samples"),
        (lambda x: np.diff(x, -1), ShapeError, "n >= 0"),
        (lambda x: np.interp(x, [0.0, 1.0], [1.0]), ShapeError, "the same length"),
        (lambda x: np.convolve(x, x[None]), ShapeError, "vectors"),
        (lambda x: np.convolve(x, x, "some"), ShapeError, '"full"'),
        (lambda x: np.cross(x, x[:1]), ShapeError, "2 or 3 entries"),
        (lambda x: np.vander(x[None]), ShapeError, "a vector"),
        (lambda x: np.poly(x * np.eye(3)), MissingRule, "eigvals"),
        (lambda x: np.polyfit(x, [1.0, 2.0], 1), ShapeError, "as many points"),
        (lambda x: np.cumsum(x, axis=1), ShapeError, "out of range"),
        (lambda x: np.polyder(x, -1), ShapeError, "m is 0 or more"),
        (lambda x: np.hypot.reduce(x[:0]), ShapeError, "nothing to reduce"),
        (lambda x: np.add.at(np.zeros(3), [0, 1, 2], x), TracingError, r"np\.bincount"),
    ],
)
def test_refusals_say_what_to_write(f, error, told):
    """What cannot be answered is refused by name."""
    with pytest.raises(error, match=told):
        dk.lower(lambda x: np.sum(f(x)), np.array([1.0, 2.0, 4.0]))
