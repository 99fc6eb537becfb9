"""What swell costs: one derivative evaluated as adjoint, as written formula, and by lambdify."""

import numpy as np

import diffkit as dk


def neuron_layers(depth):
    """Layers of two tanh units in plain NumPy, from one number to one number."""

    def network(x):
        a, b = x, 0.5 * x
        for k in range(depth):
            a, b = np.tanh(0.7 * a - 0.4 * b + 0.1 * k), np.tanh(0.3 * a + 0.8 * b)
        return a + b

    return network


def main():
    for depth in (2, 3, 5):
        report = dk.swell(neuron_layers(depth), "x", budget=0)
        costs = report.evaluation_cost({"x": 0.3}, budget=30)
        print(f"{depth} layers: {report.sentence('textbook')}\n{costs}\n")
        ratio = costs["textbook tree"].operations / costs["adjoint"].operations
        assert ratio > depth - 1  # the tree has more to do, at any speed

    # The slopes agree, however they are written.
    slope = dk.grad(neuron_layers(2))(0.3)
    assert np.isclose(dk.lower(dk.swell(neuron_layers(2), budget=0).formula())(0.3), slope)


if __name__ == "__main__":
    main()
