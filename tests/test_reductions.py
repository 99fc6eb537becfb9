"""What a sum hands to its entries, as one number, reaches every input as it should."""

import numpy as np
import pytest

import diffkit as dk

from .table import close

A = np.array([[0.3], [-1.2], [0.7]])
B = np.array([[0.5, 2.0, -0.4, 1.1]])
X = np.array([0.4, -0.9, 1.3])

# Functions of (x, y) in which entries stay alike for a while, then do not.
FUNCTIONS = {
    "nothing else": lambda x, y: np.sum(x) + np.sum(y),
    "negated": lambda x, y: np.sum(-x) - np.sum(y),
    "a column and a row": lambda x, y: np.sum(x + y),
    "their difference": lambda x, y: np.mean(x - y),
    "their product": lambda x, y: np.sum(x * y),
    "sums of sums": lambda x, y: np.sum(np.sum(x + y, axis=0) * 2) + np.sum(np.mean(y, axis=1)),
    "scaled": lambda x, y: 3 * np.sum(2 * x) - np.mean(y / 4),
    "used twice": lambda x, y: np.sum(x) + np.mean(x) + np.sum(y + y),
    "reshaped": lambda x, y: np.sum(x.T[0] + np.ravel(y)[:3]),
    "joined": lambda x, y: np.sum(np.concatenate([np.ravel(x), np.ravel(y)])),
    "stacked": lambda x, y: np.sum(np.stack([x[0, 0], y[0, 1], 2.0])),
    "assigned": lambda x, y: np.sum(assigned(x, y)),
    "multiplied as matrices": lambda x, y: np.sum(x @ y),
    "chosen": lambda x, y: np.sum(np.where(x > 0, x, y)),
    "clipped": lambda x, y: np.sum(np.clip(x, -1, y)) + np.mean(np.clip(0.2, x, 5 + y)),
    "largest": lambda x, y: np.sum(np.max(x + y, axis=0)),
    "sorted": lambda x, y: np.mean(np.sort(x, axis=0)) + np.sum(np.cumsum(y)),
    "complex": lambda x, y: np.sum(np.real((x + 1j * y) ** 2)) + np.sum(np.imag(x * 1j)),
    "powers": lambda x, y: np.sum(x**1) + np.sum(y**0) + np.mean(x**2),
    "decomposed": lambda x, y: np.sum(np.linalg.svd(x @ y, compute_uv=False)),
    "nan left out": lambda x, y: np.nansum(x + y) + np.nanmean(y),
    "variances": lambda x, y: np.var(x + y) + np.std(x, axis=0)[0] + np.sum(np.var(y, axis=1)),
    "float by float": lambda x, y: np.sum(x * np.float64(2.0)) + np.sum(np.float64(3.0) - y),
}


def assigned(x, y):
    z = np.zeros_like(x)
    z[1:] = x[1:] * 2
    z[0] = y[0, 0]
    return z


@pytest.mark.parametrize("name", FUNCTIONS, ids=[n.replace(" ", "-") for n in FUNCTIONS])
def test_gradients_are_those_of_finite_differences(name):
    """By both arguments, with their shapes, writable, and apart in memory."""
    f = FUNCTIONS[name]
    gx, gy = dk.grad(f, (0, 1))(A, B)

    assert close(gx, dk.finite.gradient(lambda x: f(x, B), A).value, 1e-8)
    assert close(gy, dk.finite.gradient(lambda y: f(A, y), B).value, 1e-8)
    assert gx.flags.writeable
    assert gy.flags.writeable
    assert not np.shares_memory(gx, gy)


@pytest.mark.parametrize("name", FUNCTIONS, ids=[n.replace(" ", "-") for n in FUNCTIONS])
def test_recorded_adjoints_agree(name):
    """A recorded adjoint keeps arrays where the eager sweep keeps a number."""
    f = FUNCTIONS[name]
    found = dk.lower(f, A, B).adjoint()(A, B)

    for recorded, eager in zip(found, dk.grad(f, (0, 1))(A, B), strict=True):
        assert close(recorded, eager, 1e-14)


@pytest.mark.parametrize("f", [np.sum, np.mean, lambda x: np.sum(2 * x), lambda x: np.sum(x + 1)])
def test_small_floats_stay_small(f):
    """float32 in, float32 gradient out."""
    slope = dk.grad(f)(X.astype(np.float32))
    assert slope.dtype == np.float32
    assert close(slope, dk.grad(f)(X), 1e-7)


def test_nested_gradients_see_through_sums():
    """A Hessian through a gradient of sums, and a sum inside of a differentiated gradient."""
    total = dk.grad(lambda x: np.sum(dk.grad(lambda z: np.sum(z) ** 2 + np.sum(z**3))(x) * x))
    # grad = 2 s + 3 z^2; times x and summed: 2 s^2 + 3 sum(x^3)
    assert close(total(X), 4 * np.sum(X) + 9 * X**2, 1e-13)
    assert close(dk.hessian(lambda x: np.mean(x) ** 2)(X), np.full((3, 3), 2 / 9), 1e-13)


def test_einsum_by_numbers_is_einsum_by_letters():
    """Operands before their axes, as NumPy has it, implicit and with dots."""
    b = np.arange(8.0).reshape(2, 4)
    a = np.array([[0.3, 2.0], [-1.2, 1.0], [0.7, -0.5]])
    pairs = [
        (lambda a: np.einsum(a, [0, 1], b, [1, 2], [0, 2]), "ij,jk->ik"),
        (lambda a: np.einsum(a, [5, 1], b, [1, 30]), "fb,bz"),
        (lambda a: np.einsum(b, [1, 3], a, [0, 1]), "jz,ij->iz"),
    ]
    for f, subscripts in pairs[:2]:
        written = dk.grad(lambda a, s=subscripts: np.sum(np.einsum(s, a, b) ** 2))(a)
        assert close(dk.grad(lambda a, f=f: np.sum(f(a) ** 2))(a), written, 1e-14)
    f, subscripts = pairs[2]
    written = dk.grad(lambda a: np.sum(np.einsum(subscripts, b, a) ** 2))(a)
    assert close(dk.grad(lambda a: np.sum(f(a) ** 2))(a), written, 1e-14)
    dots = dk.grad(lambda a: np.sum(np.einsum(a, [..., 1], [...]) ** 2))(a)
    assert close(dots, 2 * np.sum(a, axis=1, keepdims=True) * np.ones(2), 1e-14)
