"""The neural-network view: units in layers, a wire for every weight."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..core.program import Program, Step
from ..errors import ArgumentError
from ..sinks import visible
from .metrics import LINE, text_width
from .scene import Box, Label, Scene, Wire
from .text import quantity
from .themes import SIZES

_SHOWN = 8  # units of a layer that are drawn; of larger ones the rest is a number
_UNIT, _PITCH, _STEP, _TOP = 34.0, 46.0, 150.0, 40.0
_SIGMOID = ("negative", "exp", "add", "divide")
_CALLED = {_SIGMOID: "sigmoid", ("maximum",): "relu"}
_LINEAR = frozenset("add subtract multiply matmul reshape transpose getitem copy astype".split())


@dataclass
class Layer:
    """Units side by side.

    Attributes
    ----------
    size : int
    weight : str
        The input that holds the weights that lead here.
    output : str
        The variable that leaves the layer, after its activation.
    applied : list of str
        The operations of the activation.
    closed : bool
        Whether what follows is no longer part of the layer.
    """

    size: int
    weight: str
    output: str
    applied: list[str] = field(default_factory=list)
    closed: bool = False

    @property
    def activation(self) -> str:
        """As it is called."""
        return _CALLED.get(tuple(self.applied), ", ".join(self.applied))


def network(program: Program, values: dict[str, Any]) -> Scene:
    """Draw a Program as layers of units.

    A layer is a product of the data with an input of weights: a matrix product, or a
    product of numbers. What acts entry by entry on its result is its activation.

    Raises
    ------
    ArgumentError
        If there is no such product.
    """
    layers = layers_of(program)
    tallest = max(min(layer.size, _SHOWN) for layer in layers)
    height = _TOP + tallest * _PITCH + 2 * SIZES["note"] * LINE + 20
    columns = [_column(layer, k, tallest, values) for k, layer in enumerate(layers)]
    boxes = [box for units, _ in columns for box in units]
    labels = [label for _, texts in columns for label in texts]
    wires = []
    for k in range(1, len(columns)):
        wires += [_wire(a, b) for a in columns[k - 1][0] for b in columns[k][0]]
    for k, layer in enumerate(layers):
        labels += _headings(layer, k, height)
    width = len(layers) * _STEP
    return Scene(width, height, tuple(boxes), tuple(wires), tuple(labels))


def layers_of(program: Program) -> list[Layer]:
    """Return the layers, the one of the data first."""
    layers: list[Layer] = []
    for step in program.steps:
        weight = _weight(step, program, bool(layers))
        if weight is not None:
            data, name, sizes = weight
            if not layers:
                layers.append(Layer(sizes[0], "", data))
            layers.append(Layer(sizes[1], name, step.name))
        elif layers and layers[-1].output in step.operands:
            _follow(layers[-1], step)
    if len(layers) < 2:
        raise ArgumentError(
            'view="network" needs products of data with inputs that hold weights, such as '
            "tanh(x @ W + b); this program has none"
        )
    return layers


def _weight(step: Step, program: Program, inner: bool) -> tuple[str, str, tuple] | None:
    """Return (data, weights, units before and after) if a step applies weights."""
    names = [o for o in step.operands if o.__class__ is str]
    if step.primitive.name not in ("matmul", "multiply") or len(set(names)) != 2:
        return None
    candidates = [name for name in names if name in program.types]
    kinds = {name: program.types[name].shape for name in candidates}
    if step.primitive.name == "multiply":
        scalar = not step.type.shape and (len(candidates) == 1 or not inner) and candidates
        return (_other(names, candidates[0]), candidates[0], (1, 1)) if scalar else None
    matrices = [name for name in candidates if len(kinds[name]) == 2]
    if not matrices:
        return None
    name = names[1] if names[1] in matrices else names[0]
    shape = kinds[name] if name == names[1] else kinds[name][::-1]
    return _other(names, name), name, shape


def _other(names: list[str], name: str) -> str:
    return next(other for other in names if other != name)


def _follow(layer: Layer, step: Step) -> None:
    """Go on from the product over a bias to the activation; anything else ends the layer."""
    if layer.closed:
        return
    name = step.primitive.name
    alone = len({o for o in step.operands if o.__class__ is str}) == 1
    applied = [*layer.applied, name]
    if not layer.applied and name in _LINEAR and (alone or name == "add"):
        layer.output = step.name
    elif alone and step.primitive.elementwise and applied in ([name], [*_SIGMOID[: len(applied)]]):
        layer.applied, layer.output = applied, step.name
    else:
        layer.closed = True


# -- the picture -----------------------------------------------------------------------


def _column(
    layer: Layer, k: int, tallest: int, values: dict[str, Any]
) -> tuple[list[Box], list[Label]]:
    shown = min(layer.size, _SHOWN)
    x, top = (k + 0.5) * _STEP, _TOP + (tallest - shown) * _PITCH / 2
    texts = _unit_texts(layer, shown, values)
    boxes, labels = [], []
    for i, text in enumerate(texts):
        y, of = top + (i + 0.5) * _PITCH, f"{layer.output}[{i}]"
        width = max(_UNIT, text_width(text, SIZES["symbol"]) + 14)
        boxes.append(Box("input" if k == 0 else "operation", of, x, y, width, _UNIT))
        if text:
            labels.append(Label("symbol", text, of, x, y, width - 10, SIZES["symbol"] * LINE))
    return boxes, labels


def _unit_texts(layer: Layer, shown: int, values: dict[str, Any]) -> list[str]:
    """Return the activation of each unit, if there is one number for it."""
    value = values.get(layer.output)
    if value is None or getattr(value, "size", 1) != layer.size:
        return [""] * shown
    return [quantity(v) for v in value.reshape(-1)[:shown]]


def _headings(layer: Layer, k: int, height: float) -> list[Label]:
    """Write the layer's name above it, its size and activation below."""
    x, size = (k + 0.5) * _STEP, SIZES["note"] * LINE
    units = f"{layer.size} unit{'s' if layer.size > 1 else ''}"
    units += f", {_SHOWN} shown" if layer.size > _SHOWN else ""
    lines = [units, layer.activation or ("input" if k == 0 else "linear")]
    labels = [_heading("name", layer.output, x, 18.0)]
    labels += [_heading("note", text, x, height - (2 - i) * size) for i, text in enumerate(lines)]
    if layer.weight:
        labels.append(_heading("name", layer.weight, x - _STEP / 2, 18.0))
    return labels


def _heading(role: str, text: str, x: float, y: float) -> Label:
    text = visible(text)
    return Label(role, text, "", x, y, text_width(text, SIZES[role]) + 2, SIZES[role] * LINE)


def _wire(a: Box, b: Box) -> Wire:
    ends = (("M", (a.x + a.width / 2, a.y)), ("L", (b.x - b.width / 2, b.y)))
    return Wire((a.of, b.of, 0), ends)
