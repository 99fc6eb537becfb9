"""Three spirals: the best linear classifier gets half of them, two layers get all.

f = W2 max(0, W1 x) with biases, from AI604 (KAIST) and I2DL (TUM), "beyond linear".
"""

import numpy as np

import diffkit as dk
from diffkit import losses

CLASSES, EACH, HIDDEN = 3, 40, 24


def spirals(rng):
    """Points along three arms that turn by four radians on their way out, with some noise."""
    r = np.linspace(0.05, 1, EACH)
    angle = np.linspace(0, 4, EACH)
    arms = [angle + 4 * k + rng.normal(scale=0.15, size=EACH) for k in range(CLASSES)]
    X = np.vstack([np.column_stack([r * np.sin(a), r * np.cos(a)]) for a in arms])
    return X, np.repeat(np.arange(CLASSES), EACH)


def linear(params, X):
    return X @ params["W"] + params["b"]


def two_layers(params, X):
    return losses.relu(X @ params["W1"] + params["b1"]) @ params["W2"] + params["b2"]


def main():
    rng = np.random.default_rng(0)
    X, y = spirals(rng)
    nets = {
        linear: {"W": np.zeros((2, CLASSES)), "b": np.zeros(CLASSES)},
        two_layers: {
            "W1": rng.normal(size=(2, HIDDEN)),
            "b1": rng.normal(size=HIDDEN),
            "W2": rng.normal(scale=0.3, size=(HIDDEN, CLASSES)),
            "b2": np.zeros(CLASSES),
        },
    }
    right = {}
    for net, start in nets.items():

        def loss(params, net=net):
            return losses.cross_entropy(net(params, X), y) + 1e-4 * losses.l2_penalty(params)

        trained = dk.minimize(loss, start, "l-bfgs", steps=150)
        right[net.__name__] = 1 - losses.zero_one(net(trained.x, X), y)
        print(f"{net.__name__}: loss {trained.fun:.3f}, {right[net.__name__]:.1%} right")
        if net is linear:
            assert trained.success  # convex: no line does better by this loss
    assert right["linear"] < 0.65
    assert right["two_layers"] > 0.98

    # A net without its max(0, .) is linear again: one matrix does what two did.
    params = trained.x
    merged = {"W": params["W1"] @ params["W2"], "b": params["b1"] @ params["W2"] + params["b2"]}
    stacked = (X @ params["W1"] + params["b1"]) @ params["W2"] + params["b2"]
    assert np.allclose(stacked, linear(merged, X))


if __name__ == "__main__":
    main()
