"""Results: what they hold, by every way to the gradient, over nests and minibatches."""

import numpy as np
import pytest

import diffkit as dk
from diffkit import optimize
from diffkit.errors import (
    ArgumentError,
)
from diffkit.optimize import GD, SGD, Momentum, Status, minimize

from .optimizer_cases import BOWL, ROSENBROCK, bowl, rosenbrock

# -- what a result holds --------------------------------------------------------------------------


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


# -- where the gradient comes from ----------------------------------------------------------------


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


# -- minibatches ----------------------------------------------------------------------------------


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
