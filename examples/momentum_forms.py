"""Momentum as each lecture writes it: which formulations walk the same way, and until when.

AI604 (KAIST) calls two of them equivalent; Introduction to Computer Vision (Mines), lecture 19,
has the running mean; I2DL (TUM), lecture 4, and the notes on adaptive methods each have one.
"""

import numpy as np

import diffkit as dk
from diffkit import optimize

VALLEY, START = "x^2/2 + 10*y^2", np.array([1.0, 1.0])
SLOPES, RHO, STEPS = np.array([1.0, 20.0]), 0.9, 40  # the gradient is SLOPES*(x, y)


def velocity_of_gradients(rates, x=START, vx=0):  # AI604; CS3485 and the notes call rho beta
    for learning_rate in rates:
        vx = RHO * vx + SLOPES * x
        x = x - learning_rate * vx
        yield x


def velocity_of_steps(rates, x=START, vx=0):  # AI604's alternative; I2DL; Mines as vel*0.9 - ...
    for learning_rate in rates:
        vx = RHO * vx - learning_rate * SLOPES * x
        x = x + vx
        yield x


def running_mean(rates, x=START, delta=0):  # Mines: w dL/dtheta + (1 - w) delta
    w = 1 - RHO
    for learning_rate in rates:
        delta = w * SLOPES * x + (1 - w) * delta
        x = x - learning_rate * delta
        yield x


FORMS = {"torch": velocity_of_gradients, "sutskever": velocity_of_steps, "ema": running_mean}


def walk(form, lr):
    rule = optimize.SGD(lr=lr, momentum=RHO, form=form)
    return dk.minimize(VALLEY, {"x": 1.0, "y": 1.0}, rule, steps=STEPS).path.vectors[1:]


def main():
    schedule = optimize.schedules.Exponential(0.02, decay=0.05)
    walks = {}
    for lr in (0.02, schedule):
        rates = [lr(t) if callable(lr) else lr for t in range(STEPS)]
        for form, loop in FORMS.items():
            walks[form, lr] = walk(form, lr)
            assert np.allclose(walks[form, lr], list(loop(rates)), rtol=1e-11, atol=1e-14)

    # "They are equivalent - give same sequence of x": as long as the learning rate is constant.
    same = walks["torch", 0.02], walks["sutskever", 0.02]
    assert np.allclose(*same, rtol=1e-10, atol=1e-14)
    apart = np.abs(walks["torch", schedule] - walks["sutskever", schedule]).max()
    print(f"torch and sutskever: equal at a constant rate, {apart:.3f} apart under a schedule")
    assert apart > 0.01

    # The running mean is the first form with a learning rate of w lr.
    assert np.allclose(walk("ema", 0.02 / (1 - RHO)), walks["torch", 0.02], rtol=1e-10, atol=1e-13)
    print("ema: the walk of torch at ten times its learning rate")


if __name__ == "__main__":
    main()
