"""Sums of products are matrix products where that saves the array in between."""

import numpy as np
import pytest

import diffkit as dk
from diffkit.replay.passes.contractions import contractions

EPS = np.finfo(float).eps
A, B = (8, 5, 1, 9), (8, 1, 6, 9)


@pytest.mark.parametrize(
    ("a", "b", "axis", "taken"),
    [
        ((20, 7, 1), (20, 1, 4), 0, True),  # a.T @ b
        ((20, 1), (20, 4), 0, True),  # a vector and a matrix
        ((7, 20), (20,), 1, True),
        ((7, 20), (20,), -1, True),
        (A, B, 3, True),  # batches of products
        (A, B, (0, 3), True),
        ((5, 1, 30), (1, 6, 30), 2, True),
        ((20, 7), (20, 7), 0, False),  # batches of vectors: no product of matrices
        ((20,), (20,), None, False),
        ((20, 7, 1), (20, 1, 4), 1, False),  # an axis that only one of them has
        ((20, 7, 1), (1, 1, 4), 0, False),
        ((2, 3, 1), (2, 1, 4), 0, False),  # too small
        ((20, 1, 1), (20, 1, 4), 0, True),  # axes of length 1 anywhere
        ((1, 20, 3, 1), (20, 1, 4), 1, True),
    ],
)
@pytest.mark.parametrize("keepdims", [False, True])
def test_a_sum_of_products_is_a_matrix_product(a, b, axis, taken, keepdims):
    """Within n*eps*sum|a||b| of NumPy's own sum, shapes included."""
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=a), rng.normal(size=b)

    def f(a, b):
        return np.sum(a * b, axis=axis, keepdims=keepdims)

    program = contractions(dk.lower(f, a, b))
    found, expected = program(a, b), f(a, b)
    assert ("matmul" in program.count()) is taken
    assert np.shape(found) == np.shape(expected)
    terms = a.size * b.size / max(1, np.size(expected))
    bound = terms * EPS * np.sum(np.abs(a) * np.abs(b), axis=axis, keepdims=keepdims)
    assert np.all(np.abs(found - expected) <= bound)


def test_a_product_that_others_read_is_made_once():
    """Nothing is gained if the large array is needed anyway."""
    a, b = np.ones((20, 7, 1)), np.ones((20, 1, 4))
    program = dk.lower(lambda a, b: (np.sum(a * b, 0), np.sum(a * b, 1)), a, b)
    both = dk.lower(lambda a, b: (lambda p: (np.sum(p, 0), p))(a * b), a, b)
    assert str(contractions(both)) == str(both)
    np.testing.assert_allclose(program.compile()(a, b)[0], np.full((7, 4), 20.0))


@pytest.mark.parametrize("kind", [np.float32, np.complex128, np.int64])
def test_dtypes_stay(kind):
    """float32 and complex products are products of their kind; whole numbers stay sums."""
    a, b = np.full((20, 7, 1), 3, kind), np.full((20, 1, 4), 2, kind)
    f = dk.compile(lambda a, b: np.sum(a * b, 0))
    found = f(a, b)
    assert found.dtype == np.sum(a * b, 0).dtype
    np.testing.assert_array_equal(found, np.full((7, 4), 120))
