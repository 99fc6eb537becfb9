"""Where passes meet: what one of them leaves behind is a Program that the others understand."""

import numpy as np
import pytest

import diffkit as dk
from diffkit.replay.passes import PASSES
from tests.random_programs import random_program


def ill_typed(program):
    """Return the first step whose type is not the one that its row computes."""
    types = dict(program.types)
    for step in program.steps:
        kinds = [types[o] if o.__class__ is str else o for o in step.operands]
        if step.primitive.name != "guard":
            kind = step.primitive.abstract(*kinds, **step.params)
            if (kind.shape, kind.dtype) != (step.type.shape, step.type.dtype):
                return step
        types[step.name] = step.type
    return None


def assert_same(f, *args):
    """A compiled function returns what NumPy does, in the same class and dtype."""
    with np.errstate(all="ignore"):
        wanted, found = f(*args), dk.compile(f)(*args)
    assert type(found) is type(wanted)
    assert found.dtype == wanted.dtype
    np.testing.assert_array_equal(found, wanted)


@pytest.mark.parametrize("seed", range(30))
def test_every_pass_leaves_steps_of_their_types(seed):
    """A step's row makes of its operands what its type says: shape and dtype."""
    program = random_program(seed)
    for _ in range(2):
        for name, apply in PASSES.items():
            program = apply(program)
            assert ill_typed(program) is None, name


def test_an_output_that_becomes_a_constant_is_there():
    """The sum of a softmax is 1, and is returned as such beside other results."""

    def f(x):
        e = np.exp(x)
        return np.tanh(np.sum(e / np.sum(e))), 2 * x

    found, double = dk.compile(f)(np.array([0.5, -1.0]))
    assert found == pytest.approx(np.tanh(1.0), rel=1e-15)
    np.testing.assert_array_equal(double, [1.0, -2.0])


def test_rows_added_to_numbers_have_the_type_of_the_sum():
    """Numbers that come before the rows in a sum are added to the rows, not to each other."""
    program = dk.lower(lambda x: 0.0 + (0.0 + x[0]) + x[1] + x[2] + x[3], np.ones((4, 2)))
    for apply in PASSES.values():
        program = apply(program)
        assert ill_typed(program) is None


def test_a_cotangent_is_added_to_a_number_only_once_it_is_an_array():
    """A slice that is added to what is the same everywhere needs an array to be added to."""
    slope = dk.grad(lambda x: np.sum(np.sin(x[1])) + np.tanh(np.sum(x)))
    x = np.arange(12.0).reshape(4, 3) / 8
    program = dk.lower(slope, x)
    for apply in PASSES.values():
        program = apply(program)
        assert ill_typed(program) is None
    np.testing.assert_allclose(dk.compile(slope)(x), slope(x), rtol=1e-13)


@pytest.mark.parametrize(
    ("f", "values"),
    [
        (lambda u: u * -1.0, np.array([3, 200], np.uint8)),
        (lambda u: u[0] * -1.0, np.array([3, 200], np.uint8)),
        (lambda u: u * -1.0, np.array([True, False])),
        (lambda u: u**2.0, np.array([100, -128], np.int8)),
        (lambda u: u**0.5, np.array([3, 200], np.uint8)),
        (lambda u: np.array([0.5, 1.5]) + (-u), np.array([3, 200], np.uint8)),
        (lambda x: -(np.uint8(3) * x), np.array([0.5, 1.5])),
    ],
)
def test_integers_become_floats_where_numpy_makes_them(f, values):
    """An identity of floats is not applied to integers, which wrap around."""
    assert_same(f, values)


@pytest.mark.parametrize(
    "f",
    [
        lambda x: np.float64(0.3) * (2.0 * x[0]),
        lambda x: 2.0 * (np.float64(0.3) * x[0]),
        lambda x: np.float64(0.5) * (1.125 - x[0]),
        lambda x: np.float64(0.5) * (np.float32(2.0) * x[0] * x),
    ],
)
def test_a_wider_number_keeps_its_dtype(f):
    """A float64 makes a float64 of a float32; a Python number would not."""
    assert_same(f, np.array([1.5, 2.5], np.float32))


def test_a_fraction_is_not_multiplied_with_integers_first():
    """A half of an integer is none: (c*i)*x is not c*(i*x) in integers."""

    def f(i, x):
        return i * (0.5 * x)

    i, x = np.array([1, 2, 3]), np.array([[0.5, 1.5, 2.5], [3.5, 4.5, 5.5]])
    np.testing.assert_array_equal(dk.compile(f)(i, x), f(i, x))


def test_constants_may_be_left_as_they_are():
    """What a pass would have computed is computed by the text."""
    x = np.arange(12.0).reshape(4, 3) / 8
    slope = dk.grad(lambda x: np.sum(np.tanh(np.sum(np.reshape(x, (4, 3, 1)), axis=0)) * 1.25))
    program = dk.lower(lambda x: np.reshape(np.full((2, 6), 0.5), (4, 3)) * x, x)
    np.testing.assert_array_equal(program.compile(without=["constants"])(x), 0.5 * x)
    np.testing.assert_allclose(dk.compile(slope, without=["constants"])(x), slope(x), rtol=1e-14)


@pytest.mark.parametrize("f", [lambda x: 1e30 * (2.0**40 * x), lambda x: x / 2.0**-130])
def test_factors_are_merged_only_while_they_fit_the_dtype(f):
    """What a float64 holds may be too large for a float32."""
    assert_same(f, np.array([1e-35, 2e-38], np.float32))


def test_an_einsum_of_nothing_has_zeros_in_batches_too():
    """The sum over an axis of length 0, which is not the 1 that would be repeated."""
    program = dk.lower(lambda x: np.einsum("ij,ik->jk", x[:0], x[:0]), np.ones((3, 2)))
    assert ill_typed(program) is None
    np.testing.assert_array_equal(program.batch("x")(np.ones((5, 3, 2))), np.zeros((5, 2, 2)))
