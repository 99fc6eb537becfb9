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
    """The forms of a derivative that are Programs or terms.

    Attributes
    ----------
    terms : Terms
    roots : dict, row -> list of terms
    seconds : dict, row -> what making it took; the primal is given
    """

    def __init__(
        self, program: Program, wrt: Sequence[str], rows: Sequence[str] = OWN_ROWS
    ) -> None:
        self.terms = Terms()
        self.program = program
        self.wrt = tuple(wrt)
        linearized, both = _timed(lambda: Linearized(self.terms, program, self.wrt))
        self.primal = linearized.outputs
        made: dict[str, list[int]] = {"primal": self.primal}
        self.seconds = {"primal": 0.0}
        # A term keeps the rule that made it first: the rules come before the Programs.
        makers: dict[str, Callable[[], list[int]]] = {
            "textbook": lambda: [d for name in self.wrt for d in linearized.forward(name)],
            "unrolled": lambda: linearized.reverse(self.wrt),
            "tangent": self._tangent,
            "adjoint": self._adjoint,
        }
        for row in [row for row in makers if row in rows]:
            made[row], alone = _timed(makers[row])
            self.seconds[row] = alone + (both if row in ("textbook", "unrolled") else 0.0)
        self.roots = {row: made[row] for row in OWN_ROWS if row in made}

    def _tangent(self) -> list[int]:
        return [*self.primal, *read(self.terms, self.program.tangent(self.wrt))]

    def _adjoint(self) -> list[int]:
        return [*self.primal, *read(self.terms, self.program.adjoint(self.wrt))]


def _timed(make: Callable[[], Any]) -> tuple[Any, float]:
    started = time.perf_counter()
    return make(), time.perf_counter() - started
