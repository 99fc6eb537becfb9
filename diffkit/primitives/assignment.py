"""Assignment into traced arrays: recorded as a new array, seen through the same name.

``x[i] = v`` records ``set_at(x, v)`` and points the tracer x to it. Other names
of the same array see the change, as in NumPy. What NumPy would also change
through shared memory (a row taken before, or the array that x is a row of)
cannot follow, so while such a view is alive the assignment is refused.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from ..core.primitive import Primitive
from ..core.tracing import Tracer, shape_of
from ..errors import ShapeError, TracingError, user_frame, user_line
from .shaping import index_parts, set_at


def assign(x: Tracer, index: Any, value: Any) -> None:
    """Do ``x[index] = value``."""
    check_memory(x)
    _check_once_each(x, index)
    kind = x.dtype.kind
    if kind not in "fc":
        raise TracingError(
            f"assignment into a traced array of {x.dtype}{user_line()} would cut off fractions; "
            "make it an array of floats"
        )
    point_to(x, set_at(x, value, index=index))


def point_to(x: Tracer, result: Tracer) -> None:
    """Let a tracer stand for another place on the same tape."""
    if result.tape is not x.tape:
        raise TracingError(
            f"an array of an outer derivative is assigned values of an inner one{user_line()}; "
            "make a new array: np.where, np.stack or np.concatenate"
        )
    x.value, x.index = result.value, result.index


def check_memory(x: Tracer) -> None:
    """Refuse to change what NumPy would also change elsewhere."""
    base = getattr(x, "base", None)
    whole = None if base is None else base()
    views = [view for view in (ref() for ref in x.tape.views) if view is not None]
    looking = [view for view in views if view.base() is x and view is not x]
    if whole is not None or looking:
        what = "is a view of another array" if whole is not None else "has views that are in use"
        raise TracingError(
            f"assignment into a traced array that {what}{user_line()}: NumPy would change both. "
            "Assign into the whole array (x[0, 1] = v), or take a copy first: row = x[0].copy()"
        )


def _check_once_each(x: Tracer, index: Any) -> None:
    """An entry assigned twice at once would have no one value."""
    parts = index_parts(index)
    if not any(isinstance(part, np.ndarray) and part.dtype != bool for part in parts):
        return
    positions = np.arange(x.size).reshape(x.shape)[index]
    if np.unique(positions).size < positions.size:
        raise TracingError(
            f"an index{user_line()} names an entry twice; which value it keeps is not defined. "
            "Sum them with np.add.at on plain arrays, or index each entry once"
        )


# -- in-place operators ------------------------------------------------------------


def in_place(primitive: Primitive) -> Callable:
    """Return ``x += y`` for arrays; for numbers Python's own rebinding does."""

    def operate(self: Tracer, other: Any) -> Any:
        if not self.shape:
            return NotImplemented
        result = getattr(self, _FORWARD[primitive.name])(other)
        if result is NotImplemented:
            return result
        result = _as(self, result)
        references = sys.getrefcount(self)
        if _is_put_back(self, references):
            return result
        check_memory(self)
        point_to(self, result)
        return self

    return operate


def _is_put_back(x: Tracer, references: int) -> bool:
    """Say whether this is ``y[1:] += v``: Python itself assigns the result to the part.

    The part has no name then, and is in no list; otherwise what it is a view of would have
    to change with it.
    """
    if getattr(x, "base", None) is None or references > _references_of_a_part():
        return False
    frame = user_frame()
    return frame is not None and _store_after(frame.f_code, frame.f_lasti) in _INTO_PARTS


_INTO_PARTS = ("STORE_SUBSCR", "STORE_SLICE")


@functools.lru_cache(maxsize=1024)
def _store_after(code: Any, position: int) -> str:
    """The instruction that takes the result of the one at this position."""
    import dis

    between = ("CACHE", "EXTENDED_ARG", "SWAP", "NOP")
    later = (i.opname for i in dis.get_instructions(code) if i.offset > position)
    return next((name for name in later if name not in between), "")


class _Part:
    """Counts the references to a part in the middle of ``whole[0] += 1``."""

    counted = 0

    def __getitem__(self, index: int) -> _Part:
        return _Part()

    def __setitem__(self, index: int, part: int) -> None:
        self.counted = part

    def __iadd__(self, other: Any) -> Any:
        return sys.getrefcount(self)


@functools.cache
def _references_of_a_part() -> int:
    whole = _Part()
    whole[0] += 1
    return whole.counted


_FORWARD = {
    "add": "__add__",
    "subtract": "__sub__",
    "multiply": "__mul__",
    "divide": "__truediv__",
    "floor_divide": "__floordiv__",
    "remainder": "__mod__",
    "power": "__pow__",
    "matmul": "__matmul__",
}


def _as(x: Tracer, result: Any) -> Any:
    """Check that a result fits into x, and give it the dtype of x."""
    if shape_of(result) != x.shape:
        raise ShapeError(
            f"an in-place operator{user_line()} gives shape {shape_of(result)}, which does not fit "
            f"into the array of shape {x.shape}; write x = x + y"
        )
    return result if result.dtype == x.dtype else result.astype(x.dtype)


# What the array is called on the way from NumPy to `_rebinds`, more than in `_Probe`.
_OUR_NAMES = 3

# -- out= and operators in place on plain arrays ------------------------------------


def into(out: Any, result: Any, how: str) -> Any:
    """Deliver the result of a ufunc that was told where to put it."""
    if out.__class__ is Tracer:
        check_memory(out)
        point_to(out, _as(out, result))
        return out
    if _rebinds(out):
        if shape_of(result) != out.shape:
            raise ShapeError(
                f"an in-place operator{user_line()} gives shape {shape_of(result)}, which does not "
                f"fit into the array of shape {out.shape}"
            )
        return result if result.dtype == out.dtype else result.astype(out.dtype)
    raise TracingError(
        f"{how} writes a traced value into a plain NumPy array{user_line()}, where its derivative "
        "would be lost. Make a new array instead: a = a + x, np.where(mask, x, a), or collect a "
        "list and np.stack it; or begin with np.zeros_like(x), which can be assigned into."
    )


def _rebinds(array: np.ndarray) -> bool:
    """Say whether this is ``a += x`` on a plain array that has no other name.

    There the result takes the place of the array under its one name, so nothing
    is lost. Another name, or an array that it is a view of, would keep the old
    entries.
    """
    frame = user_frame()
    if frame is None or array.base is not None or array.dtype.kind not in "fc":
        return False
    operation = frame.f_code.co_code[frame.f_lasti : frame.f_lasti + 2]
    if operation not in _in_place_operations():
        return False
    # The watcher of local names (see frontends) keeps a copy of them all.
    watched = getattr(frame.f_trace, "__module__", "").startswith(__name__.split(".")[0])
    return sys.getrefcount(array) <= _names_of_one() + _OUR_NAMES + watched


@functools.cache
def _in_place_operations() -> frozenset[bytes]:
    """The instructions (operation, argument) that Python compiles ``a += b`` to."""
    import dis

    operations = set()
    for symbol in ("+=", "-=", "*=", "/=", "//=", "%=", "**=", "@="):
        code = compile(f"def f(a, b):\n a {symbol} b", "", "exec").co_consts[0]
        for line in dis.get_instructions(code):
            if line.opname == "BINARY_OP":
                operations.add(code.co_code[line.offset : line.offset + 2])
    return frozenset(operations)


class _Probe:
    """Counts the references to an array in the middle of ``a += probe``."""

    counted = 0

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        (out,) = kwargs["out"]
        self.counted = sys.getrefcount(out)
        return out


@functools.cache
def _names_of_one() -> int:
    """References to an array that has one name, seen from inside ``a += x``."""
    probe = _Probe()
    array = np.zeros(1)
    array += probe
    return probe.counted
