"""Programs and SymPy expressions as terms, in the same unit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..core.program import Program
from ..frontends.expressions import lower_expression
from ..symbolic.convert import check_size, expressions
from ..symbolic.objects import run_over
from .terms import ADD, MULTIPLY, POWER, Term, Terms, lifted


def scalar(program: Program) -> Program:
    """Return what of a Program is needed, over scalars: arrays are written out by entries.

    Raises
    ------
    SymbolicError
        If the arrays have too many entries, or a step has no form entry by entry.
    """
    import numpy as np

    program = live(program)
    kinds = [*program.types.values(), *(step.type for step in program.steps)]
    # The rule of a product or a mean has steps over arrays even where there is one entry.
    entrywise = all(step.primitive.elementwise for step in program.steps)
    if entrywise and not any(getattr(kind, "shape", True) for kind in kinds):
        return program
    check_size(program)
    outputs = [np.ravel(np.asarray(o, dtype=object)) for o in expressions(program, evaluate=False)]
    return lower_expression([entry for output in outputs for entry in output], {})


def live(program: Program) -> Program:
    """Return the Program without the steps that its outputs do not need, guards among them."""
    needed = set(program.outputs)
    for step in reversed(program.steps):
        if step.name in needed:
            needed.update(o for o in step.operands if o.__class__ is str)
    steps = [step for step in program.steps if step.name in needed]
    return Program(program.types, steps, program.outputs, program.structure)


def read(terms: Terms, program: Program, bound: Mapping[str, int] | None = None) -> list[int]:
    """Return the outputs of a Program over scalars as terms.

    Parameters
    ----------
    terms : Terms
        Where they are added.
    program : Program
    bound : mapping, input name -> term, optional
        What the inputs stand for; variables of their own names by default.
    """
    bound = bound or {name: terms.symbol(name) for name in program.inputs}
    values = {name: Term(terms, bound[name]) for name in program.inputs}
    outputs = run_over(program, values, terms.functions, lambda value: lifted(terms, value))
    return [lifted(terms, output).number for output in outputs]


def read_expressions(
    terms: Terms, roots: Sequence[Any], names: Mapping[Any, int] | None = None
) -> list[int]:
    """Return SymPy expressions as terms, each distinct object once, without recursion.

    Parameters
    ----------
    roots : sequence of sympy.Basic
    names : mapping, symbol -> term, optional
        What symbols stand for; variables of their own names by default.
    """
    found: dict[int, int] = {}
    stack = [(root, False) for root in reversed(roots)]
    while stack:
        node, ready = stack.pop()
        if ready:
            found[id(node)] = _of_node(terms, node, [found[id(a)] for a in node.args], names or {})
        elif id(node) not in found:
            stack.append((node, True))
            stack.extend((argument, False) for argument in reversed(node.args))
    return [found[id(root)] for root in roots]


def _of_node(terms: Terms, node: Any, operands: list[int], names: Mapping[Any, int]) -> int:
    if node.is_Symbol:
        return names[node] if node in names else terms.symbol(node.name)
    if not operands or node.is_Number:
        return terms.constant(_number(node))
    if node.func.__name__ == "ExprCondPair":
        return terms.operation("if", *operands)
    name = ADD if node.is_Add else MULTIPLY if node.is_Mul else POWER if node.is_Pow else None
    return terms.operation(name or node.func.__name__, *operands)


def _number(node: Any) -> Any:
    """A constant as a hashable value that prints as SymPy prints it."""
    if node.is_Integer:
        return int(node)
    return float(node) if node.is_Float else str(node)
