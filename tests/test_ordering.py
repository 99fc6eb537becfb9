"""Sorting, positions, and taking at positions that are traced.

Values, shapes and dtypes are NumPy's own on plain arrays; derivatives are those of finite
differences, at points where no two entries are equal. Ties have tests of their own.
"""

import pickle

import numpy as np
import pytest

import diffkit as dk
from diffkit.errors import BranchChanged, ShapeError, SymbolicError, TracingError
from diffkit.primitives import PRIMITIVES
from diffkit.primitives.taking import traced_index

from .function_cases import (
    arguments,
    bent,
    complex_faults,
    named,
    program_faults,
    value_faults,
)
from .table import close, derivative_faults, random

SELECTING = [
    ("sort", lambda x: np.sort(x), [(5,)]),
    ("sort axis", lambda x: np.sort(x, axis=0), [(3, 2)]),
    ("sort last of three", lambda x: np.sort(x), [(2, 1, 3)]),
    ("sort flat", lambda x: np.sort(x, axis=None), [(2, 3)]),
    ("sort kind", lambda x: np.sort(x, kind="stable"), [(3,)]),
    ("sort largest", lambda x: np.sort(x)[-2:], [(5,)]),
    ("partition", lambda x: np.partition(x, 2)[2], [(5,)]),
    ("partition axis", lambda x: np.partition(x, 1, axis=0)[1], [(3, 2)]),
    ("partition several", lambda x: np.partition(x, (0, -1), axis=None)[[0, -1]], [(2, 2)]),
    ("by argsort", lambda x, y: x[np.argsort(y)], [(4,), (4,)]),
    ("by its own argsort", lambda x: x[np.argsort(-x)] * [1, 10, 100], [(3,)]),
    ("rows by argsort", lambda x, y: x[np.argsort(y)[::-1]], [(3, 2), (3,)]),
    ("columns by argsort", lambda x, y: x[:, np.argsort(y)], [(2, 3), (3,)]),
    ("by argmax", lambda x: x[np.argmax(x)], [(4,)]),
    ("by argmin of others", lambda x, y: x[1:, np.argmin(y)], [(3, 2), (2,)]),
    ("by two argmax", lambda x, y: x[np.argmax(y), None, np.argmin(y)], [(3, 3, 2), (3,)]),
    ("by argmax and plain", lambda x: x[[0, 1], np.argmax(x, axis=1)], [(2, 3)]),
    ("by argmax and dots", lambda x: x[..., np.argmax(x)], [(4,)]),
    ("by argmax and mask", lambda x: x[np.array([True, False, True]), np.argmax(x[0])], [(3, 2)]),
    ("by searchsorted", lambda x, y: x[np.searchsorted([0.0, 1.0], y)], [(3,), (2, 2)]),
    ("take by argsort", lambda x, y: np.take(x, np.argsort(y), axis=1), [(2, 3), (3,)]),
    ("take by argsort flat", lambda x: np.take(x, np.argsort(x, axis=None)), [(2, 2)]),
    ("take by argmax", lambda x: np.take(x, np.argmax(x)), [(3,)]),
    ("take plain", lambda x: np.take(x, [0, 2, 0], axis=0), [(3, 2)]),
    ("take plain one", lambda x: np.take(x, -1, axis=1), [(2, 3)]),
    ("take plain matrix", lambda x: np.take(x, [[0, 5], [1, 1]]), [(2, 3)]),
    ("take wrapped", lambda x: np.take(x, [4, -5], mode="wrap"), [(3,)]),
    ("take clipped", lambda x: np.take(x, [4, -5], mode="clip"), [(3,)]),
    ("take traced wrapped", lambda x: np.take(x, np.argsort(x) + 2, mode="wrap"), [(3,)]),
    ("take traced clipped", lambda x: np.take(x, np.argsort(x) + 1, mode="clip"), [(3,)]),
    (
        "take_along_axis from plain",
        lambda x: x * np.take_along_axis(np.arange(3.0).astype(x.dtype), np.argsort(x), 0),
        [(3,)],
    ),
    ("take_along_axis", lambda x, y: np.take_along_axis(x, np.argsort(y, 0), 0), [(3, 2)] * 2),
    ("take_along_axis plain", lambda x: np.take_along_axis(x, np.array([[0, 0]]), 1), [(2, 3)]),
    (
        "take_along_axis of one",
        lambda x: np.take_along_axis(x, np.argmax(x, axis=1, keepdims=True), axis=1),
        [(2, 3)],
    ),
    (
        "take_along_axis broadcast",
        lambda x, y: np.take_along_axis(x, np.argsort(y, axis=1), axis=1),
        [(1, 3), (2, 3)],
    ),
    ("take_along_axis flat", lambda x: np.take_along_axis(x, np.array([3, 0]), None), [(2, 2)]),
    ("by lexsort", lambda x, y: x[np.lexsort((y, np.floor(x)))], [(4,), (4,)]),
    ("by lexsort of rows", lambda x: x[0][np.lexsort(x)], [(2, 3)]),
    ("by argpartition", lambda x: x[np.argpartition(x, 1)][1], [(4,)]),
    ("by nanargmax", lambda x: x[np.nanargmax(x)] * x[np.nanargmin(x)], [(3,)]),
    ("by digitize", lambda x: x[np.digitize(x, [0.0, 1.0])], [(3,)]),
    ("compress", lambda x: np.compress([True, False, True], x), [(3,)]),
    ("compress short", lambda x: np.compress([0, 1], x, axis=1), [(2, 3)]),
    ("compress flat", lambda x: np.compress([False, True, True], x), [(2, 2)]),
    ("extract", lambda x: np.extract(np.eye(2) > 0, x), [(2, 2)]),
    ("choose", lambda x, y: np.choose([0, 1, 1], [x, y * y]), [(3,), (3,)]),
    ("choose broadcast", lambda x, y: np.choose([[1], [0]], (x, y)), [(3,), ()]),
    ("choose row", lambda x: np.choose([1, 0, 1], x), [(2, 3)]),
    ("choose wrapped", lambda x, y: np.choose([5, -1], [x, y, 1.0], mode="wrap"), [(2,), (2,)]),
    ("choose clipped", lambda x, y: np.choose([5, -1], [x, y], mode="clip"), [(2,), (2,)]),
    ("choose traced", lambda x: np.choose(np.argsort(x), [x, x * x, 2.0]), [(3,)]),
    ("choose truth", lambda x: np.choose(x > 0, [x, x * x]), [(3,)]),
    ("select", lambda x: np.select([x > 1, x > 0], [x * x, x], -x), [(5,)]),
    ("select default", lambda x: np.select([x > 0], [x]), [(4,)]),
    ("select plain", lambda x, y: np.select([np.eye(2) > 0], [x], y), [(2,), (2, 1)]),
]
ONLY_REAL = [
    ("bincount", lambda x: np.bincount([0, 2, 2], x), [(3,)]),
    ("bincount long", lambda x: np.bincount([1], weights=x, minlength=4), [(1,)]),
]
CASES = SELECTING + ONLY_REAL
COMPLEX = {
    "by argsort", "choose broadcast", "choose row", "compress", "extract", "select plain", "sort",
    "take plain", "take plain matrix", "take wrapped", "take_along_axis plain",
}  # fmt: skip

# Whole numbers and truth values: no derivative, but steps all the same.
ANSWERS = [
    ("argsort", lambda x: np.argsort(x), [(4,)]),
    ("argsort axis", lambda x: np.argsort(x, axis=0, stable=True), [(3, 2)]),
    ("argsort flat", lambda x: np.argsort(x, None), [(3, 2)]),
    ("argpartition", lambda x: np.argpartition(x, 1, axis=0)[1], [(3, 2)]),
    ("argpartition several", lambda x: np.argpartition(x, [0, -1], None)[[0, -1]], [(2, 2)]),
    ("argmax", lambda x: np.argmax(x), [(2, 3)]),
    ("argmax axis", lambda x: np.argmax(x, axis=-1), [(2, 3)]),
    ("argmin", lambda x: np.argmin(x, axis=0, keepdims=True), [(2, 3)]),
    ("nanargmax", lambda x: np.nanargmax(x, keepdims=True), [(3,)]),
    ("nanargmin", lambda x: np.nanargmin(x, axis=1), [(2, 3)]),
    ("searchsorted", lambda x: np.searchsorted([-1.0, 0.0, 1.0], x), [(2, 2)]),
    ("searchsorted right", lambda x: np.searchsorted(np.sort(x), 0.5, side="right"), [(3,)]),
    ("searchsorted sorter", lambda x: np.searchsorted(x, x, sorter=np.argsort(x)), [(3,)]),
    ("digitize", lambda x: np.digitize(x, [1.0, 0.0, -1.0]), [(4,)]),
    ("digitize right", lambda x: np.digitize([-1.0, 0.5], np.sort(x), right=True), [(3,)]),
    ("count_nonzero", lambda x: np.count_nonzero(x > 0), [(2, 3)]),
    ("count_nonzero axis", lambda x: np.count_nonzero(x, axis=1, keepdims=True), [(2, 3)]),
    ("count_nonzero axes", lambda x: np.count_nonzero(x, axis=(0, -1)), [(2, 3)]),
    ("lexsort", lambda x, y: np.lexsort((x, y)), [(3,), (3,)]),
    ("lexsort axis", lambda x, y: np.lexsort((x, y), axis=0), [(3, 2), (3, 2)]),
    ("isclose", lambda x, y: np.isclose(x, y, atol=0.5), [(2, 3), (3,)]),
    ("isclose nan", lambda x: np.isclose([np.nan, np.inf], x * np.nan, equal_nan=True), [(2,)]),
    ("allclose", lambda x: np.allclose(x, x + 1e-9), [(3,)]),
    ("allclose not", lambda x: np.allclose(x, 2 * x), [(3,)]),
    ("array_equal", lambda x: np.array_equal(x, x), [(3,)]),
    ("array_equal nan", lambda x: np.array_equal(x * np.nan, x * np.nan, equal_nan=True), [(3,)]),
    ("array_equal shapes", lambda x: np.array_equal(x, x[:2]), [(3,)]),
    ("array_equiv", lambda x: np.array_equiv(x, np.stack([x, x])), [(3,)]),
    ("array_equiv shapes", lambda x: np.array_equiv(x, [1.0, 2.0]), [(3,)]),
    ("isin", lambda x: np.isin(x, x[:2]), [(3,)]),
    ("isin inverted", lambda x: np.isin([1.0, 2.0], x, invert=True), [(3,)]),
]

pytestmark = pytest.mark.filterwarnings("ignore::diffkit.errors.ZeroGradientWarning")


# -- laws --------------------------------------------------------------------------------


def test_no_case_stands_twice():
    """Every case has its own name."""
    names = [case[0] for case in CASES + ANSWERS]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("kind", [np.float64, np.float32])
@named(CASES + ANSWERS)
def test_values_are_numpys(name, f, shapes, kind):
    """Traced or not: the same results, shapes and dtypes."""
    xs = [np.asarray(x).astype(kind)[()] for x in arguments(name, shapes)]
    assert not value_faults(f, xs)


@named(CASES)
def test_derivatives_are_those_of_finite_differences(name, f, shapes):
    """VJP, JVP, and both derivatives of the VJP."""
    xs = arguments(name, shapes)
    assert not derivative_faults(name, bent(f), xs, range(len(xs)), random(name), h=1e-3)


@named(CASES)
def test_programs_replay_elsewhere(name, f, shapes):
    """Where another order holds, a pickled Program and its adjoint follow it."""
    assert not program_faults(bent(f), arguments(name, shapes))


@named(SELECTING)
def test_gradients_keep_float32(name, f, shapes):
    """float32 in, float32 gradient and tangent out."""
    xs = tuple(np.asarray(x).astype(np.float32)[()] for x in arguments(name, shapes))
    slopes = dk.grad(lambda *xs: np.sum(f(*xs)), tuple(range(len(xs))))(*xs)
    assert [slope.dtype for slope in slopes] == [np.float32] * len(xs)
    y, y_dot = dk.jvp(f, xs, xs)
    assert y_dot.dtype == y.dtype


@named([case for case in SELECTING if case[0] in COMPLEX])
def test_gradients_of_complex_arrays(name, f, shapes):
    """Taking entries is the same for complex numbers."""
    assert not value_faults(f, [x * (2 - 1j) for x in arguments(name, shapes)])
    assert not complex_faults(bent(f), arguments(name, shapes), random(name))


@named(ANSWERS)
def test_answers_are_steps_without_a_derivative(name, f, shapes):
    """They are computed again on replay, and hand no cotangent on."""
    xs = arguments(name, shapes)

    def g(*values):
        return np.sum(f(*values) * 1.0) + np.sum(values[0])

    if name.endswith("shapes"):
        return
    program = dk.lower(g, *xs)
    assert "guard" not in program.count()
    elsewhere = [x[::-1] * 0.7 for x in xs]
    assert program(*elsewhere) == pytest.approx(g(*elsewhere), nan_ok=True)
    assert np.all(dk.grad(g)(*xs) == 1)
    assert np.all(dk.jvp(g, tuple(xs), tuple(xs))[1] == pytest.approx(np.sum(xs[0])))


def test_selecting_takes_no_guard():
    """Positions are steps, so a Program sorts anew wherever it is replayed."""
    for name, f, shapes in CASES:
        program = dk.lower(lambda *xs, f=f: np.sum(bent(f)(*xs)), *arguments(name, shapes))
        assert "guard" not in program.adjoint().count(), name


# -- ties, and the order of equal entries ----------------------------------------------


def test_ties_in_a_sort_keep_their_order():
    """[2, 2, 1] sorts to its third, first and second entry."""
    weights = np.array([1.0, 10.0, 100.0])
    for kind in (None, "quicksort", "heapsort", "stable"):
        slope = dk.grad(lambda x, kind=kind: np.sum(np.sort(x, kind=kind) * weights))
        assert slope(np.array([2.0, 2.0, 1.0])).tolist() == [10, 100, 1]
    assert dk.grad(lambda x: np.sum(np.sort(x) * weights))(np.array([3.0, 1, 2])).tolist() == [
        100,
        1,
        10,
    ]


def test_a_tie_in_argmax_is_the_first():
    """One entry is taken, where np.max would share."""
    x = np.array([1.0, 2.0, 2.0])
    assert dk.grad(lambda x: x[np.argmax(x)])(x).tolist() == [0, 1, 0]
    assert dk.grad(np.max)(x).tolist() == [0, 0.5, 0.5]


def test_nan_sorts_to_the_end():
    """Its derivative goes with it."""
    x = np.array([np.nan, 2.0, 1.0])
    slope = dk.grad(lambda x: np.sum(np.sort(x)[:2] * [1, 10]))(x)
    assert slope.tolist() == [0, 10, 1]
    assert dk.grad(lambda x: x[np.nanargmax(x)])(x).tolist() == [0, 1, 0]


def test_an_entry_taken_twice_receives_both():
    """Cotangents of the same entry add up."""
    x = np.array([1.0, 2.0, 3.0])

    def f(x):
        order = np.argsort(x)
        return np.sum(np.take(x, order // 2) * [1, 10, 100]) + np.sum(x[order * 0])

    assert dk.grad(f)(x).tolist() == [1 + 10 + 3, 100, 0]


# -- what was not taken is not looked at -----------------------------------------------


@pytest.mark.parametrize(
    "f",
    [
        lambda x: np.choose((x > 0) * 1, [0.0, np.sqrt(x)]),
        lambda x: np.select([x > 0], [np.sqrt(x)], 0.0),
        lambda x: np.where(np.sort(x) > 0, np.sort(np.sqrt(x)), 0.0),
        lambda x: np.where(x > 0, np.take(np.sqrt(x), np.arange(2)), 0.0),
    ],
    ids=["choose", "select", "sort", "take"],
)
def test_an_infinite_slope_that_is_not_taken_does_not_count(f):
    """sqrt at 0 is taken nowhere, so nothing flows into it."""
    assert dk.grad(lambda x: np.sum(f(x)))(np.array([0.0, 4.0])).tolist() == [0, 0.25]


# -- traced positions ---------------------------------------------------------------------


def test_traced_index_serves_plain_and_traced_arrays():
    """Plain parts stay in the template, traced ones become operands."""
    plain = np.arange(12.0).reshape(3, 4)

    def f(x):
        order = np.argsort(x)
        own = traced_index(plain, (slice(1, None), order))
        more = traced_index(plain, (order[:2], None, [[0], [1]]))
        return np.sum(own * x) + np.sum(more * x[0])

    x = np.array([0.3, 0.1, 0.2, 0.4])
    order = np.argsort(x)
    expected = plain[1:, order].sum(axis=0)
    expected[0] += plain[order[:2], None, [[0], [1]]].sum()
    assert close(dk.grad(f)(x), expected)


def test_traced_positions_nest():
    """A derivative inside a function that is differentiated: its positions are traced twice."""

    def inner(y):
        return np.sum(np.sort(y**2) * [1.0, 10.0, 100.0])

    def outer(x):
        return np.sum(dk.grad(inner)(x) * x)

    x = np.array([3.0, 1.0, 2.0])
    weights = np.array([100.0, 1.0, 10.0])
    assert close(dk.grad(outer)(x), 4 * weights * x)
    program = pickle.loads(pickle.dumps(dk.lower(outer, x).adjoint()))
    assert close(program(np.array([1.0, 2.0, 3.0])), 4 * np.array([1.0, 20.0, 300.0]))


def test_positions_print_like_positions():
    """x[:, t1], and take with its operands."""
    program = dk.lower(lambda x, y: x[:, None, np.argsort(y)], np.ones((2, 3)), np.ones(3))
    assert str(program) == "t1 = argsort(y, axis=0)\nt2 = x[:, None, t1]"


def test_fractions_are_no_positions():
    """A float position is refused, with the kind of values that serve."""
    x = np.array([0.0, 1.0])
    for f in (
        lambda x: np.take(x, x),
        lambda x: np.take_along_axis(x, np.floor(x), 0),
        lambda x: np.choose(x, [x, x]),
        lambda x: traced_index(x, (x,)),
    ):
        with pytest.raises(TracingError, match=r"positions are whole numbers.*np\.argsort"):
            dk.grad(lambda x, f=f: np.sum(f(x)))(x)


@pytest.mark.parametrize("name", ["take", "take_along_axis", "index_by"])
def test_rows_and_their_transposes_are_each_others(name):
    """Scattering, pulled back, takes; and both say their shape without values."""
    row, back = PRIMITIVES[name], PRIMITIVES[f"scatter_{name}"]
    assert len(row.examples) == len(back.examples)
    for ((shape, *at), params), ((bar_shape, *_), _) in zip(
        row.examples, back.examples, strict=True
    ):
        bar = random(name).normal(size=bar_shape)
        (x_bar,) = dk.vjp(lambda x, at=at, p=params: row(x, *at, **p), np.ones(shape))[1](bar)
        assert close(x_bar, back(bar, *at, shape=shape, **params))


def test_sorting_runs_over_50_digits_and_refuses_symbols():
    """mpmath's numbers have an order; SymPy's symbols have none."""
    from diffkit.symbolic.reference import reference_values

    x = np.array([3.0, 1.0, 2.0])
    program = dk.lower(lambda x: np.sum(np.sort(x) * [1.0, 10.0, 100.0]) + x[np.argmin(x)], x)
    (value,) = reference_values(program, {"x": x})
    assert float(value) == 322
    with pytest.raises(SymbolicError, match="argsort depends on which values are larger"):
        program.to_sympy()


@pytest.mark.parametrize(
    "find",
    [
        lambda x: x[np.where(x > 1)],
        lambda x: x[np.nonzero(x > 1)],
        lambda x: x[(x > 1).nonzero()],
        lambda x: np.ravel(x)[np.flatnonzero(x > 1)],
        lambda x: np.stack([x[i, j] for i, j in np.argwhere(x > 1)]),
        lambda x: x[x > 1],
    ],
)
def test_positions_by_truth_are_a_branch(find):
    """They are plain whole numbers; a Program in which they would differ says so."""
    x = np.array([[2.0, 0.5], [-1.0, 3.0]])

    assert dk.grad(lambda x: np.sum(find(x) ** 2))(x).tolist() == [[4, 0], [0, 6]]
    program = dk.lower(find, x)
    assert program(x * 1.5).tolist() == [3, 4.5]
    with pytest.raises(BranchChanged):
        program(-x)


def test_different_entries_are_a_branch():
    """Which entries differ is taken from their values; each keeps the slope of its first."""
    x = np.array([3.0, 1.0, 3.0, np.nan, 2.0, np.nan])

    program = dk.lower(np.unique, x)

    np.testing.assert_array_equal(program(x), np.unique(x))
    every = dk.lower(lambda x: np.unique(x, equal_nan=False), x)(x)
    np.testing.assert_array_equal(every, np.unique(x, equal_nan=False))
    slope = dk.grad(lambda x: np.sum(np.unique(x[:3]) ** 2))(x)
    assert slope.tolist() == [6, 2, 0, 0, 0, 0]
    with pytest.raises(BranchChanged):
        program(np.arange(6.0))


# -- masks and refusals -------------------------------------------------------------------


def test_a_traced_condition_selects_as_a_mask():
    """compress and extract of traced conditions are x[mask]: a replay checks the mask."""
    x = np.array([1.0, -2.0, 3.0])
    for f in (lambda x: np.compress(x > 0, x), lambda x: np.extract(x > 0, x * x)):
        assert dk.grad(lambda x, f=f: np.sum(f(x) ** 2))(x)[1] == 0
        program = dk.lower(lambda x, f=f: np.sum(f(x)), x)
        with pytest.raises(BranchChanged):
            program(-x)


@pytest.mark.parametrize(
    ("f", "error", "told"),
    [
        (lambda x: np.unique(x, return_counts=True), TracingError, r"np\.sort\(x\) keeps them"),
        (lambda x: np.unique_values(x), TracingError, r"np\.unique_values"),
        (lambda x: np.union1d(x, [1.0]), TracingError, r"np\.union1d"),
        (lambda x: np.setdiff1d([1.0], x), TracingError, r"np\.setdiff1d"),
        (lambda x: np.trim_zeros(x), TracingError, r"x\[1:-1\]"),
        (lambda x: np.bincount(np.argsort(x)), TracingError, "weights may be traced"),
        (lambda x: np.compress(x > 0, [1.0, 2.0, 3.0]), TracingError, "plain values"),
        (lambda x: np.compress([[True]], x), ShapeError, "one dimension"),
        (lambda x: np.select([x], [x]), TracingError, "float64; write a comparison"),
        (lambda x: np.select([], [x]), ShapeError, "as many choices"),
        (lambda x: np.take(x, [0], mode="other"), ShapeError, '"raise", "wrap" or "clip"'),
        (lambda x: np.take_along_axis(x, np.array([[0]]), 0), ShapeError, "2 dimensions"),
        (lambda x: np.sort(x, axis=1), ShapeError, "axis 1 is out of range"),
        (lambda x: np.bincount([0, 1], x), ShapeError, "one weight"),
        (lambda x: np.sort(x, order="a"), NotImplementedError, "order="),
    ],
    ids=lambda part: part if isinstance(part, str) else "",
)
def test_refusals_say_what_to_write(f, error, told):
    """Errors name the function and what serves instead."""
    with pytest.raises(error, match=told):
        dk.grad(lambda x: np.sum(f(x)))(np.array([1.0, -2.0, 0.5]))


def test_positions_out_of_range_are_numpys_error():
    """No entry is taken silently."""
    x = np.array([1.0, 2.0])
    for f in (lambda x: np.take(x, np.argsort(x) + 1), lambda x: x[np.argsort(x) + 1]):
        with pytest.raises(IndexError, match="out of bounds"):
            dk.grad(lambda x, f=f: np.sum(f(x)))(x)
    with pytest.raises(ValueError, match="invalid entry in choice array"):
        dk.grad(lambda x: np.sum(np.choose([0, 3], [x, x])))(x)
