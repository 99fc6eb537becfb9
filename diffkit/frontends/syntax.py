"""What each node of a syntax tree does: a whitelist, and what is refused."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Callable
from typing import Any

import numpy as np

from ..core.tracing import Tracer, shape_of
from ..errors import ExpressionError, ShapeError, UnknownName
from ..primitives import arithmetic, comparison, contraction, elementwise, functions
from .statements import LAMBDA, MAX_DEPTH, too_deep
from .vocabulary import ARITY, CALLABLE

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
    ast.Lambda: LAMBDA,
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


def preorder(root: ast.expr, text: str) -> list[ast.AST]:
    """List the nodes, parents first and right before left; reversed, operands come first."""
    order: list[ast.AST] = []
    stack: list[tuple[ast.AST, int]] = [(root, 0)]
    while stack:
        node, depth = stack.pop()
        if depth > MAX_DEPTH:
            raise too_deep(text)
        order.append(node)
        if isinstance(node, (ast.Constant, ast.Name)):
            continue
        operands = operation_of(node, text)[1]
        # A long sum leans to the left; that is length, not nesting.
        for i, operand in enumerate(operands):
            leaning = i == 0 and isinstance(node, ast.BinOp)
            stack.append((operand, depth if leaning else depth + 1))
    return order


def operation_of(node: ast.AST, text: str) -> tuple[Callable, list]:
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
    raise ExpressionError(f"{segment(text, node)}: {why}")


def _comparison(node: ast.Compare, text: str) -> tuple[Callable, list]:
    if len(node.ops) > 1:
        raise ExpressionError(f"{segment(text, node)}: write (a < b) & (b < c)")
    if type(node.ops[0]) not in _COMPARE:
        raise ExpressionError(f"{segment(text, node)}: only < <= > >= == != compare")
    return _COMPARE[type(node.ops[0])], [node.left, node.comparators[0]]


def _call(node: ast.Call, text: str) -> tuple[Callable, list]:
    if isinstance(node.func, ast.Attribute):
        raise ExpressionError(
            f"{segment(text, node)}: attributes are not read; write exp(x), not np.exp(x) "
            "or x.exp()"
        )
    if not isinstance(node.func, ast.Name):
        raise ExpressionError(f"{segment(text, node)}: only functions known by name are called")
    name = node.func.id
    if name not in CALLABLE:
        close = difflib.get_close_matches(name, CALLABLE, n=1)
        hint = f"did you mean {close[0]}?" if close else f"known are {', '.join(sorted(CALLABLE))}"
        if len(node.args) == 1 and not close:
            hint = f"for a product write {name}*(...); {hint}"
        raise UnknownName(f"{segment(text, node)}: unknown function {name}; {hint}")
    if node.keywords:
        raise ExpressionError(
            f"{segment(text, node)}: keyword arguments are not read; pass them by position, as in "
            "sum(x, 0) for axis 0"
        )
    _check_arity(name, node, text)
    return CALLABLE[name], list(node.args)


def _check_arity(name: str, node: ast.Call, text: str) -> None:
    wanted = len(ARITY.get(name, ()))
    if (wanted and len(node.args) != wanted) or not node.args:
        raise ExpressionError(
            f"{segment(text, node)}: {name} takes {wanted or 'at least 1'} "
            f"argument{'s' if wanted > 1 else ''}, not {len(node.args)}"
        )


def _attribute(node: ast.Attribute, text: str) -> Callable:
    if node.attr != "T":
        raise ExpressionError(
            f"{segment(text, node)}: attributes are not read, except .T for the transpose"
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
    raise ExpressionError(f"{segment(text, node)}: an index is a whole number or a slice like 1:3")


def _array(*entries: Any) -> Any:
    if any(entry.__class__ is Tracer for entry in entries):
        return functions.stack(entries)
    return np.array(entries, dtype=float)


def segment(text: str, node: ast.AST) -> str:
    """Quote the part of the text that a node came from."""
    found = ast.get_source_segment(text.replace("^", "**"), node) or text
    return repr(found if len(found) <= 60 else found[:57] + "...")
