"""The layout: nothing lies on anything else, and the same graph gives the same picture."""

import itertools
import random

import networkx as nx
import pytest

import diffkit as dk
from diffkit.drawing.layout.dot import dot
from diffkit.drawing.layout.layered import layered
from diffkit.drawing.layout.layers import assign_layers
from diffkit.drawing.layout.ordering import count_crossings, order_columns
from diffkit.drawing.layout.plan import Gaps, Size

from .drawing_cases import LECTURES, net_graph, random_graph, random_program
from .drawing_geometry import crossings, enters, overlap, polyline


def faults(scene):
    """Every label that lies on another, on a node, or on a wire that is not its own."""
    labels = [label for label in scene.labels if label.text and label.role != "symbol"]
    for a, b in itertools.combinations(labels, 2):
        if overlap(a.rectangle, b.rectangle):
            yield a.text, b.text
    for label, box in itertools.product(labels, scene.boxes):
        if overlap(label.rectangle, box.rectangle):
            yield label.text, box.of
    lines = [(wire, polyline(wire.path)) for wire in scene.wires]
    for label, (wire, points) in itertools.product(labels, lines):
        if label.of != wire.of and enters(points, label.rectangle):
            yield label.text, wire.of
    for a, b in itertools.combinations(scene.boxes, 2):
        if overlap(a.rectangle, b.rectangle):
            yield a.of, b.of


@pytest.mark.parametrize("direction", ["LR", "TB"])
@pytest.mark.parametrize("name", LECTURES)
def test_nothing_overlaps_in_the_lectures_graphs(name, direction):
    """No label lies on a label, a node or a foreign wire, in the picture and its frames."""
    text, at = LECTURES[name]
    drawing = dk.draw(text, at, direction=direction)
    assert list(faults(drawing.scene_at())) == []
    assert all(not list(faults(drawing.scene_at(step))) for step in range(len(drawing.steps)))


@pytest.mark.parametrize("seed", range(12))
def test_nothing_overlaps_in_random_programs(seed):
    check_random_program(seed)


@pytest.mark.exhaustive
@pytest.mark.parametrize("seed", range(12, 200))
def test_nothing_overlaps_in_two_hundred_random_programs(seed):
    check_random_program(seed)


def check_random_program(seed):
    program, at = random_program(seed)
    direction = "LR" if seed % 3 else "TB"
    labels = None if seed % 2 else ("value", "gradient", "local", "product", "sum", "name")
    drawing = dk.draw(program, at, direction=direction, labels=labels)
    assert list(faults(drawing.scene_at())) == []


@pytest.mark.parametrize("view", ["tree", "both", "mirror", "backward"])
def test_nothing_overlaps_in_the_other_views(view):
    drawing = dk.draw("u = x*x; v = u*sin(u); f = v*v + y", {"x": 1.1, "y": 2}, view=view)
    assert list(faults(drawing.scene_at())) == []


def test_the_checks_find_what_overlaps():
    """The checks above are not blind: pushed together, the picture is full of faults."""
    scene = dk.draw(*LECTURES["sigmoid neuron"]).scene_at()
    squeezed = scene.mapped(lambda p: (p[0] / 3, p[1] / 3), scene.width, scene.height)
    assert len(list(faults(squeezed))) > 10


def test_the_same_graph_gives_the_same_picture():
    """Byte for byte, and independent of what was drawn before."""
    text, at = LECTURES["softmax cross-entropy"]
    first = dk.draw(text, at).svg()
    dk.draw("x*y")
    assert dk.draw(text, at).svg() == first


@pytest.mark.parametrize("seed", range(6))
def test_layers_are_valid_and_wires_as_short_as_can_be(seed):
    """Every wire leads forward; the total length is the optimum of the linear program."""
    from scipy.optimize import linprog

    graph = random_graph(seed, 25, 10)
    layer = assign_layers(25, graph.wires)
    assert all(layer[a] < layer[b] for a, b in graph.wires)

    cost, rows = [0] * 25, []
    for a, b in graph.wires:
        cost[a], cost[b] = cost[a] - 1, cost[b] + 1
        rows.append([(k == a) - (k == b) for k in range(25)])
    best = linprog(cost, A_ub=rows, b_ub=[-1] * len(rows), bounds=[(0, 25)] * 25).fun
    assert sum(layer[b] - layer[a] for a, b in graph.wires) == pytest.approx(best)


def test_crossings_that_must_be_are_all_there_are():
    """A net of n and m fully connected units has n(n-1)m(m-1)/4 crossings in any order."""
    for n, m in [(2, 2), (3, 4), (5, 5)]:
        graph = net_graph(n, m)
        down = [[b for a, b in graph.wires if a == e] for e in range(n + m)]
        up = [[a for a, b in graph.wires if b == e] for e in range(n + m)]
        columns = [list(range(n)), list(range(n, n + m))]
        found = order_columns(columns, up, down)
        assert count_crossings(found, down) == n * (n - 1) * m * (m - 1) // 4


@pytest.mark.parametrize(("n", "m"), [(2, 2), (3, 4), (5, 5)])
def test_every_crossing_of_a_picture_is_counted(n, m):
    """Of straight wires between all of n and m points; symmetric ones meet in corners."""
    wires = {}
    for i, k in itertools.product(range(n), range(m)):
        here, there = i / (n - 1), k / (m - 1)
        wires[i, n + k] = polyline([("M", (0, here)), ("C", (1, here), (2, there), (3, there))])
    assert crossings(wires) == n * (n - 1) * m * (m - 1) // 4


@pytest.mark.parametrize("seed", range(4))
def test_no_order_of_a_small_graph_has_fewer_crossings(seed):
    """Three columns of four with random wires: as good as the best of all 24**3 orders."""
    pairs = list(itertools.product(range(4), range(4, 8))) + [
        (a, b) for a in range(4, 8) for b in range(8, 12)
    ]
    wires = random.Random(seed).sample(pairs, 16)
    down = [[b for a, b in wires if a == e] for e in range(12)]
    up = [[a for a, b in wires if b == e] for e in range(12)]
    columns = [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]]
    orders = [list(itertools.permutations(column)) for column in columns]
    best = min(
        sum(min(count_crossings(pair, down) for pair in pairs_of) for pairs_of in sides)
        for middle in orders[1]
        for sides in [([(o, middle) for o in orders[0]], [(middle, o) for o in orders[2]])]
    )
    assert best > 0
    assert count_crossings(order_columns(columns, up, down), down) == best


def test_a_tree_has_no_crossings():
    tree = nx.balanced_tree(2, 5, create_using=nx.DiGraph).reverse()
    nodes = len(tree)
    down = [list(tree.successors(v)) for v in range(nodes)]
    up = [list(tree.predecessors(v)) for v in range(nodes)]
    depth = nx.shortest_path_length(tree.reverse(), 0)
    columns = [[v for v in range(nodes) if depth[v] == k] for k in range(5, -1, -1)]
    columns[1].reverse()
    assert count_crossings(order_columns(columns, up, down), down) == 0


def test_neighbours_in_a_column_keep_their_distance():
    """Nodes and labels of any size have their room, in a graph of 300 nodes."""
    graph = random_graph(3, 300, 40, slot=Size(50.0, 20.0, 30.0))
    place = layered(graph, Gaps(across=10.0))
    columns: dict = {}
    for size, (start, _), (_, across) in zip(graph.nodes, place.spans, place.nodes, strict=True):
        columns.setdefault(start, []).append((across - size.before, across + size.after))
    for column in columns.values():
        column.sort()
        assert all(b[0] - a[1] >= 9.99 for a, b in itertools.pairwise(column))


def test_a_long_chain_needs_no_recursion():
    """5000 nodes in a row stand on one straight line."""
    graph = random_graph(0, 2, 1)
    chain = type(graph)([Size(10, 5, 5)] * 5000, [(i, i + 1) for i in range(4999)], [None] * 4999)
    place = layered(chain, Gaps())
    assert len({across for _, across in place.nodes}) == 1


def test_dot_gives_places_for_the_same_picture():
    """layout="dot" draws the same boxes and labels, and nothing overlaps either."""
    dot_or_skip()
    text, at = LECTURES["sigmoid neuron"]
    ours, theirs = dk.draw(text, at), dk.draw(text, at, layout="dot")
    assert [label.text for label in theirs.scene.labels] == [
        label.text for label in ours.scene.labels
    ]
    assert list(faults(theirs.scene_at())) == []


def test_dot_refuses_what_would_take_minutes():
    with pytest.raises(dk.errors.ArgumentError, match="at most 3000"):
        dot(random_graph(0, 4000, 10), Gaps())


def test_dot_that_hangs_is_stopped(tmp_path, monkeypatch):
    program = tmp_path / "dot"
    program.write_text("#!/bin/sh\nexec sleep 30\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    with pytest.raises(dk.errors.ArgumentError, match="did not finish"):
        dot(random_graph(0, 10, 5), Gaps(), seconds=0.2)


def test_missing_dot_says_what_to_install_and_what_works(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("diffkit.drawing.layout.dot.find_spec", lambda name: None)
    with pytest.raises(dk.errors.MissingTool, match=r"install graphviz.*layered"):
        dk.draw("x*y", layout="dot")
    assert dk.draw("x*y").svg()


def dot_or_skip():
    import shutil

    if shutil.which("dot") is None:
        pytest.skip("dot is not installed: apt-get install graphviz")
