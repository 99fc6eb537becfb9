"""What a value holds, kept so that a later change of it shows."""

from __future__ import annotations

from array import array
from collections import deque
from collections.abc import Callable, Iterator
from functools import partial
from operator import eq, is_
from types import MemberDescriptorType, ModuleType
from typing import Any

import numpy as np

PLAIN = (
    int,
    float,
    complex,
    str,
    bytes,
    bool,
    type(None),
    np.generic,
    np.dtype,
    np.ufunc,
    type,
    ModuleType,
)
_DEPTH = 3  # of nests that are looked into
_SEQUENCES = (list, tuple, deque)
_BYTES = (bytearray, array, memoryview)


class Snapshot:
    """A value and what it held: entries of arrays, parts of nests, attributes of objects.

    `holds` first asks whether anything was touched, by identity of parts and bytes of
    arrays. Only then it compares: an equal list in the place of a list is no change.
    """

    def __init__(self, value: Any) -> None:
        self._value = value
        self._was = _held(value, _DEPTH)
        self._untouched = list(_untouched(value, self._was, _DEPTH))

    def holds(self) -> bool:
        """Say whether the value still holds the same."""
        for same in self._untouched:
            if not same():
                return _same(_held(self._value, _DEPTH), self._was)
        return True


# -- by value ------------------------------------------------------------------------------


def _held(value: Any, depth: int) -> Any:
    """Return what a value holds now."""
    if isinstance(value, np.ndarray) and not value.dtype.hasobject:
        return value.shape, value.dtype, value.tobytes()
    if depth and isinstance(value, _SEQUENCES):
        return tuple([_held(part, depth - 1) for part in value])
    if depth and isinstance(value, dict):
        return tuple(value), tuple([_held(part, depth - 1) for part in value.values()])
    if isinstance(value, (*PLAIN, frozenset)):
        return value
    if isinstance(value, set):
        return frozenset(value)
    if isinstance(value, _BYTES):
        return bytes(value)
    if depth and _has_attributes(value):
        return _held(_attributes(value), depth)
    return (id(value),)


def _has_attributes(value: Any) -> bool:
    plain = isinstance(value, (np.ndarray, *PLAIN))
    return not plain and (hasattr(value, "__dict__") or hasattr(type(value), "__slots__"))


def _attributes(value: Any) -> dict[str, Any]:
    """Return what an object has: live where it keeps a dict, gathered from its slots else."""
    if not _slots(type(value)):
        return vars(value) if hasattr(value, "__dict__") else {}
    slots = {name: getattr(value, name) for name in _slots(type(value)) if hasattr(value, name)}
    return {**getattr(value, "__dict__", {}), **slots}


def _slots(kind: type) -> list[str]:
    members = [item for base in kind.__mro__ for item in vars(base).items()]
    return [name for name, member in members if isinstance(member, MemberDescriptorType)]


def _same(a: Any, b: Any) -> bool:
    if isinstance(a, tuple) and isinstance(b, tuple):
        return len(a) == len(b) and all(map(_same, a, b))
    return type(a) is type(b) and (a is b or bool(a == b) or (a != a and b != b))


# -- by identity and bytes -----------------------------------------------------------------


def _untouched(value: Any, was: Any, depth: int) -> Iterator[Callable[[], bool]]:
    """Yield questions that are all answered by True while nobody has touched the value."""
    if isinstance(value, np.ndarray) and not value.dtype.hasobject:
        yield partial(_same_form, value, *was[:2])
        yield _same_bytes(value, was[2])
    elif isinstance(value, set):
        yield partial(eq, value, was)
    elif depth and isinstance(value, dict):
        yield partial(_same_parts, value, tuple(value))
        yield from _parts_untouched(value.values(), was[1], depth)
    elif depth and isinstance(value, _SEQUENCES):
        yield from _parts_untouched(value, was, depth)
    elif isinstance(value, _BYTES):
        yield lambda: bytes(value) == was
    elif depth and _has_attributes(value):
        if _slots(type(value)):  # no dict of them to keep an eye on
            yield lambda: _same(_held(value, depth), was)
        else:
            yield from _untouched(_attributes(value), was, depth)


def _parts_untouched(parts: Any, was: tuple, depth: int) -> Iterator[Callable[[], bool]]:
    yield partial(_same_parts, parts, tuple(parts))
    for part, held in zip(parts, was, strict=True):
        yield from _untouched(part, held, depth - 1)


def _same_form(array: np.ndarray, shape: tuple, dtype: np.dtype) -> bool:
    return array.shape == shape and array.dtype is dtype


def _same_bytes(array: np.ndarray, was: bytes) -> Callable[[], bool]:
    """Compare without a copy, which bytes.startswith does, where entries lie in one piece."""
    if not array.flags.c_contiguous:
        return lambda: array.tobytes() == was
    return partial(was.startswith, array.reshape(-1).view(np.uint8).data)


def _same_parts(nest: Any, parts: tuple) -> bool:
    return len(nest) == len(parts) and all(map(is_, nest, parts))
