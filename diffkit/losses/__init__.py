"""Losses, activations and regularizers in plain NumPy: stable, and differentiable by `dk.grad`."""

from .activations import (
    leaky_relu,
    log_softmax,
    log_sum_exp,
    relu,
    sigmoid,
    softmax,
    softplus,
    tanh,
)
from .classification import (
    binary_cross_entropy,
    cross_entropy,
    hinge,
    multiclass_hinge,
    perceptron,
    zero_one,
)
from .regression import huber, l1, squared
from .regularizers import dropout, l1_penalty, l2_penalty

__all__ = [
    "binary_cross_entropy",
    "cross_entropy",
    "dropout",
    "hinge",
    "huber",
    "l1",
    "l1_penalty",
    "l2_penalty",
    "leaky_relu",
    "log_softmax",
    "log_sum_exp",
    "multiclass_hinge",
    "perceptron",
    "relu",
    "sigmoid",
    "softmax",
    "softplus",
    "squared",
    "tanh",
    "zero_one",
]
