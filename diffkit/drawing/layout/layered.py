"""The built-in layout: nodes in columns, and between them columns for the labels of wires.

A wire passes through every column between its ends in a place of its own, straight, and
turns only in the gaps, where nothing else is. The last column before its target holds
its labels. So labels cannot meet one another, nodes, or other wires.
"""

from __future__ import annotations

from itertools import pairwise

from .layers import assign_layers, neighbours
from .ordering import Columns, order_columns
from .placing import place_columns
from .plan import POINT, Gaps, Graph, Placement, Size


def layered(graph: Graph, gaps: Gaps) -> Placement:
    """Lay out a graph in layers; the same graph always gives the same picture.

    Parameters
    ----------
    graph : Graph
        Without directed cycles.
    gaps : Gaps

    References
    ----------
    Sugiyama, Tagawa & Toda (1981); Gansner et al. (1993); Brandes & Köpf (2001).

    Examples
    --------
    >>> from diffkit.drawing.layout.plan import Gaps, Graph, Size
    >>> dot = Size(10, 5, 5)
    >>> graph = Graph([dot, dot, dot], [(0, 2), (1, 2)], [None, None])
    >>> layered(graph, Gaps(across=10, along=20, slope=0)).nodes
    [(5.0, 0.0), (5.0, 20.0), (35.0, 10.0)]
    """
    mesh = Mesh(graph)
    mesh.columns = order_columns(mesh.columns, mesh.up, mesh.down)
    mesh.add_label_columns()
    half = gaps.across / 2
    across = place_columns(
        mesh.columns,
        mesh.up,
        mesh.down,
        mesh.bend,
        [size.before + half for size in mesh.sizes],
        [size.after + half for size in mesh.sizes],
    )
    across = [round(place, 3) for place in across]
    return mesh.placement(across, _columns_along(mesh, across, gaps))


class Mesh:
    """The graph with every wire cut at every column: elements and links of neighbours.

    Elements 0 to n-1 are the nodes. `chains` holds the elements of each wire from end
    to end, `bend` says of each element whether a wire only passes there.
    """

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.sizes = list(graph.nodes)
        layer = assign_layers(len(graph.nodes), graph.wires)
        self.columns: Columns = [[] for _ in range(max(layer, default=-1) + 1)]
        for node, column in enumerate(layer):
            self.columns[column].append(node)
        self.chains = [self._chain(wire, layer) for wire in graph.wires]
        self._link()

    def _chain(self, wire: tuple[int, int], layer: list[int]) -> list[int]:
        source, target = wire
        passing = [self._element(POINT) for _ in range(layer[source] + 1, layer[target])]
        for column, element in enumerate(passing, layer[source] + 1):
            self.columns[column].append(element)
        return [source, *passing, target]

    def _element(self, size: Size) -> int:
        self.sizes.append(size)
        return len(self.sizes) - 1

    def _link(self) -> None:
        pairs = [pair for chain in self.chains for pair in pairwise(chain)]
        self.up, self.down = neighbours(len(self.sizes), pairs)
        self.bend = [element >= len(self.graph.nodes) for element in range(len(self.sizes))]

    def add_label_columns(self) -> None:
        """Put a column between two others where a wire has labels.

        Its elements are sorted by where their wires go, then by where they come from:
        so all crossings are in the gap before the labels, none after.
        """
        column_of = {e: k for k, column in enumerate(self.columns) for e in column}
        place = {e: k for column in self.columns for k, e in enumerate(column)}
        segments: list[list[tuple[int, int, int, int]]] = [[] for _ in self.columns]
        for number, chain in enumerate(self.chains):
            for at, (a, b) in enumerate(pairwise(chain)):
                segments[column_of[b]].append((place[b], place[a], number, at))
        labelled = {
            column_of[t] for (_, t), s in zip(self.graph.wires, self.graph.slots, strict=True) if s
        }
        self.label = [-1] * len(self.chains)
        longer: list[dict[int, int]] = [{} for _ in self.chains]
        columns: Columns = []
        for k, column in enumerate(self.columns):
            if k in labelled:
                columns.append([self._cut(s[2], s[3], longer) for s in sorted(segments[k])])
            columns.append(column)
        self.columns = columns
        self.chains = [
            [e for at, end in enumerate(chain) for e in ([end, new[at]] if at in new else [end])]
            for chain, new in zip(self.chains, longer, strict=True)
        ]
        self._link()

    def _cut(self, wire: int, at: int, longer: list[dict[int, int]]) -> int:
        """Add the element of a wire in a column of labels; the last one holds its label."""
        slot = self.graph.slots[wire] if at == len(self.chains[wire]) - 2 else None
        element = longer[wire][at] = self._element(slot or POINT)
        if slot:
            self.label[wire] = element
        return element

    def placement(self, across: list[float], spans: list[tuple[float, float]]) -> Placement:
        """Read off where nodes, labels and wires are."""
        span_of = {e: spans[k] for k, column in enumerate(self.columns) for e in column}
        middle = {e: sum(span) / 2 for e, span in span_of.items()}
        count = len(self.graph.nodes)
        return Placement(
            nodes=[(middle[e], across[e]) for e in range(count)],
            spans=[span_of[e] for e in range(count)],
            slots=[(middle[e], across[e]) if e >= 0 else None for e in self.label],
            routes=[[(*span_of[e], across[e]) for e in chain[1:-1]] for chain in self.chains],
            ends=self._ends(across),
        )

    def _ends(self, across: list[float]) -> list[tuple[tuple[int, int], tuple[int, int]]]:
        """Number the wires of each node by where they go to, and where they come from."""
        leaving: dict[int, list[int]] = {}
        reaching: dict[int, list[int]] = {}
        for wire, chain in enumerate(self.chains):
            leaving.setdefault(chain[0], []).append(wire)
            reaching.setdefault(chain[-1], []).append(wire)
        first: dict[int, tuple[int, int]] = {}
        last: dict[int, tuple[int, int]] = {}
        for wires in leaving.values():
            wires.sort(key=lambda wire: across[self.chains[wire][1]])
            first |= {wire: (k, len(wires)) for k, wire in enumerate(wires)}
        for wires in reaching.values():
            wires.sort(key=lambda wire: across[self.chains[wire][-2]])
            last |= {wire: (k, len(wires)) for k, wire in enumerate(wires)}
        return [(first[wire], last[wire]) for wire in range(len(self.chains))]


def _columns_along(mesh: Mesh, across: list[float], gaps: Gaps) -> list[tuple[float, float]]:
    """Return where each column starts and ends; steep wires get a wider gap."""
    spans: list[tuple[float, float]] = []
    end = 0.0
    for k, column in enumerate(mesh.columns):
        steepest = max([abs(across[e] - across[o]) for e in column for o in mesh.up[e]], default=0)
        start = end + (gaps.along + min(gaps.slope * steepest, 3 * gaps.along) if k else 0)
        end = start + max([mesh.sizes[e].along for e in column])
        spans.append((round(start, 3), round(end, 3)))
        end = spans[-1][1]
    return spans
