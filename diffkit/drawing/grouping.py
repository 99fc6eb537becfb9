"""The graph of a collapsed Program: a node for every stretch of steps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..core.program import Program
from .collapse import Stretch
from .graph import new_edge, new_node, total


def grouped(graph: Any, program: Program, found: Sequence[Stretch]) -> Any:
    """Return the graph with one node of kind "group" for each stretch of several steps.

    Parameters
    ----------
    graph : networkx.DiGraph, as `to_networkx` makes it
    program : Program
    found : sequence of Stretch

    Returns
    -------
    networkx.DiGraph
        Further attributes of a group: ``hidden``, the number of its steps, and ``inputs``,
        the number of inputs that only it uses; they are hidden, too. Value and gradient
        are those of its last step.
    """
    import networkx

    home = _homes(graph, program, found)
    small = networkx.DiGraph()
    for name, node in graph.nodes(data=True):
        if home[name] == name:
            small.add_node(name, **node)
        elif node["kind"] == "operation":
            small.add_node(home[name])
    for stretch in found:
        if len(stretch.steps) > 1:
            key = _key(stretch, program)
            inputs = sum(home[n] == key and graph.nodes[n]["kind"] == "input" for n in graph)
            small.nodes[key].update(_group(graph, program, stretch, inputs))
    _connect(small, graph, home)
    return small


def _key(stretch: Stretch, program: Program) -> str:
    """Return the name of the node: of its step, or of the scope and its steps."""
    steps = stretch.steps
    if len(steps) == 1:
        return program.steps[steps[0]].name
    return f"{'/'.join(stretch.path) or stretch.label} [{steps.start + 1}–{steps.stop}]"


def _homes(graph: Any, program: Program, found: Sequence[Stretch]) -> dict[str, str]:
    """Return the node in the small graph where each node of the large one is."""
    home = {name: name for name in graph}
    for stretch in found:
        key = _key(stretch, program)
        home |= {program.steps[i].name: key for i in stretch.steps}
    for name, node in graph.nodes(data=True):
        users = {home[user] for user in graph.successors(name)}
        if node["kind"] in ("input", "constant") and len(users) == 1 and users.isdisjoint(graph):
            home[name] = users.pop()
    return home


def _group(graph: Any, program: Program, stretch: Stretch, inputs: int) -> dict[str, Any]:
    last = graph.nodes[program.steps[stretch.steps[-1]].name]
    node = new_node("group", stretch.label, stretch.label, last["value"], last["gradient"])
    node |= {"shape": last["shape"], "dtype": last["dtype"], "scope": stretch.path}
    node |= {"step": stretch.steps.start, "hidden": len(stretch.steps), "inputs": inputs}
    steps = [graph.nodes[program.steps[i].name] for i in stretch.steps]
    return node | {mark: any(step[mark] for step in steps) for mark in ("kink", "saturated")}


def _connect(small: Any, graph: Any, home: dict[str, str]) -> None:
    """Add an edge wherever something leads from one node to another."""
    joined: dict[tuple[str, str], list[tuple]] = {}
    for source, target, edge in graph.edges(data=True):
        ends = home[source], home[target]
        if ends[0] != ends[1]:
            whole = ends[1] == target
            joined.setdefault(ends, []).extend(_uses(source, edge, whole))
    for (source, target), uses in joined.items():
        if small.nodes[target]["kind"] == "group":
            single = len({use[0] for use in uses}) == 1
            gradient = total([use[4] for use in uses]) if single else None
            uses = [(None, 0, None, None, gradient)]
        small.add_edge(source, target, **new_edge([use[1:] for use in uses]))


def _uses(source: str, edge: dict, whole: bool) -> list[tuple]:
    """Return (source, operand, local, formula, gradient) of every use on an edge."""
    columns = (edge[key] for key in ("operands", "locals", "formulas", "gradients"))
    rows = [(source, *row) for row in zip(*columns, strict=True)]
    return rows if whole else [(*row[:2], None, None, row[4]) for row in rows]
