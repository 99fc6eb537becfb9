"""Nesterov's momentum: the slope is taken where the velocity is about to lead.

I2DL (TUM), lecture 4, looks ahead by all of v; Sutskever et al. (2013), cited there, by alpha v.
"""

import numpy as np

import diffkit as dk
from diffkit import optimize

VALLEY, START = "(x^2 + 50*y^2)/2", {"x": 1.0, "y": 1.0}
ALPHA, RATE, STEPS = 0.9, 0.01, 150


def loop(ahead):
    """The three lines of the lecture, looking ahead by a share of the velocity."""
    theta, v = np.array([1.0, 1.0]), np.zeros(2)
    for _ in range(STEPS):
        looked = theta + ahead * v
        v = ALPHA * v - RATE * np.array([1.0, 50.0]) * looked
        theta = theta + v
        yield theta


def walk(method):
    return dk.minimize(VALLEY, START, method, steps=STEPS)


def main():
    lecture = walk(optimize.Nesterov(RATE, ALPHA, ahead=1.0))
    usual = walk(optimize.Nesterov(RATE, ALPHA))
    assert np.allclose(lecture.path.vectors[1:], list(loop(1.0)), rtol=1e-10, atol=1e-13)
    assert np.allclose(usual.path.vectors[1:], list(loop(ALPHA)), rtol=1e-10, atol=1e-13)

    # SGD(nesterov=True) walks through the look-ahead points x + alpha v of the usual one.
    x = usual.path.vectors
    ahead = x[1:] + ALPHA * np.diff(x, axis=0)
    torch = walk(optimize.SGD(RATE, momentum=ALPHA, nesterov=True)).path.vectors
    assert np.allclose(torch[1:], ahead, rtol=1e-9, atol=1e-12)

    # Both brake where the valley is steep; plain momentum swings there longer.
    runs = {
        "momentum": walk(optimize.SGD(RATE, momentum=ALPHA)),
        "look-ahead by alpha v": usual,
        "look-ahead by v": lecture,
    }
    swing = {name: np.abs(run.path.x["y"]).sum() for name, run in runs.items()}
    for name, run in runs.items():
        print(f"{name:<22} swings {swing[name]:5.2f} in y, f = {run.fun:.2e} at the end")
    assert swing["look-ahead by v"] < swing["look-ahead by alpha v"] < swing["momentum"]


if __name__ == "__main__":
    main()
