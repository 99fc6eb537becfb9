"""Methods: what each promises, checked against NumPy, SciPy and closed forms."""

import re
from pathlib import Path

import numpy as np
import pytest
import scipy.optimize

import diffkit as dk
from diffkit import losses, optimize
from diffkit.errors import ArgumentError, ShapeError
from diffkit.optimize import (
    BFGS,
    LBFGS,
    ConjugateGradient,
    GaussNewton,
    LevenbergMarquardt,
    Newton,
    NewtonCG,
    RandomSearch,
    Status,
    as_scipy,
    minimize,
)
from diffkit.optimize.layout import Layout
from diffkit.optimize.linesearch import LineSearchFailed, Trial, search, strong_wolfe
from diffkit.optimize.newton import lowest_within
from diffkit.optimize.oracle import Oracle
from diffkit.optimize.quasi import _updated, two_loops
from diffkit.optimize.spectrum import Spectrum
from diffkit.optimize.ways import objective

from .benchmarks.mgh import PROBLEMS
from .benchmarks.minimizing import ours, scipys, tally


def rosenbrock(x):
    return (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2


def point_at(f, x):
    """A point of an oracle on f."""
    layout = Layout(x)
    return Oracle(objective(f, layout, "reverse")).at(layout.start)


# -- the oracle ------------------------------------------------------------------------------


def test_an_oracle_remembers_and_counts():
    """Asked twice at one point it computes once; a value comes with the gradient."""
    point = point_at(rosenbrock, np.array([-1.2, 1.0]))
    oracle = point.oracle
    assert (oracle.nfev, oracle.njev) == (0, 0)
    _ = point.g, point.f, point.g, oracle.at(np.array([-1.2, 1.0])).f
    assert (oracle.nfev, oracle.njev) == (1, 1)
    _ = point.H, point.H, point.times(np.ones(2))
    assert (oracle.nhev, oracle.nhvp) == (1, 0)
    other = oracle.at(np.zeros(2))
    np.testing.assert_allclose(other.times(np.array([1.0, 2.0])), [2, 400])
    assert oracle.nhvp == 1
    with pytest.raises(ValueError, match="read-only"):
        point.x[0] = 1


# -- line search -----------------------------------------------------------------------------

# phi, its slope, first trial: Moré & Thuente (1994), functions 1 to 3, and others
LINES = {
    "more-thuente 1": (
        lambda t: -t / (t * t + 2), lambda t: (t * t - 2) / (t * t + 2) ** 2, 1e-3, 1e-3, 0.1
    ),
    "more-thuente 2": (
        lambda t: (t + 0.004) ** 5 - 2 * (t + 0.004) ** 4,
        lambda t: 5 * (t + 0.004) ** 4 - 8 * (t + 0.004) ** 3, 1e3, 0.1, 0.1
    ),
    "parabola": (lambda t: (t - 3) ** 2, lambda t: 2 * (t - 3), 1.0, 1e-4, 0.9),
    "far parabola": (lambda t: (t - 1e5) ** 2, lambda t: 2 * (t - 1e5), 1.0, 1e-4, 0.1),
    "near parabola": (lambda t: (t - 1e-7) ** 2, lambda t: 2 * (t - 1e-7), 1.0, 1e-4, 0.1),
    "wall": (
        lambda t: -np.log(1 - t) - 3 * t, lambda t: 1 / (1 - t) - 3, 5.0, 1e-4, 0.1
    ),
    "ripples": (
        lambda t: -t + 0.3 * np.sin(20 * t) / 20 + t * t / 40,
        lambda t: -1 + 0.3 * np.cos(20 * t) + t / 20, 100.0, 1e-4, 0.5
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", LINES)
def test_search_meets_the_strong_wolfe_conditions(name):
    phi, slope, first, c1, c2 = LINES[name]
    trials = []

    def at(t):
        trials.append(t)
        with np.errstate(all="ignore"):
            return Trial(t, float(phi(t)), float(slope(t)), None)

    found = search(at, at(0.0), first, c1, c2)
    assert found.t > 0
    assert phi(found.t) <= phi(0) + c1 * found.t * slope(0)
    assert abs(slope(found.t)) <= c2 * abs(slope(0))
    assert len(trials) < 25


def test_search_refuses_to_go_up():
    with pytest.raises(LineSearchFailed, match="does not go down"):
        strong_wolfe(point_at(rosenbrock, np.zeros(2)), np.array([-1.0, 0.0]), 1.0)


# -- quasi-Newton ----------------------------------------------------------------------------


def test_two_loops_multiply_by_the_matrix_of_bfgs(rng):
    """L-BFGS without forgetting is BFGS that starts from the scaled identity."""
    G = rng.normal(size=(6, 6))
    A = G @ G.T + np.eye(6)
    pairs = [(s, A @ s) for s in rng.normal(size=(4, 6))]
    s, y = pairs[-1]
    H = np.eye(6) * (s @ y) / (y @ y)
    for s, y in pairs:
        rho, identity = 1 / (s @ y), np.eye(6)
        V = identity - rho * np.outer(y, s)
        H = V.T @ H @ V + rho * np.outer(s, s)
        np.testing.assert_allclose(H @ y, s, atol=1e-10)
    g = rng.normal(size=6)
    np.testing.assert_allclose(two_loops(g, tuple(pairs)), H @ g, rtol=1e-9)


def test_bfgs_update_is_that_of_the_book(rng):
    """(I - rho s y')H(I - rho y s') + rho s s', Nocedal & Wright, equation 6.17."""
    G = rng.normal(size=(5, 5))
    H, s = G @ G.T + np.eye(5), rng.normal(size=5)
    y = s + 0.1 * rng.normal(size=5)
    rho = 1 / (s @ y)
    V = np.eye(5) - rho * np.outer(y, s)
    np.testing.assert_allclose(_updated(H, s, y), V.T @ H @ V + rho * np.outer(s, s))
    np.testing.assert_array_equal(_updated(H, s, -y), H)  # negative curvature is left out


@pytest.fixture(scope="module")
def exact_bfgs():
    return tally(ours("bfgs"))


@pytest.fixture(scope="module")
def exact_lbfgs():
    return tally(ours("l-bfgs"))


def test_the_page_on_optimizers_has_these_numbers(exact_bfgs, exact_lbfgs):
    """The table in docs/optimizers.md says what is measured."""
    page = (Path(__file__).parents[1] / "docs" / "optimizers.md").read_text(encoding="utf-8")
    for name, found in (("BFGS", exact_bfgs), ("L-BFGS", exact_lbfgs)):
        row = re.search(rf"^\| {name}, exact gradients \| (\d+) \| (\d+) \| (\d+) \|", page, re.M)
        calls, right, wrong = map(int, row.groups())
        assert found.calls == pytest.approx(calls, rel=0.15)  # rounding differs between machines
        assert (found.right, found.wrong_successes) == (right, wrong)


def test_bfgs_calls_nothing_wrong_a_success(exact_bfgs):
    """On all 32 problems of Moré, Garbow & Hillstrom; 31 end at a minimum, one at a saddle."""
    assert exact_bfgs.wrong_successes == 0
    assert exact_bfgs.right >= 31


def test_bfgs_needs_no_more_evaluations_than_scipy(exact_bfgs):
    assert exact_bfgs.calls <= 1.1 * tally(scipys("BFGS", exact=True)).calls


def test_lbfgs_is_no_more_wrong_than_scipys(exact_lbfgs):
    theirs = tally(scipys("L-BFGS-B", exact=True))
    assert exact_lbfgs.wrong_successes <= theirs.wrong_successes
    assert exact_lbfgs.right >= max(31, theirs.right)


# At the minimizers that the paper prints, f has the value that it prints.
MINIMIZERS = {
    1: (1, 1), 2: (5, 4), 3: (1.098159e-5, 9.106146), 4: (1e6, 2e-6), 5: (3, 0.5), 7: (1, 0, 0),
    11: (50, 25, 1.5), 12: (1, 10, 1), 13: (0, 0, 0, 0), 14: (1, 1, 1, 1),
    18: (1, 10, 1, 5, 4, 3), 21: (1,) * 10, 22: (0,) * 12, 25: (1,) * 10, 27: (1,) * 10,
}  # fmt: skip


@pytest.mark.parametrize("number", MINIMIZERS)
def test_problems_vanish_where_the_paper_says(number):
    problem = next(p for p in PROBLEMS if p.number == number)
    x = np.array(MINIMIZERS[number], dtype=float)
    assert x.shape == problem.x0.shape
    assert problem(x) == pytest.approx(0, abs=1e-8)


def test_there_are_32_problems():
    assert len({problem.number for problem in PROBLEMS}) == 32
    for problem in PROBLEMS:
        steps = 1e-6 * np.diag(1 + np.abs(problem.x0))
        with np.errstate(all="ignore"):
            central = [(problem(problem.x0 + h) - problem(problem.x0 - h)) / 2 for h in steps]
        slope = dk.grad(problem)(problem.x0)
        scale = 1 + np.abs(slope).max()
        np.testing.assert_allclose(slope / scale, central / np.diag(steps) / scale, atol=1e-6)


# -- Newton ----------------------------------------------------------------------------------


def test_newton_solves_linear_regression_in_one_step(rng):
    """One step from anywhere to the closed form (X'X)^-1 X'y."""
    X, y = rng.normal(size=(30, 4)), rng.normal(size=30)
    for method in (Newton(), Newton("trust_region"), NewtonCG()):
        result = minimize(lambda w: losses.squared(X @ w, y), np.zeros(4), method)
        assert result.success
        assert result.nit == 1 or not isinstance(method, Newton)
        np.testing.assert_allclose(result.x, np.linalg.lstsq(X, y)[0], atol=1e-6)


@pytest.mark.parametrize("method", [Newton(), Newton("trust_region"), NewtonCG()])
@pytest.mark.parametrize("number", [1, 2, 5, 6, 7, 8, 14, 16, 21, 25, 30, 31])
def test_newton_on_known_problems(method, number):
    problem = next(p for p in PROBLEMS if p.number == number)
    result = minimize(problem, problem.x0, method)
    assert result.success
    assert problem.solved(result.fun)


@pytest.mark.parametrize("seed", range(8))
def test_step_within_the_region_is_the_lowest(seed):
    """No point of a fine sample of the region is lower, and the fall is what it says."""
    rng = np.random.default_rng(seed)
    G = rng.normal(size=(2, 2))
    H, g, radius = G + G.T, rng.normal(size=2) * (seed > 1), 0.7
    if seed == 1:
        H = np.diag([-1.0, 2.0])  # no gradient: the hard case
    step, fall = lowest_within(Spectrum(*np.linalg.eigh(H)), g, radius)
    model = lambda p: p @ g + np.einsum("...i,ij,...j", p, H, p) / 2
    assert np.linalg.norm(step) <= radius * (1 + 1e-9)
    assert model(step) == pytest.approx(-fall)
    angles, lengths = np.linspace(0, 2 * np.pi, 721), np.linspace(0, radius, 201)
    ring = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    assert model(step) <= model(lengths[:, None, None] * ring).min() + 1e-9


def test_newton_cg_never_forms_the_matrix():
    """A thousand variables: products only."""
    scales = np.linspace(1, 100, 1000)
    result = minimize(lambda x: np.sum(scales * x**2) / 2 + np.sum(x**4), np.ones(1000), NewtonCG())
    assert result.success
    assert result.nhev == 0 < result.nhvp


def test_hessian_of_the_user_is_used():
    calls = []

    def hess(x):
        calls.append(1)
        return np.diag([2.0, 20.0])

    f = lambda x: x[0] ** 2 + 10 * x[1] ** 2
    slope = lambda x: np.array([2 * x[0], 20 * x[1]])
    result = minimize(f, [3.0, 4.0], Newton(), grad=slope, hess=hess)
    assert result.success
    assert len(calls) == result.nhev
    with pytest.raises(ShapeError, match="hess returned shape"):
        minimize(f, [3.0, 4.0], Newton(), hess=lambda x: np.eye(3))


# -- conjugate gradients, least squares, random search ------------------------------------------


@pytest.mark.parametrize("beta", ["polak-ribiere", "fletcher-reeves"])
def test_conjugate_gradients_on_known_problems(beta):
    for number in (1, 5, 7, 14, 21, 30, 31):
        problem = next(p for p in PROBLEMS if p.number == number)
        result = minimize(problem, problem.x0, ConjugateGradient(beta), steps=5000)
        assert result.success, problem.name
        assert problem.solved(result.fun), problem.name


@pytest.mark.parametrize("way", ["reverse", "finite"])
@pytest.mark.parametrize("number", [1, 2, 5, 7, 8, 9, 12, 14, 15, 17, 19, 20, 24, 30, 31])
def test_levenberg_marquardt_agrees_with_scipy(number, way):
    """The same minimum as scipy.optimize.least_squares, from residuals."""
    problem = next(p for p in PROBLEMS if p.number == number)
    result = minimize(problem.residuals, problem.x0, LevenbergMarquardt(), grad=way)
    theirs = scipy.optimize.least_squares(
        problem.residuals, problem.x0, method="lm", xtol=1e-12, ftol=1e-12, gtol=1e-12
    )
    assert result.success
    assert result.fun == pytest.approx(theirs.cost, rel=1e-4, abs=1e-9)


def test_gauss_newton_by_every_way():
    """SymPy's Jacobian and the user's, over parameters in a dict, too."""
    t = np.array([0.0, 1.0, 2.0, 3.0])
    y = 2 * np.exp(-0.5 * t)
    residuals = lambda p: p["a"] * np.exp(-p["k"] * t) - y
    jacobian = lambda p: np.stack([np.exp(-p["k"] * t), -p["a"] * t * np.exp(-p["k"] * t)], axis=1)
    for way in ("reverse", "finite", "symbolic", jacobian):
        result = minimize(residuals, {"a": 1.0, "k": 1.0}, GaussNewton(), grad=way)
        assert result.success
        assert (result.x["a"], result.x["k"]) == (pytest.approx(2), pytest.approx(0.5))


def test_least_squares_wants_residuals():
    with pytest.raises(ShapeError, match="residuals"):
        minimize(rosenbrock, [0.0, 0.0], "lm")
    with pytest.raises(ShapeError, match="2 columns"):
        minimize(lambda x: x, [0.0, 0.0], "lm", grad=lambda x: np.ones((2, 3)))


def test_random_search_keeps_the_best():
    """f never rises; the same seed guesses the same; no gradient is asked for."""
    first, again = (
        minimize(rosenbrock, [-1.2, 1.0], RandomSearch(0.1, rng=5), steps=300) for _ in range(2)
    )
    assert np.all(np.diff(first.path.f) <= 0)
    np.testing.assert_array_equal(first.path.x, again.path.x)
    assert (first.njev, first.nfev) == (0, 301)
    assert first.status is Status.MAX_STEPS
    assert first.fun < 2
    blind = minimize(rosenbrock, [-1.2, 1.0], RandomSearch(1.0, local=False, rng=5), steps=300)
    assert blind.fun < rosenbrock(np.array([-1.2, 1.0]))


def test_perceptron_rule(rng):
    """w += (y - sign(w.x)) x, one example at a time, until all are on their side."""
    X = rng.normal(size=(60, 3))
    y = np.sign(X @ np.array([1.0, -2.0, 0.5]))
    X += 0.3 * y[:, None] * np.array([1.0, -2.0, 0.5])  # a gap between the classes
    f = lambda w, X, y: losses.perceptron(X @ w, y, reduction="sum")
    data = {"data": (X, y), "batch_size": 1, "epochs": 20, "rng": 0}
    result = minimize(f, np.zeros(3), "perceptron", **data)
    assert losses.zero_one(X @ result.x, y) == 0
    w, batches = np.zeros(3), optimize.Batches((X, y), 1, 20, rng=0)
    for x, label in batches:
        w = w + (label[0] - np.sign(w @ x[0])) * x[0]
    np.testing.assert_allclose(result.x, w)


# -- SciPy -----------------------------------------------------------------------------------

SCIPYS = ["Nelder-Mead", "Powell", "COBYLA", "CG", "BFGS", "L-BFGS-B", "TNC", "SLSQP", "Newton-CG",
          "trust-ncg", "trust-krylov", "dogleg", "trust-exact", "trust-constr"]  # fmt: skip


@pytest.mark.parametrize("name", SCIPYS)
def test_scipys_methods_through_our_door(name):
    """The end is near SciPy's own, the path leads there, and success is what the gradient says."""
    result = minimize(rosenbrock, [1.2, 1.2], f"scipy:{name}")
    assert result.fun < 0.05  # from 5.8
    assert len(result.path) == result.nit + 1
    np.testing.assert_array_equal(result.path.x[-1], result.x)
    assert result.success == bool(result.path.gnorm[-1] <= 1e-6)
    assert result.success or f"SciPy's {name} says" in result.message


def test_scipys_counts_are_ours():
    """The same evaluations as when SciPy is called directly."""
    slope = dk.grad(rosenbrock)
    theirs = scipy.optimize.minimize(
        rosenbrock, [-1.2, 1.0], jac=slope, method="BFGS", options={"gtol": 1e-6 / 2**0.5}
    )
    found = minimize(rosenbrock, [-1.2, 1.0], "scipy:BFGS", grad=slope)
    assert (found.nfev, found.njev, found.nit) == (theirs.nfev, theirs.njev, theirs.nit)
    np.testing.assert_array_equal(found.x, theirs.x)
    limited = minimize(rosenbrock, [-1.2, 1.0], "scipy:BFGS", maxiter=3)
    assert (limited.nit, limited.status) == (3, Status.MAX_STEPS)


@pytest.mark.parametrize("method", [BFGS(), LBFGS(), Newton(), "adam", optimize.Momentum(1e-3)])
def test_our_methods_through_scipys_door(method):
    seen = []
    found = scipy.optimize.minimize(
        rosenbrock, [0.9, 0.8], jac=dk.grad(rosenbrock), hess=dk.hessian(rosenbrock),
        method=as_scipy(method), callback=seen.append, options={"maxiter": 20000, "gtol": 1e-5},
    )  # fmt: skip
    assert found.success
    assert len(seen) == found.nit
    np.testing.assert_allclose(found.x, [1, 1], atol=1e-3)


def test_scipys_args_and_what_we_cannot_do():
    f = lambda x, a: np.sum((x - a) ** 2)
    found = scipy.optimize.minimize(f, [0.0, 0.0], args=(3.0,), method=as_scipy(BFGS()))
    np.testing.assert_allclose(found.x, 3, atol=1e-5)
    rough = scipy.optimize.minimize(f, [0.0, 1.0], args=(3.0,), method=as_scipy("gd"), tol=0.1)
    assert 1e-3 < np.linalg.norm(rough.jac) <= 0.1
    with pytest.raises(ArgumentError, match="bounds"):
        scipy.optimize.minimize(
            f, [0.0, 0.0], args=(3.0,), method=as_scipy(BFGS()), bounds=[(0, 1)] * 2
        )


# -- bad input -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "make",
    [
        lambda: Newton("other"),
        lambda: LBFGS(line_search_fn="armijo"),
        lambda: LBFGS(history_size=0),
        lambda: LBFGS(lr=optimize.schedules.Constant(1.0)),
        lambda: ConjugateGradient("hestenes"),
        lambda: RandomSearch(0),
        lambda: BFGS(lr=0.1),
        lambda: optimize.Nesterov(lr=-1),
        lambda: optimize.Nesterov(ahead=1.5),
        lambda: optimize.Nesterov(ahead="all"),
    ],
)
def test_parameters_of_methods_are_checked(make):
    with pytest.raises(ArgumentError):
        make()
