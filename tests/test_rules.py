"""Laws of the derivative rules: array rows, products, and what is answered at kinks.

Expected values come from finite differences with an error estimate, from SymPy (rows run
over arrays of symbols), and from calculus, written out.
"""

import mpmath
import numpy as np
import pytest

import diffkit as dk
from diffkit.core.tracing import abstract_of
from diffkit.errors import NotDifferentiable, ShapeError, ZeroGradientWarning
from diffkit.primitives import PRIMITIVES

from .table import (
    ARRAYS,
    ELEMENTWISE,
    EXAMPLES,
    abstract_faults,
    derivative_faults,
    example_faults,
    filled,
    moving,
    name_of,
    operands,
    point,
    random,
    symbolic_faults,
    twin,
)

pytestmark = pytest.mark.filterwarnings("ignore::diffkit.errors.ZeroGradientWarning")

inf, nan = np.inf, np.nan
TRIED = [(row, example) for row, example in EXAMPLES if row in ARRAYS]


# -- array rows ----------------------------------------------------------------------


@pytest.mark.parametrize(("row", "example"), TRIED, ids=name_of)
def test_rules_agree_with_finite_differences(row, example):
    """VJP, JVP, both derivatives of the VJP, and <y_bar, J x_dot> = <J^T y_bar, x_dot>."""
    assert not example_faults(row, example)


@pytest.mark.parametrize(("row", "example"), TRIED, ids=name_of)
def test_jacobians_are_sympys(row, example):
    """The Jacobian is that of the row run over arrays of symbols."""
    assert not symbolic_faults(row, example)


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_smooth_bessel_continues_across_its_two_formulas(mode):
    """Series and recursion meet: x**-n j_n(x) is what mpmath's Bessel function says."""
    row = PRIMITIVES["smooth_bessel"]
    for order in range(6):
        x = np.array([1e-9, 0.1, order + 1.999, order + 2.0, order + 2.001, 3.0 * order + 9, 80.0])
        expected = [[], []]
        for k in (0, 1):
            n = order + k
            for t in map(mpmath.mpf, x.tolist()):
                j = mpmath.hyp0f1(n + mpmath.mpf(3) / 2, -t * t / 4) / mpmath.fac2(2 * n + 1)
                expected[k].append(float(j if k == 0 else -t * j))
        slope = dk.jacobian(lambda x, n=order: row(x, order=n), mode=mode)(x)
        scale = (1 + x) ** -(order + 1.0)  # how large the function is between its zeros
        assert np.all(abs(row(x, order=order) - expected[0]) < 1e-13 * scale)
        assert np.all(abs(np.diag(slope) - expected[1]) < 1e-13 * scale * (1 + order))


# -- products ------------------------------------------------------------------------

PRODUCTS = {
    "1d@1d": (lambda a, b: a @ b, (3,), (3,)),
    "1d@2d": (lambda a, b: a @ b, (3,), (3, 2)),
    "2d@1d": (lambda a, b: a @ b, (2, 3), (3,)),
    "2d@2d": (lambda a, b: a @ b, (2, 3), (3, 4)),
    "1d@3d": (lambda a, b: a @ b, (3,), (2, 3, 2)),
    "3d@1d": (lambda a, b: a @ b, (2, 2, 3), (3,)),
    "batched": (lambda a, b: a @ b, (2, 2, 3), (2, 3, 1)),
    "batched, one matrix": (lambda a, b: a @ b, (2, 2, 3), (3, 2)),
    "one matrix, batched": (lambda a, b: a @ b, (2, 3), (3, 3, 1)),
    "batches broadcast": (lambda a, b: a @ b, (2, 1, 2, 2), (3, 2, 1)),
    "batch of one": (lambda a, b: a @ b, (1, 2, 2), (3, 2, 1)),
    "length one": (lambda a, b: a @ b, (1, 1), (1, 1)),
    "np.matmul": (np.matmul, (2, 3), (3, 2)),
    "dot 3d 2d": (np.dot, (2, 2, 3), (3, 2)),
    "dot 2d 3d": (np.dot, (2, 3), (2, 3, 2)),
    "dot scalar": (np.dot, (), (2, 3)),
    "inner": (np.inner, (2, 3), (2, 3)),
    "vdot": (np.vdot, (2, 3), (3, 2)),
    "outer of matrices": (np.outer, (2, 2), (3,)),
    "outer of scalars": (np.outer, (), (2,)),
    "tensordot 0": (lambda a, b: np.tensordot(a, b, 0), (2,), (3,)),
    "tensordot 1": (lambda a, b: np.tensordot(a, b, 1), (2, 3), (3, 2)),
    "tensordot 2": (lambda a, b: np.tensordot(a, b), (2, 2, 3), (2, 3, 2)),
    "tensordot all": (lambda a, b: np.tensordot(a, b, 2), (2, 3), (2, 3)),
    "tensordot lists": (lambda a, b: np.tensordot(a, b, [[0, 2], [1, 0]]), (2, 3, 2), (2, 2)),
    "tensordot crossed": (lambda a, b: np.tensordot(a, b, ([2, 0], [0, 2])), (2, 3, 4), (4, 1, 2)),
    "tensordot pair": (lambda a, b: np.tensordot(a, b, (1, 0)), (2, 3), (3, 2)),
    "tensordot negative": (lambda a, b: np.tensordot(a, b, ([-1], [-2])), (2, 3), (3, 2)),
    "einsum matmul": (lambda a, b: np.einsum("ij,jk->ik", a, b), (2, 3), (3, 2)),
    "einsum implicit": (lambda a, b: np.einsum("ij,jk", a, b), (2, 3), (3, 2)),
    "einsum implicit order": (lambda a, b: np.einsum("kj,ji", a, b), (2, 3), (3, 2)),
    "einsum implicit sum": (lambda a, b: np.einsum("ij,ij", a, b), (2, 3), (2, 3)),
    "einsum diagonal": (lambda a, b: np.einsum("ii,i->i", a, b), (3, 3), (3,)),
    "einsum trace": (lambda a, b: np.einsum("ii,jj->", a, b), (2, 2), (3, 3)),
    "einsum thrice": (lambda a, b: np.einsum("iii,i->i", a, b), (2, 2, 2), (2,)),
    "einsum dropped": (lambda a, b: np.einsum("ij,k->k", a, b), (2, 3), (2,)),
    "einsum outer": (lambda a, b: np.einsum("i,j->ji", a, b), (2,), (3,)),
    "einsum scalar": (lambda a, b: np.einsum(",i->i", a, b), (), (3,)),
    "einsum ellipsis": (lambda a, b: np.einsum("...ij,...jk->...ik", a, b), (2, 2, 3), (2, 3, 1)),
    "einsum ellipsis broadcast": (
        lambda a, b: np.einsum("...ij,...jk->...ik", a, b), (3, 1, 2, 2), (2, 2, 1),
    ),
    "einsum ellipsis one side": (lambda a, b: np.einsum("...i,i->...", a, b), (2, 2, 3), (3,)),
    "einsum ellipsis implicit": (lambda a, b: np.einsum("...j,jk", a, b), (2, 2, 3), (3, 2)),
    "einsum ellipsis last": (lambda a, b: np.einsum("i...,i->i...", a, b), (2, 3), (2,)),
    "einsum length one": (lambda a, b: np.einsum("i,i->i", a, b), (1,), (3,)),
    "einsum three": (lambda a, b: np.einsum("i,ij,j->", a, b, a), (2,), (2, 2)),
}  # fmt: skip


@pytest.mark.parametrize("name", PRODUCTS)
def test_products_of_all_shapes(name):
    """NumPy's products, for whatever ranks and axes, against finite differences."""
    f, *shapes = PRODUCTS[name]
    rng = random(name)
    xs = [rng.uniform(-1, 1, shape) for shape in shapes]
    np.testing.assert_allclose(dk.vjp(f, *xs)[0], f(*xs), rtol=1e-14, atol=1e-15)
    assert not derivative_faults(name, f, xs, [0, 1], rng)


@pytest.mark.parametrize("name", PRODUCTS)
def test_products_are_recorded_without_values(name):
    """The adjoint, recorded from shapes alone, gives the eager gradient."""
    f, *shapes = PRODUCTS[name]
    rng = random(name)
    xs = [rng.uniform(-1, 1, shape)[()] for shape in shapes]
    loss = lambda a, b: np.sum(f(a, b) ** 2)
    for found, expected in zip(
        dk.lower(loss, *xs).adjoint()(*xs), dk.grad(loss, (0, 1))(*xs), strict=True
    ):
        np.testing.assert_allclose(found, expected, rtol=1e-13, atol=1e-14)


@pytest.mark.parametrize("kind", [np.float64, np.float32, np.int32, bool])
@pytest.mark.parametrize("name", [name for name in PRODUCTS if "@" in name or "batch" in name])
def test_the_shape_of_a_product_is_known_without_computing_it(name, kind):
    """Shape and dtype are NumPy's, for all ranks."""
    xs = [np.ones(shape, kind) for shape in PRODUCTS[name][1:]]
    assert not abstract_faults(PRIMITIVES["matmul"], xs)


@pytest.mark.parametrize(
    ("name", "shapes", "params"),
    [
        ("matmul", [(2, 3), (2, 3)], {}),
        ("matmul", [(3,), (2,)], {}),
        ("matmul", [(), (2,)], {}),
        ("matmul", [(2, 1, 1), (3, 1, 1)], {}),
        ("tensordot", [(2, 3), (2, 3)], {"axes": ((1,), (0,))}),
        ("einsum", [(2, 3), (2, 3)], {"subscripts": "ij,jk->ik"}),
        ("einsum", [(2, 3)], {"subscripts": "i->i"}),
    ],
)
def test_products_that_do_not_match_are_refused(name, shapes, params):
    """What NumPy refuses with values is refused without them."""
    row, xs = PRIMITIVES[name], [np.ones(shape) for shape in shapes]
    with pytest.raises(ValueError):
        row.numpy(*xs, **params)
    with pytest.raises(ValueError):
        row.abstract(*map(abstract_of, xs), **params)


@pytest.mark.parametrize(
    "f",
    [
        lambda x: x @ x,
        lambda x: np.dot(x, x),
        lambda x: np.einsum("i,i", x, x),
        lambda x: np.einsum("i,i->", x, x),
        lambda x: np.tensordot(x, x, 1),
        lambda x: np.trace(np.outer(x, x)),
    ],
)
def test_an_operand_used_twice_counts_twice(f):
    """The gradient of x.x is 2x, its Hessian 2I, however it is written."""
    x = np.array([1.0, -2.0, 3.0])
    assert dk.grad(f)(x) == pytest.approx(2 * x)
    assert dk.hessian(f)(x) == pytest.approx(2 * np.eye(3))


def test_a_gram_matrix():
    """d/dx sum(c * (x.T @ x)) = x (c + c.T)."""
    rng = random("gram")
    x, c = rng.normal(size=(3, 2)), rng.normal(size=(2, 2))
    assert dk.grad(lambda x: np.sum(c * (x.T @ x)))(x) == pytest.approx(x @ (c + c.T))


def test_einsum_refuses_what_numpy_refuses():
    """Axes under "..." that the output does not mention are an error, not a silent sum."""
    with pytest.raises(ValueError):
        np.einsum("...i->i", np.ones((2, 3)))
    with pytest.raises(ShapeError, match=r"\.\.\."):
        dk.vjp(lambda x: np.einsum("...i->i", x), np.ones((2, 3)))


# -- choices -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "shapes", [((3, 1), (1, 4)), ((), (3,)), ((1,), (3,)), ((), ()), ((4,), (3, 1))], ids=str
)
@pytest.mark.parametrize("mask", [True, False, np.array([True, False, True])[:, None]], ids=str)
def test_where_broadcasts_in_both_modes(shapes, mask):
    """Results, tangents and cotangents of a choice have the shapes that NumPy gives."""
    rng = random("where", shapes)
    xs = [rng.uniform(-1, 1, shape)[()] for shape in shapes]
    assert not derivative_faults("where", lambda a, b: np.where(mask, a, b), xs, [0, 1], rng)
    for i in (0, 1):  # the other is a constant, and does not move
        faults = derivative_faults("where", lambda a, b: np.where(mask, a, b), xs, [i], rng)
        assert not faults


@pytest.mark.parametrize("derivative", [dk.grad, lambda f: lambda x: dk.jvp(f, (x,), (1.0,))[1]])
def test_numbers_stay_numbers(derivative):
    """The derivative at a number is a number, also through a choice."""
    assert type(derivative(lambda x: np.where(x > 0, x * x, 0.0))(3.0)) is np.float64
    assert type(derivative(lambda x: np.maximum(x, 0) * np.sinc(x))(3.0)) is np.float64


@pytest.mark.parametrize(
    "wrap", [np.float64, np.array, lambda x: np.full(3, x)], ids=["0", "0d", "3"]
)
@pytest.mark.parametrize(
    ("f", "expected"),
    [
        (lambda x: np.where(x > 0, np.sqrt(x), 0), 0),
        (lambda x: np.where(x > 0, np.log(x), 0), 0),
        (lambda x: np.where(x > 0, 1 / x, 0), 0),
        (lambda x: np.where(x < 1, x, np.sqrt(x)), 1),
        (lambda x: np.where(x > 0, x**0.5, x), 1),
        (lambda x: np.where(x > 0, np.sqrt(x) * 2 + x, 3 * x), 3),
        (lambda x: np.where(x != 0, np.sin(x) / x, 1), 0),
    ],
)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # NumPy, about the branch not taken
def test_the_branch_not_taken_is_not_heard(f, expected, wrap):
    """At 0 the infinite slope of the other branch adds nothing, in first and second order."""
    x = wrap(0.0)
    slope = dk.elementwise_grad(f)
    assert np.all(slope(x) == expected)
    assert np.all(dk.jvp(f, (x,), (np.ones_like(x),))[1] == expected)
    assert np.all(dk.elementwise_grad(slope)(x) == 0)
    assert np.shape(slope(x)) == np.shape(x)


# -- conventions -----------------------------------------------------------------------

# What is answered where a derivative does not exist, or formulas are 0*inf. Each line:
# function, point, first derivative, second derivative (None: not stated).
KINKS = {
    "abs at 0": (np.abs, 0.0, 0, 0),
    "fabs at 0": (np.fabs, 0.0, 0, 0),
    "sqrt at 0": (np.sqrt, 0.0, inf, None),
    "x*sqrt(x) at 0": (lambda x: x * np.sqrt(x), 0.0, nan, None),
    "x**0": (lambda x: x**0, 0.0, 0, 0),
    "x**1": (lambda x: x**1, 0.0, 1, 0),
    "x**2": (lambda x: x**2, 0.0, 0, 2),
    "x**3": (lambda x: x**3, 0.0, 0, 0),
    "x**0.0": (lambda x: x**0.0, 0.0, 0, 0),
    "x**1.0": (lambda x: x**1.0, 0.0, 1, 0),
    "x**2.0": (lambda x: x**2.0, 0.0, 0, 2),
    "x**0.5": (lambda x: x**0.5, 0.0, inf, None),
    "x**array(2)": (lambda x: x ** np.array(2.0), 0.0, 0, 2),
    "x**array(1)": (lambda x: x ** np.array(1.0), 0.0, 1, 0),
    "x**array(0)": (lambda x: x ** np.array(0.0), 0.0, 0, 0),
    "x**2 at -2": (lambda x: x**2, -2.0, -4, 2),
    "x**3.0 at -2": (lambda x: x**3.0, -2.0, 12, -12),
    "x**array(3) at -2": (lambda x: x ** np.array(3), -2.0, 12, -12),
    "x**-1 at -2": (lambda x: x**-1, -2.0, -0.25, -0.25),
    "float_power at 0": (lambda x: np.float_power(x, 2), 0.0, 0, 2),
    "0**y at 2": (lambda y: 0.0**y, 2.0, 0, 0),
    "0**y at 0": (lambda y: 0.0**y, 0.0, 0, None),
    "(-2)**y at 2": (lambda y: (-2.0) ** y, 2.0, nan, None),
    "x**x at 0": (lambda x: x**x, 0.0, 0, None),
    "maximum(x, 1) at 1": (lambda x: np.maximum(x, 1), 1.0, 0.5, 0),
    "maximum(0, x) at 0": (lambda x: np.maximum(0, x), 0.0, 0.5, 0),
    "minimum(x, 1) at 1": (lambda x: np.minimum(x, 1), 1.0, 0.5, 0),
    "maximum(x, x)": (lambda x: np.maximum(x, x), 1.0, 1, 0),
    "fmax(x, nan)": (lambda x: np.fmax(x, nan), 1.0, 1, 0),
    "fmax(nan, x)": (lambda x: np.fmax(nan, x), 1.0, 1, 0),
    "fmin(x, nan)": (lambda x: np.fmin(x, nan), 1.0, 1, 0),
    "fmin(nan, x)": (lambda x: np.fmin(nan, x), 1.0, 1, 0),
    "fmax tie": (lambda x: np.fmax(x, 1), 1.0, 0.5, 0),
    "fmin tie": (lambda x: np.fmin(x, 1), 1.0, 0.5, 0),
    "clip(x, 0, 1) at 0": (lambda x: np.clip(x, 0, 1), 0.0, 1, 0),
    "clip(x, 0, 1) at 1": (lambda x: np.clip(x, 0, 1), 1.0, 1, 0),
    "clip(x, 0, 1) below": (lambda x: np.clip(x, 0, 1), -1.0, 0, 0),
    "clip(x, None, 1)": (lambda x: np.clip(x, None, 1), -1.0, 1, 0),
    "sinc at 0": (np.sinc, 0.0, 0, -(np.pi**2) / 3),
    "hypot(x, 0) at 0": (lambda x: np.hypot(x, 0), 0.0, 0, nan),  # |x|: no second one there
    "arctan2(x, 0) at 0": (lambda x: np.arctan2(x, 0), 0.0, nan, None),
    "mod(x, 2) at 4": (lambda x: np.mod(x, 2), 4.0, 1, 0),
    "mod(7, y) at 2": (lambda y: np.mod(7, y), 2.0, -3, 0),
    "7 % y at 2": (lambda y: 7 % y, 2.0, -3, 0),
    "mod(-7, y) at 2": (lambda y: np.mod(-7, y), 2.0, 4, 0),
    "fmod(-7, y) at 2": (lambda y: np.fmod(-7, y), 2.0, 3, 0),
    "x // 2": (lambda x: x // 2, 3.0, 0, 0),
    "sign at 0": (np.sign, 0.0, 0, 0),
    "heaviside(x, 0.5) at 0": (lambda x: np.heaviside(x, 0.5), 0.0, 0, 0),
    "floor at 1": (np.floor, 1.0, 0, 0),
    "round at 0.5": (np.rint, 0.5, 0, 0),
    "logaddexp tie": (lambda x: np.logaddexp(x, 0), 0.0, 0.5, 0.25),
    "copysign(x, -1)": (lambda x: np.copysign(x, -1), 2.0, -1, 0),
    "nan_to_num at nan": (np.nan_to_num, nan, 0, 0),
    "nan_to_num at inf": (np.nan_to_num, inf, 0, 0),
    "tanh far out": (np.tanh, 1e3, 0, 0),
    "softplus far left": (lambda x: np.logaddexp(0, x), -1e3, 0, 0),
    "softplus far right": (lambda x: np.logaddexp(0, x), 1e3, 1, 0),
    "x*abs(x) at 0": (lambda x: x * np.abs(x), 0.0, 0, 0),
    "constant": (lambda x: 3.0, 1.0, 0, 0),
    "constant of x": (lambda x: np.ones_like(x), 1.0, 0, 0),
}


@pytest.mark.parametrize("name", KINKS)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # NumPy, about log(-2) and 1/0
def test_answers_at_kinks(name):
    """Numbers, arrays without axes and vectors have the stated derivatives, in both modes."""
    f, at, first, second = KINKS[name]
    slope = dk.elementwise_grad(f)
    for x in (at, np.array(at), np.array([at, at])):
        ones = np.ones_like(x)
        np.testing.assert_allclose(slope(x), first * ones, rtol=1e-14)
        np.testing.assert_allclose(dk.jvp(f, (x,), (ones,))[1], first * ones, rtol=1e-14)
        if second is not None:
            found = dk.elementwise_grad(slope)(x)
            np.testing.assert_allclose(found, second * ones, rtol=1e-14, atol=1e-15)


# Function, point, gradient.
VECTORS = {
    "norm at 0": (np.linalg.norm, [0.0, 0.0], [0, 0]),
    "norm**2 at 0": (lambda x: np.linalg.norm(x) ** 2, [0.0, 0.0], [0, 0]),
    "norm": (np.linalg.norm, [3.0, 4.0], [0.6, 0.8]),
    "norm of huge": (np.linalg.norm, [3e200, 4e200], [0.6, 0.8]),
    "norm of tiny": (np.linalg.norm, [3e-200, 4e-200], [0.6, 0.8]),
    "norm of rows, one 0": (
        lambda x: np.sum(np.linalg.norm(x, axis=1)), [[0.0, 0.0], [3.0, 4.0]], [[0, 0], [0.6, 0.8]],
    ),
    "norm 1 at 0": (lambda x: np.linalg.norm(x, 1), [0.0, 1.0], [0, 1]),
    "norm inf tie": (lambda x: np.linalg.norm(x, inf), [1.0, -1.0], [0.5, -0.5]),
    "max([1,2,2])": (np.max, [1.0, 2.0, 2.0], [0, 0.5, 0.5]),
    "min([1,1,2])": (np.min, [1.0, 1.0, 2.0], [0.5, 0.5, 0]),
    "max of rows": (lambda x: np.sum(np.max(x, 1)), [[1.0, 1.0], [0.0, 2.0]], [[0.5, 0.5], [0, 1]]),
    "max of equals": (np.max, [3.0, 3.0, 3.0, 3.0], [0.25] * 4),
    "prod([0,2,3])": (np.prod, [0.0, 2.0, 3.0], [6, 0, 0]),
    "prod([0,0,3])": (np.prod, [0.0, 0.0, 3.0], [0, 0, 0]),
    "prod([0])": (np.prod, [0.0], [1]),
    "prod of rows": (lambda x: np.sum(np.prod(x, 1)), [[0.0, 2.0], [3.0, 4.0]], [[2, 0], [4, 3]]),
    "repeated index": (lambda x: np.sum(x[[0, 0, 1]]), [5.0, 7.0], [2, 1]),
    "repeated index, 2d": (lambda x: np.sum(x[:, [1, 1]]), [[5.0, 7.0]], [[0, 2]]),
    "mask": (lambda x: np.sum(x[np.array([True, False])]), [5.0, 7.0], [1, 0]),
    "negative index": (lambda x: x[-1] * x[0], [5.0, 7.0], [7, 5]),
    "slice backward": (lambda x: x[::-1] @ np.array([1.0, 2.0]), [5.0, 7.0], [2, 1]),
    "fan-out": (lambda x: np.sum(x * x), [1.0, 2.0], [2, 4]),
    "hypot at the origin": (lambda x: np.hypot(x[0], x[1]), [0.0, 0.0], [0, 0]),
    "constant": (lambda x: 1.0, [1.0, 2.0], [0, 0]),
    "list of entries": (lambda x: np.sum(np.array([x[0], x[0] * x[1]])), [2.0, 3.0], [4, 2]),
}  # fmt: skip


@pytest.mark.parametrize("name", VECTORS)
def test_gradients_at_ties_and_zeros(name):
    """The stated gradients, and no warning on the way."""
    f, x, expected = VECTORS[name]
    found = dk.grad(f)(np.array(x))
    np.testing.assert_allclose(found, expected, rtol=1e-14)
    for i in np.ndindex(np.shape(x)):
        unit = np.zeros(np.shape(x))
        unit[i] = 1
        y_dot = dk.jvp(f, (np.array(x),), (unit,))[1]
        np.testing.assert_allclose(y_dot, np.asarray(expected)[i], rtol=1e-14)


@pytest.mark.parametrize(
    ("f", "x", "expected"),
    [
        (np.prod, [0.0, 2.0, 3.0], [[0, 3, 2], [3, 0, 0], [2, 0, 0]]),
        (np.prod, [0.0, 0.0, 3.0], [[0, 3, 0], [3, 0, 0], [0, 0, 0]]),
        (np.linalg.norm, [3.0, 4.0], [[0.128, -0.096], [-0.096, 0.072]]),
        (np.linalg.norm, [0.0, 0.0], np.full((2, 2), np.nan)),
        # True is 2*identity; through the convention at the kink nobody can know it.
        (lambda x: np.linalg.norm(x) ** 2, [0.0, 0.0], np.full((2, 2), np.nan)),
        (np.max, [1.0, 2.0, 2.0], np.zeros((3, 3))),
        (lambda x: np.sum(x**2 * x[::-1]), [1.0, 2.0], [[4, 6], [6, 2]]),
        (lambda x: x[0] ** x[1], [1.0, 0.0], [[0, 1], [1, 0]]),
    ],
)
def test_hessians_at_ties_and_zeros(f, x, expected):
    """The stated second derivatives; at a kink each branch's own."""
    np.testing.assert_allclose(dk.hessian(f)(np.array(x)), expected, rtol=1e-13, atol=1e-15)


def test_a_constant_function_is_named_in_a_warning():
    """Zero is the gradient of a constant, and said to be one."""
    with pytest.warns(ZeroGradientWarning, match="weight"):
        assert dk.grad(lambda weight: 3.0)(1.0) == 0


@pytest.mark.parametrize(
    "f",
    [
        lambda z: np.abs(z) ** 2,
        lambda z: np.real(z * np.conj(z)),
        lambda z: np.real(z) ** 2 + np.imag(z) ** 2,
        lambda z: np.linalg.norm(z) ** 2,
    ],
)
@pytest.mark.parametrize("z", [3 + 4j, np.array([3 + 4j])], ids=["number", "array"])
def test_complex_gradients_follow_one_convention(f, z):
    """For real f of z = x + i*y the gradient is df/dx - i df/dy: here 6 - 8i."""
    if np.ndim(z) and f(z).ndim:
        f = lambda z, f=f: np.sum(f(z))
    assert np.squeeze(dk.grad(f)(z)) == pytest.approx(6 - 8j)
    assert dk.jvp(f, (z,), (0 * z + 1,))[1] == pytest.approx(6)
    assert dk.jvp(f, (z,), (0 * z + 1j,))[1] == pytest.approx(8)


def takes_complex(row):
    """NumPy computes this row for complex numbers, which clip only orders somehow."""
    try:
        row.numpy(*[np.complex128(1 + 1j)] * len(row.partials))
    except TypeError:
        return False
    return row.name not in ("clip", "sign")


@pytest.mark.parametrize("row", [r for r in ELEMENTWISE if takes_complex(r)], ids=name_of)
def test_complex_rules_are_difference_quotients(row):
    """Tangents move with z_dot; the cotangent of the real part is dRe/dx - i dRe/dy."""
    zs = [np.complex128(z) for z in (0.3 + 0.4j, 0.7 - 0.2j)][: len(row.partials)]
    h = 1e-6
    for i, z in enumerate(zs):
        f = lambda z, i=i: row(*zs[:i], z, *zs[i + 1 :])
        moved = {d: (f(z + h * d) - f(z - h * d)) / (2 * h) for d in (1, 1j)}
        for direction, expected in moved.items():
            found = dk.jvp(f, (z,), (np.complex128(direction),))[1]
            assert found == pytest.approx(expected, rel=1e-8, abs=1e-9)
        found = dk.vjp(f, z)[1](1.0)[0]
        expected = np.real(moved[1]) - 1j * np.real(moved[1j])
        assert found == pytest.approx(expected, rel=1e-8, abs=1e-9)


def test_the_sign_of_a_complex_value_is_refused():
    """sign(z) = z/|z| does vary; its derivative is not silently zero."""
    with pytest.raises(NotDifferentiable, match="abs"):
        dk.grad(lambda z: np.real(np.sign(z)))(3 + 4j)
    found = dk.grad(lambda z: np.real(z / np.abs(z)))(3 + 4j)  # x/|z|: (y^2, -xy)/|z|^3
    assert found == pytest.approx((16 + 12j) / 125)


# -- Programs --------------------------------------------------------------------------


@pytest.mark.parametrize("row", ELEMENTWISE, ids=name_of)
def test_elementwise_adjoints_are_recorded_without_values(row):
    """A rule reads shapes and dtypes alone: the recorded adjoint gives the eager gradient."""
    xs = point(row, random(row.name, "adjoint"))
    moves = [i for i, does in enumerate(moving(row)) if does]
    primals = [xs[i] for i in moves]
    f = lambda *v: row(*filled(xs, moves, v))
    found = dk.lower(f, *primals).adjoint()(*primals)
    found = found if isinstance(found, tuple) else (found,)
    for i, slope in enumerate(found):
        assert slope == pytest.approx(dk.grad(f, i)(*primals), rel=1e-15, abs=0)


@pytest.mark.parametrize(("row", "example"), TRIED, ids=name_of)
def test_array_adjoints_are_recorded_without_values(row, example):
    """A rule reads shapes and dtypes alone: the recorded adjoint gives the eager cotangents."""
    rng = random(row.name, "adjoint")
    xs, params = operands(row, example, rng)
    moves = [i for i, x in enumerate(xs) if x.dtype.kind == "f"]

    def f(*values):
        return np.sum(row(*filled(xs, moves, values), **params) ** 2)

    primals = [xs[i] for i in moves]
    found = dk.lower(f, *primals).adjoint()(*primals)
    found = found if isinstance(found, tuple) else (found,)
    expected = dk.grad(f, tuple(range(len(moves))))(*primals)
    for slope, wanted in zip(found, expected, strict=True):
        np.testing.assert_allclose(slope, wanted, rtol=1e-14, atol=1e-15)
        assert np.shape(slope) == np.shape(wanted)


# -- the checks can fail ---------------------------------------------------------------


def _planted(name, scale=1.001, mode="pull"):
    row = PRIMITIVES[name]
    rule = getattr(row, mode)
    return twin(row, **{mode: lambda *args: rule(*args) * scale})


@pytest.mark.parametrize("mode", ["pull", "push"])
@pytest.mark.parametrize("name", ["matmul", "sum", "norm", "getitem", "einsum", "prod"])
def test_a_rule_off_by_a_thousandth_is_reported(name, mode):
    """The checks of array rows see a VJP or a JVP that is wrong by 0.1 %."""
    row = _planted(name, mode=mode)
    faults = example_faults(row, row.examples[1])
    assert any(f": {'VJP' if mode == 'pull' else 'JVP'} [" in fault for fault in faults)
    assert any("<y_bar, J x_dot>" in f for f in faults)
    assert mode == "push" or symbolic_faults(row, row.examples[1])


def test_a_transposed_cotangent_is_reported():
    """A cotangent of the right size but the wrong shape is seen."""
    row = PRIMITIVES["matmul"]

    def pull(k, bar, *rest):
        part = row.pull(k, bar, *rest)
        return PRIMITIVES["transpose"](part, axes=(1, 0)) if k == 0 else part

    assert example_faults(twin(row, pull=pull), (((2, 3), (3, 2)), {}))


def test_a_rule_that_stops_recording_is_reported():
    """Values right, but no derivative of its own: second order shows it."""
    row = PRIMITIVES["norm"]

    def pull(k, bar, out, values, params):
        peeled = [np.asarray(dk.core.tracing.concrete(v)) for v in values]
        return row.pull(k, bar, dk.core.tracing.concrete(out), tuple(peeled), params)

    faults = example_faults(twin(row, pull=pull), ((3,), {"axis": None, "keepdims": False}))
    assert faults
    assert all("of the VJP" in fault for fault in faults)


def test_a_wrong_value_is_reported():
    """A row that computes something else than its symbols say is seen."""
    row = PRIMITIVES["mean"]
    wrong = twin(row, numpy=lambda x, **params: row.numpy(x, **params) * (1 + 1e-9))
    assert symbolic_faults(wrong, row.examples[1])
