"""The second smallest perceptron, y = w1 x1 + w2 x2: a partial derivative for each weight.

From Introduction to Computer Vision, lecture 19 (Colorado School of Mines).
"""

import numpy as np

import diffkit as dk
from diffkit import losses, optimize

LOSS = "(y - (w1*x1 + w2*x2))^2/2"


def by_hand(w1, w2, x1, x2, y):
    """The lecture's lines: -(y - y_hat) x1 and -(y - y_hat) x2."""
    y_hat = w1 * x1 + w2 * x2
    return -(y - y_hat) * x1, -(y - y_hat) * x2


def main():
    point = {"w1": 0.5, "w2": -1.0, "x1": 2.0, "x2": 3.0, "y": 1.0}
    compared = dk.compare(LOSS, point, wrt=["w1", "w2"])
    assert compared.agree
    for way in compared.ways:
        found = [compared.gradients[way][name] for name in ("w1", "w2")]
        assert np.allclose(found, by_hand(**point), rtol=1e-9)
        print(f"{way:<9} dL/dw1 = {found[0]:.6f}, dL/dw2 = {found[1]:.6f}")

    # One sample is one equation for two weights: the step goes along x and stops on its line.
    x = np.array([point["x1"], point["x2"]])
    one = dk.minimize(lambda w: (1.0 - w @ x) ** 2 / 2, [0.5, -1.0], optimize.GD(lr=0.05))
    nearest = np.array([0.5, -1.0]) + x * (1.0 - x @ [0.5, -1.0]) / (x @ x)
    assert one.success
    assert np.allclose(one.x, nearest, atol=1e-6)
    print("one sample:", one.x.round(6), "is the nearest of the weights that fit it")

    # Many samples fix both, one sample a step, as in the lecture's loop.
    rng = np.random.default_rng(0)
    X = rng.normal(size=(50, 2))
    y = X @ np.array([2.0, -0.5])

    def loss(w, X, y):
        return losses.squared(X @ w, y) / 2

    trained = dk.minimize(
        loss, [0.0, 0.0], optimize.GD(lr=0.1), data=(X, y), batch_size=1, epochs=4, rng=0
    )
    assert trained.nit == 200
    assert np.allclose(trained.x, [2.0, -0.5], atol=1e-4)
    print("fifty samples:", trained.x.round(6), f"after {trained.nit} steps")

    # Each step goes along the sample that it saw: the cosine with one of them is 1.
    steps = np.diff(trained.path.x[:20], axis=0)
    cosines = steps @ X.T / np.linalg.norm(X, axis=1) / np.linalg.norm(steps, axis=1)[:, None]
    assert np.allclose(np.abs(cosines).max(axis=1), 1.0)


if __name__ == "__main__":
    main()
