"""Scene to SVG: plain attributes, no style sheets, scripts, fonts or references."""

from __future__ import annotations

import hashlib
import html
from typing import Any

from ...sinks import visible
from ..scene import Box, Label, Scene, Wire
from ..themes import BOLD, FONT, SIZES, Theme


def write(drawing: Any, step: int | None) -> bytes:
    """Return the file's content."""
    return svg_text(drawing.scene_at(step), drawing.theme).encode()


def svg_text(scene: Scene, theme: Theme) -> str:
    """Return a scene as SVG text.

    Every part carries its role, what it belongs to and the step at which it appears in
    attributes `data-role`, `data-of`, `data-when`. Ids begin with letters that differ
    from drawing to drawing.
    """
    body = [
        f'<rect width="{_n(scene.width)}" height="{_n(scene.height)}" fill="{theme.background}"/>',
        *[_wire(wire, theme) for wire in scene.wires],
        *[_box(box, theme) for box in scene.boxes],
        *[_text(label, theme) for label in scene.labels if label.text],
    ]
    prefix = "d" + hashlib.sha256("".join(body).encode()).hexdigest()[:8]
    size = f"{_n(scene.width)} {_n(scene.height)}"
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size}" '
            f'width="{_n(scene.width)}" height="{_n(scene.height)}" role="img" '
            f'aria-labelledby="{prefix}-title {prefix}-desc" font-family="{FONT}">',
            f'<title id="{prefix}-title">{_escaped(scene.title)}</title>',
            f'<desc id="{prefix}-desc">{_escaped(scene.description)}</desc>',
            *body,
            "</svg>",
            "",
        ]
    )


def _escaped(text: str) -> str:
    return html.escape(visible(text), quote=True)


def _n(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _data(role: str, of: object, when: int) -> str:
    key = " ".join(map(str, of)) if isinstance(of, tuple) else str(of)
    return f'data-role="{_escaped(role)}" data-of="{_escaped(key)}" data-when="{when}"'


def _wire(wire: Wire, theme: Theme) -> str:
    d = " ".join(
        [piece[0] + " ".join([f"{_n(x)},{_n(y)}" for x, y in piece[1:]]) for piece in wire.path]
    )
    colour, width = theme.line(wire)
    dash = ' stroke-dasharray="5 4"' if wire.dashed else ""
    corners = " ".join([f"{_n(x)},{_n(y)}" for x, y in wire.head])
    head = f'<polygon points="{corners}" fill="{colour}"/>' if wire.head else ""
    return (
        f"<g {_data('wire', wire.of, wire.when)}>"
        f'<path d="{d}" fill="none" stroke="{colour}" stroke-width="{width}"{dash}/>{head}</g>'
    )


def _box(box: Box, theme: Theme) -> str:
    left, top, *_ = box.rectangle
    stroke, width = theme.outline(box)
    radius = box.height / 2 if box.round else 6
    return (
        f'<rect {_data(box.kind, box.of, box.when)} x="{_n(left)}" y="{_n(top)}" '
        f'width="{_n(box.width)}" height="{_n(box.height)}" rx="{_n(radius)}" '
        f'fill="{theme.fill(box)}" stroke="{stroke}" stroke-width="{width}"/>'
    )


def _text(label: Label, theme: Theme) -> str:
    size = SIZES[label.role]
    weight = ' font-weight="bold"' if label.role in BOLD else ""
    return (
        f"<text {_data(label.role, label.of, label.when)} "
        f'x="{_n(label.x)}" y="{_n(label.y + 0.36 * size)}" font-size="{size}"{weight} '
        f'text-anchor="middle" fill="{theme.colour(label.role)}">{_escaped(label.text)}</text>'
    )
