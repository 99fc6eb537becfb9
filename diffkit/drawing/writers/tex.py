r"""Drawing to TikZ: a file that compiles by itself and can be \input as it is.

With all steps it is a Beamer frame whose overlays are the steps: every label appears
with \only, and a bounding box keeps the picture in its place.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Any

from ...sinks import visible
from ..scene import Box, Label, Scene, Wire
from ..text import UNKNOWN
from ..themes import BOLD, SIZES, Theme

_SPECIAL = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#",
    "_": r"\_", "%": r"\%", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}",
    "<": "$<$", ">": "$>$", "|": "$|$", '"': "''",
    "−": "$-$", "×": r"$\times$", "÷": r"$\div$", "·": r"$\cdot$", "√": r"$\surd$",
    "∂": r"$\partial$", "‖": r"$\|$", "≥": r"$\ge$", "≤": r"$\le$", "≠": r"$\ne$",
    "∧": r"$\wedge$", "∨": r"$\vee$", "…": r"\ldots{}", "ᵀ": "$^{T}$", "⁻": "$^{-}$",
    "‘": "`", "’": "'", "–": "--", "∞": r"$\infty$", "Σ": r"$\Sigma$", "Π": r"$\Pi$",
}  # fmt: skip
_SPECIAL |= {character: f"$^{digit}$" for digit, character in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")}

# Compiled by itself, the file opens a document and reads itself once more inside of it.
_HEAD = r"""% Compile this file, or \input it in a document that loads tikz.
\expandafter\ifx\csname @nodocument\endcsname\relax\else
"""
_ALONE = r"""  \documentclass{article}
  \usepackage{fix-cm,tikz}
  \usepackage[paperwidth=WIDTHbp,paperheight=HEIGHTbp,margin=0bp]{geometry}
  \pagestyle{empty}\setlength{\parindent}{0pt}\setlength{\topskip}{0pt}
  \begin{document}
  \input{\jobname}
  \end{document}
\fi
"""
_BEAMER = r"""  \documentclass[aspectratio=169]{beamer}
  \usepackage{tikz}
  \setbeamertemplate{navigation symbols}{}
  \begin{document}
  \begin{frame}
    \centering
    \input{\jobname}
  \end{frame}
  \end{document}
\fi
"""
_SLIDE = (400.0, 215.0)  # bp that a Beamer slide of 16:9 leaves for a picture


def write(drawing: Any, step: int | None) -> bytes:
    """Return the file's content."""
    scene = drawing.scene_at(step)
    document = _ALONE.replace("WIDTH", _n(scene.width)).replace("HEIGHT", _n(scene.height))
    body = _plain(scene, drawing.theme)
    return (_HEAD + document + _picture(scene, drawing.theme, body)).encode()


def write_steps(drawing: Any) -> bytes:
    """Return a Beamer frame with one overlay a step."""
    scene = drawing.scene_with_captions
    scale = min(1.0, _SLIDE[0] / scene.width, _SLIDE[1] / scene.height)
    body = _overlays(scene, drawing.theme)
    picture = _picture(scene, drawing.theme, body)
    return f"{_HEAD}{_BEAMER}\\scalebox{{{scale:.4f}}}{{{picture}}}%\n".encode()


def escape(text: str) -> str:
    r"""Write any text so that TeX shows it and does nothing else with it.

    >>> escape(r"x}\input{/etc/passwd}"), escape("∂L/∂θ_1")
    ('x\\}\\textbackslash{}input\\{/etc/passwd\\}', '$\\partial$L/$\\partial$$\\theta$\\_1')
    """
    return "".join([_SPECIAL.get(c) or _other(c) for c in visible(text)])


def _other(character: str) -> str:
    if ord(character) < 128:
        return character
    name = unicodedata.name(character, "")
    kind, _, letter = name.partition(" LETTER ")
    if kind in ("GREEK SMALL", "GREEK CAPITAL") and letter in _GREEK:
        return f"$\\{_GREEK[letter] if kind == 'GREEK SMALL' else _capital(letter)}$"
    base = unicodedata.normalize("NFKD", character)[0]
    return base if ord(base) < 128 and base.isalnum() else f"[U+{ord(character):04X}]"


_GREEK = {
    name.upper(): name
    for name in "alpha beta gamma delta epsilon zeta eta theta iota kappa mu nu xi pi rho sigma "
    "tau upsilon phi chi psi omega".split()
} | {"LAMDA": "lambda"}
_CAPITALS = frozenset("Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega".split())


def _capital(letter: str) -> str:
    """Capital Greek letters that look Latin have no command of their own."""
    name = _GREEK[letter].capitalize()
    return name if name in _CAPITALS else f"mathrm{{{name[0]}}}"


# -- the picture -----------------------------------------------------------------------


def _picture(scene: Scene, theme: Theme, body: Sequence[str]) -> str:
    whole = f"(0,0) rectangle ({_n(scene.width)},{_n(scene.height)})"
    lines = [
        r"\begin{tikzpicture}[x=1bp,y=-1bp,"
        r"every node/.style={inner sep=0pt,outer sep=0pt,font=\sffamily}]",
        f"\\useasboundingbox {whole};",
        f"\\fill[{_colour(theme.background)}] {whole};",
        *body,
        "\\end{tikzpicture}%",
        "",
    ]
    return "\n".join(lines)


def _plain(scene: Scene, theme: Theme) -> list[str]:
    return [
        *[_wire(wire, theme) for wire in scene.wires],
        *[_box(box, theme) for box in scene.boxes],
        *[_label(label, theme) for label in scene.labels if label.text],
    ]


def _overlays(scene: Scene, theme: Theme) -> list[str]:
    """Return all parts, each on the overlays that show it; overlay 1 is step 0."""
    lit = [scene.at(step) for step in range(len(scene.moments))]
    lines = [_wire(wire, theme) for wire in scene.wires]
    for i, box in enumerate(scene.boxes):
        lines.append(_box(box, theme))
        on = [f"{n + 1}" for n, frame in enumerate(lit) if "lit" in frame.boxes[i].marks]
        if on:
            lines.append(f"\\only<{','.join(on)}>{{{_box(lit[int(on[0]) - 1].boxes[i], theme)}}}")
    for label in scene.labels:
        lines += _label_overlays(label, theme)
    return lines


def _label_overlays(label: Label, theme: Theme) -> list[str]:
    drawn = _label(label, theme)
    if label.until is not None:
        return [f"\\only<{label.when + 1}-{label.until + 1}>{{{drawn}}}"]
    if not label.when:
        return [drawn]
    lines = [f"\\only<{label.when + 1}->{{{drawn}}}"]
    if label.role in ("value", "gradient"):
        lines.append(f"\\only<-{label.when}>{{{_label(label, theme, UNKNOWN)}}}")
    return lines


def _n(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _point(point: tuple[float, float]) -> str:
    return f"({_n(point[0])},{_n(point[1])})"


def _colour(hexadecimal: str, key: str = "fill") -> str:
    """Return a colour as TikZ reads it without any definition before."""
    red, green, blue = [int(hexadecimal[i : i + 2], 16) for i in (1, 3, 5)]
    return f"{key}={{rgb,255:red,{red};green,{green};blue,{blue}}}"


def _wire(wire: Wire, theme: Theme) -> str:
    colour, width = theme.line(wire)
    path = ""
    for kind, *points in wire.path:
        at = [_point(point) for point in points]
        path += {"M": "{0}", "L": " -- {0}", "C": " .. controls {0} and {1} .. {2}"}[kind].format(
            *at
        )
    dash = ",dash pattern=on 5bp off 4bp" if wire.dashed else ""
    drawn = f"\\draw[{_colour(colour, 'draw')},line width={width}bp{dash}] {path};"
    if wire.head:
        drawn += f" \\fill[{_colour(colour)}] {' -- '.join(map(_point, wire.head))} -- cycle;"
    return drawn


def _box(box: Box, theme: Theme) -> str:
    left, top, right, bottom = box.rectangle
    colour, width = theme.outline(box)
    radius = box.height / 2 - 0.01 if box.round else 6
    corners = f"{_point((left, top))} rectangle {_point((right, bottom))}"
    return (
        f"\\draw[{_colour(theme.fill(box))},{_colour(colour, 'draw')},line width={width}bp,"
        f"rounded corners={_n(radius)}bp] {corners};"
    )


def _label(label: Label, theme: Theme, text: str | None = None) -> str:
    size = SIZES[label.role]
    bold = "\\bfseries " if label.role in BOLD else ""
    at = _point((label.x, label.y + 0.36 * size))
    return (
        f"\\node[anchor=base,{_colour(theme.colour(label.role), 'text')}] at {at} "
        f"{{\\fontsize{{{size}}}{{{size}}}\\selectfont {bold}{escape(text or label.text)}}};"
    )
