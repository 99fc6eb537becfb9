"""Textbook cases with published or independently computed numbers."""

from itertools import pairwise

import numpy as np
import pytest
import sympy as sp

import diffkit as dk
from diffkit.symbolic import differentiate

SIGMOID = "z = w*x + b; y = 1/(1+exp(-z)); L = (y-t)**2/2"


def every_way(source, at, name):
    """The derivative by one input, by finite differences, SymPy and reverse mode."""
    gradients = dk.compare(source, at).gradients
    return [gradients[way][name] for way in ("finite", "symbolic", "reverse")]


def test_product_and_sum_from_the_lecture():
    """f = x*y + z at (2, -5, 3) is -7 with gradient (-5, 2, 1), by every way."""
    result = dk.compare("x*y + z", {"x": 2, "y": -5, "z": 3})

    assert result.value == -7
    for way in result.ways:
        found = result.gradients[way]
        assert [found["x"], found["y"], found["z"]] == pytest.approx([-5, 2, 1], rel=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_sigmoid_program(seed):
    """dL/dw = (y - t) y (1 - y) x at any point, by every way."""
    w, x, b, t = np.random.default_rng(seed).normal(size=4)
    y = 1 / (1 + np.exp(-(w * x + b)))
    expected = (y - t) * y * (1 - y) * x

    found = every_way(SIGMOID, {"w": w, "x": x, "b": b, "t": t}, "w")

    assert found == pytest.approx([expected] * 3, rel=1e-9)


def test_chain_rule_example():
    """f = x^2, g = 3x^3 + 2: the derivative of f(g(x)) prints as 54*x**5 + 36*x**2."""
    program = dk.lower("u = 3*x^3 + 2; y = u^2")

    derivative = differentiate(program).expression("x")

    assert str(sp.expand(derivative)) == "54*x**5 + 36*x**2"
    assert program.adjoint()(1.5) == pytest.approx(54 * 1.5**5 + 36 * 1.5**2, rel=1e-15)


def test_mathematica_softplus():
    """D[Log[1+Exp[w x+b]], w] is x e^(b+wx)/(1+e^(b+wx))."""
    w, x, b = sp.symbols("w x b", real=True)
    printed = x * sp.exp(b + w * x) / (1 + sp.exp(b + w * x))

    found = differentiate(dk.lower("log(1 + exp(w*x + b))")).expression("w")

    assert sp.simplify(found - printed) == 0
    assert sp.simplify(found - sp.diff(sp.log(1 + sp.exp(w * x + b)), w)) == 0


def test_mathematica_nested_softplus():
    """D[Log[1+Exp[w2 Log[1+Exp[w1 x+b1]]+b2]], w1], as Mathematica prints it."""
    w1, w2, x, b1, b2 = sp.symbols("w1 w2 x b1 b2", real=True)
    inner = sp.log(1 + sp.exp(b1 + w1 * x))
    outer = sp.exp(b2 + w2 * inner)
    printed = (
        sp.exp(b1 + b2 + w1 * x + w2 * inner) * w2 * x
        / ((1 + sp.exp(b1 + w1 * x)) * (1 + outer))
    )  # fmt: skip
    point = {w1: 0.3, w2: -1.2, x: 0.7, b1: 0.1, b2: 0.4}
    program = dk.lower("log(1 + exp(w2*log(1 + exp(w1*x + b1)) + b2))")

    found = differentiate(program).expression("w1")

    assert sp.simplify(found - printed) == 0
    assert program.adjoint("w1")(**{s.name: v for s, v in point.items()}) == pytest.approx(
        float(printed.subs(point)), rel=1e-14
    )


def test_baydin_running_example():
    """y = ln x1 + x1 x2 - sin x2 at (2, 5) is 11.652 with gradient (5.5, 1.716)."""
    result = dk.compare("ln(x1) + x1*x2 - sin(x2)", (2, 5))

    assert result.value == pytest.approx(11.652071455223084, rel=1e-15)
    for way in result.ways:
        assert result.gradients[way]["x1"] == pytest.approx(5.5, rel=1e-12)
        assert result.gradients[way]["x2"] == pytest.approx(1.7163378145367738, rel=1e-12)


@pytest.mark.parametrize(
    ("x", "gradient"),
    [
        ([1, 2, 3, 4, 5], [120, 60, 40, 30, 24]),
        ([0, 2, 3], [6, 0, 0]),
        ([0, 0, 3], [0, 0, 0]),
        ([0, 0, 0], [0, 0, 0]),
    ],
)
@pytest.mark.parametrize("product", [np.prod, lambda x: x[0] * np.prod(x[1:])])
def test_speelpenning(product, x, gradient):
    """The gradient of a product is the product of the others, zeros included."""
    np.testing.assert_array_equal(dk.grad(product)(np.array(x, float)), gradient)


def test_speelpenning_adolc_example():
    """x_i = i/(i+1): f = 1/(n+1) and g_i = (i+1)/(i (n+1))."""
    n = 40
    i = np.arange(1, n + 1)

    value, slope = dk.value_and_grad(np.prod)(i / (i + 1))

    assert value == pytest.approx(1 / (n + 1), rel=1e-13)
    np.testing.assert_allclose(slope, (i + 1) / (i * (n + 1)), rtol=1e-13)


def test_speelpenning_counts():
    """Left to right, the gradient of n factors takes 3n - 5 multiplications in all."""
    for n in (3, 8, 64):
        factors = "*".join(f"x{i}" for i in range(n))
        assert dk.lower(factors).adjoint().count()["multiply"] == 3 * n - 5


def helmholtz(x, b, A):
    bx = np.dot(b, x)
    entropy = np.sum(x * np.log(x / (1 - bx)))
    root = np.sqrt(2)
    ratio = (1 + (1 + root) * bx) / (1 + (1 - root) * bx)
    return entropy - x @ A @ x / (np.sqrt(8) * bx) * np.log(ratio)


def helmholtz_instance(n):
    i = np.arange(1, n + 1)
    return 0.1 * i / n, 0.1 * i / n, 0.1 / (i[:, None] + i[None, :] - 1)


def test_helmholtz_energy():
    """Helmholtz free energy of 3 and of 50 components."""
    value, slope = dk.value_and_grad(helmholtz)(*helmholtz_instance(3))
    assert value == pytest.approx(-0.522251152449011, rel=1e-14)
    np.testing.assert_allclose(
        slope, [-2.3984051125749466, -1.6913340301393456, -1.2758843672505304], rtol=1e-13
    )

    value, slope = dk.value_and_grad(helmholtz)(*helmholtz_instance(50))
    assert value == pytest.approx(-6.649371882535026, rel=1e-13)
    assert slope[0] == pytest.approx(-5.037377987920027, rel=1e-13)
    assert slope[-1] == pytest.approx(-0.8111591796768322, rel=1e-12)
    assert np.linalg.norm(slope) == pytest.approx(15.120029046930446, rel=1e-13)


def logistic(n):
    steps = [f"l{k + 1} = 4*l{k}*(1 - l{k})" for k in range(1, n)]
    return "; ".join(["l1 = x", *steps])


@pytest.mark.parametrize(
    ("n", "expected"),
    [(1, 1), (2, 16 / 5), (3, 448 / 125), (4, -944384 / 78125), (5, -622662591488 / 30517578125)],
)
def test_logistic_map_at_a_tenth(n, expected):
    """The derivatives of Baydin's table at x = 1/10, exact rationals."""
    found = every_way(logistic(n), {"x": 0.1}, "x")

    assert found == pytest.approx([expected] * 3, rel=1e-10)


def test_logistic_map_closed_form():
    """x = sin^2 t: the derivative is 2^(n-1) sin(2^n t)/sin(2t), for n up to 20."""
    t = 0.3
    for n in range(2, 21):
        expected = 2 ** (n - 1) * np.sin(2**n * t) / np.sin(2 * t)
        assert dk.lower(logistic(n)).adjoint()(np.sin(t) ** 2) == pytest.approx(
            expected, rel=1e-14 * 4**n, abs=1e-10
        )


def test_least_squares_by_every_way(rng):
    """J = (y - X theta)^T (y - X theta): all three ways give 2 X^T X theta - 2 X^T y."""
    X, y, theta = rng.normal(size=(4, 2)), rng.normal(size=4), rng.normal(size=2)
    expected = 2 * X.T @ X @ theta - 2 * X.T @ y

    as_text = dk.compare("(y - X@theta).T @ (y - X@theta)", {"X": X, "y": y, "theta": theta})
    as_function = dk.compare(lambda theta: (y - X @ theta).T @ (y - X @ theta), {"theta": theta})

    for result in (as_text, as_function):
        for way in result.ways:
            np.testing.assert_allclose(result.gradients[way]["theta"], expected, rtol=1e-9)
        assert result.agree


# -- networks and losses in plain NumPy ------------------------------------------------


def softmax_cross_entropy(W, X, labels):
    scores = X @ W
    shifted = scores - np.max(scores, axis=1, keepdims=True)
    log_sum = np.log(np.sum(np.exp(shifted), axis=1))
    return np.mean(log_sum - shifted[np.arange(len(labels)), labels])


def test_softmax_cross_entropy(rng):
    """Its gradient is X^T (softmax - one-hot) / N."""
    X, W = rng.normal(size=(6, 4)), rng.normal(size=(4, 3))
    labels = np.array([0, 2, 1, 1, 0, 2])
    p = np.exp(X @ W)
    p /= p.sum(axis=1, keepdims=True)

    slope = dk.grad(softmax_cross_entropy)(W, X, labels)

    np.testing.assert_allclose(slope, X.T @ (p - np.eye(3)[labels]) / 6, rtol=1e-13)


def multiclass_hinge(W, X, labels, strength):
    scores = X @ W
    right = scores[np.arange(len(labels)), labels]
    margins = np.maximum(0, scores - right[:, None] + 1)
    return np.mean(np.sum(margins, axis=1) - 1) + strength * np.sum(W * W)


def test_multiclass_hinge_with_l2(rng):
    """Each violated margin adds x to a wrong class and takes it from the right one."""
    X, W = rng.normal(size=(6, 4)), rng.normal(size=(4, 3))
    labels = np.array([0, 2, 1, 1, 0, 2])
    scores = X @ W
    violated = (scores - scores[np.arange(6), labels][:, None] + 1 > 0).astype(float)
    violated[np.arange(6), labels] = 0
    violated[np.arange(6), labels] = -violated.sum(axis=1)

    slope = dk.grad(multiclass_hinge)(W, X, labels, 0.1)

    np.testing.assert_allclose(slope, X.T @ violated / 6 + 0.2 * W, rtol=1e-12)


ACTIVATIONS = {
    "relu": lambda z: np.maximum(0, z),
    "tanh": np.tanh,
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
}


def net(layers, x, activation):
    for weights, bias in layers[:-1]:
        x = activation(x @ weights + bias)
    weights, bias = layers[-1]
    return x @ weights + bias


def hand_written(layers, x, target, name):
    """Backpropagation of mean((net - target)^2), as a textbook writes it."""
    slopes = {
        "relu": lambda h: (h > 0) * 1.0,
        "tanh": lambda h: 1 - h * h,
        "sigmoid": lambda h: h * (1 - h),
    }
    kept = [x]
    for weights, bias in layers[:-1]:
        kept.append(ACTIVATIONS[name](kept[-1] @ weights + bias))
    out = kept[-1] @ layers[-1][0] + layers[-1][1]
    delta = 2 * (out - target) / out.size
    found = []
    for k in reversed(range(len(layers))):
        found.append((kept[k].T @ delta, delta.sum(axis=0)))
        delta = delta @ layers[k][0].T * slopes[name](kept[k]) if k else None
    return found[::-1]


@pytest.mark.parametrize("depth", range(1, 6))
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_nets_of_one_to_five_layers(name, depth, rng):
    """Nets in plain NumPy give the gradients of hand-written backpropagation."""
    sizes = [*[4, 5, 3, 6, 5][:depth], 2]
    layers = [(rng.normal(size=(m, n)), rng.normal(size=n)) for m, n in pairwise(sizes)]
    x, target = rng.normal(size=(7, 4)), rng.normal(size=(7, 2))

    def loss(layers):
        return np.mean((net(layers, x, ACTIVATIONS[name]) - target) ** 2)

    found = dk.grad(loss)(layers)

    for (W, b), (W_expected, b_expected) in zip(
        found, hand_written(layers, x, target, name), strict=True
    ):
        np.testing.assert_allclose(W, W_expected, rtol=1e-9, atol=1e-14)
        np.testing.assert_allclose(b, b_expected, rtol=1e-9, atol=1e-14)
