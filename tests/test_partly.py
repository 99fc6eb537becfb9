"""Reductions with where=, initial= and dtype= are NumPy's, and so are their derivatives."""

import numpy as np
import pytest

import diffkit as dk

X = np.array([[0.4, -0.9, 1.3, 0.2], [2.1, 0.7, -1.8, -0.6], [0.1, 1.1, 0.5, -2.2]])
MASK = np.array([[1, 0, 1, 1], [1, 1, 0, 1], [0, 1, 1, 0]], dtype=bool)
WEIGHTS = np.cos(1.0 + np.arange(12.0))

CASES = {
    "sum": lambda x: np.sum(x * x, where=x > 0),
    "sum, initial": lambda x: np.sum(x * x, axis=0, where=MASK, initial=2.0),
    "sum, traced initial": lambda x: np.sum(x * x, where=MASK, initial=x[0, 1]),
    "prod": lambda x: np.prod(x, axis=1, where=x > 0, initial=3.0, keepdims=True),
    "max": lambda x: np.max(x * x, axis=0, initial=0.3),
    "max, where": lambda x: np.max(x**3, axis=1, where=MASK, initial=-9.0),
    "min": lambda x: np.min(x**3, where=MASK, initial=x[1, 2] ** 3),
    "mean": lambda x: np.mean(x * x, axis=1, where=x > 0),
    "var": lambda x: np.var(x, axis=1, where=MASK, keepdims=True),
    "var, ddof": lambda x: np.var(x, where=x > 0, ddof=1.5),
    "std": lambda x: np.std(x, axis=0, where=MASK, correction=0.5),
    "method": lambda x: (x * x).sum(0, where=MASK[0]),
    "reduce": lambda x: np.add.reduce(x * x, where=MASK),
    "all": lambda x: np.all(x > 0, where=x > 0) * x**3,
    "dtype": lambda x: np.sum(x * x, 0, float),
}


def weighted(f):
    """One number that depends on every entry of the result."""
    return lambda x: np.sum((y := f(x)) * WEIGHTS[: y.size].reshape(y.shape))


def by_differences(f, x, h=1e-5):
    """Central differences of order four."""
    slope = np.empty_like(x)
    for i in np.ndindex(x.shape):
        e = np.zeros_like(x)
        e[i] = h
        slope[i] = (8 * (f(x + e) - f(x - e)) - (f(x + 2 * e) - f(x - 2 * e))) / (12 * h)
    return slope


@pytest.mark.parametrize("name", CASES)
def test_values_and_derivatives_are_those_of_numpys_function(name):
    """Value, gradient and second derivative agree with NumPy and its differences."""
    f = weighted(CASES[name])
    value, slope = dk.value_and_grad(f)(X)
    assert value == pytest.approx(f(X), rel=1e-14)
    np.testing.assert_allclose(slope, by_differences(f, X), rtol=1e-8, atol=1e-8)

    turned = weighted(lambda x: dk.grad(f)(x))
    expected = by_differences(turned, X)
    np.testing.assert_allclose(dk.grad(turned)(X), expected, rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize("name", sorted(set(CASES) - {"dtype"}))
def test_single_precision_stays(name):
    """A mask, a count or an initial number does not make float32 wider."""
    single = X.astype(np.float32)
    assert dk.lower(CASES[name], single)(single).dtype == np.float32


def test_a_mask_that_leaves_nothing_answers_as_numpy():
    """The sum of nothing is 0, with gradient 0; the mean of nothing is nan."""
    nothing = np.zeros_like(MASK)
    value, slope = dk.value_and_grad(lambda x: np.sum(x, where=nothing))(X)
    assert value == 0
    assert not slope.any()
    with np.errstate(invalid="ignore"):
        value = dk.value_and_grad(lambda x: np.mean(x, where=nothing))(X)[0]
    assert np.isnan(value)


@pytest.mark.parametrize(
    ("f", "error", "told"),
    [
        (lambda x: np.max(x, where=MASK), dk.errors.ArgumentError, "give initial= too"),
        (lambda x: x.mean(initial=1.0), dk.errors.ArgumentError, "np.mean.* has no initial="),
        (lambda x: np.sum(x, where=[1, 0, 1, 0]), dk.errors.ArgumentError, "array of bool"),
        (lambda x: np.sum(x, where=MASK[:2]), dk.errors.ShapeError, "where"),
        (lambda x: np.sum(x, where=np.stack([MASK, MASK])), dk.errors.ShapeError, "does not fit"),
        (lambda x: np.sum(x, dtype=int), dk.errors.TracingError, "cut off fractions"),
    ],
)
def test_what_numpy_would_not_answer_is_refused(f, error, told):
    with pytest.raises(error, match=told):
        dk.grad(lambda x: np.sum(f(x)))(X)


@pytest.mark.parametrize("f", [np.mean, lambda x: np.sum(np.mean(x, axis=0))])
def test_the_mean_of_no_entries_is_nan(f):
    """As NumPy's, which warns; its gradient has no entries either."""
    with pytest.warns(RuntimeWarning):
        value, slope = dk.value_and_grad(f)(np.zeros(0))
    assert np.isnan(value)
    assert slope.shape == (0,)
