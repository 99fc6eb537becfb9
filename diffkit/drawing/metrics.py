"""How wide a text is, without asking any system for fonts.

Advance widths of DejaVu Sans in thousandths of the font size, rounded up to classes.
Verdana is as wide; Arial and Helvetica are narrower, so that labels still fit.
"""

from __future__ import annotations

import unicodedata

_CLASSES = {
    300: "'\"IJijl",
    340: " ,.·/:;\\|-f",
    420: "!²³⁰¹⁴()[]rtᵀ",
    500: "*_`‖",
    540: "?sz∂⁻ck",
    610: "FLPTYaeovxy",
    650: "$0123456789{}EΣKSbdgpqhnuσ√",
    720: "AVBCRXZU",
    780: "DGHN",
    850: "&OQw#+<=>^~−×÷≥≤≠←∞M",
    1000: "@W%m",
}
_WIDTH = {character: width for width, characters in _CLASSES.items() for character in characters}
_BOLD = 1.12
LINE = 1.25  # height of a line over the font size


def text_width(text: str, size: float, bold: bool = False) -> float:
    """Return an upper estimate of the width of a text in the units of its size.

    >>> round(text_width("−10.0", 16), 1)
    50.2
    """
    total = sum([_WIDTH.get(c) or _unlisted(c) for c in text])
    return total / 1000 * size * (_BOLD if bold else 1.0)


def _unlisted(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 1050 if unicodedata.east_asian_width(character) in "WF" else 850
