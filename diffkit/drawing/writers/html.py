"""Drawing to HTML: the lecture player, see `diffkit.drawing.player`."""

from __future__ import annotations

from typing import Any

from ..player import page


def write(drawing: Any, step: int | None) -> bytes:
    """Return the file's content: a page with all steps that begins at `step`."""
    return page(drawing, step).encode()
