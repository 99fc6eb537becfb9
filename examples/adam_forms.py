"""Adam as each lecture writes it: without bias correction, with it, and with a constant one.

AI604 (KAIST) has "Adam (almost)" and the full form; the notes on adaptive methods derive
1 - beta^t; I2DL (TUM), lecture 4, divides by 1 - rho.
"""

import numpy as np

import diffkit as dk
from diffkit import optimize

VALLEY, START = "x^2/2 + 10*y^2", {"x": 1.0, "y": 1.0}
BETA1, BETA2, EPS, RATE, STEPS = 0.9, 0.999, 1e-7, 1e-2, 50


def loop(correction):
    """AI604's loop; the correction returns what the two moments are divided by."""
    x, first_moment, second_moment = np.array([1.0, 1.0]), 0, 0
    for t in range(1, STEPS + 1):
        dx = np.array([1.0, 20.0]) * x
        first_moment = BETA1 * first_moment + (1 - BETA1) * dx
        second_moment = BETA2 * second_moment + (1 - BETA2) * dx * dx
        one, two = correction(t)
        x = x - RATE * (first_moment / one) / (np.sqrt(second_moment / two) + EPS)
        yield x


FORMS = {
    False: lambda t: (1, 1),
    True: lambda t: (1 - BETA1**t, 1 - BETA2**t),
    "constant": lambda t: (1 - BETA1, 1 - BETA2),
}


def main():
    walks = {}
    for form, correction in FORMS.items():
        rule = optimize.Adam(RATE, (BETA1, BETA2), EPS, bias_correction=form)
        run = dk.minimize(VALLEY, START, rule, steps=STEPS)
        walks[form] = run.path.vectors
        assert np.allclose(walks[form][1:], list(loop(correction)), rtol=1e-10)

    # "What happens at the first time step?" Without correction it is (1 - b1)/sqrt(1 - b2) = 3.16
    # times as long as the learning rate; with it, it is the learning rate.
    first = {form: (path[0] - path[1]) / RATE for form, path in walks.items()}
    print("first step, in learning rates:", {form: step.round(3) for form, step in first.items()})
    assert np.allclose(first[False], (1 - BETA1) / np.sqrt(1 - BETA2), rtol=1e-5)
    assert np.allclose(first[True], 1.0, rtol=1e-5)
    assert np.allclose(first["constant"], 1.0, rtol=1e-5)

    # Then they part: divided by 1 - rho at every step, the ratio of moments is no mean ratio.
    apart = np.abs(walks["constant"] - walks[True]).max()
    print(f"constant and full correction: {apart:.3f} apart within {STEPS} steps")
    assert apart > 0.01

    # With a constant gradient the moments are (1 - beta^t) g, as derived in the notes.
    rule, x, g = optimize.Adam(RATE), np.zeros(1), np.array([3.0])
    state = rule.init(x)
    for t in range(1, 20):
        step, state = rule.update(g, state, x)
        assert np.isclose(state.mean[0], (1 - BETA1**t) * 3.0, rtol=1e-12)
        assert np.isclose(state.square[0], (1 - BETA2**t) * 9.0, rtol=1e-12)
        assert np.isclose(step[0], -RATE, rtol=1e-6)


if __name__ == "__main__":
    main()
