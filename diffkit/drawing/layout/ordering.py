"""The order within the columns: few crossings, by barycentres, medians and exchanges.

Sugiyama, Tagawa & Toda, Methods for Visual Understanding of Hierarchical System
Structures (1981); Gansner, Koutsofios, North & Vo, A Technique for Drawing Directed
Graphs (1993), section 3.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from itertools import pairwise
from random import Random

Columns = list[list[int]]
Links = list[list[int]]

_SMALL, _MIDDLE = 400, 4000  # elements: try everything; exchange neighbours; only sweep


def order_columns(columns: Columns, up: Links, down: Links) -> Columns:
    """Return the columns, each in an order that makes few crossings.

    Parameters
    ----------
    columns : elements of every column
    up, down : for every element, its neighbours in the column before and after

    Notes
    -----
    Small graphs are tried from several starting orders, all of them deterministic.
    """
    size = sum(map(len, columns))
    best: Columns = columns
    fewest = None
    for start in _starts(columns, up, down, size):
        found = _swept(start, up, down, rounds=24 if size <= _MIDDLE else 3)
        if size <= _MIDDLE:
            _exchange(found, up, down)
        crossings = count_crossings(found, down)
        if fewest is None or crossings < fewest:
            best, fewest = found, crossings
        if not fewest:
            break
    return best


def _starts(columns: Columns, up: Links, down: Links, size: int) -> list[Columns]:
    """Return starting orders: walking from either end, and shuffled."""
    starts = [_walked(columns, up, down), _walked(columns[::-1], down, up)[::-1]]
    if size > _MIDDLE:
        return starts[:1]
    random = Random(0)
    for _ in range(10 if size <= _SMALL else 1):
        starts.append([random.sample(column, len(column)) for column in columns])
    return starts


def _walked(columns: Columns, up: Links, down: Links) -> Columns:
    """Order elements as a depth-first walk against the edges, from the last column, meets them."""
    layer = {element: i for i, column in enumerate(columns) for element in column}
    found: Columns = [[] for _ in columns]
    seen: set[int] = set()
    for column in reversed(columns):
        stack = column[::-1]
        while stack:
            element = stack.pop()
            if element in seen:
                continue
            seen.add(element)
            found[layer[element]].append(element)
            stack += [other for other in reversed(up[element]) if other not in seen]
    return found


# -- sweeping -----------------------------------------------------------------------


def _swept(columns: Columns, up: Links, down: Links, rounds: int) -> Columns:
    """Sort each column by where its neighbours are, forward and backward; keep the best."""
    columns = [list(column) for column in columns]
    best, fewest, idle = [list(c) for c in columns], count_crossings(columns, down), 0
    for number in range(rounds):
        middle = _mean if number % 4 < 2 else _median
        if number % 2:
            _sort_pass(range(1, len(columns)), -1, columns, up, middle)
        else:
            _sort_pass(range(len(columns) - 2, -1, -1), 1, columns, down, middle)
        crossings = count_crossings(columns, down)
        idle += 1
        if crossings < fewest:
            best, fewest, idle = [list(c) for c in columns], crossings, 0
        if not fewest or idle > 5:
            break
    return best


def _sort_pass(which: range, side: int, columns: Columns, links: Links, middle: Callable) -> None:
    place: dict[int, int] = {}
    for i in which:
        place = {element: k for k, element in enumerate(columns[i + side])}
        place_of = place.__getitem__
        own = {element: k for k, element in enumerate(columns[i])}
        scale = len(place) / max(1, len(own))
        key = {
            e: middle([place_of(other) for other in links[e]]) if links[e] else own[e] * scale
            for e in columns[i]
        }
        columns[i].sort(key=key.__getitem__)


def _mean(places: list[int]) -> float:
    return sum(places) / len(places)


def _median(places: list[int]) -> float:
    places = sorted(places)
    half = len(places) // 2
    return places[half] if len(places) % 2 else (places[half - 1] + places[half]) / 2


# -- exchanging ---------------------------------------------------------------------


def _exchange(columns: Columns, up: Links, down: Links, rounds: int = 12) -> None:
    """Exchange neighbours within a column as long as that takes crossings away."""
    place = {element: k for column in columns for k, element in enumerate(column)}
    ups = _sorted_places(columns, up, place)
    downs = _sorted_places(columns, down, place)
    for _ in range(rounds):
        gained = False
        for column in columns:
            for k in range(len(column) - 1):
                a, b = column[k], column[k + 1]
                now = _inversions(ups[a], ups[b]) + _inversions(downs[a], downs[b])
                then = _inversions(ups[b], ups[a]) + _inversions(downs[b], downs[a])
                if then < now:
                    column[k], column[k + 1] = b, a
                    _swap(a, b, place, up, down, ups, downs)
                    gained = True
        if not gained:
            break


def _sorted_places(columns: Columns, links: Links, place: dict[int, int]) -> dict[int, list[int]]:
    return {e: sorted([place[o] for o in links[e]]) for column in columns for e in column}


def _swap(a: int, b: int, place: dict, up: Links, down: Links, ups: dict, downs: dict) -> None:
    """Record that neighbours a, b changed places, in the lists of all that they touch."""
    place[a], place[b] = place[b], place[a]
    for element in (a, b):
        for other in up[element]:
            downs[other] = sorted([place[o] for o in down[other]])
        for other in down[element]:
            ups[other] = sorted([place[o] for o in up[other]])


def _inversions(first: list[int], second: list[int]) -> int:
    """Count pairs in which the first element's neighbour lies beyond the second's."""
    if not first or not second or first[-1] <= second[0]:
        return 0
    return sum([bisect_left(second, place) for place in first])


# -- counting -----------------------------------------------------------------------


def count_crossings(columns: Columns, down: Links) -> int:
    """Count the crossings of wires between neighbouring columns.

    >>> count_crossings([[0, 1], [2, 3]], [[3], [2], [], []])
    1
    """
    total = 0
    for first, second in pairwise(columns):
        place = {element: k for k, element in enumerate(second)}
        ends: list[int] = []
        for element in first:
            ends += sorted([place[other] for other in down[element]])
        total += _count_inversions(ends)
    return total


def _count_inversions(ends: list[int]) -> int:
    """Count pairs out of order, in n log n (a sorted list of machine integers is fast)."""
    seen: list[int] = []
    total = 0
    for number, end in enumerate(ends):
        if seen and seen[-1] > end:
            at = bisect_left(seen, end + 1)
            total += number - at
            seen.insert(at, end)
        else:
            seen.append(end)
    return total
