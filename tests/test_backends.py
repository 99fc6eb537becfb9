"""The same steps by XLA and on Dask's arrays give NumPy's numbers."""

import sys

import numpy as np
import pytest

import diffkit as dk
from tests.random_loops import random_loop
from tests.random_programs import example, random_program


def network(params, x):
    for w, b in params:
        x = np.tanh(x @ w + b)
    return np.mean(x[1:] * x[:-1])


def network_example():
    rng = np.random.default_rng(0)
    return [(rng.normal(size=(3, 3)), rng.normal(size=3))] * 2, rng.normal(size=(8, 3))


def test_jax_gives_the_same_gradients():
    """Random array programs and their gradients, compiled by XLA."""
    pytest.importorskip("jax", reason="JAX is not installed")
    for seed in range(12):
        program, arguments = random_program(seed), example(seed)
        with np.errstate(all="ignore"):
            expected = program(*arguments)
        found = program.compile(backend="jax")(*arguments)
        for mine, theirs in zip(found, expected, strict=True):
            assert str(mine.dtype) == str(np.asarray(theirs).dtype)
            np.testing.assert_allclose(np.asarray(mine), theirs, rtol=1e-11, atol=1e-12)


def test_jax_gives_the_gradients_of_loops():
    """Their steps are slices, rows and additions at places, once passes have been over them."""
    pytest.importorskip("jax", reason="JAX is not installed")
    arguments = np.linspace(-1, 1, 18).reshape(6, 3), np.linspace(0.5, 1, 6)
    for seed in (300, 302, 314, 318):
        program = dk.lower(dk.grad(random_loop(seed), (0, 1)), *arguments)
        found, expected = program.compile(backend="jax")(*arguments), program(*arguments)
        for mine, theirs in zip(found, expected, strict=True):
            np.testing.assert_allclose(np.asarray(mine), theirs, rtol=1e-10, atol=1e-11)


def test_jax_checks_shapes_and_branches():
    """Guards hold there, too."""
    pytest.importorskip("jax", reason="JAX is not installed")
    p = dk.lower(lambda x: x**2 if x > 0 else -x, 3.0).compile(backend="jax")
    assert float(p(2.0)) == 4.0
    with pytest.raises(dk.errors.BranchChanged):
        p(-2.0)
    with pytest.raises(dk.errors.ShapeError):
        p(np.ones(3))


def test_jax_says_which_row_it_lacks():
    """With the step, and what to do."""
    pytest.importorskip("jax", reason="JAX is not installed")
    p = dk.lower(lambda a: np.linalg.cholesky(a), np.eye(3))
    with pytest.raises(dk.errors.MissingRule, match="leave backend= out"):
        p.compile(backend="jax")


def test_a_missing_jax_is_told(monkeypatch):
    """What to install, or to leave out."""
    monkeypatch.setitem(sys.modules, "jax", None)
    with pytest.raises(dk.errors.BackendMissing, match="pip install jax"):
        dk.lower("x + 1").compile(backend="jax")


def test_an_unknown_backend_is_refused():
    """There are two."""
    with pytest.raises(dk.errors.ArgumentError, match='"numpy" or "jax"'):
        dk.lower("x + 1").compile(backend="tpu")


def test_dask_arrays_stay_lazy():
    """A compiled gradient on chunks is a graph, computed later, with the same numbers."""
    da = pytest.importorskip("dask.array", reason="Dask is not installed")
    params, x = network_example()
    slope = dk.compile(dk.grad(lambda x: network(params, x)))

    found = slope(da.from_array(x, chunks=(4, 3)))

    assert isinstance(found, da.Array)
    np.testing.assert_allclose(found.compute(), slope(x), rtol=1e-12)
    slope(da.from_array(x, chunks=(4, 3)))
    assert slope.recordings == 2  # one for each kind of array


def test_dask_arrays_in_a_compiled_program():
    """`Program.compile` takes them as well."""
    da = pytest.importorskip("dask.array", reason="Dask is not installed")
    x = np.random.default_rng(0).normal(size=(6, 4))
    p = dk.lower(lambda x: np.sum(np.exp(x[:, 1:]) * 2, axis=0), x).compile()
    np.testing.assert_allclose(p(da.from_array(x, chunks=3)).compute(), p(x), rtol=1e-14)


def test_loops_on_dask_arrays():
    """Gradients of loops; what changes around the function is recorded anew there, too."""
    da = pytest.importorskip("dask.array", reason="Dask is not installed")
    x, v = np.linspace(-1, 1, 18).reshape(6, 3), np.linspace(0.5, 1, 6)
    for seed in (600, 605, 611, 617, 630):
        slope = dk.grad(random_loop(seed), (0, 1))
        found = dk.compile(slope)(da.from_array(x, chunks=3), da.from_array(v, chunks=3))
        for mine, theirs in zip(found, slope(x, v), strict=True):
            np.testing.assert_allclose(np.asarray(mine), theirs, rtol=1e-10, atol=1e-11)

    scale = [2.0]
    compiled = dk.compile(lambda v: np.sum(v) * scale[0])
    lazy = da.from_array(v, chunks=3)
    assert float(compiled(lazy)) == pytest.approx(2 * v.sum())
    scale[0] = 3.0
    assert float(compiled(lazy)) == pytest.approx(3 * v.sum())
    assert float(compiled(v)) == pytest.approx(3 * v.sum())
