"""Texts, Programs and SymPy expressions where a function is expected."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..core.program import Program
from ..errors import ArgumentError
from ..frontends import is_named_source, named_program
from .arguments import Argnums, Names, as_tuple, is_int


class Gradients(tuple):
    """Gradients by the inputs of a named source, in order, and by name.

    >>> g = Gradients(("w", "b"), (2.0, 1.0))
    >>> g["w"], g[1], g == (2.0, 1.0)
    (2.0, 1.0, True)
    """

    names: tuple[str, ...]

    def __new__(cls, names: Sequence[str], values: Sequence[Any]) -> Gradients:
        """Make the tuple of values, with a name for each."""
        self = super().__new__(cls, values)
        self.names = tuple(names)
        return self

    def __getnewargs__(self) -> tuple:
        return self.names, tuple(self)

    def __getitem__(self, key: Any) -> Any:
        if not isinstance(key, str):
            return super().__getitem__(key)
        if key not in self.names:
            raise KeyError(f"{key}: the names are {', '.join(self.names)}")
        return super().__getitem__(self.names.index(key))

    def to_dict(self) -> dict[str, Any]:
        """Return {name: gradient}."""
        return dict(zip(self.names, self, strict=True))

    def __repr__(self) -> str:
        said = [f"{n}={_bare(v)!r}" for n, v in self.to_dict().items()]
        return f"Gradients({', '.join(said)})"


def _bare(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def positional(f: Any) -> Callable:
    """Return a text or Program as a function of positional arguments."""
    if not is_named_source(f):
        return f

    def evaluate(*args: Any, **kwargs: Any) -> Any:
        program, values = named_program(f, args, kwargs)
        results = program.run(values)
        return results[0] if len(results) == 1 else tuple(results)

    return evaluate


def apply_named(source: Any, argnums: Argnums | None, wrt: Names, operator: Callable) -> Callable:
    """Apply a derivative operator (f, positions) to a text, Program or SymPy expression."""

    def evaluate(*args: Any, **kwargs: Any) -> Any:
        program, values = named_program(source, args, kwargs)
        selection = _selection(program, argnums, wrt)
        found = operator(_of_inputs(program), selection)(*values.values())
        if is_int(selection) or len(program.outputs) > 1:
            return found
        return Gradients([program.inputs[n] for n in as_tuple(selection)], found)

    return evaluate


def _of_inputs(program: Program) -> Callable:
    """Return the function of the inputs by position, its parameters named like them."""

    def evaluate(*inputs: Any) -> Any:
        results = program.run(dict(zip(program.inputs, inputs, strict=True)))
        return results[0] if len(results) == 1 else tuple(results)

    evaluate.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [inspect.Parameter(n, inspect.Parameter.POSITIONAL_ONLY) for n in program.inputs]
    )
    return evaluate


def named_value_and_grad(
    source: Any, argnums: Argnums | None, wrt: Names, value_and_grad: Callable
) -> Callable:
    """Return the function that gives the value and the gradients by name."""

    def evaluate(*args: Any, **kwargs: Any) -> Any:
        values = []

        def operator(f: Callable, selection: Any) -> Callable:
            def slopes_of(*inputs: Any) -> Any:
                value, slopes = value_and_grad(f, selection)(*inputs)
                values.append(value)
                return slopes

            return slopes_of

        slopes = apply_named(source, argnums, wrt, operator)(*args, **kwargs)
        return values[0], slopes

    return evaluate


def _selection(program: Program, argnums: Argnums | None, wrt: Names) -> Argnums:
    """Return the positions to differentiate by; one alone for a bare result."""
    if not program.inputs:
        raise ArgumentError("there is nothing to differentiate by: no inputs")
    if wrt is None and argnums is not None:
        return argnums
    names = program.inputs if wrt is None else as_tuple(wrt)
    for name in names:
        if name not in program.inputs:
            raise ArgumentError(
                f"{name!r} is not an input; the inputs are {', '.join(program.inputs)}"
            )
    numbers = tuple(program.inputs.index(name) for name in names)
    single = isinstance(wrt, str) or (wrt is None and len(names) == 1)
    return numbers[0] if single else numbers
