"""One door for every kind of source: `lower` turns it into a Program."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..core.program import Program
from ..errors import ArgumentError
from .expressions import is_expression, lower_expression
from .functions import example_values, lower_function
from .text import lower_text


def lower(source: Any, *example: Any, **named_example: Any) -> Program:
    """Turn a text, a SymPy expression or a NumPy function into a Program.

    Parameters
    ----------
    source : str, SymPy expression (or list or matrix of them), callable, or Program
        Text holds one expression or several statements ``z = w*x + b; y = tanh(z)``,
        separated by newlines or semicolons; the last one is the output. ``^`` means
        power. It is read, never executed.
    *example, **named_example : numbers, arrays, or nests of them
        What a function is called with while it is recorded. For text and SymPy
        they give the shapes of inputs that are arrays; others are scalars.

    Returns
    -------
    Program

    Raises
    ------
    ExpressionError, UnknownName
        If text or symbol names cannot be read.
    ShapeError
        If shapes do not fit together.
    ArgumentError
        If an example is given for a name that is not there.
    TracingError, MissingRule
        If a function does something that cannot be recorded.

    Examples
    --------
    >>> import numpy as np
    >>> print(lower("log(1 + exp(w*x + b))"))
    t1 = w*x
    t2 = t1 + b
    t3 = exp(t2)
    t4 = 1 + t3
    t5 = log(t4)

    >>> def loss(w, x):
    ...     z = x @ w
    ...     return np.sum(z**2)
    >>> print(lower(loss, np.ones(2), np.ones((3, 2))))
    z = x @ w
    t1 = z**2
    t2 = sum(t1)
    """
    if isinstance(source, Program):
        return _checked_program(source, example, named_example)
    if isinstance(source, str):
        return lower_text(source, _by_name(source, example, named_example))
    if is_expression(source):
        return lower_expression(source, _by_name(source, example, named_example))
    if callable(source):
        return lower_function(source, example, named_example)
    raise ArgumentError(
        f"{source!r} (a {type(source).__name__}) cannot be lowered; give a text, a SymPy "
        "expression, a Program or a function over NumPy arrays"
    )


def _checked_program(program: Program, example: tuple, named: Mapping[str, Any]) -> Program:
    if example or named:
        program.bind(example, named)
    return program


def _by_name(source: Any, example: tuple, named: Mapping[str, Any]) -> dict[str, Any]:
    """Give positional examples the names of the inputs, in their order."""
    if not example:
        return dict(named)
    inputs = lower(source).inputs
    if len(example) > len(inputs):
        raise ArgumentError(
            f"{len(example)} positional examples for the inputs {', '.join(inputs) or '(none)'}"
        )
    return {**dict(zip(inputs, example, strict=False)), **named}


def is_named_source(source: Any) -> bool:
    """Say whether a source's inputs have names of their own: text, SymPy, Program."""
    return isinstance(source, (str, Program)) or is_expression(source)


def named_program(
    source: Any, args: tuple, kwargs: Mapping[str, Any]
) -> tuple[Program, dict[str, Any]]:
    """Lower a named source for the shapes of these values; return it with its inputs."""
    program = source if isinstance(source, Program) else lower(source, *args, **kwargs)
    return program, program.bind(args, kwargs)


def lower_at(source: Any, at: Any) -> tuple[Program, dict[str, Any]]:
    """Lower a source at a point; return the Program and the values of its inputs.

    Parameters
    ----------
    source : as in `lower`
    at : mapping, name -> value, or sequence of positional arguments
        Values, which for functions may be lists, tuples and dicts of arrays.
    """
    if not isinstance(at, (Mapping, tuple, list)):
        raise ArgumentError(
            f"at is a {type(at).__name__}; give a dict such as {{'x': 2.0}} or a tuple of arguments"
        )
    args, kwargs = ((), dict(at)) if isinstance(at, Mapping) else (tuple(at), {})
    if is_named_source(source):
        return named_program(source, args, kwargs)
    program = lower(source, *args, **kwargs)
    values = example_values(source, args, kwargs)
    return program, program.bind((), dict(zip(program.inputs, values, strict=True)))
