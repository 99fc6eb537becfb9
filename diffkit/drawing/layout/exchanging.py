"""Better orders by moving single elements: neighbours exchanged, elements sifted."""

from __future__ import annotations

from bisect import bisect_left

Columns = list[list[int]]
Links = list[list[int]]


class _Places:
    """Where each element stands, and sorted, where its neighbours do."""

    def __init__(self, columns: Columns, up: Links, down: Links) -> None:
        self.links = up, down
        self.place = {element: k for column in columns for k, element in enumerate(column)}
        self.ups, self.downs = [
            {e: self._sorted(links[e]) for column in columns for e in column}
            for links in (up, down)
        ]

    def _sorted(self, elements: list[int]) -> list[int]:
        place = self.place
        return sorted([place[element] for element in elements])

    def crossings(self, a: int, b: int) -> int:
        """Return how often wires of a and b cross where a stands before b."""
        ups, downs = self.ups, self.downs
        return _inversions(ups[a], ups[b]) + _inversions(downs[a], downs[b])

    def moved(self, column: list[int], low: int, high: int) -> None:
        """Record that the elements from low to high have new places."""
        up, down = self.links
        for k in range(low, high + 1):
            self.place[column[k]] = k
        for element in {other for e in column[low : high + 1] for other in up[e]}:
            self.downs[element] = self._sorted(down[element])
        for element in {other for e in column[low : high + 1] for other in down[e]}:
            self.ups[element] = self._sorted(up[element])


def _inversions(first: list[int], second: list[int]) -> int:
    """Count pairs in which the first element's neighbour lies beyond the second's."""
    if not first or not second or first[-1] <= second[0]:
        return 0
    if len(first) == 1 == len(second):
        return 1
    return sum([bisect_left(second, place) for place in first])


def exchange(columns: Columns, up: Links, down: Links, *, even: bool, rounds: int = 50) -> None:
    """Exchange neighbours as long as that takes crossings away.

    With `even`, also where it changes nothing though wires cross: it leads out of dead ends.
    """
    _exchange(columns, _Places(columns, up, down), even, rounds)


def _exchange(columns: Columns, places: _Places, even: bool, rounds: int) -> None:
    waiting = [True] * (len(columns) + 1)
    for _ in range(rounds):
        gained = 0
        for i, column in enumerate(columns):
            if waiting[i]:
                waiting[i] = False
                touched, gain = _exchange_column(column, places, even)
                gained += gain
                if touched:
                    waiting[i] = waiting[max(i - 1, 0)] = waiting[i + 1] = True
        if not gained:
            break


def _exchange_column(column: list[int], places: _Places, even: bool) -> tuple[bool, int]:
    touched, gained = False, 0
    for k in range(len(column) - 1):
        a, b = column[k], column[k + 1]
        now = places.crossings(a, b)
        if now:
            gain = now - places.crossings(b, a)
            if gain > 0 or (even and not gain):
                column[k], column[k + 1] = b, a
                places.moved(column, k, k + 1)
                touched, gained = True, gained + gain
    return touched, gained


def sift(columns: Columns, up: Links, down: Links, rounds: int = 10) -> None:
    """Move each element to the best place in its column, as long as that helps."""
    _sift(columns, _Places(columns, up, down), rounds)


def settle(columns: Columns, up: Links, down: Links, even: int = 4, rounds: int = 10) -> None:
    """Exchange neighbours, a few rounds also where it changes nothing, then sift."""
    places = _Places(columns, up, down)
    _exchange(columns, places, True, even)
    _exchange(columns, places, False, rounds)
    _sift(columns, places, rounds)


def _sift(columns: Columns, places: _Places, rounds: int) -> None:
    for _ in range(rounds):
        if not any([_sift_one(column, e, places) for column in columns for e in tuple(column)]):
            break


def _sift_one(column: list[int], element: int, places: _Places) -> bool:
    at = places.place[element]
    best, to = 0, at
    for steps, sign in ((range(at + 1, len(column)), 1), (range(at - 1, -1, -1), -1)):
        gain = 0
        for k in steps:
            other = column[k]
            gain += sign * (places.crossings(element, other) - places.crossings(other, element))
            if gain > best:
                best, to = gain, k
    if to == at:
        return False
    column.insert(to, column.pop(at))
    places.moved(column, min(at, to), max(at, to))
    return True
