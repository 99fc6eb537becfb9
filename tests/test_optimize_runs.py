"""Runs: why they end, what a result holds, and what becomes of bad input."""

import io
import time

import numpy as np
import pytest

import diffkit as dk
from diffkit import optimize
from diffkit.errors import (
    ArgumentError,
    EvaluationFailed,
    NonScalarOutput,
    NotDifferentiable,
    ShapeError,
)
from diffkit.optimize import GD, SGD, Adam, Momentum, Status, descend, minimize, race, stop

ROSENBROCK = "(1 - x)^2 + 100*(y - x^2)^2"
BOWL = np.array([1.0, 10.0])


def rosenbrock(x):
    return (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2


def bowl(x):
    return np.sum(BOWL * x**2) / 2


# -- why it ends -----------------------------------------------------------------------------


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
    stuck = minimize(f, start, GD(0.1))
    assert stuck.status is Status.STALLED
    assert "a saddle, the smallest eigenvalue of the Hessian is -2" in stuck.message
    assert minimize("-x^2", {"x": 0.0}, GD(0.1)).message.count("a maximum") == 1
    for method in (optimize.Newton(), optimize.Newton("trust_region")):
        left = minimize(f, start, method)
        assert left.success
        assert abs(left.x["y"]) == pytest.approx(1)


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


# -- what a result holds ---------------------------------------------------------------------


def test_path_has_one_row_a_step():
    """All arrays have the same length, and index 0 is the start."""
    result = minimize(bowl, [1.0, -1.0], GD(0.05), steps=7, gtol=0)
    path = result.path
    columns = (path.x, path.f, path.gnorm, path.lr, path.step, path.nfev, path.njev, path.spent)
    assert {len(column) for column in columns} == {8} == {result.nit + 1}
    np.testing.assert_allclose(
        path.x, np.array([1, -1]) * (1 - 0.05 * BOWL) ** np.arange(8)[:, None]
    )
    np.testing.assert_allclose(path.f, [bowl(x) for x in path.x])
    np.testing.assert_allclose(path.gnorm, [np.linalg.norm(BOWL * x) for x in path.x])
    np.testing.assert_allclose(path.step[1:], np.linalg.norm(np.diff(path.x, axis=0), axis=1))
    assert np.isnan(path.lr[0])
    assert set(path.lr[1:]) == {0.05}
    assert path.step[0] == 0
    assert list(path.njev) == list(range(1, 9))


def test_names_are_those_of_scipy():
    result = minimize(rosenbrock, [-1.2, 1.0])
    assert result.success
    assert result.status == "CONVERGED"
    np.testing.assert_allclose(result.x, [1, 1], atol=1e-5)
    assert result.fun == rosenbrock(result.x) == result.path.f[-1]
    np.testing.assert_allclose(result.jac, dk.grad(rosenbrock)(result.x))
    assert result.nit == len(result.path) - 1
    assert result.njev == result.path.njev[-1]


def test_best_is_the_lowest_point_met():
    """With a rate that is too large the last point is not the best one."""
    result = minimize("x^2", {"x": 1.0}, GD(1.1), steps=10)
    assert result.best.k == 0
    assert result.best.x == {"x": 1.0}
    assert result.best.f == 1
    unrecorded = minimize(rosenbrock, [-1.2, 1.0], Momentum(0.002), steps=40, record=False)
    recorded = minimize(rosenbrock, [-1.2, 1.0], Momentum(0.002), steps=40)
    np.testing.assert_array_equal(unrecorded.best.x, recorded.best.x)
    with pytest.raises(ArgumentError, match="record=True"):
        _ = unrecorded.path.x


@pytest.mark.parametrize(
    "start",
    [
        3.0,
        [3.0, -4.0],
        np.arange(6.0).reshape(2, 3),
        {"W": np.ones((2, 3)), "b": [np.ones(2), 1.0]},
        (np.ones(2), 5),
    ],
    ids=lambda v: type(v).__name__,
)
def test_parameters_may_be_nests(start):
    """x, jac, path.x and best.x are arranged as the start is."""
    target = dk.optimize.ravel(start)[0] * 0 + 2

    def f(x):
        flat = [np.ravel(leaf) for _, leaf in dk.core.nest.leaves(x)]
        return np.sum((np.concatenate(flat) - target) ** 2)

    result = minimize(f, start, GD(0.25))
    shapes = [np.shape(v) for _, v in dk.core.nest.leaves(dk.optimize.ravel(start)[1].nest)]
    for found in (result.x, result.jac, result.best.x):
        assert [np.shape(v) for _, v in dk.core.nest.leaves(found)] == shapes
    long = [np.shape(v) for _, v in dk.core.nest.leaves(result.path.x)]
    assert long == [(len(result.path), *shape) for shape in shapes]
    np.testing.assert_allclose(dk.optimize.ravel(result.x)[0], 2, atol=1e-6)


def test_float32_stays_float32():
    result = minimize(bowl, np.array([1.0, -1.0], np.float32), GD(0.05), steps=5)
    assert result.x.dtype == np.float32


def test_what_is_recorded_stays():
    """f may change its argument, and the user the result: the path does not change."""

    def rude(x):
        value = np.sum(x**2)
        x *= 0
        return value

    result = minimize(rude, [1.0, 2.0], GD(0.25), grad=lambda x: 2 * x, steps=3, gtol=0)
    np.testing.assert_allclose(result.path.x[:, 1], [2, 1, 0.5, 0.25])
    result.x[:] = 7
    assert result.path.x[-1, 1] == 0.25


def test_views_are_tables():
    """In the terminal and in a notebook, with markup escaped."""
    result = minimize("x^2", {"x": 1.0}, "gd", lr=0.25)
    assert "CONVERGED" in repr(result)
    assert "GD(lr=0.25)" in repr(result)
    assert repr(result.path).splitlines()[1].split() == "k f |g| lr step nfev njev".split()
    assert "<table>" in result.path._repr_html_()
    html = result._repr_html_()
    assert "&lt;=" in html
    assert " <= " not in html


# -- where the gradient comes from ------------------------------------------------------------


@pytest.mark.parametrize("method", ["gd", "momentum", "nesterov", "adam", "bfgs", "l-bfgs", "cg",
                                    "newton", "newton-cg", "scipy:BFGS"])  # fmt: skip
@pytest.mark.parametrize("way", ["reverse", "symbolic", "finite"])
def test_every_way_drives_every_method(method, way):
    """From one start all reach the minimum of the bowl, by every way to the gradient."""
    options = {"lr": 0.05} if method in ("gd", "momentum", "nesterov", "adam") else {}
    result = minimize(bowl, [1.0, -1.0], method, grad=way, steps=2000, **options)
    assert result.success
    np.testing.assert_allclose(result.x, 0, atol=1e-5)
    by_hand = minimize(bowl, [1.0, -1.0], method, grad=lambda x: BOWL * x, steps=2000, **options)
    assert abs(by_hand.nit - result.nit) <= 2


def test_calls_are_counted_truly():
    """nfev is how often f was called; reverse mode calls it once a gradient."""
    calls = []

    def f(x):
        calls.append(1)
        return bowl(x)

    for way in ("reverse", "finite", lambda x: BOWL * x):
        calls.clear()
        result = minimize(f, [1.0, -1.0], GD(0.05), grad=way, steps=9, gtol=0)
        assert result.nfev == len(calls)
        assert result.njev == 10
        per_gradient = {"reverse": 1, "finite": 9}.get(way, 1) if isinstance(way, str) else 1
        assert result.nfev >= 10 * per_gradient


def test_sources_are_texts_programs_and_sympy():
    import sympy

    x, y = sympy.symbols("x y")
    start = {"x": -1.2, "y": 1.0}
    for source in (ROSENBROCK, dk.lower(ROSENBROCK), (1 - x) ** 2 + 100 * (y - x**2) ** 2):
        found = minimize(source, start).x
        assert found["x"] == pytest.approx(1, abs=1e-5)
    by_hand = lambda x, y: {"x": 2 * x, "y": 8 * y}
    assert minimize("x^2 + 4*y^2", start, GD(0.1), grad=by_hand).success


# -- minibatches -----------------------------------------------------------------------------


def line(w, x, y):
    return np.mean((w[0] * x + w[1] - y) ** 2) / 2


@pytest.fixture
def data(rng):
    x = rng.normal(size=41)
    return x, 3 * x - 1


def test_an_epoch_uses_every_row_once(data):
    batches = list(optimize.Batches(data, batch_size=8, epochs=2, rng=1))
    assert [len(x) for x, _ in batches] == [8, 8, 8, 8, 8, 1] * 2
    for epoch in (batches[:6], batches[6:]):
        seen = np.concatenate([x for x, _ in epoch])
        np.testing.assert_allclose(np.sort(seen), np.sort(data[0]))
        assert not np.array_equal(seen, data[0])
    for x, y in batches:
        np.testing.assert_allclose(y, 3 * x - 1)


def test_minibatches_find_the_line(data):
    """The same seed walks the same path; fun is the value over all data."""
    options = {"data": data, "batch_size": 8, "epochs": 40, "rng": 3}
    first, again = (minimize(line, [0.0, 0.0], SGD(0.1, momentum=0.5), **options) for _ in range(2))
    np.testing.assert_array_equal(first.path.x, again.path.x)
    np.testing.assert_allclose(first.x, [3, -1], atol=1e-3)
    assert first.nit == 40 * 6
    assert first.path.njev[10] == 11
    assert first.fun == pytest.approx(line(first.x, *data))
    assert first.status is Status.MAX_STEPS
    assert "epochs" in minimize(line, [0.0, 0.0], SGD(0.1), steps=10**6, **options).message


def test_all_rows_at_once_is_plain_descent(data):
    whole = minimize(line, [0.0, 0.0], SGD(0.1), data=data, steps=20)
    plain = minimize(lambda w: line(w, *data), [0.0, 0.0], SGD(0.1), steps=20)
    np.testing.assert_allclose(whole.path.x, plain.path.x)


# -- stopping --------------------------------------------------------------------------------


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


# -- step by step ----------------------------------------------------------------------------


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
    from diffkit.optimize import progress

    class Terminal(io.StringIO):
        isatty = lambda self: True

    screen = Terminal()
    monkeypatch.setattr("sys.stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    minimize(bowl, [1.0, 1.0], GD(0.05))
    assert screen.getvalue() == ""
    monkeypatch.setattr(progress, "_PATIENCE", 0.0)
    minimize(bowl, [1.0, 1.0], GD(0.05))
    assert "|g|" in screen.getvalue()


# -- bad input -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "error", "words"),
    [
        ([1.0, np.nan], ArgumentError, "not finite"),
        ([1.0, np.inf], ArgumentError, "not finite"),
        ([], ArgumentError, "empty"),
        ({}, ArgumentError, "empty"),
        ("text", NotDifferentiable, "str"),
        (None, NotDifferentiable, "NoneType"),
        (np.array([1j, 2]), ArgumentError, "real"),
        ([1.0, 2.0, 3.0], ShapeError, r"shapes \(2,\) and \(3,\)"),
    ],
)
def test_bad_starts(start, error, words):
    with pytest.raises(error, match=words):
        minimize(bowl, start, GD(0.1))


def test_a_start_that_f_cannot_take():
    """Also without tracing the shape of the start is in the message."""
    with pytest.raises(EvaluationFailed, match=r"at the start, x0 of shape \(3,\): ValueError"):
        minimize(bowl, [1.0, 2.0, 3.0], GD(0.1), grad=lambda x: x)


def test_named_sources_need_named_starts():
    with pytest.raises(ArgumentError, match="give the start as a dict"):
        minimize("x^2", 1.0)
    with pytest.raises(ArgumentError, match="x"):
        minimize("x^2", {"y": 1.0})


@pytest.mark.parametrize("slope", [np.zeros(3), 0.0, np.zeros((2, 1)), {"x": 0.0}])
def test_gradient_of_another_shape(slope):
    with pytest.raises(ShapeError):
        minimize(bowl, [1.0, 1.0], GD(0.1), grad=lambda x: slope)


@pytest.mark.parametrize("way", ["reverse", "finite", lambda x: x])
@pytest.mark.parametrize(
    ("f", "error"),
    [
        (lambda x: x, NonScalarOutput),
        (lambda x: None, NotDifferentiable),
        (lambda x: 1j * np.sum(x), NonScalarOutput),
    ],
)
def test_f_must_return_one_number(f, error, way):
    with pytest.raises((error, NotDifferentiable)):
        minimize(f, [1.0, 1.0], GD(0.1), grad=way)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"method": "foo"}, "there are gd, sgd, .*bfgs.*scipy:NAME"),
        ({"method": "scipy:foo"}, "Nelder-Mead.*BFGS"),
        ({"method": 3}, "is no method"),
        ({"method": "bfgs", "lr": 0.1}, "BFGS has no 'lr'"),
        ({"method": "gd", "lr": 0}, "must be a positive number"),
        ({"method": "gd", "lr": -1}, "must be a positive number"),
        ({"grad": "forward"}, '"reverse", "symbolic", "finite"'),
        ({"grad": 3}, '"reverse", "symbolic", "finite"'),
        ({"hess": 3}, "hess is a function"),
        ({"steps": -1}, "steps must be a count"),
        ({"steps": 1.5}, "steps must be a count"),
        ({"gtol": -1}, "gtol"),
        ({"gtol": "small"}, "gtol"),
        ({"stop": 3}, "stop"),
        ({"stop": [3]}, "stop takes rules"),
        ({"batch_size": 3}, "need data"),
        ({"epochs": 3}, "need data"),
    ],
)
def test_bad_arguments(options, words):
    with pytest.raises(ArgumentError, match=words):
        minimize(bowl, [1.0, 1.0], **options)


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"batch_size": 42}, ArgumentError, "batch_size 42 is above the 41 rows"),
        ({"batch_size": 0}, ArgumentError, "batch_size must be a count"),
        ({"batch_size": 2.5}, ArgumentError, "batch_size must be a count"),
        ({"batch_size": 8, "epochs": 0}, ArgumentError, "epochs must be a count"),
        ({"data": (np.ones(3), np.ones(4))}, ShapeError, "3, 4 rows"),
        ({"data": ()}, ArgumentError, "at least one row"),
        ({"data": (3.0,)}, ArgumentError, "at least one row"),
        ({"method": "bfgs", "batch_size": 8}, ArgumentError, "the same function at every step"),
    ],
)
def test_bad_batches(data, options, error, words):
    with pytest.raises(error, match=words):
        minimize(line, [0.0, 0.0], **{"method": SGD(0.1), "data": data, **options})


def test_bad_races():
    with pytest.raises(ArgumentError, match="a race needs methods"):
        race(bowl, [1.0, 1.0], {})
    with pytest.raises(ArgumentError, match="budget"):
        race(bowl, [1.0, 1.0], ["bfgs"], budget=0)
    with pytest.raises(ArgumentError, match="there is no method"):
        race(bowl, [1.0, 1.0], ["bfg"])


@pytest.mark.parametrize(
    "make", [lambda: stop.gtol(0), lambda: stop.plateau(-1), lambda: stop.seconds(0)]
)
def test_bad_stop_rules(make):
    with pytest.raises(ArgumentError, match="positive"):
        make()
