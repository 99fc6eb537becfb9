"""Which places are the same memory: one that nobody will read again serves later arrays."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from ..core.program import Program, Step
from .homes import RUN, Home
from .reading import bytes_of, names_in

Ending = dict[float, list[str]]


def shared(
    program: Program,
    home: Mapping[str, Home],
    types: Mapping[str, Any],
    begin: Mapping[str, int],
    end: Mapping[str, float],
) -> dict[str, str]:
    """Return, for each place that takes over the memory of an earlier one, which that is.

    Parameters
    ----------
    program : Program
    home, types : mappings, name -> Home, Abstract
    begin, end : mappings, root -> number of a step
        That is the first to write there, and the last to read there; inf for what stays.
    """
    return _Sharing(program, home, types, begin, end).places()


class _Sharing:
    def __init__(
        self,
        program: Program,
        home: Mapping[str, Home],
        types: Mapping[str, Any],
        begin: Mapping[str, int],
        end: Mapping[str, float],
    ) -> None:
        self.program, self.home, self.types = program, home, types
        self.begin, self.end = begin, end
        self.same_as: dict[str, str] = {}

    def places(self) -> dict[str, str]:
        """Go through the steps; what ends at one is free from the next on."""
        free: dict[int, list[str]] = defaultdict(list)
        beginning: dict[int, list[str]] = defaultdict(list)
        ending: Ending = defaultdict(list)
        for root, end in self.end.items():
            if self.home[root].kind == "place":
                beginning[self.begin[root]].append(root)
                ending[end].append(root)
        for i, step in enumerate(self.program.steps):
            for root in beginning.get(i, []):
                if root == step.name:
                    self._write_over(i, step, ending)
                of_this_size = free[bytes_of(self.types[root])]
                if root not in self.same_as and of_this_size:
                    self.same_as[root] = of_this_size.pop()
            for root in ending.get(i, []):
                free[bytes_of(self.types[root])].append(root)
        return self.same_as

    def _write_over(self, i: int, step: Step, ending: Ending) -> None:
        """Let a step write over an operand that it is the last to read, if it can."""
        if step.primitive.elementwise:
            self._write_over_operand(i, step, ending)
        elif step.primitive.name == RUN:
            self._write_over_in_blocks(step, ending)

    def _write_over_operand(self, i: int, step: Step, ending: Ending) -> None:
        for root in ending.get(i, []):
            if root in names_in(step.operands) and self._is_like(root, step):
                self._take(step, root, ending[i])
                return

    def _write_over_in_blocks(self, step: Step, ending: Ending) -> None:
        """A result of a run may be written over what the run has read, block by block."""
        roots = [self.home[name].root for name in names_in(step.operands)]
        for root in step.params["over"]:
            last = ending[self.end.get(root, math.inf)]
            alone = root in last and roots.count(root) == 1
            if alone and self._ends_in(root, step.params["run"]) and self._is_like(root, step):
                self._take(step, root, last)
                return

    def _take(self, step: Step, root: str, last: list[str]) -> None:
        self.same_as[step.name] = root
        last.remove(root)

    def _is_like(self, root: str, step: Step) -> bool:
        same_order = self.home[root].order == self.home[step.name].order
        return same_order and self.types[root] == step.type

    def _ends_in(self, root: str, run: Any) -> bool:
        """Say whether a run is the last that reads an array."""
        end = self.end[root]
        return end < math.inf and self.program.steps[int(end)].params.get("run") is run
