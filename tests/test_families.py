"""Families: each has a source, grows as its closed form says, and holds the known value."""

import ast
from functools import cache

import mpmath
import numpy as np
import pytest
import sympy as sp

import diffkit as dk
from diffkit.errors import ArgumentError
from diffkit.families import FAMILIES
from diffkit.symbolic.reference import reference_values

OWN = ("primal", "tangent", "adjoint", "textbook", "unrolled")
DEPTHS = range(1, 15)


def fibonacci_number(n):
    a, b = 0, 1
    for _ in range(n):
        a, b = b, a + b
    return a


# Closed forms of (f as DAG, f as tree, f + adjoint as DAG, textbook as tree), and the depth
# from which they hold. The first three are counted by hand, operations a level times levels
# less the products with the seed 1 and what no input needs; those of softplus, logistic, x_sin_x,
# nested_exp, speelpenning, softmax_cross_entropy and mlp_tanh were also measured with
# other programs. The textbook's trees have a witness of their own below.
LAWS = {
    "softplus": (
        1,
        lambda n: 5 * n,
        lambda n: 5 * n,
        lambda n: 9 * n - 1,
        lambda n: 5 * n**2 + 6 * n - 1,
    ),
    "softplus_shared": (
        1,
        lambda n: 5 * n,
        lambda n: 5 * n,
        lambda n: 11 * n - 3,
        lambda n: (15 * n**2 + 9 * n - 4) // 2,
    ),
    "logistic": (
        1,
        lambda n: 4 * n,
        lambda n: 4 * (2**n - 1),
        lambda n: 9 * n - 2,
        lambda n: (4 * n - 1) * 2**n,
    ),
    "x_sin_x": (
        1,
        lambda n: 2 * n,
        lambda n: 2 * (2**n - 1),
        lambda n: 7 * n - 2,
        lambda n: (3 * n - 1) * 2**n,
    ),
    "nested_sqrt": (
        1,
        lambda n: 2 * n,
        lambda n: 2 * n,
        lambda n: 4 * n - 1,
        lambda n: n**2 + 3 * n - 1,
    ),
    "nested_exp": (
        1,
        lambda n: n,
        lambda n: n,
        lambda n: 2 * n - 1,
        lambda n: (n**2 + 3 * n - 2) // 2,
    ),
    "product_tower": (
        1,
        lambda n: n,
        lambda n: 2**n - 1,
        lambda n: 3 * n - 1,
        lambda n: n * 2**n - 1,
    ),
    "newton_sqrt": (
        1,
        lambda n: 3 * n,
        lambda n: 3 * 2**n - 3,
        lambda n: 11 * n - 6,
        lambda n: (9 * n - 8) * 2 ** (n - 1) + 1,
    ),
    "recurrent_cell": (
        1,
        lambda n: 5 * n,
        lambda n: 5 * n,
        lambda n: 12 * n - 3,
        lambda n: 5 * n**2 + 5 * n - 2,
    ),
    "continued_fraction": (
        1,
        lambda n: 2 * n,
        lambda n: 2 * n,
        lambda n: 5 * n - 1,
        lambda n: 2 * n**2 + 2 * n - 1,
    ),
    "polynomial_horner": (
        2,
        lambda n: 2 * n,
        lambda n: 2 * n,
        lambda n: 5 * n - 5,
        lambda n: n**2 + n - 2,
    ),
    "product_of_sums": (
        2,
        lambda n: 3 * n,
        lambda n: 3 * n,
        lambda n: 7 * n - 4,
        lambda n: (3 * n**2 + 7 * n - 8) // 2,
    ),
    "speelpenning": (1, lambda n: n, lambda n: n, lambda n: 3 * n - 2, lambda n: n**2 - 1),
    "fibonacci": (
        2,
        lambda n: n + 1,
        lambda n: 2 * fibonacci_number(n + 1) + fibonacci_number(n) - 1,
        lambda n: 4 * n + 1,
        None,
    ),
    "determinant": (3, lambda n: 5 * n - 6, None, lambda n: 9 * n - 15, None),
    "sum_of_products": (
        1,
        lambda n: 2 * n,
        lambda n: n * (n + 3) // 2,
        lambda n: 4 * n - 1,
        lambda n: n * (n + 1) // 2,
    ),
    "polynomial_expanded": (
        2,
        lambda n: 3 * n - 1,
        lambda n: 3 * n - 1,
        lambda n: 6 * n - 4,
        lambda n: 4 * n - 5,
    ),
    "log_sum_exp": (
        1,
        lambda n: 2 * n,
        lambda n: 2 * n,
        lambda n: 3 * n + 1,
        lambda n: 2 * n**2 + 2 * n,
    ),
    "softmax_cross_entropy": (
        1,
        lambda n: 2 * n + 2,
        lambda n: 2 * n + 2,
        lambda n: 3 * n + 4,
        lambda n: 2 * n**2 + 2 * n + 1,
    ),
    "mlp_tanh": (
        1,
        lambda n: 8 * n + 1,
        lambda n: 8 * 2**n - 7,
        lambda n: 22 * n - 4,
        lambda n: (8 * n + 1) * 2**n - 3,
    ),
    "mlp_relu": (
        1,
        lambda n: 8 * n + 1,
        lambda n: 8 * 2**n - 7,
        lambda n: 20 * n - 4,
        lambda n: (8 * n - 1) * 2**n - 1,
    ),
    "mlp_sigmoid": (
        1,
        lambda n: 14 * n + 1,
        lambda n: 14 * 2**n - 13,
        lambda n: 30 * n - 4,
        lambda n: 7 * (6 * n - 5) * 2**n + 33,
    ),
    # v*tanh'*w: 3 for the slope, 2 products, a sum; relu's slope is 2; the sigmoid is 4
    # operations, and backward -y/b, *v, *e, the sign, *w and the sum are 7.
    "mlp_width_tanh": (
        1,
        lambda n: 5 * n - 1,
        lambda n: 5 * n - 1,
        lambda n: 11 * n - 2,
        lambda n: 8 * n - 1,
    ),
    "mlp_width_relu": (
        1,
        lambda n: 5 * n - 1,
        lambda n: 5 * n - 1,
        lambda n: 10 * n - 2,
        lambda n: 7 * n - 1,
    ),
    "mlp_width_sigmoid": (
        1,
        lambda n: 8 * n - 1,
        lambda n: 8 * n - 1,
        lambda n: 15 * n - 2,
        None,
    ),
}
COLUMNS = (
    ("primal", "dag_ops"), ("primal", "tree_ops"), ("adjoint", "dag_ops"), ("textbook", "tree_ops"),
)  # fmt: skip


@cache
def studied(name):
    return dk.swell_study(name, DEPTHS, rows=OWN)


def expected(form, depths):
    return [form(n) for n in depths]


@pytest.mark.parametrize("name", FAMILIES)
def test_sizes_are_the_closed_forms(name):
    """Every family grows as its law says."""
    start, *forms = LAWS[name]
    study = studied(name)
    for (row, column), form in zip(COLUMNS, forms, strict=True):
        if form is not None:
            sizes = study.sizes(row, column)[start - 1 :]
            assert sizes == expected(form, DEPTHS[start - 1 :]), (row, column)


def inlined(text):
    """The syntax tree of the last statement, names of earlier ones replaced by what they are."""
    known = {}
    for line in text.split("; "):
        name, _, formula = line.partition(" = ")
        known[name] = node = Inline(known).visit(ast.parse(formula, mode="eval").body)
    return node


class Inline(ast.NodeTransformer):
    def __init__(self, known):
        self.known = known

    def visit_Name(self, node):
        return self.known.get(node.id, node)


def size(node):
    """Operations of a formula; a difference is two."""
    if isinstance(node, ast.BinOp):
        return size(node.left) + size(node.right) + 1 + isinstance(node.op, ast.Sub)
    if isinstance(node, ast.UnaryOp):
        return size(node.operand) + 1
    return 1 + sum(map(size, node.args)) if isinstance(node, ast.Call) else 0


# The operations of a derivative, or one of the numbers that are folded.
ZERO, ONE, MINUS_ONE, NUMBER = "0", "1", "-1", "c"


def plus(a, b):
    if ZERO in (a, b):
        return b if a == ZERO else a
    if isinstance(a, str) and isinstance(b, str):
        return NUMBER
    return (0 if isinstance(a, str) else a) + (0 if isinstance(b, str) else b) + 1


def times(a, b):
    if ZERO in (a, b):
        return ZERO
    for one, other in ((a, b), (b, a)):
        if one == ONE:
            return other
        if one == MINUS_ONE:
            return {ONE: MINUS_ONE, MINUS_ONE: ONE, NUMBER: NUMBER}.get(other) or other + 1
    if a == b == NUMBER:
        return NUMBER
    return (0 if a == NUMBER else a) + (0 if b == NUMBER else b) + 1


def outer(node):
    """The operations of f' in f'(u)*u'."""
    whole, (inner,) = size(node), map(size, node.args[-1:])
    return {
        "exp": whole, "log": inner + 1, "sin": inner + 1, "cos": inner + 2, "sqrt": whole + 1,
        "tanh": inner + 3, "max": inner + 2,
    }[node.func.id]  # fmt: skip


def textbook(node, x):
    """The operations of the derivative by x, by the rules of the textbook, recursively."""
    if isinstance(node, ast.Name):
        return ONE if node.id == x else ZERO
    if isinstance(node, ast.Constant):
        return ZERO
    if isinstance(node, ast.UnaryOp):
        return times(MINUS_ONE, textbook(node.operand, x))
    if isinstance(node, ast.Call):
        return times(outer(node), textbook(node.args[-1], x))
    a, b = node.left, node.right
    da, db = textbook(a, x), textbook(b, x)
    factor = [NUMBER if isinstance(part, ast.Constant) else size(part) for part in (a, b)]
    match node.op:
        case ast.Add():
            return plus(da, db)
        case ast.Sub():
            return plus(da, times(MINUS_ONE, db))
        case ast.Mult():
            return plus(times(factor[1], da), times(factor[0], db))
        case ast.Div():  # a'/b and -(a/b)/b b'
            inverse = NUMBER if factor[1] == NUMBER else size(b) + 1
            return plus(times(inverse, da), times(size(node) + 1 + size(b) + 1, db))
        case ast.Pow():  # k a**(k-1)
            power = {1: ONE, 2: size(a) + 1}.get(b.value, size(a) + 2)
            return times(power, da)
    raise AssertionError(node)


@pytest.mark.parametrize("n", range(1, 5))
@pytest.mark.parametrize("name", FAMILIES)
def test_textbook_trees_have_a_recursive_witness(name, n):
    """A textbook differentiator over Python's syntax trees, written here, counts the same."""
    family = FAMILIES[name]
    tree = inlined(family(n))
    inputs = [family.wrt] if family.wrt else dk.lower(family(n)).inputs
    counts = [textbook(tree, x) for x in inputs]
    expected = sum(0 if isinstance(count, str) else count for count in counts)

    assert dk.swell_study(name, [n], rows=OWN).sizes("textbook", "tree_ops") == [expected]


@pytest.mark.parametrize("name", FAMILIES)
def test_laws_are_found_and_foretell_depth_40(name):
    """Each column's law is found from 14 depths, is certain, and holds at depth 40."""
    study = studied(name)
    deep = dk.swell_study(name, [40], rows=OWN)
    for row, column in [(row, column) for row in OWN for column in ("dag_ops", "tree_ops")]:
        law = study.law(row, column)

        assert law.certain, (row, column)
        assert law.formula.subs("n", 40).expand() == deep.sizes(row, column)[0], (row, column)


@pytest.mark.parametrize("name", FAMILIES)
def test_family_says_what_it_is(name):
    """A formula, what to differentiate by, and a source, all in its documentation."""
    family = FAMILIES[name]
    by = family.wrt

    assert name in repr(family)
    assert family.source.endswith(".")
    assert family.source in family.__doc__
    assert by is None or by in dk.lower(family(3)).inputs


VALUES = {
    "softplus_shared": lambda x, w, b, n: iterate(lambda s: np.log1p(np.exp(w * s + b)), x, n),
    "logistic": lambda x, n: np.sin(2**n * np.arcsin(np.sqrt(x))) ** 2,
    "x_sin_x": lambda x, n: iterate(lambda s: s * np.sin(s), x, n),
    "nested_sqrt": lambda x, n: iterate(lambda s: np.sqrt(1 + s), x, n),
    "nested_exp": lambda x, n: iterate(np.exp, x, n),
    "product_tower": lambda x, n: x ** (2**n),
    "newton_sqrt": lambda s0, a, n: np.sqrt(a) / np.tanh(2**n * np.arctanh(np.sqrt(a) / s0)),
    "fibonacci": lambda x, n: np.cos(x) ** fibonacci_number(n + 1) * x ** fibonacci_number(n),
}


def iterate(step, x, n):
    for _ in range(n):
        x = step(x)
    return x


@pytest.mark.parametrize("name", VALUES)
def test_values_of_iterations(name):
    """The text computes what its name says, by a closed form or a loop."""
    point = {"x": 0.3, "w": 0.7, "b": -0.2, "s0": 2.0, "a": 1.7}
    for n in (1, 2, 3):
        program = dk.lower(FAMILIES[name](n))
        at = {key: point[key] for key in program.inputs}
        assert program(**at) == pytest.approx(VALUES[name](**at, n=n), rel=1e-12)


def test_determinant_is_that_of_the_matrix(rng):
    """The continuant is NumPy's determinant of the tridiagonal matrix."""
    n = 6
    program = dk.lower(FAMILIES["determinant"](n))
    a, b, c = rng.normal(size=(3, n + 1))
    matrix = np.diag(a[1:]) + np.diag(b[2:], -1) + np.diag(c[2:], 1)
    rows = {"a": a, "b": b, "c": c}
    entries = {f"{name}{k}": rows[name][k] for name in rows for k in range(n + 1)}

    assert program(**{key: entries[key] for key in program.inputs}) == pytest.approx(
        np.linalg.det(matrix), rel=1e-10
    )


def test_continued_fraction_of_ones_is_a_ratio_of_fibonacci_numbers():
    """1 + 1/(1 + 1/(...)) from x = 1 is F(n+2)/F(n+1)."""
    n = 10
    program = dk.lower(FAMILIES["continued_fraction"](n))
    value = program(**dict.fromkeys(program.inputs, 1.0))

    assert value == pytest.approx(fibonacci_number(n + 2) / fibonacci_number(n + 1), rel=1e-14)


@pytest.mark.parametrize("name", ["polynomial_horner", "polynomial_expanded"])
def test_polynomials(name):
    """With coefficients 1 they are geometric sums."""
    program = dk.lower(FAMILIES[name](6))
    value = program(**{key: 1.0 if key != "x" else 0.5 for key in program.inputs})

    assert value == pytest.approx(2 - 2**-6 - (name == "polynomial_expanded"), rel=1e-14)


@pytest.mark.parametrize(
    ("levels", "derivative", "at_a_tenth"),
    [
        (1, "4 - 8*x", "16/5"),
        (2, "16*(1 - 10*x + 24*x**2 - 16*x**3)", "448/125"),
        (
            3,
            "64*(1 - 42*x + 504*x**2 - 2640*x**3 + 7040*x**4 - 9984*x**5 + 7168*x**6 - 2048*x**7)",
            "-944384/78125",
        ),
        (4, None, "-622662591488/30517578125"),
    ],
)
def test_logistic_derivatives_of_the_published_table(levels, derivative, at_a_tenth):
    """Baydin et al. 2018, Table 1: from l_2 to l_5, exactly."""
    x = sp.Symbol("x", real=True)
    adjoint = dk.lower(dk.families.logistic(levels)).adjoint("x").to_sympy(evaluate=True)

    assert adjoint.subs(x, sp.Rational(1, 10)) == sp.Rational(at_a_tenth)
    if derivative is not None:
        assert sp.expand(adjoint - sp.parse_expr(derivative, {"x": x})) == 0
    else:
        powers = sp.Poly(sp.expand(adjoint), x)
        known = {0: 256, 1: -43520, 2: 2193408, 3: -51597312, 4: 687964160, 5: -5778898944}
        assert {k: powers.coeff_monomial(x**k) for k in known} == known
        assert powers.LC() == -17179869184


def test_logistic_derivative_at_depth_20_is_the_closed_form():
    """2^(n-1) sin(2^n t)/sin(2 t), x = sin(t)^2, for the n-th iterate: 1e-10 at n = 20.

    The iterates are chaotic: at n = 20 a rounding of x has grown a million times, so x and
    the closed form are taken with 50 digits.
    """
    n = 20
    program = dk.lower(dk.families.logistic(n - 1))
    with mpmath.workdps(60):
        t = mpmath.asin(mpmath.sqrt(mpmath.mpf(0.1)))
        exact = 2 ** (n - 1) * mpmath.sin(2**n * t) / mpmath.sin(2 * t)
        (reverse,) = reference_values(program.adjoint("x"), {"x": 0.1})
        assert abs(reverse / exact - 1) < 1e-30
    assert float(program.adjoint("x")(0.1)) == pytest.approx(float(exact), rel=1e-10)


@pytest.mark.parametrize("n", [0, -3, 1.5, "2", None])
def test_depth_is_a_whole_number(n):
    """Anything else is refused, with the family's name."""
    with pytest.raises(ArgumentError, match="logistic"):
        dk.families.logistic(n)


def test_unknown_family_is_refused():
    """The error lists those that there are."""
    with pytest.raises(ArgumentError, match=r"'logistics' is not a family; there are softplus"):
        dk.swell_study("logistics", [1])


def test_completion_offers_families_and_no_helpers():
    """After `dk.families.` stand the families and the four names that handle them."""
    assert set(dir(dk.families)) == {*FAMILIES, "FAMILIES", "Family", "family", "named"}
