"""Derivatives inside of derivatives: nothing is confused, and Hessians come out right."""

import numpy as np

import diffkit as dk


def perturbation_confusion():
    """d/dx [x d/dy (x y)] = d/dx x^2 = 2x: 6 at x = 3, whatever y."""

    def outer(x):
        return x * dk.grad(lambda y: x * y)(2.0)

    slope = dk.grad(outer)(3.0)
    assert slope == 6
    assert dk.grad(dk.grad(outer))(3.0) == 2
    print("d/dx [x d/dy (x y)] at x = 3:", slope)


def rosenbrock(v):
    x, y = v
    return (1 - x) ** 2 + 100 * (y - x * x) ** 2


def second_derivatives():
    x, y = at = np.array([-1.2, 1.0])
    by_hand = np.array([[2 - 400 * y + 1200 * x * x, -400 * x], [-400 * x, 200]])
    hessian = dk.hessian(rosenbrock)(at)
    assert np.allclose(hessian, by_hand, rtol=1e-14)

    v = np.array([1.0, -2.0])
    assert np.allclose(dk.hvp(rosenbrock, at, v), by_hand @ v, rtol=1e-14)
    assert np.allclose(dk.jacobian(dk.grad(rosenbrock), mode="reverse")(at), by_hand, rtol=1e-14)
    print("Hessian of Rosenbrock's function at (-1.2, 1):", hessian, sep="\n")


def fifth_derivative():
    f = np.sin
    for _ in range(5):
        f = dk.grad(f)
    assert np.isclose(f(1.0), np.cos(1.0), rtol=1e-15)
    print("fifth derivative of sin at 1:", f(1.0))


if __name__ == "__main__":
    perturbation_confusion()
    second_derivatives()
    fifth_derivative()
