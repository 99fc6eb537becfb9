"""A first very bad idea, random search, against following the slope, on data shaped as CIFAR-10.

From AI604 (KAIST): W = randn(10, 3073)*0.0001, whose losses begin with 9.40, 8.96, 9.04, 9.28.
"""

import numpy as np

import diffkit as dk
from diffkit import losses, optimize

CLASSES, PIXELS = 10, 32 * 32 * 3


def images(rng, means, count):
    """Columns of centred pixels and a last 1; each class is a pale template under noise."""
    labels = rng.integers(CLASSES, size=count)
    pixels = np.clip(means[labels] + rng.normal(scale=50, size=(count, PIXELS)), 0, 255)
    return np.vstack([pixels.T - 128, np.ones(count)]), labels


def main():
    rng = np.random.default_rng(0)
    means = rng.normal(128, 10, size=(CLASSES, PIXELS))
    X, y = images(rng, means, 200)
    X_test, y_test = images(rng, means, 200)

    def L(W):
        return losses.multiclass_hinge((W @ X).T, y)

    def accuracy(W):
        return 1 - losses.zero_one((W @ X_test).T, y_test)

    start = np.zeros((CLASSES, PIXELS + 1))
    assert L(start) == CLASSES - 1  # every wrong class is exactly one margin away: 9

    search = dk.minimize(L, start, optimize.RandomSearch(1e-4, local=False, rng=0), steps=10)
    assert search.njev == 0
    guesses = np.random.default_rng(0).normal(scale=1e-4, size=(3, *start.shape))
    tried = [L(W) for W in guesses]
    assert np.allclose(tried, 9, atol=1.5)  # scattered as the lecture's
    assert np.isclose(search.path.f[3], min(9.0, *tried), rtol=1e-12)
    print("losses of guesses:", np.round(tried, 2), f"- best of {search.nfev}: {search.fun:.2f}")

    # The slope of the hinge is constant while every margin is short: L falls by lr |g|^2 a step.
    slope = dk.minimize(L, start, optimize.GD(1.5e-7), steps=8)
    assert slope.njev == 9 < search.nfev
    assert np.allclose(-np.diff(slope.path.f[:4]), 1.5e-7 * slope.path.gnorm[0] ** 2, rtol=1e-9)
    assert slope.fun < 2 < 7 < search.fun
    print(f"following the slope: {slope.fun:.2f} after {slope.njev} gradients")

    # 10 classes: a guess is right once in ten; 0.1555 in the lecture.
    found = {"random search": accuracy(search.x), "slope": accuracy(slope.x)}
    print("right on new images:", {name: f"{share:.1%}" for name, share in found.items()})
    assert found["random search"] < 0.3
    assert found["slope"] > 0.95


if __name__ == "__main__":
    main()
