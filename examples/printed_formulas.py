"""A gradient check for slides: derivatives as five lectures print them, right ones and slips.

Each is compared with the derivative on which all three ways agree.
"""

import numpy as np

import diffkit as dk
from diffkit import losses

AT = {"w": 0.7, "x": -1.3, "b": 0.4, "y": 0.9}
NEST = {"w1": 0.7, "w2": -0.8, "x": 1.3, "b1": 0.2, "b2": -0.4}
NET = "log(1 + exp(w2*log(1 + exp(w1*x + b1)) + b2))"
E1 = "exp(b1 + w1*x)"
E2 = "exp(b2 + w2*log(1 + exp(b1 + w1*x)))"

# whose, the function, by what, the derivative as printed, what is wrong with it, a point
PRINTED = [
    ("Mines", "log(1 + exp(w*x + b))", "w", "exp(b + w*x)*w/(1 + exp(b + w*x))", "w for x", AT),
    ("Mines", NET, "w1", f"{E1}*{E2}*w2*x/((1 + {E1})*(1 + {E2}))", "", NEST),
    ("Mines", "1/(1 + exp(-x))", "x", "1/(1 + exp(-x))*(1 - 1/(1 + exp(-x)))", "", AT),
    ("Mines", "(y - w*x)^2/2", "w", "-(y - w*x)*x", "", AT),
    ("notes", "(y - w*x)^2/2", "w", "(y - w*x)*x", "the sign", AT),
    ("CS3485", "(3*x^3 + 2)^2", "x", "54*x^5 + 36*x^2", "", AT),
    ("AI604", "x^2 - y^2", "y", "-2*y", "", AT),
]


def value_of(text, at):
    program = dk.lower(text)
    return float(program(**{name: at[name] for name in program.inputs}))


def main():
    for whose, function, name, printed, slip, point in PRINTED:
        at = {key: point[key] for key in dk.lower(function).inputs}
        compared = dk.compare(function, at, wrt=name)
        assert compared.agree
        slope = float(compared.gradients["reverse"][name])
        right = np.isclose(value_of(printed, at), slope, rtol=1e-12)
        assert right == (not slip)
        print(f"{whose:7}d/d{name} {function:48}", f"wrong: {slip}" if slip else "right")

    # I2DL: |X theta - y|^2/n has the gradient (2X'X theta - 2X'y)/n; the slide leaves out 1/n.
    rng = np.random.default_rng(0)
    X, y, theta = rng.normal(size=(8, 2)), rng.normal(size=8), rng.normal(size=2)

    def f(theta):
        return np.mean((X @ theta - y) ** 2)

    slope = dk.grad(f)(theta)
    assert np.allclose(2 * X.T @ X @ theta - 2 * X.T @ y, 8 * slope)
    print("I2DL   the gradient of a mean of 8 squares is printed as that of their sum")

    # Mines: "theta + eta dL/dtheta" under stochastic descent climbs; its next page has the minus.
    assert f(theta + 0.01 * slope) > f(theta) > f(theta - 0.01 * slope)
    # Mines: the zero-one loss is printed as 1 where prediction and label are equal.
    assert losses.zero_one(np.array([2.0, -1.0]), np.array([1, 1])) == 0.5
    assert losses.zero_one(np.array([2.0, 1.0]), np.array([1, 1])) == 0.0


if __name__ == "__main__":
    main()
