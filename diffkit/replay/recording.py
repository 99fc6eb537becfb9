"""One recording of a function, written as a function of the user's arguments."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

from ..core.nest import is_record, leaves, rebuild
from ..core.program import Program
from .arguments import entries_of
from .backends import by_protocol
from .passes import optimized
from .programs import finished, written
from .routine import Routine
from .scalar_code import is_scalar
from .signatures import Example, write_call
from .surroundings import Surroundings


class Recording:
    """One recording: the program, its text, and what the text defines.

    Attributes
    ----------
    program : Program
        After the passes.
    source : str
    function : callable, with the parameters of the user's function
        Calls that are not of the recorded kind are passed on to `otherwise`.
    otherwise : callable
    """

    def __init__(
        self,
        program: Program,
        result: Any,
        name: str,
        around: Surroundings,
        example: Example,
        without: Sequence[str],
        otherwise: Callable,
    ) -> None:
        self.program = optimized(program, without)
        self.scalar = is_scalar(self.program)
        self.result = result
        self.branches = any(step.primitive.name == "guard" for step in self.program.steps)
        self.traces = example.traces
        self.around = around
        self.otherwise = otherwise
        routine, results = written(self.program, name, without, example.signature.parameters)
        routine.returns = _returned(result, results, routine)
        conditions = around.conditions(routine)
        conditions += write_call(routine, example, self.scalar)
        source = finished(routine, self.program, otherwise, conditions)
        self.source = source.text
        self.function, self._steps = routine.functions(source)

    @cached_property
    def by_protocol(self) -> Callable:
        """The program as a function of arrays of other libraries."""
        return by_protocol(self.program)

    def run(self, args: tuple, kwargs: dict) -> Any:
        """Replay with arguments that are of the recorded kind once they are converted."""
        entries = float if self.scalar else entries_of
        flat = [leaf for _, leaf in leaves((args, kwargs)) if self.traces(leaf)]
        return self._steps(*map(entries, flat))


def _returned(result: Any, texts: list[str], routine: Routine) -> str:
    """Write the result of the function with the outputs in their places."""
    pending = iter(texts)

    def text(nest: Any) -> str:
        kind = type(nest)
        if kind is dict and all(isinstance(key, (str, int)) for key in nest):
            return "{" + ", ".join(f"{key!r}: {text(part)}" for key, part in nest.items()) + "}"
        if kind is list:
            return f"[{', '.join(map(text, nest))}]"
        if kind is tuple:
            return f"({', '.join(map(text, nest))}{',' if len(nest) == 1 else ''})"
        if isinstance(nest, (dict, list, tuple)) or is_record(nest):
            count = len(list(leaves(nest)))
            name = routine.bind("made", lambda *parts: rebuild(nest, iter(parts)))
            return f"{name}({', '.join(next(pending) for _ in range(count))})"
        return next(pending)

    return text(result)
