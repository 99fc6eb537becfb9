"""Taking entries at positions that may be traced.

Positions are whole numbers: steps like any other, but no cotangent passes them. What is
found at traced positions carries its derivative through three rows (`take`,
`take_along_axis`, `index_by`) and their transposes, which add entries up.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ..core.primitive import Primitive
from ..core.tracing import abstract, is_traced
from ..errors import ShapeError, TracingError, user_line
from . import arithmetic, shaping
from .arguments import as_one
from .functions import one_axis, ravel, speaks
from .rules import array_row, plain
from .shaping import index_text

# -- taking at traced positions ------------------------------------------------------


def in_whole_numbers(positions):
    """Positions as NumPy's integers (SymPy and mpmath hand in their own)."""
    positions = np.asarray(positions)
    return positions[()] if positions.dtype.kind in "iub" else positions.astype(np.intp)[()]


def _selection(name: str, select: Callable, shape: Callable, **facts: Any) -> Primitive:
    """Make the row select(x, *positions) and its transpose, which adds entries up there.

    The positions are operands, so they may be traced, and have no derivative.
    """

    def scatter(values, *positions, shape, **params):
        source = np.arange(math.prod(shape)).reshape(shape)
        return _added(values, select(source, *map(in_whole_numbers, positions), **params), shape)

    taken = _linear_in_first(
        name,
        lambda x, *positions, **params: select(x, *map(in_whole_numbers, positions), **params),
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
    values, positions = np.asarray(values), np.asarray(positions)
    out = np.zeros(math.prod(shape), values.dtype)
    np.add.at(out, positions.ravel(), values.ravel())
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
    lambda x, positions, *, axis: (
        x[positions] if x.ndim == 1 else np.take_along_axis(x, positions, axis)
    ),
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
    positions = [as_positions(part, "an index") for part in parts if is_traced(part)]
    template = tuple([HERE if is_traced(part) else _kept(part) for part in parts])
    return index_by(as_one(x), *positions, template=template)


def _kept(part: Any) -> Any:
    """Copy what the caller could change later."""
    return np.array(part) if isinstance(part, (list, np.ndarray)) else part


def as_positions(indices: Any, what: str) -> Any:
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
    a, indices = as_one(a), as_positions(indices, "the position for np.take")
    if axis is None:
        a, axis = ravel(a), 0
    axis = one_axis(axis, a.ndim)
    indices = in_range(indices, a.shape[axis], mode)
    if is_traced(indices):
        return _take(a, indices, axis=axis)
    return shaping.getitem(a, index=(slice(None),) * axis + (np.array(indices)[()],))


def in_range(indices: Any, n: int, mode: str) -> Any:
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
    arr, indices = as_one(arr), as_positions(indices, "the position for np.take_along_axis")
    if axis is None:
        arr, axis = ravel(arr), 0
    if indices.ndim != arr.ndim:
        raise ShapeError(
            f"np.take_along_axis{user_line()}: positions of {indices.ndim} dimensions for an array "
            f"of {arr.ndim}"
        )
    return _take_along_axis(arr, indices, axis=one_axis(axis, arr.ndim))
