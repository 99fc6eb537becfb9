"""The table of difference schemes: where each looks, with which weights, to which order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from ..errors import ArgumentError
from ..tables import html_table, text_table


@dataclass(frozen=True)
class Scheme:
    """One row: f'(x) is about sum(weights * f(x + offsets * h)) / h, with error O(h**order).

    `sides` says where the scheme looks: "+", "-", "both", or "complex" for the one
    that steps along the imaginary axis. The adaptive row has no fixed offsets and
    no fixed order: its order grows while that pays.
    """

    name: str
    offsets: tuple[int, ...] = ()
    weights: tuple[Fraction, ...] = ()
    order: int | None = None
    sides: str = "both"

    @property
    def where(self) -> str:
        """The points that the scheme looks at."""
        if self.offsets:
            return " ".join(map(str, self.offsets))
        return "i" if self.sides == "complex" else "chosen as it goes"

    @property
    def reach(self) -> int:
        """The farthest offset, in steps."""
        return max(map(abs, self.offsets), default=0)


def exact_weights(offsets: Sequence[int]) -> tuple[Fraction, ...]:
    """Return the weights of f' that are exact for polynomials through all offsets.

    The weight of an offset is the slope at zero of its Lagrange polynomial.

    References
    ----------
    Fornberg, Generation of finite difference formulas on arbitrarily spaced
    grids, Math. Comp. 51 (1988).

    Examples
    --------
    >>> [str(w) for w in exact_weights([-1, 0, 1])]
    ['-1/2', '0', '1/2']
    """
    return tuple(_lagrange_slope(offsets, k) for k in offsets)


def _lagrange_slope(offsets: Sequence[int], k: int) -> Fraction:
    others = [m for m in offsets if m != k]
    total = Fraction(0)
    for skipped in others:
        term = Fraction(1, k - skipped)
        for m in others:
            if m != skipped:
                term *= Fraction(-m, k - m)
        total += term
    return total


def stencil(name: str, offsets: Sequence[int], sides: str = "both") -> Scheme:
    """Make the row that uses all offsets; points that weigh nothing are left out."""
    weighed = [(k, w) for k, w in zip(offsets, exact_weights(offsets), strict=True) if w]
    places, weights = zip(*weighed, strict=True)
    return Scheme(name, places, weights, len(offsets) - 1, sides)


def one_sided(order: int, side: int) -> Scheme:
    """Make the one-sided row of an order; `side` is +1 or -1."""
    sides = "+" if side > 0 else "-"
    return stencil(f"one-sided{order}", [side * k for k in range(order + 1)], sides)


class Table(dict[str, Scheme]):
    """Schemes by name, shown as a table."""

    HEADER = ("scheme", "order", "points, in steps", "weights")

    def _rows(self) -> list[list[str]]:
        return [
            [row.name, str(row.order or "-"), row.where, " ".join(map(str, row.weights)) or "-"]
            for row in self.values()
        ]

    def __repr__(self) -> str:
        return text_table(self.HEADER, self._rows())

    def _repr_html_(self) -> str:
        return html_table(self.HEADER, self._rows())


# fmt: off
# One row is one scheme. "adaptive" is Neville's tableau over as many symmetric quotients
# as pay; "richardson" the same over three of them, at h, 2h and 4h, and so has fixed weights.
SCHEMES = Table({row.name: row for row in (
    #        name         points
    Scheme ("adaptive"),
    stencil("forward",    (0, 1),        "+"),
    stencil("backward",   (-1, 0),       "-"),
    stencil("central",    range(-1, 2)),
    stencil("central4",   range(-2, 3)),
    stencil("central6",   range(-3, 4)),
    stencil("central8",   range(-4, 5)),
    stencil("richardson", (-4, -2, -1, 0, 1, 2, 4)),
    Scheme ("complex", order=2, sides="complex"),
)})
# fmt: on


def find_scheme(name: str, order: int | None = None) -> Scheme:
    """Return the row of a name, or of a family name and an order.

    >>> find_scheme("central", 6).name
    'central6'
    """
    if name not in SCHEMES:
        raise ArgumentError(f"there is no scheme {name!r}; choose from {', '.join(SCHEMES)}")
    if order is None or SCHEMES[name].order == order:
        return SCHEMES[name]
    wanted = f"{name}{order}"
    if wanted not in SCHEMES:
        raise ArgumentError(
            f"scheme {name!r} has no version of order {order!r}; choose from {', '.join(SCHEMES)}"
        )
    return SCHEMES[wanted]
