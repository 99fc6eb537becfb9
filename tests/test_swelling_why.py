"""Why formulas swell: blame that adds up, names that end at the tape, graphs, and costs."""

from itertools import pairwise

import networkx as nx
import numpy as np
import pytest

import diffkit as dk
from diffkit.errors import ArgumentError
from diffkit.families import FAMILIES
from diffkit.swelling.cost import unrolled

OWN = ("primal", "tangent", "adjoint", "textbook", "unrolled")


def report(family, n, **options):
    found = FAMILIES[family]
    return dk.swell(found(n), found.wrt, budget=0, **options)


# -- blame ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("row", OWN)
@pytest.mark.parametrize("family", FAMILIES)
def test_blame_adds_up(family, row):
    """The waste of all subexpressions, and that of all rules, is tree_ops - dag_ops."""
    found = report(family, 5)
    blame = found.blame(row)

    assert sum(repeated.wasted for repeated in blame) == blame.wasted
    assert sum(blame.by_rule.values()) == blame.wasted
    assert blame.wasted == found[row].tree_ops - found[row].dag_ops
    for repeated in blame:
        assert sum(repeated.rules.values()) == repeated.wasted
        assert repeated.wasted == (repeated.places - 1) * repeated.operations


def test_blame_of_the_nested_softplus():
    """At depth 3 the inner exp of 8 operations occurs 4 times; only the chain rule copies."""
    blame = report("softplus", 3).blame()
    found = {repeated.operations: repeated for repeated in blame}

    assert found[8].expression.startswith("exp(w2*log(1 + ")
    assert found[8].occurrences == 4
    assert set(blame.by_rule) == {"chain"}


def test_occurrences_are_those_of_the_text():
    """How often a subexpression stands in the written formula, counted by searching the text."""
    found = report("logistic", 3)
    text = found.formula()
    for repeated in found.blame():
        if "..." not in repeated.expression:
            assert text.count(repeated.expression) >= repeated.occurrences > 1


@pytest.mark.parametrize(
    ("source", "rule"),
    [
        ("exp(x*y)*sin(z)", "product"),
        ("sin(x)/cos(x)", "quotient"),
        ("log(1 + exp(x))", "chain"),
        ("exp(x)**3", "power"),
    ],
)
def test_rules_are_named(source, rule):
    """What copied a subexpression is the rule by its usual name."""
    assert rule in dk.swell(source, budget=0).blame().by_rule


def test_blame_needs_formulas():
    """Those of SymPy are not kept."""
    with pytest.raises(ArgumentError, match="no formulas of 'sympy' here, only of primal"):
        dk.swell("x*x", budget=0).blame("sympy")


# -- one name at a time --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "family", ["softplus", "logistic", "x_sin_x", "speelpenning", "newton_sqrt"]
)
def test_naming_falls_from_the_tree_to_the_dag(family):
    """Each name saves what it says, and at the end nothing is repeated."""
    found = report(family, 4)
    steps = found.name_it()
    counts = [listing.operations for listing in steps]

    assert counts[0] == found["textbook"].tree_ops
    assert counts[-1] == found["textbook"].dag_ops
    for before, after in pairwise(steps):
        assert before.operations - after.operations == after.saved > 0
    saved = [listing.saved for listing in steps[1:]]
    assert saved[0] == max(saved)


def test_listings_are_programs_of_the_same_value(rng):
    """Every listing, read again, computes the derivative."""
    found = report("logistic", 3)
    slope = found.program.adjoint("x")(0.3)
    for listing in found.name_it():
        assert dk.lower(str(listing))(0.3) == pytest.approx(slope, rel=1e-13)


def test_names_do_not_collide_with_the_users():
    """An input called t1 keeps its name."""
    steps = dk.swell("exp(t1*t2)*sin(t1*t2)", "t1", budget=0).name_it()
    assert {listing.name for listing in steps} & {"t1", "t2"} == set()
    assert steps[-1].operations < steps[0].operations


def test_formula_too_long_to_write_says_how_long():
    """The exact length, not a hang."""
    with pytest.raises(ArgumentError, match=r"has [\d.]+e30\d characters; at most 100,000"):
        report("logistic", 1000, rows=["textbook"]).formula()
    assert "..." in str(report("logistic", 100, rows=["textbook"]).name_it()[0])


# -- graphs --------------------------------------------------------------------------------------


@pytest.mark.parametrize("row", OWN)
def test_graphs_have_the_counted_sizes(row):
    """The tree has tree_ops operations and the DAG dag_ops, where each node is one."""
    found = report("logistic", 3)
    tree, dag = found.graphs(row, most=10_000)
    counts = [
        sum(kind == "operation" for _, kind in graph.nodes(data="kind")) for graph in (tree, dag)
    ]

    assert counts == [found[row].tree_ops, found[row].dag_ops]
    assert nx.is_directed_acyclic_graph(dag)
    assert all(degree <= 1 for _, degree in tree.out_degree())


def test_nodes_of_the_tree_know_their_term():
    """A term occurs in the tree as often as the DAG's node says."""
    tree, dag = report("softplus", 2).graphs(most=10_000)
    terms = [term for _, term in tree.nodes(data="term")]

    assert all(terms.count(node) == data["occurrences"] for node, data in dag.nodes(data=True))
    for node, term in tree.nodes(data="term"):
        assert dag.nodes[term]["label"] == tree.nodes[node]["label"]


def test_large_trees_are_collapsed():
    """Never more nodes than asked for; what is collapsed says how large it is."""
    tree, dag = report("logistic", 200, rows=["textbook"]).graphs(most=100)
    collapsed = [data for _, data in tree.nodes(data=True) if data["collapsed"]]

    assert len(tree) <= 100
    assert max(data["operations"] for data in collapsed) > 10**50
    assert len(dag) < 2000
    assert dag.edges[next(iter(dag.edges))]["positions"]


# -- cost ----------------------------------------------------------------------------------------


def test_evaluation_cost_has_every_form():
    """All forms are timed; the tree has many more steps than the adjoint."""
    costs = report("logistic", 5).evaluation_cost({"x": 0.3}, budget=60)

    assert {cost.status for cost in costs.values()} == {"done"}
    assert costs["function"].ratio == costs["lambdify function"].ratio == 1
    assert costs["textbook tree"].operations > 10 * costs["adjoint"].operations
    assert all(cost.seconds > 0 for cost in costs.values())
    assert "lambdify cse" in str(costs)
    assert "<table>" in costs._repr_html_()


def test_trees_too_large_to_run_say_so():
    """The other forms are there."""
    costs = report("product_tower", 14).evaluation_cost(budget=60)

    assert "at most 20,000 run" in costs["textbook tree"].status
    assert costs["adjoint"].status == "done"


def test_evaluation_cost_of_what_sympy_cannot_do():
    """Named in its rows."""
    costs = dk.swell("floor(x)*x", budget=0).evaluation_cost(budget=60)

    assert "floor" in costs["lambdify"].status
    assert costs["adjoint"].seconds > 0
    with pytest.raises(ArgumentError, match="at gives q; the inputs are x"):
        dk.swell("x*x", budget=0).evaluation_cost({"q": 1.0})


def test_evaluation_cost_without_a_budget():
    """Nothing is asked, and each form says so."""
    costs = dk.swell("x*x", budget=0).evaluation_cost(budget=0)
    assert {cost.status for cost in costs.values()} == {"not asked: the budget is 0 s"}


def test_unrolled_program_has_the_same_value(rng):
    """Computing everything anew changes the work, not the value."""
    program = dk.lower("a = x*y; b = sin(a)*a; b*b + a")
    tree = unrolled(program)
    x, y = rng.normal(size=2)

    assert tree(x, y) == program(x, y)
    assert len(tree) == 11  # a: 1, b: 1 + 1 + 1 + 1, b*b + a: 4 + 1 + 4 + 1 + 1
    assert np.isfinite(tree(x, y))
