"""A Program as a networkx graph, with everything known about it in attributes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..core.program import Program, Step
from ..core.tracing import shape_of
from .annotate import Annotation, annotate
from .flags import is_kink, is_saturated
from .formulas import Formulas, expression
from .text import folds, norm, quantity, symbol


def to_networkx(
    program: Program,
    at: Mapping[str, Any] | Sequence[Any] | None = None,
    wrt: str | Sequence[str] | None = None,
) -> Any:
    """Return a Program as a networkx DiGraph, annotated at a point.

    Variables are nodes of their own name. A constant operand k of the step z is the node
    ``z[k]``, and each output f has a further node ``f (output)``.

    Parameters
    ----------
    program : Program
    at : mapping, input -> value, or sequence of values, optional
        Without it no node has a value.
    wrt : str or sequence of str, optional
        Inputs to differentiate by; all real ones by default.

    Returns
    -------
    networkx.DiGraph
        Attributes of a node: ``kind`` ("input", "constant", "operation", "output"), ``name``,
        ``symbol`` (what stands in its circle), ``operation`` (the primitive's name),
        ``expression`` (the printed right-hand side), ``value``, ``gradient``, ``shape``,
        ``dtype``, ``norm`` and ``gradient_norm`` (Euclidean), ``step`` (its number in the
        Program), ``scope`` (path of names), ``kink``, ``saturated`` and ``folded`` (a constant
        that is written into the circle of its operation).
        Attributes of an edge: ``operands`` (which operands of the target it is; two for
        ``x*x``), and as tuples, one entry an operand, ``locals`` (the local derivative),
        ``formulas`` ("dq/dx = y") and ``gradients`` (what this use contributes to the
        gradient of the source); ``local``, ``formula`` and ``gradient`` are for an edge with
        one operand the same without the tuple, else the sums.
        None stands for what has not been computed.

    Raises
    ------
    ArgumentError, ShapeError
        If the values do not fit the inputs.

    Examples
    --------
    >>> import diffkit as dk
    >>> graph = dk.lower("d = x*y; f = d + z").to_networkx({"x": 2, "y": -5, "z": 3})
    >>> float(graph.nodes["d"]["value"]), float(graph.nodes["x"]["gradient"])
    (-10.0, -5.0)
    >>> graph.edges["x", "d"]["formula"], float(graph.edges["x", "d"]["local"])
    ('dd/dx = y', -5.0)
    """
    import networkx

    found = annotation_of(program, at, wrt)
    graph = networkx.DiGraph()
    for name in program.inputs:
        graph.add_node(name, **_node("input", name, name, program.types[name], found))
    formulas = Formulas(program)
    for number, step in enumerate(program.steps):
        _add_step(graph, step, number, found, formulas)
        graph.nodes[step.name]["scope"] = program.scope(number)
    kinds = {**program.types, **{step.name: step.type for step in program.steps}}
    for name in dict.fromkeys(program.outputs):
        node = _node("output", name, name, kinds[name], found)
        graph.add_node(f"{name} (output)", **node)
        graph.add_edge(name, f"{name} (output)", **new_edge([(0, None, None, node["gradient"])]))
    return graph


def annotation_of(program: Program, at: Any, wrt: Any) -> Annotation:
    """Check point and inputs; return what is known there."""
    from ..core.derivatives import _selected

    names = _selected(program, wrt)
    if at is None:
        return Annotation()
    args, kwargs = ((), at) if isinstance(at, Mapping) else (tuple(at), {})
    values = program.bind(args, kwargs)
    return annotate(program, values, [n for n in names if program.types[n].dtype.kind == "f"])


def _add_step(graph: Any, step: Step, number: int, found: Annotation, formulas: Formulas) -> None:
    """Add an operation, its constants, and an edge from each operand."""
    node = _node("operation", step.name, symbol(step), step.type, found)
    node |= {
        "operation": step.primitive.name,
        "expression": expression(step),
        "step": number,
    }
    node |= {"kink": is_kink(step, found), "saturated": is_saturated(step, found)}
    graph.add_node(step.name, **node)
    uses: dict[str, list[tuple]] = {}
    for k, operand in enumerate(step.operands):
        if operand.__class__ is not str:
            constant = Annotation({f"{step.name}[{k}]": operand})
            name = f"{step.name}[{k}]"
            node = _node("constant", name, quantity(operand), operand, constant)
            graph.add_node(name, **node | {"folded": folds(step)})
            uses[name] = [(k, None, None, None)]
        else:
            use = (step.name, k)
            formula = formulas.local(step, k)
            uses.setdefault(operand, []).append(
                (k, found.locals.get(use), formula, found.parts.get(use))
            )
    for operand, parts in uses.items():
        graph.add_edge(operand, step.name, **new_edge(parts))


def _node(kind: str, name: str, symbol: str, like: Any, found: Annotation) -> dict[str, Any]:
    node = new_node(kind, name, symbol, found.values.get(name), found.gradients.get(name))
    dtype = getattr(like, "dtype", None) or (np.asarray(like).dtype if kind == "constant" else "")
    return node | {"shape": tuple(shape_of(like)), "dtype": str(dtype)}


def new_node(kind: str, name: str, symbol: str, value: Any, gradient: Any) -> dict[str, Any]:
    """Return all attributes that a node has."""
    return {
        "kind": kind,
        "name": name,
        "symbol": symbol,
        "operation": None,
        "expression": None,
        "value": value,
        "gradient": gradient,
        "shape": (),
        "dtype": "",
        "norm": norm(value),
        "gradient_norm": norm(gradient),
        "step": None,
        "scope": (),
        "kink": False,
        "saturated": False,
        "folded": False,
    }


def new_edge(parts: list[tuple]) -> dict[str, Any]:
    """Return the attributes of the edge of one operand, used once or several times."""
    operands, factors, formulas, gradients = zip(*parts, strict=True)
    return {
        "operands": operands,
        "locals": factors,
        "formulas": formulas,
        "gradients": gradients,
        "local": total(factors),
        "formula": _joined(formulas),
        "gradient": total(gradients),
    }


def total(parts: Sequence[Any]) -> Any:
    """Return the sum; None if a part has not been computed."""
    if any(part is None for part in parts):
        return None
    with np.errstate(all="ignore"):
        return sum(parts[1:], start=parts[0])


def _joined(formulas: tuple) -> str | None:
    """Return dt/dx = x + x for the formulas dt/dx = x, dt/dx = x."""
    if any(formula is None for formula in formulas):
        return None
    return " + ".join([formulas[0], *[formula.partition(" = ")[2] for formula in formulas[1:]]])
