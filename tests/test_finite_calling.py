"""How f is called: in stacks, by executors, slowly, and with interruptions."""

import sys
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context

import numpy as np
import pytest

from diffkit import progress
from diffkit.errors import ArgumentError, ShapeError
from diffkit.finite import (
    derivative,
    directional,
    gradient,
    hessian,
    jacobian,
    step_sweep,
)

X = np.linspace(-1.0, 2.0, 5)


def rosenbrock(x):
    """At module level, so that it can be sent to another process."""
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def stacked_rosenbrock(x):
    """The same for a stack of points."""
    return np.sum(100 * (x[:, 1:] - x[:, :-1] ** 2) ** 2 + (1 - x[:, :-1]) ** 2, axis=1)


def raises_key_error(x):
    """An error that has nothing to do with a domain."""
    if np.array_equal(x, X):
        return 1.0
    raise KeyError("no such thing")


WAYS = [
    lambda f, **how: gradient(f, X, **how),
    lambda f, **how: gradient(f, X, guard=True, **how),
    lambda f, **how: gradient(f, X, scheme="central4", **how),
    lambda f, **how: gradient(f, X, bounds=(-1, 2), **how),
    lambda f, **how: directional(f, X, np.ones(5), **how),
    lambda f, **how: hessian(f, X[:3], **how),
]


@pytest.fixture(scope="module")
def processes():
    """Two other processes."""
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        yield pool


def test_processes_give_the_same_numbers(processes):
    """Bit for bit, error bars and calls included, wherever f runs."""
    for way in WAYS:
        assert_same(way(rosenbrock), way(rosenbrock, executor=processes))


@pytest.mark.parametrize("way", WAYS)
def test_threads_give_the_same_numbers(way):
    """Threads take any f, lambdas included."""
    with ThreadPoolExecutor(3) as pool:
        assert_same(way(rosenbrock), way(lambda x: rosenbrock(x), executor=pool))


def assert_same(one, other):
    for name in ("value", "error", "status", "step", "evaluations"):
        assert np.array_equal(getattr(one, name), getattr(other, name))


def test_workers_work_side_by_side():
    """Two threads wait for each other inside f: one at a time would never end."""
    from threading import Barrier

    meeting = Barrier(2, timeout=20)
    first = True

    def f(x):
        nonlocal first
        if not first:
            meeting.wait()
        first = False
        return x @ x

    with ThreadPoolExecutor(2) as pool:
        found = gradient(f, np.array([1.0, 2.0]), scheme="central", executor=pool)
    assert found.value == pytest.approx([2, 4])


def test_functions_that_cannot_be_sent(processes):
    """The error says what to do, in place of a pickling traceback."""
    with pytest.raises(ArgumentError, match="top level of a module"):
        gradient(lambda x: x @ x, X, executor=processes)


def test_errors_of_f_come_back(processes):
    """What f raises in another process is raised here."""
    with pytest.raises(KeyError):
        gradient(raises_key_error, X, executor=processes)


@pytest.mark.parametrize("executor", [4, map, "threads"])
def test_executors_that_are_none(executor):
    """Anything without a submit method is refused before f is called."""
    with pytest.raises(ArgumentError, match="submit"):
        gradient(rosenbrock, X, executor=executor)


def test_one_way_at_a_time():
    """A stack and an executor exclude each other."""
    with ThreadPoolExecutor(1) as pool, pytest.raises(ArgumentError, match="not both"):
        gradient(rosenbrock, X, vectorized=True, executor=pool)


# -- stacks ------------------------------------------------------------------------------


@pytest.mark.parametrize("way", WAYS)
def test_stacks_give_the_same_derivatives(way):
    """Within the error bars: sums over another axis may round differently."""
    one, other = way(rosenbrock), way(stacked_rosenbrock, vectorized=True)
    assert np.all(abs(one.value - other.value) <= one.error + other.error)
    assert one.value.shape == other.value.shape


def test_stacks_are_few():
    """Twenty coordinates cost hardly more calls than one, each with more points."""
    calls = []

    def f(x):
        calls.append(len(x))
        return np.sum(np.sin(x), axis=1)

    estimate = gradient(f, np.linspace(1, 2, 20), vectorized=True)
    assert np.all(abs(estimate.value - np.cos(np.linspace(1, 2, 20))) <= estimate.error)
    assert len(calls) < 30 < estimate.evaluations
    assert max(calls) >= 20


def test_stacks_of_numbers_and_of_results():
    """derivative stacks numbers, shape (k,); jacobian wants one array a point."""
    assert abs(derivative(np.sin, 1.0, vectorized=True).value - np.cos(1)) < 1e-13
    f = lambda x: np.stack([x[:, 0] * x[:, 1], x[:, 0]], axis=1)
    found = jacobian(f, [2.0, 3.0], vectorized=True)
    assert np.all(abs(found.value - [[3, 2], [1, 0]]) <= found.error)


@pytest.mark.parametrize(
    ("f", "error"),
    [
        (rosenbrock, ShapeError),
        (np.sum, ShapeError),
        (lambda x: np.sum(x - np.mean(x, axis=0), axis=1), ArgumentError),
        (lambda x: np.cumsum(np.sum(x * x, axis=1)), ArgumentError),
    ],
)
def test_functions_that_are_not_vectorized_are_found_out(f, error):
    """Whoever says so is checked: the shape, and that points do not mix."""
    with pytest.raises(error, match="said to be vectorized"):
        gradient(f, X, vectorized=True)


def test_errors_in_a_stack_say_that_it_was_one():
    """An IndexError of f is f's own, with a note on the shape that it got."""
    with pytest.raises(IndexError) as caught:
        gradient(lambda x: x[0] * x[1], [1.0, 2.0], vectorized=True)
    assert "vectorized" in caught.value.__notes__[0]


def test_one_point_outside_spoils_no_stack():
    """Where the whole call raises, its points are tried one by one."""

    def f(x):
        if np.any(x < 0):
            raise ValueError("outside")
        return np.sum(x * x + np.exp(x), axis=1)

    estimate = gradient(f, [0.0, 1.0], vectorized=True)
    assert np.all(abs(estimate.value - [1, 2 + np.e]) <= estimate.error)
    assert estimate.status.tolist() == ["one-sided", "converged"]


# -- time --------------------------------------------------------------------------------


class InterruptedAfter:
    """A function that is stopped by Ctrl-C at one of its calls."""

    def __init__(self, calls):
        self.left = calls

    def __call__(self, x):
        self.left -= 1
        if self.left < 0:
            raise KeyboardInterrupt
        return np.sum(np.sin(x))


def test_finished_entries_survive_ctrl_c():
    """They keep their values; the others have none, and say why."""
    found = gradient(InterruptedAfter(40), np.full(9, 1.0))
    done = found.status != "interrupted"
    assert 0 < done.sum() < 9
    assert np.all(abs(found.value[done] - np.cos(1)) <= found.error[done])
    assert np.all(np.isnan(found.value[~done]))
    assert np.all(found.error[~done] == np.inf)


def test_finished_entries_of_the_hessian_survive_ctrl_c():
    """Also where entries are mirrored."""
    found = hessian(InterruptedAfter(60), np.full(4, 1.0))
    assert {"interrupted", "converged"} <= set(found.status.ravel())
    assert np.array_equal(found.status, found.status.T)


def test_finished_steps_of_a_sweep_survive_ctrl_c():
    """The table then ends early."""
    sweep = step_sweep(InterruptedAfter(20), 1.0, schemes=["central"], exact=np.cos(1.0))
    assert np.isfinite(sweep.errors["central"][:5]).all()
    assert np.isnan(sweep.errors["central"][-1])


def test_ctrl_c_before_anything_is_finished():
    """There is nothing to give back, so the program stops."""
    with pytest.raises(KeyboardInterrupt):
        derivative(InterruptedAfter(3), 1.0)


def test_slow_functions_show_progress(monkeypatch, capsys):
    """After a while a line on stderr, and nothing on stdout."""
    monkeypatch.setattr(progress, "PATIENCE", 0.0)
    gradient(lambda x: time.sleep(0.002) or np.sum(np.sin(x)), np.ones(9))
    told = capsys.readouterr()
    assert "calls of f" in told.err
    assert not told.out


def test_fast_functions_are_silent(capsys):
    """Nothing is printed within two seconds, and rich is not even loaded for it."""
    gradient(rosenbrock, X)
    assert capsys.readouterr() == ("", "")
    assert progress.PATIENCE == 2.0
    assert "diffkit" in sys.modules
