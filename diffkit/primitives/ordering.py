"""Order: sorting, partitioning, positions of extrema, and selecting by them.

Positions are whole numbers: steps like any other, but no cotangent passes them. What
is found at traced positions carries its derivative through three rows (`take`,
`take_along_axis`, `index_by`), so that sorting is taking in sorted order.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from ..core.primitive import Primitive
from ..core.tracing import abstract, is_traced, shape_of
from ..errors import ShapeError, SymbolicError, TracingError, user_line
from . import arithmetic, comparison, elementwise, reductions, shaping
from .functions import as_array, axes_of, one_axis, ravel, speaks
from .moving import as_one, as_sequence
from .rules import Masked, add_row, array_row, match, plain
from .shaping import index_text

# -- taking at traced positions ------------------------------------------------------


def _whole(positions):
    """Positions as NumPy's integers (SymPy and mpmath hand in their own)."""
    positions = np.asarray(positions)
    return positions[()] if positions.dtype.kind in "iub" else positions.astype(np.intp)[()]


def _selection(name: str, select: Callable, shape: Callable, **facts: Any) -> Primitive:
    """Make the row select(x, *positions) and its transpose, which adds entries up there.

    The positions are operands, so they may be traced, and have no derivative.
    """

    def scatter(values, *positions, shape, **params):
        source = np.arange(np.prod(shape, dtype=int)).reshape(shape)
        return _added(values, select(source, *map(_whole, positions), **params), shape)

    taken = _linear_in_first(
        name,
        lambda x, *positions, **params: select(x, *map(_whole, positions), **params),
        lambda bar, y, x, *at, **params: scattered(bar, *at, shape=x.shape, **params),
        shape=lambda x, *at, **params: abstract(shape(x, *at, **params), x.dtype),
        source="linear: the transpose of a selection matrix",
        **facts,
    )
    scattered = _linear_in_first(
        f"scatter_{name}",
        scatter,
        lambda bar, y, values, *at, shape, **params: taken(bar, *at, **params),
        shape=lambda values, *at, shape, **params: abstract(shape, values.dtype),
        source="linear: the transpose of indexing",
        examples=tuple(_scatter_example(taken, *example) for example in facts["examples"]),
    )
    return taken


def _scatter_example(taken: Primitive, operands: tuple, params: dict) -> tuple:
    shape, *positions = operands
    result = taken.abstract(abstract(shape, float), *positions, **params)
    return (result.shape, *positions), {"shape": shape, **params}


def _linear_in_first(name: str, numpy: Callable, vjp: Callable, **facts: Any) -> Primitive:
    """Make a row that is linear in its first operand and constant in the others."""
    primitive = array_row(name, numpy, [vjp], "linear", **facts)
    pull_first: Any = primitive.pull

    def push(dots: list, out: Any, values: tuple, params: dict) -> Any:
        if dots[0] is None:
            return None
        return primitive(plain(dots[0], values[0]), *values[1:], **params)

    primitive.pull = lambda k, *rest: None if k else pull_first(k, *rest)
    primitive.push = push
    return primitive


def _added(values, positions, shape):
    """Zeros, with values added at positions in the flattened array."""
    values = np.asarray(values)
    out = np.zeros(np.prod(shape, dtype=int), values.dtype)
    np.add.at(out, np.ravel(positions), values.ravel())
    return out.reshape(shape)[()]


_take = _selection(
    "take",
    lambda x, positions, *, axis: np.take(x, positions, axis),
    lambda x, at, *, axis: (*x.shape[:axis], *at.shape, *x.shape[axis + 1 :]),
    examples=(
        (((4,), np.array([0, 0, 3])), {"axis": 0}),
        (((2, 3), np.array([[1, -1]])), {"axis": 1}),
        (((3, 2), np.array(2)), {"axis": 0}),
    ),
)


def _along_shape(x, at, *, axis):
    mine = tuple(1 if i == axis else n for i, n in enumerate(x.shape))
    return np.broadcast_shapes(mine, at.shape)


_take_along_axis = _selection(
    "take_along_axis",
    lambda x, positions, *, axis: np.take_along_axis(x, positions, axis),
    _along_shape,
    examples=(
        (((4,), np.array([3, 0, 0, 1])), {"axis": 0}),
        (((2, 3), np.array([[2, 0], [1, 1]])), {"axis": 1}),
        (((2, 3), np.array([[1, 0, 1]])), {"axis": 0}),
    ),
)

# -- x[i] with traced whole numbers ------------------------------------------------------

HERE = "here"  # in a template: the next of the traced positions


def _filled(template, positions):
    """The index with positions put in where the template says."""
    given = iter(positions)
    return tuple(next(given) if part.__class__ is str else part for part in template)


def _index_shape(x, *at, template):
    """The shape that NumPy gives x[index], told by positions that are all 0."""
    blank = np.broadcast_to(np.False_, x.shape)
    return blank[_filled(template, [np.zeros(i.shape, int)[()] for i in at])].shape


def _index_by_form(names, params):
    given = iter(names[1:])
    parts = [next(given) if p.__class__ is str else index_text(p) for p in params["template"]]
    return f"{names[0]}[{', '.join(parts)}]"


index_by = _selection(
    "index_by",
    lambda x, *positions, template: x[_filled(template, positions)],
    _index_shape,
    form=_index_by_form,
    examples=(
        (((4,), np.array([0, 0, 3])), {"template": (HERE,)}),
        (((4,), np.array(1)), {"template": (HERE,)}),
        (((3, 2, 2), np.array([1, 0])), {"template": (slice(None), None, 1, HERE)}),
        (((3, 3), np.array([0, 1]), np.array([[2], [1]])), {"template": (HERE, HERE)}),
    ),
)


def traced_index(x: Any, parts: tuple) -> Any:
    """x[parts], where some of the parts are traced whole numbers."""
    positions = [_positions(part, "an index") for part in parts if is_traced(part)]
    template = tuple([HERE if is_traced(part) else _kept(part) for part in parts])
    return index_by(as_one(x), *positions, template=template)


def _kept(part: Any) -> Any:
    """Copy what the caller could change later."""
    return np.array(part) if isinstance(part, (list, np.ndarray)) else part


def _positions(indices: Any, what: str) -> Any:
    """Return positions, traced or not; refuse fractions."""
    indices = as_one(indices)
    if indices.dtype.kind not in "iu" and indices.size:
        raise TracingError(
            f"{what}{user_line()} is of {indices.dtype}; positions are whole numbers, such as "
            "np.argsort, np.argmax and np.searchsorted give"
        )
    return indices if indices.size or is_traced(indices) else indices.astype(np.intp)


@speaks(np.take)
def take(a: Any, indices: Any, axis: int | None = None, *, mode: str = "raise") -> Any:
    """Take entries at the given positions along an axis."""
    a, indices = as_one(a), _positions(indices, "the position for np.take")
    if axis is None:
        a, axis = ravel(a), 0
    axis = one_axis(axis, a.ndim)
    indices = _in_range(indices, a.shape[axis], mode)
    if is_traced(indices):
        return _take(a, indices, axis=axis)
    return shaping.getitem(a, index=(slice(None),) * axis + (np.array(indices)[()],))


def _in_range(indices: Any, n: int, mode: str) -> Any:
    """Bring positions into range as np.take's modes have it."""
    if mode == "raise":
        return indices
    if mode == "wrap":
        return arithmetic.remainder(indices, n)
    if mode == "clip":
        return arithmetic.clip(indices, 0, n - 1)
    raise ShapeError(f'mode={mode!r}{user_line()}: "raise", "wrap" or "clip"')


@speaks(np.take_along_axis)
def take_along_axis(arr: Any, indices: Any, axis: int | None = -1) -> Any:
    """Take entries at positions that differ from line to line, as np.argsort gives them."""
    arr, indices = as_one(arr), _positions(indices, "the position for np.take_along_axis")
    if axis is None:
        arr, axis = ravel(arr), 0
    if indices.ndim != arr.ndim:
        raise ShapeError(
            f"np.take_along_axis{user_line()}: positions of {indices.ndim} dimensions for an array "
            f"of {arr.ndim}"
        )
    return _take_along_axis(arr, indices, axis=one_axis(axis, arr.ndim))


# -- positions -----------------------------------------------------------------------


def _whole_row(name: str, numpy: Callable, shape: Callable, **facts: Any) -> Primitive:
    """Make a row whose result is positions or counts: it has no derivative."""
    return _plain_row(
        name, numpy, lambda *xs, **params: abstract(shape(*xs, **params), np.intp), **facts
    )


def _plain_row(name: str, numpy: Callable, shape: Callable, **facts: Any) -> Primitive:
    """Make a row without a derivative, which a symbol of SymPy cannot answer."""

    def over_objects(scalar: Callable, *xs: Any, **params: Any) -> Any:
        try:
            return numpy(*xs, **params)
        except TypeError as error:
            raise SymbolicError(
                f"{name} depends on which values are larger, and symbols have no values"
            ) from error

    facts.setdefault("objects", over_objects)
    return array_row(
        name, numpy, None, shape=shape, source="whole numbers: constant between jumps", **facts
    )


_LINES = (((3,), {"axis": 0}), ((2, 3), {"axis": 1}), ((2, 3), {"axis": 0}))
_REDUCED = tuple(
    (shape, {"axis": axis, "keepdims": keepdims})
    for shape, axis in (((3,), None), ((2, 3), 1), ((2, 3), None))
    for keepdims in (False, True)
)


def _reduced_shape(x, *, axis, keepdims):
    axes = range(x.ndim) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    return tuple(
        [1 if i in axes else n for i, n in enumerate(x.shape) if keepdims or i not in axes]
    )


_argsort = _whole_row(
    "argsort",
    lambda x, *, axis: np.argsort(x, axis=axis, kind="stable"),
    lambda x, *, axis: x.shape,
    examples=_LINES,
)
_argpartition = _whole_row(
    "argpartition",
    lambda x, *, kth, axis: np.argpartition(x, kth, axis=axis),
    lambda x, *, kth, axis: x.shape,
    examples=(((4,), {"kth": 1, "axis": 0}), ((2, 3), {"kth": (0, 2), "axis": 1})),
)


def _extremum(name: str, numpy: Callable) -> Callable:
    """Make the row of argmax or one of its kin, and the definition on top of it."""
    row = _whole_row(
        name,
        lambda x, *, axis, keepdims: numpy(x, axis=axis, keepdims=keepdims),
        _reduced_shape,
        examples=_REDUCED,
    )

    def position(a: Any, axis: int | None = None, *, keepdims: bool = False) -> Any:
        a = as_one(a)
        axis = axis if axis is None else one_axis(axis, a.ndim)
        return row(a, axis=axis, keepdims=bool(keepdims))

    position.__name__ = name
    return speaks(numpy)(position)


argmax = _extremum("argmax", np.argmax)
argmin = _extremum("argmin", np.argmin)
nanargmax = _extremum("nanargmax", np.nanargmax)
nanargmin = _extremum("nanargmin", np.nanargmin)

_count_nonzero = _whole_row(
    "count_nonzero",
    lambda x, *, axis, keepdims: np.asarray(
        np.count_nonzero(x, axis=axis, keepdims=keepdims), np.intp
    )[()],
    _reduced_shape,
    examples=_REDUCED,
)
_lexsort = _whole_row(
    "lexsort",
    lambda *keys, axis: np.lexsort(keys, axis=axis),
    lambda *keys, axis: keys[0].shape,
    examples=((((3,), (3,)), {"axis": 0}), (((2, 3), (2, 3)), {"axis": 1})),
)
_searchsorted = _whole_row(
    "searchsorted",
    lambda a, v, *, side: np.searchsorted(a, v, side=side),
    lambda a, v, *, side: v.shape,
    examples=(
        ((np.array([-1.0, 0.0, 1.0]), (2, 2)), {"side": "left"}),
        ((np.array([-1.0, 0.0, 1.0]), ()), {"side": "right"}),
    ),
)
_digitize = _whole_row(
    "digitize",
    lambda x, bins, *, right: np.digitize(x, bins, right),
    lambda x, bins, *, right: x.shape,
    examples=((((3,), np.array([1.0, 0.0, -1.0])), {"right": False}),),
)


@speaks(np.argsort)
def argsort(a: Any, axis: int | None = -1, kind: Any = None, *, stable: Any = None) -> Any:
    """Positions that sort, the first of equal entries first: always stable."""
    a = as_one(a)
    if axis is None:
        a, axis = ravel(a), 0
    return _argsort(a, axis=one_axis(axis, a.ndim))


@speaks(np.argpartition)
def argpartition(a: Any, kth: Any, axis: int | None = -1, kind: str = "introselect") -> Any:
    """Positions that put the k-th smallest entry in its place, smaller ones before it."""
    a = as_one(a)
    if axis is None:
        a, axis = ravel(a), 0
    kth = tuple(map(operator.index, kth)) if np.ndim(kth) else operator.index(kth)
    return _argpartition(a, kth=kth, axis=one_axis(axis, a.ndim))


@speaks(np.count_nonzero)
def count_nonzero(a: Any, axis: Any = None, *, keepdims: bool = False) -> Any:
    """How many entries are not zero."""
    a = as_one(a)
    axes = None if axis is None else axes_of(axis, a.ndim)
    return _count_nonzero(a, axis=axes, keepdims=bool(keepdims))


@speaks(np.lexsort)
def lexsort(keys: Any, axis: int = -1) -> Any:
    """Positions that sort by several keys, the last one first."""
    keys = [as_one(key) for key in as_sequence(keys)]
    return _lexsort(*keys, axis=one_axis(axis, keys[0].ndim))


@speaks(np.searchsorted)
def searchsorted(a: Any, v: Any, side: str = "left", sorter: Any = None) -> Any:
    """Where entries would be put into a sorted vector."""
    a = as_one(a) if sorter is None else take(a, sorter, 0)
    return _searchsorted(a, as_one(v), side=side)


@speaks(np.digitize)
def digitize(x: Any, bins: Any, right: bool = False) -> Any:
    """Which of the bins entries are in."""
    return _digitize(as_one(x), as_one(bins), right=bool(right))


# -- sorting and selecting -----------------------------------------------------------


@speaks(np.sort)
def sort(a: Any, axis: int | None = -1, kind: Any = None, *, stable: Any = None) -> Any:
    """Sort along an axis; equal entries keep their order."""
    a = as_one(a)
    if axis is None:
        a, axis = ravel(a), 0
    return take_along_axis(a, argsort(a, axis), axis)


@speaks(np.sort_complex)
def sort_complex(a: Any) -> Any:
    """Sort by real, then by imaginary parts."""
    result = sort(a)
    wide = result.dtype if result.dtype.kind == "c" else np.result_type(result.dtype, np.complex64)
    return result if result.dtype == wide else elementwise.astype(result, dtype=wide)


@speaks(np.partition)
def partition(a: Any, kth: Any, axis: int | None = -1, kind: str = "introselect") -> Any:
    """Put the k-th smallest entry in its place, smaller ones before it."""
    a = as_one(a)
    if axis is None:
        a, axis = ravel(a), 0
    return take_along_axis(a, argpartition(a, kth, axis), axis)


@speaks(np.compress)
def compress(condition: Any, a: Any, axis: int | None = None) -> Any:
    """Keep entries along an axis where the condition holds."""
    a, condition = as_one(a), as_one(condition)
    if axis is None:
        a, axis = ravel(a), 0
    axis = one_axis(axis, a.ndim)
    if condition.ndim != 1:
        raise ShapeError(f"the condition of np.compress{user_line()} has one dimension")
    if is_traced(condition):
        return _masked(a, axis, condition)
    return shaping.getitem(a, index=(slice(None),) * axis + (np.flatnonzero(condition),))


def _masked(a: Any, axis: int, condition: Any) -> Any:
    """Keep what a traced condition says, as x[condition] does."""
    mask = condition if condition.dtype == bool else comparison.not_equal(condition, 0)
    if not is_traced(a):
        raise TracingError(
            f"a traced condition selects among plain values{user_line()}: how many there are "
            "depends on values; write np.where(condition, a, 0)"
        )
    return a[(slice(None),) * axis + (mask,)]


@speaks(np.extract)
def extract(condition: Any, arr: Any) -> Any:
    """Keep entries of the flattened array where the condition holds."""
    return compress(ravel(as_one(condition)), ravel(as_one(arr)))


@speaks(np.select)
def select(condlist: Any, choicelist: Any, default: Any = 0) -> Any:
    """Take from the first choice whose condition holds."""
    if len(condlist) != len(choicelist) or not len(condlist):
        raise ShapeError(f"np.select{user_line()} needs as many choices as conditions, at least 1")
    conditions = [as_one(c) for c in condlist]
    wrong = [c for c in conditions if c.dtype != bool]
    if wrong:
        raise TracingError(
            f"np.select{user_line()} has a condition of {wrong[0].dtype}; write a comparison"
        )
    result = as_array(default)
    for condition, choice in zip(conditions[::-1], list(choicelist)[::-1], strict=True):
        result = arithmetic.where(condition, as_array(choice), result)
    return result


def _choose_pull(k: int, bar: Any, out: Any, values: tuple, params: dict) -> Any:
    """Each choice receives the cotangent where it was taken, and is known to be 0 elsewhere."""
    if k == 0:
        return None
    taken = comparison.equal(values[0], k - 1)
    if shape_of(taken) != shape_of(out):
        taken = shaping.broadcast_to(taken, shape=shape_of(out))
    return Masked.matched(arithmetic.where(taken, plain(bar, out), 0.0), taken, values[k])


def _choose_push(dots: list, out: Any, values: tuple, params: dict) -> Any:
    return match(_choose(values[0], *[0.0 if dot is None else dot for dot in dots[1:]]), out)


_choose = add_row(
    Primitive(
        "choose",
        lambda which, *choices: np.choose(_whole(which), choices),
        pull=_choose_pull,
        push=_choose_push,
        shape=lambda which, *choices: abstract(
            np.broadcast_shapes(which.shape, *[c.shape for c in choices]),
            np.result_type(*[c.dtype for c in choices]),
        ),
        source="each choice keeps its own derivative",
        examples=(
            ((np.array([0, 1, 0]), (3,), (3,)), {}),
            ((np.array([[1], [0]]), (3,), ()), {}),
        ),
    )
)


@speaks(np.choose)
def choose(a: Any, choices: Any, *, mode: str = "raise") -> Any:
    """Take each entry from the choice with the given number."""
    parts, a = _of_one_dtype(as_sequence(choices)), as_one(a)
    a = arithmetic.where(a, 1, 0) if a.dtype == bool else a
    which = _in_range(_positions(a, "the number of a choice"), len(parts), mode)
    return _choose(which, *parts)


def _of_one_dtype(parts: Any) -> list:
    """Return arrays; Python's numbers take the dtype of the others, as NumPy has it."""
    parts = [part if type(part) in (int, float, complex) else as_one(part) for part in parts]
    dtype = np.result_type(*[getattr(part, "dtype", part) for part in parts])
    return [part if hasattr(part, "dtype") else np.asarray(part, dtype) for part in parts]


@speaks(np.bincount)
def bincount(x: Any, /, weights: Any = None, minlength: int = 0) -> Any:
    """Add up the weights that have the same number."""
    if is_traced(x) or weights is None:
        raise _uncertain("np.bincount", "pass plain whole numbers; weights may be traced")
    numbers, weights = _positions(x, "the number for np.bincount"), as_one(weights)
    if weights.shape != numbers.shape or numbers.ndim != 1:
        raise ShapeError(f"np.bincount{user_line()} needs one weight for each number, in vectors")
    count = max(operator.index(minlength), int(numbers.max(initial=-1)) + 1)
    if weights.dtype != np.float64:
        weights = elementwise.astype(weights, dtype=np.dtype(float))
    return shaping.scatter(weights, shape=(count,), index=(np.array(numbers),))


# -- questions -----------------------------------------------------------------------


def _truth_row(name: str, numpy: Callable, shape: Callable, **facts: Any) -> Primitive:
    return _plain_row(
        name, numpy, lambda *xs, **params: abstract(shape(*xs), np.dtype(bool)), **facts
    )


def _close_objects(
    scalar: Callable, a: Any, b: Any, *, rtol: float, atol: float, equal_nan: bool
) -> Any:
    return np.frompyfunc(lambda x, y: abs(x - y) <= atol + rtol * abs(y), 2, 1)(a, b)


_isclose = _truth_row(
    "isclose",
    lambda a, b, *, rtol, atol, equal_nan: np.isclose(a, b, rtol, atol, equal_nan),
    lambda a, b: np.broadcast_shapes(a.shape, b.shape),
    objects=_close_objects,
    examples=((((3,), (2, 1)), {"rtol": 1e-5, "atol": 1e-8, "equal_nan": False}),),
)
_isin = _truth_row(
    "isin",
    lambda x, among, *, invert: np.isin(x, among, invert=invert),
    lambda x, among: x.shape,
    examples=((((2, 2), (3,)), {"invert": False}), (((3,), ()), {"invert": True})),
)


@speaks(np.isclose)
def isclose(a: Any, b: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False) -> Any:
    """Whether entries are equal within a tolerance."""
    options = {"rtol": rtol, "atol": atol, "equal_nan": bool(equal_nan)}
    return _isclose(as_one(a), as_one(b), **options)


@speaks(np.allclose)
def allclose(
    a: Any, b: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False
) -> Any:
    """Whether all entries are equal within a tolerance."""
    return _all(isclose(a, b, rtol, atol, equal_nan))


def _all(truths: Any) -> Any:
    return reductions.all_(truths, axis=None, keepdims=False)


@speaks(np.array_equal)
def array_equal(a1: Any, a2: Any, equal_nan: bool = False) -> Any:
    """Whether two arrays have the same shape and entries."""
    a, b = as_one(a1), as_one(a2)
    if a.shape != b.shape:
        return False
    same = comparison.equal(a, b)
    if equal_nan:
        nans = comparison.logical_and(comparison.not_equal(a, a), comparison.not_equal(b, b))
        same = comparison.logical_or(same, nans)
    return _all(same)


@speaks(np.array_equiv)
def array_equiv(a1: Any, a2: Any) -> Any:
    """Whether two arrays have the same entries after broadcasting."""
    a, b = as_one(a1), as_one(a2)
    try:
        np.broadcast_shapes(a.shape, b.shape)
    except ValueError:
        return False
    return _all(comparison.equal(a, b))


@speaks(np.isin)
def isin(
    element: Any,
    test_elements: Any,
    assume_unique: bool = False,
    invert: bool = False,
    *,
    kind: Any = None,
) -> Any:
    """Whether entries occur in another array."""
    return _isin(as_one(element), as_one(test_elements), invert=bool(invert))


# -- what has no shape until the values are known ------------------------------------


def _uncertain(name: str, instead: str) -> TracingError:
    return TracingError(
        f"{name} of a traced value{user_line()}: how many entries it gives depends on values; "
        + instead
    )


_WHERE = "write np.where(condition, x, 0), or select by a mask: x[x > 0]"
_UNIQUE = "np.sort(x) keeps them all; for plain values call it outside the traced function"
_REFUSED = {
    "nonzero": _WHERE, "flatnonzero": _WHERE, "argwhere": _WHERE,
    "trim_zeros": "cut by positions that are plain numbers: x[1:-1]",
    **dict.fromkeys(
        ["unique", "unique_all", "unique_counts", "unique_inverse", "unique_values",
         "union1d", "intersect1d", "setdiff1d", "setxor1d"], _UNIQUE
    ),
}  # fmt: skip


def _refusing(name: str, instead: str) -> Callable:
    def refuse(*args: Any, **kwargs: Any) -> Any:
        raise _uncertain(f"np.{name}", instead)

    refuse.__name__ = name
    return refuse


for _name, _instead in _REFUSED.items():
    speaks(getattr(np, _name))(_refusing(_name, _instead))
