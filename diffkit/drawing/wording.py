"""Which labels a node and a wire have, and what they say."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from ..sinks import visible
from .metrics import LINE, text_width
from .text import pretty, quantity
from .themes import BOLD, SIZES

_AUTOMATIC = re.compile(r"t\d+$")
_LONGEST = 40  # characters of a formula on a wire
_SUMMED = 4  # parts of a sum that are still written out

ROLES = ("value", "gradient", "local", "product", "sum", "name")


class Line(NamedTuple):
    """One line of text and the room that it takes."""

    role: str
    text: str

    @property
    def width(self) -> float:
        """In the units of the picture."""
        return text_width(self.text, SIZES[self.role], self.role in BOLD) + 4

    @property
    def height(self) -> float:
        """In the units of the picture."""
        return SIZES[self.role] * LINE


@dataclass(frozen=True)
class Wording:
    """What is written.

    Attributes
    ----------
    roles : frozenset of str
        Of `ROLES`.
    digits : int
        Significant digits of numbers.
    output : str
        The variable that gradients are of.
    """

    roles: frozenset[str]
    digits: int
    output: str

    def on_wire(self, source: dict, target: dict, edge: dict, i: int) -> tuple[list, list]:
        """Return the lines above and below a wire, the nearest to it first."""
        if source["kind"] == "constant":
            return [], []
        above = [Line("value", quantity(source["value"], self.digits))]
        below = [Line("gradient", quantity(edge["gradients"][i], self.digits))]
        if target["kind"] == "operation":
            above += self._local(edge["locals"][i], edge["formulas"][i])
            below += self._product(target["gradient"], edge["locals"][i])
        return self._wanted(above), self._wanted(below)

    def on_node(self, node: dict, parts: list[Any]) -> tuple[list, list]:
        """Return the lines above and below a node; `parts` are its uses' gradients."""
        above: list[Line] = []
        below: list[Line] = []
        inner = node["kind"] in ("operation", "group")
        if inner and node["name"] != self.output and not _AUTOMATIC.match(node["name"]):
            above.append(Line("name", visible(node["name"])))
        if node["kind"] == "group":
            several = "s" if node["inputs"] > 1 else ""
            inputs = f", {node['inputs']} input{several}" if node["inputs"] else ""
            note = Line("note", f"{node['hidden']} operations{inputs}")
            result = Line("value", quantity(node["value"], self.digits))
            return [note], [*self._wanted([result]), *below]
        if len(parts) > 1 and all(part is not None for part in parts):
            below.append(Line("sum", self._sum(node["gradient"], parts)))
        return self._wanted(above), self._wanted(below)

    def _wanted(self, lines: list[Line]) -> list[Line]:
        return [line for line in lines if line.role in self.roles]

    def _local(self, factor: Any, formula: str | None) -> list[Line]:
        if formula is None:
            return []
        text = local_text(factor, formula, self.digits)
        return [Line("local", text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…")]

    def _product(self, upstream: Any, factor: Any) -> list[Line]:
        """Return "= 1.00 · (−5.00)", upstream times local."""
        if upstream is None or factor is None or np.ndim(upstream) or np.ndim(factor):
            return []
        return [Line("product", f"= {self.factor(upstream)} · {self.factor(factor)}")]

    def _sum(self, total: Any, parts: list[Any]) -> str:
        """Return "0.20 + 0.39 = 0.59"."""
        if any(np.ndim(part) for part in parts) or len(parts) > _SUMMED:
            return f"sum of {len(parts)} = {quantity(total, self.digits)}"
        first, *others = parts
        text = " + ".join([quantity(first, self.digits), *map(self.factor, others)])
        return f"{text} = {quantity(total, self.digits)}"

    def factor(self, value: Any) -> str:
        """Write a number that stands in a product or sum."""
        text = quantity(value, self.digits)
        return f"({text})" if text.startswith("−") else text


def partials(formula: str) -> str:
    """Write "dq/dx = y*2" as "∂q/∂x = y·2".

    >>> partials("dq/dx = 2*x**2"), partials("W_bar = transpose(x) @ z_bar")
    ('∂q/∂x = 2·x²', 'W_bar = transpose(x) @ z_bar')
    """
    left, _, right = formula.partition(" = ")
    if "/" in left:
        above, _, below = left.partition("/")
        left = f"∂{above[1:]}/∂{below[1:]}"
    return visible(f"{left} = {pretty(right)}")


def local_text(factor: Any, formula: str, digits: int = 3) -> str:
    """Write a local derivative as formula and number.

    >>> local_text(-5.0, "dq/dx = y"), local_text(1.0, "dq/dx = 1")
    ('∂q/∂x = y = −5.00', '∂q/∂x = 1')
    >>> local_text(1 / 3, "dq/dx = 0.3333333333333333"), local_text(4.0, "dq/dx = 2*x")
    ('∂q/∂x = 0.333', '∂q/∂x = 2·x = 4.00')
    """
    text = partials(formula)
    shown = quantity(factor, digits) if factor is not None and not np.ndim(factor) else ""
    left, _, right = text.partition(" = ")
    if not shown or shown == right:
        return text
    if _is_number(right):
        return f"{left} = {min(right, shown, key=len)}"
    return f"{text} = {shown}"


def derivative(above: str, below: str) -> str:
    """Write ∂f/∂x."""
    return visible(f"∂{above}/∂{below}")


def _is_number(text: str) -> bool:
    try:
        float(text.replace("−", "-"))
    except ValueError:
        return False
    return True
