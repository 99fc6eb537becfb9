"""Loops over independent items become operations on rows, and stay what they were."""

import numpy as np
import pytest

import diffkit as dk
from diffkit.replay.passes import PASSES, optimized
from diffkit.replay.passes.alike import _Together, alike
from diffkit.replay.passes.common import common
from diffkit.replay.passes.folds import folds
from diffkit.replay.passes.leading import can_lead
from tests.random_loops import N, random_loop
from tests.table import EXAMPLES
from tests.table import random as generator

WITHOUT = ("alike", "folds")


def assert_same(f, *args, rtol=1e-12):
    """Compiled f gives the numbers of f, of the same shapes and dtypes."""
    with np.errstate(all="ignore"):
        expected = f(*args)
    found = dk.compile(f)(*args)
    found, expected = [x if isinstance(x, (tuple, list)) else (x,) for x in (found, expected)]
    for mine, wanted in zip(found, expected, strict=True):
        assert np.shape(mine) == np.shape(wanted)
        assert np.asarray(mine).dtype == np.asarray(wanted).dtype
        scale = np.max(np.abs(wanted), initial=1e-300)
        np.testing.assert_allclose(mine, wanted, rtol=rtol, atol=rtol * scale)


# -- every rule, by the table -------------------------------------------------


def leading_examples():
    """The examples of all rows that can be done on many rows at once."""
    for row, (shapes, params) in EXAMPLES:
        shapes = [shapes] if not shapes or isinstance(shapes[0], int) else shapes
        if row.several or row.name in ("pick", "guard") or any(map(is_array, shapes)):
            continue
        values = [np.ones(shape)[()] for shape in shapes]
        try:
            program = dk.lower(lambda *xs, row=row, params=params: row(*xs, **params), *values)
        except Exception:  # ones are no example of this row
            continue
        if len(program.steps) == 1 and can_lead(program.steps[0]):
            yield row, shapes, params


def is_array(shape):
    return isinstance(shape, np.ndarray)


@pytest.mark.parametrize(
    ("row", "shapes", "params"), list(leading_examples()), ids=lambda v: getattr(v, "name", "")
)
@pytest.mark.parametrize("shared", [False, True], ids=["all rows", "one operand for all"])
def test_rows_done_at_once_are_the_rows_done_one_by_one(row, shapes, params, shared):
    """Each row with a rule, on six sets of operands: what NumPy gives for each."""
    rng = generator(row.name)
    stacks = [rng.uniform(0.2, 0.9, (N, *shape)) for shape in shapes]

    def f(*stacks):
        return [
            row(*[x[0 if shared and k else i] for k, x in enumerate(stacks)], **params) + 0.0
            for i in range(N)
        ]

    program = dk.lower(lambda *stacks: tuple(f(*stacks)), *stacks)
    together = alike(common(program))
    assert together.count()[row.name] == 1 or row.name == "getitem"
    assert len(together.steps) < len(program.steps)
    for found, expected in zip(together(*stacks), f(*stacks), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-13, atol=1e-15)


# -- loops ----------------------------------------------------------------------


def total(x):
    """Neighbours multiplied, in a loop."""
    result = 0.0
    for i in range(len(x) - 1):
        result = result + np.sin(x[i]) * x[i + 1] ** 2
    return result


def layers(w, x):
    """A matrix applied to one row after the other."""
    rows = [np.tanh(w @ row) for row in x]
    return np.sum(np.stack(rows) ** 2)


@pytest.mark.parametrize("n", [8, 80])
def test_a_loop_is_as_many_steps_as_its_body(n):
    """The gradient of a loop has the same steps for 8 and for 80 items."""
    x = np.linspace(0.1, 0.9, n)
    slope = dk.compile(dk.grad(total))
    np.testing.assert_allclose(slope(x), dk.grad(total)(x), rtol=1e-13)
    assert len(slope.program.steps) == 10

    w, rows = np.ones((4, 3)) / 3, np.linspace(-1, 1, 3 * n).reshape(n, 3)
    slopes = dk.compile(dk.grad(layers, (0, 1)))
    for found, expected in zip(slopes(w, rows), dk.grad(layers, (0, 1))(w, rows), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-14)
    assert slopes.program.count()["matmul"] == 3
    assert len(slopes.program.steps) == 16


def test_a_chain_stays_a_chain():
    """Steps of which one needs the other are not alike."""

    def f(x):
        y = x[0]
        for i in range(1, len(x)):
            y = np.sin(y) + x[i]
        return y

    x = np.linspace(0, 1, 9)
    assert_same(f, x)
    assert optimized(dk.lower(f, x)).count()["sin"] == 8


def test_large_steps_stay_apart():
    """One call for several arrays of 10,000 entries would save nothing and copy them."""
    x = np.ones((5, 10_000))
    program = dk.lower(lambda x: [np.sin(x[i]) * x[i] for i in range(5)], x)
    assert str(alike(program)) == str(program)


def test_constants_of_one_shape_are_rows():
    """A list of matrices, each with its own part of x."""
    matrices = [np.eye(2) * k for k in range(5)]

    def f(x):
        return sum(np.sum(m @ x[k]) * 2.0 for k, m in enumerate(matrices))

    x = np.arange(10.0).reshape(5, 2)
    assert_same(dk.grad(f), x)
    assert optimized(dk.lower(f, x)).count()["matmul"] == 1


def test_numbers_that_differ_are_not_alike():
    """Python numbers take on the dtype of their neighbours: they stay in their steps."""

    def f(x):
        return [x[k] * float(k) for k in range(2, 8)]

    for dtype in (np.float32, np.float64):
        assert_same(f, np.arange(8, dtype=dtype))


def test_guards_and_branches_stay():
    """A branch inside of the loop is still checked, for each item."""

    def f(x):
        return sum(x[i] ** 2 if x[i] > 0 else -x[i] for i in range(len(x)))

    g = dk.compile(dk.grad(f))
    for signs in ([1, 1, 1, 1, 1], [1, -1, 1, 1, 1], [-1, -1, -1, -1, -1], [1, 1, 1, 1, 1]):
        x = np.array(signs) * np.linspace(0.5, 1, 5)
        np.testing.assert_allclose(g(x), np.where(x > 0, 2 * x, -1.0))
    assert g.recordings == 3


@pytest.mark.parametrize("seed", range(100))
def test_random_loops_and_their_gradients(seed):
    """Within 1e-11 of the function itself, and of its gradient traced anew."""
    f = random_loop(seed)
    rng = np.random.default_rng(seed)
    x, v = rng.normal(size=(N, 3)), rng.normal(size=N)
    assert_same(f, x, v, rtol=1e-11)
    assert_same(dk.grad(f, (0, 1)), x, v, rtol=1e-11)


@pytest.mark.parametrize("seed", range(0, 100, 10))
def test_random_loops_forward_and_twice(seed):
    """Jacobians and products with the Hessian, too."""
    f = random_loop(seed)
    rng = np.random.default_rng(seed)
    x, v = rng.normal(size=(N, 3)), rng.normal(size=N)
    assert_same(lambda x: dk.jacobian(lambda v: f(x, v) * np.sin(v), mode="forward")(v), x)
    assert_same(lambda x, u: dk.hvp(lambda x: f(x, v), (x,), (u,)), x, x[::-1].copy(), rtol=1e-10)


# -- folds ------------------------------------------------------------------------


def test_a_total_of_rows_is_one_sum():
    """Whatever else is added; rows that come twice are left alone."""
    x = np.arange(12.0).reshape(6, 2)
    program = folds(dk.lower(lambda x: x[0] + x[2] + x[1] + x[3] + x[5] + np.ones(2), x))
    assert program.count()["sum"] == 1
    np.testing.assert_allclose(program(x), [23, 28])

    twice = dk.lower(lambda x: x[0] + x[1] + x[2] + x[3] + x[0], x)
    assert "sum" not in folds(twice).count()
    short = dk.lower(lambda x: x[0] + x[1] + x[2], x)
    assert "sum" not in folds(short).count()


def test_rows_that_are_put_together_are_the_array():
    """In order, out of order, along another axis, end to end."""
    x = np.arange(12.0).reshape(6, 2)
    for f in (
        lambda x: np.stack([x[i] for i in range(6)]),
        lambda x: np.stack([x[i] for i in (3, 1, 0, 5)]),
        lambda x: np.stack([x[i] for i in range(6)], axis=1),
        lambda x: np.stack([x[-1 - i] for i in range(6)], axis=-1),
        lambda x: np.concatenate([x[i] for i in range(6)]),
        lambda x: np.concatenate([x[i] for i in (5, 1, 1, 2)]),
    ):
        program = folds(dk.lower(f, x))
        assert not {"stack", "concatenate"} & program.count().keys()
        np.testing.assert_array_equal(program(x), f(x))


def test_a_mixed_list_stays_a_list():
    """Rows of two arrays, or a row and something else."""
    x, y = np.arange(12.0).reshape(6, 2), np.ones((6, 2))
    for f in (
        lambda x, y: np.stack([x[0], x[1], x[2], x[3], y[0]]),
        lambda x, y: np.stack([x[0], x[1], x[2], x[3], x[4] * 2]),
    ):
        program = folds(dk.lower(f, x, y))
        assert "stack" in program.count()
        np.testing.assert_array_equal(program(x, y), f(x, y))


@pytest.mark.parametrize("name", WITHOUT)
def test_each_can_be_left_out(name):
    """Without it the steps are those of the loop."""
    x = np.linspace(0.1, 0.9, 8)
    program = dk.lower(dk.grad(total), x)
    assert len(optimized(program, [name]).steps) > len(optimized(program).steps)
    np.testing.assert_allclose(program.compile(without=[name])(x), program(x), rtol=1e-13)
    assert name in PASSES


def test_long_loops_take_time_by_their_length():
    """Steps looked at, not seconds: each operand of a group is asked for at most a few times."""
    counts = []
    for n in (200, 400):
        program = dk.lower(dk.grad(total), np.linspace(0, 1, n))
        with Counted(_Together, "_is_missing") as counted:
            alike(common(program))
        counts.append(counted.calls)
    assert counts[1] <= 2.2 * counts[0]


class Counted:
    """Counts the calls of a method."""

    def __init__(self, owner, name):
        self.owner, self.name, self.calls = owner, name, 0

    def __enter__(self):
        self.original = original = getattr(self.owner, self.name)

        def counting(*args):
            self.calls += 1
            return original(*args)

        setattr(self.owner, self.name, counting)
        return self

    def __exit__(self, *_):
        setattr(self.owner, self.name, self.original)
