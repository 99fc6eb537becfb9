"""The steps of the two passes over a graph, in order, and what each has to say."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..sinks import visible
from .scene import Moment
from .text import pretty, quantity
from .wording import Wording, derivative, partials

_CAPTIONS = 3  # lines of one step


@dataclass
class Story:
    """When what is computed.

    Attributes
    ----------
    moments : list of Moment
    forward, backward : dict, node -> step at which its value, its operands' gradients come
    """

    moments: list[Moment] = field(default_factory=list)
    forward: dict[str, int] = field(default_factory=dict)
    backward: dict[str, int] = field(default_factory=dict)


def tell(graph: Any, wording: Wording, show: str) -> Story:
    """Return the steps: the inputs, each operation forward, the seed, each one backward."""
    story = Story()
    _add(story, Moment("start", "", (_start(graph, wording),)))
    nodes = graph.nodes
    story.forward = dict.fromkeys(nodes, 0)
    inner = [name for name in nodes if nodes[name]["kind"] in ("operation", "group")]
    if show != "backward":
        for name in inner:
            caption = _forward(name, nodes[name], wording)
            story.forward[name] = _add(story, Moment("forward", name, caption))
    for name in nodes:
        if nodes[name]["kind"] == "output":
            story.forward[name] = max([story.forward[s] for s in graph.predecessors(name)])
    if show != "forward" and any(nodes[name]["gradient"] is not None for name in nodes):
        _tell_backward(story, graph, inner, wording)
    return story


def _tell_backward(story: Story, graph: Any, inner: list[str], wording: Wording) -> None:
    nodes, output = graph.nodes, wording.output
    seed = f"{derivative(output, output)} = 1"
    step = _add(story, Moment("seed", output, (seed,)))
    story.backward = {name: step for name in nodes if nodes[name]["kind"] == "output"}
    for name in reversed(inner):
        if nodes[name]["gradient"] is not None:
            captions = _backward(name, graph, wording)
            story.backward[name] = _add(story, Moment("backward", name, captions))


def _add(story: Story, moment: Moment) -> int:
    story.moments.append(moment)
    return len(story.moments) - 1


def _start(graph: Any, wording: Wording) -> str:
    nodes = [node for _, node in graph.nodes(data=True) if node["kind"] == "input"]
    told = [f"{visible(n['name'])} = {quantity(n['value'], wording.digits)}" for n in nodes]
    return ",  ".join(told if len(told) <= 8 else [*told[:8], "…"])


def _forward(name: str, node: dict, wording: Wording) -> tuple[str, ...]:
    text = pretty(node["expression"] or node["symbol"])
    told = f"{name} = {text}" if len(text) <= 60 else name
    return (visible(f"{told} = {quantity(node['value'], wording.digits)}"),)


def _backward(name: str, graph: Any, wording: Wording) -> tuple[str, ...]:
    """Return the chain rule for every operand of an operation, with its numbers."""
    node, lines = graph.nodes[name], []
    for source, edge in operands_of(graph, name):
        for i in range(len(edge["operands"])):
            if edge["gradients"][i] is not None:
                several = (
                    sum(len(e["operands"]) for *_, e in graph.out_edges(source, data=True)) > 1
                )
                lines.append(_chain_rule(name, source, node, edge, i, several, wording))
    if len(lines) > _CAPTIONS:
        lines = [*lines[: _CAPTIONS - 1], f"… and {len(lines) - _CAPTIONS + 1} more"]
    return tuple(lines)


def operands_of(graph: Any, name: str) -> list[tuple[str, dict]]:
    """Return (source, edge) of what an operation works on, in its order."""
    edges = [(source, edge) for source, _, edge in graph.in_edges(name, data=True)]
    return sorted(edges, key=lambda pair: pair[1]["operands"][0])


def _chain_rule(
    name: str, source: str, node: dict, edge: dict, i: int, several: bool, wording: Wording
) -> str:
    """Return "∂f/∂x = ∂f/∂q · ∂q/∂x = 1.00 · (−5.00) = −5.00"; "+=" at a fan-out."""
    left, equals = derivative(wording.output, source), "+=" if several else "="
    result = quantity(edge["gradients"][i], wording.digits)
    factor, formula = edge["locals"][i], edge["formulas"][i]
    if factor is None or np.ndim(factor):
        rule = f" ({partials(formula)})" if formula else ""
        return f"{left} {equals} {result}{rule}"
    symbols = f"{derivative(wording.output, name)} · {derivative(name, source)}"
    numbers = f"{wording.factor(node['gradient'])} · {wording.factor(factor)}"
    return f"{left} {equals} {symbols} = {numbers} = {result}"
