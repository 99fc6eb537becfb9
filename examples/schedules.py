"""Learning rate schedules: with a constant rate the noise of minibatches stays, with others not.

From the notes on gradient descent and adaptive methods (constant, piecewise, exponential) and
Introduction to Computer Vision, lecture 19 (eta0/sqrt(t)).
"""

import numpy as np

import diffkit as dk
from diffkit import losses, optimize
from diffkit.optimize import schedules

# fmt: off
RATES = {  # the schedule, and the lectures' formula with t = 0 at the first step
    "constant": (schedules.Constant(0.05), lambda t: 0.05),
    "piecewise": (schedules.Piecewise({0: 0.05, 200: 0.005}), lambda t: (0.05, 0.005)[t >= 200]),
    "exponential": (schedules.Exponential(0.05, decay=0.01), lambda t: 0.05 * np.exp(-0.01 * t)),
    "eta0/sqrt(t)": (schedules.InverseSqrt(0.05), lambda t: 0.05 / np.sqrt(t + 1)),
}
# fmt: on


def loss(theta, X, y):
    return losses.squared(X @ theta, y)


def main():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(256, 3))
    y = X @ np.array([1.0, -2.0, 0.5]) + rng.normal(size=256)
    best = np.linalg.lstsq(X, y)[0]
    batches = {"data": (X, y), "batch_size": 4, "epochs": 8, "rng": 0}

    far = {}
    for name, (lr, formula) in RATES.items():
        run = dk.minimize(loss, np.zeros(3), optimize.GD(lr), **batches)
        assert np.allclose(run.path.lr[1:], [formula(t) for t in range(run.nit)], rtol=1e-12)
        far[name] = np.mean(np.linalg.norm(run.path.x[-100:] - best, axis=1))
        print(
            f"{name:<12} rates {run.path.lr[1]:.3f} ... {run.path.lr[-1]:.5f}, {far[name]:.3f} away"
        )
    assert all(far[name] < far["constant"] / 2 for name in RATES if name != "constant")

    # A rate that falls too fast never arrives: all steps together are shorter than the way.
    fast = schedules.Exponential(0.05, decay=0.5)
    early = dk.minimize(loss, np.zeros(3), optimize.GD(fast), **batches)
    assert np.sum(early.path.lr[1:]) < 0.05 / (1 - np.exp(-0.5)) + 1e-12
    assert np.linalg.norm(early.x - best) > 1
    print(f"exponential, 50 times as fast: {np.linalg.norm(early.x - best):.3f} away")


if __name__ == "__main__":
    main()
