"""SymPy to Program: shared subexpressions are recorded once, and nothing recurses."""

from __future__ import annotations

import keyword
from collections.abc import Callable, Iterable, Mapping
from functools import cache, reduce
from importlib import import_module
from itertools import pairwise
from typing import Any

import numpy as np

from ..core.derivatives import finish
from ..core.primitive import PRIMITIVES
from ..core.program import Program
from ..core.tracing import AbstractTape, Tracer
from ..errors import ArgumentError, ExpressionError, SymbolicError
from ..primitives import arithmetic, comparison, elementwise, functions
from .text import input_type


def is_expression(source: Any) -> bool:
    """Say whether this is a SymPy expression, or a list or matrix of them."""
    if isinstance(source, (list, tuple)):
        return bool(source) and all(map(is_expression, source))
    return any(kind.__module__.startswith("sympy.") for kind in type(source).__mro__)


def lower_expression(source: Any, examples: Mapping[str, Any]) -> Program:
    """Turn a SymPy expression, or a list or matrix of them, into a Program.

    Inputs are the free symbols, in alphabetical order; each expression is one
    output, a matrix one array.

    Parameters
    ----------
    source : sympy.Basic, sympy.Matrix, or list of sympy.Basic
    examples : mapping, name -> array
        Shapes of symbols that stand for arrays; scalars by default.

    Raises
    ------
    ExpressionError
        If a symbol's name is not an identifier.
    SymbolicError
        If something in the expression has no row.
    """
    import sympy

    matrix = isinstance(source, sympy.MatrixBase)
    roots = list(source) if matrix or isinstance(source, (list, tuple)) else [source]
    if not roots:
        raise ExpressionError("an empty list of expressions has no value")
    reader = _Reader(roots, examples)
    outputs = [reader.value(root) for root in roots]
    if matrix:
        outputs = [functions.stack(_as_tracers(reader.tape, outputs)).reshape(source.shape)]
    return finish(reader.tape, reader.inputs, outputs, {})


def _as_tracers(tape: AbstractTape, values: list) -> list[Tracer]:
    return [
        value if value.__class__ is Tracer else tape.record(elementwise.copy, (float(value),), {})
        for value in values
    ]


class _Reader:
    """Records each distinct subexpression once, operands first."""

    def __init__(self, roots: Iterable[Any], examples: Mapping[str, Any]) -> None:
        self.tape = AbstractTape()
        self._plans: dict[int, tuple] = {}  # id of a node -> (node, key, operation, operands)
        self._number: dict[int, int] = {}  # id of a node -> number of its structure
        self._structures: dict[Any, int] = {}  # (key, operands' numbers) -> number
        self._values: dict[int, Any] = {}
        orders = [self._postorder(root) for root in roots]
        symbols = {node for order in orders for node in order if node.is_Symbol}
        self.inputs = self._make_inputs(symbols, examples)
        for order in orders:
            for node in order:
                self._visit(node)

    def value(self, root: Any) -> Any:
        """Return what was recorded for a root."""
        return self._values[self._number[id(root)]]

    def _make_inputs(self, symbols: set, examples: Mapping[str, Any]) -> dict[str, Tracer]:
        names = sorted(symbol.name for symbol in symbols)
        for name in names:
            if not name.isidentifier() or keyword.iskeyword(name) or name.startswith("__"):
                raise ExpressionError(
                    f"the symbol {name!r} cannot be an input: rename it to an identifier, as in "
                    "expr.subs(old, Symbol('x1'))"
                )
        twice = [a for a, b in pairwise(names) if a == b]
        if twice:
            raise ExpressionError(
                f"two different symbols are called {twice[0]} (their assumptions differ); use one"
            )
        extra = [name for name in examples if name not in names]
        if extra:
            raise ArgumentError(
                f"superfluous {', '.join(extra)}: the inputs are {', '.join(names) or 'none'}"
            )
        return {name: self.tape.input(input_type(name, examples.get(name, 0.0))) for name in names}

    def _postorder(self, root: Any) -> list[Any]:
        """List the nodes below a root that are new, operands first."""
        order, stack = [], [(root, False)]
        while stack:
            node, ready = stack.pop()
            if ready:
                order.append(node)
            elif id(node) not in self._plans:
                key, operation, operands = _plan(node)
                # The node is kept: an id is unique only while its object lives.
                self._plans[id(node)] = (node, key, operation, operands)
                stack.append((node, True))
                stack.extend((operand, False) for operand in reversed(operands))
        return order

    def _visit(self, node: Any) -> None:
        _, key, operation, operands = self._plans[id(node)]
        numbers = [self._number[id(operand)] for operand in operands]
        number = self._structures.setdefault((key, *numbers), len(self._structures))
        self._number[id(node)] = number
        if number not in self._values:
            found = [self._values[n] for n in numbers]
            if node.is_Symbol:
                self._values[number] = self.inputs[node.name]
            else:
                self._values[number] = _computed(operation, found)


def _computed(operation: Callable, operands: list[Any]) -> Any:
    """Record an operation; of constants alone, compute it."""
    if operands and not any(operand.__class__ is Tracer for operand in operands):
        with np.errstate(all="ignore"):
            value = operation(*[np.float64(o) if type(o) in (int, float) else o for o in operands])
        return float(value) if isinstance(value, np.floating) else value
    return operation(*operands)


# -- what each kind of node does -----------------------------------------------------


def _plan(node: Any) -> tuple[Any, Callable, list[Any]]:
    """Return (key, operation, operands): equal keys and operands mean equal values."""
    if not node.args:
        return _leaf_plan(node)
    if node.is_Add:
        return _sum_plan(node)
    if node.is_Mul:
        return _product_plan(node)
    if node.is_Pow:
        return _power_plan(node)
    if node.func in _special():
        return _special()[node.func](node)
    primitive = _rows().get(node.func) or _rows(whole=True).get(node.func)
    if primitive is None:
        raise SymbolicError(
            f"{node.func.__name__} in the SymPy expression has no row in diffkit's table; "
            "evaluate or rewrite it first (expr.doit(), expr.rewrite(...))"
        )
    operands = list(node.args)
    return primitive.name, primitive, operands


def _leaf_plan(node: Any) -> tuple[Any, Callable, list[Any]]:
    if node.is_Symbol:
        return node, lambda: None, []
    if node.is_Boolean:
        return ("truth", bool(node)), lambda: bool(node), []
    if not (node.is_number and node.is_extended_real):
        raise SymbolicError(f"{node} in the SymPy expression is not a real number")
    value = int(node) if node.is_Integer and abs(node) < 2**53 else float(node)
    return ("constant", repr(value)), lambda: value, []


def _sum_plan(node: Any) -> tuple[Any, Callable, list[Any]]:
    """Write a - b where SymPy holds a + (-1)*b; terms that are added come first."""
    added, taken = [], []
    for term in node.args:
        coefficient, rest = term.as_coeff_Mul()
        if coefficient.is_number and coefficient.is_negative and term.is_Mul:
            taken.append(rest if coefficient == -1 else -coefficient * rest)
        else:
            added.append(term)
    signs = len(added)

    def total(*terms: Any) -> Any:
        positive, negative = terms[:signs], terms[signs:]
        if not positive:
            return elementwise.negative(_folded(arithmetic.add, negative))
        return _folded(arithmetic.subtract, [_folded(arithmetic.add, positive), *negative])

    return ("add", signs), total, added + taken


def _product_plan(node: Any) -> tuple[Any, Callable, list[Any]]:
    """A quotient where SymPy holds negative powers; a sign where it holds -1."""
    above: list[Any] = []
    below: list[Any] = []
    negative = False
    for factor in node.args:
        if factor.is_Rational and not factor.is_Integer:
            above.append(factor.p)
            below.append(factor.q)
        elif factor == -1:
            negative = not negative
        elif factor.is_Pow and factor.exp.is_Rational and factor.exp.is_negative:
            below.append(factor.base if factor.exp == -1 else factor.base**-factor.exp)
        else:
            above.append(factor)
    above = [_as_sympy(f) for f in above if f != 1]
    below = [_as_sympy(f) for f in below]
    count = len(above)

    def product(*factors: Any) -> Any:
        value = _folded(arithmetic.multiply, factors[:count]) if count else 1
        if len(factors) > count:
            value = arithmetic.divide(value, _folded(arithmetic.multiply, factors[count:]))
        return elementwise.negative(value) if negative else value

    return ("mul", count, negative), product, above + below


def _as_sympy(factor: Any) -> Any:
    """Return a Python int (parts of a Rational) as SymPy's."""
    import sympy

    return sympy.Integer(factor) if isinstance(factor, int) else factor


def _power_plan(node: Any) -> tuple[Any, Callable, list[Any]]:
    base, exponent = node.args
    if exponent.is_Rational and exponent.is_negative:
        below = base if exponent == -1 else base**-exponent
        return "reciprocal", lambda x: arithmetic.divide(1, x), [below]
    if exponent.is_Rational and (exponent.p, exponent.q) == (1, 2):
        return "sqrt", elementwise.sqrt, [base]
    return "power", arithmetic.power, [base, exponent]


def _folded(primitive: Callable, values: Any) -> Any:
    """Combine left to right."""
    return reduce(primitive, values)


def _folded_plan(primitive: Callable) -> Callable:
    return lambda node: (
        (primitive, len(node.args)),
        lambda *xs: _folded(primitive, xs),
        list(node.args),
    )


def _piecewise_plan(node: Any) -> tuple[Any, Callable, list[Any]]:
    """Nested where, the first true condition winning; nan where none is."""
    operands = [part for pair in node.args for part in (pair.cond, pair.expr)]

    def choose(*parts: Any) -> Any:
        value: Any = np.nan
        for condition, branch in reversed(list(zip(parts[::2], parts[1::2], strict=True))):
            value = branch if condition is True else arithmetic.where(condition, branch, value)
        return value

    return ("piecewise", len(operands)), choose, operands


def _delta_plan(node: Any) -> tuple[Any, Callable, list[Any]]:
    return "delta", lambda x: arithmetic.where(comparison.equal(x, 0), np.inf, 0.0), [node.args[0]]


def _unnormalized_sinc(x: Any) -> Any:
    """sin(x)/x, SymPy's sinc; NumPy's has pi in it."""
    return elementwise.sinc(arithmetic.divide(x, np.pi))


@cache
def _special() -> dict[Any, Callable]:
    """Kinds of nodes that are more than one row applied to their arguments."""
    import sympy

    return {
        sympy.Max: _folded_plan(arithmetic.maximum),
        sympy.Min: _folded_plan(arithmetic.minimum),
        sympy.And: _folded_plan(comparison.logical_and),
        sympy.Or: _folded_plan(comparison.logical_or),
        sympy.Piecewise: _piecewise_plan,
        sympy.DiracDelta: _delta_plan,
        sympy.sinc: lambda node: ("sinc", _unnormalized_sinc, [node.args[0]]),
    }


@cache
def _rows(whole: bool = False) -> dict[Any, Any]:
    """SymPy function -> row, read from the table's own names for SymPy forms.

    The families that are imported on first use (erf, gamma ...) are read if `whole`.
    """
    import sympy

    if whole:
        import_module("diffkit.primitives.families")
    rows = {
        getattr(sympy, row.sympy): row
        for row in reversed(PRIMITIVES.values())
        if isinstance(row.sympy, str) and row.sympy != "sqrt"
    }
    rows[sympy.Heaviside] = PRIMITIVES["heaviside"]
    return rows
