"""Steps that run block by block compute what they compute on whole arrays."""

import math
import re
import threading
import tracemalloc
from functools import partial

import numpy as np
import pytest

import diffkit as dk
from diffkit.replay.ways import COMBINED, RULES, ways
from tests.benchmarks import objectives
from tests.random_programs import example, random_program
from tests.table import EXAMPLES, name_of
from tests.test_replay import flat, operands_of

ONE_RESULT = [(row, case) for row, case in EXAMPLES if not row.several and row.name != "pick"]
CUT = [(row, case) for row, case in ONE_RESULT if row.elementwise or row.name in RULES]
N = 1_200_000  # numbers: three arrays of them are more than a cache holds


@pytest.fixture(params=[1, 3])
def tiny(request, monkeypatch):
    """Let every run that there is be a loop, over blocks of one row or a few."""
    values = {
        "LARGE": 1,
        "SEED": 1,
        "CALL": -100,
        "PIECE": 0,
        "INNER": request.param,
        "BLOCK": 1,
        "SHARE": 0,
    }
    for name, value in values.items():
        monkeypatch.setattr(f"diffkit.replay.blocks.{name}", value)
    monkeypatch.setattr("diffkit.replay.runs.SEED", 1)


def loops(replay):
    """How many loops over blocks a text has."""
    return len(re.findall(r" = cut(_\d+)?\(", replay.source))


def assert_same(found, wanted, **bounds):
    """The same shapes, dtypes and numbers."""
    for a, b in zip(flat(found), flat(wanted), strict=True):
        assert (a.shape, a.dtype) == (b.shape, b.dtype)
        np.testing.assert_allclose(a, b, **bounds)


# -- on small arrays, where everything is made a loop -------------------------------------


def test_random_programs(tiny):
    """Values and gradients of random functions, to the rounding of sums."""
    found = 0
    for seed in range(40):
        program, arguments = random_program(seed), example(seed)
        replay = program.compile()
        found += loops(replay)
        with np.errstate(all="ignore"):
            expected = program(*arguments)
        for _ in range(2):  # places are used again
            assert_same(replay(*arguments), expected, rtol=1e-12, atol=1e-13)
    assert found > 40


@pytest.mark.parametrize(("row", "case"), ONE_RESULT, ids=name_of)
def test_every_row_inside_of_a_chain(row, case, tiny):
    """What any row does to a chain, cut or not: NumPy's own result."""
    shapes, params = case
    values = [np.array(v)[()] for v in operands_of(shapes, row.name)]

    def chain(*xs):
        return row(*[x * 1 if x.dtype.kind in "fc" else x for x in xs], **params)

    program = dk.lower(lambda *xs: (lambda y: (y, y == y))(chain(*xs)), *values)
    given = list(program.bind(values, {}).values())
    with np.errstate(all="ignore"):
        expected = program(*given)
    assert_same(program.compile(without=["identities"])(*given), expected, rtol=1e-14, atol=1e-15)


def arithmetic(x, y, z):
    """Steps that IEEE 754 rounds in one way only, and where NumPy has no choice."""
    a = x * y + z
    b = np.where(a > 0, a, -0.25 * a)
    c = np.maximum(b, x) / (1.0 + y * y)
    d = np.sqrt(np.abs(c - z)) - a
    return d * d, a < d, np.minimum(c, z)


SHAPES = [
    ((40,), (40,), (40,)),
    ((7, 6), (6,), (7, 1)),
    ((7, 6), (7, 6), ()),
    ((3, 5, 4), (5, 1), (3, 1, 4)),
    ((1, 9), (9, 1), (9, 9)),
]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("shapes", SHAPES, ids=str)
def test_elementwise_steps_do_not_change_a_bit(shapes, dtype, tiny):
    """With rows, columns and numbers among the operands, several results, and masks."""
    rng = np.random.default_rng(0)
    given = [rng.normal(size=shape).astype(dtype)[()] for shape in shapes]
    program = dk.lower(arithmetic, *given)
    replay = program.compile()
    assert loops(replay)
    assert_same(replay(*given), program(*given), rtol=0)


def test_complex_numbers(tiny):
    """Products and sums of complex numbers, also added up."""
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(2, 30)) + 1j * rng.normal(size=(2, 30))

    def f(x, y):
        z = x * y + x
        return z.real - z.imag, np.sum(z * z), np.prod(z)

    program = dk.lower(f, x, y)
    replay = program.compile()
    assert loops(replay)
    assert_same(replay(x, y), program(x, y), rtol=1e-13)


MEMORY = {
    "transposed": lambda x: np.ascontiguousarray(x.T).T,
    "every other": lambda x: np.repeat(np.repeat(x, 2, 0), 2, 1)[::2, ::2],
    "backwards": lambda x: np.ascontiguousarray(x[::-1, ::-1])[::-1, ::-1],
    "repeated": lambda x: np.broadcast_to(x[:1], x.shape),
    "read-only": lambda x: np.frombuffer(x.tobytes()).reshape(x.shape),
}


@pytest.mark.parametrize("kind", MEMORY)
def test_arguments_may_lie_anyhow_in_memory(kind, tiny):
    """Strides of all kinds, and memory that may not be written."""
    x = MEMORY[kind](np.random.default_rng(0).normal(size=(8, 6)))
    before = x.copy()

    def f(x):
        y = x * 2.0 - x.T[:6, :6].sum()
        return y * y, (y + 1.0).T, np.sum(y, axis=0)

    program = dk.lower(f, x)
    replay = program.compile()
    assert loops(replay)
    assert_same(replay(x), program(x), rtol=1e-13)
    np.testing.assert_array_equal(x, before)


def test_extrema_and_their_nans(tiny):
    """The largest of all blocks is the largest; a nan anywhere is one at the end."""

    def f(x):
        y = x * 2.0
        return np.max(y), np.min(y + 1.0, axis=0), np.max(y - 1.0, axis=1, keepdims=True)

    x = np.random.default_rng(0).normal(size=(9, 4))
    replay = dk.lower(f, x).compile()
    assert loops(replay)
    for entry in (0.5, np.inf, -np.inf, np.nan):
        x[5, 2] = entry
        y = 2.0 * x
        wanted = y.max(), (y + 1).min(axis=0), (y - 1).max(axis=1, keepdims=True)
        assert_same(replay(x), wanted, rtol=0)


def test_a_guard_sees_the_whole_array(tiny):
    """A branch on a sum over all blocks is checked at each call."""

    def f(x):
        y = x * x - 1.0
        return np.exp(y) if np.sum(y) > 0 else -y

    replay = dk.lower(f, np.full(8, 2.0)).compile()
    assert loops(replay)
    assert_same(replay(np.full(8, 3.0)), np.exp(np.full(8, 8.0)), rtol=1e-15)
    with pytest.raises(dk.errors.BranchChanged):
        replay(np.zeros(8))


def test_a_matrix_and_its_transpose_are_not_cut_alike(tiny):
    """x + x.T needs rows and columns of x at once."""
    x = np.random.default_rng(0).normal(size=(6, 6))

    def f(x):
        y = x * x
        z = y + y.T
        return z * z

    program = dk.lower(f, x)
    assert_same(program.compile()(x), program(x), rtol=0)


# -- on large arrays -----------------------------------------------------------------------


def softplus_loss(x, y):
    """A chain that ends in a sum."""
    z = x * 3.0 - y
    return np.sum(np.log1p(np.exp(-z)) * y + z * z)


def data(n=N):
    """Two large arrays."""
    rng = np.random.default_rng(0)
    return rng.normal(size=n), rng.uniform(size=n)


def test_a_gradient_of_large_arrays_is_a_loop():
    """It agrees to the last bits with whole arrays, and a second call with the first."""
    x, y = data(N + 1)  # the last block is shorter
    slopes = dk.compile(dk.grad(softplus_loss, (0, 1)))
    found = slopes(x, y)
    kept = [part.copy() for part in found]
    assert loops(slopes) == 1
    assert_same(
        found, dk.compile(dk.grad(softplus_loss, (0, 1)), without=["blocks"])(x, y), rtol=1e-14
    )
    slopes(-x, y)
    assert_same(found, tuple(kept), rtol=0)


def test_sums_keep_their_bound():
    """The error is at most (blocks + 60) eps times the sum of the absolute values."""
    x, y = data()
    replay = dk.lower(lambda x, y: np.sum(x * y - x), x, y).compile()
    assert loops(replay)
    terms = x * y - x
    bound = (N / 8192 + 61) * np.finfo(float).eps * math.fsum(np.abs(terms))
    assert abs(replay(x, y) - math.fsum(terms)) <= bound


def test_single_precision_is_added_up_in_double():
    """What all blocks add up to has one rounding more than a block's."""
    x = data(4 * N)[0].astype(np.float32) + np.float32(1)
    replay = dk.lower(lambda x: np.sum(x * x * x), x).compile()
    assert loops(replay)
    found = replay(x)
    assert found.dtype == np.float32
    assert found == pytest.approx(math.fsum((x * x * x).astype(float)), rel=3e-7)


@pytest.mark.parametrize("shape", [(64, 64), (256, 256), (0,), (0, 5), (1000,)], ids=str)
def test_small_arrays_are_left_alone(shape):
    """What fits a cache gains nothing, so nothing is changed."""
    x = np.ones(shape)
    replay = dk.lower(lambda x: np.sum(np.tanh(np.exp(-x * x) + x) ** 2), x).adjoint().compile()
    assert not loops(replay)
    assert replay(x).shape == shape


def test_blocks_can_be_switched_off():
    """As all choices can."""
    x, y = data()
    program = dk.lower(softplus_loss, x, y)
    assert loops(program.compile())
    assert not loops(program.compile(without=["blocks"]))
    assert program.compile(without=["blocks"])(x, y) == pytest.approx(
        softplus_loss(x, y), rel=1e-14
    )


WORKS = {
    "gmm": (objectives.gmm, objectives.gmm_data, 8000, (0, 1, 2)),
    "network": (objectives.classifier, objectives.classifier_data, 5000, (0,)),
}


@pytest.mark.parametrize("work", WORKS)
@pytest.mark.parametrize("without", [(), ("orders",), ("buffers",)], ids=str)
def test_products_of_matrices_are_taken_by_rows(work, without):
    """Gradients of a mixture and a network, cut along the points: to 1e-11."""
    objective, make, n, wrt = WORKS[work]
    args = make(n)
    slopes = dk.compile(dk.grad(partial(objective, np), wrt), without=without)
    whole = dk.compile(dk.grad(partial(objective, np), wrt), without=[*without, "blocks"])
    found, expected = slopes(*args), whole(*args)
    assert loops(slopes)
    for a, b in zip(leaves(found), leaves(expected), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-11, atol=1e-13)


def leaves(nest):
    """All arrays of a nest."""
    return (
        [leaf for part in nest for leaf in leaves(part)]
        if isinstance(nest, (list, tuple))
        else [nest]
    )


def test_constants_are_cut_too():
    """An array that the function has captured is an operand like any other."""
    x, y = data()
    replay = dk.lower(lambda x: np.exp(x * y) - y * y, x).compile()
    assert loops(replay)
    np.testing.assert_array_equal(replay(x), np.exp(x * y) - y * y)


def test_arguments_may_have_the_names_that_the_text_uses():
    """Lists and arrays called blocks, parts, n, t1 or cut are the user's."""
    x, y = data()

    def f(parts, blocks, block, n, part, cut, t1):
        z = np.exp(-parts[0] * block) * n[0] + part["a"] * cut
        return np.sum(z * blocks[0] * t1[0])

    given = [x], [y], y, [x], {"a": x}, y, [y]
    compiled = dk.compile(f)
    assert compiled(*given) == pytest.approx(f(*given), rel=1e-13)
    assert loops(compiled) == 1


def test_threads_have_blocks_of_their_own():
    """Four threads at once get their own answers."""
    x, y = data()
    slopes = dk.compile(dk.grad(softplus_loss))
    wanted = [slopes(x * k, y) for k in range(4)]
    found = [None] * 4

    def work(k):
        found[k] = [slopes(x * k, y) for _ in range(3)]

    threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for results, expected in zip(found, wanted, strict=True):
        for result in results:
            np.testing.assert_array_equal(result, expected)


def held(program, *args, **options):
    """Bytes that compiling and a call take at most, besides the arguments."""
    tracemalloc.start()
    try:
        replay = program.compile(**options)
        replay(*args)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_falls():
    """Of eleven arrays only the two that are returned are there as a whole."""
    x, y = data()
    program = dk.lower(softplus_loss, x, y).adjoint()
    assert held(program, x, y, without=["blocks"]) > 5 * x.nbytes
    assert held(program, x, y) < 2.5 * x.nbytes


def test_memory_does_not_grow_where_a_run_can_write_over_what_it_reads():
    """A cumulative sum has to be whole; what follows it goes to the same place."""
    x, _ = data()

    def f(x):
        y = np.cumsum(x) * 2.0
        z = np.sort(np.exp(-y * y) + y)
        return np.sum(np.tanh(z) * z)

    program = dk.lower(f, x).adjoint()
    assert held(program, x) <= 1.01 * held(program, x, without=["blocks"])
    assert_same(program.compile()(x), program.compile(without=["blocks"])(x), rtol=1e-13)


# -- ways ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("row", "case"), CUT, ids=name_of)
def test_ways_are_ways(row, case):
    """Computed from two parts of the operands, joined or combined, is computed from all."""
    shapes, params = case
    values = [np.asarray(v) for v in operands_of(shapes, row.name)]
    program = dk.lower(lambda *xs: row(*xs, **params), *[v[()] for v in values])
    step = program.steps[-1]
    if len(program.steps) != 1 or step.primitive is not row:
        return
    whole = row.numpy(*values, **step.params)
    for way in ways(step, [v.shape for v in values]):
        axes = zip(values, way.operands, strict=True)
        lengths = {v.shape[axis] for v, axis in axes if axis is not None}
        if "shape" in step.params or not lengths or lengths == {1}:
            continue  # the parameter is that of the whole
        (n,) = lengths
        parts = [row.numpy(*taken, **step.params) for taken in parted(values, way.operands, n)]
        if way.out is None:
            combined = getattr(np, COMBINED[row.name])(*parts)
        else:
            combined = np.concatenate(parts, axis=way.out)
        np.testing.assert_allclose(combined, whole, rtol=1e-13, atol=1e-14)


def parted(values, axes, n):
    """The operands in two parts."""
    for part in (slice(0, n // 2), slice(n // 2, n)):
        taken = [
            v if axis is None else v[(slice(None),) * axis + (part,)]
            for v, axis in zip(values, axes, strict=True)
        ]
        if all(v.size for v in taken):
            yield taken


def test_an_empty_result_is_not_taken_by_parts(tiny):
    """What has no entries is made where it is returned, and not in a loop."""

    def f(x):
        y = np.exp(x) * x
        return np.tanh(y[1:] - y[:-1]), np.sin(y)

    x = np.linspace(0.0, 1.0, 8).reshape(1, 8)
    compiled = dk.compile(f)
    assert_same(compiled(x), f(x), rtol=1e-14)
    assert loops(compiled) == 1


@pytest.mark.parametrize("n", [6, 7])
def test_an_operand_that_is_read_twice_is_cut_along_one_axis(tiny, n):
    """Columns of the right operand are not columns of the left one, though it is the same."""
    a = np.random.default_rng(n).normal(size=(n, n))
    for f in (
        lambda a: np.tanh(a @ a),
        lambda a: np.tanh(a @ a.T),
        dk.grad(lambda a: np.sum(a @ a)),
    ):
        assert_same(dk.compile(f)(a), f(a), rtol=1e-12, atol=1e-13)
