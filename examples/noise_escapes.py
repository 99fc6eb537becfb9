"""Noise helps: on the ridge of a saddle descent stays for ever, minibatches fall off.

From CS3485 (lecture 4), which cites Jin et al., Stochastic Gradient Descent Escapes Saddle
Points Efficiently (2019).
"""

import numpy as np

import diffkit as dk
from diffkit import optimize


def loss(p, tilts):
    """The mean over samples of x^2 - y^2 + y^4/2 + tilt*y; the tilts cancel in the mean."""
    x, y = p
    return x**2 - y**2 + y**4 / 2 + np.mean(tilts) * y


def main():
    tilts = np.tile([1.0, -1.0], 16)  # a sample pulls y up or down, all of them do neither
    assert tilts.sum() == 0
    start, rule = np.array([1.0, 0.0]), optimize.GD(0.05)

    whole = dk.minimize(loss, start, rule, data=tilts, batch_size=32, epochs=300)
    assert whole.x[1] == 0.0
    assert np.isclose(whole.fun, 0.0, atol=1e-12)
    assert not whole.success
    print(f"all samples:  y = {whole.x[1]}; {whole.message}")

    sides = []
    for seed in range(6):
        some = dk.minimize(loss, start, rule, data=tilts, batch_size=8, epochs=75, rng=seed)
        assert some.nit == 300
        assert abs(abs(some.x[1]) - 1) < 0.15  # the minima are y = 1 and -1, f = -1/2
        assert abs(some.fun + 0.5) < 0.05
        sides.append(round(float(some.x[1]), 2))
    print("batches of 8: y =", sides)
    assert min(sides) < 0 < max(sides)  # which side is chance


if __name__ == "__main__":
    main()
