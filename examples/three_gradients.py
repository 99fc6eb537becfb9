"""The same optimizer with each way to a gradient: the same walk, not the same work.

The lectures' summary: numerical gradients are slow and approximate, symbolic ones sometimes
useful, automatic ones exact and fast.
"""

import numpy as np

import diffkit as dk
from diffkit import optimize

WAYS = ("reverse", "symbolic", "finite")
VALLEY, START = "(1 - x)^2 + 100*(y - x^2)^2", {"x": -1.2, "y": 1.0}


def main():
    # Rosenbrock's valley: the three walk the same way, and only differences need more of f.
    print(f"{'':15} {'steps':>6} {'gradients':>10} {'calls of f':>11}")
    methods = {"GD": optimize.GD(0.001), "Adam": optimize.Adam(0.05), "BFGS": optimize.BFGS()}
    for name, method in methods.items():
        runs = {way: dk.minimize(VALLEY, START, method, grad=way, steps=60) for way in WAYS}
        for way, run in runs.items():
            print(f"{name:5} {way:9} {run.nit:6} {run.njev:10} {run.nfev:11}")
            assert run.njev == runs["reverse"].njev
            assert np.allclose(run.path.x["x"], runs["reverse"].path.x["x"], atol=1e-4)
        assert runs["reverse"].nfev <= runs["reverse"].njev + 1
        assert runs["finite"].nfev > 5 * runs["finite"].njev
    assert runs["reverse"].success
    assert np.allclose([runs["reverse"].x[name] for name in "xy"], 1.0, atol=1e-6)

    # The count of calls: one for reverse mode, however many parameters; differences need some
    # for each of them.
    calls = {}
    for n in (20, 80):
        target = np.arange(n, dtype=float)

        def bowl(x, target=target):
            return np.sum((x - target) ** 2)

        for way in ("reverse", "finite"):
            run = dk.minimize(bowl, np.zeros(n), optimize.GD(0.5), grad=way, steps=1)
            assert np.allclose(run.x, target, atol=1e-6)  # lr = 1/f'' is there in one step
            calls[way, n] = run.nfev / run.njev
    print("calls of f for one gradient:", calls)
    assert calls["reverse", 20] == calls["reverse", 80] == 1
    assert calls["finite", 20] >= 2 * 20
    assert calls["finite", 80] / calls["finite", 20] > 3.5

    # A gradient of one's own is a fourth way.
    own = dk.minimize(
        lambda x: np.sum((x - 3) ** 2), np.zeros(2), "bfgs", grad=lambda x: 2 * (x - 3)
    )
    assert np.allclose(own.x, 3.0)


if __name__ == "__main__":
    main()
