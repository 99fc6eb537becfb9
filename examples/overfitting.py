"""Overfitting: a polynomial through all points, and the L2 penalty that keeps its weights small.

From CS3485 (lecture 4): the points are noisy samples of a line; L = mean loss + lambda R(theta).
"""

import numpy as np

import diffkit as dk
from diffkit import losses

POINTS, DEGREE = 10, 9


def features(x):
    return np.polynomial.legendre.legvander(x, DEGREE)


def main():
    rng = np.random.default_rng(1)
    x, x_new = np.sort(rng.uniform(-1, 1, POINTS)), np.linspace(-0.95, 0.95, 100)
    line = np.poly1d([1.5, 0.5])
    y, y_new = line(x) + rng.normal(0, 0.3, POINTS), line(x_new) + rng.normal(0, 0.3, 100)
    F, F_new = features(x), features(x_new)

    rows = []
    for strength in (0.0, 1e-3, 1e-2, 1e-1, 1.0):

        def loss(theta, strength=strength):
            return losses.squared(F @ theta, y) + strength * losses.l2_penalty(theta)

        fit = dk.minimize(loss, np.zeros(DEGREE + 1), "newton", gtol=1e-9)
        assert fit.success
        # The normal equations with n*lambda on the diagonal: ridge regression.
        ridge = np.linalg.solve(F.T @ F + POINTS * strength * np.eye(DEGREE + 1), F.T @ y)
        assert np.allclose(fit.x, ridge, rtol=1e-6, atol=1e-8)
        on_points, on_new = losses.squared(F @ fit.x, y), losses.squared(F_new @ fit.x, y_new)
        rows.append((on_points, on_new, np.linalg.norm(fit.x)))
        print(f"lambda = {strength:<5}: on the points {on_points:.5f}, on new ones {on_new:.4f}")

    seen, unseen, size = np.array(rows).T
    assert seen[0] < 1e-12  # ten weights go through ten points
    assert np.all(np.diff(seen) > 0)  # "prevents the model from doing too well"
    assert np.all(np.diff(size) < 0)  # and its weights from getting large
    assert unseen[2] < unseen[0] / 100  # on new points it is far better
    assert unseen[-1] > unseen[2]  # up to a point

    # Ockham's line does as well as noise of variance 0.09 allows.
    simple = np.polyval(np.polyfit(x, y, 1), x_new)
    print(f"a line:          on new ones {np.mean((simple - y_new) ** 2):.4f}")
    assert np.mean((simple - y_new) ** 2) < unseen[0] / 100

    # L1 sets weights to zero that L2 only makes small.
    def lasso(theta):
        return losses.squared(F @ theta, y) + 0.1 * losses.l1_penalty(theta)

    sparse = dk.minimize(lasso, np.zeros(DEGREE + 1), "adam", lr=0.01, steps=600)
    assert np.sum(abs(sparse.x) < 0.01) >= 5


if __name__ == "__main__":
    main()
