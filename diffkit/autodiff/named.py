"""Texts, Programs and SymPy expressions where a function is expected."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..core.program import Program
from ..errors import ArgumentError
from ..frontends import is_named_source, named_program
from .arguments import Names, as_tuple


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


def apply_named(source: Any, wrt: Names, operator: Callable) -> Callable:
    """Apply a derivative operator to a text, Program or SymPy expression."""

    def evaluate(*args: Any, **kwargs: Any) -> Any:
        program, values = named_program(source, args, kwargs)
        names = _selected_names(program, wrt)

        def of_inputs(*inputs: Any) -> Any:
            results = program.run(dict(zip(program.inputs, inputs, strict=True)))
            return results[0] if len(results) == 1 else tuple(results)

        of_inputs.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
            [inspect.Parameter(n, inspect.Parameter.POSITIONAL_ONLY) for n in program.inputs]
        )
        numbers = tuple(program.inputs.index(name) for name in names)
        single = isinstance(wrt, str) or len(names) == 1
        return operator(of_inputs, numbers[0] if single else numbers)(*values.values())

    return evaluate


def named_value_and_grad(source: Any, wrt: Names, value_and_grad: Callable) -> Callable:
    """Return the function that gives the value and the gradients by name."""

    def evaluate(*args: Any, **kwargs: Any) -> Any:
        names: tuple[str, ...] = ()

        def operator(f: Callable, numbers: Any) -> Callable:
            nonlocal names
            known = list(inspect.signature(f).parameters)
            names = tuple(known[n] for n in as_tuple(numbers))
            return value_and_grad(f, numbers)

        value, slopes = apply_named(source, wrt, operator)(*args, **kwargs)
        return value, Gradients(names, slopes) if isinstance(slopes, tuple) else slopes

    return evaluate


def _selected_names(program: Program, wrt: Names) -> tuple[str, ...]:
    names = (wrt,) if isinstance(wrt, str) else program.inputs if wrt is None else tuple(wrt)
    for name in names:
        if name not in program.inputs:
            raise ArgumentError(
                f"{name!r} is not an input; the inputs are {', '.join(program.inputs) or 'none'}"
            )
    if not names:
        raise ArgumentError("there is nothing to differentiate by: no inputs")
    return names
