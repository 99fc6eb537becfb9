"""A change of coordinates makes a problem linear: a ring around a disc, in (x, y) and (r, theta).

From AI604 (KAIST), "Why do we want non-linearity?": f(x, y) = (r(x, y), theta(x, y)).
"""

import numpy as np

import diffkit as dk
from diffkit import losses, optimize


def ring_and_disc(rng, count):
    """Red points within radius 1, blue ones between 2 and 3; labels 1 and -1."""
    y = np.repeat([1.0, -1.0], count // 2)
    r = np.where(y > 0, rng.uniform(0, 1, count), rng.uniform(2, 3, count))
    angle = rng.uniform(-np.pi, np.pi, count)
    return np.column_stack([r * np.cos(angle), r * np.sin(angle)]), y


def polar(points):
    return np.column_stack([np.hypot(*points.T), np.arctan2(points[:, 1], points[:, 0])])


def with_one(features):
    return np.column_stack([features, np.ones(len(features))])


def loss(w, F, y):
    return losses.binary_cross_entropy(F @ w, (y + 1) / 2) + 1e-3 * losses.l2_penalty(w)


def main():
    rng = np.random.default_rng(0)
    points, y = ring_and_disc(rng, 200)

    found = {}
    for name, features in {"(x, y)": points, "(r, theta)": polar(points)}.items():
        F = with_one(features)
        fit = dk.minimize(lambda w, F=F: loss(w, F, y), np.zeros(3))
        assert fit.success  # both are convex: these are the best lines there are
        found[name] = 1 - losses.zero_one(F @ fit.x, y)
        print(f"a line in {name}: {found[name]:.1%} right, w = {fit.x.round(3)}")
    assert found["(x, y)"] < 0.7
    assert found["(r, theta)"] == 1.0

    # The line found is one of constant r between the two radii.
    a, b, c = fit.x
    assert abs(b) < 0.05 * abs(a)
    assert 1 < -c / a < 2
    print(f"it is the circle r = {-c / a:.3f}")

    # Where a line separates them, the perceptron rule ends without a mistake as well.
    def criterion(w, F, y):
        return losses.perceptron(F @ w, y)

    rule = optimize.Perceptron()
    trained = dk.minimize(criterion, np.zeros(3), rule, data=(F, y), batch_size=1, epochs=60, rng=0)
    assert losses.zero_one(F @ trained.x, y) == 0.0

    # The transform is itself differentiable: dr/dx = x/r, dtheta/dx = -y/r^2.
    x0, y0 = 3.0, 4.0
    J = dk.jacobian(lambda p: polar(p.reshape(1, 2))[0])(np.array([x0, y0]))
    assert np.allclose(J, [[x0 / 5, y0 / 5], [-y0 / 25, x0 / 25]])


if __name__ == "__main__":
    main()
