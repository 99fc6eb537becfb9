"""Growth laws: the formula in n that a sequence of sizes obeys, with its certificate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from .recurrences import Recurrence, find_recurrence

MOST_ROOTS = 12  # a formula of more terms says less than the recurrence


@dataclass(frozen=True)
class Law:
    """How a size depends on n.

    Attributes
    ----------
    formula : sympy.Expr or None
        In the symbol n; None where only a recurrence is known, or nothing.
    certain : bool
        Whether an exact recurrence was found that spare terms confirm. A fit is not.
    recurrence : Recurrence or None
        s(n) = c1 s(n - d) + c2 s(n - 2d) + ..., d the distance of the depths.
    start : int
        The smallest n that it holds for.
    roots : dict, root of the characteristic polynomial -> its multiplicity
    note : str
        The certificate, the error of a fit, or why nothing is known.
    """

    formula: Any = None
    certain: bool = False
    recurrence: Recurrence | None = None
    start: int = 0
    roots: dict[Any, int] = field(default_factory=dict)
    note: str = ""

    def __str__(self) -> str:
        return f"{self.text} ({self.note})"

    @property
    def text(self) -> str:
        """The formula as it is written on paper; the recurrence where that has roots in it."""
        rational = all(root.is_Rational for root in self.roots)
        if self.formula is not None and (rational or self.recurrence is None):
            return on_paper(self.formula)
        if self.recurrence is not None:
            return _recurrence_text(self.recurrence)
        return "undecided"

    def _repr_latex_(self) -> str | None:
        import sympy

        return None if self.formula is None else f"${sympy.latex(self.formula)}$"


def exact_law(depths: Sequence[int], sizes: Sequence[int | None]) -> Law:
    """Return the law of exact sizes, or one that says why there is none.

    Parameters
    ----------
    depths : increasing integers
    sizes : exact integers, None where there is none

    Examples
    --------
    >>> print(exact_law(range(1, 8), [(4 * n - 1) * 2**n for n in range(1, 8)]))
    (4n - 1) 2^n (exact from n = 1: order 2, 3 spare terms)
    >>> print(exact_law(range(1, 5), [1, 4, 9, 16]))
    undecided (4 terms do not suffice)
    """
    known = [(n, size) for n, size in zip(depths, sizes, strict=True) if size is not None]
    places, terms = [n for n, _ in known], [size for _, size in known]
    distance = places[1] - places[0] if len(places) > 1 else 1
    if any(b - a != distance for a, b in pairwise(places)):
        return Law(note="the depths are not equally spaced")
    recurrence = find_recurrence(terms)
    if recurrence is None:
        return Law(note=f"{len(terms)} terms do not suffice")
    start = places[recurrence.dropped]
    roots = _roots(recurrence)
    formula = _formula(recurrence, roots, terms[recurrence.dropped :], start, distance)
    return Law(formula, True, recurrence, start, roots, _certificate(recurrence, start))


def _certificate(recurrence: Recurrence, start: int) -> str:
    return f"exact from n = {start}: order {recurrence.order}, {recurrence.spare} spare terms"


# -- the closed form ---------------------------------------------------------------------


def _roots(recurrence: Recurrence) -> dict[Any, int]:
    """Return the roots of the characteristic polynomial, where square roots express them."""
    import sympy

    x = sympy.Symbol("x")
    order = recurrence.order
    rationals = [sympy.Rational(c.numerator, c.denominator) for c in recurrence.coefficients]
    polynomial = x**order - sum(c * x ** (order - 1 - i) for i, c in enumerate(rationals))
    roots: dict[Any, int] = {}
    for factor, multiplicity in sympy.factor_list(polynomial, x)[1]:
        if sympy.degree(factor, x) > 2:
            return {}
        roots |= dict.fromkeys(sympy.roots(factor, x), multiplicity)
    return roots


def _formula(
    recurrence: Recurrence, roots: dict, terms: Sequence[int], start: int, distance: int
) -> Any:
    """Solve for the coefficients of n**j * root**n."""
    import sympy

    if not recurrence.order:
        return sympy.Integer(0)
    if not roots or recurrence.order > MOST_ROOTS:
        return None
    shapes = [(root, j) for root, multiplicity in roots.items() for j in range(multiplicity)]
    rows = [[sympy.expand(root**k) * k**j for root, j in shapes] for k in range(len(shapes))]
    wanted = sympy.Matrix(
        [sympy.Rational(t.numerator, t.denominator) for t in terms[: len(shapes)]]
    )
    solution = _solved(sympy, rows, wanted)
    return sympy.Add(*[_share(sympy, root, shapes, solution, start, distance) for root in roots])


def _solved(sympy: Any, rows: list, wanted: Any) -> list:
    """Solve exactly, in the field of fractions and the square roots that occur."""
    from sympy.polys.matrices import DomainMatrix

    system = DomainMatrix.from_Matrix(
        sympy.Matrix(rows).row_join(wanted), extension=True
    ).to_field()
    solved, _ = system.rref()
    return list(solved.to_Matrix()[:, -1])


def _share(sympy: Any, root: Any, shapes: list, solution: list, start: int, distance: int) -> Any:
    """One root's share: a polynomial in n times base**n."""
    n = sympy.Symbol("n")
    k, base = (n - start) / sympy.Integer(distance), root ** sympy.Rational(1, distance)
    mine = [(j, c) for (other, j), c in zip(shapes, solution, strict=True) if other == root]
    polynomial = sympy.expand(base**-start * sum(c * k**j for j, c in mine))
    return polynomial if base == 1 else sympy.factor(sympy.radsimp(polynomial)) * base**n


# -- on paper ------------------------------------------------------------------------------


def on_paper(formula: Any) -> str:
    """Write a formula in n as one does by hand.

    >>> import sympy
    >>> n = sympy.Symbol("n")
    >>> on_paper(9 * n - 2), on_paper(4 * 2**n), on_paper(sympy.Rational(8, 3) * 4**n - 2**n)
    ('9n - 2', '4*2^n', '(8/3) 4^n - 2^n')
    """
    import sympy

    n = sympy.Symbol("n")
    bases = sorted(
        {power.base for power in formula.atoms(sympy.Pow) if power.exp.has(n)},
        key=lambda base: -abs(sympy.N(base)),
    )
    rest, parts = sympy.expand(formula), []
    for base in bases:
        share = rest.coeff(base**n)
        rest = sympy.expand(rest - share * base**n)
        parts.append(_times_power(sympy.factor(share), base))
    if rest != 0 or not parts:
        parts.append(_plain(rest))
    return " + ".join(parts).replace("+ -", "- ")


def _times_power(share: Any, base: Any) -> str:
    """A polynomial in front of a power."""
    power = f"{base}^n" if base.is_Integer and base > 0 else f"({_plain(base)})^n"
    if share in (1, -1):
        return power if share == 1 else f"-{power}"
    text = _plain(share)
    if share.is_Integer:
        return f"{text}*{power}"
    return f"{text} {power}" if share.is_Symbol else f"({text}) {power}"


def _plain(expression: Any) -> str:
    return str(expression).replace("**", "^").replace("*", "")


def _recurrence_text(recurrence: Recurrence) -> str:
    parts = [
        f"{'' if c == 1 else '-' if c == -1 else f'{c} '}s(n - {i + 1})"
        for i, c in enumerate(recurrence.coefficients)
        if c
    ]
    return "s(n) = " + " + ".join(parts).replace("+ -", "- ")
