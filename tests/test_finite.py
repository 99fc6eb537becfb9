"""Finite differences: what they reach, what their error bars promise, what they refuse."""

import math
from fractions import Fraction

import mpmath
import numpy as np
import pytest

from diffkit.errors import (
    ArgumentError,
    DiffkitError,
    NonScalarOutput,
    NotDifferentiable,
    ShapeError,
)
from diffkit.finite import (
    SCHEMES,
    Estimate,
    derivative,
    directional,
    gradient,
    hessian,
    jacobian,
    step_sweep,
)

from .finite_cases import CASES, FAMILIES

STENCILS = [row for row in SCHEMES.values() if row.offsets]
FIXED = [row.name for row in SCHEMES.values() if row.order]


# -- the table of schemes ------------------------------------------------------


@pytest.mark.parametrize("row", STENCILS, ids=lambda row: row.name)
def test_weights_are_exact_for_polynomials(row):
    """A scheme of order p gives the slope at 0 of t**k exactly, for all k up to p."""
    for k in range(row.order + 1):
        slope = sum(w * Fraction(t) ** k for t, w in zip(row.offsets, row.weights, strict=True))
        assert slope == (1 if k == 1 else 0)


def test_weights_are_those_of_the_books():
    """The fourth order weights are the printed ones: 1/12, -2/3, 2/3, -1/12."""
    assert SCHEMES["central4"].offsets == (-2, -1, 1, 2)
    assert [str(w) for w in SCHEMES["central4"].weights] == ["1/12", "-2/3", "2/3", "-1/12"]


def test_rows_are_frozen():
    """Nobody can change a row of the table by accident."""
    with pytest.raises(AttributeError):
        SCHEMES["central"].order = 4


@pytest.mark.parametrize("name", FIXED)
def test_order_of_convergence(name):
    """Halving h divides the error by 2**order while truncation dominates."""
    order = SCHEMES[name].order
    steps = [0.25, 0.125] if order > 2 else [1e-2, 5e-3]
    sweep = step_sweep(np.exp, 0.5, schemes=[name], steps=steps, exact=math.exp(0.5))
    wide, half = sweep.errors[name]
    assert math.log2(wide / half) == pytest.approx(order, abs=0.1)


@pytest.mark.parametrize("order", [2, 4, 6, 8])
def test_order_is_another_spelling(order):
    """scheme="central" with an order is the row of that name."""
    name = "central" if order == 2 else f"central{order}"
    spelled = derivative(np.sin, 1.0, scheme="central", order=order)
    assert spelled.value == derivative(np.sin, 1.0, scheme=name).value


@pytest.mark.parametrize("name", SCHEMES)
@pytest.mark.parametrize("x", [1.0, -3.0, 1e-10, 1e8, 0.0])
def test_every_scheme_covers_its_error(name, x):
    """The error bar holds for every scheme, whatever the size of x."""
    estimate = derivative(np.arctan, x, scheme=name)
    assert abs(estimate.value - 1 / (1 + x * x)) <= estimate.error
    assert estimate.error == pytest.approx(estimate.truncation + estimate.rounding)


@pytest.mark.parametrize("name", ["central", "central4", "central6", "central8", "forward"])
def test_fixed_error_bars_cover_random_points(name):
    """The error bars of a fixed scheme hold on 98 % of 400 random points."""
    rng = np.random.default_rng(11)
    families = [FAMILIES[k] for k in (0, 2, 3, 4, 7, 8, 13, 15)]
    points = [(family, family.point(rng)) for family in families for _ in range(50)]
    held = [_covers(derivative(f.f, x, scheme=name), f, x) for f, x in points]
    assert np.mean(held) >= 0.98


# -- the adaptive default --------------------------------------------------------


@pytest.mark.parametrize(("guard", "calls", "covered"), [(False, 15, 29), (True, 22, 30)])
def test_accuracy_on_the_table(guard, calls, covered):
    """On 30 functions: median error 3e-14, 24 below 1e-10, no nan, few calls."""
    estimates = [derivative(case.f, case.x, guard=guard) for case in CASES]
    exact = np.array([case.reference() for case in CASES])
    errors = np.abs([float(estimate) for estimate in estimates] - exact)

    assert np.all(np.isfinite(errors))
    assert np.median(errors / abs(exact)) <= 3e-14
    assert np.sum(errors / abs(exact) < 1e-10) >= 24
    assert np.mean([estimate.evaluations for estimate in estimates]) <= calls
    assert sum(errors <= [estimate.error for estimate in estimates]) >= covered


@pytest.mark.parametrize("guard", [False, True])
def test_error_bars_cover_random_points(guard):
    """The error bar holds on 99 % of 2000 random points of 20 families."""
    rng = np.random.default_rng(20240517)
    points = [(family, family.point(rng)) for family in FAMILIES for _ in range(100)]
    held = [_covers(derivative(f.f, x, guard=guard), f, x) for f, x in points]
    assert np.mean(held) >= 0.99


def _covers(estimate, family, x):
    with mpmath.workdps(30):
        return abs(mpmath.mpf(float(estimate)) - family.slope(mpmath.mpf(x))) <= estimate.error


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_calls_are_bounded_and_counted(case):
    """At most 24 calls, or 30 with the guard, and `evaluations` is their number."""
    calls = []

    def counted(x):
        calls.append(x)
        return case.f(x)

    assert derivative(counted, case.x).evaluations == len(calls) <= 24


def test_guard_finds_noise():
    """The guard measures the noise of f: the error bar then covers it."""
    rng = np.random.default_rng(0)
    f = lambda x: np.sin(x) + 1e-6 * rng.standard_normal()
    guarded = derivative(f, 1.0, guard=True)
    assert abs(guarded.value - math.cos(1.0)) <= guarded.error
    assert guarded.rounding > 1e-7


def test_guard_finds_aliases():
    """A wave that all large steps miss is seen at tiny ones."""
    f = lambda x: x + np.sin(1024 * np.pi * x) / 1000
    guarded = derivative(f, 1.0, guard=True)
    assert abs(guarded.value - (1 + 1.024 * math.pi)) <= guarded.error


# -- never a silent wrong number -------------------------------------------------


@pytest.mark.parametrize("scheme", ["adaptive", "central", "central4", "central8", "complex"])
@pytest.mark.parametrize(("f", "left", "right"), [(abs, -1, 1), (lambda x: max(x, 0.0), 0, 1)])
def test_kinks_are_suspected(scheme, f, left, right):
    """At a kink the status says so and the error bar reaches both one-sided slopes."""
    estimate = derivative(f, 0.0, scheme=scheme)
    assert estimate.status == "kink suspected"
    assert estimate.value - estimate.error <= left + 1e-9
    assert estimate.value + estimate.error >= right - 1e-9


@pytest.mark.parametrize(
    ("f", "x"), [(np.sqrt, 0.0), (np.arcsin, 1.0), (np.sign, 0.0), (np.floor, 2.0), (np.cbrt, 0.0)]
)
def test_infinite_slopes_have_infinite_error_bars(f, x):
    """Where there is no finite derivative nothing is promised."""
    estimate = derivative(f, x)
    assert estimate.error == math.inf
    assert estimate.status != "converged"


@pytest.mark.parametrize("f", [lambda x: x**1.5, lambda x: abs(x) ** 1.5 * np.sign(x)])
def test_slow_convergence_is_covered(f):
    """x**1.5 has slope 0 at 0 but no Taylor series there; the error bar knows."""
    estimate = derivative(f, 0.0)
    assert 0 < abs(estimate.value) <= estimate.error
    assert estimate.status == "not converged"


@pytest.mark.parametrize("name", SCHEMES)
@pytest.mark.parametrize("f", [lambda x: x * np.nan, lambda x: 1 / (x - 1.0), lambda x: np.log(-x)])
def test_nan_gives_no_number(name, f):
    """A function without finite values has value nan, error inf and a status."""
    estimate = derivative(f, 1.0, scheme=name)
    assert math.isnan(estimate.value)
    assert estimate.error == math.inf
    assert estimate.status == "no finite values"


@pytest.mark.parametrize("x", [np.nan, np.inf])
def test_x_that_is_not_finite(x):
    """There is no derivative at nan or infinity."""
    assert derivative(np.arctan, x).status == "no finite values"


def test_one_side_where_f_ends():
    """At the end of the domain of f the difference is one-sided."""
    estimate = derivative(lambda x: math.sqrt(x) ** 2 + math.exp(x), 0.0)
    assert estimate.status == "one-sided"
    assert abs(estimate.value - 2) <= estimate.error < 1e-9


@pytest.mark.parametrize("name", [row.name for row in STENCILS] + ["adaptive"])
@pytest.mark.parametrize("bounds", [(1.0, 2.0), (None, 1.0), (0.999999, 1.5), (1.0, 1.001)])
def test_bounds_are_kept(name, bounds):
    """f is never called outside the bounds, and the derivative is right at them."""
    low = -np.inf if bounds[0] is None else bounds[0]

    def f(x):
        assert low <= x <= bounds[1]
        return math.exp(x)

    estimate = derivative(f, 1.0, scheme=name, bounds=bounds)
    assert abs(estimate.value - math.e) <= estimate.error
    assert estimate.error < 1e-2


@pytest.mark.parametrize("power", [1.7, 2.5, 3.5, 4.5])
@pytest.mark.parametrize("bounds", [None, (0.0, None)])
def test_fractional_powers_are_covered(power, bounds):
    """Error bars hold where f has a fractional power in place of a Taylor series."""
    f = lambda x: np.sin(x) + np.sign(x) * abs(x) ** power
    estimate = derivative(f, 0.0, bounds=bounds)
    assert abs(estimate.value - 1) <= estimate.error < 0.1


def test_complex_neighbours_are_not_finite():
    """A Python float to a fractional power is complex below zero; f ends there."""
    estimate = derivative(lambda x: float(x) ** 2.5 + float(x), 0.0)
    assert abs(estimate.value - 1) <= estimate.error < 1e-2


def test_errors_of_f():
    """Arithmetic and value errors mean "not finite there"; any other error is shown."""
    assert derivative(lambda x: math.log(x), 1e-3).value == pytest.approx(1e3)
    with pytest.raises(KeyError):
        derivative(lambda x: {1.0: 2.0}[float(x)], 1.0)
    with pytest.raises(ZeroDivisionError):
        derivative(lambda x: 1 / float(x), 0)


# -- the complex step --------------------------------------------------------------


def test_complex_step_is_exact():
    """Without subtraction the complex step reaches full precision."""
    estimate = derivative(lambda x: np.exp(x) / np.sqrt(x), 2.0, scheme="complex")
    exact = math.exp(2) / math.sqrt(2) * (1 - 1 / 4)
    assert estimate.value == pytest.approx(exact, rel=1e-15)
    assert abs(estimate.value - exact) <= estimate.error < 1e-12


@pytest.mark.parametrize(
    ("f", "status"),
    [
        (lambda x: np.conj(x) * x, "not analytic"),
        (lambda x: np.real(x) ** 2, "complex rejected"),
        (lambda x: np.abs(x) ** 2, "complex rejected"),
        (lambda x: math.pow(x, 2), "complex rejected"),
        (lambda x: float(x) ** 2, "complex rejected"),
        (lambda x: np.real(x) ** 2 + 0 * x, "not analytic"),
    ],
)
@pytest.mark.filterwarnings("ignore::numpy.exceptions.ComplexWarning")
def test_complex_step_is_not_believed_blindly(f, status):
    """What is not analytic falls back to real differences, and says so."""
    estimate = derivative(f, 3.0, scheme="complex")
    assert estimate.status == status
    assert abs(estimate.value - 6) <= estimate.error < 1e-9


# -- arrays ------------------------------------------------------------------------


@pytest.mark.parametrize("name", SCHEMES)
def test_gradient_of_a_matrix(name):
    """A gradient has the shape of x, in value, error and status."""
    x = np.array([[1.0, -2.0, 0.0], [1e-5, 3e4, 0.5]])
    estimate = gradient(lambda x: np.sum(x * x * x), x, scheme=name)
    assert estimate.value.shape == estimate.error.shape == estimate.status.shape == (2, 3)
    assert np.all(abs(estimate.value - 3 * x * x) <= estimate.error)


def test_jacobian_shape_and_values():
    """A Jacobian has the shape of f(x) followed by that of x."""
    x = np.array([[1.0, 2.0, 3.0]])
    estimate = jacobian(lambda x: np.outer(x, np.sin(x)), x)
    u = x[0]
    exact = np.einsum("ik,j->ijk", np.eye(3), np.sin(u))
    exact += np.einsum("i,jk->ijk", u, np.diag(np.cos(u)))
    assert estimate.shape == (3, 3, 1, 3)
    assert np.all(abs(estimate.value[:, :, 0] - exact) <= estimate.error[:, :, 0])


def test_outputs_share_calls():
    """Many outputs cost little more than one."""
    one = jacobian(lambda x: np.sin(x) * np.ones(1), 1.0)
    many = jacobian(lambda x: np.sin(x) * np.ones(50), 1.0)
    assert many.evaluations == one.evaluations


def test_one_bad_entry_spoils_no_other():
    """A kink in one coordinate is reported there alone."""
    estimate = gradient(lambda x: abs(x[0]) + np.exp(x[1]), [0.0, 0.0])
    assert estimate.status.tolist() == ["kink suspected", "converged"]


def test_hessian_is_symmetric_and_covered():
    """The Hessian of Rosenbrock's function, at its usual start, with error bars."""
    f = lambda x: 100 * (x[1] - x[0] ** 2) ** 2 + (1 - x[0]) ** 2
    estimate = hessian(f, [-1.2, 1.0])
    exact = np.array([[1200 * 1.44 - 400 + 2, 480.0], [480.0, 200.0]])
    assert np.array_equal(estimate.value, estimate.value.T)
    assert np.all(abs(estimate.value - exact) <= estimate.error)
    assert np.all(estimate.error < 1e-6 * abs(exact))


def test_hessian_error_bars_cover_random_points():
    """Error bars of second derivatives hold at 100 random points."""
    rng = np.random.default_rng(5)
    f = lambda x: np.exp(x[0] * x[1]) + np.sin(x[0]) * x[1] ** 2
    for a, b in rng.uniform(-2, 2, (100, 2)):
        e, s, c = math.exp(a * b), math.sin(a), math.cos(a)
        mixed = e * (1 + a * b) + 2 * b * c
        exact = np.array([[b * b * e - s * b * b, mixed], [mixed, a * a * e + 2 * s]])
        estimate = hessian(f, [a, b])
        assert np.all(abs(estimate.value - exact) <= estimate.error)


def test_hessian_suspects_kinks_of_the_slope():
    """x*abs(x) has second derivatives -2 and 2 at 0."""
    estimate = hessian(lambda x: x * abs(x), 0.0)
    assert estimate.status == "kink suspected"
    assert estimate.error >= 2


@pytest.mark.parametrize("name", SCHEMES)
def test_directional_is_the_gradient_along_v(name):
    """The directional derivative is the gradient times v, with v's length."""
    x, v = np.array([1.0, 0.3, 20.0]), np.array([0.5, -2.0, 7.0])
    estimate = directional(lambda x: x[0] * np.exp(x[1]) + np.sqrt(x[2]), x, v, scheme=name)
    exact = math.exp(0.3) * (0.5 - 2.0) + 7 / (2 * math.sqrt(20))
    assert abs(estimate.value - exact) <= estimate.error < 1e-4
    assert directional(np.sum, x, np.zeros(3)).value == 0


# -- types -----------------------------------------------------------------------------


def test_integers_are_promoted():
    """An integer x is a float64 to f, and integer results are floats."""
    assert derivative(lambda x: x**-2, 2).value == pytest.approx(-0.25)
    assert gradient(lambda x: np.sum(x // 1).astype(int), np.array([2])).value.dtype == float
    assert derivative(lambda x: np.uint8(round(100 - 10 * float(x))), 3.0, step=2.0).value < 0


@pytest.mark.parametrize("name", SCHEMES)
def test_float32_stays_float32(name):
    """float32 in, float32 out, with an error bar that knows how little that is."""
    x = np.array([0.5, 2.0], dtype=np.float32)
    seen = set()

    def f(x):
        seen.add(x.dtype)
        return np.sum(np.exp(x))

    estimate = gradient(f, x, scheme=name)
    assert estimate.value.dtype == np.float32
    assert np.dtype(np.float64) not in seen
    assert np.all(abs(estimate.value - np.exp(x.astype(float))) <= estimate.error)


def test_x_is_not_changed():
    """f gets a fresh copy each time; even a careless f leaves x alone."""
    x = np.array([1.0, 2.0])

    def careless(x):
        x *= 2
        return np.sum(x * x)

    assert gradient(careless, x).value == pytest.approx([8, 16])
    assert x.tolist() == [1.0, 2.0]


@pytest.mark.parametrize(
    ("f", "error"),
    [
        (lambda x: np.array([x]), NonScalarOutput),
        (lambda x: [x, x], NonScalarOutput),
        (lambda x: None, NotDifferentiable),
        (lambda x: "1.0", NotDifferentiable),
        (lambda x: x + 1j, NotDifferentiable),
        (lambda x: x > 0, NotDifferentiable),
        (lambda x: [[1.0], [1.0, x]], NotDifferentiable),
        (lambda x: np.array([]), NotDifferentiable),
        ("sin(x)", ArgumentError),
    ],
)
def test_results_that_are_not_one_number(f, error):
    """What is no real number is refused with a reason."""
    with pytest.raises(error):
        derivative(f, 1.0)


@pytest.mark.parametrize("result", [np.float64(3.0), 3.0, np.array(3.0), 3])
def test_results_that_are_one_number(result):
    """NumPy numbers, floats, 0-d arrays and integers are one number."""
    assert derivative(lambda x: result, 1.0).value == 0


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda: derivative(np.sin, 1j), NotDifferentiable),
        (lambda: derivative(np.sin, "1"), NotDifferentiable),
        (lambda: derivative(np.sin, None), NotDifferentiable),
        (lambda: derivative(np.sin, [1.0]), ShapeError),
        (lambda: gradient(np.sum, []), ArgumentError),
        (lambda: derivative(np.sin, 1.0, scheme="magic"), ArgumentError),
        (lambda: derivative(np.sin, 1.0, scheme="central", order=3), ArgumentError),
        (lambda: derivative(np.sin, 1.0, step=0.0), ArgumentError),
        (lambda: derivative(np.sin, 1.0, step="h"), ArgumentError),
        (lambda: derivative(np.sin, 1.0, bounds=(2, 3)), ArgumentError),
        (lambda: derivative(np.sin, 1.0, bounds=7), ArgumentError),
        (lambda: gradient(np.sum, [1.0, 2.0], step=[1e-3] * 3), ShapeError),
        (lambda: directional(np.sum, [1.0, 2.0], [1.0]), ShapeError),
        (lambda: jacobian(lambda x: x[x > 1.9], [1.0, 2.0], step=1.0), ShapeError),
        (lambda: step_sweep(np.sin, 1.0, schemes=["adaptive"]), ArgumentError),
    ],
)
def test_unusable_arguments(call, error):
    """What cannot be used is refused with an error of ours."""
    with pytest.raises(error) as caught:
        call()
    assert isinstance(caught.value, DiffkitError)


@pytest.mark.parametrize("x", [1e300, 1.7e308, 1e-300, 5e-324, -1e-308])
def test_extreme_sizes(x):
    """Steps neither overflow nor vanish at the ends of the floating point range."""
    estimate = derivative(lambda x: x, x)
    assert abs(estimate.value - 1) <= estimate.error < 1e-12


# -- estimates ---------------------------------------------------------------------------


def test_estimate_reads_like_a_measurement():
    """The text of an estimate is value +- error, calls and status."""
    estimate = Estimate(0.5403023058681398, 2e-14, 1e-14, 1e-14, 13, "converged")
    assert repr(estimate) == "0.5403023059 +- 2e-14 (13 evaluations, converged)"
    assert "±" in estimate._repr_html_()
    assert float(estimate) == np.asarray(estimate) == 0.5403023058681398


def test_estimate_of_an_array():
    """Arrays of estimates print as a table, index, and convert to the value."""
    estimate = gradient(lambda x: np.sum(np.sin(x)), np.zeros(30))
    assert np.asarray(estimate).shape == (30,)
    assert estimate[3].status == "converged"
    assert "and 10 more" in str(estimate)
    assert "<table>" in estimate._repr_html_()
    with pytest.raises(ArgumentError):
        float(estimate)


# -- the V-curve -----------------------------------------------------------------------------


def test_sweep_is_a_v():
    """The best step lies between truncation and rounding, near eps**(1/(order+1))."""
    sweep = step_sweep(np.exp, 1.0, exact=math.e)
    assert 1e-9 < sweep.best["forward"][0] < 1e-7
    assert 1e-7 < sweep.best["central"][0] < 1e-4
    assert sweep.errors["complex"][-1] < 1e-15
    assert sweep.errors["forward"][-1] > 1e-3


def test_sweep_without_exact_agrees():
    """Without the exact slope the adaptive estimate stands in for it."""
    sweep = step_sweep(np.exp, 1.0, schemes=["central"])
    assert abs(sweep.exact - math.e) <= sweep.exact_error < 1e-10


def test_sweep_as_table_dict_and_plot():
    """A sweep prints, converts to plain data and draws itself."""
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("agg")
    sweep = step_sweep(np.sin, 1.0, schemes=["forward", "central"], steps=[0.1, 0.01])
    assert len(str(sweep).splitlines()) == 7
    assert sweep.to_dict()["steps"] == [0.1, 0.01]
    assert "<table>" in sweep._repr_html_()
    axes = sweep.plot()
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["forward", "central"]
    matplotlib.pyplot.close("all")
