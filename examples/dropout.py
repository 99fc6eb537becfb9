"""Dropout: units that are turned off at random during training act as a penalty on the weights.

From CS3485 (lecture 4). For linear regression Srivastava et al. (2014, section 9.1) give the
penalty: p/(1 - p) times the sum of w_j^2 sum_i x_ij^2.
"""

import numpy as np

import diffkit as dk
from diffkit import losses, optimize

P = 0.3


def loss(w, X, y, seeds):
    """The squared error with new units turned off; the batch brings the random seed."""
    return losses.squared(losses.dropout(X, P, rng=int(seeds[0])) @ w, y)


def main():
    rng = np.random.default_rng(0)
    n, d = 30, 20
    X = rng.normal(size=(n, d))
    y = X[:, :2] @ np.array([2.0, -1.0]) + rng.normal(size=n)
    X_new = rng.normal(size=(1000, d))
    y_new = X_new[:, :2] @ np.array([2.0, -1.0])

    plain = np.linalg.lstsq(X, y)[0]
    penalty = P / (1 - P) * np.diag(np.sum(X**2, axis=0))
    marginal = np.linalg.solve(X.T @ X + penalty, X.T @ y)

    # The mean over masks of the loss is the loss with the penalty.
    w = rng.normal(size=d)
    drawn = [loss(w, X, y, [seed]) for seed in range(3000)]
    expected = np.mean((X @ w - y) ** 2) + w @ penalty @ w / n
    error = np.std(drawn) / np.sqrt(len(drawn))
    print(f"mean loss over 3000 masks {np.mean(drawn):.3f} +- {error:.3f}, formula {expected:.3f}")
    assert abs(np.mean(drawn) - expected) < 4 * error

    # Training with dropout walks to where that is lowest, not to least squares.
    epochs = 600
    data = np.tile(X, (epochs, 1)), np.tile(y, epochs), np.arange(n * epochs)
    rule = optimize.SGD(lr=optimize.schedules.InverseSqrt(0.05))
    run = dk.minimize(loss, np.zeros(d), rule, data=data, batch_size=n, epochs=1, rng=0)
    trained = run.path.x[300:].mean(axis=0)
    to_marginal = np.linalg.norm(trained - marginal)
    to_plain = np.linalg.norm(trained - plain)
    print(f"trained weights: {to_marginal:.3f} from the formula, {to_plain:.3f} from least squares")
    assert to_marginal < 0.25 * to_plain

    ends = {"least squares": plain, "dropout": trained}
    errors = {name: float(np.mean((X_new @ v - y_new) ** 2)) for name, v in ends.items()}
    print("error on new points:", {name: round(error, 3) for name, error in errors.items()})
    assert errors["dropout"] < errors["least squares"]

    # A share of p is off, the others are larger, the mean is as before; the same seed repeats.
    units = losses.dropout(np.ones(100_000), P, rng=1)
    assert set(np.unique(units)) == {0.0, 1 / (1 - P)}
    assert abs(np.mean(units == 0) - P) < 0.01
    assert np.array_equal(units, losses.dropout(np.ones(100_000), P, rng=1))


if __name__ == "__main__":
    main()
