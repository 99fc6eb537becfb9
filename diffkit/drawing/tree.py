"""The expression as a tree: what is shared is drawn as often as it is used."""

from __future__ import annotations

from typing import Any

from ..errors import ArgumentError

MOST = 600  # nodes of a tree that is drawn


def as_tree(graph: Any, output: str) -> Any:
    """Return the graph of one output without sharing.

    Nodes are called as in the graph, copies with a number: ``t1 #2``. Variables that occur
    more than once have a common number in the attribute ``copy``, here and in `coloured`.

    Raises
    ------
    ArgumentError
        If the tree would have more than 600 nodes; it says how many.
    """
    import networkx

    root = f"{output} (output)"
    size = tree_size(graph, root)
    if size > MOST:
        raise ArgumentError(
            f"as a tree this has {size:,} nodes, more than the {MOST} that are drawn; "
            'draw a smaller case, or view="dag"'
        )
    tree, number = networkx.DiGraph(), copies(graph, root)
    used: dict[str, int] = {}
    waiting: list[tuple[str, str | None, dict]] = [(root, None, {})]
    while waiting:
        name, user, edge = waiting.pop()
        used[name] = used.get(name, 0) + 1
        key = name if used[name] == 1 else f"{name} #{used[name]}"
        tree.add_node(key, **graph.nodes[name], copy=number.get(name))
        if user is not None:
            tree.add_edge(key, user, **edge)
        for source, _, inner in reversed(list(graph.in_edges(name, data=True))):
            for i in reversed(range(len(inner["operands"]))):
                waiting.append((source, key, _one_use(inner, i)))
    return tree


def coloured(graph: Any, output: str) -> Any:
    """Return the graph with the numbers of variables that its tree repeats."""
    marked = graph.copy()
    for name, number in copies(graph, f"{output} (output)").items():
        marked.nodes[name]["copy"] = number
    return marked


def tree_size(graph: Any, root: str) -> int:
    """Return how many nodes the tree has, exactly, without making it."""
    return sum(_counts(graph, root).values())


def copies(graph: Any, root: str) -> dict[str, int]:
    """Return a number for each variable that occurs more than once in the tree."""
    repeated = [name for name, count in _counts(graph, root).items() if count > 1]
    return {name: number for number, name in enumerate(sorted(repeated, key=list(graph).index))}


def _counts(graph: Any, root: str) -> dict[str, int]:
    """Return how often each node occurs: as often as its users do, added up."""
    import networkx

    counts = {root: 1}
    for name in reversed(list(networkx.topological_sort(graph))):
        for user in graph.successors(name):
            uses = len(graph.edges[name, user]["operands"])
            counts[name] = counts.get(name, 0) + uses * counts.get(user, 0)
    return {name: count for name, count in counts.items() if count}


def _one_use(edge: dict, i: int) -> dict:
    """Return the edge of one of several uses."""
    alone = dict(edge)
    for key in ("operands", "locals", "formulas", "gradients"):
        alone[key] = (edge[key][i],)
    return alone
