"""The shortest wires: which groups of nodes to shift together, found by a minimum cut.

Shifting a set of nodes by one column shortens the wires that leave it ahead and lengthens
those that reach it. Where a wire is one column long, its far end must come along. The
best such set is a closure of greatest weight, and shifting best sets until none gains
ends at the least total length there is.

Picard, Maximal Closure of a Graph and Applications to Combinatorial Problems (1976);
Murota, Discrete Convex Analysis (2003), chapter 10 (steepest descent).
"""

from __future__ import annotations

Links = list[list[int]]


def shorten(layer: list[int], before: Links, after: Links) -> None:
    """Shift sets of nodes, in place, until the total length of the wires is least."""
    gained = True
    while gained:
        gained = False
        for way, ahead, behind in ((1, after, before), (-1, before, after)):
            chosen = _best_set(layer, way, ahead, behind)
            if chosen:
                gained = True
                free = [
                    (layer[n] - layer[m]) * way - 1
                    for m in chosen
                    for n in ahead[m]
                    if n not in chosen
                ]
                for node in chosen:
                    layer[node] += way * min(free)


def _best_set(layer: list[int], way: int, ahead: Links, behind: Links) -> set[int]:
    """Return the nodes whose shift shortens wires most; nothing if none does."""
    count = len(layer)
    weight = [len(ahead[node]) - len(behind[node]) for node in range(count)]
    tight = [[n for n in ahead[m] if (layer[n] - layer[m]) * way == 1] for m in range(count)]
    rest = _pushed([max(w, 0) for w in weight], [max(-w, 0) for w in weight], tight)
    return rest


def _pushed(supply: list[int], demand: list[int], tight: Links) -> set[int]:
    """Push weight along tight wires to where it is wanted; return where some is left over.

    These nodes and all that they reach are the closure of greatest weight.
    """
    flow: list[dict[int, int]] = [{} for _ in tight]
    back: Links = [[] for _ in tight]
    for node, ends in enumerate(tight):
        for end in ends:
            back[end].append(node)
    left: set[int] = set()
    for node in range(len(tight)):
        while supply[node]:
            came = _search(node, demand, tight, back, flow)
            end = came.pop(-1)
            if end < 0:
                left.update(came)
                break
            supply[node] -= 1
            demand[end] -= 1
            while came[end] != end:
                start = came[end]
                if flow[end].get(start, 0):
                    flow[end][start] -= 1
                else:
                    flow[start][end] = flow[start].get(end, 0) + 1
                end = start
    return left


def _search(
    node: int, demand: list[int], tight: Links, back: Links, flow: list[dict[int, int]]
) -> dict[int, int]:
    """Search a way for one unit; return from where each node was reached, and its end as -1."""
    came = {node: node}
    waiting = [node]
    for here in waiting:  # grows while it is read
        if demand[here]:
            return {**came, -1: here}
        undone = [n for n in back[here] if n not in came and flow[n].get(here, 0)]
        for other in [*[n for n in tight[here] if n not in came], *undone]:
            came.setdefault(other, here)
            waiting.append(other)
    return {**came, -1: -1}
