"""What is gathered in one array is written there at once, and nothing else of it changes."""

import random

import numpy as np
import pytest

import diffkit as dk
from diffkit.core.primitive import PRIMITIVES
from diffkit.replay.gathering import gathered

X = np.linspace(-1.0, 1.0, 12).reshape(3, 4)


def steps(source):
    """The lines of a replay between `def steps` and its return."""
    body = source.split("def steps")[1].split("return")[0]
    return [line.strip() for line in body.splitlines()[1:]]


# -- which steps, and where ----------------------------------------------------------------


def test_only_what_nobody_else_reads_is_gathered():
    """Results, operands read twice, views and inputs are copied."""

    def f(x):
        a, b, c = np.sin(x), np.cos(x), np.tanh(x)
        return np.stack([a, b, c, x, c, x * 2.0]), b

    program = dk.lower(f, X)
    found = gathered(program, lambda step: step.primitive.elementwise)
    assert sorted(found) == sorted({"a", next(s.name for s in program.steps if s.operands[0] == "x"
                                              and s.primitive.name == "multiply")})  # fmt: skip


# -- the text ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("n", "slices"), [(50, 2), (5000, 4)])
def test_a_scatter_is_no_copy(n, slices):
    """The gradient of differences: one array, of which each half is taken once.

    A small one is a place, whose halves are prepared; what is returned is a copy of it.
    """
    f = dk.compile(dk.grad(lambda x: np.sum(np.sin(x[1:]) * np.cos(x[:-1]))))
    for x in (np.linspace(0.0, 2.0, n), np.linspace(1.0, 2.0, n)):
        expected = np.zeros(n)
        expected[1:] += np.cos(x[1:]) * np.cos(x[:-1])
        expected[:-1] -= np.sin(x[1:]) * np.sin(x[:-1])
        found = f(x)
        np.testing.assert_allclose(found, expected, rtol=1e-14)
        found[:] = np.nan  # nobody else's

    lines = steps(f.source)
    assert not any("[...]" in line or "fill" in line for line in lines)
    assert sum("[1:]" in line or "[:-1]" in line for line in lines) == slices


def test_a_stack_is_no_copy():
    """Rows are computed in their places."""
    p = dk.lower(lambda x: np.sum(np.stack([np.sin(x), x @ x, np.exp(x) * 2.0]) ** 3), np.eye(3))
    x = np.arange(9.0).reshape(3, 3)
    compiled = p.compile()
    rows = np.stack([np.sin(x), x @ x, np.exp(x) * 2.0])
    assert compiled(x) == np.add.reduce(rows**3, None)
    assert not any("[...]" in line for line in steps(compiled.source))


@pytest.mark.parametrize("kind", ["concatenate", "stack"])
@pytest.mark.parametrize("axis", [0, 1, -1])
def test_products_are_written_where_there_are_no_gaps(kind, axis):
    """Along any axis the numbers are NumPy's, to the last bit."""
    join = getattr(np, kind)
    if kind == "concatenate" and axis == -1:
        axis = 1

    def f(x):
        return join([x @ x.T, np.sin(x @ x.T), (x + 1.0) @ x.T], axis) * 3.0

    np.testing.assert_array_equal(dk.lower(f, X).compile()(X), f(X))


def test_an_array_is_there_before_its_first_part():
    """Its memory is not that of what is read while its parts are written."""

    def f(x):
        a = np.exp(x)
        first = a * 2.0
        b = np.sin(a) + x
        c = np.cos(b) * a
        return np.concatenate([first, b - c, c / 3.0]) * 2.0

    compiled = dk.lower(f, X).compile()
    for x in (X, X + 1.0, X):
        np.testing.assert_array_equal(compiled(x), f(x))


def test_nested_arrays_are_written_at_once():
    """A stack of concatenations of stacks is one array."""

    def f(x):
        inner = [np.stack([np.sin(x) * k, np.cos(x) * k]) for k in (2.0, 3.0)]
        return np.stack([np.concatenate(inner), np.concatenate([np.exp(inner[0]), inner[1]])])

    def g(x):
        outer = [np.stack([np.sin(x) * k, np.cos(x) * k]) for k in (2.0, 3.0)]
        return np.stack([np.concatenate(outer), np.arange(48.0).reshape(4, 3, 4) + x])

    for function in (f, g):
        np.testing.assert_array_equal(dk.lower(function, X).compile()(X), function(X))
    assert not any("[...]" in line for line in steps(dk.lower(g, X).compile().source))


# -- random programs ---------------------------------------------------------------------------


def random_function(seed):
    """A function that joins, stacks and scatters what it has, and goes on with it."""
    draw = random.Random(seed)
    plan = [(draw.randrange(8), [draw.random() for _ in range(3)]) for _ in range(14)]

    def function(x):
        known = [x, np.sin(x)]
        for kind, picks in plan:
            a, b, c = (known[int(p * len(known))] for p in picks)
            known.append(STEPS[kind](a, b, c))
        return sum(np.sum(np.tanh(v)) for v in known), known[-1], known[-2]

    return function


def _join(axis):
    return lambda a, b, c: np.concatenate([a * 2.0, b, c[1:] + a[1:]], axis)[: a.shape[0], :4]


def _stack(a, b, c):
    return np.stack([a - b, c, np.cos(a)])[1] + np.stack([b * c, b], -1)[..., 0]


def _scatter(index):
    def apply(a, b, c):
        y = np.zeros((3, 4)) + a
        y[index] += (b * c)[index]
        return y

    return apply


STEPS = [
    _join(0),
    _stack,
    _scatter((slice(1, None),)),
    _scatter((slice(None), slice(0, 3))),
    _scatter((0,)),
    lambda a, b, c: a[::-1] * b + c,
    lambda a, b, c: np.exp(-a * a) + b.T.reshape(3, 4),
    lambda a, b, c: np.stack([a @ c.T, b @ b.T])[0] @ b,
]


@pytest.mark.parametrize("seed", range(60))
def test_random_programs_are_the_same_bit_for_bit(seed):
    """With places and without: gathering changes no number, of a function or its gradient."""
    function = random_function(seed)
    for source in (function, lambda x: dk.grad(lambda x: function(x)[0])(x)):
        program = dk.lower(source, X)
        plain = program.compile(without=["buffers", "orders"])
        compiled = program.compile(without=["orders"])
        for x in (X, X * 1.5):
            found, wanted = compiled(x), plain(x)
            if not isinstance(found, tuple):
                found, wanted = (found,), (wanted,)
            for one, other in zip(found, wanted, strict=True):
                np.testing.assert_array_equal(one, other)
            np.testing.assert_allclose(program(x) if len(found) == 1 else program(x)[0], found[0],
                                       rtol=1e-11, atol=1e-12)  # fmt: skip


def test_gathering_knows_the_rows_that_gather():
    """The rows whose results are made of slices."""
    assert {"concatenate", "stack", "scatter"} <= PRIMITIVES.keys()
