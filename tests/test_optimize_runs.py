"""Runs: why they end, how they are stopped, and one step at a time."""

import io
import time

import numpy as np
import pytest

from diffkit import optimize
from diffkit.errors import (
    ArgumentError,
    EvaluationFailed,
    TracingError,
)
from diffkit.optimize import GD, SGD, Adam, Momentum, Status, descend, minimize, race, stop

from .optimizer_cases import BOWL, bowl, rosenbrock

# -- why it ends ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rate", "status", "words"),
    [
        (0.1, "CONVERGED", "shrank 0.8x a step"),
        (0.01, "CONVERGED", "shrank 0.98x a step"),
        (1, "STALLED", "the steps go to and fro; curvature along the step ~2, stable learning "
         "rate < 1, yours 1"),
        (100, "DIVERGED", "|g| grew 199x a step for 5 steps, to 6.24e+11; curvature along the "
         "step ~2, stable learning rate < 1, yours 100"),
        (1000, "DIVERGED", "grew 1999x a step"),
    ],
)  # fmt: skip
def test_the_five_learning_rates_of_the_exercise(rate, status, words):
    """f(x) = x**2 from 1: x is multiplied by 1 - 2 eta in each step."""
    result = minimize("x^2", {"x": 1.0}, GD(rate))
    assert result.status == status
    assert words in result.message
    assert result.success == (status == "CONVERGED")
    expected = (1 - 2 * rate) ** np.arange(len(result.path))
    np.testing.assert_allclose(result.path.x["x"], expected, rtol=1e-9)


def test_slow_descent_takes_as_long_as_it_should():
    """2 * 0.98**k <= 1e-6 for the first time at k = 719."""
    assert minimize("x^2", {"x": 1.0}, GD(0.01)).nit == 719
    short = minimize("x^2", {"x": 1.0}, GD(0.01), steps=100)
    assert short.status is Status.MAX_STEPS
    assert "all 100 steps are done; |g| = 0.265 (asked: 1e-06); |g| shrank 0.98x" in short.message


def test_divergence_names_curvature_and_stable_rate():
    """The steepest curvature is 100: 1 - 0.03*100 = -2, and 2/100 would be stable."""
    result = minimize(lambda x: x[0] ** 2 / 2 + 50 * x[1] ** 2, [1.0, 1.0], SGD(lr=0.03))
    assert result.status is Status.DIVERGED
    assert "grew 2x a step" in result.message
    assert (
        "curvature along the step ~100, stable learning rate < 0.02, yours 0.03" in result.message
    )


@pytest.mark.parametrize("form", ["torch", "ema"])
def test_stable_rate_of_momentum_is_where_it_turns(form):
    """Heavy-ball momentum on a parabola of curvature 10 is stable up to 2(1 + mu)/10."""
    limit = Momentum(form=form).stable_rate(10.0)
    below, above = (
        minimize("5*x^2", {"x": 1.0}, Momentum(factor * limit, form=form), steps=3000)
        for factor in (0.99, 1.01)
    )
    assert below.status is Status.CONVERGED
    assert above.status is Status.DIVERGED


def test_a_saddle_is_no_success():
    """Started on the ridge, descent ends at the saddle and says so; Newton leaves it."""
    f, start = "x^2 - y^2 + y^4/2", {"x": 1.0, "y": 0.0}
    for way in ("reverse", "finite"):
        stuck = minimize(f, start, GD(0.1), grad=way)
        assert stuck.status is Status.STALLED
        assert "a saddle, the smallest eigenvalue of the Hessian is -2" in stuck.message
    assert minimize("-x^2", {"x": 0.0}, GD(0.1)).message.count("a maximum") == 1
    for method in (optimize.Newton(), optimize.Newton("trust_region")):
        left = minimize(f, start, method)
        assert left.success
        assert abs(left.x["y"]) == pytest.approx(1)


@pytest.mark.parametrize("way", ["reverse", "finite"])
def test_a_flat_minimum_is_no_saddle(way):
    """Where a curvature is zero, rounding must not make it negative."""
    result = minimize("(x - y)^2 + (x + y - 2)^4", {"x": 3.0, "y": 1.0}, "bfgs", grad=way)
    assert result.success


def test_without_a_minimum():
    """x^2 - y^2 falls for ever; log leaves its domain; exp(-x) only creeps."""
    fallen = minimize("x^2 - y^2", {"x": 1.0, "y": 1e-8}, GD(0.1))
    assert fallen.status is Status.DIVERGED
    assert "f falls without bound" in fallen.message
    outside = minimize("log(x)", {"x": 1.0}, GD(0.3))
    assert outside.status is Status.NONFINITE
    assert "f is nan at step 3; x is the last finite point, step 2" in outside.message
    assert outside.x["x"] == pytest.approx(0.7 - 0.3 / 0.7)  # as large as f is defined
    assert minimize("exp(-x)", {"x": 0.0}, GD(0.1), steps=50).status is Status.MAX_STEPS


def test_a_gradient_that_is_not_finite_is_located():
    """The message names the entries."""
    slope = lambda p: {"a": p["a"], "b": np.array([0.0, np.nan])}
    result = minimize(
        lambda p: np.sum(p["a"]) + np.sum(p["b"]), {"a": 1.0, "b": np.zeros(2)}, GD(0.1), grad=slope
    )
    assert result.status is Status.NONFINITE
    assert "the gradient at step 0 is not finite at ['b'][1]" in result.message
    assert result.nit == 0


def test_steps_below_rounding_are_noticed():
    result = minimize("x^2", {"x": 1.0}, GD(1e-20))
    assert result.status is Status.STALLED
    assert "too short to change x; |g| = 2" in result.message


def test_line_search_failure_is_no_success():
    """A gradient of the wrong sign: no step along -g goes down."""
    result = minimize(lambda x: x @ x, [1.0, 2.0], "bfgs", grad=lambda x: -2 * x)
    assert result.status is Status.LINE_SEARCH_FAILED
    assert "|g| = 4.47" in result.message


# -- stopping -------------------------------------------------------------------------------------


def test_callbacks_stop_by_true_and_by_stop_iteration():
    def raising(step):
        if step.k == 3:
            raise StopIteration

    for callback in (lambda step: step.k == 3, raising):
        result = minimize(bowl, [1.0, 1.0], GD(0.05), callback=callback)
        assert (result.status, result.nit) == ("STOPPED", 3)
        assert "callback" in result.message


def test_stop_rules():
    """Each ends with its own status."""
    run = lambda rule, **options: minimize(bowl, [1.0, 1.0], GD(0.05), stop=rule, **options)
    assert run(stop.gtol(0.1)).status is Status.CONVERGED
    assert run(stop.gtol(0.1)).path.gnorm[-1] <= 0.1 < run(stop.gtol(0.1)).path.gnorm[-2]
    assert run(stop.target(0.5)).status is Status.STOPPED
    assert run(stop.target(0.5)).fun <= 0.5
    assert run([stop.target(-1), stop.plateau(5, by=0.01)]).status is Status.STALLED
    slow = minimize(
        lambda x: time.sleep(0.01) or bowl(x), [1.0, 1.0], GD(1e-4), stop=stop.seconds(0.1)
    )
    assert slow.status is Status.STOPPED
    assert slow.nit < 50


def test_ctrl_c_returns_what_there_is():
    """An interrupt in the middle of a gradient: the path so far, STOPPED."""
    calls = []

    def f(x):
        calls.append(1)
        if len(calls) == 6:
            raise KeyboardInterrupt
        return rosenbrock(x)

    for method in (GD(1e-4), "bfgs", "scipy:BFGS"):
        calls.clear()
        result = minimize(f, [-1.2, 1.0], method)
        assert result.status is Status.STOPPED
        assert "interrupted" in result.message
        assert len(result.path) >= 3
    calls[:] = [1] * 5
    with pytest.raises(KeyboardInterrupt):
        minimize(f, [1.0, 1.0], GD(0.05))  # at the start there is nothing to return


def test_ctrl_c_in_one_run_ends_a_race_and_a_strip():
    """Those that were to come are not begun; the ones before are whole."""
    calls = []

    def f(x):
        calls.append(1)
        if len(calls) == 25:
            raise KeyboardInterrupt
        return bowl(x)

    methods = {"first": GD(0.01), "second": GD(0.02), "third": GD(0.03)}
    found = race(f, [1.0, 1.0], methods, budget=20)
    assert [r.status for r in found.results.values()] == ["MAX_STEPS", "STOPPED"]
    assert [r.interrupted for r in found.results.values()] == [False, True]
    calls[:] = [1] * 3
    rates = optimize.learning_rates(f, [1.0, 1.0], rates=(0.01, 0.02, 0.03, 0.04), steps=15)
    assert rates.rates == (0.01, 0.02)
    assert len(calls) < 35


def test_f_that_raises_leaves_its_path():
    """The exception holds the result so far, and the cause."""
    calls = []

    def f(x):
        calls.append(1)
        if len(calls) > 4:
            raise ZeroDivisionError("no more")
        return bowl(x)

    with pytest.raises(EvaluationFailed, match=r"at step 4.*ZeroDivisionError: no more") as caught:
        minimize(f, [1.0, 1.0], GD(0.05))
    assert len(caught.value.result.path) == 4
    assert isinstance(caught.value.__cause__, ZeroDivisionError)
    assert isinstance(caught.value, RuntimeError)


def test_errors_of_diffkit_on_the_way_leave_the_path_too():
    """A branch that cannot be traced, met at the third point: the same error, with a note."""

    def f(x):
        return x @ x if x[0] > 0.7 else float(x[0])

    with pytest.raises(TracingError) as caught:
        minimize(f, [1.0, 1.0], GD(0.1))
    assert len(caught.value.result.path) == 2
    assert "at step 2 of GD(lr=0.1)" in caught.value.__notes__[0]


# -- step by step ---------------------------------------------------------------------------------


def test_descend_takes_one_step_at_a_time():
    """Nothing is evaluated before it is asked for."""
    walk = descend(bowl, [1.0, 1.0], GD(0.05))
    assert walk.objective.calls == 0
    first, second = next(walk), next(walk)
    assert (first.k, second.k, walk.objective.calls) == (0, 1, 2)
    np.testing.assert_allclose(second.x, 1 - 0.05 * BOWL)
    assert "step 1: f = " in repr(second)
    assert walk.status is None
    assert walk.result.nit == 1
    rest = list(descend(bowl, [1.0, 1.0], GD(0.05), steps=5))
    assert [step.k for step in rest] == list(range(6))


def test_a_run_shows_where_it_is():
    walk = descend(bowl, [1.0, 1.0], GD(0.05))
    assert "not yet begun" in repr(walk)
    with pytest.raises(ArgumentError, match="before the first step"):
        _ = walk.result
    next(walk)
    assert "step 0" in repr(walk)
    assert "it can go on" in repr(walk)


def test_descend_ends_where_minimize_would():
    walk = descend("x^2", {"x": 1.0}, GD(100.0))
    steps = list(walk)
    assert len(steps) == 6
    assert walk.status is Status.DIVERGED
    assert "199x" in walk.message


def test_race_gives_equal_budgets():
    """Each method has the same number of gradients, and the table ranks them."""
    contest = race(
        rosenbrock, [-1.2, 1.0],
        {"GD": GD(1e-3), "Adam": Adam(0.1), "BFGS": "bfgs", "NAG": optimize.Nesterov(1e-3),
         "guess": optimize.RandomSearch(rng=0)},
        budget=60,
    )  # fmt: skip
    assert {name: contest[name].njev for name in ("GD", "Adam", "NAG")} == dict.fromkeys(
        ("GD", "Adam", "NAG"), 60
    )
    assert contest["guess"].nfev == 60
    assert contest["BFGS"].njev <= 60
    assert contest.winner == "BFGS"
    assert [line.split()[0] for line in repr(contest).splitlines()[2:3]] == ["BFGS"]
    assert "<table>" in contest._repr_html_()


def test_long_runs_show_progress(monkeypatch):
    """After two seconds a bar on a terminal's stderr; never for a short run."""

    class Terminal(io.StringIO):
        isatty = lambda self: True

    screen = Terminal()
    monkeypatch.setattr("sys.stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    minimize(bowl, [1.0, 1.0], GD(0.05))
    assert screen.getvalue() == ""
    monkeypatch.setattr("diffkit.progress.PATIENCE", 0.0)
    minimize(bowl, [1.0, 1.0], GD(0.05))
    assert "|g|" in screen.getvalue()
