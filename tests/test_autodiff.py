"""The verbs: grad and its kin, their arguments, nesting, threads, and bad input."""

import math
import threading
import time
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import diffkit as dk
from diffkit.errors import (
    ArgumentError,
    DiffkitError,
    MissingRule,
    NonScalarOutput,
    NotDifferentiable,
    ShapeError,
    TracingError,
    ZeroGradientWarning,
)


def rosenbrock(x):
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def rosenbrock_gradient(x):
    """From Moré, Garbow and Hillstrom's definition, written out by hand."""
    g = np.zeros_like(x)
    g[:-1] += -400 * x[:-1] * (x[1:] - x[:-1] ** 2) - 2 * (1 - x[:-1])
    g[1:] += 200 * (x[1:] - x[:-1] ** 2)
    return g


def rosenbrock_hessian(x):
    n = len(x)
    H = np.zeros((n, n))
    i = np.arange(n - 1)
    H[i, i] += 1200 * x[:-1] ** 2 - 400 * x[1:] + 2
    H[i + 1, i + 1] += 200
    H[i, i + 1] = H[i + 1, i] = -400 * x[:-1]
    return H


X = np.array([-1.2, 1.0, 0.7, -0.3])


# -- the verbs ---------------------------------------------------------------------------


def test_grad():
    np.testing.assert_allclose(dk.grad(rosenbrock)(X), rosenbrock_gradient(X), rtol=1e-13)


def test_value_and_grad():
    """Value and gradient come together, the value as the function gives it."""
    value, slope = dk.value_and_grad(rosenbrock)(X)
    assert value == rosenbrock(X)
    np.testing.assert_allclose(slope, rosenbrock_gradient(X), rtol=1e-13)


def test_hessian_hvp_and_jacobian_of_the_gradient():
    """Three ways to second derivatives give the one written by hand."""
    H, v = rosenbrock_hessian(X), np.arange(4.0)
    np.testing.assert_allclose(dk.hessian(rosenbrock)(X), H, rtol=1e-12)
    np.testing.assert_allclose(dk.jacobian(dk.grad(rosenbrock), mode="reverse")(X), H, rtol=1e-12)
    np.testing.assert_allclose(dk.hvp(rosenbrock, X, v), H @ v, rtol=1e-12)
    np.testing.assert_allclose(dk.hvp(rosenbrock, (X,), (v,)), H @ v, rtol=1e-12)


@pytest.mark.parametrize("mode", [None, "forward", "reverse"])
def test_jacobian_shapes_and_modes(mode, rng):
    """Output shape comes first, then the input's; both modes agree with the formula."""
    A, x = rng.normal(size=(2, 3)), rng.normal(size=(3, 4))

    found = dk.jacobian(lambda x: np.sin(A @ x), mode=mode)(x)

    # d sin(A x)[i, k] / d x[j, l] = cos((A x)[i, k]) A[i, j] (k == l)
    expected = np.einsum("ik,ij,kl->ikjl", np.cos(A @ x), A, np.eye(4))
    np.testing.assert_allclose(found, expected, rtol=1e-13)


def test_jacobian_of_traced_scalars_in_an_array():
    """np.array of traced scalars is gathered, not lost."""
    J = dk.jacobian(lambda x: np.array([x[0] * x[1], np.sin(x[0]), 3.0]))(np.array([2.0, 5.0]))
    np.testing.assert_allclose(J, [[5, 2], [np.cos(2), 0], [0, 0]])


def test_vjp_and_jvp_of_structured_results(rng):
    """Results may be dicts; cotangents and tangents have the same structure."""
    x, x_dot = rng.normal(size=3), rng.normal(size=3)

    def f(x):
        return {"square": x**2, "sum": [np.sum(x)]}

    y, pull = dk.vjp(f, x)
    y2, y_dot = dk.jvp(f, (x,), (x_dot,))

    np.testing.assert_array_equal(y["square"], y2["square"])
    np.testing.assert_allclose(y_dot["square"], 2 * x * x_dot)
    assert y_dot["sum"][0] == pytest.approx(x_dot.sum())
    (x_bar,) = pull({"square": np.ones(3), "sum": [2.0]})
    np.testing.assert_allclose(x_bar, 2 * x + 2)


def test_elementwise_grad():
    x = np.linspace(-2, 2, 7)
    np.testing.assert_allclose(dk.elementwise_grad(np.tanh)(x), 1 / np.cosh(x) ** 2, rtol=1e-14)
    second = dk.elementwise_grad(dk.elementwise_grad(np.tanh))(x)
    np.testing.assert_allclose(second, -2 * np.tanh(x) / np.cosh(x) ** 2, atol=1e-15)


def test_argnums_and_wrt():
    """An int gives a bare gradient, a sequence a tuple; names stand for positions."""

    def f(a, b, c=2.0):
        return a * b**2 * c

    assert dk.grad(f, 1)(3.0, 4.0) == 48
    assert dk.grad(f, (0, 1))(3.0, 4.0) == (32, 48)
    assert dk.grad(f, -1)(3.0, 4.0) == 48
    assert dk.grad(f, wrt="b")(3.0, 4.0, c=1.0) == 24
    assert dk.grad(f, wrt=("b", "a"))(3.0, 4.0) == (48, 32)
    assert dk.hessian(f, (0, 1))(3.0, 4.0) == ((0, 16), (16, 12))


def test_has_aux():
    """With has_aux the second result passes through, as in JAX."""

    def f(x):
        y = x * x
        return np.sum(y), {"y": y, "note": "kept"}

    slope, aux = dk.grad(f, has_aux=True)(np.ones(2))
    (value, aux2), slope2 = dk.value_and_grad(f, has_aux=True)(np.ones(2))

    np.testing.assert_array_equal(slope, slope2)
    assert value == 2
    assert aux["note"] == "kept"
    assert type(aux["y"]) is np.ndarray
    np.testing.assert_array_equal(aux2["y"], [1, 1])


def test_named_sources():
    """Texts, Programs and SymPy expressions are accepted where a function is."""
    sympy = pytest.importorskip("sympy")
    x, y = sympy.symbols("x y")
    for source in ("x**2*y", dk.lower("x**2*y"), x**2 * y):
        assert dk.grad(source)(x=3, y=5) == (30, 9)
        assert dk.grad(source, wrt="y")(3, 5) == 9
        assert dk.grad(source)(3, 5)["x"] == 30
        assert dk.value_and_grad(source, wrt="x")(3, 5) == (45, 30)
        assert dk.hessian(source, wrt="x")(3, 5) == 10
        assert dk.jvp(source, (3.0, 5.0), (1.0, 0.0)) == (45, 30)
        assert dk.hvp(source, (3.0, 5.0), (1.0, 0.0)) == (10, 6)
    v = np.arange(3.0)
    np.testing.assert_array_equal(dk.grad("sum(v**2)")(v=v), 2 * v)
    np.testing.assert_array_equal(dk.jacobian("v**2")(v=v), np.diag(2 * v))
    np.testing.assert_array_equal(dk.elementwise_grad("v**2")(v=v), 2 * v)


def test_matrices_of_sympy_expressions():
    """A SymPy matrix is one array, a list several outputs, shared parts recorded once."""
    import sympy

    x, y = sympy.symbols("x y")
    shared = sympy.exp(x * y)
    p = dk.lower(sympy.Matrix([[shared, shared + 1], [x, 2]]))
    q = dk.lower([shared, sympy.sin(shared)])

    assert p(x=0.0, y=1.0).tolist() == [[1, 2], [0, 2]]
    assert p.count()["exp"] == q.count()["exp"] == 1
    assert len(q.outputs) == 2


# -- nesting -------------------------------------------------------------------------------


def test_perturbation_confusion():
    """The innermost recording wins: d/dx [x d/dy (x y)] at 3 is 6."""
    assert dk.grad(lambda x: x * dk.grad(lambda y: x * y)(1.0))(3.0) == 6
    assert dk.grad(lambda x: x * dk.grad(lambda y: x + y)(1.0))(1.0) == 1
    inner = lambda x: x * dk.grad(lambda y: x * y * y)(x) + x
    assert dk.grad(inner)(2.0) == 25
    assert dk.jvp(lambda x: x * dk.jvp(lambda y: x * y, (1.0,), (1.0,))[1], (3.0,), (1.0,))[1] == 6


def test_nesting_to_any_order():
    """d^n/dx^n sin at 0.5, n = 1..6, in both modes and mixed."""
    derivatives = [np.cos, lambda x: -np.sin(x), lambda x: -np.cos(x), np.sin]
    reverse, forward = np.sin, np.sin
    for n in range(6):
        reverse = dk.grad(reverse)
        forward = (lambda f: lambda x: dk.jvp(f, (x,), (1.0,))[1])(forward)
        expected = derivatives[n % 4](0.5)
        assert reverse(0.5) == pytest.approx(expected, rel=1e-14)
        assert forward(0.5) == pytest.approx(expected, rel=1e-14)


def test_lowering_a_gradient():
    """A function that differentiates inside lowers like any other."""
    p = dk.lower(lambda x: dk.grad(lambda y: np.sin(y) * x)(x), 0.7)
    assert p(0.3) == pytest.approx(np.cos(0.3) * 0.3)
    assert p.adjoint()(0.3) == pytest.approx(np.cos(0.3) - np.sin(0.3) * 0.3)


def test_threads():
    """Sixteen threads differentiating nested functions get what one gets."""

    def f(x):
        return x * dk.grad(lambda y: x * y * y)(x) + x

    barrier = threading.Barrier(16)

    def work(i):
        barrier.wait()
        return [dk.grad(f)(2.0 + i) for _ in range(50)]

    with ThreadPoolExecutor(16) as pool:
        results = list(pool.map(work, range(16)))

    for i, found in enumerate(results):
        assert found == [6 * (2.0 + i) ** 2 + 1] * 50


def test_twelve_hundred_nested_gradients_on_four_threads():
    """Threads take turns inside of both gradients: a global trace would mix them up."""
    running, met = set(), set()

    def inner(x, y):
        running.add(threading.get_ident())
        time.sleep(0)  # the next thread's turn, in the middle of two recordings
        met.add(len(running))
        running.discard(threading.get_ident())
        return x * y * y

    f = dk.grad(lambda x: x * dk.grad(lambda y: inner(x, y))(x) + x)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(f, [2.0] * 1200))

    assert found == [25.0] * 1200
    assert max(met) > 1  # they did meet


def test_an_exception_leaves_nothing_behind():
    """After a failure inside a nested gradient the next gradient is right."""

    def fails(x):
        dk.grad(lambda y: 1 // 0 * y)(x)

    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            dk.grad(fails)(1.0)
    assert dk.grad(lambda x: x * x)(3.0) == 6


# -- kinds of arguments ----------------------------------------------------------------------


def test_nests_of_arrays(rng):
    """Lists, tuples and dicts come back in their own structure."""
    params = {"layers": [(rng.normal(size=(2, 3)), rng.normal(size=3))], "scale": 2.0}

    def f(p, x):
        (W, b), scale = p["layers"][0], p["scale"]
        return np.sum(x @ W + b) * scale

    slope = dk.grad(f)(params, np.ones((4, 2)))

    W_bar, b_bar = slope["layers"][0]
    np.testing.assert_allclose(W_bar, np.full((2, 3), 8.0))
    np.testing.assert_allclose(b_bar, np.full(3, 8.0))
    assert isinstance(slope["layers"][0], tuple)


@pytest.mark.parametrize(
    ("x", "kind", "dtype"),
    [
        (3, np.float64, np.float64),
        (3.0, np.float64, np.float64),
        (np.float32(3), np.float32, np.float32),
        (np.array(3.0), np.ndarray, np.float64),
        (np.array([3, 4]), np.ndarray, np.float64),
        (np.array([3, 4], np.float32), np.ndarray, np.float32),
        (np.zeros(0), np.ndarray, np.float64),
        (np.ones((2, 3)).T[::2], np.ndarray, np.float64),
    ],
)
def test_gradients_have_the_kind_of_their_argument(x, kind, dtype):
    """Numbers give numbers, arrays arrays, float32 stays; integers become float64."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        slope = dk.grad(lambda x: np.sum(x * x * np.float64(0.5)))(x)

    assert type(slope) is kind
    assert slope.dtype == dtype
    np.testing.assert_allclose(slope, np.asarray(x, float), rtol=1e-6)


def test_gradients_own_their_memory():
    """No gradient is read-only or shares memory with another or with the input."""
    x, y = np.ones(3), np.ones(3)
    a, b = dk.grad(lambda x, y: np.sum(x + y), (0, 1))(x, y)
    slope = dk.value_and_grad(lambda x: np.sum(x))(x)[1]
    a += 1
    slope += 1
    assert not np.shares_memory(a, b)
    np.testing.assert_array_equal(b, np.ones(3))
    np.testing.assert_array_equal(x, np.ones(3))


# -- bad input -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("f", "kind", "message"),
    [
        (lambda x: float(x) * x, TracingError, "Python float.*np.sin, not math.sin"),
        (lambda x: int(x) * x, TracingError, "Python int"),
        (lambda x: math.sin(x), TracingError, "not math.sin"),
        (lambda x: np.float64(x) * 2, TracingError, "Python float"),
        (lambda x: complex(x), TracingError, "Python complex"),
        (lambda x: np.random.default_rng(0).normal(x), TracingError, "np.random"),
        (lambda x: sum(range(x)), TracingError, "not traced"),
        (lambda x: np.zeros(x), TracingError, "not traced"),
        (lambda x: [1, 2, 3][x], TracingError, "not traced"),
        (lambda x: x.item(), TracingError, "item"),
        (lambda x: np.copyto(np.zeros(3), x), TracingError, "plain NumPy array.*np.stack"),
        (lambda x: np.add(x, 1, out=np.zeros(())), TracingError, "plain NumPy array"),
        (lambda x: np.full_like(np.ones(3), x).sum(), TracingError, "plain NumPy array"),
        (lambda x: np.ones(3)[x], TracingError, "not traced"),
        (lambda x: np.greater.accumulate(np.stack([x, x])), MissingRule, "accumulate"),
        (lambda x: np.unpackbits(np.stack([x, x])), MissingRule, "np.unpackbits.*has no row"),
        (lambda x: np.gcd(x, 2), MissingRule, "np.gcd.*has no row"),
        (lambda x: np.nansum(np.stack([x, x]), initial=3), MissingRule, "initial="),
        (lambda x: np.ones(2)[np.stack([x, x]) > 1], TracingError, r"np.where\(mask, a, 0.0\)"),
        (lambda x: np.copyto(x * np.ones(2), x), TracingError, r"a\[\.\.\.\] = v"),
        (lambda x: np.median(np.stack([x, x])[:0]), ShapeError, "no entries"),
        (lambda x: np.exp(x, dtype=np.float32), MissingRule, "dtype="),
        (lambda x: np.where(x > 0, x), ArgumentError, "both x and y, or neither"),
    ],
)
def test_what_cannot_be_traced_says_what_to_write(f, kind, message):
    """The error names the thing, the user's line, and what to write instead."""
    with pytest.raises(kind, match=message) as caught:
        dk.grad(f)(2.0)

    assert "test_autodiff.py" in str(caught.value)


def test_assignment_into_a_plain_array():
    """Storing a traced value into a plain array is an error with the line and the fix."""

    def f(x):
        a = np.zeros(3)
        a[0] = x[0]
        return np.sum(a)

    with pytest.raises(TracingError, match=r"a\[0\] = x\[0\].*np.zeros_like"):
        dk.grad(f)(np.ones(2))


@pytest.mark.parametrize(
    ("f", "kind", "message"),
    [
        (lambda x: x * 2, NonScalarOutput, r"shape \(2,\).*jacobian"),
        (lambda x: x[:1], NonScalarOutput, r"shape \(1,\)"),
        (lambda x: (np.sum(x), 1), NonScalarOutput, "tuple.*has_aux"),
        (lambda x: None, NotDifferentiable, "None.*return missing"),
        (lambda x: "text", NotDifferentiable, "a str"),
        (lambda x: np.sum(x) > 0, NotDifferentiable, "bool"),
        (lambda x: np.sum(x) * 1j, NonScalarOutput, "complex"),
        (lambda x: object(), NotDifferentiable, "object"),
    ],
)
def test_results_without_a_gradient(f, kind, message):
    """What the function returned is named, with the way on."""
    with pytest.raises(kind, match=message):
        dk.grad(f)(np.ones(2))


def test_arguments_without_a_gradient():
    """Bad arguments are named."""
    f = lambda x, y=1.0: np.sum(x)
    with pytest.raises(NotDifferentiable, match="x is a str"):
        dk.grad(f)("text")
    with pytest.raises(NotDifferentiable, match=r"x\['a'\]\[1\] is a NoneType"):
        dk.grad(f)({"a": [1.0, None]})
    with pytest.raises(NotDifferentiable, match="x is an array of"):
        dk.grad(f)(np.array(["a"]))
    with pytest.raises(ArgumentError, match="argument 1, but 1 positional argument was"):
        dk.grad(f, 1)(1.0)
    with pytest.raises(ArgumentError, match="'q' is not a parameter; there are x, y"):
        dk.grad(f, wrt="q")
    with pytest.raises(ArgumentError, match="argnums"):
        dk.grad(f, "x")
    with pytest.raises(ArgumentError, match="neither a function"):
        dk.grad(3)
    with pytest.raises(ArgumentError, match="'q' is not an input; the inputs are x"):
        dk.grad("x*x", wrt="q")(2.0)
    with pytest.raises(ArgumentError, match="mode"):
        dk.jacobian(f, mode="sideways")
    with pytest.raises(ArgumentError, match="has_aux"):
        dk.grad(f, has_aux=True)(np.ones(2))


def test_tangents_and_cotangents_must_fit():
    """Wrong shapes and structures are named."""
    with pytest.raises(ShapeError, match=r"tangent\[0\] has shape \(2,\), its primal \(3,\)"):
        dk.jvp(np.sin, (np.ones(3),), (np.ones(2),))
    with pytest.raises(ShapeError, match="structure"):
        dk.jvp(np.sin, (np.ones(3),), (np.ones(3), np.ones(3)))
    _, pull = dk.vjp(np.sin, np.ones(3))
    with pytest.raises(ShapeError, match=r"cotangent has shape \(\), its result \(3,\)"):
        pull(1.0)


def test_shapes_that_do_not_match_in_a_function():
    """NumPy's complaint comes with the operation, the shapes and the user's line."""
    with pytest.raises(ShapeError, match=r"shapes \(3,\) and \(2,\) at test_autodiff.py"):
        dk.grad(lambda x: np.sum(x + np.ones(2)))(np.ones(3))


@pytest.mark.parametrize(
    ("f", "name"),
    [
        (lambda alpha: 3.0, "alpha"),
        (lambda alpha: np.floor(alpha), "alpha"),
        (lambda alpha: np.sign(alpha) * 2, "alpha"),
        (lambda alpha: np.where(alpha > 0, 1.0, 2.0), "alpha"),
    ],
)
def test_a_constant_function_warns(f, name):
    """The gradient is zero, and a warning names the argument and points at the caller."""
    with pytest.warns(ZeroGradientWarning, match=f"does not depend on {name}") as caught:
        assert dk.grad(f)(2.0) == 0
    assert caught[0].filename == __file__


def test_an_unused_part_of_an_argument_warns():
    """The warning names the entry of the nest."""
    with pytest.warns(ZeroGradientWarning, match=r"params\['b'\]"):
        slope = dk.grad(lambda params: params["a"] ** 2)({"a": 3.0, "b": 1.0})
    assert slope == {"a": 6, "b": 0}


def test_every_error_is_a_diffkit_error():
    """All errors share one base, and each is also the built-in that fits."""
    found = [e for e in vars(dk.errors).values() if isinstance(e, type)]
    errors = [e for e in found if issubclass(e, Exception) and not issubclass(e, Warning)]
    assert len(errors) > 10
    for error in errors:
        assert issubclass(error, DiffkitError)
        assert error is DiffkitError or len(error.__mro__) > 4
        assert error.__name__ in dk.errors.__doc__ or error is DiffkitError
