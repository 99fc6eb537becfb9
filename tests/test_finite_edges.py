"""Finite differences where f has kinks, ends, noise or no slope: never a silent wrong number."""

import math

import numpy as np
import pytest

from diffkit.finite import SCHEMES, derivative

STENCILS = [row for row in SCHEMES.values() if row.offsets]


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


@pytest.mark.parametrize("size", [1e-200, 1e200, 1e300])
def test_guard_knows_no_overflow(size):
    """Squares of 1e200 are no numbers, yet the noise of a function of that size is measured."""
    found = derivative(lambda x: size * np.exp(x), 0.5, guard=True)

    assert found.status == "converged"
    assert abs(found.value - size * np.exp(0.5)) <= found.error <= 1e-10 * size


@pytest.mark.parametrize("exponent", range(15, 30))
def test_steps_that_x_rounds_away_are_no_error(exponent):
    """A float32 has steps of 1e-7 at 1; halving smaller ones gives the same step twice, or none."""
    x = np.float32(1.0 - 2**-10)
    for f in (np.exp, lambda x: np.float32(np.cos(7 * x) * 1e-3)):
        found = derivative(f, x, step=1.3 * 2.0**-exponent)
        assert not found.error < abs(found.value - derivative(f, float(x)).value) / 3
