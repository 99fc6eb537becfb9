"""A record keeps of large arrays only what the row's rules look at."""

import tracemalloc

import numpy as np
import pytest

import diffkit as dk
from diffkit.core import tracing
from diffkit.core.sweeps import pullback
from diffkit.core.tracing import ALL, LARGE, OPERANDS, SHAPES, Tape

from .table import ARRAYS, ELEMENTWISE, EXAMPLES, name_of, operands, point, random, twin

_ENTRIES = LARGE // 8 + 1


@pytest.fixture
def all_is_large(monkeypatch):
    """Let every array of more than one entry be large."""
    monkeypatch.setattr(tracing, "LARGE", 8)


def _recorded(row, xs, params):
    """A tape with one step, of which all operands that can move do."""
    tape = Tape()
    given = [tape.input(x) if np.asarray(x).dtype.kind in "fc" else x for x in xs]
    return tape, tape.record(row, tuple(given), params)


def _swept(row, xs, params):
    tape, y = _recorded(row, xs, params)
    bar = random(row.name).normal(size=np.shape(y.value)).astype(y.dtype)[()]
    return [getattr(bar, "bar", bar) for bar in pullback(tape, {y.index: bar})[:-1]]


def _same(found, expected):
    assert len(found) == len(expected)
    for mine, theirs in zip(found, expected, strict=True):
        assert (mine is None) == (theirs is None)
        np.testing.assert_array_equal(mine, theirs)


@pytest.mark.parametrize("row", [r for r in ELEMENTWISE if r.reads < ALL], ids=name_of)
def test_elementwise_rows_do_with_what_they_are_said_to_read(row, monkeypatch):
    """Bit for bit: what a record lets go of is nan, and would show."""
    xs = point(row, random(row.name), [(2, 3)] * len(row.domain))
    expected = _swept(row, xs, {})
    monkeypatch.setattr(tracing, "LARGE", 8)

    _same(_swept(row, xs, {}), expected)


_LEAN = [(row, example) for row, example in EXAMPLES if row.pull and row.reads < ALL]


@pytest.mark.parametrize(("row", "example"), _LEAN, ids=name_of)
def test_array_rows_do_with_what_they_are_said_to_read(row, example, monkeypatch):
    xs, params = operands(row, example, random(row.name))
    expected = _swept(row, xs, params)
    monkeypatch.setattr(tracing, "LARGE", 8)

    _same(_swept(row, xs, params), expected)


def test_the_rows_of_every_kind_are_there():
    """The two tests above are about most of what networks are made of."""
    lean = {row.name: row.reads for row in [*ELEMENTWISE, *ARRAYS] if row.reads < ALL}

    assert {n: lean[n] for n in ("add", "reshape", "sum")} == dict.fromkeys(
        ("add", "reshape", "sum"), SHAPES
    )
    assert {lean[n] for n in ("tanh", "multiply", "matmul", "einsum")} == {OPERANDS}
    assert not {"exp", "sqrt", "divide", "max", "norm"} & set(lean)


def test_what_no_rule_reads_is_nan_in_the_record(all_is_large):
    """Constants stay, since a Program made of the tape has them; so do small arrays."""
    tape = Tape()
    x = tape.input(np.arange(4.0))
    y = np.tanh(x + np.ones(4))
    (moving, constant), _, total = tape.records[1]
    (operand,), _, result = tape.records[2]

    assert np.isnan(moving).all()
    assert np.isnan(total).all()
    assert np.array_equal(constant, np.ones(4))
    assert np.array_equal(operand, np.arange(1.0, 5.0))
    assert np.isnan(result).all()
    assert np.array_equal(y.value, np.tanh(np.arange(1.0, 5.0)))


def test_a_long_sum_of_large_arrays_holds_none_of_them():
    """Twenty sums of a megabyte each take the memory of the input and of the last one."""

    def f(x):
        for _ in range(20):
            x = x + 1.0
        return x

    x = np.ones(_ENTRIES)
    tracemalloc.start()
    try:
        tape = Tape()
        y = f(tape.input(x))
        held = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()

    assert y.value[0] == 21.0
    assert held < 2 * x.nbytes


def test_a_gradient_that_is_recorded_lets_go_too():
    """There the values of the inner tape are traced, and it is their arrays that count."""

    def f(x):
        for _ in range(20):
            x = x + 1.0
        return np.sum(x * x)

    x = np.ones(_ENTRIES)
    tracemalloc.start()
    try:
        program = dk.lower(dk.grad(f), x)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert peak < 8 * x.nbytes
    assert np.array_equal(program(x), np.full(_ENTRIES, 42.0))


def _network(w, x):
    hidden = np.tanh(x @ w[0] + w[1])
    scores = (hidden * 2.0 - w[1]) @ w[0].T
    return np.mean((np.exp(-scores) + scores.reshape(-1)[:6].reshape(3, 2) ** 3) ** 2)


def _every_way():
    rng = np.random.default_rng(0)
    x, w = rng.normal(size=(3, 2)), (rng.normal(size=(2, 4)), rng.normal(size=4))
    value, slopes = dk.value_and_grad(_network)(w, x)
    pull = dk.vjp(lambda x: _network(w, x), x)[1]
    return [
        value,
        *slopes,
        *pull(1.0),
        *pull(2.0),
        dk.jvp(lambda x: _network(w, x), x, np.ones((3, 2)))[1],
        dk.hvp(lambda x: _network(w, x), x, np.ones((3, 2))),
        dk.hessian(_network, 1)(w, x),
        dk.jacobian(lambda x: np.tanh(x @ w[0]) + w[1])(x),
        dk.lower(lambda x: _network(w, x), x).adjoint()(x),
        dk.compile(dk.grad(_network, 1))(w, x),
    ]


def test_every_way_to_a_derivative_is_as_it_was(monkeypatch):
    """Reverse, forward, both, swept again, nested, as a Program and compiled."""
    expected = _every_way()
    monkeypatch.setattr(tracing, "LARGE", 8)

    _same(_every_way(), expected)


def test_rows_of_users_keep_all(all_is_large):
    """Their rules may read what they please, whatever they call it."""
    row = dk.register(lambda x: x**2, name="twice", partials=[lambda _, x: 2 * (_ / x)])
    try:
        slope = dk.grad(lambda x: np.sum(row(x)))(np.array([1.0, 3.0]))
    finally:
        dk.primitives.unregister("twice")

    assert np.array_equal(slope, [2.0, 6.0])


def test_a_row_that_reads_more_than_it_says_is_seen(all_is_large):
    """The nan goes through to the gradient."""
    exp = dk.primitives.PRIMITIVES["exp"]
    lying = twin(exp, reads=OPERANDS)

    assert np.isnan(_swept(lying, [np.arange(3.0)], {})[0]).all()
    assert np.isfinite(_swept(exp, [np.arange(3.0)], {})[0]).all()
