"""Local minima: where descent starts decides where it ends; momentum may roll on.

From CS3485 (lecture 4), "When gradient descent is suboptimal", and I2DL (TUM, lecture 4):
can momentum overcome local minima?
"""

import numpy as np

import diffkit as dk
from diffkit import optimize

HILLS = "x^4/4 - x^2/2 - x/5"


def main():
    # f' = x^3 - x - 1/5: two minima with a hill between them.
    left, hill, right = np.sort(np.roots([1, 0, -1, -0.2]).real)
    f = dk.lower(HILLS)
    assert f(x=right) < f(x=left) < f(x=hill)
    print(f"minima at {left:.6f} and {right:.6f} (the lower one), the hill at {hill:.6f}")

    for start in np.linspace(-2, 2, 9):
        found = dk.minimize(HILLS, {"x": start}, optimize.GD(0.1))
        expected = left if start < hill else right
        assert found.success
        assert np.isclose(found.x["x"], expected, atol=1e-5)
        print(f"GD from {start:4.1f} ends at {found.x['x']:.6f}")

    # Both ends are minima, and CONVERGED says no more than that.
    rolled = dk.minimize(HILLS, {"x": -2.0}, optimize.SGD(lr=0.02, momentum=0.9))
    assert rolled.success
    assert np.isclose(rolled.x["x"], right, atol=1e-5)
    print(f"momentum from -2.0 rolls over the hill to {rolled.x['x']:.6f}")

    # It had the speed: seen from the valley it climbed to the hill and over it.
    passed = rolled.path.x["x"]
    assert np.any((passed[:-1] < hill) & (passed[1:] > hill))
    assert np.any(np.diff(rolled.path.f) > 0)

    # From a start next to the valley it has not, and stays.
    stays = dk.minimize(HILLS, {"x": -1.0}, optimize.SGD(lr=0.02, momentum=0.9))
    assert np.isclose(stays.x["x"], left, atol=1e-5)

    # Many starts are the plain remedy.
    starts = np.random.default_rng(0).uniform(-2, 2, size=10)
    best = min((dk.minimize(HILLS, {"x": s}) for s in starts), key=lambda found: found.fun)
    assert np.isclose(best.fun, f(x=right))
    print(f"best of ten starts: f = {best.fun:.6f}")


if __name__ == "__main__":
    main()
