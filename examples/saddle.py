"""The saddle x^2 - y^2: how many steps each optimizer needs to leave it, and who never does.

From AI604 (KAIST), "Problem #2 with SGD"; CS3485 (lecture 4) shows the same race as pictures.
"""

import numpy as np

import diffkit as dk
from diffkit import optimize

SADDLE = "x^2 - y^2"
LR, BETA, AWAY = 0.01, 0.9, 1e-6


def steps_to_leave(rule):
    """Steps from (1, 1e-6) until |y| > 1."""
    for step in dk.descend(SADDLE, {"x": 1.0, "y": AWAY}, rule, steps=5000):
        if abs(step.x["y"]) > 1:
            return step.k
    raise AssertionError("it never left")


def main():
    # The gradient is (2x, -2y), so both slopes are 0 at the origin: it looks like an end.
    program = dk.lower(SADDLE)
    assert tuple(dk.grad(program)(x=0.0, y=0.0)) == (0.0, 0.0)
    H = dk.hessian(lambda p: p[0] ** 2 - p[1] ** 2)(np.zeros(2))
    assert np.linalg.eigvalsh(H).tolist() == [-2.0, 2.0]

    left = {
        "GD": steps_to_leave(optimize.GD(LR)),
        "momentum": steps_to_leave(optimize.SGD(LR, momentum=BETA)),
        "RMSProp": steps_to_leave(optimize.RMSprop(LR, alpha=0.9)),
        "Adam": steps_to_leave(optimize.Adam(LR)),
    }
    print("steps to leave the saddle:", left)

    # GD: y grows by 1 + 2 lr a step. Momentum: by the larger root of r^2 - (1 + b + 2 lr) r + b.
    assert left["GD"] == np.ceil(-np.log(AWAY) / np.log(1 + 2 * LR))
    r = max(np.roots([1, -(1 + BETA + 2 * LR), BETA]))
    assert abs(left["momentum"] - -np.log(AWAY) / np.log(r)) < 0.1 * left["momentum"]
    # Adam divides by the size of the gradient: a step of about lr, however flat it is.
    assert left["Adam"] < 2 / LR
    assert left["RMSProp"] < 2 / LR
    assert left["GD"] > 3 * left["RMSProp"]
    adam = dk.minimize(SADDLE, {"x": 1.0, "y": AWAY}, optimize.Adam(LR), steps=1)
    assert np.isclose(adam.x["y"] - AWAY, LR, rtol=0.01)

    # On the ridge y = 0 exactly, no slope says where to go; all of them end at the saddle.
    for rule in (optimize.GD(0.1), optimize.SGD(0.1, momentum=BETA)):
        stuck = dk.minimize("x^2 - y^2 + y^4/2", {"x": 1.0, "y": 0.0}, rule)
        assert not stuck.success
        assert stuck.x["y"] == 0.0
        print(type(rule).__name__, "-", stuck.message)

    # Newton's method that looks at the eigenvalues leaves along the negative one, to y^2 = 1.
    newton = dk.minimize("x^2 - y^2 + y^4/2", {"x": 1.0, "y": 0.0}, "newton")
    assert newton.success
    assert np.isclose(newton.x["y"] ** 2, 1.0)
    print("Newton:", newton.message)


if __name__ == "__main__":
    main()
