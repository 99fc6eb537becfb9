"""The chain rule written out: a product of local derivatives for each input.

Factors that an earlier line has computed already stand out: that they need not be
computed again is what backpropagation is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice, pairwise
from typing import Any

from ..errors import ArgumentError
from .wording import Line, derivative

_PATHS = 3  # ways from an input to the output that are written out


def chain_rule(graph: Any, output: str, inputs: Iterable[str]) -> list[list[Line]]:
    """Return one line an input: pieces of text with the roles "factor" and "reused".

    Raises
    ------
    ArgumentError
        If an input is not in the graph, or the output does not depend on it.
    """
    seen: set[tuple[str, str]] = set()
    return [_line(graph, output, name, seen) for name in inputs]


def _line(graph: Any, output: str, name: str, seen: set[tuple[str, str]]) -> list[Line]:
    paths = _paths(graph, output, name)
    pieces = [Line("caption", f"{derivative(output, name)} = ")]
    used: set[tuple[str, str]] = set()
    for number, path in enumerate(paths[:_PATHS]):
        pieces += [Line("caption", " + ")] if number else []
        pieces += _product(path, seen)
        used |= set(pairwise(path))
    if len(paths) > _PATHS:
        pieces.append(Line("caption", " + …"))
    seen |= used
    return pieces


def _product(path: Sequence[str], seen: set[tuple[str, str]]) -> list[Line]:
    """Return the factors from the output down to the input."""
    pieces: list[Line] = []
    for pair in reversed(list(pairwise(path))):
        pieces += [Line("caption", " · ")] if pieces else []
        pieces.append(Line("reused" if pair in seen else "factor", derivative(pair[1], pair[0])))
    return pieces


def _paths(graph: Any, output: str, name: str) -> list[list[str]]:
    import networkx

    if name not in graph:
        raise ArgumentError(f"there is no variable {name!r} in this picture to write the chain of")
    paths = list(islice(networkx.all_simple_paths(graph, name, output), _PATHS + 1))
    if not paths:
        raise ArgumentError(f"{output} does not depend on {name}")
    return paths
