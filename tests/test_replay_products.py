"""Matrix products and sums are done by the BLAS calls that cost least, with the same numbers."""

import itertools

import numpy as np
import pytest

import diffkit as dk
from diffkit.replay.passes import PASSES

SHAPES = [((2, 3), (3, 2)), ((5, 1), (1, 7)), ((1, 4), (4, 1)), ((64, 64), (64, 64)),
          ((3,), (3, 4)), ((4, 3), (3,)), ((200, 1), (1, 200)), ((130, 20), (20, 90)),
          ((2, 3, 4), (4, 5)), ((2, 3, 4), (2, 4, 3)), ((3, 0), (0, 2))]  # fmt: skip


@pytest.mark.parametrize("shapes", SHAPES, ids=str)
@pytest.mark.parametrize("dtype", ["f8", "f4", "c16"])
def test_products_are_those_of_matmul_bit_for_bit(shapes, dtype):
    """Of every shape and dtype, in every order of memory, where it is returned and where not."""
    rng = np.random.default_rng(len(str(shapes)))
    a, b = [(10 * rng.normal(size=shape)).astype(dtype) for shape in shapes]
    compiled = dk.lower(lambda a, b: (a @ b, -(a @ b)), a, b).compile(without=PASSES)
    for turn_a, turn_b in itertools.product([False, True], repeat=2):
        a_, b_ = [np.asfortranarray(x) if turn else x for x, turn in ((a, turn_a), (b, turn_b))]
        for found, sign in zip(compiled(a_, b_), (1, -1), strict=True):
            np.testing.assert_array_equal(found, sign * np.matmul(a_, b_))
            assert found.dtype == a.dtype


def test_inf_and_nan_go_through_products():
    """As NumPy computes them."""
    a = np.array([[np.inf, 1.0], [np.nan, 0.0]])
    compiled = dk.lower(lambda a, b: (a @ b) * 1.5, np.eye(2), np.eye(2)).compile()
    for b in (np.eye(2), np.array([[0.0, 1.0], [-np.inf, 2.0]])):
        with np.errstate(all="ignore"):
            np.testing.assert_array_equal(compiled(a, b), (a @ b) * 1.5)
