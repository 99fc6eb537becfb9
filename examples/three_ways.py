"""A softplus neuron, differentiated in three ways, each judged against 50 digits."""

import numpy as np

import diffkit as dk

NEURON = "log(1 + exp(w*x + b))"
AT = {"w": 2.0, "x": -1.0, "b": 0.5}


def main():
    c = dk.compare(NEURON, AT)
    assert c.agree

    # d/dw log(1 + exp(z)) = sigmoid(z)*x
    z = AT["w"] * AT["x"] + AT["b"]
    sigmoid = 1 / (1 + np.exp(-z))
    expected = {"w": sigmoid * AT["x"], "x": sigmoid * AT["w"], "b": sigmoid}
    for way in c.ways:
        for name, slope in expected.items():
            assert np.isclose(c.gradients[way][name], slope, rtol=1e-9)
    assert c.error["reverse"]["w"] < 1e-15

    print(c)


if __name__ == "__main__":
    main()
