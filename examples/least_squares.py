"""Least squares: all three ways give 2 X'X theta - 2 X'y, and it vanishes at the solution."""

import numpy as np

import diffkit as dk


def loss(theta, X, y):
    residual = X @ theta - y
    return np.sum(residual**2)


def main():
    rng = np.random.default_rng(1)
    X, y, theta = rng.normal(size=(6, 3)), rng.normal(size=6), rng.normal(size=3)
    formula = 2 * X.T @ X @ theta - 2 * X.T @ y

    c = dk.compare(loss, (theta, X, y), wrt="theta")
    assert c.agree
    print("2X'X theta - 2X'y ", formula.round(10))
    for way in c.ways:
        assert np.allclose(c.gradients[way]["theta"], formula, rtol=1e-9)
        print(f"{way:<18}", np.round(c.gradients[way]["theta"], 10))

    best = np.linalg.lstsq(X, y)[0]
    at_best = dk.grad(loss)(best, X, y)
    assert np.allclose(at_best, 0, atol=1e-12)
    print("largest entry at the solution:", f"{abs(at_best).max():.0e}")

    assert np.allclose(dk.hessian(loss)(theta, X, y), 2 * X.T @ X)


if __name__ == "__main__":
    main()
