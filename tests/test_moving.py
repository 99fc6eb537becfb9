"""Splitting, joining, flipping, repeating, padding, diagonals and windows, as NumPy has them.

Values, shapes and dtypes are NumPy's own on plain arrays; derivatives are those of finite
differences. A case is a function written with np, and the shapes of its arguments.
"""

import numpy as np
import pytest

import diffkit as dk
from diffkit.errors import BranchChanged, MissingRule, ShapeError, TracingError

from .function_cases import (
    arguments,
    bent,
    complex_faults,
    named,
    program_faults,
    several,
    value_faults,
)
from .table import close, derivative_faults, dtype_faults, random

windows = np.lib.stride_tricks.sliding_window_view

MASK = np.array([[True, False, False], [True, True, False]])

CASES = [
    # splitting
    ("array_split", lambda x: np.array_split(x, 3), [(8,)]),
    ("array_split axis", lambda x: np.array_split(x, [1, 1, 5], axis=1), [(2, 4)]),
    ("split", lambda x: np.split(x, 2), [(4, 2)]),
    ("split negative", lambda x: np.split(x, [1, -1], axis=-1), [(2, 5)]),
    ("hsplit vector", lambda x: np.hsplit(x, 2), [(4,)]),
    ("hsplit", lambda x: np.hsplit(x, [1]), [(2, 3)]),
    ("vsplit", lambda x: np.vsplit(x, 2), [(4, 2)]),
    ("dsplit", lambda x: np.dsplit(x, 2), [(1, 2, 4)]),
    # joining
    ("atleast_3d number", lambda x: np.atleast_3d(x), [()]),
    ("atleast_3d vector", lambda x: np.atleast_3d(x), [(3,)]),
    ("atleast_3d several", lambda x, y: np.atleast_3d(x, y, 1.0), [(2, 3), (1, 1, 1, 2)]),
    ("dstack", lambda x, y: np.dstack([x, np.ones((2, 1)), y]), [(2, 1), (2, 1)]),
    ("dstack of rows", lambda x: np.dstack(x), [(2, 3)]),
    ("block", lambda x, y: np.block([[x, np.zeros((2, 2))], [y]]), [(2, 1), (1, 3)]),
    ("block of vectors", lambda x, y: np.block([x, y, 2.0]), [(2,), ()]),
    ("block deep", lambda x: np.block([[[x]], [[x]]]), [(2, 2)]),
    ("append", lambda x, y: np.append(x, y), [(2, 2), (3,)]),
    ("append to plain", lambda x: np.append(np.ones((1, 2)), x, axis=0), [(2, 2)]),
    ("append a number", lambda x: np.append(x, 3.0), [(2,)]),
    ("insert", lambda x: np.insert(x, 1, 5.0), [(3,)]),
    ("insert at the end", lambda x, y: np.insert(x, 3, y), [(3,), ()]),
    ("insert a row", lambda x, y: np.insert(x, 1, y, axis=0), [(2, 3), (3,)]),
    ("insert a column", lambda x, y: np.insert(x, -1, y, axis=1), [(2, 3), (2,)]),
    ("insert columns", lambda x, y: np.insert(x, [0, 2], y, axis=1), [(2, 3), (2, 2)]),
    ("insert one of a list", lambda x, y: np.insert(x, [1], y, axis=1), [(2, 3), (2, 1)]),
    ("insert flat", lambda x, y: np.insert(x, [3, 0, 3], y), [(2, 2), (3,)]),
    ("insert by slice", lambda x: np.insert(x, slice(0, 4, 2), x[:2]), [(4,)]),
    ("insert into plain", lambda x: np.insert(np.arange(3.0), [1, 2], x), [(2,)]),
    ("insert nothing", lambda x: np.insert(x, [], 1.0), [(2,)]),
    ("delete", lambda x: np.delete(x, 1), [(3,)]),
    ("delete row", lambda x: np.delete(x, -1, axis=0), [(2, 3)]),
    ("delete several", lambda x: np.delete(x, [0, 2], axis=1), [(2, 4)]),
    ("delete slice", lambda x: np.delete(x, slice(None, None, 2)), [(5,)]),
    ("delete mask", lambda x: np.delete(x, np.array([True, False, True])), [(3,)]),
    ("delete nothing", lambda x: np.delete(x, []), [(2,)]),
    ("broadcast_arrays", lambda x, y: np.broadcast_arrays(x, y, 1.0), [(2, 1), (3,)]),
    ("meshgrid", lambda x, y: np.meshgrid(x, y), [(2,), (3,)]),
    ("meshgrid ij", lambda x, y: np.meshgrid(x, y, [1.0, 2.0], indexing="ij"), [(2,), (3,)]),
    ("meshgrid sparse", lambda x, y: np.meshgrid(x, y, sparse=True), [(2,), (3,)]),
    ("meshgrid of one", lambda x: np.meshgrid(x), [(2,)]),
    # flipping and rolling
    ("flip", lambda x: np.flip(x), [(2, 3)]),
    ("flip axis", lambda x: np.flip(x, -1), [(2, 3)]),
    ("flip axes", lambda x: np.flip(x, (0, 2)), [(2, 1, 2)]),
    ("fliplr", lambda x: np.fliplr(x), [(2, 3)]),
    ("flipud", lambda x: np.flipud(x), [(3,)]),
    ("rot90", lambda x: np.rot90(x), [(2, 3)]),
    ("rot90 twice", lambda x: np.rot90(x, 2), [(2, 3)]),
    ("rot90 back", lambda x: np.rot90(x, -1, axes=(1, 2)), [(2, 3, 1)]),
    ("rot90 four times", lambda x: np.rot90(x, 4), [(2, 2)]),
    ("roll", lambda x: np.roll(x, 1), [(4,)]),
    ("roll flat", lambda x: np.roll(x, -2), [(2, 3)]),
    ("roll axis", lambda x: np.roll(x, 5, axis=1), [(2, 3)]),
    ("roll axes", lambda x: np.roll(x, (1, -1), axis=(0, 1)), [(2, 3)]),
    ("roll one by several", lambda x: np.roll(x, 1, axis=(0, 1)), [(2, 3)]),
    ("rollaxis", lambda x: np.rollaxis(x, 2), [(2, 1, 3)]),
    ("rollaxis start", lambda x: np.rollaxis(x, 0, -1), [(2, 1, 3)]),
    ("rollaxis to the end", lambda x: np.rollaxis(x, 0, 3), [(2, 1, 3)]),
    ("matrix_transpose", lambda x: np.matrix_transpose(x), [(2, 1, 3)]),
    # repeating
    ("repeat", lambda x: np.repeat(x, 2), [(2, 2)]),
    ("repeat axis", lambda x: np.repeat(x, 3, axis=1), [(2, 2)]),
    ("repeat each", lambda x: np.repeat(x, [1, 0, 2], axis=-1), [(2, 3)]),
    ("repeat a number", lambda x: np.repeat(x, 3), [()]),
    ("repeat never", lambda x: np.append(np.repeat(x, 0), x), [(2,)]),
    ("tile", lambda x: np.tile(x, 2), [(3,)]),
    ("tile rows", lambda x: np.tile(x, (2, 1)), [(3,)]),
    ("tile few", lambda x: np.tile(x, 2), [(2, 2)]),
    ("tile both", lambda x: np.tile(x, [2, 3]), [(2, 1)]),
    ("tile once", lambda x: np.tile(x, (1, 1)), [(2,)]),
    ("resize", lambda x: np.resize(x, (2, 4)), [(3,)]),
    ("resize shorter", lambda x: np.resize(x, 3), [(2, 2)]),
    # diagonals and triangles
    ("diagonal", lambda x: np.diagonal(x), [(2, 3)]),
    ("diagonal above", lambda x: np.diagonal(x, 1), [(3, 3)]),
    ("diagonal below", lambda x: np.diagonal(x, -1), [(3, 2)]),
    ("diagonal of stack", lambda x: np.diagonal(x, 1, 2, 0), [(3, 2, 2)]),
    ("diagonal last", lambda x: np.diagonal(x, axis1=-2, axis2=-1), [(2, 2, 2)]),
    ("diag of matrix", lambda x: np.diag(x, -1), [(3, 3)]),
    ("diag of vector", lambda x: np.diag(x), [(3,)]),
    ("diag above", lambda x: np.diag(x, 2), [(2,)]),
    ("diag below", lambda x: np.diag(x, -1), [(2,)]),
    ("diagflat", lambda x: np.diagflat(x, 1), [(2, 1)]),
    ("tril", lambda x: np.tril(x), [(3, 3)]),
    ("tril of stack", lambda x: np.tril(x, -1), [(2, 2, 3)]),
    ("triu", lambda x: np.triu(x, 1), [(3, 2)]),
    ("triu of vector", lambda x: np.triu(x), [(2,)]),
    ("triu_indices_from", lambda x: x[np.triu_indices_from(x, 1)], [(3, 3)]),
    ("tril_indices_from", lambda x: x[np.tril_indices_from(x)], [(2, 3)]),
    ("diag_indices_from", lambda x: x[np.diag_indices_from(x)], [(2, 2)]),
    # padding
    ("pad", lambda x: np.pad(x, 2), [(3,)]),
    ("pad pair", lambda x: np.pad(x, (1, 2)), [(2, 2)]),
    ("pad pairs", lambda x: np.pad(x, ((0, 1), (2, 0))), [(2, 2)]),
    ("pad value", lambda x: np.pad(x, 1, constant_values=2.5), [(2, 2)]),
    (
        "pad values",
        lambda x, y: np.pad(x, 1, constant_values=((y, 2.0), (y * y, y))),
        [(2, 2), ()],
    ),
    ("pad edge", lambda x: np.pad(x, ((1, 2), (0, 2)), "edge"), [(2, 2)]),
    ("pad wrap", lambda x: np.pad(x, (5, 4), "wrap"), [(3,)]),
    ("pad reflect", lambda x: np.pad(x, ((0, 1), (2, 3)), mode="reflect"), [(2, 3)]),
    ("pad reflect far", lambda x: np.pad(x, 7, mode="reflect"), [(3,)]),
    ("pad reflect odd", lambda x: np.pad(x, 3, "reflect", reflect_type="odd"), [(3, 2)]),
    ("pad reflect one", lambda x: np.pad(x, 2, "reflect", reflect_type="odd"), [(1,)]),
    ("pad symmetric", lambda x: np.pad(x, (4, 1), "symmetric"), [(3,)]),
    ("pad symmetric odd", lambda x: np.pad(x, 2, "symmetric", reflect_type="odd"), [(3,)]),
    ("pad ramp", lambda x: np.pad(x, (2, 3), "linear_ramp", end_values=(1.0, -1.0)), [(2, 2)]),
    ("pad ramp to zero", lambda x: np.pad(x, (0, 2), "linear_ramp"), [(3,)]),
    ("pad maximum", lambda x: np.pad(x, (1, 2), "maximum"), [(3,)]),
    ("pad minimum", lambda x: np.pad(x, 1, "minimum", stat_length=2), [(3, 3)]),
    ("pad mean", lambda x: np.pad(x, 1, "mean", stat_length=((1, 9), (2, 1))), [(3, 3)]),
    ("pad none", lambda x: np.pad(x, 0), [(2,)]),
    # windows
    ("windows", lambda x: windows(x, 3), [(5,)]),
    ("windows axis", lambda x: windows(x, 2, axis=0), [(3, 2)]),
    ("windows both", lambda x: windows(x, (2, 3)), [(3, 4)]),
    ("windows twice", lambda x: windows(x, (2, 2), axis=(0, 0)), [(5,)]),
    ("windows reversed", lambda x: windows(x, (2, 3), axis=(1, 0)), [(3, 4)]),
    (
        "convolution",
        lambda x, w: np.einsum("ijkl,kl->ij", windows(x, w.shape), w),
        [(4, 4), (2, 3)],
    ),
    # over slices
    ("apply_along_axis", lambda x: np.apply_along_axis(lambda v: v[0] * v[1], 0, x), [(2, 3)]),
    (
        "apply_along_axis to vectors",
        lambda x: np.apply_along_axis(lambda v, k: v[:2] * k, 1, x, 3.0),
        [(2, 3, 2)],
    ),
    (
        "apply_along_axis to matrices",
        lambda x: np.apply_along_axis(np.diag, -2, x),
        [(2, 2, 3)],
    ),
    (
        "apply piecewise",
        lambda x: np.piecewise(x, [MASK, ~MASK[::-1]], [lambda v: v * v, lambda v: v**3, 3.0]),
        [(2, 3)],
    ),
    (
        "apply piecewise to some",
        lambda x: np.piecewise(x, np.array([True, False, True]), [lambda v, k: v * k], 2.0),
        [(3,)],
    ),
    ("apply piecewise to one", lambda x: np.piecewise(x, [x > 9, x < 9], [np.sin, np.cos]), [()]),
    ("apply_over_axes", lambda x: np.apply_over_axes(np.sum, x, [0, 2]), [(2, 3, 2)]),
]
if hasattr(np, "unstack"):
    CASES += [
        ("unstack", lambda x: np.unstack(x), [(3, 2)]),
        ("unstack axis", lambda x: np.unstack(x, axis=1), [(3, 2)]),
    ]
if np.lib.NumpyVersion(np.__version__) >= "2.2.0":
    CASES += [("pad dict", lambda x: np.pad(x, {-1: (1, 2)}), [(2, 2)])]

ORDERED = {"pad maximum", "pad minimum"}  # of complex numbers NumPy's order is a convention
INTO_PLAIN = {"insert into plain"}  # where NumPy discards imaginary parts
BESIDE_PLAIN = {"pad values"}  # NumPy does not hand a plain array with traced values to us

# -- laws --------------------------------------------------------------------------------


def test_no_case_stands_twice():
    """Every case has its own name."""
    names = [case[0] for case in CASES]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("kind", [np.float64, np.float32])
@named(CASES)
def test_values_are_numpys(name, f, shapes, kind):
    """Traced or not: the same results, shapes and dtypes."""
    xs = [np.asarray(x).astype(kind)[()] for x in arguments(name, shapes)]
    assert not value_faults(f, xs)


@named(CASES)
def test_derivatives_are_those_of_finite_differences(name, f, shapes):
    """VJP, JVP, and both derivatives of the VJP."""
    xs = arguments(name, shapes)
    assert not derivative_faults(name, bent(f), xs, range(len(xs)), random(name))


@named(CASES)
def test_programs_replay_elsewhere(name, f, shapes):
    """A pickled Program of f and its adjoint hold at another point."""
    assert not program_faults(bent(f), arguments(name, shapes))


@named([case for case in CASES if case[0] not in BESIDE_PLAIN])
def test_gradients_keep_float32(name, f, shapes):
    """float32 in, float32 gradient out."""
    xs = arguments(name, shapes)

    def whole(*values):
        result = f(*values)
        return sum(np.sum(part) for part in result) if several(result) else result

    assert not dtype_faults(name, whole, xs, range(len(xs)))


@named([case for case in CASES if case[0] not in ORDERED | INTO_PLAIN])
def test_gradients_of_complex_arrays(name, f, shapes):
    """Moving entries is the same for complex numbers."""
    assert not value_faults(f, [x * (2 - 1j) for x in arguments(name, shapes)])
    assert not complex_faults(bent(f), arguments(name, shapes), random(name))


@named([case for case in CASES if "apply" not in case[0]])
def test_nothing_is_asked_for_values(name, f, shapes):
    """The steps of a derivative follow from shapes alone."""
    program = dk.lower(lambda *xs: np.sum(bent(f)(*xs)), *arguments(name, shapes))
    assert not {"guard"} & set(program.adjoint().count())


def test_pieces_by_value_are_branches():
    """Which entries a function is called with is taken from their values, under a guard."""

    def f(x):
        return np.sum(np.piecewise(x, [x < 0, x > 1], [np.exp, lambda v: v**3, 3.0]))

    x = np.array([[-1.0, 0.5], [2.0, -0.1]])
    expected = np.where(x < 0, np.exp(x), np.where(x > 1, 3 * x**2, 0))
    assert close(dk.grad(f)(x), expected, 1e-15)
    assert f(x) == pytest.approx(float(dk.lower(f, x)(x)))
    with pytest.raises(BranchChanged):
        dk.lower(f, x)(-x)
    with pytest.raises(ShapeError, match="2 conditions and 1 functions"):
        dk.grad(lambda x: np.sum(np.piecewise(x, [x < 0, x > 1], [np.exp])))(x)


# -- several roads to the same answer ----------------------------------------------------


def test_a_convolution_by_windows_has_the_gradient_of_a_loop():
    """The sum over shifted products, written out."""
    rng = random("convolution")
    x, w = rng.normal(size=(7, 6)), rng.normal(size=(3, 2))

    def by_windows(w, x):
        return np.sum(np.tanh(np.einsum("ijkl,kl->ij", windows(x, w.shape), w)))

    def by_loop(w, x):
        rows, columns = x.shape[0] - 2, x.shape[1] - 1
        total = 0
        for i in range(3):
            for j in range(2):
                total = total + w[i, j] * x[i : i + rows, j : j + columns]
        return np.sum(np.tanh(total))

    for k in (0, 1):
        assert close(dk.grad(by_windows, k)(w, x), dk.grad(by_loop, k)(w, x))
    assert close(dk.hessian(by_windows)(w, x), dk.hessian(by_loop)(w, x), 1e-11, 1e-12)


def test_windows_stay_views():
    """A thousand windows of a million numbers need no thousand million numbers."""
    x = np.linspace(0, 1, 1_000_000)

    def f(x):
        return windows(x, 100_000)[:, -1].sum()

    expected = np.zeros_like(x)
    expected[99_999:] = 1
    program = dk.lower(f, x)
    assert program.count() == {"windows": 1, "getitem": 1, "sum": 1}
    assert program(x) == pytest.approx(x[99_999:].sum(), rel=1e-12)
    small = np.arange(6.0)
    assert dk.grad(lambda x: windows(x, 3)[:, -1].sum())(small).tolist() == [0, 0, 1, 1, 1, 1]


def test_a_periodic_laplacian_prints_as_it_is_written():
    """A roll is one step, and its adjoint rolls back."""
    program = dk.lower(lambda u: np.roll(u, 1) - 2 * u + np.roll(u, -1, axis=0), np.ones(4))
    assert str(program).splitlines()[0] == "t1 = roll(u, 1)"
    assert "roll(u, -1, axis=0)" in str(program)
    matrix = dk.jacobian(program)(np.ones(4))
    assert matrix.tolist() == [[-2, 1, 0, 1], [1, -2, 1, 0], [0, 1, -2, 1], [1, 0, 1, -2]]


def test_lists_of_traced_values_are_arrays():
    """np.diag([x, y]) and its like take lists that hold traced numbers."""

    def f(x, y):
        return np.sum(np.diag(np.array([x, y])) @ np.flip(np.array([x, y * y])))

    assert dk.grad(f, (0, 1))(2.0, 3.0) == pytest.approx((3.0**2 + 3.0, 2 * 2.0 * 3.0 + 2.0))


@pytest.mark.parametrize(
    "f",
    [np.diag, lambda x: np.roll(x, 1), lambda x: np.pad(x, 1), lambda x: np.tile(x, (2, 2))],
    ids=["diag", "roll", "pad", "tile"],
)
def test_sympy_sees_the_same_entries(f):
    """Moved symbols are the same symbols."""
    pytest.importorskip("sympy")
    x = np.array([1.5, 2.5])
    written = dk.lower(f, x).to_sympy()
    symbols = sorted(written.free_symbols, key=str)
    assert np.array(written.subs(dict(zip(symbols, x, strict=True))).tolist(), float) == (
        pytest.approx(f(x))
    )


# -- what is refused ---------------------------------------------------------------------

V, M = np.arange(1.0, 4), np.ones((2, 3))


@pytest.mark.parametrize(
    ("f", "x", "error", "told"),
    [
        (lambda x: np.split(x, 2), V, ShapeError, "np.array_split does"),
        (lambda x: np.array_split(x, 0), V, ShapeError, "one piece or more"),
        (lambda x: np.vsplit(x, 1), V, ShapeError, "np.vsplit needs 2"),
        (lambda x: np.dsplit(x, 1), M, ShapeError, "np.dsplit needs 3"),
        (lambda x: np.array_split(V, x), np.float64(2.0), TracingError, "np"),
        (lambda x: np.diag(x), np.ones((1, 1, 1)), ShapeError, "a vector or a matrix"),
        (lambda x: np.diagonal(x), V, ShapeError, "two or more dimensions"),
        (lambda x: np.diagonal(x, 0, 1, 1), M, ShapeError, "two axes that differ"),
        (lambda x: np.rot90(x, 1, (0, 0)), M, ShapeError, "two axes that differ"),
        (lambda x: np.fliplr(x), V, ShapeError, "axis 1 is out of range"),
        (lambda x: np.roll(x, 1, axis=2), M, ShapeError, "axis 2"),
        (lambda x: np.rollaxis(x, 0, 7), M, ShapeError, "start=7"),
        (lambda x: np.matrix_transpose(x), V, ShapeError, "two or more"),
        (lambda x: np.repeat(V, x), np.float64(2.0), TracingError, "how often np.repeat"),
        (lambda x: np.tile(V, x), np.float64(2.0), TracingError, "how often np.tile"),
        (lambda x: np.block([x, [x]]), V, ShapeError, "nested equally deep"),
        (lambda x: np.insert(np.arange(3), 1, x), np.float64(2.5), TracingError, "fractions"),
        (lambda x: np.pad(x, 1, mode="empty"), V, MissingRule, "the modes are"),
        (lambda x: np.pad(x, 1, "edge", constant_values=1), V, ShapeError, "constant_values="),
        (lambda x: np.pad(x, -1), V, ShapeError, "negative"),
        (lambda x: windows(x, 4), V, ShapeError, "does not fit"),
        (lambda x: windows(x, (1, 1), axis=0), M, ShapeError, "one length"),
        (lambda x: np.meshgrid(x, indexing="ji"), V, ShapeError, '"xy" or "ij"'),
        (lambda x: np.resize(x, (-1,)), V, ShapeError, "not negative"),
        (lambda x: np.apply_along_axis(np.sum, 0, x[:, :0]), M, ShapeError, "length 0"),
    ],
    ids=lambda part: part if isinstance(part, str) else "",
)
def test_refusals_say_what_is_wrong(f, x, error, told):
    """Errors name the function, or the argument, and the line."""
    with pytest.raises(error, match=told):
        dk.vjp(lambda x: np.sum(f(x)), x)
