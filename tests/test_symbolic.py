"""SymPy in and out, its derivative without its recursion, and the 50-digit reference."""

import time

import mpmath
import numpy as np
import pytest
import sympy as sp

import diffkit as dk
from diffkit.errors import ArgumentError, ExpressionError, ReferenceFailed, SymbolicError
from diffkit.primitives import PRIMITIVES
from diffkit.symbolic import diff, differentiate, to_sympy
from diffkit.symbolic.reference import reference_values

from .table import point

x, y, z = sp.symbols("x y z", real=True)


def distinct(expression):
    """Number of distinct objects in an expression."""
    seen, stack = set(), [expression]
    while stack:
        node = stack.pop()
        if id(node) not in seen:
            seen.add(id(node))
            stack.extend(node.args)
    return len(seen)


def logistic(n):
    return "; ".join(["l1 = x"] + [f"l{k + 1} = 4*l{k}*(1 - l{k})" for k in range(1, n)])


# -- SymPy to Program ------------------------------------------------------------------------

EXPRESSIONS = [
    sp.log(1 + sp.exp(x * y)) / sp.sqrt(z),
    x**2 - 3 * y / z + sp.Rational(2, 7) * x,
    -x - y - 1,
    sp.exp(-x) * sp.sin(y) ** -2,
    sp.Piecewise((x, x > y), (y**2, x > -1), (z, True)),
    sp.Max(x, y, z) + sp.Min(x, 0.3) + sp.Abs(x - y),
    sp.atan2(y, x) + sp.pi * sp.E - sp.cosh(z) ** sp.Rational(-1, 2),
    sp.Heaviside(x - y) * z + sp.sign(x),
    x**y + 2**z,
    sp.sinc(x) + sp.floor(3 * y) - sp.ceiling(z),
    (x + y) ** 3 / (x + y + 1),
    sp.Piecewise((1, sp.And(x > 0, y > 0)), (2, sp.Or(x > 1, z < 0)), (3, True)),
]


@pytest.mark.parametrize("expression", EXPRESSIONS, ids=str)
def test_sympy_expressions_lower_to_their_value(expression, rng):
    """A lowered expression has the value that SymPy evaluates."""
    program = dk.lower(expression)
    for _ in range(5):
        point = dict(zip("xyz", rng.uniform(0.1, 2, size=3), strict=True))
        at = {name: point[name] for name in program.inputs}
        expected = expression.subs({s: point[s.name] for s in expression.free_symbols}).evalf(30)
        assert program(**at) == pytest.approx(float(expected), rel=1e-13)


def test_shared_subexpressions_are_recorded_once():
    """A tree of a million operations whose parts are shared is a Program of sixty steps."""
    e = x
    for _ in range(20):
        e = sp.sin(e) * sp.cos(e)
    assert len(dk.lower(e)) == 60


def test_deep_expressions_do_not_recurse():
    """An expression 3000 deep, where SymPy's own walkers fail, lowers."""
    e = x
    for _ in range(3000):
        e = sp.Add(sp.sin(e, evaluate=False), x, evaluate=False)
    assert len(dk.lower(e)) == 6000


def test_symbol_names_are_checked():
    """A symbol whose name is no identifier cannot be an input: names are not code."""
    for name in ("a b", "x'", "__import__('os')", "lambda", "1x", "a;b", "__class__"):
        with pytest.raises(ExpressionError, match="rename it"):
            dk.lower(sp.Symbol(name) + 1)
    with pytest.raises(ExpressionError, match="two different symbols are called x"):
        dk.lower(sp.Symbol("x") + x)
    with pytest.raises(SymbolicError, match="no row"):
        dk.lower(sp.Integral(sp.sin(x), x))
    with pytest.raises(SymbolicError, match="not a real number"):
        dk.lower(sp.I * x)
    with pytest.raises(ArgumentError, match="superfluous q"):
        dk.lower(x + 1, q=1.0)


# -- Program to SymPy ------------------------------------------------------------------------


def test_sharing_survives_the_way_to_sympy():
    """Each step is one SymPy object: the logistic map grows linearly, not exponentially."""
    sizes = [distinct(to_sympy(dk.lower(logistic(n)))) for n in (10, 20, 40)]
    assert sizes[2] - sizes[1] == 2 * (sizes[1] - sizes[0])
    assert sizes[2] < 6 * 40


def test_round_trip(rng):
    """Program to SymPy and back has the same value."""
    text = "tanh(w*x + b)^2 / (1 + abs(x)) + max(w, b) * (x if x > 0 else 0.1*x)"
    program = dk.lower(text)
    again = dk.lower(to_sympy(program))
    for _ in range(10):
        w, x_, b = rng.normal(size=3)
        assert again(w=w, x=x_, b=b) == pytest.approx(program(w=w, x=x_, b=b), rel=1e-13)


def test_small_arrays_are_written_out():
    """Arrays become arrays of symbols, named by their indices."""
    found = to_sympy(dk.lower("A @ v", A=np.ones((2, 2)), v=np.ones(2)), evaluate=True)
    a = sp.symbols("A_0_0 A_0_1 A_1_0 A_1_1", real=True)
    v = sp.symbols("v_0 v_1", real=True)
    assert list(found) == [a[0] * v[0] + a[1] * v[1], a[2] * v[0] + a[3] * v[1]]


def test_large_arrays_are_refused_with_the_limit():
    """Beyond the limit the message says how many entries, and what to do."""
    program = dk.lower("sum(x)", x=np.ones(101))
    with pytest.raises(SymbolicError, match=r"101 entries.*at most 100"):
        to_sympy(program)
    assert "at most 100" in differentiate(program).status
    with pytest.raises(SymbolicError, match="rename it"):
        to_sympy(dk.lower("x[0] + x_0", x=np.ones(2)))


# -- the derivative ----------------------------------------------------------------------------


@pytest.mark.parametrize("expression", [*EXPRESSIONS[:7], *EXPRESSIONS[8:11:2]], ids=str)
@pytest.mark.parametrize("symbol", [x, y])
def test_the_derivative_is_sympys_own(expression, symbol):
    """Node by node we get exactly what expr.diff gives."""
    assert diff(expression, symbol) == expression.diff(symbol)


@pytest.mark.parametrize("n", range(1, 8))
def test_the_derivative_of_the_logistic_map_is_sympys_own(n):
    """Also where expressions are shared and SymPy walks them as trees."""
    e = to_sympy(dk.lower(logistic(n)), evaluate=True)
    assert diff(e, x) == e.diff(x)


def test_depth_where_sympy_stops():
    """A chain of 400 functions: expr.diff recurses too deep, this does not."""
    text = "; ".join(["u = x"] + ["u = sin(u) + x"] * 400)
    program = dk.lower(text)

    derivative = differentiate(program, budget=60)

    assert derivative.status == "done"
    assert derivative(x=0.1)["x"] == pytest.approx(program.adjoint()(0.1), rel=1e-12)


def test_the_budget_is_kept():
    """What SymPy cannot finish is killed and says so; (2x)^(10^9) would need 2^(10^9)."""
    started = time.perf_counter()

    derivative = differentiate(dk.lower("(2*x)**1000000000"), budget=2)

    assert derivative.status == "did not finish in 2 s"
    assert not derivative.done
    assert time.perf_counter() - started < 20
    with pytest.raises(SymbolicError, match="did not finish"):
        derivative(x=1.0)
    assert "did not finish in 0 s" in differentiate(dk.lower("x*x"), budget=0).status


def test_a_derivative_that_sympy_does_not_have():
    """It is named in the status, and nothing is raised."""
    assert "SymPy has no derivative of floor" in differentiate(dk.lower("floor(x)*x")).status


def test_derivatives_of_array_outputs():
    """The derivative of every output by every input, as an array."""
    X, v = np.arange(6.0).reshape(2, 3), np.array([1.0, -2.0, 0.5])
    derivative = differentiate(dk.lower("tanh(X @ v)", X=X, v=v), ["v"])

    expected = (1 / np.cosh(X @ v) ** 2)[:, None] * X
    np.testing.assert_allclose(derivative(X=X, v=v)["v"], expected, rtol=1e-12)
    assert derivative.expression("v").shape == (2, 3)
    with pytest.raises(ArgumentError, match="'q' is not one of v"):
        derivative.expression("q")


# -- the reference -----------------------------------------------------------------------------


def test_reference_has_fifty_digits():
    """The adjoint of exp(sin x) at the double 0.1, against mpmath written by hand."""
    (found,) = reference_values(dk.lower("exp(sin(x))").adjoint(), {"x": 0.1})
    with mpmath.workdps(60):
        t = mpmath.mpf(0.1)
        assert abs(mpmath.mpf(found) - mpmath.exp(mpmath.sin(t)) * mpmath.cos(t)) < 1e-49


def test_reference_leaves_mpmath_alone():
    """The user's mpmath precision is his own."""
    before = mpmath.mp.dps
    reference_values(dk.lower("exp(x)"), {"x": 1.0})
    assert mpmath.mp.dps == before


def test_reference_of_arrays(rng):
    """Reductions, products, indexing and einsum work on arrays of mpmath numbers."""

    def f(A, v):
        h = np.maximum(np.einsum("ij,j->i", A, v), 0) + np.max(A, axis=1)
        return np.prod(h + 3) + np.linalg.norm(A[1:]) + np.mean(np.where(v > 0, v, v**2))

    A, v = rng.normal(size=(3, 2)), rng.normal(size=2)
    adjoint = dk.lower(f, A, v).adjoint()
    for exact, double in zip(
        reference_values(adjoint, {"A": A, "v": v}), adjoint(A, v), strict=True
    ):
        np.testing.assert_allclose(exact.astype(float), double, rtol=1e-13)


def test_where_there_is_no_reference():
    """No real value, or too much work: the reason is given."""
    for text, at in (("sqrt(x)", -1.0), ("1/x", 0.0), ("log(x)", 0.0), ("x**0.5", -2.0)):
        with pytest.raises(ReferenceFailed, match="here"):
            reference_values(dk.lower(text), {"x": at})
    big = np.ones(200_000)
    program = dk.lower("x*x", x=big)
    with pytest.raises(ReferenceFailed, match="too many for 50 digits"):
        reference_values(program, {"x": big})


def test_every_elementwise_row_has_a_reference(rng):
    """Each SymPy form also computes with mpmath, and agrees with NumPy."""
    for primitive in PRIMITIVES.values():
        if not primitive.partials:
            continue
        if primitive.name == "ldexp":
            continue  # its second operand is a whole number
        xs = point(primitive, rng)
        names = [f"x{i}" for i in range(len(xs))]
        program = _one_step(primitive, names)
        values = dict(zip(names, xs, strict=True))
        (exact,) = reference_values(program, values)
        assert float(exact) == pytest.approx(float(program(**values)), rel=1e-13), primitive.name


def _one_step(primitive, names):
    from diffkit.core.program import Step
    from diffkit.core.tracing import abstract

    scalar = abstract((), np.dtype(float))
    step = Step("y", primitive, tuple(names), {}, scalar)
    return dk.Program(dict.fromkeys(names, scalar), [step], ["y"])


def test_complex_constants_are_real_and_imaginary_parts():
    """What a function over complex numbers holds reads as a + b*I."""
    program = dk.lower(lambda v: np.real(np.exp(1j * v) * (2 + 0.5j)), 1.0)

    found = program.to_sympy()

    assert found.has(sp.I)
    (name,) = found.free_symbols
    assert sp.N(found.subs(name, 0.3)) == pytest.approx(program(0.3), abs=1e-12)


def test_a_branch_has_no_formula():
    """A Program that took a branch says which, and what to write instead."""
    program = dk.lower(lambda x: x * 2 if x > 0 else x, 1.0)
    with pytest.raises(SymbolicError, match=r"t2 = guard\(t1, expected=True\).*np\.where"):
        program.to_sympy()
