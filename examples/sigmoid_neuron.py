"""The lecture's program: a sigmoid neuron, its steps, its backward steps, its gradient.

z = w x + b,  y = sigmoid(z),  L = (y - t)^2 / 2;  by hand dL/dw = (y - t) y (1 - y) x.
"""

import numpy as np

import diffkit as dk

TEXT = """
z = w*x + b
y = 1/(1 + exp(-z))
L = 1/2*(y - t)^2
"""


def by_hand(w, x, b, t):
    y = 1 / (1 + np.exp(-(w * x + b)))
    return (y - t) * y * (1 - y) * x


def main():
    program = dk.lower(TEXT)
    adjoint = program.adjoint("w")
    assert len(program) == 9
    print("forward:", program, sep="\n")
    print("\nbackward:", *adjoint.steps[len(program) :], sep="\n")

    rng = np.random.default_rng(0)
    for w, x, b, t in rng.normal(size=(100, 4)):
        point = {"w": w, "x": x, "b": b, "t": t}
        assert np.isclose(adjoint(**point), by_hand(**point), rtol=1e-12)
        assert np.isclose(program.tangent("w")(**point), by_hand(**point), rtol=1e-12)

    point = {"w": 2.0, "x": -1.0, "b": 2.0, "t": 1.0}
    print(f"\nat {point}: L = {program(**point)}, dL/dw = {adjoint(**point)}")
    assert (program(**point), adjoint(**point)) == (0.125, 0.125)


if __name__ == "__main__":
    main()
