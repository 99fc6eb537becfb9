"""The condition number: descent jitters along the steep direction and crawls along the flat one.

From AI604 (KAIST), "Problem #1 with SGD", and I2DL (TUM): Newton takes the direct route.
"""

import numpy as np

import diffkit as dk
from diffkit import optimize


def valley(condition):
    """Half of x^2 + condition*y^2: the eigenvalues of its Hessian are 1 and the condition."""
    return f"(x^2 + {condition}*y^2)/2"


START = {"x": 1.0, "y": 1.0}


def main():
    condition = 100
    H = np.diag([1.0, condition])
    assert np.linalg.cond(H) == condition

    # With the best constant rate 2/(1 + condition) both parts shrink by (c - 1)/(c + 1) a step,
    # the steep one with a change of sign each time.
    lr = 2 / (1 + condition)
    share = (condition - 1) / (condition + 1)
    descent = dk.minimize(valley(condition), START, optimize.GD(lr), steps=200)
    k = np.arange(201)
    assert np.allclose(descent.path.x["x"], share**k, rtol=1e-9)
    assert np.allclose(descent.path.x["y"], (-share) ** k, rtol=1e-9)
    print("y goes to and fro:", descent.path.x["y"][:6].round(3), "x crawls")

    # Polyak's momentum has the square root of the condition number in place of it.
    root = np.sqrt(condition)
    beta = ((root - 1) / (root + 1)) ** 2
    heavy = optimize.SGD(lr=4 / (1 + root) ** 2, momentum=beta)
    momentum = dk.minimize(valley(condition), START, heavy)
    assert momentum.success
    late = momentum.path.gnorm[[40, 80]]
    assert np.isclose((late[1] / late[0]) ** (1 / 40), np.sqrt(beta), rtol=0.03)

    steps = {}
    for condition in (10, 100, 300):
        rate = optimize.GD(2 / (1 + condition))
        steps[condition] = dk.minimize(valley(condition), START, rate, steps=5000).nit
        share = (condition - 1) / (condition + 1)
        reached = np.log(1e-6 / np.hypot(1, condition)) / np.log(share)
        assert steps[condition] == np.ceil(reached)
        assert dk.minimize(valley(condition), START, "newton").nit == 1
    print("steps of descent by condition number:", steps, "- of Newton: 1")
    print("steps of momentum at 100:", momentum.nit)
    assert momentum.nit < steps[100] / 4

    # RMSProp: the first step is the same in both directions, however steep they are.
    found = dk.minimize(valley(100), START, optimize.RMSprop(lr=0.01, alpha=0.9), steps=1)
    moves = [found.path.x[name][1] - 1 for name in "xy"]
    assert np.allclose(moves, -0.01 / np.sqrt(0.1), rtol=1e-6)
    print("first step of RMSProp:", np.round(moves, 6))


if __name__ == "__main__":
    main()
