"""The order within the columns: few crossings, by medians, exchanges, sifting and shaking.

Sugiyama, Tagawa & Toda, Methods for Visual Understanding of Hierarchical System
Structures (1981); Gansner, Koutsofios, North & Vo, A Technique for Drawing Directed
Graphs (1993), section 3; Matuszewski, Schönfeld & Molitor, Using Sifting for k-Layer
Straightline Crossing Minimization (1999).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from itertools import pairwise
from random import Random

from .exchanging import exchange, settle, sift

Columns = list[list[int]]
Links = list[list[int]]

_SMALL, _MIDDLE = 800, 4000  # elements: everything; exchanges once; only sorting
_ROUNDS, _PATIENCE = 24, 4
_STARTS, _SHAKES = (2000, 3, 12), (20_000, 12, 150)  # wires times tries, fewest, most
_SHAKEN = 0.05  # the share of elements; more, and what was found is lost again


def order_columns(columns: Columns, up: Links, down: Links) -> Columns:
    """Return the columns, each in an order that makes few crossings.

    Parameters
    ----------
    columns : elements of every column
    up, down : for every element, its neighbours in the column before and after

    Notes
    -----
    Small graphs are tried from several starts, the best result is then shaken and
    improved again, many times. The same columns always give the same order.
    """
    size = sum(map(len, columns))
    if size > _SMALL:
        start = _breadth_first(columns, up, down)
        found, _ = _sorted(start, up, down, rounds=6 if size <= _MIDDLE else 3)
        if size <= _MIDDLE:
            exchange(found, up, down, even=False, rounds=6)
        return found
    wires = sum([len(down[element]) for column in columns for element in column])
    results = []
    for begin in _starts(columns, up, down, _tries(wires, *_STARTS)):
        results.append(_worked(begin, up, down))
        if not results[-1][1]:
            break
    best, fewest = min(results, key=lambda result: result[1])
    return _shaken(best, fewest, up, down, _tries(wires, *_SHAKES))


def _tries(wires: int, effort: int, least: int, most: int) -> int:
    return min(most, max(least, effort // (wires + 1)))


# -- starts ----------------------------------------------------------------------------


def _starts(columns: Columns, up: Links, down: Links, count: int) -> Iterator[Columns]:
    """Yield starting orders: walks from either end, then such walks over shuffled columns."""
    yield _breadth_first(columns, up, down)
    yield _breadth_first(columns[::-1], down, up)[::-1]
    yield _depth_first(columns, up)
    yield _depth_first(columns[::-1], down)[::-1]
    random = Random(0)
    for number in range(count - 4):
        mixed = [random.sample(column, len(column)) for column in columns]
        if number % 2:
            yield _breadth_first(mixed, up, down)
        else:
            yield _breadth_first(mixed[::-1], down, up)[::-1]


def _breadth_first(columns: Columns, up: Links, down: Links) -> Columns:
    """Order elements as a breadth-first walk along the edges meets them."""
    layer = {element: i for i, column in enumerate(columns) for element in column}
    found: Columns = [[] for _ in columns]
    seen: set[int] = set()
    for column in columns:
        for first in column:
            queue = [first] if first not in seen and not up[first] else []
            seen.update(queue)
            for element in queue:  # grows while it is read
                found[layer[element]].append(element)
                new = [other for other in down[element] if other not in seen]
                seen.update(new)
                queue += dict.fromkeys(new)
    return found


def _depth_first(columns: Columns, up: Links) -> Columns:
    """Order elements as a depth-first walk against the edges, from the last column, meets them."""
    layer = {element: i for i, column in enumerate(columns) for element in column}
    found: Columns = [[] for _ in columns]
    seen: set[int] = set()
    for column in reversed(columns):
        stack = column[::-1]
        while stack:
            element = stack.pop()
            if element not in seen:
                seen.add(element)
                found[layer[element]].append(element)
                stack += [other for other in reversed(up[element]) if other not in seen]
    return found


# -- improving ---------------------------------------------------------------------------


def _worked(columns: Columns, up: Links, down: Links) -> tuple[Columns, int]:
    """Sort and exchange in turns until nothing gets better, then sift."""
    columns = [list(column) for column in columns]
    best, fewest, idle = columns, count_crossings(columns, down), 0
    for number in range(_ROUNDS):
        if idle >= _PATIENCE or not fewest:
            break
        turned = number % 4 < 2
        columns = [list(column) for column in columns]
        _sort_all(columns, up, down, number, turned)
        exchange(columns, up, down, even=not turned)
        crossings = count_crossings(columns, down)
        idle = 0 if crossings < fewest else idle + 1
        if crossings <= fewest:
            best, fewest = columns, crossings
    best = [list(column) for column in best]
    if fewest:
        sift(best, up, down)
    return best, count_crossings(best, down)


def _shaken(columns: Columns, fewest: int, up: Links, down: Links, tries: int) -> Columns:
    """Move some elements anywhere and improve again; keep what is no worse."""
    random = Random(0)
    for _ in range(tries):
        if not fewest:
            break
        found = [_misplaced(column, random) for column in columns]
        settle(found, up, down)
        crossings = count_crossings(found, down)
        if crossings <= fewest:
            columns, fewest = found, crossings
    return columns


def _misplaced(column: list[int], random: Random) -> list[int]:
    """Return the column with a few elements moved anywhere in it."""
    found = list(column)
    for element in column:
        if random.random() < _SHAKEN:
            found.remove(element)
            found.insert(random.randrange(len(column)), element)
    return found


def _sorted(columns: Columns, up: Links, down: Links, rounds: int) -> tuple[Columns, int]:
    """Only sort, which is fast; keep the best."""
    columns = [list(column) for column in columns]
    best, fewest = columns, count_crossings(columns, down)
    for number in range(rounds):
        columns = [list(column) for column in columns]
        _sort_all(columns, up, down, number, False)
        crossings = count_crossings(columns, down)
        if crossings < fewest:
            best, fewest = columns, crossings
    return [list(column) for column in best], fewest


def _sort_all(columns: Columns, up: Links, down: Links, number: int, turned: bool) -> None:
    """Sort each column by the medians of its neighbours, forward and backward in turns."""
    if number % 2:
        for i in range(len(columns) - 2, -1, -1):
            columns[i] = _sort_column(columns[i], columns[i + 1], down, turned)
    else:
        for i in range(1, len(columns)):
            columns[i] = _sort_column(columns[i], columns[i - 1], up, turned)


def _sort_column(column: list[int], beside: list[int], links: Links, turned: bool) -> list[int]:
    """Sort what has neighbours; the rest stays. Ties are kept, or turned round."""
    place = {element: k for k, element in enumerate(beside)}
    linked = [element for element in column if links[element]]
    key = {e: _median(sorted([place[other] for other in links[e]])) for e in linked}
    if turned:
        linked.reverse()
    linked.sort(key=key.__getitem__)
    following = iter(linked)
    return [next(following) if links[element] else element for element in column]


def _median(places: list[int]) -> float:
    """Return the median; of an even number, nearer to the side where they lie closer."""
    half = len(places) // 2
    if len(places) % 2:
        return places[half]
    low, high = places[half - 1], places[half]
    left, right = low - places[0], places[-1] - high
    if len(places) == 2 or not left + right:
        return (low + high) / 2
    return (low * right + high * left) / (left + right)


# -- counting -----------------------------------------------------------------------------


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
    """Count pairs out of order; inserting into a short sorted list is fast."""
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
