"""Drawing to a Mermaid flowchart, for pages that render it (GitHub, GitLab, Jupyter)."""

from __future__ import annotations

from typing import Any

from ...sinks import visible
from ..scene import Box, Label

_PLAIN = frozenset(" .,=+·×÷−()/∂")


def write(drawing: Any, step: int | None) -> bytes:
    """Return the file's content; all text is written with character codes where it matters."""
    scene = drawing.scene_at(step)
    texts: dict[Any, dict[str, str]] = {}
    for label in scene.labels:
        texts.setdefault(label.of, {})[label.role] = _escaped(label)
    ids = {box.of: f"n{i}" for i, box in enumerate(scene.boxes)}
    lines = [f"flowchart {drawing.direction}"]
    for box in scene.boxes:
        lines.append(f"    {ids[box.of]}{_shape(box, texts.get(box.of, {}))}")
    for wire in scene.wires:
        source, target, _ = wire.of
        told = [texts.get(wire.of, {}).get(role) for role in ("value", "gradient")]
        label = " | ".join([text for text in told if text]).replace("|", "#124;")
        arrow = f'-- "{label}" -->' if label else "-->"
        lines.append(f"    {ids[source]} {arrow} {ids[target]}")
    return ("\n".join(lines) + "\n").encode()


def _shape(box: Box, texts: dict[str, str]) -> str:
    name = f"{texts['name']} = " if "name" in texts else ""
    text = f'"{name}{texts.get("symbol", "")}"'
    return f"(({text}))" if box.kind == "operation" else f"([{text}])"


def _escaped(label: Label) -> str:
    """Write every character that is not plain as its code: #60; for <."""
    return "".join(
        [c if c.isalnum() or c in _PLAIN else f"#{ord(c)};" for c in visible(label.text)]
    )
