"""Sparse Jacobians: few calls, the right places, and patterns that are found out."""

import numpy as np
import pytest
from scipy.sparse import coo_matrix, csr_array, diags_array

from diffkit.errors import ArgumentError, ShapeError
from diffkit.finite import SCHEMES, SparseEstimate, jacobian

N = 40
X = np.linspace(-1.0, 2.0, N)
BAND = abs(np.subtract.outer(np.arange(N), np.arange(N))) <= 1


def tridiagonal(x):
    """exp on the diagonal, a square below, a sine above."""
    y = np.exp(x)
    y[1:] += x[:-1] ** 2
    y[:-1] -= 3 * np.sin(x[1:])
    return y


def exact(x):
    return np.diag(np.exp(x)) + np.diag(2 * x[:-1], -1) - np.diag(3 * np.cos(x[1:]), 1)


@pytest.mark.parametrize("name", SCHEMES)
def test_sparse_jacobian_is_the_jacobian(name):
    """Every scheme finds its entries within their error bars; the others are exactly zero."""
    found = jacobian(tridiagonal, X, sparsity=BAND, scheme=name)
    assert np.mean((abs(found.value - exact(X)) <= found.error)[BAND]) >= 0.98
    assert np.all(found.value[~BAND] == 0)
    assert set(found.status[~BAND]) == {"zero by pattern"}


def test_sparse_jacobian_costs_three_columns():
    """The calls do not grow with the size of a band matrix."""
    few = {"scheme": "central4"}
    cost = [jacobian(tridiagonal, X[:n], sparsity=BAND[:n, :n], **few).evaluations for n in (10, N)]
    dense = jacobian(tridiagonal, X, **few).evaluations
    assert cost[1] < 1.5 * cost[0]
    assert cost[1] < dense / 3


@pytest.mark.parametrize("kind", [csr_array, coo_matrix])
def test_sparse_pattern_gives_a_sparse_estimate(kind):
    """Values, rows and columns of the pattern's entries, and SciPy arrays of them."""
    found = jacobian(tridiagonal, X, sparsity=kind(BAND))
    assert isinstance(found, SparseEstimate)
    assert found.value.shape == found.error.shape == (BAND.sum(),)
    assert np.all(abs(found.matrix().toarray() - exact(X)) <= found.matrix("error").toarray() + 0)
    assert abs(found.value - exact(X)[found.rows, found.columns]).max() < 1e-11


def test_large_sparse_jacobian():
    """Two thousand unknowns, without ever making a dense matrix."""
    n = 2_000
    pattern = diags_array([np.ones(n - 1), np.ones(n), np.ones(n - 1)], offsets=[-1, 0, 1])
    x = np.linspace(0.5, 1.0, n)
    found = jacobian(tridiagonal, x, sparsity=pattern, scheme="central")
    diagonal = found.rows == found.columns
    assert np.all(abs(found.value[diagonal] - np.exp(x)) <= found.error[diagonal])
    assert found.evaluations < 60


@pytest.mark.parametrize("size", [1e-8, 1.0, 1e8])
def test_columns_of_one_group_have_their_own_sizes(size):
    """Entries of x that are moved together move in proportion to their size."""
    x = np.array([size, 1.0, 0.0, -3 * size])
    found = jacobian(
        lambda x: np.stack([x * x, np.arctan(x)]), x, sparsity=np.tile(np.eye(4), (2, 1))
    )
    slopes = np.stack([np.diag(2 * x), np.diag(1 / (1 + x * x))])
    assert np.all(abs(found.value - slopes) <= found.error)
    assert np.all(found.error <= 1e-8 * np.maximum(abs(x), 1))


def test_bounds_and_patterns_together():
    """Entries at opposite bounds are moved inwards, each to its own side."""

    def f(x):
        assert np.all((x >= -1) & (x <= 2))
        return tridiagonal(x)

    found = jacobian(f, X, sparsity=BAND, bounds=(-1, 2))
    assert np.all(abs(found.value - exact(X)) <= found.error)
    assert "no finite values" not in set(found.status.ravel())


def test_steps_and_patterns_together():
    """Given steps are those of the entries of x."""
    steps = np.linspace(1e-4, 1e-3, N)
    found = jacobian(tridiagonal, X, sparsity=BAND, scheme="central", step=steps)
    plain = jacobian(tridiagonal, X, scheme="central", step=steps)
    assert np.allclose(found.value, plain.value, rtol=0, atol=1e-10)
    assert np.allclose(np.diag(found.step), steps)


@pytest.mark.parametrize("seed", range(10))
def test_missing_entries_are_found_out(seed):
    """A pattern without one of its entries is refused, and the row is named."""
    row, column = np.random.default_rng(seed).choice(np.argwhere(BAND))
    wrong = BAND.copy()
    wrong[row, column] = False
    with pytest.raises(ArgumentError, match=rf"rows \[.*\b{row}\b"):
        jacobian(tridiagonal, X, sparsity=wrong)


def test_right_patterns_are_not_blamed():
    """The check along a random direction passes 50 times of 50."""
    for _ in range(50):
        jacobian(tridiagonal, X[:8], sparsity=BAND[:8, :8], scheme="central")


@pytest.mark.parametrize("pattern", [np.eye(3), np.ones(N), csr_array(np.eye(N + 1))])
def test_patterns_of_the_wrong_shape(pattern):
    """The message says which shape is needed."""
    with pytest.raises(ShapeError, match=rf"\({N}, {N}\)"):
        jacobian(tridiagonal, X, sparsity=pattern)


def test_patterns_without_entries():
    """A constant has an empty pattern; a function that is none is found out."""
    assert not jacobian(lambda x: np.ones(2), [1.0, 2.0], sparsity=np.zeros((2, 2))).value.any()
    with pytest.raises(ArgumentError):
        jacobian(lambda x: x * x, [1.0, 2.0], sparsity=np.zeros((2, 2)))


def test_entries_that_are_not_finite():
    """nan and inf in x give no numbers, and no warnings."""
    found = jacobian(np.sin, [1.0, np.inf, np.nan], sparsity=np.eye(3))
    assert np.all(np.isnan(np.diag(found.value)))
