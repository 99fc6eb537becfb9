"""Colours, weights and sizes: what a role looks like, in each theme.

The default colours are Okabe & Ito's blue and a darkened vermillion, told apart with any
kind of colour vision and with a contrast above 5 to 1 on white (5.19 and 5.42). Values
are regular above the wire, gradients bold below it, so that colour is never alone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from ..errors import ArgumentError

# Font sizes in the units of the picture; labels of values and gradients lead.
SIZES = {
    "value": 16, "gradient": 16, "symbol": 16, "name": 15, "local": 13, "product": 13,
    "sum": 13, "caption": 17, "factor": 17, "reused": 17, "note": 13, "heading": 17,
}  # fmt: skip
BOLD = frozenset({"gradient", "sum", "reused", "heading"})
FONT = "DejaVu Sans, Verdana, Arial, Helvetica, sans-serif"


@dataclass(frozen=True)
class Theme:
    """Colours by role.

    Attributes
    ----------
    copies : tuple of str
        Fills for what is the same variable drawn several times.
    """

    name: str
    background: str
    ink: str
    wire: str
    value: str
    gradient: str
    faint: str
    input: str
    operation: str
    output: str
    group: str
    lit: str
    alarm: str
    copies: tuple[str, ...]

    def colour(self, role: str) -> str:
        """Return the colour of the text of a role."""
        if role in ("value",):
            return self.value
        if role in ("gradient", "sum", "product", "reused"):
            return self.gradient
        return self.faint if role in ("local", "note") else self.ink

    def fill(self, box: Any) -> str:
        """Return the colour inside a box."""
        if "lit" in box.marks:
            return self.lit
        if box.copy is not None:
            return self.copies[box.copy % len(self.copies)]
        return {"input": self.input, "constant": self.background, "output": self.output,
                "group": self.group}.get(box.kind, self.operation)  # fmt: skip

    def line(self, wire: Any) -> tuple[str, float]:
        """Return colour and width of a wire."""
        return (self.ink, 2.6) if "lit" in wire.marks else (self.wire, 1.6)

    def outline(self, box: Any) -> tuple[str, float]:
        """Return colour and width of the line around a box."""
        if box.marks & {"kink", "saturated"}:
            return self.alarm, 3.0
        return (self.faint, 1.0) if box.kind == "constant" else (self.ink, 1.6)


_DEFAULT = Theme(
    name="default", background="#FFFFFF", ink="#1A1A1A", wire="#555555", value="#0072B2",
    gradient="#B24A00", faint="#5A5A5A", input="#F2F2F2", operation="#FFFFFF",
    output="#F2F2F2", group="#E3EEF6", lit="#FFF3B0", alarm="#CC3366",
    copies=("#CDE7F5", "#FBE3B5", "#CFEBDD", "#F3D5E5", "#FFF7B8", "#E0DAF0"),
)  # fmt: skip
_MONO = replace(
    _DEFAULT, name="mono", ink="#000000", wire="#000000", value="#000000", gradient="#000000",
    faint="#444444", input="#EEEEEE", output="#EEEEEE", group="#DDDDDD", lit="#D0D0D0",
    alarm="#000000", copies=("#D9D9D9", "#BFBFBF", "#E8E8E8", "#CCCCCC", "#F2F2F2", "#B3B3B3"),
)  # fmt: skip
_DARK = Theme(
    name="dark", background="#14181D", ink="#F0F0F0", wire="#9AA4AE", value="#56B4E9",
    gradient="#E69F00", faint="#B4BCC4", input="#26303A", operation="#1C232B",
    output="#26303A", group="#1F3A4D", lit="#4A4318", alarm="#FF7AA8",
    copies=("#1F4A63", "#5B4514", "#1E4D3A", "#5A2F48", "#55501A", "#3B3460"),
)  # fmt: skip

THEMES = {
    "default": _DEFAULT,
    "cs231n": replace(_DEFAULT, name="cs231n", value="#00802B", gradient="#D00000"),
    "mono": _MONO,
    "dark": _DARK,
}


def theme(name: str) -> Theme:
    """Return a theme by name.

    Raises
    ------
    ArgumentError
        If there is none of this name; the known ones are listed.
    """
    if name not in THEMES:
        raise ArgumentError(f"there is no theme {name!r}; the themes are {', '.join(THEMES)}")
    return THEMES[name]
