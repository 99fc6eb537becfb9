"""Random loops over the rows, parts or entries of an array, as Python programs are full of them."""

import random

import numpy as np

N = 6


def random_loop(seed):
    """A function of an array with a loop over its rows, parts or entries."""
    draw = random.Random(seed)
    part = draw.choice(PARTS)
    body = [draw.choice(BODY) for _ in range(draw.randint(2, 5))]
    collect = draw.choice(COLLECT)
    skip = draw.choice([range(N), range(N - 1, -1, -1), range(1, N), [0, 2, 1, 5, 4, 3]])

    def f(x, v):
        items = []
        for i in skip:
            item = part(x, i)
            for step in body:
                item = step(item, x, v, i)
            items.append(item)
        return np.sum(np.tanh(collect(items))) + items[0].sum() * np.sum(v)

    return f


PARTS = [
    lambda x, i: x[i],
    lambda x, i: x[i, :2],
    lambda x, i: x[:, i % 3],
    lambda x, i: x[(i + 1) % N] - x[i],
    lambda x, i: x[i // 2],
    lambda x, i: x[i : i + 1].T,
    lambda x, i: x[-1 - i][::-1],
]
BODY = [
    lambda y, x, v, i: np.sin(y) * v[i],
    lambda y, x, v, i: y * y + v[0],
    lambda y, x, v, i: y @ np.full((y.shape[-1], 3), 0.1 * i) if y.ndim else y,
    lambda y, x, v, i: y + np.sum(y),
    lambda y, x, v, i: y - np.max(y, axis=0),
    lambda y, x, v, i: np.stack([y, y * v[i]])[i % 2],
    lambda y, x, v, i: np.concatenate([y, y])[: len(y)],
    lambda y, x, v, i: np.exp(-y) / (1 + v[N - 1 - i] ** 2),
    lambda y, x, v, i: np.where(y > 0.5, y, 0.1 * y),
    lambda y, x, v, i: np.outer(y, x[i])[:, 0] if y.ndim == 1 else y,
    lambda y, x, v, i: np.einsum("...i,...i->...i", y, y),
    lambda y, x, v, i: np.cos(y.reshape(-1)),
]
COLLECT = [sum, np.stack, np.concatenate, lambda items: np.stack(items, axis=-1) * 2.0]
