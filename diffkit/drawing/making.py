"""`draw`: from any source to a Drawing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..core.program import Program
from ..errors import ArgumentError
from ..frontends import lower, lower_at
from .captions import described, with_lines, with_notes
from .collapse import stretches
from .graph import to_networkx
from .grouping import grouped
from .layout import layout as layout_of
from .products import chain_rule
from .result import Drawing
from .themes import theme as theme_of
from .views import VIEWS, Order
from .wording import ROLES, Wording

_DETAILED = 16  # nodes of a graph that still shows local derivatives by default
_SHOWN = {
    "forward": frozenset({"value", "name"}),
    "backward": frozenset({"gradient", "local", "product", "sum", "name"}),
    "both": frozenset(ROLES),
}
_DIRECTIONS = ("LR", "TB")
_MARKS = ("kink", "saturated")


def draw(
    source: Any,
    at: Mapping[str, Any] | Sequence[Any] | None = None,
    wrt: str | Sequence[str] | None = None,
    *,
    show: str = "both",
    view: str = "dag",
    theme: str = "default",
    layout: str = "layered",
    direction: str = "LR",
    labels: Iterable[str] | None = None,
    digits: int = 3,
    highlight: Iterable[str] = _MARKS,
    chain: str | Iterable[str] = (),
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
    view : str
        "dag", every variable once; "tree", every use drawn anew; "both" of them side by
        side, what is repeated in one colour; "mirror", the backward pass under the forward
        one; "backward", the adjoint Program itself; "network", units in layers.
    theme : "default", "cs231n", "mono" or "dark"
    layout : "layered" or "dot"
        The built-in one, or Graphviz for the places.
    direction : "LR" or "TB"
        Left to right or top to bottom.
    labels : iterable of str, optional
        Of "value", "gradient", "local" (derivative), "product" (upstream times local), "sum"
        (of what arrives at a fan-out) and "name". By default all of what `show` says;
        "local" and "product" only for at most 16 nodes.
    digits : int
        Significant digits of numbers.
    highlight : iterable of str
        Of "kink" (an operation where its derivative jumps) and "saturated" (one that lets
        less than a hundredth of the gradient through): a thick red outline.
    chain : str or iterable of str
        Variables whose chain rule is written under the picture as a product of local
        derivatives; factors that a line before it has computed already are lit.
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
        For an unknown theme, layout, view, direction, label or pass, with those that there
        are; for values that do not fit.
    MissingTool
        If layout="dot" finds no Graphviz.

    Examples
    --------
    >>> picture = draw("d = x*y; f = d + z", {"x": 2, "y": -5, "z": 3})
    >>> float(picture.graph.nodes["x"]["gradient"])
    -5.0
    >>> [moment.captions[0] for moment in picture.steps][-1]
    '∂f/∂x = ∂f/∂d · ∂d/∂x = 1.00 · (−5.00) = −5.00'
    """
    _one_of("pass to show", show, _SHOWN)
    _one_of("direction", direction, _DIRECTIONS)
    _one_of("view", view, VIEWS)
    look, place = theme_of(theme), layout_of(layout)
    marks = _several("highlight", highlight, _MARKS)
    _one_of("number of digits", digits, range(1, 18))
    if not isinstance(collapse, int) or collapse < 0:
        raise ArgumentError(f"collapse is a number of nodes, not {collapse!r}")
    program, values = _lowered(source, at)
    if view == "backward":
        program, values, show = _backward(program, values, wrt)
        wrt = ()
    graph = to_networkx(program, values, wrt)
    graph, notes = _small_enough(graph, program, collapse, expand)
    drawn = _drawn(graph, marks)
    wording = Wording(_roles(labels, show, len(drawn)), digits, program.outputs[0])
    scene = VIEWS[view](Order(program, values, drawn, place, wording, direction, show))
    names = [chain] if isinstance(chain, str) else list(chain)
    scene = with_lines(scene, chain_rule(drawn, program.outputs[0], names))
    title = f"Computational graph of {', '.join(program.outputs)}"
    scene = replace(scene, title=title, description=described(drawn, wording))
    notes = [*_missing(program, values, graph, show), *notes]
    scene = with_notes(scene, notes)
    return Drawing(program, values, graph, scene, look, direction, tuple(notes), digits, view)


def _lowered(source: Any, at: Any) -> tuple[Program, dict[str, Any] | None]:
    if at is None:
        return lower(source), None
    return lower_at(source, at)


def _backward(
    program: Program, values: dict[str, Any] | None, wrt: Any
) -> tuple[Program, dict[str, Any] | None, str]:
    """Return the adjoint Program and its values, if its inputs have them."""
    adjoint = program.adjoint(wrt)
    known = values is not None and set(adjoint.inputs) <= set(values)
    return adjoint, values if known else None, "forward"


def _drawn(graph: Any, marks: frozenset[str]) -> Any:
    """Return the graph without the constants that stand in circles, and only wanted marks."""
    drawn = graph.subgraph([n for n, node in graph.nodes(data=True) if not node["folded"]]).copy()
    for _, node in drawn.nodes(data=True):
        node.update({mark: node[mark] and mark in marks for mark in _MARKS})
    return drawn


def _roles(labels: Iterable[str] | None, show: str, nodes: int) -> frozenset[str]:
    """Return the kinds of labels."""
    if labels is not None:
        return _several("label", labels, ROLES)
    few = frozenset() if nodes <= _DETAILED else frozenset({"local", "product"})
    return _SHOWN[show] - few


def _several(what: str, values: Iterable[str], known: Iterable[str]) -> frozenset[str]:
    chosen = [values] if isinstance(values, str) else list(values)
    for value in chosen:
        _one_of(what, value, known)
    return frozenset(chosen)


def _one_of(what: str, value: Any, known: Iterable[Any]) -> None:
    if value not in list(known):
        raise ArgumentError(
            f"there is no {what} {value!r}; choose from {', '.join(map(str, known))}"
        )


def _small_enough(
    graph: Any, program: Program, collapse: int, expand: str | Iterable[str]
) -> tuple[Any, list[str]]:
    """Return the graph, collapsed if it is too large, and what is to be said about it."""
    expand = [expand] if isinstance(expand, str) else list(expand)
    if len(graph) <= collapse or expand == ["all"]:
        return graph, []
    found = stretches(program, expand)
    groups = [stretch for stretch in found if len(stretch.steps) > 1]
    if not groups:
        return graph, []
    hidden = sum(len(stretch.steps) for stretch in groups)
    scoped = [stretch for stretch in groups if stretch.path]
    boxes = f"{len(groups)} box{'es' if len(groups) > 1 else ''}"
    note = f"{hidden} of {len(program)} operations are inside {boxes}"
    example = f'"{"/".join(scoped[0].path)}" opens one' if scoped else '"all" opens them'
    return grouped(graph, program, found), [f"{note}; expand={example}"]


def _missing(program: Program, values: Any, graph: Any, show: str) -> list[str]:
    """Say why numbers are missing."""
    if values is None:
        names = ", ".join(program.inputs)
        return [f"no values: give {names} as at={{...}}"] if names else []
    gradients = [node["gradient"] for _, node in graph.nodes(data=True)]
    if show != "forward" and all(gradient is None for gradient in gradients):
        return ["no gradients: they need one output that is one real number"]
    return []
