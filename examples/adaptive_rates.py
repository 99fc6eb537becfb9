"""A learning rate for each parameter: AdaGrad, its global form, and RMSProp, as the lectures write.

I2DL (TUM) and AI604 (KAIST) divide each slope by the root of its own squares; CS3485 (lecture 4)
all of them by one number, the root of epsilon plus the sum of |gradient|^2.
"""

import numpy as np

import diffkit as dk
from diffkit import optimize

VALLEY, START = "(x^2 + 100*y^2)/2", {"x": 1.0, "y": 1.0}
RATE, STEPS = 0.1, 60


def loop(divisor):
    """x -= rate * g / divisor, which sees all gradients so far."""
    x, seen = np.array([1.0, 1.0]), []
    for _ in range(STEPS):
        seen.append(np.array([1.0, 100.0]) * x)
        x = x - RATE * seen[-1] / divisor(np.array(seen))
        yield x


def adagrad(seen):  # I2DL: delta + sqrt(r), r the sum of g*g
    return 1e-7 + np.sqrt(np.sum(seen**2, axis=0))


def adagrad_norm(seen):  # CS3485: sqrt(epsilon + the sum of |g|^2)
    return np.sqrt(1e-7 + np.sum(seen**2))


def rmsprop(seen):  # AI604: grad_squared = decay_rate*grad_squared + (1 - decay_rate)*dx*dx
    shares = 0.1 * 0.9 ** np.arange(len(seen))[::-1]
    return np.sqrt(shares @ seen**2) + 1e-7


RULES = {
    adagrad: optimize.Adagrad(RATE, eps=1e-7),
    adagrad_norm: optimize.Adagrad(RATE, eps=1e-7, eps_in_sqrt=True, global_norm=True),
    rmsprop: optimize.RMSprop(RATE, alpha=0.9, eps=1e-7),
}


def main():
    paths = {}
    for divisor, rule in RULES.items():
        run = dk.minimize(VALLEY, START, rule, steps=STEPS, gtol=0)
        paths[divisor] = run.path.x
        assert np.allclose(run.path.vectors[1:], list(loop(divisor)), rtol=1e-9, atol=1e-12)
        x, y = run.path.x["x"], run.path.x["y"]
        print(f"{divisor.__name__:<13} x: {x[[1, 2, 60]].round(3)}, y: {y[[1, 2, 60]].round(3)}")

    # Coordinate by coordinate the steepness cancels: x and y walk the same way.
    for divisor in (adagrad, rmsprop):
        assert np.allclose(paths[divisor]["x"], paths[divisor]["y"], atol=1e-4)
    # One number for all keeps it: the flat direction hardly moves.
    assert paths[adagrad_norm]["x"][-1] > 0.97

    # "The larger the previous steps were, the smaller the next": a sum only grows, and the steps
    # of AdaGrad shrink too soon; RMSProp forgets and arrives.
    assert abs(paths[rmsprop]["x"][-1]) < 1e-6 < 0.05 < paths[adagrad]["x"][-1]


if __name__ == "__main__":
    main()
