"""The table W + h: one more loss for each weight, against all slopes from one backward pass.

From AI604 (KAIST), the lecture on optimization: loss 1.25347 becomes 1.25322, so the slope is -2.5.
"""

import numpy as np

import diffkit as dk

W = np.array([0.34, -1.11, 0.78, 0.12, 0.55, 2.81, -3.1, -1.5, 0.33])
DW = np.array([-2.5, 0.6, 0.0, 0.2, 0.7, -0.5, 1.1, 1.3, -2.1])  # as the lecture prints it
H = 0.0001


def loss(w):
    """A bowl with the loss and the gradient of the lecture at W."""
    away = w - W
    return 1.25347 + DW @ away + away @ away / 2


def main():
    calls = 0

    def counted(w):
        nonlocal calls
        calls += 1
        return loss(w)

    assert counted(W) == 1.25347
    table = []
    for k in range(W.size):
        shifted = W.copy()
        shifted[k] += H
        table.append(counted(shifted))
    printed = np.round(table, 5)
    assert printed[:3].tolist() == [1.25322, 1.25353, 1.25347]  # the three of the slides
    slopes = (printed - 1.25347) / H
    print("from losses with five decimals:", slopes.round(4))
    assert np.allclose(slopes[:3], [-2.5, 0.6, 0.0], atol=1e-9)

    # Half a unit in the fifth decimal of two losses, divided by h, is 0.1: all that is known of
    # the third slope is 0 +- 0.1. With all digits the truncation error h/2 remains.
    assert np.all(abs(slopes - DW) <= 1e-5 / H)
    full = (np.array(table) - 1.25347) / H
    assert np.allclose(full - DW, H / 2, rtol=1e-6, atol=1e-10)
    print("calls of the loss:", calls)
    assert calls == 1 + W.size

    calls = 0
    value, exact = dk.value_and_grad(counted)(W)
    assert calls == 1
    assert value == 1.25347
    assert np.allclose(exact, DW, rtol=0, atol=1e-15)
    print("reverse mode:", exact, "and one call")

    # Both together are the gradient check: differences that know how wrong they may be.
    estimate = dk.finite.gradient(loss, W)
    assert np.all(abs(estimate.value - exact) <= estimate.error)
    print(f"finite differences with error bars: off by at most {max(estimate.error):.0e}")

    # Along the negative gradient the loss falls by lr |g|^2, to first order.
    lr = 1e-3
    fall = loss(W) - loss(W - lr * exact)
    assert np.isclose(fall, lr * exact @ exact * (1 - lr / 2))


if __name__ == "__main__":
    main()
