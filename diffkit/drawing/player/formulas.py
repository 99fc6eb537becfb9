"""What a step of the passes computes, as MathML with its numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..scene import Moment
from .mathml import fraction, identifier, math, row, sign
from .slots import Slots

_MOST = 8  # formulas shown for one step


class Formulas:
    """The formulas of a drawing's steps."""

    def __init__(self, drawing: Any) -> None:
        self.graph, self.output = drawing.graph, drawing.program.outputs[0]
        self.slots = Slots(drawing)

    def of(self, moment: Moment) -> list[str]:
        """Return the formulas of one step, each a ``<math>`` element."""
        told = getattr(self, f"_{moment.phase}")(moment.of)
        more = [row("<mtext>…</mtext>")] if len(told) > _MOST else []
        return [f'<math display="block">{line}</math>' for line in [*told[:_MOST], *more]]

    def _start(self, _: str) -> list[str]:
        inputs = [(n, node) for n, node in self.graph.nodes(data=True) if node["kind"] == "input"]
        return [row(identifier(n), sign("="), self._value(n, node)) for n, node in inputs]

    def _forward(self, name: str) -> list[str]:
        """Return z = t1 + b = (−2.00) + 0.500 = −1.50."""
        node = self.graph.nodes[name]
        parts = [identifier(name)]
        if node["expression"]:
            parts += [sign("="), math(node["expression"])]
            if self._all_numbers(name) and node["value"] is not None:
                parts += [sign("="), math(node["expression"], self._number)]
        return [row(*parts, sign("="), self._value(name, node))]

    def _seed(self, name: str) -> list[str]:
        return [row(fraction(name, name), sign("="), "<mn>1</mn>")]

    def _backward(self, name: str) -> list[str]:
        node = self.graph.nodes[name]
        return [
            self._chain_rule(name, node, source, edge, i)
            for source, _, edge in self.graph.in_edges(name, data=True)
            for i, gradient in enumerate(edge["gradients"])
            if gradient is not None
        ]

    def _chain_rule(self, name: str, node: dict, source: str, edge: dict, i: int) -> str:
        """Return ∂f/∂x += ∂f/∂q · ∂q/∂x = ∂f/∂q · y = 2.00 · 3.00 = 6.00."""
        uses = [k for *_, e in self.graph.out_edges(source, data=True) for k in e["operands"]]
        parts = [fraction(self.output, source), sign("+=" if len(uses) > 1 else "=")]
        left, _, right = (edge["formulas"][i] or "").partition(" = ")
        factor, operand = edge["locals"][i], edge["operands"][i]
        if "/" in left:
            upstream = [fraction(self.output, name), sign("·")]
            parts += [*upstream, fraction(name, source), sign("="), *upstream, _factor(right)]
        elif right:
            parts += [math(right), sign("=")]
            return row(*parts, self.slots.written("", edge["gradients"][i], "mtext"))
        if factor is not None and not np.ndim(factor) and self.slots.knows(name):
            above = self.slots.written(f"({self.slots.gradient(name)}", node["gradient"], "mn")
            local = self.slots.written(f"({self.slots.local(name, operand)}", factor, "mn")
            parts += [sign("="), above, sign("·"), local]
        slot = self.slots.part(name, operand) if self.slots.knows(name) else ""
        return row(*parts, sign("="), self.slots.written(slot, edge["gradients"][i], "mn"))

    def _value(self, name: str, node: dict) -> str:
        slot = self.slots.value(name) if self.slots.knows(name) else ""
        return self.slots.written(slot, node["value"], "mn")

    def _number(self, name: str) -> str:
        """Write a variable as its value; one inside of a collapsed box keeps its name."""
        if name not in self.graph:
            return identifier(name)
        slot = f"({self.slots.value(name)}" if self.slots.knows(name) else ""
        return self.slots.written(slot, self.graph.nodes[name]["value"], "mn")

    def _all_numbers(self, name: str) -> bool:
        return not any(
            self.graph.nodes[source]["shape"] for source in self.graph.predecessors(name)
        )


def _factor(text: str) -> str:
    """Return a local factor that stands in a product: a sum or a sign needs parentheses."""
    written = math(text)
    alone = text.replace("_", "").replace(".", "").isalnum()
    return written if alone else row(sign("("), written, sign(")"))
