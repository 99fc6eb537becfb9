"""Matrix products and sums are done by the BLAS calls that cost least, with the same numbers."""

import itertools
import math

import numpy as np
import pytest

import diffkit as dk
from diffkit.replay.passes import PASSES

SHAPES = [((2, 3), (3, 2)), ((5, 1), (1, 7)), ((1, 4), (4, 1)), ((64, 64), (64, 64)),
          ((3,), (3, 4)), ((4, 3), (3,)), ((200, 1), (1, 200)), ((130, 20), (20, 90)),
          ((2, 3, 4), (4, 5)), ((2, 3, 4), (2, 4, 3)), ((3, 0), (0, 2))]  # fmt: skip


@pytest.mark.parametrize("shapes", SHAPES, ids=str)
@pytest.mark.parametrize("dtype", ["f8", "f4", "c16"])
def test_products_are_those_of_matmul_bit_for_bit(shapes, dtype):
    """Of every shape and dtype, in every order of memory, where it is returned and where not."""
    rng = np.random.default_rng(len(str(shapes)))
    a, b = [(10 * rng.normal(size=shape)).astype(dtype) for shape in shapes]
    compiled = dk.lower(lambda a, b: (a @ b, -(a @ b)), a, b).compile(without=PASSES)
    for turn_a, turn_b in itertools.product([False, True], repeat=2):
        a_, b_ = [np.asfortranarray(x) if turn else x for x, turn in ((a, turn_a), (b, turn_b))]
        for found, sign in zip(compiled(a_, b_), (1, -1), strict=True):
            np.testing.assert_array_equal(found, sign * np.matmul(a_, b_))
            assert found.dtype == a.dtype


def test_inf_and_nan_go_through_products():
    """As NumPy computes them."""
    a = np.array([[np.inf, 1.0], [np.nan, 0.0]])
    compiled = dk.lower(lambda a, b: (a @ b) * 1.5, np.eye(2), np.eye(2)).compile()
    for b in (np.eye(2), np.array([[0.0, 1.0], [-np.inf, 2.0]])):
        with np.errstate(all="ignore"):
            np.testing.assert_array_equal(compiled(a, b), (a @ b) * 1.5)


@pytest.mark.parametrize("text", ["ij,jk->ik", "kij,k->ij", "ijk,k->ij", "ij,kj->ki", "ij,j->i"])
def test_small_einsums_are_products(text):
    """Calling einsum costs more than three matrix products of this size."""
    left, right = [np.arange(1.0, 1 + 3 ** len(term)) for term in text.split("->")[0].split(",")]
    a, b = [x.reshape((3,) * round(np.log(x.size) / np.log(3))) for x in (left, right)]
    p = dk.lower(lambda a, b: np.einsum(text, a, b), a, b)
    assert "einsum" not in p.source()
    np.testing.assert_array_equal(p.compile()(a, b), np.einsum(text, a, b))  # whole numbers


# -- sums --------------------------------------------------------------------------------------

SUMMED = [(7,), (1,), (5, 6), (6, 1), (1, 6), (3, 4, 5), (1, 4, 1), (2, 1, 3)]
AXES = [
    (shape, axis)
    for shape in SUMMED
    for axis in [None, *range(len(shape)), *itertools.combinations(range(len(shape)), 2)]
]


def exact_sum(x, axis, keepdims):
    """The sum with one rounding, and the sum of the absolute values."""
    axes = range(x.ndim) if axis is None else np.atleast_1d(axis)
    turned = np.moveaxis(x, list(axes), range(len(axes)))
    rows = turned.reshape(int(np.prod(turned.shape[: len(axes)])), -1).astype(float)
    shape = np.sum(x, axis, keepdims=keepdims).shape
    return [
        np.array([total(column) for column in rows.T]).reshape(shape)
        for total in (math.fsum, lambda column: math.fsum(abs(column)))
    ]


@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("dtype", ["f8", "f4"])
@pytest.mark.parametrize(("shape", "axis"), AXES, ids=str)
def test_sums_are_exact_to_their_bound(shape, axis, dtype, keepdims):
    """Of n terms in any order: n*eps*sum(|x|) at most, for inputs, places, views and slices."""

    def f(x):
        y = x + x
        z = np.stack([y, x, -y])
        return [np.sum(v, axis, keepdims=keepdims) for v in (x, y, z[2], y[::-1], z[:, ::-1][0])]

    rng = np.random.default_rng(len(shape))
    x = rng.normal(size=shape).astype(dtype) * 10.0 ** rng.integers(-6, 6, shape)
    x = x.astype(dtype)
    compiled = dk.lower(f, x).compile()
    for turned in (x, np.asfortranarray(x)):
        signs = (1, 2, -2, 2, None)
        found = compiled(turned)
        for one, factor, v in zip(found, signs, (x, x, x, x[::-1], x[::-1]), strict=True):
            exact, size = exact_sum(v, axis, keepdims)
            factor = 2 if factor is None else factor
            bound = x.size * np.finfo(dtype).eps * size * abs(factor)
            assert np.shape(one) == exact.shape
            assert one.dtype == x.dtype
            assert (np.abs(one - factor * exact) <= bound).all()


def test_the_choice_can_be_left_out():
    """Without it, NumPy adds."""
    p = dk.lower(lambda x: np.sum(np.sin(x), 0) * np.sum(x), np.eye(5))
    assert "dot(" in p.compile().source
    assert "dot(" not in p.compile(without=["products"]).source
    x = np.arange(25.0).reshape(5, 5) / 7
    np.testing.assert_array_equal(
        p.compile(without=["products"])(x), np.sum(np.sin(x), 0) * np.sum(x)
    )


def test_long_sums_are_left_to_numpy():
    """Which adds them in pairs, and rounds less than BLAS."""
    for shape, axis, product in [((2000,), None, False), ((1000,), None, True),
                                 ((3, 2000), 1, False), ((2000, 3), 0, True)]:  # fmt: skip
        source = dk.lower(lambda x, axis=axis: np.sum(np.cos(x), axis), np.ones(shape)).source()
        assert ("dot(" in source) == product


def test_what_is_no_plain_sum_is_left_to_numpy():
    """Whole numbers, complex numbers, short floats, and axes in the middle."""

    def count(x, axis):
        return np.sum(x > 0, axis) * 1.0

    for f, x, axis in [(np.sum, np.ones((3, 3), "c16"), 0), (np.sum, np.ones((3, 3), "f2"), 0),
                       (np.sum, np.ones((3, 4, 5)), 1), (count, np.ones((3, 3)), 0)]:  # fmt: skip
        p = dk.lower(lambda x, f=f, axis=axis: f(x, axis), x)
        assert "dot(" not in p.source()
        found = p.compile()(x)
        np.testing.assert_array_equal(found, p(x))
        assert found.dtype == p(x).dtype


def test_inf_and_nan_go_through_sums():
    """One term that is not finite is as it is in a plain sum, and its neighbours stay."""
    x = np.array([[np.inf, 1.0, 2.0], [3.0, np.nan, 4.0], [-np.inf, 5.0, 6.0]])
    p = dk.lower(lambda x: (np.sum(x, 0), np.sum(x, 1), np.sum(x), np.mean(-x, 1)), np.eye(3))
    with np.errstate(all="ignore"):
        expected = x.sum(0), x.sum(1), x.sum(), (-x).mean(1)
    for found, wanted in zip(p.compile()(x), expected, strict=True):
        np.testing.assert_array_equal(found, wanted)


def test_sums_in_an_order_of_their_own():
    """Arrays that lie in memory as their neighbours do are summed where they lie."""

    def f(x, y):
        d = x[:, None, :] - y
        e = np.exp(-d * d)
        sums = [np.sum(e, axis) for axis in (0, 1, 2, (0, 1), (1, 2), (0, 1, 2))]
        more = [np.sum(e * d, (1, 2), keepdims=True), np.sum(np.transpose(e, (2, 0, 1)), 0)]
        return [*sums, *more, np.mean(e, (0, 2))]

    rng = np.random.default_rng(5)
    x, y = rng.normal(size=(50, 4)), rng.normal(size=(3, 4))
    for source in (f, lambda x, y: [np.sum(v * v) for v in f(x, y)]):
        p = dk.lower(source, x, y)
        for found, wanted in zip(p.compile()(x, y), p(x, y), strict=True):
            np.testing.assert_allclose(found, wanted, rtol=1e-13)
