"""Sizes: published and measured numbers, and laws between the forms of a derivative."""

import ast
import signal
import threading

import numpy as np
import pytest
import sympy as sp

import diffkit as dk
from diffkit.errors import ArgumentError, NonScalarOutput
from diffkit.families import FAMILIES
from diffkit.swelling.algebra import Algebra
from diffkit.swelling.reading import read, read_expressions
from diffkit.swelling.sizes import measure, ratio
from diffkit.swelling.sources import scalar_source
from diffkit.swelling.terms import Terms
from diffkit.swelling.writing import write

OWN = ("primal", "tangent", "adjoint", "textbook", "unrolled")


def own(source, wrt=None, **options):
    """Sizes without SymPy."""
    return dk.swell(source, wrt, rows=OWN, **options)


def logistic(n):
    return "; ".join(["l0 = x", *(f"l{k + 1} = 4*l{k}*(1 - l{k})" for k in range(n))])


def softplus(n, own_weights):
    layers = [(k, k + 1 if own_weights else "") for k in range(n)]
    return "; ".join(["s0 = x", *(f"s{k + 1} = log(1 + exp(w{i}*s{k} + b{i}))" for k, i in layers)])


# -- the lecture's derivatives ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "wrt", "primal", "tree", "dag", "adjoint"),
    [
        (softplus(1, False), "w", 5, 10, 7, 8),
        (softplus(2, False), "w", 10, 37, 17, 19),
        (softplus(2, True), "w1", 10, 31, 16, 17),
    ],
)
def test_slide_pair(source, wrt, primal, tree, dag, adjoint):
    """The nested softplus of the lecture: operations as tree, as DAG, and of f + adjoint."""
    report = own(source, wrt)

    assert (report["primal"].dag_ops, report["primal"].tree_ops) == (primal, primal)
    assert (report["textbook"].tree_ops, report["textbook"].dag_ops) == (tree, dag)
    assert report["adjoint"].dag_ops == adjoint


@pytest.mark.parametrize("n", [1, 2, 5, 40])
def test_logistic_map(n):
    """f + gradient 9n-2; (4n-1) 2^n by the textbook; (8/3)(4^n-1) - 2^n in reverse."""
    report = own(logistic(n), "x")

    assert report["primal"].dag_ops == 4 * n
    assert report["primal"].tree_ops == 4 * (2**n - 1)
    assert report["adjoint"].dag_ops == report["tangent"].dag_ops == 9 * n - 2
    assert report["textbook"].tree_ops == (4 * n - 1) * 2**n
    assert report["unrolled"].tree_ops == 8 * (4**n - 1) // 3 - 2**n


# -- laws between the forms ------------------------------------------------------------------

SOURCES = [
    "log(1 + exp(w*x + b))",
    "z = w*x + b; y = 1/(1 + exp(-z)); L = (y - t)**2/2",
    "x**3*y - sin(x*y)/cos(x) + sqrt(x**2 + y**2)",
    "max(0, x*y)*tanh(x) + abs(y)",
    "x**y + 2**x - log10(y)",
    "a = x*x; b = a*a; c = b*b; c*a + exp(c)",
]


@pytest.mark.parametrize("source", SOURCES)
def test_textbook_is_the_tangent_program_unrolled(source):
    """By one input, forward accumulation and the tangent Program are one formula."""
    program = dk.lower(source)
    name = program.inputs[0]
    terms = Terms()
    tangent = measure(terms, read(terms, program.tangent(name)))
    row = own(source, name)["textbook"]

    assert (row.dag_ops, row.tree_ops) == (tangent.dag_ops, tangent.tree_ops)


@pytest.mark.parametrize("source", SOURCES)
def test_unrolled_is_the_adjoint_program_unrolled(source):
    """Reverse accumulation and the adjoint Program are one formula."""
    program = dk.lower(source)
    terms = Terms()
    adjoint = measure(terms, read(terms, program.adjoint()))
    row = own(source)["unrolled"]

    assert (row.dag_ops, row.tree_ops) == (adjoint.dag_ops, adjoint.tree_ops)


def operations_in(text):
    """Operations that Python's own parser finds; and how many minus signs may be a number's."""
    nodes = list(ast.walk(ast.parse(text, mode="eval")))
    differences = [n for n in nodes if isinstance(n, ast.BinOp) and isinstance(n.op, ast.Sub)]
    signs = [n for n in nodes if isinstance(n, ast.UnaryOp)]
    others = [n for n in nodes if isinstance(n, (ast.BinOp, ast.Call))]
    doubtful = [n for n in differences if begins_with_number(n.right)]
    doubtful += [n for n in signs if begins_with_number(n.operand)]
    return len(others) + len(differences) + len(signs), len(doubtful)


def begins_with_number(node):
    while isinstance(node, ast.BinOp):
        node = node.left
    return isinstance(node, ast.Constant)


@pytest.mark.parametrize("source", SOURCES)
def test_written_formula_has_the_counted_size(source):
    """The text is as long as was counted, and has as many operations as Python's parser finds."""
    program = dk.lower(source)
    terms = Terms()
    for root in [*read(terms, program), *read(terms, program.adjoint())]:
        size, text = measure(terms, [root]), write(terms, root)
        operations, doubtful = operations_in(text)

        assert len(text) == size.characters
        assert operations - doubtful <= size.tree_ops <= operations


@pytest.mark.parametrize("source", [s for s in SOURCES if "x**y" not in s and "max" not in s])
def test_written_formula_has_the_value_of_the_derivative(source, rng):
    """Brackets stand where they are needed: the text, read again, has the gradient's value."""
    program = dk.lower(source)
    point = dict(zip(program.inputs, rng.uniform(0.5, 2, len(program.inputs)), strict=True))
    terms = Terms()
    for name in program.inputs:
        (root,) = read(terms, program.adjoint(name))
        text = write(terms, root)
        expected = program.adjoint(name)(**point)
        again = dk.lower(f"{text} + 0*({' + '.join(point)})")
        assert again(**point) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("expression", "tree_ops"),
    [
        ("x*x*x", 1), ("x + x + x", 1), ("x/y", 2), ("x - y", 2), ("sqrt(x)", 1), ("x/sqrt(y)", 2),
        ("2*(x + y)", 3), ("-(x + y)", 3), ("exp(x)**2", 2), ("x - x", 0), ("sin(-x)", 2),
    ],
)  # fmt: skip
def test_sympy_is_counted_in_the_same_unit(expression, tree_ops):
    """What SymPy makes of small formulas, in operations (counted by hand)."""
    x, y = sp.symbols("x y", real=True)
    held = {
        "x*x*x": x * x * x, "x + x + x": x + x + x, "x/y": x / y, "x - y": x - y,
        "sqrt(x)": sp.sqrt(x), "x/sqrt(y)": x / sp.sqrt(y), "2*(x + y)": 2 * (x + y),
        "-(x + y)": -(x + y), "exp(x)**2": sp.exp(x) ** 2, "x - x": x - x, "sin(-x)": sp.sin(-x),
    }[expression]  # fmt: skip
    terms = Terms()

    assert measure(terms, read_expressions(terms, [held])).tree_ops == tree_ops


# -- SymPy's rows ----------------------------------------------------------------------------


def test_sympy_rows_of_the_logistic_map():
    """Measured once with SymPy alone: 69 shared, 316 written out, 264 by count_ops, 51 by cse."""
    report = dk.swell(logistic(4), "x")

    assert (report["sympy"].dag_ops, report["sympy"].tree_ops) == (69, 316)
    assert report["sympy"].count_ops == 264
    assert report["cse"].dag_ops == 51
    assert report["simplify"].dag_ops == report["simplify"].tree_ops == 44


@pytest.mark.parametrize(
    ("family", "n", "dag", "tree", "count_ops", "cse"),
    [
        ("softplus", 1, 7, 10, 9, 7),
        ("softplus", 4, 34, 103, 99, 34),
        ("softplus", 20, 178, 2119, 2099, 178),
        ("softplus_shared", 2, 17, 37, 35, 16),
        ("softplus_shared", 8, 77, 514, 506, 76),
        ("logistic", 6, 174, 2512, 2096, 108),
        ("x_sin_x", 6, 169, 2048, 2048, 69),
        ("speelpenning", 7, 48, 48, 48, 28),
        ("speelpenning", 63, 3968, 3968, 3968, 2016),
        ("softmax_cross_entropy", 10, 31, 221, 211, 31),
        ("nested_sqrt", 16, 63, 288, 425, 63),
        ("nested_exp", 8, 15, 43, 43, 15),
        ("nested_exp", 64, 127, 2143, 2143, 127),
    ],
)
def test_sympys_sizes_as_measured_before(family, n, dag, tree, count_ops, cse):
    """Of SymPy's derivative, by another program that walked SymPy's own expressions."""
    found = FAMILIES[family]
    program, wrt = scalar_source(found(n), found.wrt, None)
    algebra = Algebra(program, wrt)
    held = algebra.answer("sympy").size

    assert (held.dag_ops, held.tree_ops) == (dag, tree)
    assert algebra.answer("count_ops of sympy").counted == count_ops
    assert algebra.answer("cse").size.dag_ops == cse


def test_what_sympy_cannot_differentiate_is_named():
    """Its rows say why; the others are there."""
    report = dk.swell("floor(x)*x")

    assert "floor" in report["sympy"].status
    assert report["sympy"].tree_ops is None
    assert report["adjoint"].dag_ops == 2


def test_budget_is_kept():
    """simplify hangs on this gradient; the report comes, and says so."""
    report = dk.swell(logistic(10), "x", rows=["simplify"], budget=1.5)

    assert report["simplify"].status == "did not finish in 1.5 s"
    assert "1.5" in str(report)


def test_ctrl_c_keeps_the_rows_that_are_there():
    """The child is killed, and the report comes back with what was finished."""
    main = threading.main_thread().ident
    threading.Timer(3.0, signal.pthread_kill, [main, signal.SIGINT]).start()
    report = dk.swell(logistic(12), "x", rows=["adjoint", "simplify"], budget=60)

    assert report["adjoint"].dag_ops == 9 * 12 - 2
    assert report["simplify"].status == "interrupted"


def test_branches_are_followed_as_recorded():
    """A guard is no operation: the sizes are those of the branch that was taken."""

    def absolute(x):
        return x * x if x > 0 else -x

    report = dk.swell(absolute, rows=[*OWN, "sympy"], budget=60)

    assert report["primal"].dag_ops == 1
    assert report["sympy"].status == "done"


def test_arrays_are_written_out_by_entries():
    """A 2 by 2 matrix times a vector: 4 products and 2 sums, and a tanh for each row."""
    f = lambda W, x: np.sum(np.tanh(W @ x))
    report = own(f, "W", at=(np.ones((2, 2)), np.ones(2)))

    assert report.wrt == ("W_0_0", "W_0_1", "W_1_0", "W_1_1")
    assert report["primal"].dag_ops == 4 + 2 + 2 + 1


def test_budget_of_zero_asks_nothing():
    """The rows of SymPy say so; the others are there."""
    report = dk.swell("sin(x)*x", budget=0)

    assert {report[row].status for row in ("sympy", "cse", "simplify")} == {
        "not asked: the budget is 0 s"
    }
    assert report["textbook"].status == "done"


# -- bad input -------------------------------------------------------------------------------


def test_constant_source_is_refused():
    """There is nothing to differentiate by."""
    for constant in ("2 + 3", sp.Integer(3), lambda: 1.0):
        with pytest.raises(ArgumentError, match="constant"):
            dk.swell(constant)


def test_wrt_must_be_in_the_source():
    """The error names it and the inputs."""
    with pytest.raises(ArgumentError, match="'q' is not in the source; its inputs are x, y"):
        dk.swell("x*y", "q")
    for wrong in (0, 1.5):
        with pytest.raises(ArgumentError, match="the name of an input"):
            dk.swell("x*y", wrong)
    with pytest.raises(ArgumentError, match="wrt is empty"):
        dk.swell("x*y", [])


@pytest.mark.parametrize("budget", [-1, float("nan"), float("inf"), "5", None])
def test_budget_is_a_number_of_seconds(budget):
    """Anything else is refused."""
    with pytest.raises(ArgumentError, match="budget"):
        dk.swell("x*x", budget=budget)


def test_rows_are_known():
    """A row that is not there is named, with those that are."""
    with pytest.raises(ArgumentError, match="'dual' is not a row; the rows are primal"):
        dk.swell("x*x", rows=["dual"])
    with pytest.raises(KeyError, match="the rows are primal, tangent"):
        own("x*x")["sympy"]


def test_result_must_be_one_number():
    """Of an array, or of several outputs, there is no gradient."""
    with pytest.raises(NonScalarOutput):
        dk.swell(lambda x: x * np.ones(2), at=(1.0,))
    with pytest.raises(NonScalarOutput):
        dk.swell(lambda x: (x, x * x))


def test_ratio_of_integers_beyond_floats():
    """A ratio that no float can hold is a whole number; of nothing there is none."""
    assert ratio(3, 2) == 1.5
    assert ratio(10**400 + 1, 2) == 5 * 10**399
    assert ratio(1, 0) is None


@pytest.mark.parametrize("function", [np.prod, np.sum, np.mean, np.cumsum])
def test_array_functions_of_one_number(function):
    """Operations that look at shapes take a number as an array of one entry: (x*x)' = 2*x."""

    def source(x):
        return function(x) * x

    written = dk.swell(source, "x", budget=0).formula("textbook")
    assert sp.sympify(written) == 2 * sp.Symbol("x")
