"""The exercise on x^2: learning rates 0.1, 0.01, 1, 100, 1000, and what each run tells.

From CS3485 (lecture 4), with its second part: the same code for x^2 + y^2.
"""

import numpy as np

import diffkit as dk
from diffkit import optimize

STORIES = {0.1: "CONVERGED", 0.01: "CONVERGED", 1: "STALLED", 100: "DIVERGED", 1000: "DIVERGED"}


def main():
    for lr, expected in STORIES.items():
        run = dk.minimize("x^2", {"x": 1.0}, optimize.GD(lr))
        assert run.status == expected
        assert run.success == (expected == "CONVERGED")
        # x - lr*2x: every step multiplies x by 1 - 2 lr.
        k = np.arange(run.nit + 1)
        assert np.allclose(run.path.x["x"], (1.0 - 2 * lr) ** k, rtol=1e-9)
        print(f"{lr:>6}: x = {run.path.x['x'][:4].round(4)} ... {run.message}")

    # The length of the gradient 2 (1 - 2 lr)^k falls below 1e-6 where the logarithms say.
    for lr in (0.1, 0.01):
        run = dk.minimize("x^2", {"x": 1.0}, optimize.GD(lr))
        assert run.nit == np.ceil(np.log(0.5e-6) / np.log(1 - 2 * lr))

    # Newton's rate is one over the second derivative: 1/2 is there in one step.
    assert dk.minimize("x^2", {"x": 1.0}, optimize.GD(0.5)).nit == 1

    # All rates in one table: below 2/L = 1 they converge.
    table = optimize.learning_rates("x^2", {"x": 1.0}, rates=sorted(STORIES), steps=50)
    assert np.isclose(table.limit, 1.0)
    assert table.best == 0.1
    print(table)

    # Two variables: the function and the start change, the optimizer does not.
    bowl = dk.minimize("x^2 + y^2", {"x": 1.0, "y": -2.0}, optimize.GD(0.1))
    assert bowl.success
    k = np.arange(bowl.nit + 1)
    assert np.allclose(bowl.path.x["y"], -2 * 0.8**k, rtol=1e-9)
    print(f"x^2 + y^2: {bowl.message}")


if __name__ == "__main__":
    main()
