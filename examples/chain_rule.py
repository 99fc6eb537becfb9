"""The chain rule as a list of products: the lectures' small cases, and a net with a softmax.

From CS3485 (lecture 4: (3x^3 + 2)^2, and dW0 of a net), and I2DL at TUM (lecture 4: x y + z).
"""

import numpy as np

import diffkit as dk
from diffkit import losses


def polynomials():
    """dy/dx = (dy/du)(du/dx) = (2u)(9x^2) = 54 x^5 + 36 x^2."""
    slope = dk.lower("u = 3*x^3 + 2; y = u^2").adjoint("x")
    for x in (-1.5, 0.25, 2.0):
        assert np.isclose(slope(x=x), 54 * x**5 + 36 * x**2, rtol=1e-14)
    print("d/dx (3x^3 + 2)^2 at 2:", slope(x=2.0), "= 54*32 + 36*4 =", 54 * 32 + 36 * 4)


def forward_and_backward():
    """f = x y + z at (2, -5, 3): each node knows only its inputs and its output."""
    program = dk.lower("d = x*y; f = d + z")
    at = {"x": 2.0, "y": -5.0, "z": 3.0}
    assert program(**at) == -7.0
    slopes = dk.grad(program)(**at)
    assert tuple(slopes) == (-5.0, 2.0, 1.0)  # df/dx = y, df/dy = x, df/dz = 1
    print("f = x*y + z:", slopes)


def net(params, x, y):
    """-y' log(softmax(W1 a(W0 x))) for one sample, its label y as a row of 0 and 1."""
    W0, W1 = params
    return losses.cross_entropy(W1 @ losses.relu(W0 @ x), y)


def layer_by_layer(params, x, y):
    """The lecture's product of Jacobians, from the left."""
    W0, W1 = params
    z = W0 @ x
    h = np.maximum(z, 0)
    scores = np.exp(W1 @ h)
    p = scores / np.sum(scores)
    jacobian_of_log = np.diag(1 / p)
    jacobian_of_softmax = np.diag(p) - np.outer(p, p)
    by_scores = -y @ jacobian_of_log @ jacobian_of_softmax
    assert np.allclose(by_scores, p - y)  # what remains of three factors
    by_z = by_scores @ W1 @ np.diag((z > 0).astype(float))
    return np.outer(by_z, x), np.outer(by_scores, h)


def main():
    polynomials()
    forward_and_backward()
    rng = np.random.default_rng(1)
    params = rng.normal(size=(4, 3)), rng.normal(size=(5, 4))
    x, y = rng.normal(size=3), np.eye(5)[2]
    found, expected = dk.grad(net)(params, x, y), layer_by_layer(params, x, y)
    for a, b in zip(found, expected, strict=True):
        assert np.allclose(a, b, rtol=1e-12)
    print("dL/dW0 of the net:", found[0].round(4), sep="\n")


if __name__ == "__main__":
    main()
