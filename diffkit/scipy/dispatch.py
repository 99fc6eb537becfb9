"""How a twin chooses: SciPy for plain arrays, the traceable definition for traced values."""

from __future__ import annotations

import functools
from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np

from ..core.tracing import Tracer
from ..primitives.functions import as_array

TWINS: dict[str, set[str]] = {}  # SciPy's module -> names of its functions that have a twin


def is_traced(x: Any) -> bool:
    """Say whether a value is traced, or a list or array that holds traced values."""
    if x.__class__ is Tracer:
        return True
    if isinstance(x, np.ndarray):
        return x.dtype == object and any(map(is_traced, x.flat))
    return isinstance(x, (list, tuple)) and any(map(is_traced, x))


def any_traced(args: tuple, kwargs: dict) -> bool:
    """Say whether any argument is traced."""
    return any(map(is_traced, args)) or any(map(is_traced, kwargs.values()))


def array(x: Any) -> Any:
    """Return a traced value, or an array, of floats if it held whole numbers."""
    x = as_array(x)
    if x.__class__ is not Tracer:
        x = np.asarray(x)
        x = x.astype(np.float64) if x.dtype.kind in "iub" else x
    return x


def scipys(module: str, name: str) -> Any:
    """Return what SciPy calls by this name."""
    return getattr(import_module(f"scipy.{module}"), name)


def twin(module: str) -> Callable:
    """Make a definition answer for traced arguments, and SciPy's function for all others."""

    def decorate(definition: Callable) -> Callable:
        name = definition.__name__
        TWINS.setdefault(module, set()).add(name)

        @functools.wraps(definition)
        def choose(*args: Any, **kwargs: Any) -> Any:
            if any_traced(args, kwargs):
                return definition(*args, **kwargs)
            return scipys(module, name)(*args, **kwargs)

        return choose

    return decorate


def rest_of(module: str) -> Callable:
    """Make a module's __getattr__: what has no twin is SciPy's."""

    def look_up(name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(f"module 'diffkit.scipy.{module}' has no attribute {name!r}")
        return scipys(module, name)

    return look_up
