"""Layouts: where nodes, labels and wires stand, in numbers only.

A layout is a function (Graph, Gaps) -> Placement; see `plan`.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from ...errors import ArgumentError

LAYOUTS = {"layered": "layered", "dot": "dot"}


def layout(name: str) -> Callable:
    """Return a layout by name.

    Raises
    ------
    ArgumentError
        If there is none of this name; the known ones are listed.
    """
    if name not in LAYOUTS:
        raise ArgumentError(f"there is no layout {name!r}; the layouts are {', '.join(LAYOUTS)}")
    return getattr(import_module(f"{__name__}.{LAYOUTS[name]}"), name)
