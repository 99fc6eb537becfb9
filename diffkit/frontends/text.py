"""Text to Program: parsed by `ast`, read by a whitelist, never executed.

Every node of the syntax tree is either in the table below and recorded as
steps, or refused with the place and what to write instead. Nothing here
recurses over the text.
"""

from __future__ import annotations

import ast
import difflib
import math
import unicodedata
import warnings
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from ..core.derivatives import finish
from ..core.naming import Names
from ..core.program import Program
from ..core.tracing import AbstractTape, Tracer, abstract_of, shape_of
from ..errors import ArgumentError, DiffkitError, ExpressionError, ShapeError, UnknownName
from ..primitives import arithmetic, comparison, contraction, elementwise, functions

MAX_TEXT = 1_000_000  # characters of the whole program
MAX_STATEMENT = 10_000  # characters of one statement
MAX_DEPTH = 200  # nesting of brackets and operators
MAX_INTEGER = 10**18  # beyond it, an integer is not exact in any use here

CONSTANTS = {"pi": math.pi, "π": math.pi}


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
    for statement in _statements(text):
        result, name = reader.statement(statement)
    if result is None:
        raise ExpressionError("the text is empty; write an expression such as log(1 + exp(w*x))")
    return reader.program(result, name)


# -- statements --------------------------------------------------------------------


def _statements(text: str) -> Iterator[str]:
    """Split at newlines and semicolons outside brackets, dropping comments."""
    if len(text) > MAX_TEXT:
        raise ExpressionError(f"the text has {len(text):,} characters; at most {MAX_TEXT:,} are read")
    _check_characters(text)
    start, depth, position = 0, 0, 0
    while position <= len(text):
        char = text[position] if position < len(text) else "\n"
        if char in "([{":
            depth += 1
            if depth > MAX_DEPTH:
                raise _too_deep(text[start:position])
        elif char in ")]}":
            depth = max(depth - 1, 0)
        elif char == "#" or (char in "\n;" and (not depth or position == len(text))):
            statement = text[start:position].strip()
            if char == "#":
                position = (text + "\n").index("\n", position)
            if statement:
                yield _checked(statement)
            start = position + 1
        position += 1


def _checked(statement: str) -> str:
    if len(statement) > MAX_STATEMENT:
        raise ExpressionError(
            f"a statement has {len(statement):,} characters; at most {MAX_STATEMENT:,} are read. "
            f"Split it: give parts of it names. It begins: {statement[:40]}"
        )
    return statement


def _too_deep(statement: str) -> ExpressionError:
    return ExpressionError(
        f"a statement is nested deeper than {MAX_DEPTH} levels; give inner parts names, as in "
        f"z = ...; y = f(z). It begins: {statement.strip()[:40]}"
    )


_INSTEAD = {
    "²": "**2", "³": "**3", "×": "*", "·": "*", "∙": "*", "⋅": "*", "−": "-", "–": "-",
    "÷": "/", "√": "sqrt(...)", "≤": "<=", "≥": ">=", "≠": "!=", "∞": "a number", "∑": "sum(...)",
    "“": "no quotes", "”": "no quotes", "’": "no primes",
}  # fmt: skip


def _check_characters(text: str) -> None:
    """Allow ASCII, and Latin and Greek letters that Python keeps as they are."""
    if text.isascii():
        return
    for at, char in enumerate(text):
        if char.isascii() or _is_letter(char):
            continue
        name = unicodedata.name(char, "a control character")
        instead = _INSTEAD.get(char) or unicodedata.normalize("NFKC", char)
        hint = f"; write {instead}" if instead != char else "; names take Latin and Greek letters"
        raise ExpressionError(f"the character {char!r} ({name}) at position {at} is not read{hint}")


def _is_letter(char: str) -> bool:
    if char == "µ":  # the micro sign of keyboards; Python reads it as the Greek letter
        return True
    script = unicodedata.name(char, "").split(" ")[0]
    return (
        script in ("GREEK", "LATIN")
        and unicodedata.category(char)[0] == "L"
        and unicodedata.normalize("NFKC", char) == char
    )


# -- functions that text may call ----------------------------------------------------


def _sigmoid(x: Any) -> Any:
    return 1 / (1 + elementwise.exp(-x))


def _largest(*xs: Any) -> Any:
    """max(x), max(x, y, ...): of an array, or of operands entry by entry."""
    if len(xs) == 1:
        return functions.max_(xs[0])
    return _folded(arithmetic.maximum, xs)


def _smallest(*xs: Any) -> Any:
    if len(xs) == 1:
        return functions.min_(xs[0])
    return _folded(arithmetic.minimum, xs)


def _folded(primitive: Callable, xs: tuple) -> Any:
    total = xs[0]
    for x in xs[1:]:
        total = primitive(total, x)
    return total


def _along(reduction: Callable) -> Callable:
    def reduce(x: Any, axis: Any = None) -> Any:
        return reduction(x, None if axis is None else int(axis))

    return reduce


_ALIASES = {
    "ln": "log", "asin": "arcsin", "acos": "arccos", "atan": "arctan", "atan2": "arctan2",
    "asinh": "arcsinh", "acosh": "arccosh", "atanh": "arctanh", "abs": "absolute",
    "pow": "power", "mod": "remainder", "radians": "deg2rad", "degrees": "rad2deg",
}  # fmt: skip

_ELEMENTWISE = [
    "absolute", "arccos", "arccosh", "arcsin", "arcsinh", "arctan", "arctan2", "arctanh",
    "cbrt", "ceil", "clip", "copysign", "cos", "cosh", "deg2rad", "exp", "exp2", "expm1",
    "floor", "hypot", "log", "log10", "log1p", "log2", "logaddexp", "maximum", "minimum",
    "power", "rad2deg", "reciprocal", "remainder", "sign", "sin", "sinc", "sinh", "sqrt",
    "square", "tan", "tanh", "trunc", "where",
]  # fmt: skip

CALLABLE: dict[str, Callable] = {
    **{
        name: getattr(elementwise, name, None) or getattr(arithmetic, name)
        for name in _ELEMENTWISE
    },
    "sum": _along(functions.sum_),
    "mean": _along(functions.mean),
    "prod": _along(functions.prod),
    "max": _largest,
    "min": _smallest,
    "norm": functions.norm,
    "dot": functions.dot,
    "matmul": contraction.matmul,
    "outer": functions.outer,
    "transpose": functions.transpose,
    "trace": functions.trace,
    "sigmoid": _sigmoid,
    "relu": lambda x: arithmetic.maximum(0, x),
    "softplus": lambda x: arithmetic.logaddexp(0, x),
}
CALLABLE.update({alias: CALLABLE[name] for alias, name in _ALIASES.items()})
_ARITY = {name: getattr(CALLABLE[name], "partials", ()) for name in _ELEMENTWISE + list(_ALIASES)}

_BINARY = {
    ast.Add: arithmetic.add,
    ast.Sub: arithmetic.subtract,
    ast.Mult: arithmetic.multiply,
    ast.Div: arithmetic.divide,
    ast.Pow: arithmetic.power,
    ast.Mod: arithmetic.remainder,
    ast.FloorDiv: arithmetic.floor_divide,
    ast.MatMult: contraction.matmul,
    ast.BitAnd: comparison.logical_and,
    ast.BitOr: comparison.logical_or,
}
_UNARY = {
    ast.USub: elementwise.negative,
    ast.UAdd: elementwise.positive,
    ast.Invert: comparison.logical_not,
    ast.Not: comparison.logical_not,
}
_COMPARE = {
    ast.Lt: comparison.less,
    ast.LtE: comparison.less_equal,
    ast.Gt: comparison.greater,
    ast.GtE: comparison.greater_equal,
    ast.Eq: comparison.equal,
    ast.NotEq: comparison.not_equal,
}

# What is refused, and what to write instead.
_REFUSED = {
    ast.Lambda: "lambda is a Python keyword: for the Greek letter write lam or λ",
    ast.ListComp: "comprehensions are not read; write out the terms, or use arrays and sum",
    ast.SetComp: "comprehensions are not read; write out the terms",
    ast.DictComp: "comprehensions are not read; write out the terms",
    ast.GeneratorExp: "comprehensions are not read; write out the terms, or use arrays and sum",
    ast.BoolOp: "and/or are not read; write (a > 0) & (b > 0), (a > 0) | (b > 0)",
    ast.JoinedStr: "strings are not read",
    ast.NamedExpr: "write the assignment as a statement of its own: z = ...; y = ...",
    ast.Starred: "starred arguments are not read; write the arguments out",
    ast.Dict: "dictionaries are not read; give values by name where they are asked for",
    ast.Set: "sets are not read; an array is written [1, 2, 3]",
    ast.Tuple: "tuples are not read; an array is written [1, 2, 3]",
    ast.Await: "only arithmetic is read",
    ast.Yield: "only arithmetic is read",
    ast.YieldFrom: "only arithmetic is read",
    ast.Slice: "a slice belongs between brackets, as in x[1:3]",
}


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
        node = _parsed(text)
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
        if not named or any(value is tracer for tracer in self.inputs.values()):
            value = self.tape.record(elementwise.copy, (value,), {})
        final = self.unique.unique(name)
        self.names[value.index] = final
        self.env[name] = value
        return value, final

    # -- expressions ---------------------------------------------------------------

    def _expression(self, root: ast.expr, text: str) -> Any:
        """Record an expression, operands first, without recursion."""
        values: dict[ast.AST, Any] = {}
        for node in reversed(_preorder(root, text)):
            try:
                values[node] = self._node(node, values, text)
            except DiffkitError:
                raise
            except (ValueError, TypeError, IndexError) as error:
                raise ShapeError(f"{_segment(text, node)}: {error}") from error
        return values[root]

    def _node(self, node: ast.AST, values: dict, text: str) -> Any:
        if isinstance(node, ast.Constant):
            return _number(node, text)
        if isinstance(node, ast.Name):
            return self._name(node.id)
        operation, operands = _operation(node, text)
        found = [values[operand] for operand in operands]
        try:
            return _applied(operation, found)
        except OverflowError:
            raise ExpressionError(
                f"{_segment(text, node)} is not a finite floating-point number"
            ) from None
        except ShapeError as error:
            raise ShapeError(f"{_segment(text, node)}: {error}") from error

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


# -- the syntax tree ---------------------------------------------------------------


def _parsed(text: str) -> ast.stmt:
    """Parse one statement, with ^ meaning power."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)
            body = ast.parse(text.replace("^", "**"), mode="exec").body
    except (RecursionError, MemoryError):
        raise _too_deep(text) from None
    except (SyntaxError, ValueError) as error:
        raise _unreadable(text, error) from None
    if len(body) != 1:
        raise ExpressionError(f"{text[:60]!r} is not one statement")
    return body[0]


def _unreadable(text: str, error: Exception) -> ExpressionError:
    message = str(getattr(error, "msg", error))
    if "integer string conversion" in message or "Exceeds the limit" in message:
        return ExpressionError("an integer has too many digits; write it as a float, like 1e30")
    if "nested" in message or "too complex" in message:
        return _too_deep(text)
    if "lambda" in text:
        return ExpressionError(f"{text[:60]!r}: {_REFUSED[ast.Lambda]}")
    column = getattr(error, "offset", None)
    where = f" at column {column}" if column else ""
    return ExpressionError(f"{text[:60]!r} cannot be read{where}: {message}")


def _preorder(root: ast.expr, text: str) -> list[ast.AST]:
    """List the nodes, parents first and right before left; reversed, operands come first."""
    order: list[ast.AST] = []
    stack: list[tuple[ast.AST, int]] = [(root, 0)]
    while stack:
        node, depth = stack.pop()
        if depth > MAX_DEPTH:
            raise _too_deep(text)
        order.append(node)
        if isinstance(node, (ast.Constant, ast.Name)):
            continue
        operands = _operation(node, text)[1]
        # A long sum leans to the left; that is length, not nesting.
        for i, operand in enumerate(operands):
            leaning = i == 0 and isinstance(node, ast.BinOp)
            stack.append((operand, depth if leaning else depth + 1))
    return order


def _operation(node: ast.AST, text: str) -> tuple[Callable, list]:
    """Return what a node does, and the nodes that it does it to."""
    if isinstance(node, ast.BinOp) and type(node.op) in _BINARY:
        return _BINARY[type(node.op)], [node.left, node.right]
    if isinstance(node, ast.UnaryOp):
        return _UNARY[type(node.op)], [node.operand]
    if isinstance(node, ast.Compare):
        return _comparison(node, text)
    if isinstance(node, ast.Call):
        return _call(node, text)
    if isinstance(node, ast.IfExp):
        return arithmetic.where, [node.test, node.body, node.orelse]
    if isinstance(node, ast.List):
        return _array, list(node.elts)
    if isinstance(node, ast.Subscript):
        return _subscript(node, text), [node.value]
    if isinstance(node, ast.Attribute):
        return _attribute(node, text), [node.value]
    why = _REFUSED.get(type(node), "only arithmetic, comparisons and known functions are read")
    raise ExpressionError(f"{_segment(text, node)}: {why}")


def _comparison(node: ast.Compare, text: str) -> tuple[Callable, list]:
    if len(node.ops) > 1:
        raise ExpressionError(f"{_segment(text, node)}: write (a < b) & (b < c)")
    if type(node.ops[0]) not in _COMPARE:
        raise ExpressionError(f"{_segment(text, node)}: only < <= > >= == != compare")
    return _COMPARE[type(node.ops[0])], [node.left, node.comparators[0]]


def _call(node: ast.Call, text: str) -> tuple[Callable, list]:
    if isinstance(node.func, ast.Attribute):
        raise ExpressionError(
            f"{_segment(text, node)}: attributes are not read; write exp(x), not np.exp(x) or x.exp()"
        )
    if not isinstance(node.func, ast.Name):
        raise ExpressionError(f"{_segment(text, node)}: only functions known by name are called")
    name = node.func.id
    if name not in CALLABLE:
        close = difflib.get_close_matches(name, CALLABLE, n=1)
        hint = f"did you mean {close[0]}?" if close else f"known are {', '.join(sorted(CALLABLE))}"
        if len(node.args) == 1 and not close:
            hint = f"for a product write {name}*(...); {hint}"
        raise UnknownName(f"{_segment(text, node)}: unknown function {name}; {hint}")
    if node.keywords:
        raise ExpressionError(
            f"{_segment(text, node)}: keyword arguments are not read; pass them by position, as in "
            "sum(x, 0) for axis 0"
        )
    _check_arity(name, node, text)
    return CALLABLE[name], list(node.args)


def _check_arity(name: str, node: ast.Call, text: str) -> None:
    wanted = len(_ARITY.get(name, ()))
    if (wanted and len(node.args) != wanted) or not node.args:
        raise ExpressionError(
            f"{_segment(text, node)}: {name} takes {wanted or 'at least 1'} "
            f"argument{'s' if wanted > 1 else ''}, not {len(node.args)}"
        )


def _attribute(node: ast.Attribute, text: str) -> Callable:
    if node.attr != "T":
        raise ExpressionError(
            f"{_segment(text, node)}: attributes are not read, except .T for the transpose"
        )
    return functions.transpose


def _subscript(node: ast.Subscript, text: str) -> Callable:
    parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    index = tuple(_index(part, text) for part in parts)
    return lambda x: _entry(x, index)


def _entry(x: Any, index: tuple) -> Any:
    if len(index) > len(shape_of(x)):
        raise ShapeError(f"{len(index)} indices for an array of shape {shape_of(x)}")
    return x[index[0] if len(index) == 1 else index]


def _index(node: ast.AST, text: str) -> Any:
    if isinstance(node, ast.Slice):
        ends = [node.lower, node.upper, node.step]
        return slice(*[None if end is None else _index(end, text) for end in ends])
    sign = 1
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        sign, node = -1, node.operand
    if isinstance(node, ast.Constant) and type(node.value) is int:
        return sign * node.value
    raise ExpressionError(f"{_segment(text, node)}: an index is a whole number or a slice like 1:3")


def _array(*entries: Any) -> Any:
    if any(entry.__class__ is Tracer for entry in entries):
        return functions.stack(entries)
    return np.array(entries, dtype=float)


def _segment(text: str, node: ast.AST) -> str:
    """Quote the part of the text that a node came from."""
    found = ast.get_source_segment(text.replace("^", "**"), node) or text
    return repr(found if len(found) <= 60 else found[:57] + "...")


# -- constants ---------------------------------------------------------------------


def _number(node: ast.Constant, text: str) -> Any:
    value = node.value
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        what = "strings are" if isinstance(value, (str, bytes)) else f"{value!r} is"
        raise ExpressionError(f"{_segment(text, node)}: {what} not read; only real numbers are")
    if isinstance(value, int) and value > MAX_INTEGER:
        raise ExpressionError(
            f"the integer {_segment(text, node)} is above 10**18; write it as a float, like 1e30"
        )
    if isinstance(value, float) and math.isinf(value):
        raise ExpressionError(f"{_segment(text, node)} is too large for a floating-point number")
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
