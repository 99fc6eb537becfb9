"""Where in its column an element stands: straight wires, nodes amid their neighbours.

Brandes & Köpf, Fast and Simple Horizontal Coordinate Assignment (2001): elements are
aligned with the median of their neighbours, to either side and from either end, and each
of the four drawings is pushed together; the mean of the middle two has all their
properties. Pushing together is the longest path through the blocks of aligned elements.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from .layers import topological
from .ordering import Columns, Links

Extent = Sequence[float]


def place_columns(
    columns: Columns, up: Links, down: Links, bend: Sequence[bool], before: Extent, after: Extent
) -> list[float]:
    """Return where every element stands across its column.

    Parameters
    ----------
    columns : elements of every column in their order
    up, down : neighbours of every element in the columns before and after
    bend : for every element, whether a wire only passes there (it should be straight)
    before, after : room that every element needs to either side of its place, gaps included
    """
    crossed = _conflicts(columns, up, bend)
    drawings = []
    for links, turned in ((up, False), (down, True)):
        for mirrored in (False, True):
            order = columns[::-1] if turned else columns
            order = [column[::-1] for column in order] if mirrored else order
            sides = (after, before) if mirrored else (before, after)
            root = _aligned(order, links, crossed)
            places = _compacted(order, root, *sides)
            drawings.append([-p for p in places] if mirrored else places)
    return _balanced(drawings, before, after)


def _conflicts(columns: Columns, up: Links, bend: Sequence[bool]) -> set[tuple[int, int]]:
    """Return the segments that cross a straight piece of a long wire: those give way."""
    found: set[tuple[int, int]] = set()
    for first, second in pairwise(columns):
        place = {element: k for k, element in enumerate(first)}
        start, low = 0, -1
        for k, element in enumerate(second):
            inner = _inner(element, up, bend)
            if inner is None and k < len(second) - 1:
                continue
            high = len(first) if inner is None else place[inner]
            for other in second[start : k + 1]:
                for source in up[other]:
                    straight = bend[source] and bend[other]
                    if not straight and not low <= place[source] <= high:
                        found.add((source, other))
            start, low = k + 1, high
    return found


def _inner(element: int, up: Links, bend: Sequence[bool]) -> int | None:
    """Return where a straight piece that ends here comes from."""
    if bend[element]:
        for source in up[element]:
            if bend[source]:
                return source
    return None


def _aligned(columns: Columns, links: Links, crossed: set[tuple[int, int]]) -> list[int]:
    """Return the root of the block that each element is aligned with."""
    size = len(links)
    root = list(range(size))
    place = [0] * size
    for column in columns:
        for k, element in enumerate(column):
            place[element] = k
    for column in columns:
        reached = -1
        for element in column:
            others = sorted(links[element], key=place.__getitem__)
            for m in _medians(len(others)):
                other = others[m]
                free = root[element] == element and reached < place[other]
                if free and not _gives_way((other, element), crossed):
                    root[element], reached = root[other], place[other]
    return root


def _medians(count: int) -> tuple[int, ...]:
    if not count:
        return ()
    return ((count - 1) // 2,) if count % 2 else (count // 2 - 1, count // 2)


def _gives_way(pair: tuple[int, int], crossed: set[tuple[int, int]]) -> bool:
    return bool(crossed) and (pair in crossed or pair[::-1] in crossed)


def _compacted(columns: Columns, root: list[int], before: Extent, after: Extent) -> list[float]:
    """Push the blocks together to one side, then each back as far as is free."""
    room = _rooms(columns, root, before, after)
    later: Links = [list(followers) for followers in room]
    earlier: Links = [[] for _ in room]
    for block, followers in enumerate(later):
        for follower in followers:
            earlier[follower].append(block)
    order = topological(earlier, later)
    at = [0.0] * len(root)
    for block in order:
        for follower, need in room[block].items():
            if at[block] + need > at[follower]:
                at[follower] = at[block] + need
    for block in reversed(order):
        if room[block]:
            at[block] = max(at[block], min([at[f] - need for f, need in room[block].items()]))
    return [at[block] for block in root]


def _rooms(
    columns: Columns, root: list[int], before: Extent, after: Extent
) -> list[dict[int, float]]:
    """Return, for every block, the blocks beside it and how far away they must be."""
    room: list[dict[int, float]] = [{} for _ in root]
    for column in columns:
        for a, b in pairwise(column):
            first, second, need = root[a], root[b], after[a] + before[b]
            if room[first].get(second, -1.0) < need:
                room[first][second] = need
    return room


def _balanced(drawings: list[list[float]], before: Extent, after: Extent) -> list[float]:
    """Lay the drawings on the narrowest of them; take the mean of the middle two places."""
    if not before:
        return []
    lows = [min([p - b for p, b in zip(ps, before, strict=True)]) for ps in drawings]
    highs = [max([p + a for p, a in zip(ps, after, strict=True)]) for ps in drawings]
    narrow = min(range(len(drawings)), key=lambda i: highs[i] - lows[i])
    shifts = [
        (highs[narrow] - highs[i]) if i % 2 else (lows[narrow] - lows[i])
        for i in range(len(drawings))
    ]
    places = []
    for row in zip(*drawings, strict=True):
        _, low, high, _ = sorted([p + shift for p, shift in zip(row, shifts, strict=True)])
        places.append((low + high) / 2)
    return places
