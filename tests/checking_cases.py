"""Gradients with planted mistakes, and right ones that are hard to check.

Each case is a function of a random generator that returns (f, x, gradient). Numbers are drawn
anew for every seed; tests and the side by side with other checkers read the same table.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Planted:
    """A case, and what must be said about it."""

    make: Callable[[np.random.Generator], tuple[Callable, Any, Any]]
    cause: str  # or several, where it hangs on the numbers drawn
    verdict: str = "fail"  # or several, "pass inconclusive", where the noise decides

    def met_by(self, report):
        return report.cause in self.cause.split() and report.verdict in self.verdict.split()

    @property
    def name(self):
        return f"{self.cause}: {self.make.__name__}"


PLANTED: list[Planted] = []
CORRECT: list[Planted] = []


def planted(cause, verdict="fail", table=PLANTED):
    def add(make):
        table.append(Planted(make, cause, verdict))
        return make

    return add


def correct(cause, verdict="pass"):
    return planted(cause, verdict, CORRECT)


# -- models with right gradients -------------------------------------------------------


def away(rng, *shape):
    """Numbers of both signs that are neither tiny nor huge."""
    return rng.uniform(0.3, 2.0, shape) * rng.choice([-1.0, 1.0], shape)


def least_squares(rng, n=6):
    A, y = rng.normal(size=(11, n)), rng.normal(size=11)
    f = lambda w: np.sum((A @ w - y) ** 2)
    return f, away(rng, n), lambda w: 2 * A.T @ (A @ w - y)


def mean_squares(rng):
    data, y = rng.normal(size=(23, 5)), rng.normal(size=23)
    f = lambda w: np.mean((data @ w - y) ** 2)
    return f, away(rng, 5), lambda w: 2 * data.T @ (data @ w - y) / 23


def logistic(rng, n=5):
    A, y = rng.normal(size=(12, n)), rng.choice([-1.0, 1.0], 12)
    f = lambda w: np.sum(np.log1p(np.exp(-y * (A @ w))))
    return f, away(rng, n), lambda w: -A.T @ (y / (1 + np.exp(y * (A @ w))))


def matrix_model(rng, rows=4, columns=4):
    M, C = rng.normal(size=(columns, 3)), rng.normal(size=(rows, 3))
    f = lambda W: np.sum(C * np.sin(W @ M))
    return f, away(rng, rows, columns), lambda W: (C * np.cos(W @ M)) @ M.T


def net(rng, inputs=3, hidden=4):
    X, t = rng.normal(size=(7, inputs)), rng.normal(size=7)
    params = {"W": away(rng, inputs, hidden) / 2, "b": away(rng, hidden), "v": away(rng, hidden)}

    def f(params):
        h = np.tanh(X @ params["W"] + params["b"])
        return np.sum((h @ params["v"] - t) ** 2)

    def g(params):
        h = np.tanh(X @ params["W"] + params["b"])
        r = 2 * (h @ params["v"] - t)
        d = np.outer(r, params["v"]) * (1 - h * h)
        return {"W": X.T @ d, "b": d.sum(axis=0), "v": h.T @ r}

    return f, params, g


def with_part(g, **changed):
    """The gradient of a nest, with some of its parts changed."""
    return lambda params: {k: changed.get(k, lambda a: a)(a) for k, a in g(params).items()}


# -- ok --------------------------------------------------------------------------------


@planted("ok", "pass")
def least_squares_right(rng):
    return least_squares(rng)


@planted("ok", "pass")
def net_right(rng):
    return net(rng)


@planted("ok", "pass")
def own_reverse_mode(rng):
    return (*logistic(rng)[:2], None)


# -- the formula -------------------------------------------------------------------------


@planted("sign_flip")
def sign_of_all(rng):
    f, x, g = least_squares(rng)
    return f, x, lambda w: -g(w)


@planted("sign_flip")
def sign_of_one_leaf(rng):
    f, x, g = net(rng)
    return f, x, with_part(g, b=np.negative)


@planted("sign_flip")
def sign_of_logistic(rng):
    f, x, g = logistic(rng)
    return f, x, lambda w: -g(w)


@planted("constant_factor")
def square_without_two(rng):
    f, x, g = least_squares(rng)
    return f, x, lambda w: g(w) / 2


@planted("constant_factor")
def any_factor(rng):
    f, x, g = logistic(rng)
    c = rng.uniform(1.1, 9)
    return f, x, lambda w: c * g(w)


@planted("constant_factor")
def sum_for_mean(rng):
    f, x, g = mean_squares(rng)
    return f, x, lambda w: 23 * g(w)


@planted("constant_factor")
def factor_of_one_leaf(rng):
    f, x, g = net(rng)
    c = rng.uniform(-3, -1.1)
    return f, x, with_part(g, W=lambda a: c * a)


@planted("transposed")
def transposed_matrix(rng):
    f, x, g = matrix_model(rng)
    return f, x, lambda W: g(W).T.copy()


@planted("transposed")
def column_order(rng):
    f, x, g = matrix_model(rng, 3, 5)
    return f, x, lambda W: g(W).ravel(order="F").reshape(W.shape)


@planted("transposed")
def transposed_leaf(rng):
    f, x, g = net(rng, 4, 4)
    return f, x, with_part(g, W=lambda a: a.T)


@planted("permuted")
def two_swapped(rng):
    f, x, g = least_squares(rng)
    i, j = rng.choice(6, 2, replace=False)

    def swapped(w):
        a = g(w)
        a[[i, j]] = a[[j, i]]
        return a

    return f, x, swapped


@planted("permuted")
def reversed_entries(rng):
    f, x, g = logistic(rng)
    return f, x, lambda w: g(w)[::-1]


@planted("permuted")
def rolled_entries(rng):
    f, x, g = least_squares(rng, 9)
    k = int(rng.integers(1, 8))
    return f, x, lambda w: np.roll(g(w), k)


@planted("permuted")
def swapped_leaves(rng):
    f, x, g = net(rng)
    return f, x, lambda params: {**g(params), "b": g(params)["v"], "v": g(params)["b"]}


@planted("missing_term")
def ridge(rng):
    f, x, g = least_squares(rng)
    c = rng.uniform(0.01, 2)
    return lambda w: f(w) + c * w @ w, x, g


@planted("missing_term")
def lasso(rng):
    f, x, g = logistic(rng)
    c = rng.uniform(0.01, 2)
    return lambda w: f(w) + c * np.sum(np.abs(w)), x, g


@planted("missing_term")
def linear_term(rng):
    f, x, g = least_squares(rng)
    c = rng.uniform(0.1, 2)
    return lambda w: f(w) + c * np.sum(w), x, g


@planted("missing_term")
def barrier(rng):
    f, x, g = logistic(rng)
    c = rng.uniform(0.1, 2)
    return lambda w: f(w) - c * np.sum(np.log(w)), np.abs(x), g


@planted("missing_term")
def ridge_on_one_leaf(rng):
    f, x, g = net(rng)
    c = rng.uniform(0.01, 2)
    return lambda params: f(params) + c * np.sum(params["W"] ** 2), x, g


@planted("missing_term")
def quadratic_form_not_symmetrised(rng):
    M = rng.normal(size=(6, 6))
    return lambda v: v @ M @ v, away(rng, 6), lambda v: 2 * M @ v


@planted("missing_parameter")
def bias_left_at_zero(rng):
    f, x, g = net(rng)
    return f, x, with_part(g, b=np.zeros_like)


@planted("missing_parameter")
def key_left_out(rng):
    f, x, g = net(rng)
    return f, x, lambda params: {k: a for k, a in g(params).items() if k != "v"}


@planted("missing_parameter")
def last_entries_never_filled(rng):
    f, x, g = least_squares(rng)

    def partial(w):
        a = np.zeros_like(w)
        a[:4] = g(w)[:4]
        return a

    return f, x, partial


@planted("single_component")
def one_entry_scaled(rng):
    f, x, g = least_squares(rng)
    i, c = int(rng.integers(6)), rng.uniform(1.1, 3)

    def spoiled(w):
        a = g(w)
        a[i] *= c
        return a

    return f, x, spoiled


@planted("single_component")
def end_of_the_chain(rng):
    f = lambda x: np.sum(np.diff(x) ** 2)

    def g(x):
        a = np.zeros_like(x)
        a[:-1] -= 2 * np.diff(x)
        a[1:] += 2 * np.diff(x)
        a[-1] *= 2  # as if the chain went on
        return a

    return f, away(rng, 8), g


@planted("single_component")
def one_entry_of_a_leaf(rng):
    f, x, g = net(rng)
    i, j = int(rng.integers(3)), int(rng.integers(4))

    def spoil(a):
        a[i, j] += 1
        return a

    return f, x, with_part(g, W=spoil)


@planted("elementwise_scale")
def cube_as_square(rng):
    return lambda v: np.sum(v**3), away(rng, 6), lambda v: 3 * v


@planted("elementwise_scale")
def inner_square(rng):
    c = rng.uniform(0.5, 2)
    return lambda v: np.sum(np.sin(c * v**2)), away(rng, 6), lambda v: np.cos(c * v**2)


@planted("elementwise_scale")
def inner_exponential(rng):
    f, x, g = least_squares(rng)
    return lambda v: f(np.exp(v)), x / 2, lambda v: g(np.exp(v))


@planted("elementwise_scale")
def inner_tanh(rng):
    f, x, g = logistic(rng)
    return lambda v: f(np.tanh(v)), x, lambda v: g(np.tanh(v))


@planted("wrong_point")
def shifted_point(rng):
    f, x, g = matrix_model(rng)
    c = rng.uniform(0.01, 0.3)
    return f, x, lambda W: g(W + c)


@planted("wrong_point")
def after_the_update(rng):
    f, x, g = logistic(rng)
    rate = rng.uniform(0.01, 0.2)
    return f, x, lambda w: g(w - rate * g(w))


@planted("wrong_point")
def scaled_point(rng):
    f, x, g = matrix_model(rng)
    c = rng.uniform(1.05, 1.3)
    return f, x, lambda W: g(c * W)


@planted("broadcast")
def mean_over_rows(rng):
    f, x, g = matrix_model(rng, 3, 5)
    return f, x, lambda W: np.broadcast_to(g(W).mean(axis=0), W.shape)


@planted("broadcast")
def first_row_for_all(rng):
    f, x, g = matrix_model(rng, 4, 3)
    return f, x, lambda W: np.broadcast_to(g(W)[:1], W.shape).copy()


@planted("broadcast")
def sum_over_columns(rng):
    f, x, g = net(rng)
    spread = lambda a: np.broadcast_to(a.sum(axis=1, keepdims=True), a.shape)
    return f, x, with_part(g, W=spread)


# -- the form --------------------------------------------------------------------------


@planted("shape_mismatch")
def flat_for_a_matrix(rng):
    f, x, g = matrix_model(rng)
    return f, x, lambda W: g(W).ravel()


@planted("shape_mismatch")
def transposed_shape(rng):
    f, x, g = matrix_model(rng, 2, 3)
    return f, x, lambda W: g(W).T


@planted("shape_mismatch")
def column_for_a_vector(rng):
    f, x, g = least_squares(rng)
    return f, x, lambda w: g(w)[:, None]


@planted("shape_mismatch")
def summed_to_a_number(rng):
    f, x, g = least_squares(rng)
    return f, x, lambda w: g(w).sum()


@planted("dtype")
def truncated_to_integers(rng):
    f, x, g = least_squares(rng)

    def g_int(w):
        a = np.zeros(6, dtype=int)
        a[:] = g(w)
        return a

    return f, x, g_int


@planted("dtype")
def no_return(rng):
    f, x, g = least_squares(rng)

    def forgets(w):
        g(w)

    return f, x, forgets


@planted("dtype", "inconclusive")
def rounded_value(rng):
    f, x, g = least_squares(rng)
    return lambda w: int(f(w)), x, g


@planted("dtype", "pass")
def point_of_integers(rng):
    f, _, g = least_squares(rng)
    return f, rng.integers(1, 5, 6), g


# -- the function ------------------------------------------------------------------------


@planted("kink", "pass")
def relu_at_zero(rng):
    x = away(rng, 5)
    x[int(rng.integers(5))] = 0.0
    return lambda x: np.sum(np.maximum(x, 0)), x, lambda x: (x > 0) * 1.0


@planted("kink")
def beyond_the_subgradients(rng):
    x = away(rng, 5)
    x[1] = 0.0
    c = rng.uniform(1.5, 4)
    return lambda x: np.sum(np.abs(x)), x, lambda x: np.where(x == 0, c, np.sign(x))


@planted("kink", "pass")
def tie_of_maxima(rng):
    c = rng.uniform(0.5, 2)
    x = np.array([c, c, c / 2])
    return np.max, x, lambda x: np.array([1.0, 0.0, 0.0])


@planted("discontinuous", "inconclusive")
def rounded_argument(rng):
    f, x, g = least_squares(rng)
    return lambda w: f(np.round(w, 2)), x, g


@planted("discontinuous", "inconclusive")
def jump_at_the_point(rng):
    f, x, g = least_squares(rng)
    x[2] = 0.0
    c = rng.uniform(0.5, 3)
    return lambda w: f(w) + c * (w[2] >= 0), x, g


@planted("low_precision", "pass inconclusive")
def single_precision_result(rng):
    f, x, g = least_squares(rng)
    return lambda w: f(w).astype(np.float32), x, g


@planted("low_precision", "pass inconclusive")
def single_precision_inside(rng):
    A = rng.normal(size=(11, 6)).astype(np.float32)
    y = rng.normal(size=11).astype(np.float32)
    f = lambda w: float(np.sum((A @ w.astype(np.float32) - y) ** 2))
    g = lambda w: 2 * A.T.astype(float) @ (A.astype(float) @ w - y)
    return f, away(rng, 6), g


@planted("noise_floor", "pass inconclusive")
def fast_oscillation(rng):
    f, x, g = least_squares(rng)
    c = rng.uniform(1e-3, 5e-3)
    return lambda w: f(w) + c * np.sin(1e9 * w.sum()), x, g


@planted("noise_floor", "inconclusive")
def huge_offset(rng):
    c = rng.uniform(1e14, 9e14)
    return lambda v: c + np.sum(np.sin(v)), away(rng, 4), np.cos


# -- the protocol ------------------------------------------------------------------------


@planted("nondeterministic_f", "inconclusive")
def sampled_value(rng):
    f, x, g = least_squares(rng)
    return lambda w: f(w) * (1 + 1e-6 * rng.normal()), x, g


@planted("nondeterministic_f", "inconclusive")
def every_fifth_call(rng):
    f, x, g = logistic(rng)
    calls = iter(range(10**9))
    return lambda w: f(w) + (1e-5 if next(calls) % 5 == 4 else 0.0), x, g


@planted("nondeterministic_grad")
def dropout(rng):
    f, x, g = least_squares(rng)
    return f, x, lambda w: g(w) * (rng.random(6) < 0.5) * 2


@planted("nondeterministic_grad")
def every_third_gradient(rng):
    f, x, g = logistic(rng)
    calls = iter(range(10**9))
    return f, x, lambda w: g(w) * (1.01 if next(calls) % 3 == 2 else 1.0)


@planted("mutates_input")
def value_in_place(rng):
    f, x, g = least_squares(rng)

    def f_in_place(w):
        w -= 1
        return f(w + 1)

    return f_in_place, x, g


@planted("mutates_input")
def gradient_in_place(rng):
    f, x, g = net(rng)

    def g_in_place(params):
        a = g(params)
        params["b"] -= 0.1 * a["b"]
        return a

    return f, x, g_in_place


@planted("aliased_buffer")
def one_buffer_for_all(rng):
    f, x, g = least_squares(rng)
    buffer = np.empty(6)

    def fill(w):
        buffer[:] = g(w)
        return buffer

    return f, x, fill


@planted("aliased_buffer", "pass")
def the_argument_itself(rng):
    return lambda w: w @ w / 2, away(rng, 5), lambda w: w


@planted("stale_state")
def activations_of_the_last_call(rng):
    f, x, g = logistic(rng)
    seen = {}

    def remember(w):
        seen["w"] = w.copy()
        return f(w)

    return remember, x, lambda w: g(seen["w"])


@planted("stale_state")
def gradients_add_up(rng):
    f, x, g = least_squares(rng)
    total = np.zeros(6)

    def accumulate(w):
        nonlocal total
        total = total + g(w)
        return total

    return f, x, accumulate


@planted("stale_state")
def computed_once(rng):
    f, x, g = least_squares(rng)
    kept = []

    def cached(w):
        if not kept:
            kept.append(g(w))
        return kept[0].copy()

    return f, x, cached


@planted("nonfinite")
def nan_in_one_entry(rng):
    f, x, g = least_squares(rng)

    def spoiled(w):
        a = g(w)
        a[3] = np.nan
        return a

    return f, x, spoiled


@planted("nonfinite", "inconclusive")
def log_of_a_negative(rng):
    return lambda w: np.sum(np.log(w)), -np.abs(away(rng, 4)), lambda w: 1 / w


@planted("domain_edge", "pass")
def power_at_zero(rng):
    x = np.abs(away(rng, 4))
    x[1] = 0.0
    p = rng.uniform(2.1, 2.9)
    return lambda x: np.sum(x**p), x, lambda x: p * x ** (p - 1)


@planted("domain_edge", "inconclusive")
def arcsine_at_one(rng):
    x = rng.uniform(0.1, 0.8, 3)
    x[0] = 1.0
    return lambda x: np.sum(np.arcsin(x)), x, lambda x: 1 / np.sqrt(1 - x * x)


@planted("domain_edge", "pass")
def raises_beyond(rng):
    x = np.abs(away(rng, 3))
    x[2] = 0.0

    def f(x):
        if np.any(x < 0):
            raise RuntimeError("concentrations must not be negative")
        return np.sum(x**3)

    return f, x, lambda x: 3 * x**2


@planted("vacuous", "pass")
def stationary_point(rng):
    M = rng.normal(size=(4, 4))
    return lambda v: v @ M @ v, np.zeros(4), lambda v: (M + M.T) @ v


@planted("vacuous", "pass")
def saturated(rng):
    c = rng.uniform(750, 900)
    f = lambda x: np.sum(1 / (1 + np.exp(-x)))
    return f, np.full(3, c), lambda x: np.exp(-x) / (1 + np.exp(-x)) ** 2


@planted("vacuous")
def argument_not_used(rng):
    f, x, g = least_squares(rng)
    return lambda w: f(x), x, g


@planted("unexplained")
def another_function(rng):
    f, x, _ = least_squares(rng, 9)
    return f, x, logistic(rng, 9)[2]


@planted("unexplained")
def raising(rng):
    f, x, _ = least_squares(rng)

    def broken(w):
        return np.zeros(3) @ w

    return f, x, broken


# -- right gradients that are hard to check ------------------------------------------------


@correct("kink")
def relu_net_with_dead_units(rng):
    X = rng.normal(size=(6, 3))
    f = lambda b: np.sum(np.maximum(X.sum(axis=1)[:, None] * 0 + b, 0) ** 2 + np.maximum(b, 0))
    return f, np.array([0.0, 0.7, -0.4]), lambda b: 12 * np.maximum(b, 0) + 6 * (b > 0)


@correct("ok")
def kink_nearby(rng):
    x = np.array([1e-4, -1e-5, 0.5])
    return lambda x: np.sum(np.abs(x)), x, np.sign


@correct("kink")
def absolute_value_at_zero(rng):
    return lambda x: np.sum(np.abs(x)), np.array([0.0, 1.0, -2.0]), np.sign


@correct("ok")
def badly_scaled(rng):
    x = np.array([1e-10, 1e-4, 1.0, 1e8]) * rng.uniform(1, 2, 4)
    return lambda x: np.sum(np.log(x)), x, lambda x: 1 / x


@correct("ok")
def huge_arguments(rng):
    x = 1e8 * rng.uniform(1, 2, 3)
    return lambda x: np.sum(x**2), x, lambda x: 2 * x


@correct("ok")
def tiny_arguments(rng):
    x = 1e-10 * rng.uniform(1, 2, 3)
    return lambda x: np.sum(np.exp(x) * x), x, lambda x: np.exp(x) * (1 + x)


@correct("ok")
def log_near_zero(rng):
    x = np.array([1e-200, 1e-12, 0.3])
    return lambda x: np.sum(np.log(x)), x, lambda x: 1 / x


@correct("ok")
def large_offset(rng):
    return lambda x: 1e8 + np.sum(x**2), away(rng, 4), lambda x: 2 * x


@correct("low_precision", "pass inconclusive")
def all_in_single_precision(rng):
    A = rng.normal(size=(9, 4)).astype(np.float32)
    f = lambda w: np.sum(np.tanh(A @ w))
    x = away(rng, 4).astype(np.float32)
    return f, x, lambda w: A.T @ (1 - np.tanh(A @ w) ** 2)


@correct("low_precision", "pass inconclusive")
def wrapped_single_precision(rng):
    f, x, g = least_squares(rng)
    return lambda w: float(f(w.astype(np.float32)).astype(np.float32)), x, g


@correct("noise_floor ok", "pass inconclusive")  # f is smooth where no step is added
def loose_solver(rng):
    A = rng.normal(size=(4, 4))
    A = A @ A.T + 4 * np.eye(4)

    def f(b):  # b' A^-1 b by an iteration that stops early
        x = np.zeros(4)
        while np.linalg.norm(A @ x - b) > 1e-7:
            x = x - (A @ x - b) / np.linalg.norm(A)
        return b @ x

    return f, away(rng, 4), lambda b: 2 * np.linalg.solve(A, b)


@correct("ok")
def fast_but_smooth(rng):
    x = rng.uniform(0.5, 2, 4)
    return lambda x: np.sum(np.sin(100 * x)), x, lambda x: 100 * np.cos(100 * x)


@correct("ok")
def rosenbrock(rng):
    f = lambda x: np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)

    def g(x):
        a = np.zeros_like(x)
        a[:-1] = -400 * x[:-1] * (x[1:] - x[:-1] ** 2) - 2 * (1 - x[:-1])
        a[1:] += 200 * (x[1:] - x[:-1] ** 2)
        return a

    return f, away(rng, 6), g


@correct("ok")
def steep_sigmoid(rng):
    s = lambda x: 1 / (1 + np.exp(-50 * x))
    return lambda x: np.sum(s(x)), rng.uniform(-0.1, 0.1, 4), lambda x: 50 * s(x) * (1 - s(x))


@correct("ok")
def tail_of_a_gaussian(rng):
    x = rng.uniform(5, 6, 3)
    f = lambda x: np.sum(np.exp(-x * x))
    return f, x, lambda x: -2 * x * np.exp(-x * x)


@correct("vacuous")
def far_saturated(rng):
    f = lambda x: np.sum(np.tanh(x))
    return f, np.array([40.0, 60.0]), lambda x: 1 - np.tanh(x) ** 2


@correct("domain_edge")
def entropy_at_zero(rng):
    x = np.array([0.0, 0.25, 0.75])
    f = lambda x: np.sum(np.where(x < 0, np.nan, x * x * np.sqrt(np.abs(x))))
    return f, x, lambda x: 2.5 * x**1.5


@correct("domain_edge", "inconclusive")
def root_at_zero(rng):
    x = np.array([0.0, 1.0, 2.0])
    return lambda x: np.sum(np.sqrt(x)), x, lambda x: 0.5 / np.sqrt(x)


@correct("ok")
def near_the_edge(rng):
    x = 1 - rng.uniform(1e-7, 1e-6, 3)
    return lambda x: np.sum(np.sqrt(1 - x)), x, lambda x: -0.5 / np.sqrt(1 - x)


@correct("ok")
def bessel_like_series(rng):
    terms = [(-1) ** k / (math.factorial(k) * math.factorial(k + 1)) for k in range(30)]
    x = rng.uniform(0.5, 6, 3)
    f = lambda x: np.sum([t * (x / 2) ** (2 * k + 1) for k, t in enumerate(terms)])
    g = lambda x: sum(t * (2 * k + 1) / 2 * (x / 2) ** (2 * k) for k, t in enumerate(terms))
    return f, x, g


@correct("ok")
def constant_gradient(rng):
    c = away(rng, 5)
    return lambda x: c @ x, away(rng, 5), lambda x: c


@correct("discontinuous", "inconclusive")
def counts_above_a_threshold(rng):
    x = np.array([0.5, 0.2, 0.9])
    f = lambda x: np.sum(x**2) + np.sum(x >= 0.5)
    return f, x, lambda x: 2 * x


@correct("ok")
def mixed_sizes_in_a_nest(rng):
    x = {"small": 1e-8 * away(rng, 3), "large": 1e6 * away(rng, 2)}
    f = lambda p: np.sum((1e8 * p["small"]) ** 3) + np.sum((1e-6 * p["large"]) ** 2)
    return f, x, lambda p: {"small": 3e24 * p["small"] ** 2, "large": 2e-12 * p["large"]}


@correct("ok")
def logsumexp_far_away(rng):
    """f bends within a few units around 1e4: steps relative to x are too wide."""
    f = lambda z: np.max(z) + np.log(np.sum(np.exp(z - np.max(z))))
    soft = lambda z: np.exp(z - f(z))
    return f, 1e4 + 3 * rng.normal(size=5), soft


@correct("noise_floor")
def fast_waves(rng):
    """Steps relative to x cross many periods; rounding of x leaves 8 digits."""
    return lambda x: np.sum(np.sin(x)), np.array([1e6 + 0.3, 2e6]), np.cos


@correct("ok")
def huge_loss(rng):
    f, x, g = least_squares(rng)
    return lambda w: 1e200 * f(w), x, lambda w: 1e200 * g(w)


@correct("kink", "inconclusive")
def median_of_ties(rng):
    """No single entry moves the median of three equal numbers; all at once do."""
    return np.median, np.array([1.0, 2.0, 2.0, 2.0, 3.0]), lambda x: np.eye(5)[2]
