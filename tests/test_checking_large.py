"""A million entries along random directions, and second derivatives."""

import numpy as np
import pytest

import diffkit as dk

from .checking_cases import least_squares

# -- scale --------------------------------------------------------------------------------

MILLION = 10**6


def counted(f):
    def counting(x):
        counting.calls += 1
        return f(x)

    counting.calls = 0
    return counting


def test_a_million_parameters_cost_sixty_calls(rng):
    """A smooth function of a million entries: 60 calls of f and 2 of the gradient."""
    f, g = (
        counted(lambda x: np.sum(np.tanh(x) ** 2)),
        counted(lambda x: 2 * np.tanh(x) * (1 - np.tanh(x) ** 2)),
    )
    report = dk.gradcheck(f, rng.normal(size=MILLION), g)

    assert report.verdict == "pass"
    assert f.calls == report.evaluations <= 60
    assert g.calls == report.gradient_evaluations <= 2


def test_a_large_offset_costs_no_more_calls(rng):
    """Error bars of 1e-8 decide; why they are not smaller is not worth doubling the calls."""
    f = lambda x: 1e8 + np.sum(np.tanh(x))
    report = dk.gradcheck(f, rng.normal(size=10**5), lambda x: 1 / np.cosh(x) ** 2, seed=2)

    assert report.verdict == "pass"
    assert report.evaluations <= 60
    assert report.gradient_evaluations <= 2


@pytest.mark.parametrize(
    "seed", [0, *(pytest.param(k, marks=pytest.mark.exhaustive) for k in range(1, 6))]
)
def test_one_wrong_entry_of_a_million_is_located(rng, seed):
    """A flipped sign among a million equal entries, in 120 calls."""
    place = int(rng.integers(MILLION))

    def planted(x):
        slopes = np.cos(x)
        slopes[place] *= -1
        return slopes

    f = counted(lambda x: np.sum(np.sin(x)))
    report = dk.gradcheck(f, np.full(MILLION, 0.3), planted, seed=seed)

    assert report.cause == "single_component"
    assert report.findings[0].where == (f"x[{place}]",)
    assert f.calls <= 120


def large_net(rng, n=60):
    X = rng.normal(size=(5, n))
    params = {k: rng.normal(size=(n, n)) / 8 for k in "UV"} | {"b": rng.normal(size=n)}

    def f(params):
        return np.sum(np.tanh(np.tanh(X @ params["U"] + params["b"]) @ params["V"]) ** 2)

    return f, params, dk.grad(f)


# fmt: off
LARGE = (
    ("ok",                lambda g: g),
    ("sign_flip",         lambda g: {**g, "b": -g["b"]}),
    ("constant_factor",   lambda g: {**g, "V": 2 * g["V"]}),
    ("transposed",        lambda g: {**g, "V": g["V"].T}),
    ("permuted",          lambda g: {**g, "U": g["V"], "V": g["U"]}),
    ("missing_parameter", lambda g: {**g, "b": 0 * g["b"]}),
    ("nonfinite",         lambda g: {**g, "b": np.full_like(g["b"], np.nan)}),
    ("unexplained",       lambda g: {**g, "U": np.cos(g["U"])}),
)
# fmt: on


@pytest.mark.parametrize(("cause", "spoil"), LARGE, ids=[cause for cause, _ in LARGE])
def test_large_nests_are_diagnosed_along_directions(rng, cause, spoil):
    """Thousands of entries in several leaves: the leaf is named, without measuring entries."""
    f, params, g = large_net(rng)
    report = dk.gradcheck(f, params, lambda p: spoil(g(p)))

    assert report.cause == cause
    assert report.evaluations < 4000 < sum(leaf.size for leaf in params.values())


def test_relus_everywhere_can_be_decided(rng):
    """A kink at every entry: tiny steps cross few of them."""
    x = rng.normal(size=10**5)
    relu = lambda x: np.sum(np.maximum(x, 0))

    assert dk.gradcheck(relu, x, lambda x: 1.0 * (x > 0)).verdict == "pass"
    assert dk.gradcheck(relu, x, lambda x: -1.0 * (x > 0)).cause == "sign_flip"


def test_every_entry_on_request(rng):
    """every=True measures them all, every=False none."""
    f, x, g = least_squares(rng)

    assert len(dk.gradcheck(f, x, g, every=True).rows) == 6
    assert [row.entry for row in dk.gradcheck(f, x, g, every=False).rows] == [-1] * 8


def test_seed_repeats_a_check(rng):
    """Two checks with one seed measure the same."""
    f, x, g = least_squares(rng)
    one, two = (dk.gradcheck(f, x, g, every=False, seed=7) for _ in range(2))

    assert one.rows == two.rows
    assert one.seed == 7


# -- second derivatives ---------------------------------------------------------------------


def quadratic_and_sine(rng):
    A = rng.normal(size=(4, 4))
    A = A + A.T
    f = lambda x: np.sum(np.sin(x)) + x @ A @ x / 2
    return f, rng.normal(size=4), lambda x: A - np.diag(np.sin(x))


# fmt: off
SECOND = (
    ("ok",               lambda H: H),
    ("ok",               lambda H: lambda x, v: H(x) @ v),
    ("ok",               lambda H: None),
    ("sign_flip",        lambda H: lambda x: -H(x)),
    ("constant_factor",  lambda H: lambda x, v: H(x) @ v / 2),
    ("single_component", lambda H: lambda x: H(x) + np.eye(4)[:, [1]] * np.eye(4)[2]),
    ("unexplained",      lambda H: lambda x: H(x) @ H(x)),
    ("shape_mismatch",   lambda H: lambda x: H(x)[:2]),
    ("shape_mismatch",   lambda H: lambda x, v: (H(x) @ v)[:2]),
    ("unexplained",      lambda H: lambda x: np.zeros(3) @ x),
)
# fmt: on


@pytest.mark.parametrize(("cause", "spoil"), SECOND)
def test_second_derivatives_are_diagnosed(rng, cause, spoil):
    """A Hessian, a product with it, or diffkit's own."""
    f, x, H = quadratic_and_sine(rng)

    assert dk.gradcheck(f, x, spoil(H), order=2).cause == cause


def test_large_hessian_products_are_checked_along_pairs(rng):
    """A thousand parameters: no matrix is formed."""
    x = rng.normal(size=1000)
    f = lambda x: np.sum(np.sin(x)) + (x @ x) ** 2 / 1000
    product = lambda x, v: -np.sin(x) * v + (4 * (x @ x) * v + 8 * x * (x @ v)) / 1000

    assert dk.gradcheck(f, x, product, order=2).cause == "ok"
    wrong = dk.gradcheck(f, x, lambda x, v: 3 * product(x, v), order=2)
    assert wrong.findings[0].evidence["factor"] == pytest.approx(3, rel=1e-6)
