"""Scene to a matplotlib figure, with its bundled fonts: the ground of PDF and PNG."""

from __future__ import annotations

from typing import Any

from ...sinks import visible
from ..scene import Box, Label, Scene, Wire
from ..themes import BOLD, SIZES, Theme

_POINTS = 72.0  # units of a scene to an inch
_QUARTER = 0.5523  # control points of a cubic curve that is a quarter of a circle
SETTINGS: Any = {"font.family": "DejaVu Sans", "pdf.fonttype": 42}


def figure(scene: Scene, theme: Theme) -> Any:
    """Return a figure that shows nothing but the scene."""
    from matplotlib.figure import Figure

    made = Figure(figsize=(scene.width / _POINTS, scene.height / _POINTS))
    made.patch.set_facecolor(theme.background)
    axes = made.add_axes((0, 0, 1, 1), xlim=(0, scene.width), ylim=(scene.height, 0))
    axes.set_axis_off()
    for wire in scene.wires:
        _add_wire(axes, wire, theme)
    for box in scene.boxes:
        axes.add_patch(_patch(box, theme))
    for label in scene.labels:
        if label.text:
            _add_label(axes, label, theme)
    return made


def _add_wire(axes: Any, wire: Wire, theme: Theme) -> None:
    from matplotlib.patches import PathPatch, Polygon
    from matplotlib.path import Path

    codes = {"M": [Path.MOVETO], "L": [Path.LINETO], "C": [Path.CURVE4] * 3}
    colour, width = theme.line(wire)
    path = Path(
        [point for piece in wire.path for point in piece[1:]],
        [code for piece in wire.path for code in codes[piece[0]]],
    )
    style = (0, (5, 4)) if wire.dashed else "-"
    axes.add_patch(PathPatch(path, fill=False, edgecolor=colour, linewidth=width, linestyle=style))
    if wire.head:
        axes.add_patch(Polygon(wire.head, facecolor=colour, edgecolor="none"))


def _patch(box: Box, theme: Theme) -> Any:
    from matplotlib.patches import PathPatch

    colour, width = theme.outline(box)
    return PathPatch(
        _rounded(box), facecolor=theme.fill(box), edgecolor=colour, linewidth=width, zorder=2
    )


def _rounded(box: Box) -> Any:
    """Return a rectangle whose corners are quarters of a circle."""
    from matplotlib.path import Path

    left, top, right, bottom = box.rectangle
    radius = box.height / 2 if box.round else 6
    bent = radius * (1 - _QUARTER)
    points, codes = [], []
    for x, y, out_x, out_y in ((left, top, 1, 1), (right, top, -1, 1),
                               (right, bottom, -1, -1), (left, bottom, 1, -1)):  # fmt: skip
        upright = [(x, y + out_y * radius), (x, y + out_y * bent)]
        level = [(x + out_x * bent, y), (x + out_x * radius, y)]
        corner = upright + level if out_x == out_y else (upright + level)[::-1]
        points += corner
        codes += [Path.LINETO, *[Path.CURVE4] * 3]
    codes[0] = Path.MOVETO
    return Path([*points, points[0]], [*codes, Path.CLOSEPOLY])


def _add_label(axes: Any, label: Label, theme: Theme) -> None:
    size = SIZES[label.role]
    axes.text(
        label.x,
        label.y + 0.36 * size,
        visible(label.text),
        ha="center",
        va="baseline",
        fontsize=size,
        fontweight="bold" if label.role in BOLD else "normal",
        color=theme.colour(label.role),
        parse_math=False,  # a $ in a name is a $
        zorder=3,
    )
