"""The methods of ufuncs: np.add.reduce, np.multiply.accumulate, np.subtract.outer ..."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..core.tracing import shape_of
from .functions import as_array, definition_of, reshape

_REDUCTIONS = {
    np.add: np.sum,
    np.multiply: np.prod,
    np.maximum: np.max,
    np.minimum: np.min,
    np.logical_and: np.all,
    np.logical_or: np.any,
}
_RUNNING = {np.add: np.cumsum, np.multiply: np.cumprod}


def reduced(ufunc: Any, method: str) -> Callable | None:
    """Return the definition of a ufunc's method, None where there is none."""
    if method == "reduce" and ufunc in _REDUCTIONS:
        return _along_first(definition_of(_REDUCTIONS[ufunc]))
    if method == "accumulate" and ufunc in _RUNNING:
        return _along_first(definition_of(_RUNNING[ufunc]))
    if method == "outer" and ufunc.nin == 2 and definition_of(ufunc) is not None:
        return _outer(definition_of(ufunc))
    return None


def _along_first(definition: Any) -> Callable:
    """Methods of ufuncs work along the first axis unless told otherwise."""

    def along(array: Any, axis: Any = 0, **options: Any) -> Any:
        return definition(array, axis=axis, **options)

    return along


def _outer(definition: Any) -> Callable:
    """All pairs: an entry of a with an entry of b."""

    def outer(a: Any, b: Any) -> Any:
        a, b = as_array(a), as_array(b)
        return definition(reshape(a, shape_of(a) + (1,) * len(shape_of(b))), b)

    return outer
