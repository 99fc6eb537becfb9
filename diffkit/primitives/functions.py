"""NumPy's functions, in NumPy's own signatures, on top of the rows.

`@speaks(np.sum)` says which NumPy function a definition answers for when a
traced value reaches it. Arguments that are not in the definition's signature
are refused by name, never ignored.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np

from ..core.primitive import Primitive
from ..core.tracing import Tracer, abstract_of, plain, shape_of
from ..errors import ArgumentError, MissingRule, ShapeError, user_line
from . import arithmetic, comparison, contraction, elementwise, reductions, shaping

FUNCTIONS: dict[Any, Callable] = {}


def speaks(*numpy_functions: Any) -> Callable:
    """Register a definition as the answer for these NumPy functions."""

    def register(definition: Callable) -> Callable:
        for function in numpy_functions:
            FUNCTIONS[function] = definition
        return definition

    return register


def definition_of(function: Any) -> Callable | None:
    """Return what answers for a function of NumPy or SciPy, None where nothing does."""
    found = FUNCTIONS.get(function)
    if found is None:
        import_module("diffkit.primitives.families")
        scipys = import_module("diffkit.primitives.special").definition_of_scipys
        found = FUNCTIONS.get(function) or scipys(function)
    return found


# -- elementwise: the ufunc is the row ---------------------------------------------

_UFUNCS: dict[Any, Primitive] = {
    np.radians: elementwise.deg2rad,
    np.degrees: elementwise.rad2deg,
    np.negative: elementwise.negative,
    np.positive: elementwise.positive,
    np.add: arithmetic.add,
    np.subtract: arithmetic.subtract,
    np.multiply: arithmetic.multiply,
    np.divide: arithmetic.divide,
    np.power: arithmetic.power,
    np.remainder: arithmetic.remainder,
    np.floor_divide: arithmetic.floor_divide,
    np.greater: comparison.greater,
    np.greater_equal: comparison.greater_equal,
    np.less: comparison.less,
    np.less_equal: comparison.less_equal,
    np.equal: comparison.equal,
    np.not_equal: comparison.not_equal,
    np.matmul: contraction.matmul,
}
FUNCTIONS.update(_UFUNCS)
for _module in (elementwise, arithmetic, comparison):
    for _row in list(vars(_module).values()):
        if isinstance(_row, Primitive) and isinstance(_row.numpy, np.ufunc):
            FUNCTIONS[_row.numpy] = _row


# -- arguments ---------------------------------------------------------------------


def as_array(x: Any) -> Any:
    """Return arrays, numbers and tracers as they are, lists as arrays."""
    if x.__class__ is Tracer or not isinstance(x, (list, tuple, np.ndarray)):
        return x
    return gather(np.asarray(x)) if not isinstance(x, np.ndarray) else gather(x)


def gather(array: np.ndarray) -> Any:
    """Turn an object array that holds traced values into one stack step."""
    if array.dtype != object:
        return array
    entries = list(array.flat)
    if not any(entry.__class__ is Tracer for entry in entries):
        return array
    array = plain(array)
    if array.ndim == 0:
        return entries[0]
    shapes = {shape_of(entry) for entry in entries}
    if len(shapes) > 1:
        raise ShapeError(
            f"an array of traced values{user_line()} mixes shapes {sorted(shapes)}; "
            "join them with np.concatenate or np.stack"
        )
    stacked = shaping.stack(*entries, axis=0)
    return shaping.reshape(stacked, shape=array.shape + shapes.pop())


def axes_of(axis: Any, ndim: int) -> tuple[int, ...]:
    """Return an axis argument as a sorted tuple of axes."""
    if axis is None:
        return tuple(range(ndim))
    axes = axis if isinstance(axis, tuple) else (axis,)
    return tuple(sorted(one_axis(i, ndim) for i in axes))


def some_axes(axis: Any, ndim: int) -> tuple[int, ...] | None:
    """Return None for all axes, else those asked for (how reductions have it)."""
    if axis is None:
        return None
    axes = axes_of(axis, ndim)
    return None if len(axes) == ndim else axes


def one_axis(axis: Any, ndim: int) -> int:
    """Return an axis counted from the front."""
    axis = operator.index(axis)
    if not -ndim <= axis < ndim:
        raise ShapeError(
            f"axis {axis} is out of range for an array of {ndim} dimensions{user_line()}"
        )
    return axis % ndim


def _same_shape(x: Any) -> Any:
    return x if x.__class__ is Tracer or hasattr(x, "dtype") else np.asarray(x)


# -- reductions --------------------------------------------------------------------


def _reduction(row: Primitive) -> Callable:
    def reduce(
        a: Any, axis: Any = None, dtype: Any = None, *, keepdims: bool = False,
        initial: Any = None, where: Any = True,
    ) -> Any:  # fmt: skip
        if dtype is not None or initial is not None or where is not True:
            partly = import_module("diffkit.primitives.partly").reduced_partly
            return partly(row, a, axis, dtype, keepdims, initial, where)
        if axis is None and a.__class__ is Tracer:
            return a.tape.record_one(row, a, {"axis": None, "keepdims": bool(keepdims)})
        a = _same_shape(as_array(a))
        return row(a, axis=some_axes(axis, a.ndim), keepdims=bool(keepdims))

    reduce.__name__ = row.name
    return reduce


sum_ = speaks(np.sum)(_reduction(reductions.sum_))
mean = speaks(np.mean)(_reduction(reductions.mean))
prod = speaks(np.prod)(_reduction(reductions.prod))
max_ = speaks(np.max, np.amax)(_reduction(reductions.max_))
min_ = speaks(np.min, np.amin)(_reduction(reductions.min_))
all_ = speaks(np.all)(_reduction(reductions.all_))
any_ = speaks(np.any)(_reduction(reductions.any_))


# -- shapes ------------------------------------------------------------------------


def _sizes(shape: Any) -> tuple[int, ...]:
    return (
        tuple(map(operator.index, shape)) if hasattr(shape, "__len__") else (operator.index(shape),)
    )


@speaks(np.reshape)
def reshape(a: Any, shape: Any, order: str = "C") -> Any:
    """Give an array another shape; one length may be -1."""
    if order != "C":
        raise MissingRule(
            f"reshape(order={order!r}) of a traced value{user_line()} is not covered; "
            "transpose before and after, as in x.T.reshape(...).T"
        )
    sizes, total = list(_sizes(shape)), a.size
    if -1 in sizes and (known := -math.prod(sizes)):
        sizes[sizes.index(-1)] = total // known
    if -1 in sizes or math.prod(sizes) != total:
        raise ShapeError(
            f"cannot reshape {a.shape} ({total} entries) into {tuple(_sizes(shape))}{user_line()}"
        )
    return shaping.reshape(a, shape=tuple(sizes))


@speaks(np.ravel)
def ravel(a: Any, order: str = "C") -> Any:
    """Flatten to one dimension."""
    return a if a.ndim == 1 else reshape(a, (a.size,), order)


@speaks(np.transpose, np.permute_dims)
def transpose(a: Any, axes: Any = None) -> Any:
    """Reverse the axes, or put them into the given order."""
    order = range(a.ndim)[::-1] if axes is None else [one_axis(i, a.ndim) for i in axes]
    if sorted(order) != list(range(a.ndim)):
        raise ShapeError(f"axes {axes} do not match {a.ndim} dimensions{user_line()}")
    return a if a.ndim < 2 else shaping.transpose(a, axes=tuple(order))


@speaks(np.swapaxes)
def swapaxes(a: Any, axis1: int, axis2: int) -> Any:
    """Exchange two axes."""
    order = list(range(a.ndim))
    i, j = one_axis(axis1, a.ndim), one_axis(axis2, a.ndim)
    order[i], order[j] = j, i
    return shaping.transpose(a, axes=tuple(order))


@speaks(np.moveaxis)
def moveaxis(a: Any, source: Any, destination: Any) -> Any:
    """Move axes to other positions."""
    return shaping.transpose(a, axes=_moved_order(a.ndim, source, destination))


def _moved_order(ndim: int, source: Any, destination: Any) -> tuple[int, ...]:
    """Where each axis of the result comes from, as np.moveaxis has it."""
    sources = [one_axis(i, ndim) for i in np.atleast_1d(source)]
    targets = [one_axis(i, ndim) for i in np.atleast_1d(destination)]
    order = [i for i in range(ndim) if i not in sources]
    for target, origin in sorted(zip(targets, sources, strict=True)):
        order.insert(target, origin)
    return tuple(order)


@speaks(np.broadcast_to)
def broadcast_to(array: Any, shape: Any) -> Any:
    """Repeat along new axes and axes of length 1."""
    return shaping.broadcast_to(array, shape=_sizes(shape))


@speaks(np.expand_dims)
def expand_dims(a: Any, axis: Any) -> Any:
    """Insert axes of length 1."""
    axes = axis if isinstance(axis, tuple) else (axis,)
    ndim = a.ndim + len(axes)
    new = {one_axis(i, ndim) for i in axes}
    old = iter(a.shape)
    return shaping.reshape(a, shape=tuple(1 if i in new else next(old) for i in range(ndim)))


@speaks(np.squeeze)
def squeeze(a: Any, axis: Any = None) -> Any:
    """Drop axes of length 1."""
    axes = [i for i, n in enumerate(a.shape) if n == 1] if axis is None else axes_of(axis, a.ndim)
    if [i for i in axes if a.shape[i] != 1]:
        raise ShapeError(f"cannot squeeze axis {axis} of shape {a.shape}{user_line()}")
    return shaping.reshape(a, shape=tuple(n for i, n in enumerate(a.shape) if i not in axes))


def _as_arrays(arrays: Any) -> list:
    return [_same_shape(as_array(a)) for a in arrays]


@speaks(np.concatenate)
def concatenate(arrays: Any, axis: int | None = 0) -> Any:
    """Join along an existing axis."""
    arrays = _as_arrays(arrays)
    if axis is None:
        return shaping.concatenate(*[a.reshape(-1) for a in arrays], axis=0)
    return shaping.concatenate(*arrays, axis=one_axis(axis, arrays[0].ndim))


@speaks(np.stack)
def stack(arrays: Any, axis: int = 0) -> Any:
    """Join along a new axis."""
    arrays = _as_arrays(arrays)
    return shaping.stack(*arrays, axis=one_axis(axis, arrays[0].ndim + 1))


def _each(definition: Callable) -> Callable:
    """Several arrays give a tuple, one array itself."""

    def on_each(*arys: Any) -> Any:
        found = tuple([definition(_same_shape(as_array(a))) for a in arys])
        return found[0] if len(found) == 1 else found

    return on_each


def _one_axis_at_least(a: Any) -> Any:
    return shaping.reshape(a, shape=(1,)) if a.ndim == 0 else a


def _two_axes_at_least(a: Any) -> Any:
    return shaping.reshape(a, shape=(1,) * (2 - a.ndim) + a.shape) if a.ndim < 2 else a


atleast_1d = speaks(np.atleast_1d)(_each(_one_axis_at_least))
atleast_2d = speaks(np.atleast_2d)(_each(_two_axes_at_least))


@speaks(np.hstack)
def hstack(tup: Any) -> Any:
    """Join along the second axis (the first, for vectors)."""
    arrays = [atleast_1d(a) for a in _as_arrays(tup)]
    return concatenate(arrays, 0 if arrays[0].ndim == 1 else 1)


@speaks(np.vstack)
def vstack(tup: Any, *, dtype: Any = None, casting: str = "same_kind") -> Any:
    """Join rows (np.row_stack passes its defaults on)."""
    if dtype is not None or casting != "same_kind":
        raise MissingRule(f"np.vstack with dtype= or casting={user_line()}: use .astype before")
    return concatenate([atleast_2d(a) for a in _as_arrays(tup)], 0)


@speaks(np.column_stack)
def column_stack(tup: Any) -> Any:
    """Join vectors as columns."""
    arrays = _as_arrays(tup)
    return concatenate([a if a.ndim == 2 else a.reshape(-1, 1) for a in arrays], 1)


# -- products ----------------------------------------------------------------------


@speaks(np.dot)
def dot(a: Any, b: Any) -> Any:
    """NumPy's dot: multiply, matmul, or the sum over a's last and b's last but one."""
    a, b = _same_shape(as_array(a)), _same_shape(as_array(b))
    if a.ndim == 0 or b.ndim == 0:
        return arithmetic.multiply(a, b)
    if b.ndim == 1 or (b.ndim == 2 and a.ndim <= 2):
        return contraction.matmul(a, b)
    return contraction.tensordot(a, b, axes=((a.ndim - 1,), (b.ndim - 2,)))


@speaks(np.vdot)
def vdot(a: Any, b: Any) -> Any:
    """Dot product of the flattened arrays, the first conjugated."""
    a, b = _as_arrays((a, b))
    a = elementwise.conjugate(a) if a.dtype.kind == "c" else a
    return contraction.matmul(a.reshape(-1), b.reshape(-1))


@speaks(np.inner)
def inner(a: Any, b: Any) -> Any:
    """Sum over the last axes of both."""
    a, b = _as_arrays((a, b))
    if a.ndim == 0 or b.ndim == 0:
        return arithmetic.multiply(a, b)
    return contraction.tensordot(a, b, axes=((a.ndim - 1,), (b.ndim - 1,)))


@speaks(np.outer)
def outer(a: Any, b: Any) -> Any:
    """All products of an entry of a with an entry of b."""
    return contraction.outer(*_as_arrays((a, b)))


@speaks(np.tensordot)
def tensordot(a: Any, b: Any, axes: Any = 2) -> Any:
    """Sum over the given axes of both."""
    a, b = _as_arrays((a, b))
    if isinstance(axes, int):
        pair = (tuple(range(a.ndim - axes, a.ndim)), tuple(range(axes)))
    else:
        one, two = (np.atleast_1d(part).tolist() for part in axes)
        pair = (
            tuple(one_axis(i, a.ndim) for i in one),
            tuple(one_axis(i, b.ndim) for i in two),
        )
    return contraction.tensordot(a, b, axes=pair)


@speaks(np.einsum)
def einsum(subscripts: Any, *operands: Any, optimize: Any = None) -> Any:
    """Einstein summation; `optimize` is chosen by diffkit."""
    if not isinstance(subscripts, str):
        subscripts, operands = contraction.lettered((subscripts, *operands))
    arrays = _as_arrays(operands)
    explicit = contraction.explicit_subscripts(subscripts, arrays)
    return contraction.einsum(*arrays, subscripts=explicit)


# -- choices -----------------------------------------------------------------------


@speaks(np.where)
def where(condition: Any, x: Any = None, y: Any = None) -> Any:
    """Take x where the condition holds, else y; positions where neither is given."""
    if x is None and y is None:
        return np.nonzero(condition)
    if x is None or y is None:
        raise ArgumentError(f"np.where{user_line()} takes both x and y, or neither")
    return arithmetic.where(as_array(condition), as_array(x), as_array(y))


@speaks(np.clip)
def clip(a: Any, a_min: Any = None, a_max: Any = None, *, min: Any = None, max: Any = None) -> Any:
    """Limit values to an interval."""
    low = min if a_min is None else a_min
    high = max if a_max is None else a_max
    low = -np.inf if low is None else as_array(low)
    high = np.inf if high is None else as_array(high)
    return arithmetic.clip(as_array(a), low, high)


@speaks(np.round, np.around)
def round_(a: Any, decimals: int = 0) -> Any:
    """Round to a number of decimals; a step function, so its derivative is zero."""
    if decimals == 0:
        return elementwise.rint(a)
    return elementwise.rint(a * 10.0**decimals) / 10.0**decimals


FUNCTIONS[np.copy] = elementwise.copy
FUNCTIONS[np.real] = elementwise.real
FUNCTIONS[np.imag] = elementwise.imag
FUNCTIONS[np.conj] = elementwise.conjugate


@speaks(np.sinc)
def sinc(x: Any) -> Any:
    """sin(pi x)/(pi x)."""
    return elementwise.sinc(x)


# -- questions about shapes: plain answers -------------------------------------------


@speaks(np.shape)
def shape(a: Any) -> tuple[int, ...]:
    """Return the shape, which is never traced."""
    return shape_of(a)


@speaks(np.ndim)
def ndim(a: Any) -> int:
    """Return the number of dimensions."""
    return len(shape_of(a))


@speaks(np.size)
def size(a: Any, axis: int | None = None) -> int:
    """Return the number of entries."""
    return a.size if axis is None else shape_of(a)[axis]


@speaks(np.iscomplexobj)
def iscomplexobj(x: Any) -> bool:
    """Say whether the dtype is complex."""
    return x.dtype.kind == "c"


@speaks(np.result_type)
def result_type(*arrays_and_dtypes: Any) -> np.dtype:
    """Return the dtype that NumPy would give the result."""
    kinds = [abstract_of(a).dtype if a.__class__ is Tracer else a for a in arrays_and_dtypes]
    return np.result_type(*kinds)


def _like(make: Callable) -> Callable:
    def like(a: Any, dtype: Any = None, shape: Any = None) -> Any:
        """A traced array of constants: it can be assigned into."""
        sizes = shape_of(a) if shape is None else _sizes(shape)
        return a.tape.record(elementwise.copy, (make(sizes, dtype or a.dtype),), {})

    return like


zeros_like = speaks(np.zeros_like)(_like(np.zeros))
ones_like = speaks(np.ones_like)(_like(np.ones))
empty_like = speaks(np.empty_like)(_like(np.zeros))  # zeros: an adjoint must not be arbitrary


@speaks(np.full_like)
def full_like(a: Any, fill_value: Any, dtype: Any = None, shape: Any = None) -> Any:
    """Return an array of one repeated value, traced if the value is."""
    sizes = a.shape if shape is None else _sizes(shape)
    if fill_value.__class__ is Tracer:
        return shaping.broadcast_to(fill_value, shape=sizes)
    filled = np.full(sizes, fill_value, dtype or a.dtype)
    return a.tape.record(elementwise.copy, (filled,), {})
