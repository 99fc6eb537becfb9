"""Which column a node stands in: every edge leads to a later one, and few wires are long."""

from __future__ import annotations

from collections.abc import Sequence

from .shifting import shorten

Edge = tuple[int, int]
_SWEEPS = 8
_SMALL = 300  # nodes; the shortest wires cost up to the square


def neighbours(count: int, edges: Sequence[Edge]) -> tuple[list[list[int]], list[list[int]]]:
    """Return, for every node, those that lead to it and those that it leads to."""
    before: list[list[int]] = [[] for _ in range(count)]
    after: list[list[int]] = [[] for _ in range(count)]
    for source, target in edges:
        before[target].append(source)
        after[source].append(target)
    return before, after


def topological(before: list[list[int]], after: list[list[int]]) -> list[int]:
    """Return the nodes so that every edge leads forward."""
    waiting = list(map(len, before))
    order = [node for node, count in enumerate(waiting) if not count]
    for node in order:  # grows while it is read
        for target in after[node]:
            waiting[target] -= 1
            if not waiting[target]:
                order.append(target)
    return order


def assign_layers(count: int, edges: Sequence[Edge]) -> list[int]:
    """Return each node's column: as early as possible, then moved where wires get shorter.

    >>> assign_layers(4, [(0, 2), (2, 3), (1, 3)])  # node 1 stands beside its use
    [0, 1, 1, 2]
    """
    before, after = neighbours(count, edges)
    order = topological(before, after)
    layer = [0] * count
    for node in order:
        for source in before[node]:
            if layer[source] >= layer[node]:
                layer[node] = layer[source] + 1
    for _ in range(_SWEEPS):
        if not _shortened(order, before, after, layer):
            break
    if count <= _SMALL:
        shorten(layer, before, after)
    return _without_empty(layer)


def _shortened(
    order: list[int], before: list[list[int]], after: list[list[int]], layer: list[int]
) -> bool:
    """Move each node to the end of its freedom where most of its edges pull it."""
    moved = False
    for node in reversed(order):
        ins, outs = before[node], after[node]
        if len(outs) > len(ins):
            best = min([layer[target] for target in outs]) - 1
        elif len(ins) > len(outs):
            best = max([layer[source] for source in ins]) + 1
        else:
            continue
        moved = moved or best != layer[node]
        layer[node] = best
    return moved


def _without_empty(layer: list[int]) -> list[int]:
    number = {old: new for new, old in enumerate(sorted(set(layer)))}
    return [number[old] for old in layer]
