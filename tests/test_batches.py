"""A Program over many points gives at each point what it gives there alone."""

import numpy as np
import pytest

import diffkit as dk
from diffkit.replay.batching import batched, each
from tests.table import EXAMPLES, name_of, random
from tests.test_replay import ONE_RESULT, operands_of

assert EXAMPLES


@pytest.mark.parametrize(("row", "case"), ONE_RESULT, ids=name_of)
def test_every_row_in_a_batch(row, case):
    """Three points at once are three points, one after the other."""
    shapes, params = case
    values = [np.array(v)[()] for v in operands_of(shapes, row.name)]
    if not all(np.asarray(v).dtype.kind == "f" for v in values):
        values = [v for v in values]
    program = dk.lower(lambda *xs: row(*xs, **params), *values)
    bound = program.bind(values, {})
    moving = [n for n, v in bound.items() if np.asarray(v).dtype.kind == "f"][:1]
    if not moving:
        return
    factors = random(row.name, "batch").uniform(0.8, 1.1, 3)
    many = {n: np.stack([v * f for f in factors]) if n in moving else v for n, v in bound.items()}

    found = program.batch(*moving)(**many)

    for k, factor in enumerate(factors):
        expected = program(**{n: v * factor if n in moving else v for n, v in bound.items()})
        np.testing.assert_allclose(found[k], expected, rtol=1e-12, atol=1e-13)


def test_a_million_points_in_blocks():
    """More points than a block, and a last block that is not full."""
    gradient = dk.lower("log(1 + exp(w*x + b))").adjoint()
    n = 10_001
    w, x, b = np.random.default_rng(0).normal(size=(3, n))

    found = gradient.batch()(w, x, b)

    s = 1 / (1 + np.exp(-(w * x + b)))
    for mine, expected in zip(found, (s * x, s * w, s), strict=True):
        np.testing.assert_allclose(mine, expected, rtol=1e-12)


def test_some_inputs_are_shared():
    """Only the named inputs vary."""
    p = dk.lower(lambda a, x: a @ x, np.ones((2, 3)), np.ones(3))
    a, xs = np.arange(6.0).reshape(2, 3), np.random.default_rng(0).normal(size=(5, 3))
    np.testing.assert_allclose(p.batch("x")(a, xs), xs @ a.T, rtol=1e-14)


def test_constant_outputs_are_repeated():
    """The derivative of x by x is 1 at every point."""
    np.testing.assert_array_equal(dk.lower("x").adjoint().batch()(np.zeros(4)), np.ones(4))


def test_a_point_of_another_branch_is_refused():
    """All points must take the recorded way."""
    p = dk.lower(lambda x: x**2 if x > 0 else -x, 1.0)
    np.testing.assert_array_equal(p.batch()(np.array([1.0, 3.0])), [1.0, 9.0])
    with pytest.raises(dk.errors.BranchChanged):
        p.batch()(np.array([1.0, -3.0]))


def test_no_points_give_no_results():
    """An empty batch is empty."""
    assert dk.lower("x*y").batch()(np.zeros(0), np.zeros(0)).shape == (0,)


@pytest.mark.parametrize(
    ("values", "error", "told"),
    [
        ({"x": np.ones(3), "y": np.ones(4)}, dk.errors.ShapeError, "x 3, y 4"),
        ({"x": np.ones(3)}, dk.errors.ArgumentError, "missing y"),
        ({"x": np.ones((3, 2)), "y": np.ones(3)}, dk.errors.ShapeError, r"needs \(n\)"),
        ({"x": 1.0, "y": np.ones(3)}, dk.errors.ShapeError, "x has shape"),
        ({"x": "three", "y": np.ones(3)}, dk.errors.ArgumentError, "x is a str"),
        ({"x": np.ones(3, complex), "y": np.ones(3)}, dk.errors.ArgumentError, "complex128"),
    ],
)
def test_bad_batches(values, error, told):
    """Each says what is wrong."""
    with pytest.raises(error, match=told):
        dk.lower("x*y").batch()(**values)


def test_an_unknown_input_is_refused():
    """With the names that there are."""
    with pytest.raises(dk.errors.ArgumentError, match="'z' is not an input; the inputs are x, y"):
        dk.lower("x*y").batch("z")


def test_rows_without_a_batch_go_point_by_point():
    """A determinant has none, and is right all the same."""
    a = np.random.default_rng(0).normal(size=(4, 3, 3))
    p = dk.lower(np.linalg.det, a[0])
    assert any(step.primitive is each for step in batched(p, p.inputs, 4).steps)
    np.testing.assert_allclose(p.batch()(a), np.linalg.det(a), rtol=1e-12)
