"""`draw`: from any source to a Drawing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..core.program import Program
from ..errors import ArgumentError
from ..frontends import lower, lower_at
from .captions import described, with_notes
from .collapse import stretches
from .compose import compose
from .graph import to_networkx
from .grouping import grouped
from .layout import layout as layout_of
from .result import Drawing
from .themes import theme as theme_of
from .wording import ROLES, Wording

_DETAILED = 12  # steps of a graph that still shows local derivatives by default
_SHOWN = {
    "forward": frozenset({"value", "name"}),
    "backward": frozenset({"gradient", "local", "product", "sum", "name"}),
    "both": frozenset(ROLES),
}
_DIRECTIONS = ("LR", "TB")


def draw(
    source: Any,
    at: Mapping[str, Any] | Sequence[Any] | None = None,
    wrt: str | Sequence[str] | None = None,
    *,
    show: str = "both",
    theme: str = "default",
    layout: str = "layered",
    direction: str = "LR",
    labels: Iterable[str] | None = None,
    digits: int = 3,
    collapse: int = 150,
    expand: str | Iterable[str] = (),
) -> Drawing:
    """Draw the computational graph of a source, values forward and gradients backward.

    Parameters
    ----------
    source : str, SymPy expression, Program, or callable
    at : mapping, name -> value, or sequence of positional arguments, optional
        Without it, what would be a number is a dot.
    wrt : str or sequence of str, optional
        Inputs to differentiate by; all by default.
    show : "both", "forward" or "backward"
        Which pass.
    theme : "default", "cs231n", "mono" or "dark"
    layout : "layered" or "dot"
        The built-in one, or Graphviz for the places.
    direction : "LR" or "TB"
        Left to right or top to bottom.
    labels : iterable of str, optional
        Of "value", "gradient", "local", "product", "sum", "name". By default all of what
        `show` says; the formulas "local" and "product" only for at most 12 steps.
    digits : int
        Significant digits of numbers.
    collapse : int
        Above so many nodes, scopes and functions (see `diffkit.scope`), repeats and at last
        neighbouring steps become one box each, at most 60 in all. The notes and the picture
        say what is hidden.
    expand : str or iterable of str
        Scopes that are opened all the same, such as "block_3/conv"; "all" for everything.

    Returns
    -------
    Drawing

    Raises
    ------
    ArgumentError
        For an unknown theme, layout, direction, label or pass, with those that there are;
        for values that do not fit.

    Examples
    --------
    >>> picture = draw("d = x*y; f = d + z", {"x": 2, "y": -5, "z": 3})
    >>> float(picture.graph.nodes["x"]["gradient"])
    -5.0
    >>> [moment.captions[0] for moment in picture.steps][-1]
    '∂f/∂x = ∂f/∂d · ∂d/∂x = 1.00 · (−5.00) = −5.00'
    """
    program, values = _lowered(source, at)
    _one_of("pass to show", show, _SHOWN)
    _one_of("direction", direction, _DIRECTIONS)
    look, place = theme_of(theme), layout_of(layout)
    graph = to_networkx(program, values, wrt)
    graph, notes = _small_enough(graph, program, collapse, expand)
    drawn = graph.subgraph([n for n, node in graph.nodes(data=True) if not node["folded"]]).copy()
    wording = Wording(_roles(labels, show, len(drawn)), digits, program.outputs[0])
    scene = compose(drawn, place, wording, direction, show)
    notes = [*_missing(program, values, graph, show), *notes]
    scene = with_notes(_titled(scene, program, drawn), notes)
    return Drawing(program, values, graph, scene, look, direction, tuple(notes))


def _small_enough(
    graph: Any, program: Program, collapse: int, expand: str | Iterable[str]
) -> tuple[Any, list[str]]:
    """Return the graph, collapsed if it is too large, and what is to be said about it."""
    expand = [expand] if isinstance(expand, str) else list(expand)
    if len(graph) <= collapse or expand == ["all"]:
        return graph, []
    found = stretches(program, expand)
    small = grouped(graph, program, found)
    groups = [stretch for stretch in found if len(stretch.steps) > 1]
    hidden = sum(len(stretch.steps) for stretch in groups)
    scoped = [stretch for stretch in groups if stretch.path]
    example = f'"{"/".join(scoped[0].path)}"' if scoped else '"all"'
    boxes = f"{len(groups)} box{'es' if len(groups) > 1 else ''}"
    note = f"{hidden} of {len(program)} operations are inside {boxes}"
    return small, [f"{note}; expand={example} opens {'one' if scoped else 'them'}"]


def _missing(program: Program, values: Any, graph: Any, show: str) -> list[str]:
    """Say why numbers are missing."""
    if values is None:
        return (
            [f"no values: give {', '.join(program.inputs)} as at={{...}}"] if program.inputs else []
        )
    gradients = [node["gradient"] for _, node in graph.nodes(data=True)]
    if show != "forward" and all(gradient is None for gradient in gradients):
        return ["no gradients: they need one output that is one real number"]
    return []


def _lowered(source: Any, at: Any) -> tuple[Program, dict[str, Any] | None]:
    if at is None:
        return lower(source), None
    return lower_at(source, at)


def _roles(labels: Iterable[str] | None, show: str, steps: int) -> frozenset[str]:
    """Return the kinds of labels."""
    if labels is None:
        few = frozenset() if steps <= _DETAILED else frozenset({"local", "product"})
        return _SHOWN[show] - few
    chosen = [labels] if isinstance(labels, str) else list(labels)
    for role in chosen:
        _one_of("label", role, ROLES)
    return frozenset(chosen)


def _one_of(what: str, value: Any, known: Iterable[str]) -> None:
    if value not in known:
        raise ArgumentError(f"there is no {what} {value!r}; choose from {', '.join(known)}")


def _titled(scene: Any, program: Program, graph: Any) -> Any:
    from dataclasses import replace

    title = f"Computational graph of {', '.join(program.outputs)}"
    return replace(scene, title=title, description=described(graph, scene))
