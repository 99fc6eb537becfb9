"""What an eager gradient skips to be quick: nothing of it is missed."""

import concurrent.futures
import warnings

import numpy as np
import pytest

import diffkit as dk
from diffkit.core.sweeps import pullback
from diffkit.core.tracing import Tape
from diffkit.primitives import reductions, shaping


@pytest.fixture
def registered():
    """Register rows that are gone after the test."""
    names = []

    def register(function, **facts):
        names.append(facts["name"])
        return dk.register(function, **facts)

    yield register
    for name in names:
        dk.primitives.unregister(name)


# -- partials ------------------------------------------------------------------------


@pytest.mark.parametrize("factor", [-3, -1, 1, 2])
@pytest.mark.parametrize("x", [2.0, np.float32(2), np.array([2.0, 5.0]), np.array([2.0], "f")])
def test_a_whole_partial_is_that_factor_for_every_kind_of_number(registered, factor, x):
    """Only 1 and -1 cost no multiplication; the others are multiplied with."""
    scaled = registered(lambda v: factor * v, name="scaled", partials=[factor])

    slope = dk.grad(lambda v: np.sum(scaled(v) * 0.5))(x)

    assert np.all(slope == 0.5 * factor)
    assert np.asarray(slope).dtype == np.asarray(x).dtype


def test_a_partial_that_answers_0_hands_nothing_on(registered):
    """As the plain 0 on a row: and the user is told that the gradient is zero."""
    still = registered(lambda v: np.floor(v), name="still", partials=[lambda y, v: 0])

    with pytest.warns(dk.errors.ZeroGradientWarning, match="does not depend on v"):
        assert dk.grad(lambda v: still(v) * 2.0)(1.5) == 0.0
    assert dk.jvp(lambda v: still(v) * 2.0, 1.5, 1.0)[1] == 0.0


@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_rule_is_given_all_operands_in_order(registered, count):
    """d/dx_k of the sum of (k + 1) x_k, weighted by a rule that sees every operand."""
    weights = [10.0**k for k in range(count)]

    def partial(k):
        return lambda y, *xs: weights[k] * sum((i + 1) * x for i, x in enumerate(xs)) / y

    weighted = registered(
        lambda *xs: sum((i + 1) * x for i, x in enumerate(xs)),
        name="weighted",
        partials=[partial(k) for k in range(count)],
    )
    point = [1.5, -0.25, 4.0][:count]

    assert dk.grad(weighted, tuple(range(count)))(*point) == pytest.approx(weights)


# -- sweeps --------------------------------------------------------------------------


def test_a_sweep_gives_cotangents_by_position_and_none_where_nothing_arrived():
    tape = Tape()
    a, b, c = [tape.input(np.float64(v)) for v in (2.0, 3.0, 5.0)]
    y = a * c * a

    found = pullback(tape, {y.index: np.float64(1)})

    assert [found[t.index] for t in (a, b, c)] == [2 * 2.0 * 5.0, None, 4.0]
    assert all(bar is None for bar in found[3:])


def test_a_tape_can_be_swept_again_unless_that_was_the_last_time():
    tape = Tape()
    x = tape.input(np.float64(3.0))
    y = x * x

    assert pullback(tape, {y.index: 1.0})[0] == pullback(tape, {y.index: 1.0}, last=True)[0] == 6
    assert tape.records == [None, None]


# -- NumPy's warnings ----------------------------------------------------------------


def _root(x):
    return np.sqrt(x) * 2.0


def test_numpy_is_silent_in_the_sweep_and_loud_again_after_it():
    """An infinite slope is the answer, not an accident."""
    with warnings.catch_warnings(), np.errstate(all="warn"):
        warnings.simplefilter("error")
        assert dk.grad(_root)(0.0) == np.inf
        with pytest.raises(RuntimeWarning):
            np.float64(1) / np.float64(0)


def test_a_rule_that_fails_leaves_numpy_as_it_was(registered):
    def refuse(y, x):
        raise KeyError("no")

    failing = registered(lambda x: x * 1.0, name="failing", partials=[refuse])
    with np.errstate(divide="raise", over="print"):
        before = np.geterr()
        with pytest.raises(KeyError):
            dk.grad(failing)(1.0)
        assert np.geterr() == before


def test_sweeps_in_sweeps_and_in_threads_each_keep_their_own_setting():
    """One setting entered twice, or by two threads at once, would be lost."""

    def nested(x):
        return dk.grad(lambda y: dk.grad(lambda z: _root(z * y))(x))(2.0)

    expected = nested(3.0)
    with np.errstate(invalid="raise"), concurrent.futures.ThreadPoolExecutor(4) as pool:
        found = list(pool.map(nested, [3.0] * 200))
        assert np.geterr()["invalid"] == "raise"
    assert found == [expected] * 200


# -- gradients in nests ----------------------------------------------------------------


def test_gradients_that_are_one_array_inside_are_several_outside():
    """Every one may be written to without changing another."""

    def total(parts, z):
        return np.sum((parts["x"] + parts["y"][0] + parts["y"][1] + z) ** 2)

    x = np.arange(3.0)
    parts, z = dk.grad(total, (0, 1))({"x": x, "y": [x + 1, (x + 2)][:2]}, x + 3)
    arrays = [parts["x"], *parts["y"], z]

    assert all(np.array_equal(array, 2 * (4 * x + 6)) for array in arrays)
    for array in arrays:
        array += 1.0
    assert all(np.array_equal(array, 2 * (4 * x + 6) + 1) for array in arrays)


def test_numbers_and_nests_may_stand_side_by_side():
    def f(a, nest, b):
        return a * nest[0] * nest[1]["c"] * b

    assert dk.grad(f, (0, 1, 2))(2.0, (3.0, {"c": 5.0}), 7.0) == (
        105.0,
        (70.0, {"c": 42.0}),
        30.0,
    )


# -- what broadcasting repeated ---------------------------------------------------------

_PAIRS = [
    ((3,), (2, 3)), ((1,), (2, 3)), ((), (2, 3)), ((2, 1), (2, 3)), ((1, 1), (2, 3)),
    ((1, 3), (4, 2, 3)), ((2, 1), (4, 2, 3)), ((4, 1, 1), (4, 2, 3)), ((1,), (1, 1)),
    ((3, 1), (3, 0)), ((1, 1), (1, 1)), ((2, 3), (2, 3)),
]  # fmt: skip


@pytest.mark.parametrize(("small", "large"), _PAIRS, ids=str)
def test_what_broadcasting_repeated_is_summed(small, large):
    """Each entry receives the weights of all places that it was repeated to."""
    weights = np.arange(1.0, 1.0 + np.prod(large)).reshape(large)
    expected = np.zeros(small)
    places = np.broadcast_to(np.arange(expected.size).reshape(small), large)
    np.add.at(expected.reshape(-1), places.reshape(-1), weights.reshape(-1))

    found = dk.grad(lambda b: np.sum(weights * (b + np.zeros(large))))(np.ones(small))

    assert found.shape == small
    assert np.array_equal(found, expected)


# -- rows that do with less -----------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", ">f8", "c16", "i4", "?"])
@pytest.mark.parametrize("axis", [None, (0,), (0, 1)])
@pytest.mark.parametrize("keepdims", [False, True])
def test_the_mean_is_numpys_bit_for_bit(dtype, axis, keepdims):
    x = (np.random.default_rng(0).normal(size=(13, 7)) * 3).astype(dtype)

    mean = reductions.mean(x, axis=axis, keepdims=keepdims)
    expected = np.mean(x, axis=axis, keepdims=keepdims)

    assert type(mean) is type(expected)
    assert mean.dtype == expected.dtype
    assert np.array_equal(mean, expected)


def test_the_mean_of_nothing_warns_as_numpys():
    with pytest.warns(RuntimeWarning):
        assert np.isnan(reductions.mean(np.ones((0, 2)), axis=None, keepdims=False))


@pytest.mark.parametrize(
    "index",
    [
        slice(1, None), 1, None, Ellipsis, (0, slice(None)), (slice(None), None, 1),
        [0, 1], np.array([0, 1]), np.array([True, False]), True, np.True_, (slice(None), [0]),
        (np.int64(1), slice(None)), (), (None, [1]), (Ellipsis, np.array(1)),
    ],
    ids=repr,
)  # fmt: skip
def test_an_index_is_called_basic_where_numpy_gives_a_view(index):
    x = np.arange(6.0).reshape(2, 3)

    assert shaping.is_basic(index) == np.shares_memory(x, x[index])
