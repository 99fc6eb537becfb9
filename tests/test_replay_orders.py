"""Arrays lie in memory as their neighbours do, and the numbers do not change by that."""

import numpy as np
import pytest

import diffkit as dk
from diffkit.replay import orders
from diffkit.replay.passes import optimized

RNG = np.random.default_rng(0)
A, W = RNG.normal(size=(64, 50)), RNG.normal(size=(30, 50))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ((4, 5), (4, 5, 1)),
        ((4, 5), (1, 4, 1, 5)),
        ((4, 1, 5), (4, 5)),
        ((1, 4, 5, 1), (4, 1, 1, 5)),
        ((1, 1), (1,)),
    ],
)
def test_axes_of_length_one_keep_the_order_in_memory(old, new):
    """The order that is told is that of NumPy's own strides, C's and others."""
    for axes in {orders.c_order(len(old)), orders.c_order(len(old))[::-1]}:
        memory = np.arange(np.prod(old)).reshape([old[axis] for axis in axes])
        array = memory.transpose(np.argsort(axes))
        found = orders.reshaped(tuple(axes), old, new)
        strides = [array.reshape(new).strides[axis] for axis in found if new[axis] > 1]
        assert np.shares_memory(array, array.reshape(new))
        assert strides == sorted(strides, reverse=True)
    assert orders.reshaped((0, 1), (4, 6), (6, 4)) is None


def test_small_right_operands_that_lie_across_are_copied():
    """Once for all products that read them; not left ones, few rows, or large ones."""

    def chosen(f, *args):
        return len(orders.turned(optimized(dk.lower(f, *args))))

    assert chosen(lambda a, w: np.tanh(a) @ w.T, A, W) == 1
    assert chosen(lambda a, w: np.tanh(a[:30] @ w.T) + np.exp(a[30:60] @ w.T), A, W) == 1
    assert chosen(lambda a, w: np.tanh(a[:30] @ w.T), A, W) == 0
    assert chosen(lambda a, w: w.T @ a[:30], A, W) == 0
    assert chosen(lambda a, w: a @ w.T, np.ones((300, 100)), np.ones((90, 100))) == 0
    assert chosen(lambda a, w: a @ w.T, A, np.ones((5, 50))) == 0


@pytest.mark.parametrize("without", [(), ("orders",), ("buffers",)], ids=str)
def test_copied_operands_are_the_transposed_ones(without):
    """Of inputs, of what has been computed, and where a transpose is read elsewhere, too."""

    def f(a, w):
        turned, squares = w.T, (w * w).T
        return a @ turned + np.tanh(a) @ squares, turned[:3] * 2.0

    compiled = dk.lower(f, A, W).compile(without=without)
    for _ in range(2):
        for found, wanted in zip(compiled(A, W), f(A, W), strict=True):
            np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-13)
    assert ("= w.transpose" in compiled.source) or "orders" in without


@pytest.mark.parametrize(
    "look",
    [
        lambda y: y[..., 0, 0],
        lambda y: y[0, ..., 0],
        lambda y: y[:1, :1].reshape(()),
        lambda y: y.max(keepdims=True)[..., 0, 0],
        lambda y: np.sum(y, keepdims=True).reshape(()),
    ],
)
def test_a_number_outlives_the_array_that_it_was_looked_up_in(look):
    """Also where the array's memory has been given to others before the number is read."""

    def f(a):
        y = np.exp(a)
        number = look(y)
        for _ in range(4):
            y = np.sin(y) * np.cos(np.tanh(a) + 1.0)
        return np.sum(y) + number, y * number

    compiled = dk.lower(f, A).compile()
    for found, wanted in zip(compiled(A), f(A), strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-13)
