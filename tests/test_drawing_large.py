"""Large graphs are collapsed, and say what they hide; the other views; the command."""

import json

import networkx as nx
import numpy as np
import pytest

import diffkit as dk
from diffkit.cli import main
from diffkit.drawing.products import chain_rule

from .drawing_cases import LECTURES


def dense(x, w):
    return np.tanh(x * w + 0.1)


def block(x):
    for _ in range(4):
        x = dense(x, 1.1)
    return x


def deep(x):
    for number in range(20):
        with dk.scope(f"part_{number + 1}"):
            x = block(x)
    return x


def loop(x):
    for _ in range(100):
        x = np.sin(x) * 1.1
    return x


def groups(drawing):
    nodes = dict(drawing.graph.nodes(data=True))
    return {name: node for name, node in nodes.items() if node["kind"] == "group"}


def test_small_graphs_are_not_collapsed():
    drawing = dk.draw(LECTURES["sigmoid neuron"][0])
    assert not groups(drawing)
    assert not any("inside" in note for note in drawing.notes)


def test_scopes_become_boxes_and_nothing_is_lost():
    """240 steps in 20 scopes: 20 boxes that hold all steps, each with value and norm."""
    drawing = dk.draw(deep, (0.3,))
    found = groups(drawing)
    assert [node["name"] for node in found.values()] == [f"part_{i + 1}" for i in range(20)]
    assert sum(node["hidden"] for node in found.values()) == len(drawing.program) == 240
    assert nx.is_directed_acyclic_graph(drawing.graph)
    assert all(node["norm"] is not None for node in found.values())
    assert "240 of 240 operations are inside 20 boxes" in drawing.notes[0]
    assert "240 of 240 operations are inside 20 boxes" in drawing.svg()


def test_a_value_on_a_wire_between_boxes_is_that_of_its_variable():
    """The picture of the collapsed graph has the numbers of the whole one."""
    drawing = dk.draw(deep, (0.3,))
    whole = drawing.program.to_networkx((0.3,))
    last = list(groups(drawing).values())[4]
    step = drawing.program.steps[12 * 5 - 1].name
    assert last["value"] == whole.nodes[step]["value"]
    assert last["gradient"] == whole.nodes[step]["gradient"]


def test_expand_opens_a_scope():
    """One box more for each thing inside; a path reaches deeper."""
    once = dk.draw(deep, (0.3,), expand="part_3")
    assert "part_3" not in [node["name"] for node in groups(once).values()]
    assert [n["name"] for n in groups(once).values() if n["scope"][:1] == ("part_3",)] == ["block"]
    twice = dk.draw(deep, (0.3,), expand=["part_3/block"])
    inner = [n["name"] for n in groups(twice).values() if n["scope"][:1] == ("part_3",)]
    assert inner == ["dense", "dense_2", "dense_3", "dense_4"]


def test_expand_all_draws_every_step():
    drawing = dk.draw(deep, (0.3,), expand="all", labels=())
    assert not groups(drawing)
    assert len(drawing.scene.boxes) == 242


def test_unknown_scope_lists_the_outermost():
    with pytest.raises(dk.errors.ArgumentError, match="part_1, part_10"):
        dk.draw(deep, (0.3,), expand="part_99")
    chain = "; ".join(["y0 = x*x", *[f"y{i} = sin(y{i - 1})" for i in range(1, 9)]])
    with pytest.raises(dk.errors.ArgumentError, match="there are none"):
        dk.draw(chain, expand="part", collapse=5)


def test_repeats_become_one_box():
    """A loop of 100 rounds of two operations is one box that says how often."""
    found = groups(dk.draw(loop, (0.3,)))
    assert [node["name"] for node in found.values()] == ["multiply, sin × 99"]


def test_what_has_no_structure_is_divided_evenly():
    """1000 random operations without scopes: at most 60 boxes, and no circle."""
    rng = np.random.default_rng(0)

    def tangle(x):
        values = [x, x * 2]
        for _ in range(1000):
            a, b = rng.integers(max(0, len(values) - 10), len(values), 2)
            operation = (np.add, np.multiply, np.subtract)[rng.integers(3)]
            values.append(operation(values[a], values[b]))
        return values[-1]

    drawing = dk.draw(dk.lower(tangle, 0.01))
    assert len(drawing.scene.boxes) <= 62
    assert sum(node["hidden"] for node in groups(drawing).values()) == 1001
    assert nx.is_directed_acyclic_graph(drawing.graph)


def test_inputs_of_one_box_are_inside_of_it():
    """Weights that only one layer uses do not crowd the picture; the box counts them."""

    def net(x, weights):
        for number, (a, b) in enumerate(weights):
            with dk.scope(f"layer_{number + 1}"):
                for _ in range(10):
                    x = np.tanh(a * x + b)
        return x

    weights = [(0.5, 0.1)] * 8
    drawing = dk.draw(net, (1.0, weights))
    assert [box.of for box in drawing.scene.boxes if box.kind == "input"] in (["x"], [])
    assert sum(node["inputs"] for node in groups(drawing).values()) >= 16


# -- views ---------------------------------------------------------------------------------------


def test_tree_repeats_what_the_dag_shares():
    """u = x*x, f = u*u: 3 operations, 4 leaves and the output; copies share a colour."""
    drawing = dk.draw("u = x*x; f = u*u", {"x": 2.0}, view="tree")
    assert len(drawing.scene.boxes) == 8
    colours = {
        box.of.split(" #")[0]: box.copy for box in drawing.scene.boxes if box.copy is not None
    }
    assert set(colours) == {"x", "u"}
    assert colours["x"] != colours["u"]


def test_both_shows_tree_and_dag_with_the_same_colours():
    scene = dk.draw("u = x*x; f = u*u", {"x": 2.0}, view="both").scene
    assert [label.text for label in scene.labels if label.role == "heading"] == [
        "as a tree: 8 nodes", "shared: 4 nodes"
    ]  # fmt: skip
    of_u = {box.copy for box in scene.boxes if box.of.startswith("u")}
    assert len(of_u) == 1


def test_a_tree_too_large_says_how_large():
    """Thirty squarings: 2^31 nodes, counted and not made."""
    text = "y0 = x*x; " + "; ".join(f"y{i} = y{i - 1}*y{i - 1}" for i in range(1, 30))
    with pytest.raises(dk.errors.ArgumentError, match="2,147,483,648 nodes"):
        dk.draw(text, view="tree")


def test_mirror_has_every_variable_twice_and_wires_both_ways():
    drawing = dk.draw("d = x*y; f = d + z", {"x": 2, "y": -5, "z": 3}, view="mirror")
    symbols = [label.text for label in drawing.scene.labels if label.role == "symbol"]
    assert {"x", "x_bar", "d_bar", "y_bar", "z_bar"} <= set(symbols)
    assert len(drawing.scene.wires) == 2 * 5
    middle = drawing.scene.height / 2
    assert all((label.y < middle) == (label.role == "value") for label in drawing.scene.labels
               if label.role in ("value", "gradient"))  # fmt: skip


def test_backward_is_the_adjoint_program():
    """The steps of the picture are those of Program.adjoint, with their values."""
    program = dk.lower("f = sin(x)*y")
    drawing = dk.draw(program, {"x": 0.5, "y": 2.0}, view="backward")
    assert drawing.program.outputs == ("x_bar", "y_bar")
    assert str(drawing.program) == str(program.adjoint())
    assert drawing.graph.nodes["x_bar"]["value"] == pytest.approx(2 * np.cos(0.5))


def test_network_has_a_unit_for_every_number_and_a_wire_for_every_weight():
    def net(W1, b1, W2, x):
        return np.sum(np.tanh(np.maximum(x @ W1 + b1, 0) @ W2))

    at = (np.ones((3, 5)), np.ones(5), np.ones((5, 2)), np.array([1.0, 2.0, 3.0]))
    drawing = dk.draw(net, at, view="network")
    assert len(drawing.scene.boxes) == 3 + 5 + 2
    assert len(drawing.scene.wires) == 3 * 5 + 5 * 2
    texts = [label.text for label in drawing.scene.labels]
    assert {"relu", "tanh", "5 units", "W1", "W2", "7.00"} <= set(texts)


def test_network_of_single_neurons():
    text, at = LECTURES["four weights"]
    texts = [label.text for label in dk.draw(text, at, view="network").scene.labels]
    assert [t for t in texts if t in ("w1", "w2", "w3")] == ["w1", "w2", "w3"]
    assert texts.count("tanh") == 3


def test_network_needs_weights():
    with pytest.raises(dk.errors.ArgumentError, match="products of data"):
        dk.draw("sin(x) + y", view="network")


# -- the chain rule in words --------------------------------------------------------------------


def test_reused_factors_are_those_that_an_earlier_weight_needed():
    """The four-weight net of the lectures: dL/dw2 reuses what dL/dw3 has computed, and so on."""
    text, at = LECTURES["four weights"]
    graph = dk.lower(text).to_networkx(at)
    lines = chain_rule(graph, "L", ["w3", "w2", "w1", "b"])
    reused = [[p.text for p in line if p.role == "reused"] for line in lines]
    new = [[p.text for p in line if p.role == "factor"] for line in lines]
    assert reused[0] == []
    assert reused[1] == new[0][:-1]
    assert reused[2] == reused[1] + new[1][:-1]
    assert new[3] == ["∂a1/∂b"]


def test_chain_of_something_independent():
    with pytest.raises(dk.errors.ArgumentError, match="does not depend on y"):
        dk.draw(lambda x, y: x * 2, (1.0, 2.0), chain="y")


# -- the command --------------------------------------------------------------------------------


def test_draw_command_writes_files(tmp_path, capsys):
    """diffkit draw EXPR --at ... -o FILE, with frames beside it."""
    graph = tmp_path / "graph.svg"
    arguments = ["draw", "d = x*y; f = d + z", "--at", "x=2", "y=-5", "z=3"]
    assert main([*arguments, "-o", str(graph), "--frames", str(tmp_path / "steps")]) == 0
    out = capsys.readouterr().out.split()
    assert out[0] == str(graph)
    assert len(list((tmp_path / "steps").iterdir())) == 6
    assert (
        main([*arguments, "-o", str(graph), "--show", "forward", "--theme", "dark", "--json"]) == 0
    )
    assert json.loads(capsys.readouterr().out)["files"] == [str(graph)]
    assert "−5.00" in graph.read_text()
    assert ">1.00<" not in graph.read_text()
    assert main([*arguments, "-o", str(tmp_path / "lecture.html")]) == 0
    assert (tmp_path / "lecture.html").read_text().startswith("<!DOCTYPE html>")


def test_draw_command_prints_text_without_a_file(capsys):
    assert main(["draw", "x*y", "--at", "x=2", "y=3"]) == 0
    out = capsys.readouterr().out
    assert "(×)" in out
    assert "∂t1/∂x = y = 3.00" in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["x*y", "-o", "a.gif"], "the formats are .svg"),
        (["x*y", "--theme", "neon"], "default, cs231n"),
        (["x*y", "--show", "up"], "forward, backward, both"),
        (["x*y", "--layout", "no"], "layered, dot"),
        (["x*y", "-o", "/no/such/place/a.svg"], "No such file"),
        (["x*y", "--at", "x=1"], "missing y"),
    ],
)
def test_draw_command_says_what_is_wrong(arguments, message, capsys):
    assert main(["draw", *arguments]) == 2
    err = capsys.readouterr().err
    assert message in err
    assert len(err.splitlines()) == 1
