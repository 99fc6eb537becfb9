"""The page of the player: picture, formulas, listing and sliders in one file.

The page runs one script, whose hash stands in its Content-Security-Policy, and may load
nothing from anywhere. Without scripts it shows the whole picture and the listing.
"""

from __future__ import annotations

import html
import json
from importlib.resources import files
from math import ceil, log10
from typing import Any

from ...sinks import sealed, visible
from ..scene import Moment, Scene
from ..themes import THEMES, Theme
from ..writers.svg import svg_text
from .formulas import Formulas
from .javascript import Script, numbering, script
from .slots import Slots

_COLOURS = ("background", "ink", "wire", "value", "gradient", "faint", "input", "operation",
            "output", "lit")  # fmt: skip
_PHASES = {"start": "the inputs", "forward": "forward", "seed": "the seed", "backward": "backward"}
_SMALLEST = 0.5  # a picture wider than the window shrinks to this, then it scrolls
_TICKS = 200  # of a slider to either side of its first value


class Page(str):
    """The text of a page; Jupyter shows it in a frame of its own."""

    def _repr_html_(self) -> str:
        """Return a frame that may run the page's script and nothing else."""
        return (
            f'<iframe sandbox="allow-scripts" srcdoc="{html.escape(self, quote=True)}" '
            'width="100%" height="760" style="border: 0"></iframe>'
        )


def page(drawing: Any, step: int | None = None) -> Page:
    """Return a drawing as one HTML page that can be played.

    Parameters
    ----------
    drawing : Drawing
    step : int, optional
        The step to begin with, if the address does not say another.

    Returns
    -------
    Page, a str

    Examples
    --------
    >>> import diffkit as dk
    >>> text = page(dk.draw("x*y + z", {"x": 2, "y": -5, "z": 3}))
    >>> text.count("<script>"), "http:" in text.replace("http://www.w3.org/2000/svg", "")
    (1, False)
    """
    scene, code = drawing.scene.final(), _script(drawing)
    program, policy = sealed(_program(drawing, scene, code))
    title = html.escape(visible(scene.title))
    begin = "" if step is None else f' data-begin="{drawing.numbered(step)}"'
    return Page(
        "\n".join(
            [
                "<!DOCTYPE html>",
                '<html lang="en">',
                "<head>",
                '<meta charset="utf-8">',
                f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
                '<meta name="viewport" content="width=device-width, initial-scale=1">',
                f"<title>{title}</title>",
                f"<style>{_style(drawing.theme)}</style>",
                "</head>",
                f"<body{begin}>",
                f"<h1>{title}</h1>",
                *[f"<p>{html.escape(visible(note))}</p>" for note in drawing.notes],
                f'<div id="graph" style="--least: {scene.width * _SMALLEST:.0f}px">'
                f"{svg_text(scene, drawing.theme)}</div>",
                _CONTROLS,
                f'<div id="formulas" aria-live="polite">{_formulas(drawing)}</div>',
                f'<div id="below"><div id="listing">{_listing(drawing)}</div>',
                f"{_sliders(drawing, code)}</div>",
                f"<script>{program}</script>",
                "</body>",
                "</html>",
                "",
            ]
        )
    )


_CONTROLS = """<div id="controls">
<button id="first" type="button" aria-label="First step">|◀</button>
<button id="back" type="button" aria-label="Step back">◀</button>
<span id="position"></span>
<button id="next" type="button" aria-label="Next step">▶</button>
<button id="last" type="button" aria-label="Last step">▶|</button>
</div>"""


# -- script and style -----------------------------------------------------------------


def _script(drawing: Any) -> Script:
    """Return the Program as JavaScript, or why the sliders are missing."""
    if drawing.at is None:
        return Script(reason="no values were given")
    if any(node["kind"] == "group" for _, node in drawing.graph.nodes(data=True)):
        return Script(reason="parts of the graph are collapsed")
    if drawing.view != "dag":
        return Script(reason=f'the numbers of the view "{drawing.view}" do not move')
    return script(drawing.program)


def _program(drawing: Any, scene: Scene, code: Script) -> str:
    """Return the one script of the page."""
    data = json.dumps(_data(drawing, scene, code), ensure_ascii=True, separators=(",", ":"))
    player = (files(__package__) / "player.js").read_text(encoding="utf-8")
    return (
        f"const DATA = {data};\n"
        f"function replay(v) {{\n{code.replay}\n}}\n"
        f"function factors(v) {{ return {code.factors}; }}\n{player}"
    )


def _data(drawing: Any, scene: Scene, code: Script) -> dict[str, Any]:
    slots, program = Slots(drawing), drawing.program
    number = numbering(program)
    rows = {name: i for i, name in enumerate(_variables(drawing.graph))}
    labels = [label for label in scene.labels if label.text]
    still = {"boxes": [], "wires": [], "line": -1}  # a view without steps
    return {
        "digits": drawing.digits,
        "output": number[program.outputs[0]],
        "wrt": [
            number[n] for n in program.inputs if drawing.graph.nodes[n]["gradient"] is not None
        ],
        "uses": [] if code.reason else _uses(drawing, number),
        "labels": [
            {
                "when": label.when if drawing.steps else 0,
                "dot": label.role in ("value", "gradient"),
                "parts": None if code.reason else slots.template(label),
            }
            for label in labels
        ],
        "moments": [_lights(moment, scene, rows) for moment in drawing.steps] or [still],
    }


def _uses(drawing: Any, number: dict[str, int]) -> list:
    """Return [step, [[operand number, operand], ...]] of what has a gradient, last step first."""
    found = []
    for step in reversed(drawing.program.steps):
        edges = drawing.graph.in_edges(step.name, data=True) if step.name in drawing.graph else ()
        uses = [
            [k, number[source]]
            for source, _, edge in edges
            for k, gradient in zip(edge["operands"], edge["gradients"], strict=True)
            if gradient is not None
        ]
        if uses:
            found.append([number[step.name], uses])
    return found


def _lights(moment: Moment, scene: Scene, rows: dict[str, int]) -> dict[str, Any]:
    return {
        "boxes": [i for i, box in enumerate(scene.boxes) if moment.lights(box)],
        "wires": [i for i, wire in enumerate(scene.wires) if moment.lights(wire)],
        "line": rows.get(moment.of, -1),
    }


def _style(theme: Theme) -> str:
    """Return the style sheet; the default theme turns dark where the reader's system is."""
    style = f":root {{ {_variables_of(theme)} }}\n"
    style += (files(__package__) / "player.css").read_text(encoding="utf-8")
    if theme.name == "default":
        dark = THEMES["dark"]
        style += f"@media screen and (prefers-color-scheme: dark) {{\n{_darkened(theme, dark)}}}\n"
    return style


def _variables_of(theme: Theme) -> str:
    return " ".join([f"--{name}: {getattr(theme, name)};" for name in _COLOURS])


def _darkened(light: Theme, dark: Theme) -> str:
    """Return rules that replace each colour of one theme in the picture by the other's."""
    rules = [f":root {{ {_variables_of(dark)} }}"]
    for name in (*_COLOURS, "alarm", "group"):
        old, new = getattr(light, name), getattr(dark, name)
        rules += [f'#graph [{where}="{old}"] {{ {where}: {new}; }}' for where in ("fill", "stroke")]
    rules.append("#graph rect.lit { fill: var(--lit); }")
    rules.append("#graph g.lit path { stroke: var(--ink); }")
    rules.append("#graph g.lit polygon { fill: var(--ink); }")
    return "\n".join(rules) + "\n"


# -- formulas, listing, sliders -------------------------------------------------------------


def _formulas(drawing: Any) -> str:
    formulas, parts = Formulas(drawing), []
    for i, moment in enumerate(drawing.steps):
        of = f": {visible(moment.of)}" if moment.of else ""
        heading = html.escape(f"Step {i}, {_PHASES[moment.phase]}{of}")
        body = "".join(formulas.of(moment))
        parts.append(f'<div data-step="{i}" hidden><p>{heading}</p>{body}</div>')
    return "\n".join(parts)


def _variables(graph: Any) -> list[str]:
    return [n for n, node in graph.nodes(data=True) if node["kind"] not in ("constant", "output")]


def _listing(drawing: Any) -> str:
    """Return the table of steps; a cell shows a dot until the step in `data-when`."""
    slots, when = Slots(drawing), {(m.phase, m.of): i for i, m in enumerate(drawing.steps)}
    rows = []
    for name in _variables(drawing.graph):
        node = drawing.graph.nodes[name]
        code = html.escape(visible(f"{name} = {node['expression'] or node['symbol']}"))
        if node["kind"] == "input":
            code = html.escape(visible(name))
        known = slots.knows(name)
        value = slots.written(slots.value(name) if known else "", node["value"])
        gradient = slots.written(slots.gradient(name) if known else "", node["gradient"])
        complete = _complete(drawing.graph, name, when)
        rows.append(
            f'<tr><td class="code">{code}</td>'
            f'<td class="value" data-when="{when.get(("forward", name), 0)}">{value}</td>'
            f'<td class="gradient" data-when="{complete}">{gradient}</td></tr>'
        )
    head = "<thead><tr><th>step</th><th>value</th><th>gradient</th></tr></thead>"
    return f"<table>{head}<tbody>{''.join(rows)}</tbody></table>"


def _complete(graph: Any, name: str, when: dict[tuple[str, str], int]) -> int:
    """Return the step at which all uses of a variable have handed back their part."""
    uses = [when.get(("backward", target), 0) for target in graph.successors(name)]
    return max([*uses, when.get(("seed", name), 0)])


def _sliders(drawing: Any, code: Script) -> str:
    if code.reason:
        return f'<p id="note">No sliders: {html.escape(code.reason)}.</p>'
    slots, parts = Slots(drawing), []
    for name in drawing.program.inputs:
        value, text = float(drawing.at[name]), html.escape(visible(name))
        tick = _tick(value)
        low, high = value - _TICKS * tick, value + _TICKS * tick
        shown = slots.written(slots.value(name), drawing.at[name], "output")
        parts.append(
            f'<label><span>{text}</span><input type="range" min="{low!r}" max="{high!r}" '
            f'step="{tick!r}" value="{value!r}" autocomplete="off">{shown}</label>'
        )
    reset = '<button id="reset" type="button">Reset</button>'
    return f'<div id="sliders">{"".join(parts)}{reset}</div>'


def _tick(value: float) -> float:
    """Return the step of a slider: a power of ten, 200 of which reach beyond the value."""
    return 10.0 ** (ceil(log10(max(abs(value), 1.0))) - 2) if abs(value) < 1e300 else abs(value)
