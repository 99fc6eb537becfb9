"""Names for the steps of a Program: the user's where there are any, else t1, t2, ..."""

from __future__ import annotations

from collections.abc import Iterable


class Names:
    """Hands out each name once."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = set(taken)
        self._count = 0
        self._last: dict[str, int] = {}

    def avoid(self, names: Iterable[str]) -> None:
        """Never hand out these."""
        self._taken.update(names)

    def fresh(self) -> str:
        """Return the next of t1, t2, ... that nobody uses."""
        while True:
            self._count += 1
            name = f"t{self._count}"
            if name not in self._taken:
                self._taken.add(name)
                return name

    def unique(self, wanted: str) -> str:
        """Return `wanted`, or wanted_2, wanted_3, ... if it is taken."""
        name, number = wanted, self._last.get(wanted, 1)
        while name in self._taken:
            number += 1
            name = f"{wanted}_{number}"
        self._last[wanted] = number  # a million values called x must not cost 10^12 looks
        self._taken.add(name)
        return name
