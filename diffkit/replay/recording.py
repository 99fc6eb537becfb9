"""One recording of a function, written as a function of the user's arguments."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

from ..core.nest import is_record, leaves, map_leaves, rebuild
from ..core.program import Program
from .arguments import Traces, entries_of
from .passes import optimized
from .programs import finished, written
from .routine import Routine
from .scalar_code import is_scalar
from .surroundings import Surroundings


class Recording:
    """One recording: the program, its text, and the function of its traced leaves."""

    def __init__(
        self,
        program: Program,
        result: Any,
        name: str,
        around: Surroundings,
        parameters: Sequence[inspect.Parameter] | None,
        args: tuple,
        traces: Traces,
        without: Sequence[str],
        otherwise: Callable,
    ) -> None:
        self.program = optimized(program, without)
        self.scalar = is_scalar(self.program)
        self.result = result
        self.branches = any(step.primitive.name == "guard" for step in self.program.steps)
        routine, results = written(self.program, name, without)
        routine.returns = _returned(result, results, routine.objects)
        self.traces = traces
        self.around = around
        nests = _take_parameters(routine, parameters, args, traces)
        self.direct = nests is not None
        conditions = around.conditions(routine.objects) + nests if nests is not None else []
        source = finished(routine, self.program, otherwise, conditions)
        self.source = source.text
        self.function = routine.function(source)

    def run(self, args: tuple, kwargs: dict) -> Any:
        """Replay with arguments of the recorded kind."""
        entries = float if self.scalar else entries_of
        if self.direct:
            return self.function(*map_leaves(entries, args))
        flat = [leaf for _, leaf in leaves((args, kwargs)) if self.traces(leaf)]
        return self.function(*map(entries, flat))


def _take_parameters(
    routine: Routine,
    parameters: Sequence[inspect.Parameter] | None,
    args: tuple,
    traces: Traces,
) -> list[str] | None:
    """Let the function be called as the user's is; return conditions on the nests.

    Its parameters have the user's names and defaults. The traced leaves are taken out
    of them in the first lines.
    """
    if parameters is None:
        return None
    names, leaves_ = [p.name for p in parameters], list(routine.inputs)
    reserved = set(leaves_) - set(names) | set(routine.objects)
    if reserved & set(names) or any(s.target in names for s in routine.body):
        return None
    conditions: list[str] = []
    taken: list[str] = []
    for name, value in zip(names, args, strict=True):
        if not _take(name, value, conditions, taken, traces):
            return None
    for p in parameters:
        if p.default is not inspect.Parameter.empty:
            routine.defaults[p.name] = f"default_{p.name}"
            routine.objects[f"default_{p.name}"] = p.default
    routine.take(names, taken)
    return conditions


def _take(path: str, nest: Any, conditions: list, taken: list, traces: Traces) -> bool:
    """Write what makes a nest one of the same kind, and where its traced leaves are."""
    if nest.__class__ in (list, tuple, dict):
        conditions.append(f"{path}.__class__ is {nest.__class__.__name__}")
        conditions.append(f"len({path}) == {len(nest)}")
        items = nest.items() if nest.__class__ is dict else enumerate(nest)
        simple = all(key.__class__ in (str, int) for key, _ in items)
        items = nest.items() if nest.__class__ is dict else enumerate(nest)
        return simple and all(
            _take(f"{path}[{key!r}]", part, conditions, taken, traces) for key, part in items
        )
    if not traces(nest):
        return False
    taken.append(path)
    return True


def _returned(result: Any, texts: list[str], objects: dict[str, Any]) -> str:
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
            objects[f"made{len(objects)}"] = lambda *parts: rebuild(nest, iter(parts))
            name = f"made{len(objects) - 1}"
            return f"{name}({', '.join(next(pending) for _ in range(count))})"
        return next(pending)

    return text(result)
