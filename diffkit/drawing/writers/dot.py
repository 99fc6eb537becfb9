"""Drawing to DOT, through the graphviz package; it needs no dot program."""

from __future__ import annotations

from typing import Any

from ...sinks import visible
from ..scene import Label
from ..themes import Theme

_SHAPES = {"operation": "circle", "group": "box", "constant": "plaintext"}


def write(drawing: Any, step: int | None) -> bytes:
    """Return the file's content.

    Nodes are called n0, n1, ...; what the user named occurs in labels only, escaped.
    """
    import graphviz

    scene, theme = drawing.scene_at(step), drawing.theme
    dot = graphviz.Digraph(
        graph_attr={"rankdir": drawing.direction, "bgcolor": theme.background},
        node_attr={"fontname": "DejaVu Sans", "fontcolor": theme.ink, "style": "filled"},
        edge_attr={"fontname": "DejaVu Sans", "color": theme.wire},
    )
    texts = _texts(scene.labels)
    ids = {box.of: f"n{i}" for i, box in enumerate(scene.boxes)}
    for box in scene.boxes:
        colour, width = theme.outline(box)
        dot.node(
            ids[box.of],
            _joined(texts.get(box.of, []), ("name", "symbol", "sum")),
            shape=_SHAPES.get(box.kind, "ellipse"),
            fillcolor=theme.fill(box),
            color=colour,
            penwidth=str(width),
        )
    for wire in scene.wires:
        source, target, _ = wire.of
        dot.edge(ids[source], ids[target], **_edge(texts.get(wire.of, []), theme))
    return dot.source.encode()


def _texts(labels: tuple[Label, ...]) -> dict[Any, list[Label]]:
    found: dict[Any, list[Label]] = {}
    for label in labels:
        found.setdefault(label.of, []).append(label)
    return found


def _joined(labels: list[Label], roles: tuple[str, ...]) -> str:
    import graphviz

    told = [label.text for role in roles for label in labels if label.role == role and label.text]
    return "\\n".join([graphviz.escape(visible(text)) for text in told])


def _edge(labels: list[Label], theme: Theme) -> dict[str, str]:
    """Value and local derivative beside the wire, the gradient at its tail."""
    return {
        "label": _joined(labels, ("local", "value")),
        "fontcolor": theme.value,
        "taillabel": _joined(labels, ("gradient",)),
        "labelfontcolor": theme.gradient,
        "labeldistance": "2.5",
    }
