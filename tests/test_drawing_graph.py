"""The annotated graph: what it holds, against SymPy and the core's own gradients."""

import networkx as nx
import numpy as np
import pytest
import sympy as sp

import diffkit as dk
from diffkit.drawing.annotate import annotate
from diffkit.drawing.tree import tree_size

from .drawing_cases import LECTURES, random_program

CLASSIC = ("d = x*y; f = d + z", {"x": 2, "y": -5, "z": 3})


def graph_of(text, at=None, **options):
    return dk.draw(text, at, **options).graph


def test_numbers_of_the_classic_example():
    """f = x*y + z at (2, -5, 3): the numbers that lectures write on the wires."""
    graph = graph_of(*CLASSIC)
    nodes, edges = graph.nodes, graph.edges

    assert [nodes[n]["value"] for n in ("x", "y", "z", "d", "f")] == [2, -5, 3, -10, -7]
    assert [nodes[n]["gradient"] for n in ("x", "y", "z", "d", "f")] == [-5, 2, 1, 1, 1]
    assert edges["x", "d"]["formula"] == "dd/dx = y"
    assert edges["x", "d"]["local"] == -5
    assert edges["d", "f"]["formula"] == "df/dd = 1"
    assert {nodes[n]["kind"] for n in nodes} == {"input", "operation", "output"}


def test_graph_is_a_digraph_that_program_makes_too():
    """Program.to_networkx gives the same graph, a DAG, without any drawing."""
    graph = dk.lower(CLASSIC[0]).to_networkx(CLASSIC[1])

    assert isinstance(graph, nx.DiGraph)
    assert nx.is_directed_acyclic_graph(graph)
    assert nx.utils.graphs_equal(graph, graph_of(*CLASSIC))


@pytest.mark.parametrize("seed", range(40))
def test_gradients_are_those_of_dk_grad(seed):
    """What stands at the inputs is what reverse mode gives."""
    program, at = random_program(seed)
    graph = program.to_networkx(at)
    with np.errstate(all="ignore"):
        expected = program.adjoint()(**at)
    expected = expected if isinstance(expected, tuple) else (expected,)

    for name, slope in zip(program.inputs, expected, strict=True):
        np.testing.assert_allclose(graph.nodes[name]["gradient"], slope, rtol=1e-12)


@pytest.mark.parametrize("seed", range(40))
def test_parts_add_up_at_every_fan_out(seed):
    """The contributions of all uses of a variable sum to its gradient."""
    program, at = random_program(seed)
    graph = program.to_networkx(at)
    for name, node in graph.nodes(data=True):
        parts = [g for *_, e in graph.out_edges(name, data=True) for g in e["gradients"]]
        if node["gradient"] is not None and parts and None not in parts:
            np.testing.assert_allclose(sum(parts), node["gradient"], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(
    "text", ["x*y", "x/y", "x**3", "exp(x*y)", "tanh(x)", "log(x)/y", "sqrt(x)"]
)
def test_local_formulas_are_sympys_derivatives(text):
    """The formula on every edge is the partial derivative of the step, says SymPy."""
    program = dk.lower(text)
    graph = program.to_networkx({name: 0.7 for name in program.inputs})
    for source, target, edge in graph.edges(data=True):
        if edge["formula"] is None:
            continue
        left, _, right = edge["formula"].partition(" = ")
        assert left == f"d{target}/d{source}"
        names = {n: sp.Symbol(n, positive=True) for n in graph}
        names |= {"sech": sp.sech, "tanh": sp.tanh, "exp": sp.exp, "sqrt": sp.sqrt}
        step = sp.sympify(graph.nodes[target]["expression"], locals=names)
        formula = sp.sympify(right, locals=names).subs(names[target], step)
        assert sp.simplify(formula - sp.diff(step, names[source])) == 0


def test_what_is_not_computed_is_none_never_zero():
    """Without values, and for inputs that are held fixed, there is no number."""
    bare = graph_of(CLASSIC[0])
    assert all(
        node["value"] is None and node["gradient"] is None for _, node in bare.nodes(data=True)
    )

    held = graph_of(*CLASSIC, wrt="x")
    assert held.nodes["x"]["gradient"] == -5
    assert held.nodes["y"]["gradient"] is None
    assert held.edges["y", "d"]["gradient"] is None


def test_a_derivative_that_is_zero_is_zero():
    """An input that the result does not depend on has the gradient 0, and that is known."""
    program = dk.lower(lambda x, y: x * 2, 1.0, 1.0)
    assert program.to_networkx((3.0, 4.0)).nodes["y"]["gradient"] == 0


def test_arrays_have_shapes_norms_and_rules():
    text, at = LECTURES["least squares"]
    graph = graph_of(text, at)
    assert graph.nodes["X"]["shape"] == (3, 2)
    assert graph.nodes["r"]["norm"] == pytest.approx(
        np.linalg.norm(at["y"] - at["X"] @ at["theta"])
    )
    residual = at["y"] - at["X"] @ at["theta"]
    expected = -2 * at["X"].T @ residual + 2 * at["lam"] * at["theta"]
    np.testing.assert_allclose(graph.nodes["theta"]["gradient"], expected)
    assert graph.edges["theta", "t1"]["formula"] == "theta_bar = X.T @ t1_bar"


def test_a_vector_result_has_values_but_no_gradient():
    """The backward pass starts at one number; the picture says so."""
    drawing = dk.draw("x*2", {"x": [1.0, 2.0]})
    assert drawing.graph.nodes["t1"]["gradient"] is None
    assert "one real number" in drawing.notes[0]


@pytest.mark.parametrize(
    ("text", "x", "kink", "saturated"),
    [
        ("max(x, 0)", 0.0, True, False),
        ("max(x, 0)", 1.0, False, False),
        ("max(x, 0)", -1.0, False, True),
        ("abs(x)", 0.0, True, False),
        ("tanh(x)", 12.0, False, True),
        ("tanh(x)", 0.5, False, False),
        ("exp(x)", -30.0, False, True),
    ],
)
def test_kinks_and_saturated_operations_are_marked(text, x, kink, saturated):
    drawing = dk.draw(text, {"x": x})
    node = drawing.graph.nodes["t1"]
    assert (node["kink"], node["saturated"] and not kink) == (kink, saturated)
    marks = {mark for box in drawing.scene.boxes for mark in box.marks}
    assert ("kink" in marks) == kink
    assert not dk.draw(text, {"x": x}, highlight=()).scene.boxes[1].marks


def test_nan_and_infinity_are_shown_as_such():
    with np.errstate(all="ignore"):
        svg = dk.draw("log(x) + y", {"x": 0.0, "y": float("nan")}).svg()
    assert ">−inf<" in svg
    assert ">nan<" in svg


def test_annotation_is_of_a_tape_of_plain_values():
    """float32 values have float32 gradients."""
    program = dk.lower("x*y", x=np.float32(1), y=np.float32(2))
    found = annotate(program, {"x": np.float32(3), "y": np.float32(4)}, ["x", "y"])
    assert found.gradients["x"].dtype == np.float32


@pytest.mark.parametrize("depth", [1, 3, 10, 60])
def test_tree_size_is_exact_and_large(depth):
    """Squaring n times: 2^(n+1) - 1 nodes above the output's (closed form)."""
    program = dk.lower(
        "x0 = x*x; " + "; ".join(f"x{i} = x{i - 1}*x{i - 1}" for i in range(1, depth))
    )
    graph = program.to_networkx()
    assert tree_size(graph, f"{program.outputs[0]} (output)") == 2 ** (depth + 1)


def test_a_comparison_draws_its_program():
    """Comparison.draw shows the point and the inputs that were compared."""
    found = dk.compare("x*y", {"x": 2.0, "y": 3.0}, "x").draw(theme="mono")
    assert found.graph.nodes["x"]["gradient"] == 3
    assert found.graph.nodes["y"]["gradient"] is None
    assert found.theme.name == "mono"


def branching(x):
    return x**2 if x > 0 else -x


def eigenvalues(a):
    values, vectors = np.linalg.eigh(a)
    return np.sum(values**2) + vectors[0, 0] ** 2


@pytest.mark.parametrize(
    ("source", "at"),
    [
        (branching, (2.0,)),
        (eigenvalues, (np.array([[2.0, 1.0], [1.0, 3.0]]),)),
        ("where(x > 0, x*y, exp(y))", {"x": 1, "y": 2}),
        (lambda z: np.real(z * z), (1 + 2j,)),
        (lambda x: (x * 2, x + 1), (1.0,)),
        (np.sin, (1.0,)),
        ("sum(x[0])*x[1, 1]", {"x": np.ones((2, 2))}),
        ("x/y", {"x": 0.0, "y": 0.0}),
        ("x*y", (1, 2)),
    ],
)
@pytest.mark.parametrize("view", ["dag", "mirror", "tree", "both"])
def test_whatever_can_be_lowered_can_be_drawn(source, at, view, tmp_path):
    """Branches, several results, complex numbers, conditions, nan: in every format."""
    drawing = dk.draw(source, at, view=view)
    assert repr(drawing)
    assert drawing.latex()
    for suffix in ("svg", "tex", "dot", "mmd", "txt"):
        assert drawing.save(tmp_path / f"picture.{suffix}").stat().st_size


@pytest.mark.parametrize("digits", [0, -1, 18, "3", 2.5])
def test_digits_are_a_number_of_digits(digits):
    with pytest.raises(dk.errors.ArgumentError, match="choose from 1, 2, 3"):
        dk.draw("x*y", digits=digits)
