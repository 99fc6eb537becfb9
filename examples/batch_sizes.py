"""Large and small batches: cheaper steps that are right on average.

From CS3485 (lecture 4), "GD vs SGD", and the notes on gradient descent and adaptive methods,
which say E_i[grad L_i] = grad L.
"""

import numpy as np

import diffkit as dk
from diffkit import losses, optimize


def loss(theta, X, y):
    return losses.squared(X @ theta, y)


def spread(X, y, theta, size, rng):
    """Mean square distance of a batch's gradient from that of all data."""
    full = dk.grad(loss)(theta, X, y)
    rows = [rng.choice(len(y), size, replace=False) for _ in range(2000)]
    found = np.array([2 * X[r].T @ (X[r] @ theta - y[r]) / size for r in rows])
    assert np.allclose(dk.grad(loss)(theta, X[rows[0]], y[rows[0]]), found[0])
    return np.mean(np.sum((found - full) ** 2, axis=1))


def main():
    rng = np.random.default_rng(0)
    n, theta = 256, np.zeros(3)
    X = rng.normal(size=(n, 3))
    y = X @ np.array([1.0, -2.0, 0.5]) + rng.normal(size=n)
    best = np.linalg.lstsq(X, y)[0]

    # Right on average: the mean over all samples is the gradient of the mean.
    slopes = np.array([dk.grad(loss)(theta, X[i : i + 1], y[i : i + 1]) for i in range(n)])
    assert np.allclose(slopes.mean(axis=0), dk.grad(loss)(theta, X, y))

    # The variance is that of one sample over B, times (n - B)/(n - 1) without replacement.
    one = np.mean(np.sum((slopes - slopes.mean(axis=0)) ** 2, axis=1))
    for size in (1, 16, 128):
        expected = one / size * (n - size) / (n - 1)
        measured = spread(X, y, theta, size, rng)
        assert np.isclose(measured, expected, rtol=0.15)
        print(f"batches of {size:>3}: variance {measured:7.3f}, by the formula {expected:7.3f}")

    # One epoch, every sample used once: many small steps come further than one large step.
    ends = {}
    for size in (256, 32, 4):
        batches = {"data": (X, y), "batch_size": size, "epochs": 1, "rng": 0}
        run = dk.minimize(loss, theta, optimize.GD(0.05), **batches)
        assert run.nit == n // size
        ends[size] = float(np.linalg.norm(run.x - best))
    print("distance after one epoch:", {size: round(end, 3) for size, end in ends.items()})
    assert ends[256] > ends[32] > ends[4]


if __name__ == "__main__":
    main()
