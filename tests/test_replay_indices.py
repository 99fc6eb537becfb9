"""What an index says of itself is what NumPy does with it, and rows go by the cheapest calls."""

import numpy as np
import pytest

import diffkit as dk
from diffkit.replay.indices import is_distinct, is_leading, rest_of, rows_of, spelled_out

ALL = slice(None)
INDEXES = [
    np.array([2, 0, 1]),
    np.array([0, 0, 3, -1]),
    np.array([[1, 2], [3, -4]]),
    (ALL, np.array([4, 0])),
    (ALL, np.array([[4, 0], [-1, 1]])),
    (ALL, ALL, np.array([0, 5, 5])),
    (np.array([0, 1]), np.array([1, 2])),
    (np.array([0, 1]), slice(1, 3)),
    (slice(0, 2), np.array([0, 1])),
    (1, np.array([0, 3])),
    np.array([True, False, True, False]),
    np.array([], int),
    (Ellipsis, np.array([0, 2])),
]


def kind(index):
    """A name for an index."""
    return str(index).replace("\n", "")


# -- of numbers and slices -----------------------------------------------------------------

PARTS = [(0,), (slice(1, None),), (slice(None, -1),), (slice(1, 2),), (slice(None), slice(0, 2)),
           (slice(None), 3), (-1,), (slice(None), slice(2, 3)), (slice(5, 9),), 1,
           slice(0, 2)]  # fmt: skip


@pytest.mark.parametrize("index", PARTS, ids=str)
def test_rest_is_what_a_slice_leaves_out(index):
    """Ones at the index and at the rest make up all, once each."""
    marks = np.zeros((3, 4), int)
    marks[index] += 1
    rest = rest_of(marks.shape, index)
    if rest is None:
        assert marks.sum() == 0
        return
    for part in rest:
        assert marks[part].size
        marks[part] += 1
    assert (marks == 1).all()


EVERY_SECOND, TURNED = (slice(None, None, 2),), (slice(None, None, -1),)


@pytest.mark.parametrize(
    "index", [(0, 1), EVERY_SECOND, TURNED, (None, 0), (Ellipsis, 0), (np.array([0, 1]),)], ids=str
)
def test_other_indexes_are_cleared_as_a_whole(index):
    """A rest is known of one slice along one axis."""
    assert rest_of((3, 4), index) is None


@pytest.mark.parametrize("index", [*PARTS, (Ellipsis, 0), (None, 1, Ellipsis), ...], ids=kind)
def test_an_index_that_is_spelled_out_is_the_same_index(index):
    """With a part for every axis, and no dots."""
    x = np.arange(12).reshape(3, 4)
    parts = spelled_out(index, x.ndim)
    assert sum(part is not None for part in parts) == x.ndim
    assert Ellipsis not in parts
    np.testing.assert_array_equal(x[tuple(parts)], x[index])


@pytest.mark.parametrize("index", PARTS, ids=str)
def test_leading_rows_lie_in_one_piece(index):
    """As NumPy's flags say of all but the slices along a later axis."""
    assert is_leading(index) <= np.zeros((3, 4))[index].flags.c_contiguous


# -- with arrays ---------------------------------------------------------------------------


@pytest.mark.parametrize("index", INDEXES, ids=kind)
def test_rows_are_those_that_indexing_gives(index):
    """Where an index takes whole rows, take() with the rows gives the same."""
    x = np.arange(4.0 * 5 * 6).reshape(4, 5, 6)
    found = rows_of(index, x.shape)
    if found is not None:
        np.testing.assert_array_equal(x.take(found[0], found[1], mode="clip"), x[index])


def test_which_indexes_take_rows():
    """Arrays of whole numbers after whole axes."""
    assert [rows_of(i, (4, 5, 6)) is not None for i in INDEXES] == [True] * 6 + [False] * 7
    assert rows_of(np.array([4]), (4, 5)) is None  # NumPy will say that it is not there


@pytest.mark.parametrize("index", INDEXES, ids=kind)
def test_entries_are_distinct_if_none_is_counted_twice(index):
    """As np.add.at counts them."""
    counts = np.zeros((4, 5, 6), int)
    np.add.at(counts, index, 1)
    assert is_distinct(index, counts.shape) == (counts.max() <= 1)


@pytest.mark.parametrize("index", INDEXES, ids=kind)
def test_functions_and_gradients_of_rows(index):
    """Of places, views, inputs and slices, forward and back: NumPy's numbers."""

    def f(x):
        y = np.sin(x)
        stacked = np.stack([y[index] * 2.0, np.cos(y.transpose(0, 1, 2)[index])])
        turned = np.transpose(y, (2, 1, 0)).transpose(2, 1, 0)[index]
        return np.sum(stacked[0] * turned) + np.sum(x[index] ** 2) + np.sum(y * stacked.size)

    x = np.linspace(-1.0, 1.0, 120).reshape(4, 5, 6)
    assert dk.compile(f)(x) == pytest.approx(f(x), rel=1e-13)
    slope, twice = dk.grad(f), dk.grad(lambda x: np.sum(np.tanh(x)[index] ** 3))
    for gradient in (slope, twice):
        compiled = dk.compile(gradient)
        for point in (x, x * 0.5, np.asfortranarray(x)):
            np.testing.assert_allclose(compiled(point), gradient(point), rtol=1e-12, atol=1e-14)


def test_the_text():
    """Rows are taken into a place, and put where no one else is without counting."""
    x = np.linspace(0.1, 1.0, 300).reshape(10, 30)
    once, twice = np.array([1, 3, -1, 0, 5, 6, 7, 8, 4]), np.array([1, 1])

    def loss(x):
        y = np.exp(x)
        return np.sum(np.sin(y[once])) + np.sum(y * y)

    f = dk.compile(dk.value_and_grad(loss))
    y, bar = np.exp(x), 2 * np.exp(x)
    bar[once] += np.cos(y[once])
    value, slope = f(x)
    assert value == pytest.approx(loss(x), rel=1e-14)
    np.testing.assert_allclose(slope, bar * y, rtol=1e-13)
    assert '"clip")' in f.source
    assert ".at(" not in f.source
    g = dk.compile(dk.grad(lambda x: np.sum(np.exp(x)[twice])))
    expected = np.zeros_like(x)
    expected[1] = 2 * np.exp(x)[1]
    np.testing.assert_allclose(g(x), expected, rtol=1e-13)
    assert ".at(" in g.source
