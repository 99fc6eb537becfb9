"""Drawing to PNG."""

from __future__ import annotations

import io
from typing import Any

from .figure import SETTINGS, figure

DPI = 160  # a label of 16 units is 36 pixels high: sharp on a projector
_LARGEST = 2**15  # pixels a side; what lies beyond few programs open


def write(drawing: Any, step: int | None) -> bytes:
    """Return the file's content."""
    from matplotlib import rc_context

    scene, target = drawing.scene_at(step), io.BytesIO()
    dpi = min(DPI, 72 * _LARGEST / max(scene.width, scene.height))
    with rc_context(SETTINGS):
        made = figure(scene, drawing.theme)
        made.savefig(target, format="png", dpi=dpi, facecolor=made.get_facecolor())
    return target.getvalue()
