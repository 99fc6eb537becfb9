"""The real vector space that a nest of arrays lives in."""

import numpy as np

from diffkit.core.nest import leaves, map_leaves, rebuild
from diffkit.core.tracing import concrete

_DRAW = np.random.default_rng(0)


def vspace(value):
    return Space(value)


class Space:
    """Zeros, sums and products of values like `value`; a complex entry is two dimensions."""

    def __init__(self, value):
        self.like = map_leaves(_empty, value)
        self.parts = [leaf for _, leaf in leaves(self.like)]
        self.places = [place for place, _ in leaves(self.like)]

    @property
    def size(self):
        return sum(part.size * (1 + np.iscomplexobj(part)) for part in self.parts)

    @property
    def shape(self):
        return self.like.shape

    @property
    def iscomplex(self):
        return any(map(np.iscomplexobj, self.parts))

    def __eq__(self, other):
        kinds = [[(p.shape, p.dtype) for p in space.parts] for space in (self, other)]
        return self.places == other.places and kinds[0] == kinds[1]

    __hash__ = None

    def __repr__(self):
        told = [f"{p}{a.dtype}{a.shape}" for p, a in zip(self.places, self.parts, strict=True)]
        return f"Space({', '.join(told)})"

    def zeros(self):
        return map_leaves(lambda part: np.zeros(part.shape, part.dtype), self.like)

    def ones(self):
        return map_leaves(lambda part: np.full(part.shape, _unit(part), part.dtype), self.like)

    def randn(self):
        return map_leaves(_random, self.like)

    def standard_basis(self):
        for k, part in enumerate(self.parts):
            for i in range(part.size):
                for unit in (1, 1j) if np.iscomplexobj(part) else (1,):
                    values = [np.zeros(p.shape, p.dtype) for p in self.parts]
                    values[k].flat[i] = unit
                    yield rebuild(self.like, iter(values))

    def add(self, x, y):
        return _leafwise(lambda a, b: a + b, x, y)

    def scalar_mul(self, x, a):
        return map_leaves(lambda leaf: leaf * a, x)

    def inner_prod(self, x, y):
        return sum(_real_product(a, b) for (_, a), (_, b) in _pairs(x, y))

    def covector(self, x):
        """Gradients are df/dx - i df/dy: the conjugate of the direction of ascent."""
        return map_leaves(lambda leaf: np.conj(leaf) if np.iscomplexobj(leaf) else leaf, x)


def _empty(leaf):
    """An array of the shape and dtype of a leaf that costs no memory."""
    leaf = np.asarray(concrete(leaf))
    kind = leaf.dtype if leaf.dtype.kind in "fc" else np.dtype(float)
    return np.broadcast_to(np.zeros((), kind), leaf.shape)


def _unit(part):
    return 1 + 1j if np.iscomplexobj(part) else 1


def _random(part):
    values = _DRAW.standard_normal(part.shape)
    if np.iscomplexobj(part):
        values = values + 1j * _DRAW.standard_normal(part.shape)
    return np.asarray(values).astype(part.dtype)


def _pairs(x, y):
    return zip(leaves(x), leaves(y), strict=True)


def _leafwise(function, x, y):
    return rebuild(x, iter([function(a, b) for (_, a), (_, b) in _pairs(x, y)]))


def _real_product(a, b):
    product = np.conj(a) * b if np.iscomplexobj(a) or np.iscomplexobj(b) else a * b
    return np.sum(np.real(product) if np.iscomplexobj(product) else product)
