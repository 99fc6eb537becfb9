"""Second differences: Hessians with error bars."""

import math

import numpy as np
import pytest

from diffkit.finite import hessian


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


@pytest.mark.parametrize("corner", [(0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (1.0, 1.0), (0.5, 1.0)])
def test_hessian_keeps_bounds(corner):
    """In the corners of a box the differences are one-sided, and right."""

    def f(x):
        assert np.all((x >= 0) & (x <= 1))
        return np.exp(x[0] * x[1]) + x[0] ** 3

    a, b = corner
    e = np.exp(a * b)
    mixed = e * (1 + a * b)
    exact = np.array([[b * b * e + 6 * a, mixed], [mixed, a * a * e]])
    estimate = hessian(f, corner, bounds=(0, 1))
    assert np.all(abs(estimate.value - exact) <= estimate.error)
    assert np.all(estimate.error < 1e-4)


def test_hessian_where_f_ends():
    """x**2*sqrt(x) has second derivative 0 at the end of its domain, found from inside."""
    estimate = hessian(lambda x: float(x) ** 2 * np.sqrt(x) + x * x, 0.0)
    assert estimate.status in ("one-sided", "not converged")
    assert abs(estimate.value - 2) <= estimate.error < 1


def test_hessian_error_bars_cover_a_quadratic_form():
    """Second derivatives of x'Ax are A + A', for 20 random matrices."""
    rng = np.random.default_rng(3)
    for _ in range(20):
        A, x = rng.normal(size=(3, 3)), rng.normal(size=3)
        estimate = hessian(lambda x, A=A: x @ A @ x, x)
        assert np.all(abs(estimate.value - A - A.T) <= estimate.error)
