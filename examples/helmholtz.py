"""Helmholtz free energy of a mixed fluid, the classic benchmark of reverse mode.

f(x) = sum x_i log(x_i / (1 - b.x))
       - x'Ax / (sqrt(8) b.x) log((1 + (1 + sqrt(2)) b.x) / (1 + (1 - sqrt(2)) b.x))
with R T = 1. The gradient costs the same few evaluations for every n.
"""

import numpy as np

import diffkit as dk


def energy(x, A, b):
    bx = b @ x
    ideal = np.sum(x * np.log(x / (1 - bx)))
    ratio = (1 + (1 + np.sqrt(2)) * bx) / (1 + (1 - np.sqrt(2)) * bx)
    return ideal - x @ A @ x / (np.sqrt(8) * bx) * np.log(ratio)


def mixture(n):
    i = np.arange(1, n + 1)
    x = 0.1 * i / n
    return x, 0.1 / (i[:, None] + i - 1), x.copy()


def main():
    f, slope = dk.value_and_grad(energy)(*mixture(3))
    assert np.isclose(f, -0.522251152449011, rtol=1e-14)
    known = [-2.3984051125749466, -1.6913340301393456, -1.2758843672505304]
    assert np.allclose(slope, known, rtol=1e-13)

    f, slope = dk.value_and_grad(energy)(*mixture(50))
    assert np.isclose(f, -6.649371882535026, rtol=1e-13)
    assert np.isclose(slope[0], -5.037377987920027, rtol=1e-13)
    assert np.isclose(slope[-1], -0.8111591796768322, rtol=1e-12)
    assert np.isclose(np.linalg.norm(slope), 15.120029046930446, rtol=1e-13)
    print(f"n = 50: f = {f:.12f}, |gradient| = {np.linalg.norm(slope):.12f}")

    print("  n  steps of f  steps of f and its gradient  calls of f by differences")
    for n in (1, 8, 22, 50):
        x, A, b = mixture(n)
        program = dk.lower(energy, x, A, b)
        measured = dk.finite.gradient(lambda x, A=A, b=b: energy(x, A, b), x)
        assert np.all(abs(measured.value - dk.grad(energy)(x, A, b)) <= measured.error + 1e-12)
        both = len(program.adjoint("x"))
        assert both < 5 * len(program)
        print(f"{n:3}  {len(program):10}  {both:27}  {measured.evaluations:25}")


if __name__ == "__main__":
    main()
