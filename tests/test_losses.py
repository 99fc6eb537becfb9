"""Losses: values by SciPy and SymPy, slopes and curvatures by SymPy, no overflow anywhere."""

import itertools

import numpy as np
import pytest
import scipy.special
import sympy as sp

import diffkit as dk
from diffkit import losses
from diffkit.errors import ArgumentError, NotDifferentiable, ShapeError

EXTREMES = [-1e3, -37.0, -1.0, -1e-9, 0.0, 1e-9, 0.5, 1.0, 37.0, 1e3]
x = sp.Symbol("x", real=True)

# name -> (function of one number, the same in SymPy)
SMOOTH = {
    "sigmoid": (losses.sigmoid, 1 / (1 + sp.exp(-x))),
    "softplus": (losses.softplus, sp.log(1 + sp.exp(x))),
    "tanh": (losses.tanh, sp.tanh(x)),
    "bce, 0": (lambda z: losses.binary_cross_entropy(z, 0.0), sp.log(1 + sp.exp(x))),
    "bce, 1": (lambda z: losses.binary_cross_entropy(z, 1.0), sp.log(1 + sp.exp(-x))),
    "bce, 0.3": (lambda z: losses.binary_cross_entropy(z, 0.3), sp.log(1 + sp.exp(x)) - 3 * x / 10),
    "squared": (lambda z: losses.squared(z, 2.0), (x - 2) ** 2),
}


def exact(formula, at, order):
    """A derivative, or the value, with fifty digits, as a float."""
    wanted = formula.diff(x, order) if order else formula
    return float(sp.N(wanted.subs(x, sp.Float(at, 400)), 50, maxn=5000))


@pytest.mark.parametrize("at", EXTREMES)
@pytest.mark.parametrize("name", SMOOTH)
def test_value_slope_and_curvature(name, at):
    """All three are SymPy's, at any size of the argument, without overflow or nan."""
    f, formula = SMOOTH[name]
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        found = [f(at), dk.grad(f)(at), dk.grad(dk.grad(f))(at)]
    for order, value in enumerate(found):
        zero = 1e-16 if abs(at) < 1e-6 else 1e-300  # some derivatives pass through 0 there
        expected = exact(formula, at, order)
        assert value == pytest.approx(expected, rel=2e-13, abs=zero), f"derivative {order}"


LOGITS = [
    np.array([1.0, -2.0, 0.5]),
    np.array([1e3, -1e3, 0.0]),
    np.array([-1e3, -1e3, -1e3]),
    np.array([1e3, 1e3, 999.0]),
    np.array([0.0, 0.0, 0.0]),
]


@pytest.mark.parametrize("z", LOGITS, ids=str)
def test_softmax_and_its_logarithms(z):
    """SciPy's values; the slope of log-sum-exp is softmax, its curvature diag(p) - p p'."""
    p = scipy.special.softmax(z)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        np.testing.assert_allclose(losses.softmax(z), p, rtol=1e-13, atol=0)
        np.testing.assert_allclose(losses.log_softmax(z), scipy.special.log_softmax(z), rtol=1e-13)
        assert losses.log_sum_exp(z) == pytest.approx(scipy.special.logsumexp(z), rel=1e-14)
        np.testing.assert_allclose(dk.grad(losses.log_sum_exp)(z), p, atol=1e-15)
        curvature = dk.hessian(losses.log_sum_exp)(z)
    np.testing.assert_allclose(curvature, np.diag(p) - np.outer(p, p), atol=1e-15)


@pytest.mark.parametrize(("z", "label"), list(itertools.product(LOGITS, range(3))), ids=str)
def test_cross_entropy(z, label):
    """-log p[label]; its slope is p - onehot, also where p is 0 or 1."""
    p, onehot = scipy.special.softmax(z), np.eye(3)[label]
    f = lambda z: losses.cross_entropy(z, label)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        assert f(z) == pytest.approx(-scipy.special.log_softmax(z)[label], rel=1e-13, abs=1e-15)
        np.testing.assert_allclose(dk.grad(f)(z), p - onehot, atol=1e-15)
        np.testing.assert_allclose(dk.hessian(f)(z), np.diag(p) - np.outer(p, p), atol=1e-15)
        assert losses.cross_entropy(z, onehot) == pytest.approx(f(z), rel=1e-14, abs=1e-300)


def test_reductions_over_a_batch(rng):
    """Rows are averaged, added, or left alone."""
    z, labels = rng.normal(size=(5, 4)), np.array([0, 3, 1, 1, 2])
    rows = [losses.cross_entropy(row, label) for row, label in zip(z, labels, strict=True)]
    np.testing.assert_allclose(losses.cross_entropy(z, labels, reduction="none"), rows)
    assert losses.cross_entropy(z, labels, reduction="sum") == pytest.approx(np.sum(rows))
    assert losses.cross_entropy(z, labels) == pytest.approx(np.mean(rows))
    slope = dk.grad(losses.cross_entropy)(z, labels)
    expected = (scipy.special.softmax(z, axis=1) - np.eye(4)[labels]) / 5
    np.testing.assert_allclose(slope, expected, atol=1e-15)


def test_multiclass_hinge_of_the_lecture():
    """The scores of the cat, car and frog: losses 2.9, 0 and 12.9, mean 5.27."""
    scores = np.array([[3.2, 5.1, -1.7], [1.3, 4.9, 2.0], [2.2, 2.5, -3.1]])
    labels = np.array([0, 1, 2])
    each = losses.multiclass_hinge(scores, labels, reduction="none")
    np.testing.assert_allclose(each, [2.9, 0.0, 12.9])
    assert losses.multiclass_hinge(scores, labels) == pytest.approx(15.8 / 3)
    slope = dk.grad(losses.multiclass_hinge)(scores, labels)
    np.testing.assert_allclose(slope * 3, [[-1, 1, 0], [0, 0, 0], [1, 1, -2]])


# what f(t) is on either side, its slope there, and the slope at the kink
KINKS = {
    "relu": (losses.relu, 0.0, (0, 1, 0.5)),
    "leaky_relu": (lambda t: losses.leaky_relu(t, 0.1), 0.0, (0.1, 1, 0.55)),
    "l1": (lambda t: losses.l1(t, 2.0), 2.0, (-1, 1, 0)),
    "hinge": (lambda t: losses.hinge(t, 1), 1.0, (-1, 0, -0.5)),
    "hinge, -1": (lambda t: losses.hinge(t, -1), -1.0, (0, 1, 0.5)),
    "huber": (lambda t: losses.huber(t, 0.0), 1.0, (1 - 1e-3, 1, 1)),
    "perceptron": (lambda t: losses.perceptron(t, 1), 0.0, (-2, 0, -1)),
    "l1_penalty": (losses.l1_penalty, 0.0, (-1, 1, 0)),
}


@pytest.mark.parametrize("name", KINKS)
def test_slopes_at_kinks_are_the_convention(name):
    f, kink, slopes = KINKS[name]
    found = [float(dk.grad(f)(kink + step)) for step in (-1e-3, 1e-3, 0.0)]
    np.testing.assert_allclose(found, slopes, atol=1e-12)


def test_huber_is_squared_inside_and_linear_outside():
    e = np.array([-1e200, -3.0, -0.5, 0.0, 0.2, 2.0, 1e200])
    expected = [2e200, 4.0, 0.125, 0.0, 0.02, 2.0, 2e200]
    with np.errstate(over="raise", invalid="raise"):
        found = losses.huber(e, np.zeros(7), delta=2.0, reduction="none")
        slope = dk.grad(lambda e: losses.huber(e, np.zeros(7), delta=2.0, reduction="sum"))(e)
    np.testing.assert_allclose(found, expected)
    np.testing.assert_allclose(slope, np.clip(e, -2, 2))
    second = dk.elementwise_grad(dk.elementwise_grad(lambda e: losses.huber(e, 0.0, 2.0)))
    assert [float(second(v)) for v in (0.5, 3.0)] == [1, 0]


def test_zero_one_counts_and_has_no_gradient():
    scores, labels = np.array([[1.0, 2.0], [2.0, 1.0], [0.0, 3.0]]), np.array([1, 1, 1])
    assert losses.zero_one(scores, labels) == pytest.approx(1 / 3)
    assert losses.zero_one(np.array([1.0, -1.0, 0.0]), np.array([1, 1, 1])) == pytest.approx(2 / 3)
    with pytest.raises(NotDifferentiable, match="minimize hinge, cross_entropy or perceptron"):
        dk.grad(losses.zero_one)(scores, labels)


def test_penalties_over_nests(rng):
    params = {"W": rng.normal(size=(3, 2)), "b": [rng.normal(size=2), 1.5]}
    flat = np.concatenate([params["W"].ravel(), params["b"][0], [1.5]])
    assert losses.l2_penalty(params) == pytest.approx(flat @ flat)
    assert losses.l1_penalty(params) == pytest.approx(np.abs(flat).sum())
    np.testing.assert_allclose(dk.grad(losses.l2_penalty)(params)["W"], 2 * params["W"])
    np.testing.assert_allclose(dk.grad(losses.l1_penalty)(params)["W"], np.sign(params["W"]))


def test_dropout_keeps_the_mean():
    """A share p is 0, the rest is divided by 1 - p; the seed decides which."""
    ones = np.ones((400, 100))
    found = losses.dropout(ones, 0.3, rng=1)
    assert set(np.unique(found)) == {0.0, 1 / 0.7}
    assert np.mean(found == 0) == pytest.approx(0.3, abs=0.01)
    assert np.mean(found) == pytest.approx(1, abs=0.02)
    np.testing.assert_array_equal(found, losses.dropout(ones, 0.3, rng=1))
    np.testing.assert_array_equal(losses.dropout(ones, 0.0, rng=1), ones)
    generator = np.random.default_rng(1)
    first = losses.dropout(ones, 0.3, generator)
    assert not np.array_equal(first, losses.dropout(ones, 0.3, generator))
    slope = dk.grad(lambda v: np.sum(losses.dropout(v, 0.3, rng=1) ** 2) / 2)(ones)
    np.testing.assert_allclose(slope, found / 0.7)


@pytest.mark.parametrize("name", ["sigmoid", "softplus", "relu", "leaky_relu", "tanh", "softmax"])
def test_float32_stays_float32(name):
    z = np.array([-1.0, 0.5], np.float32)
    f = getattr(losses, name)
    assert f(z).dtype == np.float32
    assert dk.grad(lambda z: np.sum(f(z) ** 2))(z).dtype == np.float32


def test_lists_are_arrays():
    assert losses.relu([-1.0, 2.0]).tolist() == [0, 2]
    assert losses.squared([1.0, 2.0], [1.0, 4.0]) == 2
    assert losses.cross_entropy([[0.0, 0.0]], [1]) == pytest.approx(np.log(2))


# -- bad input -------------------------------------------------------------------------------

COLUMN = np.zeros((3, 1))


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: losses.squared(np.zeros(3), COLUMN), ShapeError, "must be the same"),
        (lambda: losses.l1(np.zeros(3), 0.0), ShapeError, "must be the same"),
        (lambda: losses.huber(0.0, 0.0, delta=0), ArgumentError, "delta"),
        (lambda: losses.squared(0.0, 0.0, reduction="avg"), ArgumentError, "reduction"),
        (lambda: losses.hinge(np.zeros(2), np.array([0, 1])), ArgumentError, "1 and -1"),
        (lambda: losses.perceptron(np.zeros(2), np.array([0, 1])), ArgumentError, "1 and -1"),
        (lambda: losses.binary_cross_entropy(0.0, 1.5), ArgumentError, "between 0 and 1"),
        (lambda: losses.binary_cross_entropy(np.zeros(3), COLUMN), ShapeError, "the same"),
        (lambda: losses.cross_entropy(np.zeros((2, 3)), [0, 3]), ArgumentError, "0 to 2"),
        (lambda: losses.cross_entropy(np.zeros((2, 3)), [0, -1]), ArgumentError, "0 to 2"),
        (lambda: losses.cross_entropy(np.zeros((2, 3)), [0.0, 1.0]), ArgumentError, "integers"),
        (lambda: losses.cross_entropy(np.zeros((2, 3)), [0, 1, 2]), ShapeError, "labels need"),
        (lambda: losses.cross_entropy(np.zeros((2, 3)), np.zeros((2, 2))), ShapeError, "same"),
        (lambda: losses.dropout(np.ones(3), 1.0, rng=0), ArgumentError, "below 1"),
        (lambda: losses.dropout(np.ones(3), -0.1, rng=0), ArgumentError, "at least 0"),
    ],
)
def test_bad_input(call, error, words):
    with pytest.raises(error, match=words):
        call()


def test_log_sum_exp_of_infinities():
    """Nothing at all sums to nothing, and one infinity is all; SciPy agrees."""
    for z in ([-np.inf, -np.inf], [-np.inf, 1.0], [np.inf, 1.0]):
        expected = scipy.special.logsumexp(z)
        assert losses.log_sum_exp(np.array(z)) == expected


@pytest.mark.parametrize("function", [losses.log_sum_exp, losses.log_softmax, losses.softmax])
@pytest.mark.parametrize("shape", [(0,), (2, 0), ()])
def test_nothing_has_no_largest_entry(function, shape):
    """Told as a shape, not as NumPy's reduction without identity."""
    with pytest.raises(ShapeError, match="has no largest entry"):
        function(np.zeros(shape))


def test_a_seed_is_a_seed():
    for wrong in ("a", 1.5, -1):
        with pytest.raises(ArgumentError, match="rng is a seed"):
            losses.dropout(np.ones(3), 0.5, rng=wrong)
