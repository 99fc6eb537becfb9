"""Drawing to PDF: vectors, embedded fonts, text that can be selected; one page a step."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from ..scene import Scene
from .figure import SETTINGS, figure


def write(drawing: Any, step: int | None) -> bytes:
    """Return the file's content."""
    return _pages([drawing.scene_at(step)], drawing)


def write_steps(drawing: Any) -> bytes:
    """Return one file with a page for each step."""
    return _pages([drawing.scene_at(step) for step in range(len(drawing.steps))], drawing)


def _pages(scenes: Sequence[Scene], drawing: Any) -> bytes:
    from matplotlib import rc_context
    from matplotlib.backends.backend_pdf import PdfPages

    target = io.BytesIO()
    about = {"Title": drawing.scene.title, "CreationDate": None}
    with rc_context(SETTINGS), PdfPages(target, metadata=about) as pages:
        for scene in scenes:
            page = figure(scene, drawing.theme)
            pages.savefig(page, facecolor=page.get_facecolor())
    return target.getvalue()
