"""Finite differences that say how far they may be off, and are right about it."""

import math

import numpy as np

import diffkit as dk


def chain(u):
    return np.diff(u, prepend=0, append=0, n=2) - 0.1 * u**3


def main():
    rng = np.random.default_rng(0)
    cases = {
        "sin at 1": (np.sin, 1.0, math.cos(1.0)),
        "sin at 1000": (np.sin, 1000.0, math.cos(1000.0)),
        "log at 1e-10": (np.log, 1e-10, 1e10),
        "sqrt(1 + x) - 1": (lambda x: np.sqrt(1 + x) - 1, 1e-5, 0.5 / math.sqrt(1 + 1e-5)),
        "float32 inside": (lambda x: float(np.float32(np.sin(x))), 0.7, math.cos(0.7)),
        "noise of 1e-8": (lambda x: np.sin(x) + 1e-8 * rng.normal(), 1.0, math.cos(1.0)),
    }
    print(f"{'':16} {'derivative':>14}  {'true error':>10}  {'error bar':>9}")
    for name, (f, x, exact) in cases.items():
        found = dk.finite.derivative(f, x, guard=True)
        error = abs(found.value - exact)
        print(f"{name:16} {found.value:14.8g}  {error:10.1e}  {found.error:9.1e}")
        assert error <= found.error

    kink = dk.finite.derivative(abs, 0.0)
    print(f"\nabs at 0:        {kink}")
    assert kink.status == "kink suspected"
    assert kink.value - kink.error <= -1
    assert kink.value + kink.error >= 1

    # A chain of 200 springs: three columns of the Jacobian tell all of them.
    n = 200
    pattern = abs(np.subtract.outer(np.arange(n), np.arange(n))) <= 1
    found = dk.finite.jacobian(chain, np.ones(n), sparsity=pattern)
    print(f"chain of {n}:    {found.evaluations} evaluations for {n} x {n} entries")
    assert np.all(abs(np.diag(found.value) + 2.3) <= np.diag(found.error))
    assert found.evaluations < 100


if __name__ == "__main__":
    main()
