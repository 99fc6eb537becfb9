"""The views of a graph: which picture is composed of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from ..core.program import Program
from .captions import beside
from .compose import compose
from .layout.plan import Gaps, Graph, Placement
from .mirror import mirrored, named_for_both
from .network import network
from .scene import Scene
from .tree import as_tree, coloured, tree_size
from .wording import Wording

_TREE_ROLES = frozenset({"value", "name"})


@dataclass(frozen=True)
class Order:
    """All that a view needs: the graph that is drawn, and how."""

    program: Program
    values: dict[str, Any] | None
    graph: Any
    place: Callable[[Graph, Gaps], Placement]
    wording: Wording
    direction: str
    show: str

    def composed(self, graph: Any, roles: frozenset[str] | None = None) -> Scene:
        """Return the picture of a graph, with other labels if wanted."""
        wording = self.wording if roles is None else replace(self.wording, roles=roles)
        return compose(graph, self.place, wording, self.direction, self.show)


def dag(order: Order) -> Scene:
    """Every variable once, as it is computed."""
    return order.composed(order.graph)


def tree(order: Order) -> Scene:
    """Every use of a variable drawn anew, copies in one colour."""
    roles = order.wording.roles & _TREE_ROLES
    return replace(order.composed(as_tree(order.graph, order.wording.output), roles), moments=())


def both(order: Order) -> Scene:
    """Tree and DAG side by side; what the tree repeats has the same colour in both."""
    output, roles = order.wording.output, order.wording.roles & _TREE_ROLES
    shared = order.composed(coloured(order.graph, output), roles)
    sizes = tree_size(order.graph, f"{output} (output)"), len(order.graph)
    headings = f"as a tree: {sizes[0]} nodes", f"shared: {sizes[1]} nodes"
    return beside(tree(order), shared, headings)


def mirror(order: Order) -> Scene:
    """The forward pass, and under it the backward pass as its mirror image."""
    graph = named_for_both(order.graph)
    return mirrored(order.composed(graph), graph, order.direction)


def layers(order: Order) -> Scene:
    """Units in layers."""
    values = {name: node["value"] for name, node in order.graph.nodes(data=True)}
    return network(order.program, values)


VIEWS: dict[str, Callable[[Order], Scene]] = {
    "dag": dag,
    "tree": tree,
    "both": both,
    "mirror": mirror,
    "network": layers,
    "backward": dag,  # of the adjoint Program
}
