"""Text to Program: parsed by `ast`, read by a whitelist, never executed.

Every node of the syntax tree is either in the table below and recorded as
steps, or refused with the place and what to write instead. Nothing here
recurses over the text.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ..core.derivatives import finish
from ..core.naming import Names
from ..core.program import Program
from ..core.tracing import AbstractTape, Tracer, abstract_of
from ..errors import ArgumentError, DiffkitError, ExpressionError, ShapeError
from ..primitives import arithmetic, elementwise
from .statements import parsed, statements
from .syntax import operation_of, preorder, segment
from .vocabulary import CALLABLE, CONSTANTS

MAX_INTEGER = 10**18  # beyond it, an integer is not exact in any use here


def lower_text(text: str, examples: Mapping[str, Any]) -> Program:
    """Read statements like ``z = w*x + b; y = tanh(z)`` into a Program.

    Parameters
    ----------
    text : str
        Statements separated by newlines or semicolons; the last one is the output.
    examples : mapping, name -> array
        Shapes of inputs that are not scalars.

    Raises
    ------
    ExpressionError, UnknownName, ShapeError, ArgumentError
    """
    reader = _Reader(examples)
    result, name = None, None
    for statement in statements(text):
        result, name = reader.statement(statement)
    if result is None:
        raise ExpressionError("the text is empty; write an expression such as log(1 + exp(w*x))")
    return reader.program(result, name)


class _Reader:
    """Records statements on one tape, with the names seen so far."""

    def __init__(self, examples: Mapping[str, Any]) -> None:
        self.examples = dict(examples)
        self.tape = AbstractTape()
        self.inputs: dict[str, Tracer] = {}
        self.env: dict[str, Any] = {}
        self.names: dict[int, str] = {}
        self.unique = Names()

    def program(self, result: Any, name: str | None) -> Program:
        """Close the Program with the last statement as its output."""
        extra = [given for given in self.examples if given not in self.inputs]
        if extra:
            raise ArgumentError(
                f"superfluous {', '.join(extra)}: the inputs are {', '.join(self.inputs) or 'none'}"
            )
        names = [name] if name is not None else []
        return finish(self.tape, self.inputs, [result], self.names, names)

    def statement(self, text: str) -> tuple[Any, str | None]:
        """Record one statement; return its value and the name that it binds."""
        node = parsed(text)
        target = None
        if isinstance(node, ast.Assign):
            target = self._target(node, text)
        elif not isinstance(node, ast.Expr):
            raise ExpressionError(
                f"{text[:60]!r} is not an expression or an assignment z = ...; only those are read"
            )
        value = self._expression(node.value, text)
        if target is None:
            return value, None
        return self._bind(target, value)

    def _target(self, node: ast.Assign, text: str) -> str:
        target = node.targets[0]
        if len(node.targets) > 1 or not isinstance(target, ast.Name):
            raise ExpressionError(f"{text[:60]!r}: assign to one name, as in z = w*x + b")
        if target.id in CALLABLE or target.id in CONSTANTS:
            raise ExpressionError(f"{text[:60]!r}: {target.id} has a meaning; choose another name")
        return _plain_name(target.id)

    def _bind(self, name: str, value: Any) -> tuple[Any, str]:
        """Give a value its name; what has a name already, or is a constant, is copied."""
        named = value.__class__ is Tracer and value.index not in self.names
        if not named or self.tape.rows[value.index] is None:  # an input
            value = self.tape.record(elementwise.copy, (value,), {})
        final = self.unique.unique(name)
        self.names[value.index] = final
        self.env[name] = value
        return value, final

    # -- expressions ---------------------------------------------------------------

    def _expression(self, root: ast.expr, text: str) -> Any:
        """Record an expression, operands first, without recursion."""
        values: dict[ast.AST, Any] = {}
        for node in reversed(preorder(root, text)):
            try:
                values[node] = self._node(node, values, text)
            except DiffkitError:
                raise
            except (ValueError, TypeError, IndexError) as error:
                raise ShapeError(f"{segment(text, node)}: {error}") from error
        return values[root]

    def _node(self, node: ast.AST, values: dict, text: str) -> Any:
        if isinstance(node, ast.Constant):
            return _number(node, text)
        if isinstance(node, ast.Name):
            return self._name(node.id)
        operation, operands = operation_of(node, text)
        found = [values[operand] for operand in operands]
        try:
            return _applied(operation, found)
        except OverflowError:
            raise ExpressionError(
                f"{segment(text, node)} is not a finite floating-point number"
            ) from None
        except ShapeError as error:
            raise ShapeError(f"{segment(text, node)}: {error}") from error

    def _name(self, name: str) -> Any:
        if name in self.env:
            return self.env[name]
        if name in CALLABLE:
            raise ExpressionError(f"{name} is a function; call it, as in {name}(x)")
        if name in CONSTANTS and name not in self.examples:
            return CONSTANTS[name]
        if name not in self.inputs:
            example = self.examples.get(_plain_name(name), 0.0)
            self.inputs[name] = self.tape.input(input_type(name, example))
            self.unique.avoid([name])
        return self.inputs[name]


def input_type(name: str, example: Any) -> Any:
    """Return the shape and dtype of an input like this example, integers as float64."""
    kind = abstract_of(example)
    if kind.dtype.kind not in "fciub":
        raise ArgumentError(
            f"{name} is a {type(example).__name__}; give a number or an array of numbers"
        )
    return kind if kind.dtype.kind in "fc" else abstract_of(np.broadcast_to(0.0, kind.shape))


def _plain_name(name: str) -> str:
    if name.startswith("__"):
        raise ExpressionError(f"the name {name} begins with two underscores; choose another")
    return name


# -- constants ---------------------------------------------------------------------


def _number(node: ast.Constant, text: str) -> Any:
    value = node.value
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        what = "strings are" if isinstance(value, (str, bytes)) else f"{value!r} is"
        raise ExpressionError(f"{segment(text, node)}: {what} not read; only real numbers are")
    if isinstance(value, int) and value > MAX_INTEGER:
        raise ExpressionError(
            f"the integer {segment(text, node)} is above 10**18; write it as a float, like 1e30"
        )
    if isinstance(value, float) and math.isinf(value):
        raise ExpressionError(f"{segment(text, node)} is too large for a floating-point number")
    return value


def _applied(operation: Callable, operands: list) -> Any:
    """Record an operation; of constants alone, compute it (in floating point)."""
    if any(operand.__class__ is Tracer for operand in operands):
        return operation(*operands)
    if all(type(operand) is int for operand in operands):
        exact = _exact(operation, operands)
        if exact is not None:
            return exact
    with np.errstate(all="ignore"):
        value = operation(*[np.float64(o) if type(o) in (int, float) else o for o in operands])
    if not np.all(np.isfinite(value)):
        raise OverflowError
    return float(value) if isinstance(value, np.floating) else value


def _exact(operation: Callable, integers: list) -> int | None:
    """Whole results of whole numbers stay whole, so that x**(1 + 1) is x**2."""
    if operation not in (
        arithmetic.add,
        arithmetic.subtract,
        arithmetic.multiply,
        arithmetic.power,
        elementwise.negative,
        elementwise.positive,
    ):
        return None
    with np.errstate(all="ignore"):
        estimate = operation(*map(np.float64, integers))
    if not abs(estimate) <= 2.0**53 or estimate != np.floor(estimate):
        return None
    return int(operation(*integers)) if abs(estimate) >= 1 or estimate == 0 else None
