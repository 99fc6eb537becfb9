"""The world's smallest perceptron, y = w x: one line of code trains it, and the step size matters.

From Introduction to Computer Vision, lecture 19 (Colorado School of Mines), with its four samples.
"""

import numpy as np

import diffkit as dk
from diffkit import losses, optimize

X = np.array([10.0, 2.0, 3.5, 1.0])
Y = np.array([10.1, 1.9, 3.4, 1.1])
BEST = np.sum(X * Y) / np.sum(X * X)  # where the derivative of the squared error is 0


def loss(w, x, y):
    return (y - w * x) ** 2 / 2


def one_pass(w, lr):
    """The lecture's loop over the samples, with the gradient from reverse mode."""
    slope = dk.grad(loss)
    for x, y in zip(X, Y, strict=True):
        by_hand = w + lr * (y - w * x) * x
        w = w - lr * slope(w, x, y)
        assert np.isclose(w, by_hand, rtol=1e-12)
    return w


def main():
    print(f"what do you think w is? least squares says {BEST:.6f}")
    assert np.isclose(BEST, np.linalg.lstsq(X[:, None], Y)[0][0])

    # A sample multiplies the error by 1 - lr x^2. With lr = 1 (the loop as it is printed) that
    # is -99 for x = 10, and 0 for x = 1: whatever came before, only the last sample is learned.
    for start in (0.0, -50.0, 1.0):
        assert np.isclose(one_pass(start, lr=1.0), Y[-1] / X[-1])
    print("lr = 1:    each pass ends at", one_pass(0.0, lr=1.0))

    # With lr = 0.01 the first share is 0: w = 1.01, and the others correct that a little, to
    # 1.01 - 0.0024 - 0.004431 + 0.00096831. A constant step stays next to the best w.
    w = one_pass(0.0, lr=0.01)
    assert np.isclose(w, 1.00413731, rtol=1e-12)
    assert np.isclose(one_pass(w, lr=0.01), w)
    print(f"lr = 0.01: each pass ends at {w:.6f}")

    # All samples at once: the gradient is -sum (y - w x) x, and least squares is reached.
    def total(w):
        return losses.squared(w * X, Y, reduction="sum") / 2

    result = dk.minimize(total, 0.0, optimize.GD(lr=0.01))
    assert result.success
    assert np.isclose(result.x, BEST, rtol=1e-8)
    curvature = np.sum(X * X)
    assert np.allclose(result.path.x[1] - BEST, (1 - 0.01 * curvature) * (0.0 - BEST))
    print(f"all four:  w = {result.x:.6f} after {result.nit} steps")

    # Beyond 2/L it misses the minimum.
    wild = dk.minimize(total, 0.0, optimize.GD(lr=2.1 / curvature))
    assert wild.status == "DIVERGED"
    print("too big:  ", wild.message)


if __name__ == "__main__":
    main()
