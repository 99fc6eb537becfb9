"""Linear regression by gradient descent, by Newton's method in one step, and in closed form.

From I2DL (TUM), lecture 4, which asks what Newton's method gives for linear regression.
"""

import numpy as np

import diffkit as dk
from diffkit import optimize


def main():
    rng = np.random.default_rng(0)
    X = np.column_stack([np.ones(40), rng.uniform(0, 4, 40)])
    y = X @ np.array([-1.0, 2.0]) + rng.normal(0, 0.5, 40)

    def f(theta):
        residual = X @ theta - y
        return residual @ residual / len(y)

    closed = np.linalg.solve(X.T @ X, X.T @ y)
    assert np.allclose(closed, np.linalg.lstsq(X, y)[0])
    print("closed form: ", closed.round(8))

    # The slides leave the 1/n of f out of its gradient 2X'X theta - 2X'y.
    start = np.array([5.0, -5.0])
    formula = (2 * X.T @ X @ start - 2 * X.T @ y) / len(y)
    assert np.allclose(dk.grad(f)(start), formula, rtol=1e-12)

    # Newton: theta - H^-1 g is the solution, from anywhere, with no learning rate.
    for start in ([5.0, -5.0], [100.0, 3.0], [0.0, 0.0]):
        newton = dk.minimize(f, start, "newton")
        assert newton.nit == 1
        assert newton.path.lr[1] == 1.0
        assert newton.path.spent[-1] == 2 + len(closed)  # a Hessian is worth n gradients
        assert np.allclose(newton.x, closed, rtol=1e-9)
    print("Newton:      ", newton.x.round(8), f"after {newton.nit} step")

    # Descent: each part of the error along an eigenvector of H shrinks by 1 - lr*eigenvalue.
    values, vectors = np.linalg.eigh(2 * X.T @ X / len(y))
    lr = 2 / (values[0] + values[-1])
    descent = dk.minimize(f, start, optimize.GD(lr))
    assert descent.success
    errors = (descent.path.x - closed) @ vectors
    k = np.arange(descent.nit + 1)[:, None]
    assert np.allclose(errors, (1 - lr * values) ** k * errors[0], atol=1e-9)
    print("descent:     ", descent.x.round(8), f"after {descent.nit} steps")

    # Convex: it ends at the same point from everywhere.
    for start in rng.normal(scale=10, size=(3, 2)):
        assert np.allclose(dk.minimize(f, start, optimize.GD(lr)).x, closed, atol=1e-5)

    # f returns residuals: Gauss-Newton makes the same single step without a Hessian.
    gauss = dk.minimize(lambda theta: X @ theta - y, start, "gauss-newton")
    assert gauss.nit == 1
    assert gauss.nhev == 0
    assert np.allclose(gauss.x, closed, rtol=1e-9)
    print("Gauss-Newton:", gauss.x.round(8), f"after {gauss.nit} step")


if __name__ == "__main__":
    main()
