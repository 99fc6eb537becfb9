"""Sums of products in a normal form: what is equal in real arithmetic is written alike.

An array is a linear combination of products, with exact fractions in front:

    c[i] - sum(c*e/s, axis=1)[i]   is   c(i) - c(i) s(i)^-1 s(i)   where s(i) is sum_k e(i, k)

Each factor is an atom (a variable that is not looked into, or a sum of a product that
has no simpler form), the axes of the array that its own axes follow, and a whole power.
Axes of length 1 are followed by nobody, so broadcasting is only counting from the right.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Hashable, Iterable
from fractions import Fraction
from typing import NamedTuple

Shape = tuple[int, ...]
Factor = tuple[int, tuple[int, ...]]  # an atom, and the axes that its axes follow
Product = tuple[tuple[Factor, int], ...]  # factors and their powers, sorted
Exact = int | Fraction

# What grows beyond is left alone: looked at as one atom.
MOST_TERMS, MOST_FACTORS, MOST_BITS = 8, 12, 512


class Form(NamedTuple):
    """An array as a linear combination of products.

    Attributes
    ----------
    shape : tuple of int
    terms : dict, product -> int or Fraction
    cancelled : bool
        A sum has met its reciprocal on the way here.
    """

    shape: Shape
    terms: dict[Product, Exact]
    cancelled: bool = False

    def follow(self, shape: Shape, axes: Callable[[int], int]) -> Form:
        """Return the same numbers as an array of this shape, its axes numbered anew."""
        return self._replace(
            shape=shape, terms={_renamed(p, axes): c for p, c in self.terms.items()}
        )

    def scaled(self, factor: Exact) -> Form:
        """Return it times a number."""
        return self._replace(terms={p: c * factor for p, c in self.terms.items() if factor})

    def too_large(self) -> bool:
        """Say whether it is better left alone."""
        return len(self.terms) > MOST_TERMS or any(
            len(p) > MOST_FACTORS or max(c.numerator, -c.numerator, c.denominator) >> MOST_BITS
            for p, c in self.terms.items()
        )


class Atoms:
    """The atoms that there are, each a number; those that are sums know of what."""

    def __init__(self) -> None:
        self._numbers: dict[Hashable, int] = {}
        self._sums: dict[int, Product] = {}
        self._equal: dict[int, Form] = {}

    def whole(self, key: Hashable, shape: Shape) -> Form:
        """Return the form of an array that is not looked into."""
        number = self._numbers.setdefault(key, len(self._numbers))
        long = tuple([axis for axis, n in enumerate(shape) if n > 1])
        return Form(shape, {(((number, long), 1),): 1})

    def reciprocal(self, a: Form, key: Hashable) -> Form | None:
        """Return 1/a: of a sum of products, that of an atom which is known to equal it."""
        if len(a.terms) > 1:
            whole = self.whole(key, a.shape)
            self._equal[self._numbers[key]] = a
            a = whole
        return self.power(a, -1)

    def is_zero(self, a: Form) -> bool:
        """Say whether it is zero and a sum has met its reciprocal."""
        for _ in range(MOST_FACTORS if self._equal and len(a.terms) > 1 else 0):
            below = next((f for p in a.terms for f, n in p if n < 0 and f[0] in self._equal), None)
            if below is None or a.too_large():
                break
            a = self._without_denominator(a, below)
        return a.cancelled and not a.terms

    def _without_denominator(self, a: Form, below: Factor) -> Form:
        """Multiply with a denominator that is a sum of products."""
        number, where = below
        equal = self._equal[number]
        long = [axis for axis, n in enumerate(equal.shape) if n > 1]
        equal = equal.follow(a.shape, dict(zip(long, where, strict=True)).__getitem__)
        once = Form(a.shape, {((below, 1),): 1})
        with_sum = any(f[0] in self._sums for p in equal.terms for f, _ in p)
        total = Form(a.shape, {}, a.cancelled or with_sum)
        for p, c in a.terms.items():
            inside = any(f == below and n < 0 for f, n in p)
            part = self.multiply(Form(a.shape, {p: c}), once if inside else equal, a.shape)
            total = self.add(total, part, a.shape)
        return total

    # -- arithmetic ----------------------------------------------------------------

    def add(self, a: Form, b: Form, shape: Shape) -> Form:
        """Return a + b, broadcast."""
        a, b = broadcast(a, shape), broadcast(b, shape)
        terms = dict(a.terms)
        for product, c in b.terms.items():
            terms[product] = terms.get(product, 0) + c
        return Form(shape, _without_zeros(terms), a.cancelled or b.cancelled)

    def multiply(self, a: Form, b: Form, shape: Shape) -> Form:
        """Return a*b, broadcast."""
        a, b = broadcast(a, shape), broadcast(b, shape)
        terms: dict[Product, Exact] = {}
        cancelled = a.cancelled or b.cancelled
        for p, c in a.terms.items():
            for q, d in b.terms.items():
                product, met = self._times(p, q)
                terms[product] = terms.get(product, 0) + c * d
                cancelled |= met
        return Form(shape, _without_zeros(terms), cancelled)

    def power(self, a: Form, exponent: int) -> Form | None:
        """Return a**exponent of a single product; None of anything else."""
        if exponent == 1:
            return a
        if len(a.terms) != 1 or not exponent or abs(exponent) > MOST_FACTORS:
            return None
        ((product, c),) = a.terms.items()
        raised = tuple([(factor, n * exponent) for factor, n in product])
        return a._replace(terms={raised: Fraction(c) ** exponent})

    def _times(self, p: Product, q: Product) -> tuple[Product, bool]:
        """Multiply, and say whether a sum met its reciprocal."""
        if not p or not q:
            return p or q, False
        powers, cancelled = dict(p), False
        for factor, n in q:
            old = powers.get(factor, 0)
            cancelled |= factor[0] in self._sums and n * old < 0
            powers[factor] = n + old
        return tuple(sorted([(f, n) for f, n in powers.items() if n])), cancelled

    # -- sums ------------------------------------------------------------------------

    def sum(self, a: Form, axes: Iterable[int]) -> Form:
        """Return the sum over these axes, which stay with length 1."""
        axes = set(axes)
        shape = tuple([1 if i in axes else n for i, n in enumerate(a.shape)])
        total = Form(shape, {}, a.cancelled)
        for product, c in a.terms.items():
            part = Form(a.shape, {product: c})
            for axis in _order(product, axes):
                part = self._sum_over(part, axis)
            total = self.add(total, part._replace(shape=shape), shape)
        return total

    def _sum_over(self, part: Form, axis: int) -> Form:
        """Sum one product: factors that are constant along the axis come out."""
        ((product, c),) = part.terms.items()
        inside = tuple([x for x in product if axis in x[0][1]])
        outside = tuple([x for x in product if axis not in x[0][1]])
        if not inside:
            return part._replace(terms={product: c * part.shape[axis]})
        whole, cancelled = self._times(outside, ((self._sum_of(inside, axis), 1),))
        return part._replace(terms={whole: c}, cancelled=part.cancelled or cancelled)

    def _sum_of(self, product: Product, axis: int) -> Factor:
        """Return the atom of a sum over one axis, whichever axis of the array that is."""
        bound = {axis}
        if len(product) == 1 and product[0][1] == 1 and product[0][0][0] in self._sums:
            product, bound = self._merged(product[0][0], axis)
        free = sorted({a for (_, axes), _ in product for a in axes} - bound)
        product = _canonical(product, free)
        number = self._numbers.setdefault(("sum", product, len(free)), len(self._numbers))
        self._sums[number] = product
        return number, tuple(free)

    def _merged(self, factor: Factor, axis: int) -> tuple[Product, set[int]]:
        """A sum of a sum is a sum over both axes; axes summed before are negative here."""
        number, follows = factor

        def outer(inner: int) -> int:
            return follows[inner] if inner < len(follows) else -1 - inner

        product = _renamed(self._sums[number], outer)
        old = {a for (_, axes), _ in product for a in axes if a < 0}
        return product, old | {axis}


def _without_zeros(terms: dict[Product, Exact]) -> dict[Product, Exact]:
    return terms if all(terms.values()) else {p: c for p, c in terms.items() if c}


def of_number(value: Exact, shape: Shape) -> Form:
    """Return the form of an array that is one number everywhere."""
    return Form(shape, {(): value} if value else {})


def broadcast(a: Form, shape: Shape) -> Form:
    """Repeat it."""
    if a.shape == shape:
        return a
    extra = len(shape) - len(a.shape)
    return a.follow(shape, lambda axis: axis + extra) if extra else a._replace(shape=shape)


def reshaped(a: Form, shape: Shape) -> Form | None:
    """Put in, or leave out, axes of length 1; None of another reshape."""
    old = [axis for axis, n in enumerate(a.shape) if n > 1]
    new = [axis for axis, n in enumerate(shape) if n > 1]
    if [a.shape[axis] for axis in old] != [shape[axis] for axis in new]:
        return None
    return a.follow(shape, dict(zip(old, new, strict=True)).__getitem__)


# -- products --------------------------------------------------------------------------


def _renamed(product: Product, axes: Callable[[int], int]) -> Product:
    return tuple(sorted([((a, tuple(map(axes, where))), n) for (a, where), n in product]))


def _order(product: Product, axes: set[int]) -> list[int]:
    """Sum first over the axis that the fewest factors follow: more come out."""
    followers = Counter([axis for (_, where), _ in product for axis in where])
    return sorted(axes, key=lambda axis: (followers[axis], -axis))


def _canonical(product: Product, free: list[int]) -> Product:
    """Number the free axes, and then the others as they come."""
    names = {axis: i for i, axis in enumerate(free)}

    def known(item: tuple[Factor, int]) -> tuple:
        (atom, where), n = item
        return atom, n, [names.get(axis, math.inf) for axis in where]

    for (_, where), _ in sorted(product, key=known):
        for axis in where:
            names.setdefault(axis, len(names))
    return _renamed(product, names.__getitem__)
