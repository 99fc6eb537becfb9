"""Of what is looked at in part, only the part is computed, and it is the same."""

import numpy as np
import pytest

import diffkit as dk
from diffkit.replay.passes import PASSES, optimized
from tests.benchmarks import objectives

RNG = np.random.default_rng(0)
A, B = RNG.normal(size=(40, 30, 20)), RNG.normal(size=(20, 50))
C = RNG.normal(size=(40, 30, 20))
ROWS, MASK = np.array([3, 0, -1, 3]), np.arange(40) % 9 == 2


def sliced(f, *args):
    """The Program of a function, after the pass."""
    return PASSES["dead"](PASSES["slices"](dk.lower(f, *args)))


def shape_of(program, row):
    """The shape that a row's one step computes."""
    (step,) = [step for step in program.steps if step.primitive.name == row]
    return step.type.shape


INDICES = {
    "number": 3,
    "last": -1,
    "slice": slice(2, 5),
    "every third": slice(1, 20, 3),
    "backwards": slice(9, 2, -2),
    "all backwards": (slice(None), slice(None, None, -1), 0),
    "from the end": (..., slice(-4, None)),
    "numbers": (1, slice(0, 2), -3),
    "new axes": (None, slice(0, 4), None, 2),
    "inside": (slice(None), slice(3, 5)),
    "array": ROWS,
    "array inside": (slice(None), ROWS, slice(1, 3)),
    "array behind": (..., ROWS),
    "mask": MASK,
    "list": [5, 5, 1],
    "whole": (..., slice(0, 20)),
    "nothing": slice(3, 3),
    "numpy number": np.int64(7),
}

OPERATIONS = {
    "elementwise": ("tanh", lambda a, i: np.tanh(a)[i]),
    "two": ("multiply", lambda a, i: (a * C)[i]),
    "broadcast": ("add", lambda a, i: (a + C[:, :1])[i]),
    "outer": ("subtract", lambda a, i: (a[:, 0, :1, None] - C[0])[i]),
    "choice": ("where", lambda a, i: np.where(C > 0, a, 0.5)[i]),
    "transposed": ("exp", lambda a, i: np.exp(a).transpose(0, 2, 1).transpose(0, 2, 1)[i]),
    "repeated": ("sin", lambda a, i: np.broadcast_to(np.sin(a[:, :, 0])[..., None], A.shape)[i]),
    "reshaped": ("cos", lambda a, i: np.cos(a).reshape(40, 1, 15, 2, 20).reshape(A.shape)[i]),
    "product": ("matmul", lambda a, i: (a @ B[:, :20])[i]),
    "contraction": ("einsum", lambda a, i: np.einsum("kij,jl->kil", a, B[:, :20])[i]),
    "sum": ("sum", lambda a, i: np.sum(a[..., None] * C[0, 0, :7], axis=-1)[i]),
    "stacked": ("sinh", lambda a, i: np.stack([a[0], *[np.sinh(a[k]) for k in range(1, 40)]])[i]),
    "joined": ("exp", lambda a, i: np.concatenate([np.exp(a[:30]), a[30:]])[i]),
    "looked at twice": ("cosh", lambda a, i: np.cosh(a)[::-1, 1:][:, ::-1][i]),
}


@pytest.mark.parametrize("index", INDICES.values(), ids=INDICES)
@pytest.mark.parametrize("row", OPERATIONS.values(), ids=OPERATIONS)
def test_a_part_is_what_numpy_picks_of_the_whole(row, index):
    """Every kind of index, of every kind of operation: alone, and compiled."""
    operation = row[1]
    try:
        expected = operation(A, index)
    except IndexError:
        index = tuple(part for part in index if not isinstance(part, (slice, type(...))))
        expected = operation(A, index)
    program = dk.lower(lambda a: operation(a, index), A)
    for found in (PASSES["slices"](program)(A), program.compile()(A)):
        assert found.shape == expected.shape
        np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize(
    ("f", "row", "shape"),
    [
        (lambda a: np.tanh(a)[ROWS], "tanh", (4, 30, 20)),
        (lambda a: (a @ B)[ROWS], "matmul", (4, 30, 50)),
        (lambda a: (a @ B)[:, 2:4], "matmul", (40, 2, 50)),
        (lambda a: (a @ B)[..., 5:15], "matmul", (40, 30, 10)),
        (lambda a: (a @ B[:, 0])[ROWS], "matmul", (4, 30)),
        (lambda a: (a[0, 0] @ B)[ROWS], "matmul", (4,)),
        (lambda a: np.sin(a).transpose(2, 0, 1)[:, MASK], "sin", (5, 30, 20)),
        (lambda a: np.sin(a).reshape(40, 600)[3:5], "sin", (2, 30, 20)),
        (lambda a: np.sin(a).reshape(40, 600)[:, :7], "sin", (40, 30, 20)),
        (lambda a: np.sin(a).sum(axis=2)[1], "sin", (1, 30, 20)),
        (lambda a: np.sin(a).max(axis=0)[ROWS], "sin", (40, 4, 20)),
        (lambda a: np.sin(a).mean(axis=(0, 2), keepdims=True)[:, ::10], "sin", (40, 3, 20)),
        (lambda a: np.concatenate([np.sin(a), a])[5:9], "sin", (4, 30, 20)),
        (lambda a: np.concatenate([np.sin(a), a])[35:45], "sin", (5, 30, 20)),
        (lambda a: np.stack([np.sin(a), a], axis=1)[:4, 0], "sin", (4, 30, 20)),
        (lambda a: np.einsum("ijk,km->mji", a, B)[ROWS], "einsum", (4, 30, 40)),
        (lambda a: np.exp(np.sin(a)[:20])[5:9], "sin", (4, 30, 20)),
        (lambda a: np.tile(np.sin(a[0, 0]), (40, 1)).T[2:4], "sin", (2,)),
    ],
)
def test_only_the_part_is_computed(f, row, shape):
    """The index travels to where the work begins."""
    program = optimized(dk.lower(f, A), without=("contractions",))
    assert shape_of(program, row) == shape
    np.testing.assert_allclose(program(A), f(A), rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize(
    "f",
    [
        lambda a: (np.sin(a)[:2], np.sin(a).sum()),
        lambda a: (lambda b: b[:2] + b[1:3])(np.sin(a)),
        lambda a: np.sin(a)[np.arange(90) % 40],
        lambda a: (a * a[::-1])[np.arange(40)[::-1]],
        lambda a: np.sin(a)[ROWS, ROWS],
        lambda a: np.sin(a)[0, :, ROWS],
        lambda a: np.sin(a)[np.array([[1, 2], [0, 3]])],
        lambda a: np.sin(a)[C > 0],
        lambda a: np.cumsum(a, axis=0)[2:3],
        lambda a: (a[:2, :3, :4] * a[2:4, :3, :4])[:1],
    ],
)
def test_what_would_be_more_work_stays(f):
    """Read elsewhere, repeated beyond the whole, small, or of an index that is no simple one."""
    program = dk.lower(lambda a: f(a), A)
    program = PASSES["common"](program)
    assert str(PASSES["slices"](program)) == str(program)


def test_elementwise_the_numbers_are_the_same():
    """Bit for bit, along a chain."""

    def chain(a):
        return np.exp(np.sin(a * C) / (1 + a * a) - C[0])[ROWS, :, None, ::2]

    program = dk.lower(chain, A)
    found = PASSES["slices"](program)
    assert shape_of(found, "exp") == (4, 30, 10)
    np.testing.assert_array_equal(found(A), chain(A))


def test_an_index_of_a_constant_is_folded():
    """Its entries are picked once and for all."""
    program = optimized(dk.lower(lambda a: (C * a[0, 0])[ROWS], A))
    assert [s.type.shape for s in program.steps if s.primitive.name == "multiply"] == [(4, 30, 20)]
    assert not any(s.type.size > A[:4].size for s in program.steps)


def test_hands_compute_the_vertices_that_are_compared():
    """Of 544 vertices, those that belong to the 100 points."""
    theta, model = objectives.hand_data()
    program = dk.lower(dk.jacobian(lambda t: objectives.hand_residual(np, t, model)), theta)

    assert any(544 in step.type.shape for step in optimized(program, without=["slices"]).steps)
    assert not any(544 in step.type.shape for step in optimized(program).steps)
    np.testing.assert_allclose(optimized(program)(theta), program(theta), rtol=1e-12, atol=1e-13)


def test_a_long_chain_of_slices_takes_no_recursion():
    """An index moves through thousands of steps."""

    def chain(x):
        for _ in range(5000):
            x = np.sin(x)
        return x[:3]

    program = sliced(chain, np.ones(1000))
    assert {step.type.shape for step in program.steps} == {(3,)}
