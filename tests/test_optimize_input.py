"""Bad input: every mistake has an error that says what to do."""

import numpy as np
import pytest

import diffkit as dk
from diffkit.errors import (
    ArgumentError,
    EvaluationFailed,
    NonScalarOutput,
    NotDifferentiable,
    ShapeError,
)
from diffkit.optimize import GD, SGD, minimize, race, stop

from .optimizer_cases import bowl


def line(w, x, y):
    return np.mean((w[0] * x + w[1] - y) ** 2) / 2


@pytest.fixture
def data(rng):
    x = rng.normal(size=41)
    return x, 3 * x - 1


# -- bad input ------------------------------------------------------------------------------------


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
        ({"budget": 0}, "budget must be a number of at least 1"),
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


def test_data_goes_to_functions(data):
    for f, start, grad in (("x^2", {"x": 1.0}, "reverse"), (line, [0.0, 0.0], "symbolic")):
        with pytest.raises(ArgumentError, match="SymPy and texts take none"):
            minimize(f, start, SGD(0.1), data=data, grad=grad)


def test_a_program_with_several_outputs():
    program = dk.lower(lambda x: (x, x**2), 1.0)
    with pytest.raises(NonScalarOutput, match="it has the outputs"):
        minimize(program, {"x": 1.0})


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


def test_a_callback_is_a_function():
    """It is looked at before the first step, and what it raises passes through as it is."""
    with pytest.raises(ArgumentError, match="callback must be a function"):
        minimize("x^2", {"x": 1.0}, GD(0.1), callback=3)

    def raising(step):
        raise LookupError(step.k)

    with pytest.raises(LookupError, match="0"):
        minimize("x^2", {"x": 1.0}, GD(0.1), callback=raising)


def test_learning_rates_are_numbers():
    for wrong in (0.1, "fast", ["a"], None):
        with pytest.raises(ArgumentError, match="rates must be numbers"):
            dk.optimize.learning_rates("x^2", {"x": 1.0}, rates=wrong)


def test_a_start_that_overflows_is_told_in_words():
    """No warning of NumPy's, which the tests would raise."""
    for method in ("gd", "bfgs", "adam"):
        result = minimize("x^2", {"x": 1e200}, method)
        assert result.status == "NONFINITE"
        assert "f is inf at step 0, the start" in result.message


def test_a_seed_is_a_seed():
    """The same words for minibatches and for random search."""
    data = np.ones((4, 2))
    with pytest.raises(ArgumentError, match="rng is a seed"):
        minimize(lambda w, X: np.mean(X @ w), np.ones(2), "sgd", data=data, batch_size=2, rng="a")
    with pytest.raises(ArgumentError, match="rng is a seed"):
        minimize("x^2", {"x": 1.0}, dk.optimize.RandomSearch(rng="a"))


def test_a_method_for_scipy_is_known_at_once():
    """A misspelled name is told where it is written, not in the middle of SciPy."""
    with pytest.raises(ArgumentError, match="no method 'bfgz'"):
        dk.optimize.as_scipy("bfgz")
