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


def measure(terms: Terms, roots: Sequence[int]) -> Size:
    """Return the size of a list of formulas.

    A tree's size has as many digits as the formula is deep. It is forgotten as soon as
    the last term that needs it has been measured, so a chain of any length takes
    little memory.
    """
    order = terms.below(roots)
    uses = use_counts(terms, order, roots)
    writing = Writing(terms)
    trees: dict[int, int] = {}
    depths: dict[int, int] = {}
    dag = 0
    for term in order:
        operands, cost = terms.operands(term), terms.cost(term)
        dag += cost
        trees[term] = cost + sum([trees[o] for o in operands])
        depths[term] = (cost > 0) + max([depths[o] for o in operands], default=0)
        writing.add(term)
        for operand in operands:
            uses[operand] -= 1
            if not uses[operand]:
                del trees[operand], depths[operand]
                writing.forget(operand)
    return Size(
        dag_ops=dag,
        tree_ops=sum([trees[root] for root in roots]),
        depth=max([depths[root] for root in roots], default=0),
        characters=sum([writing.lengths[root] for root in roots]),
    )


def use_counts(terms: Terms, order: Sequence[int], roots: Sequence[int]) -> dict[int, int]:
    """Return in how many places each term stands, when all terms are shared."""
    uses = dict.fromkeys(order, 0)
    for root in roots:
        uses[root] += 1
    for term in order:
        for operand in terms.operands(term):
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
