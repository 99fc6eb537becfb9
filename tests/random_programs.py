"""Random Programs over arrays, whose steps are what NumPy programs are made of."""

import random

import numpy as np

import diffkit as dk

N, M = 6, 4


def random_function(seed):
    """A function of a matrix, a vector and a number; always the same one for a seed."""
    draw = random.Random(seed)
    choices = [draw.randrange(len(STEPS)) for _ in range(draw.randint(4, 16))]
    picks = [[draw.random() for _ in range(3)] for _ in choices]

    def function(a, v, s):
        known = [a, v, s]
        for choice, (p, q, r) in zip(choices, picks, strict=True):
            x, y = known[int(p * len(known))], known[int(q * len(known))]
            known.append(STEPS[choice](x, y, int(10 * r)))
        return sum(np.sum(np.tanh(x)) for x in known), known[-1]

    return function


def example(seed):
    """Arguments of a random function."""
    rng = np.random.default_rng(seed)
    return rng.normal(size=(N, M)), rng.normal(size=M), float(rng.normal())


def random_program(seed):
    """The function and its gradient by all three arguments, as one Program."""
    function = random_function(seed)

    def value_and_slopes(a, v, s):
        (value, last), slopes = dk.value_and_grad(function, (0, 1, 2), has_aux=True)(a, v, s)
        return value, last, slopes

    return dk.lower(value_and_slopes, *example(seed))


def _binary(operation):
    """Apply to x and y if they broadcast, else to x and its own mean."""

    def apply(x, y, k):
        try:
            np.broadcast_shapes(np.shape(x), np.shape(y))
        except ValueError:
            y = np.mean(y)
        return operation(x, y)

    return apply


def _slice(x, y, k):
    if not np.ndim(x):
        return x * 2.0
    n = np.shape(x)[0]
    kinds = [slice(1, None), slice(None, -1), k % n, slice(None, None, 2), (..., 0)]
    index = [*kinds, np.array([0, n - 1, 0])][k % 6]
    return x if n == 1 else x[index]


def _assign(x, y, k):
    if not np.ndim(x):
        return x - 1.0
    x = x + 0.0
    x[k % np.shape(x)[0]] = np.mean(y)
    return x


STEPS = [
    _binary(lambda x, y: x + y),
    _binary(lambda x, y: x - y),
    _binary(lambda x, y: x * y),
    _binary(lambda x, y: x / (1.0 + y * y)),
    _binary(np.maximum),
    _binary(lambda x, y: np.where(x > y, x, 0.5 * y)),
    lambda x, y, k: np.sin(x),
    lambda x, y, k: np.exp(-x * x),
    lambda x, y, k: np.tanh(x) ** 2,
    lambda x, y, k: 1.0 / (1.0 + np.exp(-x)),
    lambda x, y, k: x**3 / 2 - 1 * x,
    lambda x, y, k: np.sqrt(1 + x**2),
    lambda x, y, k: np.sum(x, axis=0) if np.ndim(x) else x + 0.0,
    lambda x, y, k: np.mean(x, axis=-1, keepdims=True) if np.ndim(x) else -x,
    lambda x, y, k: np.max(x) if np.ndim(x) else abs(x),
    lambda x, y, k: np.reshape(x, -1),
    lambda x, y, k: np.transpose(x) * 1.5,
    lambda x, y, k: np.concatenate([np.ravel(x), np.ravel(y), np.ravel(x)]),
    lambda x, y, k: np.stack([x, x * 3.0]),
    lambda x, y, k: np.einsum("i,j->ij", np.ravel(x), np.ravel(x)[:2]),
    lambda x, y, k: np.ravel(x) @ np.ravel(x),
    lambda x, y, k: np.reshape(x, (-1, 1)) @ np.ones((1, 2)),
    _slice,
    _slice,
    _assign,
]
