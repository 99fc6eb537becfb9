"""From what the user gives to a scalar Program and the inputs to differentiate by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from inspect import Parameter, signature
from typing import Any

import numpy as np

from ..core.program import Program
from ..errors import ArgumentError, NonScalarOutput, NotDifferentiable
from ..frontends import is_named_source, lower, lower_at
from ..symbolic.convert import symbol_names
from .reading import scalar

_POSITIONAL = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)


def scalar_source(
    source: Any, wrt: str | Sequence[str] | None, at: Mapping[str, Any] | Sequence[Any] | None
) -> tuple[Program, tuple[str, ...]]:
    """Return a Program over scalars with one output, and its inputs to differentiate by.

    Parameters
    ----------
    source : text, SymPy expression, Program or function
    wrt : names of its inputs; all by default
    at : values that give the shapes of array inputs; numbers by default
    """
    whole = _lowered(source, at)
    names = _checked(whole, wrt)
    program = scalar(whole)
    if len(program.outputs) != 1:
        raise NonScalarOutput(
            f"swell needs one number, but the source gives {len(program.outputs)}; sum them"
        )
    entries = [
        entry
        for name in names
        for entry in np.ravel(np.asarray(symbol_names(name, whole.types[name].shape), object))
        if entry in program.types
    ]
    return program, tuple(entries)


def _lowered(source: Any, at: Mapping[str, Any] | Sequence[Any] | None) -> Program:
    if at is not None:
        return lower_at(source, at)[0]
    if is_named_source(source) or not callable(source):
        return lower(source)
    return lower(source, *_numbers_for(source))


def _numbers_for(function: Any) -> list[float]:
    """One number for every argument that the function must be given."""
    try:
        parameters = signature(function).parameters.values()
    except (TypeError, ValueError):
        raise ArgumentError("give at=, the arguments to record this function with") from None
    return [1.0 for p in parameters if p.kind in _POSITIONAL and p.default is Parameter.empty]


def _checked(program: Program, wrt: str | Sequence[str] | None) -> tuple[str, ...]:
    """Return the names in wrt, or all inputs that have a derivative."""
    if not program.inputs:
        raise ArgumentError(
            "the source is a constant: it has no inputs, and there is nothing to differentiate by"
        )
    if wrt is None:
        return tuple(name for name in program.inputs if program.types[name].dtype.kind in "fc")
    if not isinstance(wrt, (str, Iterable)):
        raise ArgumentError(f"wrt={wrt!r}: give the name of an input, or several")
    names = (wrt,) if isinstance(wrt, str) else tuple(dict.fromkeys(wrt))
    for name in names:
        if name not in program.types:
            raise ArgumentError(
                f"wrt={name!r} is not in the source; its inputs are {', '.join(program.inputs)}"
            )
        if program.types[name].dtype.kind not in "fc":
            raise NotDifferentiable(f"the input {name} is {program.types[name].dtype}")
    if not names:
        raise ArgumentError("wrt is empty: there is nothing to differentiate by")
    return names
