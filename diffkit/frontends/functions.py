"""A plain NumPy function to Program: run once on tracers, with its own names.

The steps take the names of the function's local variables. They are read
while it runs: after every line of the user's code the locals are looked at for
traced values that have no name yet.
"""

from __future__ import annotations

import dataclasses
import inspect
import keyword
import os
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from functools import lru_cache
from types import FrameType
from typing import Any

import numpy as np

from ..core.collecting import uncollected
from ..core.derivatives import finish
from ..core.naming import Names
from ..core.nest import as_primal, is_number, leaves, map_leaves, rebuild
from ..core.program import Program
from ..core.scopes import Log, logged
from ..core.tracing import ListingTape, Tape, Tracer
from ..errors import ArgumentError, NotDifferentiable
from ..primitives.functions import gather
from ..progress import Progress

_OURS = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
_STANDARD = os.path.dirname(os.__file__) + os.sep
_LIBRARIES = (_OURS, os.path.dirname(np.__file__) + os.sep, dataclasses.__file__)


def lower_function(f: Callable, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Program:
    """Record a call of f with example arguments, see `record_function`."""
    with Progress("recording"):
        return record_function(f, args, kwargs)[0]


@uncollected()
def record_function(
    f: Callable,
    args: Sequence[Any],
    kwargs: Mapping[str, Any],
    traces: Callable[[Any], bool] = is_number,
    primal: Callable[[Any, str], Any] = as_primal,
    like: Program | None = None,
) -> tuple[Program, Any, list[str]]:
    """Record a call of f with example arguments.

    Parameters
    ----------
    f : callable over NumPy arrays
    args, kwargs : the example; numbers, arrays, lists, tuples and dicts of them
        are traced, anything else (strings, functions, None) is passed as it is.
    traces : callable, leaf -> bool
        Which leaves are traced.
    primal : callable, (leaf, path) -> value
        What a traced leaf is recorded as.
    like : Program, optional
        An earlier recording of the same call, whose names are taken: to look for those
        of the function takes as long as to record it.

    Returns
    -------
    (Program, nest, names)
        The outputs of the Program are the leaves of the result, a nest of this form. The
        names are those of inputs that the function assigned to.

    Raises
    ------
    ArgumentError
        If the arguments do not fit the function.
    NotDifferentiable
        If the function returns something that is not made of numbers.
    """
    bound = _bound(f, args, kwargs)
    tape = ListingTape()
    names = Names()
    inputs: dict[str, Tracer] = {}
    handles: dict[str, Tracer] = {}

    def traced(path: str, leaf: Any) -> Any:
        if not traces(leaf) or isinstance(leaf, Tracer):
            return leaf
        name = names.unique(_identifier(path))
        inputs[name] = tape.input(primal(leaf, path))
        handles[name] = tape.again(inputs[name])
        return handles[name]

    arguments = [
        rebuild(value, iter([traced(path, leaf) for path, leaf in leaves(value, name)]))
        for name, value in _flat_arguments(bound)
    ]
    of_tracer = {tracer.index: name for name, tracer in inputs.items()}
    structure = tuple(
        map_leaves(lambda leaf: of_tracer.get(getattr(leaf, "index", -1)), value)
        for value in arguments
    )
    positional, by_keyword = _call_arguments(bound, arguments)
    with logged(tape) as log:
        watch = _LocalNames(f, tape, log) if like is None else nullcontext(_NamesOf(like))
        with watch as found:
            result = tape.call(f, positional, by_keyword)
    outputs = [_output(leaf) for _, leaf in leaves(result)]
    if not outputs:
        raise NotDifferentiable("the function returned nothing; is a return missing?")
    tape.closed = True
    program = finish(
        tape, inputs, outputs, found.names(inputs), structure=structure, marks=log.marks
    )
    assigned = [name for name, handle in handles.items() if handle.index != inputs[name].index]
    return program, map_leaves(lambda leaf: None, result), assigned


def example_values(f: Callable, args: Sequence[Any], kwargs: Mapping[str, Any]) -> list[Any]:
    """Return the numbers in the example arguments, in the order of the inputs."""
    flat = _flat_arguments(_bound(f, args, kwargs))
    return [leaf for name, value in flat for _, leaf in leaves(value, name) if is_number(leaf)]


# -- arguments ---------------------------------------------------------------------


def _bound(f: Callable, args: Sequence[Any], kwargs: Mapping[str, Any]) -> inspect.BoundArguments:
    try:
        signature = inspect.signature(f)
    except (TypeError, ValueError):  # some ufuncs and builtins have none
        names = [f"x{i + 1}" if len(args) > 1 else "x" for i in range(len(args))]
        kind = inspect.Parameter.POSITIONAL_ONLY
        signature = inspect.Signature([inspect.Parameter(name, kind) for name in names])
    try:
        return signature.bind(*args, **kwargs)
    except TypeError as error:
        raise ArgumentError(
            f"the example arguments do not fit {getattr(f, '__name__', f)}{signature}: {error}"
        ) from None


def _flat_arguments(bound: inspect.BoundArguments) -> list[tuple[str, Any]]:
    """Return (name, value) with *args and **kwargs taken apart."""
    flat: list[tuple[str, Any]] = []
    for name, value in bound.arguments.items():
        kind = bound.signature.parameters[name].kind
        if kind is inspect.Parameter.VAR_POSITIONAL:
            flat += [(f"{name}_{i + 1}", item) for i, item in enumerate(value)]
        elif kind is inspect.Parameter.VAR_KEYWORD:
            flat += list(value.items())
        else:
            flat.append((name, value))
    return flat


def _call_arguments(bound: inspect.BoundArguments, arguments: list) -> tuple[list, dict]:
    """Return the traced arguments as they are passed."""
    values = iter(arguments)
    positional, by_keyword = [], {}
    for name, value in bound.arguments.items():
        kind = bound.signature.parameters[name].kind
        if kind is inspect.Parameter.VAR_POSITIONAL:
            positional += [next(values) for _ in value]
        elif kind is inspect.Parameter.VAR_KEYWORD:
            by_keyword.update({key: next(values) for key in value})
        elif kind is inspect.Parameter.KEYWORD_ONLY:
            by_keyword[name] = next(values)
        else:
            positional.append(next(values))
    return positional, by_keyword


def _identifier(path: str) -> str:
    """Turn a path such as params['W'][0] into a name such as params_W_0."""
    name = re.sub(r"\W+", "_", path).strip("_") or "x"
    return f"{name}_" if keyword.iskeyword(name) or name[0].isdigit() else name


def _output(leaf: Any) -> Any:
    if isinstance(leaf, np.ndarray):
        leaf = gather(leaf)
    if not is_number(leaf):
        told = "None (is a return missing?)" if leaf is None else f"a {type(leaf).__name__}"
        raise NotDifferentiable(
            f"the function returned {told}; return numbers, arrays, or lists, tuples and dicts of "
            "them"
        )
    return leaf


# -- names -------------------------------------------------------------------------


class _NamesOf:
    """The names of another recording, position by position."""

    def __init__(self, program: Program) -> None:
        self._program = program

    def names(self, inputs: Mapping[str, Tracer]) -> dict[int, str]:
        """Return position -> name for all that is not an input."""
        return dict(enumerate([step.name for step in self._program.steps], start=len(inputs)))


@lru_cache(maxsize=1024)
def _is_library(filename: str) -> bool:
    return filename.startswith(_LIBRARIES)


class _LocalNames:
    """Watches the user's frames while a function runs, and collects names.

    Names of the recorded function itself win over those of the functions that it
    calls; within one function the first name wins. The functions that it calls are
    scopes (see `diffkit.core.scopes`).
    """

    def __init__(self, f: Callable, tape: Tape, log: Log) -> None:
        self._code = getattr(inspect.unwrap(f), "__code__", None)
        self._tape = tape
        self._log = log
        self._own: dict[int, str] = {}
        self._called: dict[int, str] = {}
        self._previous: Any = None

    def __enter__(self) -> _LocalNames:
        self._previous = sys.gettrace()
        sys.settrace(self._enter_frame)
        return self

    def __exit__(self, *exception: Any) -> None:
        sys.settrace(self._previous)

    def names(self, inputs: Mapping[str, Tracer]) -> dict[int, str]:
        """Return position -> name for all that is not an input."""
        positions = {tracer.index for tracer in inputs.values()}
        merged = {**self._called, **self._own}
        return {i: name for i, name in merged.items() if i not in positions}

    def _enter_frame(self, frame: FrameType, event: str, arg: Any) -> Any:
        if _is_library(frame.f_code.co_filename):
            return None
        if self._is_scope(frame):
            self._log.enter(frame.f_code.co_name)
        return self._look

    def _is_scope(self, frame: FrameType) -> bool:
        """Say whether a frame is a call of a named function, other than the recorded one."""
        code = frame.f_code
        if code.co_filename.startswith(_STANDARD) and "site-packages" not in code.co_filename:
            return False
        resumed = code.co_flags & (inspect.CO_GENERATOR | inspect.CO_COROUTINE)
        return code is not self._code and not resumed and code.co_name.isidentifier()

    def _look(self, frame: FrameType, event: str, arg: Any) -> Any:
        if event != "exception":
            found = self._own if frame.f_code is self._code else self._called
            for name, value in frame.f_locals.items():
                # type(), since not all objects of Python 3.11's own modules have a __class__
                while type(value) is Tracer and value.tape is not self._tape:
                    value = value.value  # a tracer of an inner derivative
                if type(value) is Tracer:
                    if value.index not in found and name.isidentifier():
                        found[value.index] = name
        if event == "return" and self._is_scope(frame):
            self._log.leave()
        return self._look
