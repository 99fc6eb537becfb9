"""Order: positions of extrema and of sorted entries; sorting is taking in that order."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from ..core.primitive import Primitive
from ..core.tracing import abstract
from ..errors import SymbolicError
from . import elementwise
from .arguments import as_one, as_sequence
from .functions import axes_of, one_axis, ravel, speaks
from .rules import array_row
from .taking import take, take_along_axis

# -- positions -----------------------------------------------------------------------


def _whole_row(name: str, numpy: Callable, shape: Callable, **facts: Any) -> Primitive:
    """Make a row whose result is positions or counts: it has no derivative."""
    return plain_row(
        name, numpy, lambda *xs, **params: abstract(shape(*xs, **params), np.intp), **facts
    )


def plain_row(name: str, numpy: Callable, shape: Callable, **facts: Any) -> Primitive:
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


# -- sorting -------------------------------------------------------------------------


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
