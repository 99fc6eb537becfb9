"""The lecture's MLP with w1, b1, w2, w3: products of the chain rule, and what is used again.

From Introduction to Computer Vision, lecture 19 (Colorado School of Mines).
"""

import numpy as np

import diffkit as dk
from diffkit import optimize

NET = """
a1 = w1*x + b1;  f1 = 1/(1 + exp(-a1))
a2 = w2*f1;      f2 = 1/(1 + exp(-a2))
a3 = w3*f2;      f3 = 1/(1 + exp(-a3))
L = (y - f3)^2/2
"""
NAMES = ["w3", "w2", "w1", "b1"]


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def by_hand(w1, b1, w2, w3, x, y):
    """The four products of the lecture; each begins with the one before."""
    f1 = sigmoid(w1 * x + b1)
    f2 = sigmoid(w2 * f1)
    f3 = sigmoid(w3 * f2)
    by_a3 = -(y - f3) * f3 * (1 - f3)  # dL/df3 df3/da3
    by_a2 = by_a3 * w3 * f2 * (1 - f2)  # ... da3/df2 df2/da2
    by_a1 = by_a2 * w2 * f1 * (1 - f1)  # ... da2/df1 df1/da1
    return {"w3": by_a3 * f2, "w2": by_a2 * f1, "w1": by_a1 * x, "b1": by_a1}


def main():
    point = {"w1": 0.7, "b1": -0.2, "w2": 1.5, "w3": -2.0, "x": 0.8, "y": 1.0}
    compared = dk.compare(NET, point, wrt=NAMES)
    assert compared.agree
    for name, expected in by_hand(**point).items():
        for way in compared.ways:
            assert np.isclose(compared.gradients[way][name], expected, rtol=1e-9)
        print(f"dL/d{name} = {expected:.10f}")

    # "Already computed, re-use": all four slopes need at most three steps more than that of w1.
    program = dk.lower(NET)
    alone = {name: len(program.adjoint(name)) - len(program) for name in NAMES}
    together = len(program.adjoint(NAMES)) - len(program)
    print("backward steps, each alone:", alone, "- all at once:", together)
    assert alone["w3"] < alone["w2"] < alone["w1"]
    assert together <= alone["w1"] + 3 < sum(alone.values())

    # Train it on one sample as the lecture does: predict, update.
    known = {name: point[name] for name in ("x", "y")}

    def loss(theta):
        return program(**theta, **known)

    start = {name: point[name] for name in NAMES}
    trained = dk.minimize(loss, start, optimize.GD(lr=1.0), steps=200)
    first = by_hand(**point)
    for name in NAMES:
        moved = trained.path.x[name][1] - start[name]
        assert np.isclose(moved, -1.0 * first[name], rtol=1e-9)
    assert np.all(np.diff(trained.path.f) < 0)
    print(f"loss {trained.path.f[0]:.4f} -> {trained.fun:.6f} in {trained.nit} steps")


if __name__ == "__main__":
    main()
