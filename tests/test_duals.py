"""Products with the Hessian: both sweeps over one recording give what nested tapes give."""

import threading
import tracemalloc
import warnings

import numpy as np
import pytest
import sympy as sp

import diffkit as dk
from diffkit.primitives.several import unpacked

from .random_programs import example, random_function
from .table import ARRAYS, ELEMENTWISE, name_of, operands, point, random

_EXAMPLES = [(row, example) for row in ARRAYS for example in row.examples]


def _nested(f, xs, vs):
    """The tangent of the gradient, with a tape for each."""
    return dk.jvp(dk.grad(f, tuple(range(len(xs)))), xs, vs)[1]


def _same(found, expected, rtol=1e-10):
    """Equal in value, shape and dtype."""
    for mine, theirs in zip(found, expected, strict=True):
        assert np.shape(mine) == np.shape(theirs)
        assert np.asarray(mine).dtype == np.asarray(theirs).dtype
        np.testing.assert_allclose(mine, theirs, rtol=rtol, atol=rtol)


def _both_ways(row, given, params):
    """Check a curved function of a row's results, by all operands that can move."""
    free = [k for k, x in enumerate(given) if np.asarray(x).dtype.kind in "fc"]

    def f(*xs):
        full = list(given)
        for k, x in zip(free, xs, strict=True):
            full[k] = x
        out = row(*full, **params)
        parts = unpacked(out) if row.several else (out,)
        total = 0.0
        for part in parts:
            y = np.real(part)
            total = total + np.sum(np.sin(y) * np.cos(np.arange(1.0, y.size + 1).reshape(y.shape)))
        return total

    rng = random(row.name, "tangents")
    xs = tuple(given[k] for k in free)
    vs = tuple(rng.normal(size=np.shape(x)).astype(np.asarray(x).dtype)[()] for x in xs)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", dk.errors.ZeroGradientWarning)
        found = dk.hvp(f, xs, vs)
        _same(found if len(xs) > 1 else (found,), _nested(f, xs, vs))


@pytest.mark.parametrize("row", ELEMENTWISE, ids=name_of)
def test_elementwise_rows(row):
    """Cotangents, slopes and their tangents come together as in nested sweeps."""
    rng = random(row.name, "product")
    _both_ways(row, point(row, rng, [(2, 3)] * len(row.domain)), {})
    _both_ways(row, point(row, rng), {})


@pytest.mark.parametrize(("row", "case"), _EXAMPLES, ids=name_of)
def test_array_rows(row, case):
    """Linear rules, products, compositions, and rows of several results."""
    xs, params = operands(row, case, random(row.name))
    _both_ways(row, xs, params)


@pytest.mark.parametrize("seed", range(40))
def test_random_functions(seed):
    """Whatever the steps are, and in whatever order they come."""
    function, xs = random_function(seed), example(seed)
    vs = example(seed + 1000)

    def f(*args):
        return function(*args)[0]

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", dk.errors.ZeroGradientWarning)
        _same(dk.hvp(f, xs, vs), _nested(f, xs, vs), rtol=1e-8)


# -- against formulas ------------------------------------------------------------------


def _mixed(xp, x, y):
    return xp.exp(-x * y) * xp.tanh(x) ** 2 / (1 + y * y) + xp.sqrt(x * x + y) * 3 - y / x


def test_numbers_against_sympy():
    """The product with SymPy's Hessian."""
    names = sp.symbols("x y")
    hessian = sp.hessian(_mixed(sp, *names), names).subs(dict(zip(names, (0.7, 1.3), strict=True)))
    expected = hessian * sp.Matrix([0.4, -1.1])

    found = dk.hvp(lambda x, y: _mixed(np, x, y), (0.7, 1.3), (0.4, -1.1))

    assert [float(v) for v in found] == pytest.approx([float(v) for v in expected], rel=1e-12)


def test_products_of_products():
    """Third and fourth derivatives of x**5: through hvp of hvp, and grad of hvp."""
    second = lambda x: dk.hvp(lambda t: t**5, (x,), (1.0,))

    assert float(second(2.0)) == 20 * 2.0**3
    assert float(dk.grad(second)(2.0)) == 60 * 2.0**2
    assert float(dk.hvp(second, (2.0,), (1.0,))) == 120 * 2.0
    assert float(dk.jvp(second, (2.0,), (1.0,))[1]) == 60 * 2.0**2


def test_whose_tangent_is_whose():
    """d/dx [x * d2/dy2 (x*y**3)] is 2*x*6*y: x moves outside, y inside."""
    f = lambda x: x * dk.hvp(lambda y: x * y**3, (2.0,), (1.0,))

    assert float(dk.grad(f)(3.0)) == 2 * 3.0 * 6 * 2.0
    assert float(dk.hvp(f, (3.0,), (1.0,))) == 2 * 6 * 2.0


def test_a_tangent_that_is_traced():
    """H v is linear in v: its derivative by v is H."""
    x = np.array([0.3, -0.8, 1.2])
    f = lambda x: np.sum(np.sin(x) * x[::-1] ** 2)
    by_tangent = dk.jacobian(lambda v: dk.hvp(f, (x,), (v,)))(np.ones(3))

    np.testing.assert_allclose(by_tangent, dk.hessian(f)(x), rtol=1e-12)


def test_a_slope_that_was_not_taken_stays_out():
    """where(x > 0, x*sqrt(x), 0) has an infinite second slope at 0, of the branch not taken."""
    x = np.array([-1.0, 0.0, 4.0])
    with np.errstate(invalid="ignore"):  # the user's own sqrt of a negative number
        found = dk.hvp(lambda x: np.sum(np.where(x > 0, x * np.sqrt(x), 0)), (x,), (np.ones(3),))

    np.testing.assert_allclose(found, [0.0, 0.0, 0.75 / 2.0], rtol=1e-14)


# -- what comes back -------------------------------------------------------------------


def test_nests_and_single_precision():
    """The product has the structure, shapes and dtypes of the point."""
    point = {"w": np.ones((2, 3), np.float32), "b": [np.float32(2.0), 3]}
    f = lambda p: np.sum(p["w"] ** 2 * p["b"][0]) + p["b"][1] ** 3
    found = dk.hvp(f, (point,), (point,))

    assert found["w"].dtype == np.float32
    np.testing.assert_array_equal(found["w"], np.full((2, 3), 2 * 2.0 + 2 * 2.0, np.float32))
    assert found["b"] == [12.0, 54.0]
    assert found["b"][0].dtype == np.float32


def test_results_have_memory_of_their_own():
    """H = identity hands the vector back, but as another array; nothing given is written to."""
    x, v = np.array([1.0, 2.0]), np.array([3.0, 4.0])
    found = dk.hvp(lambda x: np.sum(x * x) / 2, (x,), (v,))
    found[0] = 7.0

    assert v.tolist() == [3.0, 4.0]
    assert x.tolist() == [1.0, 2.0]


def test_no_curvature():
    """Zeros: silently where the function is linear, with a warning where it is constant."""
    x = np.ones(2)
    assert dk.hvp(lambda x: np.sum(3 * x), (x,), (x,)).tolist() == [0.0, 0.0]
    assert dk.hvp(lambda x: np.sum(np.floor(x) * x), (x,), (x,)).tolist() == [0.0, 0.0]
    with pytest.warns(dk.errors.ZeroGradientWarning, match="does not depend on x"):
        assert dk.hvp(lambda x: 3.0, (x,), (x,)).tolist() == [0.0, 0.0]


@pytest.mark.parametrize(
    ("f", "error", "told"),
    [
        (lambda x: x * 2, dk.errors.NonScalarOutput, r"shape \(2,\)"),
        (lambda x: (np.sum(x), 1), dk.errors.NonScalarOutput, "tuple"),
        (lambda x: np.sum(x) * 1j, dk.errors.NonScalarOutput, "complex"),
        (lambda x: None, dk.errors.NotDifferentiable, "return missing"),
    ],
)
def test_results_that_have_no_gradient(f, error, told):
    """The messages are those of grad."""
    with pytest.raises(error, match=told):
        dk.hvp(f, (np.ones(2),), (np.ones(2),))


def test_a_vector_that_does_not_fit():
    """Another shape, or another number of them."""
    with pytest.raises(dk.errors.ShapeError, match=r"shape \(3,\)"):
        dk.hvp(np.sum, (np.ones(2),), (np.ones(3),))
    with pytest.raises(dk.errors.ShapeError, match="structure"):
        dk.hvp(np.sum, (np.ones(2),), (np.ones(2), np.ones(2)))


def test_a_value_kept_from_an_earlier_call():
    """It belongs to a recording that was swept: an error, not a lost derivative."""
    kept = []

    def f(x):
        kept.append(x)
        return np.sum(kept[0] ** 2)

    dk.hvp(f, (np.ones(2),), (np.ones(2),))
    with pytest.raises(dk.errors.TracingError, match="earlier call"):
        dk.hvp(f, (np.ones(2),), (np.ones(2),))


def test_threads():
    """Products at the same time do not disturb one another."""
    found = {}

    def work(n):
        for _ in range(50):
            found[n] = dk.hvp(lambda x: np.sum(np.exp(n * x)), (np.ones(3),), (np.ones(3),))

    threads = [threading.Thread(target=work, args=(n,)) for n in range(1, 4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    for n in range(1, 4):
        np.testing.assert_allclose(found[n], np.full(3, n * n * np.exp(n)), rtol=1e-14)


def test_memory():
    """Less than two nested recordings hold: every value and its tangent, and what is at hand."""
    x = np.linspace(0.1, 0.9, 4000)

    def f(x):
        for _ in range(20):
            x = np.sin(x)
        return np.sum(x)

    assert _peak(lambda: dk.hvp(f, (x,), (x,))) < 0.7 * _peak(lambda: _nested(f, (x,), (x,)))


def _peak(call):
    call()
    tracemalloc.start()
    try:
        call()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_recorded_and_compiled():
    """A product is recorded like anything else, and replays at other points."""
    f = lambda x: np.sum(np.tanh(x[1:] * x[:-1]) ** 2)
    product = lambda x, v: dk.hvp(f, (x,), (v,))
    x, v = np.linspace(-1, 1, 5), np.linspace(0, 2, 5)
    program, compiled = dk.lower(product, x, v), dk.compile(product)
    compiled(x, v)

    for at in (x, x + 0.3):
        expected = dk.hessian(f)(at) @ v
        np.testing.assert_allclose(program(at, v), expected, rtol=1e-12)
        np.testing.assert_allclose(compiled(at, v), expected, rtol=1e-12)
    assert compiled.recordings == 1
