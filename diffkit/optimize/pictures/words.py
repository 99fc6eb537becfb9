"""The user's names as pictures print them: nothing in them is a formula, markup or a control."""

from __future__ import annotations

import html
import re
from typing import Any

from ...sinks import visible

# No font of matplotlib's has a picture of these.
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def plain(text: Any) -> str:
    """Return a text for matplotlib, where a dollar begins a formula."""
    return _printable(text).replace("$", r"\$")


def escaped(text: Any) -> str:
    """Return a text for SVG and HTML."""
    return html.escape(_printable(text))


def _printable(text: Any) -> str:
    return visible(_CONTROLS.sub("\ufffd", str(text)))
