"""What of a call is an argument of its recording, and what is part of it."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from ..core.nest import is_record, leaves
from ..errors import ArgumentError

Traces = Callable[[Any], bool]
_WIDE = (np.dtype(np.float64), np.dtype(np.complex128))


def is_traced_kind(leaf: Any) -> bool:
    """Floats and arrays are arguments of a recording; all else is part of it."""
    return leaf.__class__ in (float, complex) or is_strong(leaf)


def is_strong(leaf: Any) -> bool:
    """Of these the dtype counts, while a Python float takes on that of its neighbours."""
    if isinstance(leaf, np.ndarray):
        return leaf.dtype.kind in "fciub"
    return isinstance(leaf, (np.floating, np.complexfloating))


def is_narrow(leaf: Any) -> bool:
    """Say whether a Python float next to this would not be a float64."""
    dtype = getattr(leaf, "dtype", None)
    return dtype is not None and dtype.kind in "fc" and dtype not in _WIDE


def key_of(nest: Any, traces: Traces) -> Any:
    """Return what recordings differ by: structure, shapes, dtypes, and values of the rest."""
    kind = nest.__class__
    if kind is np.ndarray:
        return nest.dtype, nest.shape
    if isinstance(nest, dict):
        return kind, tuple([(name, key_of(part, traces)) for name, part in nest.items()])
    if isinstance(nest, (list, tuple)):
        return kind, tuple([key_of(part, traces) for part in nest])
    if is_record(nest):
        return kind, tuple([key_of(leaf, traces) for _, leaf in leaves(nest)])
    if isinstance(nest, np.ndarray) and not isinstance(nest, np.memmap):
        raise ArgumentError(
            f"a {kind.__name__} computes by rules of its own, which a replay does not know; "
            "pass np.asarray of it, or call the function without dk.compile"
        )
    if kind is float and not traces(nest):
        return kind, nest.hex()  # 0.0 and -0.0 are equal, but not the same argument
    if traces(nest):
        return kind, np.asarray(nest).dtype, np.shape(nest)
    try:
        hash(nest)
    except TypeError:
        return kind, _Held(nest)
    return kind, nest


class _Held:
    """An object that is told apart by identity, kept alive so that no other gets its id."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Held) and self.value is other.value

    def __hash__(self) -> int:
        return id(self.value)


def entries_of(leaf: Any) -> Any:
    """Return an array as it is, a number as NumPy has it; both in the machine's own format."""
    array = np.asarray(leaf)
    native = _native(array.dtype)
    if array.dtype is not native:
        array = array.astype(native)
    return array if array.shape else array[()]


@lru_cache(maxsize=64)
def _native(dtype: np.dtype) -> np.dtype:
    return np.dtype(dtype.name)
