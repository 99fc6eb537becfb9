"""The user's call in the text of a replay: its signature, and what must hold of its arguments."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from ..core.nest import is_record
from .arguments import Traces
from .routine import Routine
from .text import RESERVED

_BUILT_IN = (list, tuple, dict)
_LITERAL = (int, str, bytes)
_LONGEST = 60  # characters of a literal in the text
_STARS: dict[Any, str] = {
    inspect.Parameter.VAR_POSITIONAL: "*",
    inspect.Parameter.VAR_KEYWORD: "**",
}


def signature_of(f: Callable) -> inspect.Signature:
    """Return the signature of a function; some builtins have none, and take what there is."""
    try:
        return inspect.signature(f)
    except (TypeError, ValueError):
        return _anything("args", "kwargs")


def _anything(args: str, kwargs: str) -> inspect.Signature:
    kinds = ((args, inspect.Parameter.VAR_POSITIONAL), (kwargs, inspect.Parameter.VAR_KEYWORD))
    return inspect.Signature([inspect.Parameter(name, kind) for name, kind in kinds])


def leave_out_defaults(bound: inspect.BoundArguments) -> None:
    """Take out arguments that are the defaults anyway: by keyword, and the last by position."""
    given, last = bound.arguments, True
    for p in reversed([*bound.signature.parameters.values()]):
        by_keyword = p.kind in (p.KEYWORD_ONLY, p.VAR_KEYWORD)
        if p.name in given and given[p.name] is p.default and (by_keyword or last):
            del given[p.name]
        elif p.name in given and not by_keyword:
            last = False


class Example(NamedTuple):
    """The call that is recorded.

    Attributes
    ----------
    signature : inspect.Signature
    args, kwargs : the arguments
    traces : callable, leaf -> bool
        Which leaves of them are arguments of the recording.
    """

    signature: inspect.Signature
    args: tuple
    kwargs: dict[str, Any]
    traces: Traces


def write_call(routine: Routine, example: Example, scalar: bool) -> list[str]:
    """Let a routine be called as the user's function is; return what must hold of a call."""
    call = Call(routine, example, scalar)
    if call.clashes():
        anything = _anything(routine.unique("args"), routine.unique("kwargs"))
        call = Call(routine, example._replace(signature=anything), scalar)
    call.write()
    return call.conditions


class Call:
    """What makes a call one of the recorded kind, and where the traced leaves are in it.

    Parameters
    ----------
    example : Example
    scalar : bool
        Whether the inputs are taken as floats.

    Attributes
    ----------
    conditions : list of str
    paths : list of str
        Expressions of the traced leaves, in order.
    converted : list of str
        The inputs that are NumPy's numbers, and are to be floats.
    """

    def __init__(self, routine: Routine, example: Example, scalar: bool) -> None:
        signature, args, kwargs, traces = example
        self.routine = routine
        self.signature = signature
        self.traces = traces
        self.scalar = scalar
        self.conditions: list[str] = []
        self.paths: list[str] = []
        self.converted: list[str] = []
        self._defaults = {
            p.name: routine.bind(f"default_{p.name}", p.default)
            for p in signature.parameters.values()
            if p.default is not p.empty
        }
        given = signature.bind(*args, **kwargs).arguments
        for name, parameter in signature.parameters.items():
            if name in given and parameter.kind in _STARS:
                self._entries(name, given[name])  # a tuple or a dict in any case
            elif name in given:
                self._nest(name, given[name])
            elif parameter.kind in _STARS:
                self.conditions.append(f"not {name}")
            else:
                self.conditions.append(f"{name} is {self._defaults[name]}")

    def write(self) -> None:
        """Let the function be called as the user's is; its first lines take the leaves out."""
        routine, parameters = self.routine, list(self.signature.parameters.values())
        told = [self._parameter(p) for p in parameters]
        routine.parameters = str(inspect.Signature(told))[1:-1]
        routine.given = ", ".join(map(_passed_on, parameters))
        routine.converted = self.converted
        pairs = zip(routine.inputs, self.paths, strict=True)
        routine.taken = [f"{name} = {path}" for name, path in pairs if name != path]

    def clashes(self) -> bool:
        """Say whether a parameter has a name that the text needs for something else."""
        parameters = self.signature.parameters
        pairs = zip(self.routine.inputs, self.paths, strict=True)
        taken = {name for name, path in pairs if name != path}
        return any(name in RESERVED or name in taken for name in parameters)

    def _parameter(self, p: inspect.Parameter) -> inspect.Parameter:
        """Return a parameter as it is written: its default by its name."""
        default = _Text(self._defaults[p.name]) if p.name in self._defaults else p.empty
        return p.replace(annotation=p.empty, default=default)

    # -- what must hold of the arguments ----------------------------------------------

    def _nest(self, path: str, nest: Any) -> None:
        if not (isinstance(nest, _BUILT_IN) or is_record(nest)):
            return self._leaf(path, nest)
        self.conditions.append(f"{path}.__class__ is {self._class(nest.__class__)}")
        self._entries(path, nest)

    def _entries(self, path: str, nest: Any) -> None:
        if isinstance(nest, dict):
            self.conditions.append(f"[*{path}] == {self._literal(list(nest))}")
            parts = [(f"{path}[{self._literal(key)}]", part) for key, part in nest.items()]
        elif is_record(nest):
            names = [field.name for field in dataclasses.fields(nest)]
            parts = [(f"{path}.{name}", getattr(nest, name)) for name in names]
        else:
            self.conditions.append(f"len({path}) == {len(nest)}")
            parts = [(f"{path}[{i}]", part) for i, part in enumerate(nest)]
        for path, part in parts:
            self._nest(path, part)

    def _leaf(self, path: str, leaf: Any) -> None:
        if not self.traces(leaf):
            return self._same(path, leaf)
        if self.scalar and leaf.__class__ is np.float64:
            self.conditions.append(f"{path}.__class__ is {self.routine.numpy('float64')}")
            self.converted.append(self.routine.inputs[len(self.paths)])
        self.paths.append(path)

    def _same(self, path: str, value: Any) -> None:
        """Ask for this very value, or for an equal one of its class where that is as good."""
        if value.__class__ is float:
            self.conditions.append(f"{path}.__class__ is float")
            self.conditions.append(f"{path}.hex() == {value.hex()!r}")  # of zeros, the sign counts
        elif value is None or value.__class__ is bool:
            self.conditions.append(f"{path} is {value}")
        elif value.__class__ in _LITERAL:
            self.conditions.append(f"{path}.__class__ is {value.__class__.__name__}")
            self.conditions.append(f"{path} == {self._literal(value)}")
        else:
            self.conditions.append(f"{path} is {self.routine.bind('given', value)}")

    def _class(self, kind: type) -> str:
        return kind.__name__ if kind in _BUILT_IN else self.routine.bind(kind.__name__, kind)

    def _literal(self, value: Any) -> str:
        parts = value if value.__class__ is list else [value]
        short = all(part.__class__ in _LITERAL for part in parts) and len(repr(value)) <= _LONGEST
        return repr(value) if short else self.routine.bind("key", value)


class _Text(str):
    """A default as it is written."""

    def __repr__(self) -> str:
        return str(self)


def _passed_on(p: inspect.Parameter) -> str:
    if p.kind is p.KEYWORD_ONLY:
        return f"{p.name}={p.name}"
    return _STARS.get(p.kind, "") + p.name
