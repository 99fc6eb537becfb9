"""Finite differences: the schemes, the shapes that go in and come out, what is refused."""

import math
from fractions import Fraction

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


def test_richardson_is_three_central_quotients_extrapolated():
    """Its weights are those of Neville's scheme on D(h), D(2h), D(4h): 64/45, -20/45, 1/45."""
    row = SCHEMES["richardson"]
    weights = dict(zip(row.offsets, row.weights, strict=True))
    shares = {k: 2 * k * weights[k] for k in (1, 2, 4)}
    assert shares == {1: Fraction(64, 45), 2: Fraction(-20, 45), 4: Fraction(1, 45)}


def test_the_table_prints_as_a_table():
    """A line for every scheme, with its weights; HTML in notebooks."""
    lines = repr(SCHEMES).splitlines()
    assert [line.split()[0] for line in lines[2:]] == list(SCHEMES)
    assert "1/12 -2/3 2/3 -1/12" in repr(SCHEMES)
    assert "<td>central8</td>" in SCHEMES._repr_html_()


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


@pytest.mark.parametrize("solve", [gradient, hessian])
def test_bounds_are_checked_before_f_is_called(solve):
    """f may not be defined outside: it is not called at an x out of bounds at all."""
    calls = []
    with pytest.raises(ArgumentError):
        solve(calls.append, [1.0, 2.0], bounds=(1.5, 3))
    assert not calls


def test_directional_keeps_bounds():
    """x + t*v stays within the bounds, from whichever side they come."""

    def f(x):
        assert np.all((x >= 0) & (x <= 1))
        return np.exp(x[0]) * (1 + x[1])

    estimate = directional(f, [0.0, 1.0], [1.0, -2.0], bounds=(0, 1))
    assert abs(estimate.value - (2 - 2)) <= estimate.error < 1e-6


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
        (lambda: step_sweep(np.sin, [1.0], exact=1.0), ShapeError),
        (lambda: hessian(np.sum, [1.0, 2.0], bounds=(1.5, 3)), ArgumentError),
        (lambda: directional(np.sum, [1.0, 2.0], [1.0, 0.0], bounds=(1.5, 3)), ArgumentError),
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


def test_estimate_says_which_steps_it_rests_on():
    """The largest and the smallest step, in units of x."""
    estimate = derivative(np.exp, 3.0)
    assert 0 < estimate.last < estimate.step <= 3
    fixed = derivative(np.exp, 3.0, scheme="central", step=0.01)
    assert fixed.step == fixed.last == 0.01


def test_estimate_of_an_array():
    """Arrays of estimates print as a table, index, and convert to the value."""
    estimate = gradient(lambda x: np.sum(np.sin(x)), np.zeros(30))
    assert np.asarray(estimate).shape == (30,)
    assert estimate[3].status == "converged"
    assert "and 10 more" in str(estimate)
    assert "<table>" in estimate._repr_html_()
    with pytest.raises(ArgumentError):
        float(estimate)
