"""Tracing: run a function on tracers, and every operation leaves one record.

A tape is two parallel lists, a tracer is a place on a tape. Position i belongs to
variable i: an input (None in both), or what was done and what came of it,

    rows[i] = (primitive, params)        records[i] = (values, slots, out)

where `values` are the operands as plain values, `slots` the positions they
came from (-1 for a constant) and `out` the result. Records hold values and
positions, never tracers, so a tape has no reference cycles and dies at once.
Large arrays that no rule will look at are nan there, and let go of.
(Records hold no primitives either, so Python's cyclic garbage collector need not
look at them: a million records cost it nothing.)

Tapes nest: a value may itself be a tracer of an outer tape. Each tape is
numbered when it is made and the youngest among the operands records (the
innermost recording wins), so d/dx [x d/dy (x y)] is not confused about whose
derivative is whose. No tape is global: threads and exceptions leak nothing.
"""

from __future__ import annotations

import itertools
import math
import sys
import traceback
import weakref
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from importlib import import_module
from operator import attrgetter
from typing import Any

import numpy as np

from ..errors import (
    DiffkitError,
    MissingRule,
    ShapeError,
    TracingError,
    is_library,
    line_of,
    user_line,
)
from ..progress import OFTEN, mention

Row = tuple[Any, dict[str, Any]]
Record = tuple[tuple, tuple, Any]

_births = itertools.count(1)  # next() on it is atomic: tapes of all threads differ
_ndarray = np.ndarray


class Abstract:
    """A value of which only shape and dtype are known."""

    __slots__ = ("dtype", "shape")

    def __init__(self, shape: tuple[int, ...], dtype: Any) -> None:
        self.shape = shape
        self.dtype = dtype

    ndim = property(lambda self: len(self.shape))
    size = property(lambda self: math.prod(self.shape))

    def __repr__(self) -> str:
        return f"{self.dtype}{list(self.shape) or ''}"

    def __eq__(self, other: object) -> bool:
        return self is other or (
            isinstance(other, Abstract) and self.shape == other.shape and self.dtype == other.dtype
        )

    def __hash__(self) -> int:
        return hash((self.shape, self.dtype))

    def __reduce__(self) -> tuple:
        return abstract, (self.shape, self.dtype)


class AbstractTuple(tuple):
    """What is known of the several results of one operation."""

    __slots__ = ()

    size = property(lambda self: sum(part.size for part in self))


@lru_cache(maxsize=4096)
def abstract(shape: tuple[int, ...], dtype: Any) -> Abstract:
    """Return the one Abstract of this shape and dtype."""
    return Abstract(shape, np.dtype(dtype))


def abstract_of(value: Any) -> Any:
    """Return the shape and dtype of any value (of each of them, for a tuple)."""
    if isinstance(value, (Abstract, AbstractTuple)):
        return value
    if isinstance(value, tuple):
        return AbstractTuple(map(abstract_of, value))
    if isinstance(value, Tracer):
        return abstract_of(value.value)
    if not hasattr(value, "dtype"):
        value = np.asarray(value)
    return abstract(value.shape, value.dtype)


class Tracer:
    """A value whose operations are being recorded; it behaves like an array.

    Its operators and NumPy behaviour are given by `diffkit.primitives.protocol`.
    `base` is set on views alone: a weak reference to the tracer looked at.
    """

    base: weakref.ref

    __slots__ = ("__weakref__", "base", "index", "tape", "value")

    def __init__(self, value: Any, tape: Tape, index: int) -> None:
        self.value = value
        self.tape = tape
        self.index = index

    shape = property(lambda self: shape_of(concrete(self)))
    dtype = property(lambda self: _array_of(self).dtype)
    ndim = property(lambda self: len(shape_of(concrete(self))))
    size = property(lambda self: _array_of(self).size)

    def __repr__(self) -> str:
        return f"Traced({concrete(self)!r})"


def concrete(value: Any) -> Any:
    """Return what is inside all levels of tracing."""
    while value.__class__ is Tracer:
        value = value.value
    return value


def _array_of(value: Any) -> Any:
    """Return what has the shape and dtype of a traced value."""
    value = concrete(value)
    return value if hasattr(value, "dtype") else abstract_of(value)


def check_open(tracer: Tracer) -> None:
    """Refuse a traced value whose derivative has been taken already."""
    if tracer.tape.closed:
        raise TracingError(
            f"a traced value of an earlier call is used again{user_line()}: a cache, a global "
            "name or a list outside of the function kept it, and its derivative would be lost. "
            "Keep plain values there, or compute it anew in each call"
        )


def is_traced(value: Any) -> bool:
    """Say whether a value is being recorded."""
    return value.__class__ is Tracer


def shape_of(value: Any) -> tuple[int, ...]:
    """Return the shape of a number, array, tracer or Abstract."""
    return getattr(value, "shape", ())


class Tape:
    """The records of one function call.

    `refusal` keeps the last error that a tracer raised: where NumPy or a library
    asked for a plain number it often replaces our message by a vaguer one of its
    own, and `call` puts it back. Where the library is SciPy, it says what to use.
    `closed` is set when the derivative has been taken.
    """

    __slots__ = ("birth", "closed", "computation", "records", "refusal", "rows", "views")

    def __init__(self) -> None:
        self.birth = next(_births)
        self.closed = False
        self.computation: Callable = _by_numpy
        self.rows: list[Row | None] = []
        self.records: list[Record | None] = []
        self.refusal: DiffkitError | None = None
        self.views: list[weakref.ref] = []

    def call(self, function: Callable, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        """Call the user's function."""
        try:
            return function(*args, **kwargs)
        except Exception as error:
            clearest = (
                _explained_by_scipy(error) or _own(error) or self.refusal or _not_gathered(error)
            )
            if clearest is None or clearest is error:
                raise
            raise clearest from None

    def input(self, value: Any) -> Tracer:
        """Add an input and return its tracer."""
        if value.__class__ is Tracer:
            self.computation = _by_outer_tape
        return self.append(None, None, value)

    def again(self, tracer: Tracer) -> Tracer:
        """Return another handle on the same place: the function may move its own."""
        return Tracer(tracer.value, self, tracer.index)

    def append(self, row: Row | None, record: Record | None, out: Any) -> Tracer:
        """Add one variable and return its tracer."""
        self.rows.append(row)
        self.records.append(record)
        return Tracer(out, self, len(self.records) - 1)

    def record(self, primitive: Any, operands: tuple, params: dict) -> Tracer:
        """Apply a primitive to tracers and constants."""
        if len(operands) == 1 and operands[0].__class__ is Tracer and operands[0].tape is self:
            return self.record_one(primitive, operands[0], params)
        values, slots = [], []
        for operand in operands:
            if operand.__class__ is Tracer and operand.tape is self:
                values.append(operand.value)
                slots.append(operand.index)
            else:
                values.append(self._constant(operand))
                slots.append(-1)
        return self.apply(primitive, tuple(values), tuple(slots), params)

    def record_one(self, primitive: Any, operand: Tracer, params: dict) -> Tracer:
        """Apply a primitive to one tracer of this tape; NumPy's result may be a view of it."""
        out = self.apply(primitive, (operand.value,), (operand.index,), params)
        if primitive.view is not None and primitive.view(params):
            self._look_into(operand, out)
        return out

    def apply(self, primitive: Any, values: tuple, slots: tuple, params: dict) -> Tracer:
        """Apply a primitive, append one record, and return the result's tracer."""
        try:
            compute = self.computation(primitive)
            out = compute(*values, **params) if params else compute(*values)
        except np.linalg.LinAlgError:
            raise
        except ValueError as error:
            raise _explained(error, primitive, values) from error
        kept = inner = out
        while inner.__class__ is Tracer:
            inner = inner.value
        if inner.__class__ is _ndarray and primitive.reads < ALL and inner.nbytes > LARGE:
            values, kept = _let_go(primitive.reads, values, slots, out)
        records = self.records
        self.rows.append((primitive, params) if params else primitive.bare)
        records.append((values, slots, kept))
        return Tracer(out, self, len(records) - 1)

    def _look_into(self, operand: Tracer, view: Tracer) -> None:
        """Remember that NumPy's own result would share memory with its operand."""
        base = getattr(operand, "base", None)
        whole = operand if base is None else base()
        if whole is not None:
            view.base = weakref.ref(whole)
            self.views.append(weakref.ref(view))

    def _constant(self, operand: Any) -> Any:
        """Return what to keep of an operand that this tape does not trace."""
        if operand.__class__ is _ndarray:
            return _frozen(operand)
        if operand.__class__ is Tracer:
            check_open(operand)
            self.computation = _by_outer_tape
        elif isinstance(operand, _ndarray):
            return _frozen(plain(operand))
        return operand


class AbstractTape(Tape):
    """A tape whose values are only shapes and dtypes: it holds for every point."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__()
        self.computation = _by_shape


class ListingTape(Tape):
    """A tape that becomes a Program: it keeps constants, and of results only the type.

    So what is recorded needs no more memory than what is computed. Such a tape
    cannot be swept.
    """

    __slots__ = ()

    def apply(self, primitive: Any, values: tuple, slots: tuple, params: dict) -> Tracer:
        """Apply a primitive, append what the list needs, and return the result's tracer."""
        out = super().apply(primitive, values, slots, params)
        self.records[-1] = _listed(self.records[-1])
        if not len(self.records) % OFTEN:
            mention("recording", OFTEN)
        return out


def _listed(record: Any) -> Record:
    values, slots, out = record
    constants = tuple([v if slot < 0 else None for v, slot in zip(values, slots, strict=True)])
    return constants, slots, abstract_of(out)


# How a tape computes a primitive: at once; or, when values are themselves traced, by
# calling it, so that their older tape records it; or only its shape and dtype.
_by_numpy = attrgetter("numpy")
_by_shape = attrgetter("abstract")


def _by_outer_tape(primitive: Any) -> Any:
    return primitive


# What rules look at beyond shapes and dtypes, see `Primitive.reads`.
SHAPES, OPERANDS, ALL = range(3)
LARGE = 2**20  # bytes from which a record lets go of what no rule looks at


def _let_go(reads: int, values: tuple, slots: tuple, out: Any) -> tuple[tuple, Any]:
    """Return operands and result as a record keeps them."""
    if reads == SHAPES:
        pairs = zip(values, slots, strict=True)
        values = tuple([_hollow(value) if slot >= 0 else value for value, slot in pairs])
    return values, _hollow(out)


def _hollow(value: Any) -> Any:
    """Return a large array of floats as its shape and dtype, in the memory of one nan."""
    if value.__class__ is Tracer:
        return Tracer(_hollow(value.value), value.tape, value.index)
    if value.__class__ is not _ndarray or value.nbytes <= LARGE or value.dtype.kind not in "fc":
        return value
    return np.broadcast_to(np.full((), np.nan, value.dtype), value.shape)


def _frozen(array: np.ndarray) -> np.ndarray:
    """Copy an array that its owner could still change under the recording."""
    if array.base is None and not array.flags.writeable:
        return array
    array = array.copy()
    array.flags.writeable = False
    return array


def plain(array: np.ndarray) -> np.ndarray:
    """Return an array of a subclass as a plain one, where that means the same."""
    kind = array.__class__
    if kind.__mul__ is _ndarray.__mul__ and kind.__array_ufunc__ is _ndarray.__array_ufunc__:
        return array.view(_ndarray)
    raise TracingError(
        f"a {kind.__name__} is used{user_line()}, whose arithmetic is not that of a plain array: "
        "as one it would have another derivative. Convert it first: np.asarray(m) of a matrix, "
        "m.filled(0.0) or m.compressed() of a masked array"
    )


def _own(error: Exception) -> DiffkitError | None:
    """Return an error that is ours, and says what to do already."""
    return error if isinstance(error, DiffkitError) else None


def _explained_by_scipy(error: Exception) -> DiffkitError | None:
    """Where SciPy itself met a traced value, the error that says what to use instead."""
    if isinstance(error, DiffkitError) and not isinstance(error, (MissingRule, TracingError)):
        return None  # about the derivative: no other function has it either
    if "scipy" not in sys.modules:
        return None
    return import_module("diffkit.scipy.originals").explained(error)


# How NumPy complains of an array of objects, such as np.array makes of traced values.
_OF_OBJECTS = ("dtype('O')", "not supported for the input types", "holds references")


def _not_gathered(error: Exception) -> DiffkitError | None:
    """Where NumPy refused an array of objects, the error that says what to write."""
    if not isinstance(error, TypeError) or not any(sign in str(error) for sign in _OF_OBJECTS):
        return None
    places = [place for place in traceback.walk_tb(error.__traceback__) if not is_library(place[0])]
    return TracingError(
        f"NumPy refused an array of objects{line_of(*places[-1]) if places else ''}: {error}. An "
        "array that np.array made of traced values is one; make it a traced array instead: "
        "np.stack([a, b, c, d]).reshape(2, 2) for np.array([[a, b], [c, d]])."
    )


def _explained(error: ValueError, primitive: Any, values: tuple) -> Exception:
    """Turn NumPy's complaint about operands into one that says where."""
    if isinstance(error, DiffkitError):
        return error
    shapes = " and ".join(str(abstract_of(value).shape) for value in values)
    return ShapeError(f"{primitive.name} of shapes {shapes}{user_line()}: {error}")
