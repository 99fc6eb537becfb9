"""Where numbers stand in the page, so that its script can replace them.

A slot names a number by variable: "v 3" the value of number 3, "g 3" its gradient, "p 5 0"
what operand 0 of number 5 contributes, "l 5 0" the local factor there. A slot that begins
with "(" stands in a product, where negative numbers are in parentheses.
"""

from __future__ import annotations

import html
from typing import Any

from ..scene import Label
from ..text import quantity
from ..wording import ROLES
from .javascript import numbering

Template = list[Any]  # pieces of text, and {"n": slot}


class Slots:
    """The slots of a drawing."""

    def __init__(self, drawing: Any) -> None:
        self.graph, self.digits = drawing.graph, drawing.digits
        self._number = numbering(drawing.program)

    def value(self, name: str) -> str:
        """Return the slot of a variable's value."""
        return f"v {self._number[name]}"

    def gradient(self, name: str) -> str:
        """Return the slot of a variable's gradient."""
        return f"g {self._number[name]}"

    def part(self, target: str, operand: int) -> str:
        """Return the slot of what a use contributes to the gradient of its operand."""
        return f"p {self._number[target]} {operand}"

    def local(self, target: str, operand: int) -> str:
        """Return the slot of the local factor of a use."""
        return f"l {self._number[target]} {operand}"

    def knows(self, name: str) -> bool:
        """Say whether a node is a variable of the Program."""
        return name in self._number

    def written(self, slot: str, value: Any, tag: str = "span") -> str:
        """Return an element that holds a number; without a slot it stays as it is."""
        text = quantity(value, self.digits)
        if slot.startswith("(") and text.startswith("−"):
            text = f"({text})"
        place = f' data-n="{slot}"' if slot else ""
        return f"<{tag}{place}>{html.escape(text)}</{tag}>"

    def template(self, label: Label) -> Template | None:
        """Return a label of the picture as text and slots; None for text that stays."""
        if label.role not in ROLES or label.role == "name":
            return None
        if isinstance(label.of, str):
            return self._sum(label)
        source, target, operand = label.of
        if self.graph.nodes[target]["kind"] == "output":
            slot = self.value(source) if label.role == "value" else self.gradient(source)
            return [{"n": slot}]
        return self._on_wire(label, source, target, operand)

    def _on_wire(self, label: Label, source: str, target: str, operand: int) -> Template | None:
        if label.role == "value":
            return [{"n": self.value(source)}]
        if label.role == "gradient":
            return [{"n": self.part(target, operand)}]
        local = self.local(target, operand)
        if label.role == "product":
            return ["= ", {"n": f"({self.gradient(target)}"}, " · ", {"n": f"({local}"}]
        formula, equals, _ = label.text.rpartition(" = ")
        # "∂q/∂x = y = 3.00" ends with a number that changes, "∂q/∂x = 1" does not.
        return [formula + equals, {"n": local}] if " = " in formula else None

    def _sum(self, label: Label) -> Template | None:
        """Return "a + (−b) = total" of a variable that is used several times."""
        if label.role != "sum":
            return None
        total, uses = {"n": self.gradient(label.of)}, self._uses(label.of)
        if label.text.startswith("sum of"):
            return [f"sum of {len(uses)} = ", total]
        first, *others = [self.part(*use) for use in uses]
        pieces: Template = [{"n": first}]
        for other in others:
            pieces += [" + ", {"n": f"({other}"}]
        return [*pieces, " = ", total]

    def _uses(self, name: str) -> list[tuple[str, int]]:
        edges = self.graph.out_edges(name, data=True)
        return [(target, k) for _, target, edge in edges for k in edge["operands"]]
