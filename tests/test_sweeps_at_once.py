"""Many sweeps at once give what one sweep after the other gives."""

import numpy as np
import pytest

import diffkit as dk
from diffkit.autodiff import run


def wide(x):
    """20 inputs, 22 results, with most kinds of rows."""
    m = np.reshape(x, (4, 5))
    rows = np.max(m, axis=1) * np.sum(np.sin(m), axis=1)
    sliced = m[1:, ::2] @ m[:3].T[:3]
    picked = x[np.array([3, 3, 1, 0])]
    return np.concatenate([rows, np.ravel(sliced), picked, np.where(x[:5] > 0, x[:5], 0.0)])


POINT = np.random.default_rng(0).normal(size=20)


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_jacobians_are_those_of_single_sweeps(mode, monkeypatch):
    """Forward and reverse, against a sweep for each column or row."""
    together = dk.jacobian(wide, mode=mode)(POINT)
    monkeypatch.setattr(run, "_TOGETHER", 10**9)
    np.testing.assert_allclose(
        together, dk.jacobian(wide, mode=mode)(POINT), rtol=1e-13, atol=1e-14
    )


def test_hessian_of_a_chain_is_the_closed_form():
    """Of sum (x_i x_{i+1})^2: 2 (x_{i-1}^2 + x_{i+1}^2) on the diagonal, 4 x_i x_{i+1} beside."""
    x = np.linspace(0.5, 1.5, 30)
    found = dk.hessian(lambda x: np.sum((x[1:] * x[:-1]) ** 2))(x)

    squares = np.concatenate([[0.0], x**2, [0.0]])
    beside = 4 * x[1:] * x[:-1]
    expected = np.diag(2 * (squares[2:] + squares[:-2])) + np.diag(beside, 1) + np.diag(beside, -1)
    np.testing.assert_allclose(found, expected, rtol=1e-13, atol=1e-13)


def test_rows_without_a_batch_are_swept_one_by_one():
    """A determinant of 4 x 4: the Jacobian by 16 entries is the matrix of cofactors."""
    a = np.random.default_rng(1).normal(size=(4, 4)) + 4 * np.eye(4)
    found = dk.jacobian(np.linalg.det, mode="forward")(a)
    np.testing.assert_allclose(found, np.linalg.det(a) * np.linalg.inv(a).T, rtol=1e-11, atol=1e-11)


def test_jacobians_of_jacobians():
    """Sweeps at once inside of sweeps at once: third derivatives of sum x^4 are 24 x."""
    x = np.linspace(0.1, 2.0, 17)
    cube = dk.jacobian(dk.hessian(lambda x: np.sum(x**4)))(x)
    expected = np.zeros((17, 17, 17))
    expected[np.arange(17), np.arange(17), np.arange(17)] = 24 * x
    np.testing.assert_allclose(cube, expected, rtol=1e-12, atol=1e-12)


def test_several_inputs_and_outputs():
    """Blocks come in the structure of the arguments."""

    def f(a, b):
        return {"s": np.outer(a, b), "t": [np.sum(a * a)]}

    a, b = np.arange(1.0, 10.0), np.arange(1.0, 9.0)
    blocks = dk.jacobian(f, (0, 1))(a, b)

    np.testing.assert_allclose(blocks["s"][0], np.einsum("ik,j->ijk", np.eye(9), b))
    np.testing.assert_allclose(blocks["s"][1], np.einsum("i,jk->ijk", a, np.eye(8)))
    np.testing.assert_allclose(blocks["t"][0][0], 2 * a)
    np.testing.assert_allclose(blocks["t"][0][1], np.zeros(8))
