"""Drawing as text: the Wengert list with its numbers, and small graphs as wires."""

from __future__ import annotations

from typing import Any

from ...sinks import visible
from ...tables import text_table
from ..moments import operands_of
from ..text import UNKNOWN, quantity
from ..wires import unicode_wires
from ..wording import local_text

WIRED = 20  # nodes of a graph that is still drawn as wires
_HEADER = ("step", "operation", "value", "gradient", "local factors")


def write(drawing: Any, step: int | None) -> bytes:
    """Return the file's content."""
    return (text(drawing, step) + "\n").encode()


def text(drawing: Any, step: int | None = None) -> str:
    """Return the list of steps with values, gradients and local factors, and the wires."""
    parts = [*drawing.notes, text_table(_HEADER, rows(drawing, step))]
    if drawing.steps and drawing.scene.wires and len(drawing.scene.boxes) <= WIRED:
        parts.insert(0, unicode_wires(drawing.scene_at(step)))
    return "\n\n".join(parts)


def rows(drawing: Any, step: int | None = None) -> list[list[str]]:
    """Return one row a variable: name, operation, value, gradient, local factors."""
    graph = drawing.graph
    known = _Known(drawing, step)
    table = []
    for name, node in graph.nodes(data=True):
        if node["kind"] not in ("input", "operation", "group"):
            continue
        told = node["expression"] or (node["symbol"] if node["kind"] == "group" else "input")
        table.append(
            [
                visible(name),
                visible(told),
                quantity(node["value"]) if known.value(name) else UNKNOWN,
                quantity(node["gradient"]) if known.gradient(name) else UNKNOWN,
                _factors(graph, name) if known.factors(name) else "",
            ]
        )
    return table


class _Known:
    """What has been computed after a step."""

    def __init__(self, drawing: Any, step: int | None) -> None:
        count = len(drawing.steps)
        self._now = count if step is None else step % count
        self._successors = drawing.graph.successors
        self._step = {(moment.phase, moment.of): i for i, moment in enumerate(drawing.steps)}

    def value(self, name: str) -> bool:
        return self._step.get(("forward", name), 0) <= self._now

    def gradient(self, name: str) -> bool:
        """A gradient is complete when all its uses have been visited."""
        seeded = self._step.get(("seed", name), 0) <= self._now
        return seeded and all(map(self.factors, self._successors(name)))

    def factors(self, name: str) -> bool:
        return self._step.get(("backward", name), 0) <= self._now


def _factors(graph: Any, name: str) -> str:
    told = [
        local_text(factor, formula)
        for _, edge in operands_of(graph, name)
        for factor, formula in zip(edge["locals"], edge["formulas"], strict=True)
        if formula
    ]
    return "; ".join(told)
