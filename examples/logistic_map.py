"""The logistic map l <- 4 l (1 - l): its derivative against a closed form, for any depth.

With x = sin(t)^2 the n-th iterate is sin(2^n t)^2, so d/dx = 2^n sin(2^(n+1) t) / sin(2 t).
"""

import numpy as np

import diffkit as dk


def iterate(x, n):
    for _ in range(n):
        x = 4 * x * (1 - x)
    return x


def closed_form(x, n):
    t = np.arcsin(np.sqrt(x))
    return 2**n * np.sin(2 ** (n + 1) * t) / np.sin(2 * t)


def main():
    print(" n  steps        derivative       closed form  terms of the expanded derivative")
    for n in range(1, 11):
        slope = dk.grad(iterate)(0.1, n)
        assert np.isclose(slope, closed_form(0.1, n), rtol=1e-9)
        program = dk.lower(lambda x, n=n: iterate(x, n), 0.1)
        assert np.isclose(program.adjoint()(0.1), slope, rtol=1e-12)
        assert len(program) == 3 * n
        print(f"{n:2}  {len(program):5}  {slope:16.9f}  {closed_form(0.1, n):16.9f}  {2**n:5}")

    # Exact values at x = 1/10 from the printed polynomials.
    assert np.isclose(dk.grad(iterate)(0.1, 1), 16 / 5, rtol=1e-14)
    assert np.isclose(dk.grad(iterate)(0.1, 2), 448 / 125, rtol=1e-13)
    assert np.isclose(dk.grad(iterate)(0.1, 3), -944384 / 78125, rtol=1e-13)


if __name__ == "__main__":
    main()
