"""Blame: which subexpressions a written formula repeats, and which rule copied them.

A term that stands in r places of the shared formula is written r times where once would
do. Each place beyond the first wastes its whole size when written out. Summed over all
terms,

    sum of (r - 1) * size = tree_ops - dag_ops        exactly,

for the sizes of all terms add up to dag_ops plus the sum of r * size over operands.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from ..tables import html_table, text_table
from .numbers import short
from .terms import Terms
from .writing import sketch

SHOWN = 12
AS_WRITTEN = "as written"
RESULT = "result"


@dataclass(frozen=True)
class Repeated:
    """A subexpression that stands in several places.

    Attributes
    ----------
    term : int
    expression : str
        Its text, shortened.
    operations : int
        Its size, written out.
    places : int
        In how many places of the shared formula it stands.
    occurrences : int
        How often the written formula contains it.
    wasted : int
        (places - 1) * operations.
    rules : dict, rule -> operations wasted by the places that this rule made
        The place that was there first is free. "as written" means the user's own
        formula, "result" that a derivative is this subexpression.
    """

    term: int
    expression: str
    operations: int
    places: int
    occurrences: int
    wasted: int
    rules: dict[str, int] = field(default_factory=dict)


class Blame:
    """Who swells a formula: subexpressions, the largest waste first.

    Attributes
    ----------
    tree_ops, dag_ops : int
    wasted : int
        tree_ops - dag_ops, the sum over the subexpressions.
    """

    def __init__(self, terms: Terms, roots: Sequence[int]) -> None:
        order = terms.below(roots)
        self._terms = terms
        self._sizes = tree_sizes(terms, order)
        self.tree_ops = sum(self._sizes[root] for root in roots)
        self.dag_ops = sum(terms.costs[term] for term in order)
        self._places = places(terms, order, roots)
        self._occurrences = occurrences(terms, order, roots)
        self.wasted = sum(self._waste(term) for term in order)
        wasteful = [term for term in order if self._waste(term)]
        self._terms_by_waste = sorted(wasteful, key=lambda term: -self._waste(term))

    def _waste(self, term: int) -> int:
        return (len(self._places[term]) - 1) * self._sizes[term]

    def __len__(self) -> int:
        return len(self._terms_by_waste)

    def __getitem__(self, index: int) -> Repeated:
        term = self._terms_by_waste[index]
        return Repeated(
            term,
            sketch(self._terms, term),
            self._sizes[term],
            len(self._places[term]),
            self._occurrences[term],
            self._waste(term),
            self._rules(term),
        )

    def _rules(self, term: int) -> dict[str, int]:
        copies = Counter(self._places[term][1:])
        return {rule: count * self._sizes[term] for rule, count in copies.items()}

    @property
    def by_rule(self) -> dict[str, int]:
        """Operations wasted by each rule; they add up to `wasted`."""
        total: Counter = Counter()
        for term in self._terms_by_waste:
            total.update(self._rules(term))
        return dict(total.most_common())

    def _table(self) -> tuple[list[str], list[list[str]]]:
        header = ["subexpression", "operations", "places", "occurrences", "wasted", "copied by"]
        found = [self[i] for i in range(min(len(self), SHOWN))]
        return header, [
            [
                r.expression, short(r.operations), short(r.places), short(r.occurrences),
                short(r.wasted), ", ".join(r.rules),
            ]
            for r in found
        ]  # fmt: skip

    def _total(self) -> str:
        hidden = len(self) - SHOWN
        more = f"... and {hidden} more subexpressions. " if hidden > 0 else ""
        rules = ", ".join(f"{rule} {short(count)}" for rule, count in self.by_rule.items())
        return (
            f"{more}Wasted: {short(self.wasted)} = {short(self.tree_ops)} written out - "
            f"{short(self.dag_ops)} distinct{f' ({rules})' if rules else ''}."
        )

    def __str__(self) -> str:
        return "\n".join([text_table(*self._table()), self._total()])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return f"{html_table(*self._table())}<p>{self._total()}</p>"


def tree_sizes(terms: Terms, order: Sequence[int]) -> dict[int, int]:
    """Return the operations of each term, written out."""
    sizes: dict[int, int] = {}
    for term in order:
        sizes[term] = terms.costs[term] + sum([sizes[o] for o in terms.operands[term]])
    return sizes


def places(terms: Terms, order: Sequence[int], roots: Sequence[int]) -> dict[int, list[str]]:
    """Return, for each term, the rules that made its places, the first place first."""
    found: dict[int, list[str]] = {term: [] for term in order}
    for term in order:
        for operand in terms.operands[term]:
            found[operand].append(terms.made_by[term] or AS_WRITTEN)
    for root in roots:
        found[root].append(RESULT)
    return found


def occurrences(terms: Terms, order: Sequence[int], roots: Sequence[int]) -> dict[int, int]:
    """Return how often the written formula contains each term, from the top down."""
    found = dict.fromkeys(order, 0)
    for root in roots:
        found[root] += 1
    for term in reversed(order):
        for operand in terms.operands[term]:
            found[operand] += found[term]
    return found
