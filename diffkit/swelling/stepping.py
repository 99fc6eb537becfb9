"""The way from a written formula to a tape: one name at a time, the largest waste first.

Each step names the subexpression whose repetition costs most in the text as it now is.
The text shrinks from tree_ops operations to dag_ops, and is then a list of steps in
which nothing is computed twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..errors import ArgumentError
from ..tables import html_table, text_table
from .numbers import short
from .terms import Terms
from .writing import write

MOST_NAMES = 200
SHOWN = 20


@dataclass(frozen=True)
class Listing:
    """The formula with some subexpressions named.

    Attributes
    ----------
    named : dict, term -> name
        In the order in which they were named; the last one is this step's.
    operations : int
        What the whole text has.
    saved : int
        By how many this step's name made it shorter.
    """

    terms: Terms
    results: dict[str, int]
    named: dict[int, str]
    operations: int
    saved: int

    @property
    def name(self) -> str:
        """The name that this step introduced; "" for the formula at the start."""
        return list(self.named.values())[-1] if self.named else ""

    @property
    def expression(self) -> str:
        """What the name stands for."""
        return self._text(list(self.named)[-1]) if self.named else ""

    def _text(self, term: int) -> str:
        try:
            return write(self.terms, term, self.named)
        except ArgumentError as error:
            return f"... ({error})"

    def __str__(self) -> str:
        """Write the listing: the names, operands first, then the results."""
        lines = [f"{self.named[term]} = {self._text(term)}" for term in sorted(self.named)]
        for name, term in self.results.items():
            lines.append(f"{name} = {self.named[term] if term in self.named else self._text(term)}")
        return "\n".join(lines)

    __repr__ = __str__


class Naming(Sequence[Listing]):
    """The listings from the written formula to the list of steps.

    The first has no names; each next one has one more. ``print(naming[-1])`` is the end.
    """

    def __init__(self, terms: Terms, results: dict[str, int], most: int = MOST_NAMES) -> None:
        self.listings: list[Listing] = []
        for listing in _named_one_by_one(terms, results):
            self.listings.append(listing)
            if len(self.listings) > most:
                break

    def __getitem__(self, index):
        return self.listings[index]

    def __len__(self) -> int:
        return len(self.listings)

    def _table(self) -> tuple[list[str], list[list[str]]]:
        rows = [
            [str(i), li.name, _cut(li.expression), short(li.saved), short(li.operations)]
            for i, li in enumerate(self.listings[:SHOWN])
        ]  # fmt: skip
        return ["step", "name", "stands for", "saves", "operations"], rows

    def __str__(self) -> str:
        return text_table(*self._table())

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return html_table(*self._table())


def _cut(text: str, width: int = 60) -> str:
    return text if len(text) <= width else text[: width - 3] + "..."


def _named_one_by_one(terms: Terms, results: dict[str, int]) -> Iterator[Listing]:
    """Yield the formula, then the formula with one name more, until nothing is repeated."""
    order = terms.below(results.values())
    taken = {terms.nodes[term][1] for term in order if not terms.operands[term]}
    fresh = (name for k in range(1, 10**9) if (name := f"t{k}") not in taken)
    named: dict[int, str] = {}
    saved = 0
    while True:
        sizes = _sizes(terms, order, named)
        operations = sum([sizes[term] for term in named])
        operations += sum([sizes[term] for term in results.values() if term not in named])
        yield Listing(terms, results, dict(named), operations, saved)
        counts = _counts(terms, order, results, named)
        waste = {t: (counts[t] - 1) * sizes[t] for t in order if t not in named and counts[t] > 1}
        chosen = max(waste, key=lambda term: waste[term], default=None)
        if chosen is None or not waste[chosen]:
            return
        saved = waste[chosen]
        named[chosen] = next(fresh)


def _sizes(terms: Terms, order: Sequence[int], named: dict[int, str]) -> dict[int, int]:
    """Operations of the text that each term is written as; a name has none."""
    sizes: dict[int, int] = {}
    for term in order:
        inner = [sizes[o] for o in terms.operands[term] if o not in named]
        sizes[term] = terms.costs[term] + sum(inner)
    return sizes


def _counts(
    terms: Terms, order: Sequence[int], results: dict[str, int], named: dict[int, str]
) -> dict[int, int]:
    """How often the listing writes each term; what is named, once."""
    counts = dict.fromkeys(order, 0)
    for term in results.values():
        counts[term] += 1
    for term in reversed(order):
        if term in named:
            counts[term] = 1
        for operand in terms.operands[term]:
            counts[operand] += counts[term]
    return counts
