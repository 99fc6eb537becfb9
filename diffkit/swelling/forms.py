"""The forms of a derivative that need no SymPy: Programs, and the textbook's formulas."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from ..core.program import Program
from .reading import read
from .rules import Linearized
from .terms import Terms

OWN_ROWS = ("primal", "tangent", "adjoint", "textbook", "unrolled")


class Forms:
    """The forms of a derivative that are Programs or terms, and what making each took."""

    def __init__(
        self, program: Program, wrt: Sequence[str], rows: Sequence[str] = OWN_ROWS
    ) -> None:
        self.terms = Terms()
        self.program = program
        self.wrt = tuple(wrt)
        self.seconds: dict[str, float] = {}
        self.linearized = self._timed("primal", lambda: Linearized(self.terms, program, self.wrt))
        self.primal = self.linearized.outputs
        makers = {
            "tangent": self._tangent,
            "adjoint": self._adjoint,
            "textbook": lambda: [d for name in self.wrt for d in self.linearized.forward(name)],
            "unrolled": lambda: self.linearized.reverse(self.wrt),
        }
        self.roots = {"primal": self.primal}
        self.roots |= {row: self._timed(row, makers[row]) for row in makers if row in rows}

    def _timed(self, row: str, make: Callable) -> Any:
        started = time.perf_counter()
        made = make()
        self.seconds[row] = time.perf_counter() - started
        return made

    def _tangent(self) -> list[int]:
        return [*self.primal, *read(self.terms, self.program.tangent(self.wrt))]

    def _adjoint(self) -> list[int]:
        return [*self.primal, *read(self.terms, self.program.adjoint(self.wrt))]
