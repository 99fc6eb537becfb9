"""Sizes of terms, as a tree and as a DAG: exact integers, however large."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .terms import Terms
from .writing import Writing


@dataclass(frozen=True)
class Size:
    """How large a formula, or a list of them, is.

    Attributes
    ----------
    dag_ops : int
        Operations, each distinct subterm counted once.
    tree_ops : int
        Operations when everything is written out.
    depth : int
        Most operations inside one another.
    characters : int
        Length of the text when everything is written out.
    """

    dag_ops: int
    tree_ops: int
    depth: int
    characters: int


def measure(
    terms: Terms,
    roots: Sequence[int],
    order: Sequence[int] | None = None,
    writing: Writing | None = None,
) -> Size:
    """Return the size of a list of formulas.

    `order`, ``terms.below(roots)``, and `writing` are given where they are at hand.

    A tree's size has as many digits as the formula is deep. It is forgotten as soon as
    the last term that needs it has been measured, so a chain of any length takes
    little memory.
    """
    extra = (writing or Writing(terms)).extra
    order = terms.below(roots) if order is None else order
    uses = use_counts(terms, order, roots)
    dag = 0
    measured: dict[int, tuple[int, int, int]] = {}  # operations, characters, depth
    for term in order:
        tree = cost = terms.costs[term]
        text, depth = extra[term], 0
        for operand in terms.operands[term]:
            tree_of_it, text_of_it, depth_of_it = measured[operand]
            tree += tree_of_it
            text += text_of_it
            depth = max(depth, depth_of_it)
            uses[operand] -= 1
            if not uses[operand]:
                del measured[operand]
        measured[term] = tree, text, depth + (cost > 0)
        dag += cost
    found = [measured[root] for root in roots]
    return Size(
        dag_ops=dag,
        tree_ops=sum([tree for tree, _, _ in found]),
        depth=max([depth for _, _, depth in found], default=0),
        characters=sum([text for _, text, _ in found]),
    )


def use_counts(terms: Terms, order: Sequence[int], roots: Sequence[int]) -> dict[int, int]:
    """Return in how many places each term stands, when all terms are shared."""
    uses = dict.fromkeys(order, 0)
    for root in roots:
        uses[root] += 1
    for term in order:
        for operand in terms.operands[term]:
            uses[operand] += 1
    return uses


def ratio(above: int, below: int) -> float | int | None:
    """Divide exact integers: a float where one can hold it, else the whole part."""
    if not below:
        return None
    try:
        return above / below
    except OverflowError:
        return above // below
