"""Linear recurrences of integer sequences, found exactly by Berlekamp and Massey.

A sequence that obeys s(k) = c1 s(k-1) + ... + cL s(k-L) is determined by 2L terms; every
further term that fits is a witness. No curve is fitted: the arithmetic is over fractions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

SPARE = 2  # terms beyond 2L that must confirm a recurrence
TRANSIENT = 3  # terms at the beginning that may not fit yet
LONGEST = 64  # terms looked at to find a recurrence; all the others must confirm it


@dataclass(frozen=True)
class Recurrence:
    """What a sequence obeys, and how well that is confirmed.

    Attributes
    ----------
    coefficients : tuple of Fraction
        c1, ..., cL; none for a sequence of zeros.
    dropped : int
        Terms at the beginning that it does not hold for.
    spare : int
        Terms beyond the 2L that determine it; all of them confirm it.
    """

    coefficients: tuple[Fraction, ...]
    dropped: int
    spare: int

    @property
    def order(self) -> int:
        """L."""
        return len(self.coefficients)


def find_recurrence(terms: Sequence[int]) -> Recurrence | None:
    """Return the shortest recurrence that enough terms confirm, or None.

    Examples
    --------
    >>> found = find_recurrence([3 * 2**k + 5 for k in range(8)])
    >>> [int(c) for c in found.coefficients], found.spare
    ([3, -2], 4)
    >>> find_recurrence([1, 2, 6, 24, 120, 720, 5040]) is None
    True
    """
    for dropped in range(min(TRANSIENT, len(terms)) + 1):
        rest = terms[dropped:]
        coefficients = berlekamp_massey(rest[:LONGEST])
        spare = len(rest) - 2 * len(coefficients)
        # A last coefficient of 0 means that the first terms are not part of the pattern.
        whole = not coefficients or coefficients[-1] != 0
        if spare >= SPARE and whole and _holds(coefficients, rest):
            return Recurrence(coefficients, dropped, spare)
    return None


def berlekamp_massey(terms: Sequence[int]) -> tuple[Fraction, ...]:
    """Return the coefficients of the shortest recurrence that produces these terms.

    References
    ----------
    Massey, Shift-register synthesis and BCH decoding, IEEE Trans. Inf. Theory 15(1), 1969.

    Examples
    --------
    >>> [int(c) for c in berlekamp_massey([0, 1, 1, 2, 3, 5, 8, 13])]
    [1, 1]
    """
    current: list[Fraction] = []
    before: list[Fraction] = []  # the recurrence before its length last grew
    failed_at, failed_by = -1, Fraction(0)
    for k, term in enumerate(terms):
        error = term - sum((c * terms[k - 1 - i] for i, c in enumerate(current)), Fraction(0))
        if not error:
            continue
        if failed_at < 0:
            current, failed_at, failed_by = [Fraction(0)] * (k + 1), k, error
            continue
        factor = error / failed_by
        step = [Fraction(0)] * (k - failed_at - 1) + [factor] + [-factor * c for c in before]
        longer = [
            (current[i] if i < len(current) else Fraction(0))
            + (step[i] if i < len(step) else Fraction(0))
            for i in range(max(len(current), len(step)))
        ]
        if len(step) > len(current):
            before, failed_at, failed_by = current, k, error
        current = longer
    return tuple(current)


def _holds(coefficients: Sequence[Fraction], terms: Sequence[int]) -> bool:
    order = len(coefficients)
    return all(
        terms[k] == sum(c * terms[k - 1 - i] for i, c in enumerate(coefficients))
        for k in range(order, len(terms))
    )
