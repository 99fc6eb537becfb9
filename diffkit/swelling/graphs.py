"""A formula as two graphs: the tree that is written, and the DAG that is computed."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Any

from .blame import occurrences, tree_sizes
from .terms import CONSTANT, SYMBOL, Terms
from .writing import leaf_text

MOST_NODES = 500


def graphs(terms: Terms, roots: Sequence[int], most: int = MOST_NODES) -> tuple[Any, Any]:
    """Return the tree and the DAG of formulas as networkx.DiGraph.

    Edges go from an operand to the operation; ``positions`` says as which operands. Both
    graphs have, for every node,

    =============  ====================================================================
    label          the operation's sign or name, the variable's name, the number
    kind           "operation", "symbol" or "constant"
    term           a number: nodes of the tree with the same one are the same term
    occurrences    how often the tree contains it; 1 for what is not repeated
    operations     its size, written out
    rule           the rule of differentiation that made it; "" for the function's own
    result         whether it is one of the formulas, not a part of one
    collapsed      tree only: its operands are left out, since the tree is too large
    =============  ====================================================================

    Parameters
    ----------
    most : int
        Nodes of the tree; beyond them, operations are collapsed, from the top down.
    """
    order = terms.below(roots)
    facts = _facts(terms, order, roots)
    return _tree(terms, roots, facts, most), _dag(terms, order, facts)


def _facts(terms: Terms, order: Sequence[int], roots: Sequence[int]) -> dict[int, dict[str, Any]]:
    sizes, counts, results = tree_sizes(terms, order), occurrences(terms, order, roots), set(roots)
    return {
        term: {
            "label": _label(terms, term),
            "kind": _kind(terms, term),
            "term": term,
            "occurrences": counts[term],
            "operations": sizes[term],
            "rule": terms.made_by[term],
            "result": term in results,
        }
        for term in order
    }


def _label(terms: Terms, term: int) -> str:
    return terms.nodes[term][0] if terms.operands[term] else leaf_text(terms, term)


def _kind(terms: Terms, term: int) -> str:
    name = terms.nodes[term][0]
    return name if name in (SYMBOL, CONSTANT) else "operation"


def _dag(terms: Terms, order: Sequence[int], facts: dict[int, dict]) -> Any:
    import networkx as nx

    graph = nx.DiGraph()
    for term in order:
        graph.add_node(term, **facts[term])
        for operand, positions in _places(terms, term).items():
            graph.add_edge(operand, term, positions=positions)
    return graph


def _places(terms: Terms, term: int) -> dict[int, tuple[int, ...]]:
    """Return each operand with the places at which it stands."""
    operands = terms.operands[term]
    return {o: tuple(i for i, other in enumerate(operands) if other == o) for o in operands}


def _tree(terms: Terms, roots: Sequence[int], facts: dict[int, dict], most: int) -> Any:
    """Write the formulas out, level by level, until there are enough nodes."""
    import networkx as nx

    graph = nx.DiGraph()
    waiting: deque[tuple[int, int]] = deque()

    def add(term: int) -> int:
        node = len(graph)
        graph.add_node(node, **facts[term], collapsed=False)
        waiting.append((node, term))
        return node

    for root in roots:
        add(root)
    while waiting:
        node, term = waiting.popleft()
        operands = terms.operands[term]
        if len(graph) + len(operands) > most:
            graph.nodes[node]["collapsed"] = bool(operands)
            continue
        for position, operand in enumerate(operands):
            graph.add_edge(add(operand), node, positions=(position,))
    return graph
