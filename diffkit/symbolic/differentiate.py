"""SymPy's derivative of a Program, as straight-line code, within a time budget.

`sympy.diff` recurses and walks shared expressions as trees; it stops at depths
and sizes where its own result would be small. Here SymPy's constructors and
its functions' `fdiff` are applied once to each distinct subexpression, which
gives the same derivative (a test compares them) without the walk.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..core.program import Program
from ..errors import ArgumentError, SymbolicError
from ..frontends.expressions import lower_expression
from .budget import call_in_process
from .convert import check_size, expressions, symbol_names, symbols_of
from .reference import scalar_operations

# Below these sizes SymPy answers in milliseconds and needs no process of its own.
SMALL_STEPS = 60
SMALL_SYMBOLS = 12
LARGE_POWER = 1000  # (2*x)**1000000000 makes SymPy compute 2**1000000000

DEFAULT_BUDGET = 5.0


_SHOWN_STEPS = 40


@dataclass(frozen=True, repr=False)
class SymbolicDerivative:
    """The derivative of every output by every input that SymPy found.

    Attributes
    ----------
    status : str
        "done", or why there is no derivative.
    program : Program or None
        Straight-line evaluation, over one scalar input for each symbol.
    seconds : float
        What SymPy took.
    shapes : dict, input name -> shape of (output shape + input shape)
    """

    status: str
    seconds: float
    program: Program | None = None
    shapes: dict[str, tuple[int, ...]] = field(default_factory=dict)
    primal: Program | None = field(default=None, repr=False)

    def __repr__(self) -> str:
        if self.program is None:
            return f"SymbolicDerivative: {self.status}"
        steps = [f"    {step}" for step in self.program.steps[:_SHOWN_STEPS]]
        hidden = len(self.program) - len(steps)
        more = [f"    ... {hidden} more steps"] if hidden else []
        headline = (
            f"SymbolicDerivative by {', '.join(self.shapes)}, found in {self.seconds:.3g} s, as "
            f"straight-line code for {', '.join(self.program.outputs[:10])}:"
        )
        return "\n".join([headline, *steps, *more])

    @property
    def done(self) -> bool:
        """Say whether there is a derivative."""
        return self.program is not None

    def __call__(self, **values: Any) -> dict[str, Any]:
        """Evaluate at values of the inputs; returns {input name: derivative}."""
        if self.program is None or self.primal is None:
            raise SymbolicError(f"there is no symbolic derivative: {self.status}")
        bound = self.primal.bind((), values)
        scalars = _scalars(bound)
        with np.errstate(all="ignore"):
            entries = iter(self.program.run({name: scalars[name] for name in self.program.inputs}))
        return {name: _filled(entries, shape) for name, shape in self.shapes.items()}

    def expression(self, name: str) -> Any:
        """Return the derivative by one input as a SymPy expression or Array."""
        if self.program is None:
            raise SymbolicError(f"there is no symbolic derivative: {self.status}")
        if name not in self.shapes:
            raise ArgumentError(f"{name!r} is not one of {', '.join(self.shapes)}")
        import sympy

        found = iter(expressions(self.program, evaluate=True))
        entries = {key: _filled(found, shape, object) for key, shape in self.shapes.items()}
        result = entries[name]
        return sympy.Array(result.tolist()) if isinstance(result, np.ndarray) else result


def differentiate(
    program: Program, wrt: Sequence[str] | None = None, *, budget: float = DEFAULT_BUDGET
) -> SymbolicDerivative:
    """Differentiate every output of a Program by its inputs with SymPy.

    Parameters
    ----------
    program : Program
        Arrays are written out entry by entry.
    wrt : sequence of str, optional
        Inputs to differentiate by; all by default.
    budget : float
        Seconds after which SymPy is stopped. Large problems run in a process of
        their own, which can be killed.

    Returns
    -------
    SymbolicDerivative

    Raises
    ------
    SymbolicError
        If the Program cannot be expressed in SymPy. A derivative that SymPy does
        not find or not finish is no error: see `.status`.

    Examples
    --------
    >>> from diffkit import lower
    >>> d = differentiate(lower("x^2 * sin(y)"))
    >>> d.expression("x")
    2*x*sin(y)
    """
    import sympy  # noqa: F401 (loading SymPy is not part of what it takes)

    wrt = tuple(program.inputs if wrt is None else wrt)
    started = time.perf_counter()
    if budget <= 0:
        return SymbolicDerivative("did not finish in 0 s (the budget)", 0.0)
    try:
        check_size(program)
        if _small(program):
            derivative, shapes = derive(program, wrt)
        else:
            derivative, shapes = call_in_process(derive, (program, wrt), budget)
    except TimeoutError:
        return SymbolicDerivative(f"did not finish in {budget:g} s", time.perf_counter() - started)
    except SymbolicError as error:
        return SymbolicDerivative(str(error), time.perf_counter() - started)
    seconds = time.perf_counter() - started
    return SymbolicDerivative("done", seconds, derivative, shapes, program)


def derive(program: Program, wrt: Sequence[str]) -> tuple[Program, dict[str, tuple[int, ...]]]:
    """Return the derivative as straight-line code, and the shapes of its parts."""
    outputs = expressions(program, evaluate=True)
    flat = [entry for output in outputs for entry in np.ravel(np.asarray(output, dtype=object))]
    symbols = symbols_of(program)
    order = _postorder(flat)
    columns = {}
    for name in wrt:
        by_entry = [
            _derivatives(flat, order, symbol)
            for symbol in np.ravel(np.asarray(symbols[name], dtype=object))
        ]
        columns[name] = [column[i] for i in range(len(flat)) for column in by_entry]
    shape = np.shape(outputs[0]) if len(outputs) == 1 else (len(flat),)
    shapes = {name: shape + program.types[name].shape for name in wrt}
    entries = [entry for name in wrt for entry in columns[name]]
    if not entries:
        raise SymbolicError("there is nothing to differentiate by: no inputs")
    return lower_expression(entries, {}), shapes


def _small(program: Program) -> bool:
    symbols = sum(kind.size for kind in program.types.values())
    if scalar_operations(program) > SMALL_STEPS or symbols > SMALL_SYMBOLS:
        return False
    powers = [s for s in program.steps if s.primitive.name in ("power", "float_power")]
    exponents = [s.operands[1] for s in powers if s.operands[1].__class__ is not str]
    return all(np.all(np.abs(exponent) <= LARGE_POWER) for exponent in exponents)


def _scalars(bound: Mapping[str, Any]) -> dict[str, Any]:
    """Return the value of every scalar symbol."""
    scalars: dict[str, Any] = {}
    for name, value in bound.items():
        names = np.ravel(np.asarray(symbol_names(name, np.shape(value)), dtype=object))
        scalars.update(zip(names, np.ravel(value), strict=True))
    return scalars


def _filled(entries: Any, shape: tuple[int, ...], dtype: Any = float) -> Any:
    """Take the next entries for an array of this shape."""
    values = [next(entries) for _ in range(int(np.prod(shape, dtype=int)))]
    if not shape:
        return values[0]
    filled = np.empty(len(values), dtype)
    filled[:] = values
    return filled.reshape(shape)


# -- the derivative of an expression -------------------------------------------------


def diff(expression: Any, symbol: Any) -> Any:
    """Differentiate one SymPy expression, each distinct subexpression once.

    Parameters
    ----------
    expression : sympy.Expr
    symbol : sympy.Symbol

    Returns
    -------
    sympy.Expr, the one that ``expression.diff(symbol)`` gives

    Examples
    --------
    >>> import sympy
    >>> x = sympy.Symbol("x")
    >>> diff(sympy.sin(x) ** 2, x)
    2*sin(x)*cos(x)
    """
    return _derivatives([expression], _postorder([expression]), symbol)[0]


def _postorder(roots: Sequence[Any]) -> list[Any]:
    """List distinct objects, operands first, without recursion."""
    order, seen = [], set()
    stack = [(root, False) for root in reversed(roots)]
    while stack:
        node, ready = stack.pop()
        if ready:
            order.append(node)
        elif id(node) not in seen:
            seen.add(id(node))
            stack.append((node, True))
            stack.extend((argument, False) for argument in reversed(node.args))
    return order


def _derivatives(roots: Sequence[Any], order: Sequence[Any], symbol: Any) -> list[Any]:
    import sympy

    found: dict[int, Any] = {}
    for node in order:
        parts = [found[id(argument)] for argument in node.args]
        found[id(node)] = _local(sympy, node, parts, symbol)
    return [found[id(root)] for root in roots]


def _local(sympy: Any, node: Any, parts: list[Any], symbol: Any) -> Any:
    """The derivative of a node, from those of its arguments."""
    if node == symbol:
        return sympy.S.One
    # The condition of a Piecewise has no derivative: its jump is not one.
    if node.is_Relational or node.is_Boolean or not any(part != 0 for part in parts):
        return sympy.S.Zero
    if node.is_Add:
        return sympy.Add(*parts)
    if node.is_Mul:
        return _of_product(sympy, node.args, parts)
    if node.is_Pow:
        base, exponent = node.args
        return node * (parts[1] * sympy.log(base) + parts[0] * exponent / base)
    return _of_function(sympy, node, parts)


def _of_product(sympy: Any, factors: Sequence[Any], parts: Sequence[Any]) -> Any:
    terms = [
        sympy.Mul(*factors[:i], part, *factors[i + 1 :])
        for i, part in enumerate(parts)
        if part != 0
    ]
    return sympy.Add(*terms)


def _of_function(sympy: Any, node: Any, parts: list[Any]) -> Any:
    kind = node.func
    if kind is sympy.Piecewise:
        pairs = zip(node.args, parts, strict=True)
        return sympy.Piecewise(*[(part, pair.cond) for pair, part in pairs])
    if kind.__name__ == "ExprCondPair":
        return parts[0]
    if kind is sympy.Abs:
        return parts[0] * sympy.sign(node.args[0])
    if kind is sympy.sign:
        return 2 * parts[0] * sympy.DiracDelta(node.args[0])
    if not hasattr(node, "fdiff") or kind in (sympy.floor, sympy.ceiling):
        raise SymbolicError(f"SymPy has no derivative of {kind.__name__}")
    slopes = [_slope(sympy, node, i + 1) * part for i, part in enumerate(parts) if part != 0]
    return sympy.Add(*slopes)


def _slope(sympy: Any, node: Any, position: int) -> Any:
    """The partial derivative of a function by its argument, SymPy's own."""
    try:
        return node.fdiff(position)
    except sympy.core.function.ArgumentIndexError:
        raise SymbolicError(
            f"SymPy has no derivative of {node.func.__name__} by its argument {position}"
        ) from None
