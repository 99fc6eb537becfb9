"""Nets of one to five layers in plain NumPy; their gradients against finite differences."""

from itertools import product

import numpy as np

import diffkit as dk

ACTIVATIONS = {
    "relu": lambda a: np.maximum(0, a),
    "tanh": np.tanh,
    "sigmoid": lambda a: 1 / (1 + np.exp(-a)),
}


def scores(layers, x, activation):
    for W, b in layers[:-1]:
        x = activation(x @ W + b)
    W, b = layers[-1]
    return x @ W + b


def cross_entropy(s, labels):
    s = s - np.max(s, axis=1, keepdims=True)
    log_p = s - np.log(np.sum(np.exp(s), axis=1, keepdims=True))
    return -np.mean(log_p[np.arange(len(labels)), labels])


def hinge(s, labels):
    rows = np.arange(len(labels))
    margins = np.maximum(0, 1 + s - s[rows, labels].reshape(-1, 1))
    return np.mean(np.sum(margins, axis=1)) - 1  # the right class counts max(0, 1) = 1


def worst_gap(layers, loss):
    """How far reverse mode is from finite differences, by the weights of the first layer."""
    (W, b), *rest = layers
    slope = dk.grad(loss)(layers)[0][0]
    # relu and hinge have kinks nearby: guard=True measures at tiny steps too.
    measured = dk.finite.gradient(lambda W: loss([(W, b), *rest]), W, guard=True)
    gap = abs(slope - measured.value)
    assert np.all(gap <= measured.error + 1e-12)
    return gap.max()


def main():
    rng = np.random.default_rng(2)
    x, labels = rng.normal(size=(5, 3)), np.array([0, 2, 1, 2, 0])
    for depth, name, data_loss in product(range(1, 6), ACTIVATIONS, (cross_entropy, hinge)):

        def loss(layers, name=name, data_loss=data_loss):
            weights = sum(np.sum(W**2) for W, b in layers)  # L2
            return data_loss(scores(layers, x, ACTIVATIONS[name]), labels) + 0.01 * weights

        layers = [(rng.normal(size=(3, 3)), rng.normal(size=3)) for _ in range(depth)]
        gap = worst_gap(layers, loss)
        print(f"{depth} layers, {name:<7} {data_loss.__name__:<13} off by {gap:.0e}")


if __name__ == "__main__":
    main()
