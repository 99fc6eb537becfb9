"""The table of conventions: what is answered where others disagree, one test a row.

docs/conventions.md says the same in words. Expected values are the conventions
themselves, or, where there is nothing to choose, the derivative from calculus.
"""

import numpy as np
import pytest

import diffkit as dk
from diffkit.errors import TracingError, ZeroGradientWarning

nan, inf = np.nan, np.inf
A = np.array

# What is differentiated, where, and the gradient there.
TABLE = {
    "abs at 0": (np.abs, 0.0, 0),
    "sqrt at 0": (np.sqrt, 0.0, inf),
    "x*sqrt(x) at 0": (lambda x: x * np.sqrt(x), 0.0, nan),
    "norm at 0": (np.linalg.norm, A([0.0, 0.0]), [0, 0]),
    "norm^2 at 0": (lambda x: np.linalg.norm(x) ** 2, A([0.0, 0.0]), [0, 0]),
    "norm, ord=1 at (0, 1)": (lambda x: np.linalg.norm(x, 1), A([0.0, 1.0]), [0, 1]),
    "norm, ord=inf at a tie": (lambda x: np.linalg.norm(x, inf), A([1.0, 1.0]), [0.5, 0.5]),
    "x**0 at 0": (lambda x: x**0, 0.0, 0),
    "x**1 at 0": (lambda x: x**1, 0.0, 1),
    "x**2 at 0": (lambda x: x**2, 0.0, 0),
    "x**0.0 at 0": (lambda x: x**0.0, 0.0, 0),
    "x**0.5 at 0": (lambda x: x**0.5, 0.0, inf),
    "0**y at 2": (lambda y: np.float64(0) ** y, 2.0, 0),
    "0**y at 0": (lambda y: np.float64(0) ** y, 0.0, 0),
    "(-2)**y at 2": (lambda y: np.float64(-2) ** y, 2.0, nan),
    "(-2)**3 by the base": (lambda x: x**3, -2.0, 12),
    "x**x at 0": (lambda x: x**x, 0.0, 0),
    "where(x > 0, sqrt(x), 0) at 0": (lambda x: np.where(x > 0, np.sqrt(x), 0), 0.0, 0),
    "where(x > 0, log(x), 0) at 0": (lambda x: np.where(x > 0, np.log(x), 0), 0.0, 0),
    "where(x < 1, x, sqrt(x)) at 0": (lambda x: np.where(x < 1, x, np.sqrt(x)), 0.0, 1),
    "where, on vectors": (
        lambda x: np.sum(np.where(x > 0, np.sqrt(x[::1]).T, 0)),
        A([0.0, 4.0]),
        [0, 0.25],
    ),
    "max([1, 2, 2])": (np.max, A([1.0, 2.0, 2.0]), [0, 0.5, 0.5]),
    "maximum(x, 1) at 1": (lambda x: np.maximum(x, 1), 1.0, 0.5),
    "maximum(0, x) at 0": (lambda x: np.maximum(0, x), 0.0, 0.5),
    "clip(x, 0, 1) at 0": (lambda x: np.clip(x, 0, 1), 0.0, 1),
    "clip(x, 0, 1) at 1": (lambda x: np.clip(x, 0, 1), 1.0, 1),
    "fmax(x, nan)": (lambda x: np.fmax(x, nan), 2.0, 1),
    "prod([0, 2, 3])": (np.prod, A([0.0, 2.0, 3.0]), [6, 0, 0]),
    "prod([0, 0, 3])": (np.prod, A([0.0, 0.0, 3.0]), [0, 0, 0]),
    "sum(cumprod([0, 2, 3]))": (lambda x: np.sum(np.cumprod(x)), A([0.0, 2.0, 3.0]), [9, 0, 0]),
    "std([1, 1, 1])": (np.std, A([1.0, 1.0, 1.0]), [0, 0, 0]),
    "sinc(0)": (np.sinc, 0.0, 0),
    "hypot(x, 0) at 0": (lambda x: np.hypot(x, 0), 0.0, 0),
    "arctan2(x, 0) at 0": (lambda x: np.arctan2(x, 0), 0.0, nan),
    "mod(x, 2) at 4": (lambda x: np.mod(x, 2), 4.0, 1),
    "mod(7, y) at 2": (lambda y: np.mod(7, y), 2.0, -3),
    "x[[0, 0, 1]]": (lambda x: np.sum(x[[0, 0, 1]]), A([1.0, 1.0]), [2, 1]),
    "sort([3, 1, 2])": (lambda x: np.sort(x) @ A([1, 10, 100]), A([3.0, 1, 2]), [100, 1, 10]),
    "sort with ties": (lambda x: np.sort(x) @ A([1, 10, 100]), A([2.0, 2, 1]), [10, 100, 1]),
    "sort in 2-D": (
        lambda x: np.sum(np.sort(x, axis=0) * A([[1.0], [10.0]])),
        A([[2.0, 1.0], [1.0, 2.0]]),
        [[10, 1], [1, 10]],
    ),
    "median([3, 1, 2, 5])": (np.median, A([3.0, 1, 2, 5]), [0.5, 0, 0.5, 0]),
    "an integer": (lambda x: x**2, 3, 6),
    "an array of integers": (lambda x: np.sum(x**2 / 2), A([3, 4]), [3, 4]),
    "|z|^2 at 3+4j": (lambda z: np.abs(z) ** 2, 3 + 4j, 6 - 8j),
    "real(z)": (np.real, 3 + 4j, 1),
    "imag(z)": (np.imag, 3 + 4j, -1j),
    "np.array([x, x**2]).sum()": (lambda x: np.array([x, x**2]).sum(), 3.0, 7),
    "perturbation confusion": (
        lambda x: x * dk.grad(lambda y: x + y)(1.0),
        1.0,
        1,
    ),
    "nested closure": (lambda x: x * dk.grad(lambda y: x * y * y)(x) + x, 2.0, 25),
    "broadcasting (3,1) by (1,4)": (
        lambda a: np.sum(a * np.arange(4.0)[None, :]),
        np.ones((3, 1)),
        6 * np.ones((3, 1)),
    ),
    "a number to a vector": (lambda s: np.sum(s + np.ones(5)), 1.0, 5),
    "an axis of length 1": (lambda a: np.sum(a + np.ones(3)), np.ones(1), [3]),
    "x used twice": (lambda x: x * x, 3.0, 6),
    "x.T @ x": (lambda x: np.sum(x.T @ x), A([[1.0, 2.0]]), [[6, 6]]),
    "einsum ii->": (lambda x: np.einsum("ii->", x), np.ones((2, 2)), np.eye(2)),
    "einsum i,i of one array": (lambda x: np.einsum("i,i", x, x), A([1.0, 2.0]), [2, 4]),
    "cholesky reads the lower triangle": (
        lambda x: np.sum(np.linalg.cholesky(x)),
        np.eye(2),
        [[0.5, 0.5], [0.5, 0.5]],
    ),
    "det of a singular matrix": (np.linalg.det, A([[1.0, 2.0], [2.0, 4.0]]), [[4, -2], [-2, 1]]),
    "slogdet of a singular matrix": (
        lambda x: np.linalg.slogdet(x)[1],
        np.ones((2, 2)),
        [[inf, -inf], [-inf, inf]],
    ),
    "slope of norm at 0": (lambda x: dk.grad(np.linalg.norm)(x)[0], A([0.0, 0.0]), [nan, nan]),
    "slope of std of equal entries": (lambda x: dk.grad(np.std)(x)[0], A([1.0, 1]), [nan, nan]),
    "slope of var of equal entries": (lambda x: dk.grad(np.var)(x)[0], A([1.0, 1]), [0.5, -0.5]),
    "maximum.accumulate with a tie": (
        lambda x: np.sum(np.maximum.accumulate(x)),
        A([1.0, 3, 3]),
        [1, 1.5, 0.5],
    ),
}


@pytest.mark.parametrize("name", TABLE)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # NumPy's, about 1/0 and log(0)
@pytest.mark.filterwarnings("ignore::diffkit.errors.ZeroGradientWarning")  # of x**0
def test_convention(name):
    f, x, expected = TABLE[name]
    np.testing.assert_allclose(dk.grad(f)(x), expected, rtol=1e-14, atol=1e-15)


@pytest.mark.parametrize(
    "f",
    [
        lambda x: np.sum(2 * x**2),
        np.mean,
        np.max,
        lambda x: np.sum(x * np.arange(3.0)),
        np.std,
        lambda x: np.linalg.norm(x * np.float64(2)),
    ],
)
def test_float32_stays(f):
    """A float32 argument has a float32 gradient, whatever it met on the way."""
    assert dk.grad(f)(A([1, 2, 3], np.float32)).dtype == np.float32


def test_a_constant_function():
    with pytest.warns(ZeroGradientWarning, match="does not depend on x"):
        assert dk.grad(lambda x: 3.0)(1.0) == 0


def test_float_of_a_traced_value():
    with pytest.raises(TracingError, match="Use NumPy on it"):
        dk.grad(lambda x: float(x) * x)(2.0)


def test_holomorphic_derivatives_need_no_conjugate():
    """For f(z) = z**2 the cotangent 1 pulls back to 2z, and JVPs are f'(z) dz."""
    z = 3 + 4j
    _, pull = dk.vjp(lambda z: z * z, z)
    assert pull(1.0 + 0j)[0] == 2 * z
    assert dk.jvp(lambda z: z * z, (z,), (1j,))[1] == 2 * z * 1j
