"""The steps of a Program on other engines: XLA by way of JAX, and arrays like Dask's."""

from __future__ import annotations

import functools
from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np

from ..core.program import Program
from ..core.tracing import Tracer
from ..errors import BackendMissing, MissingRule
from ..primitives.shaping import is_basic
from .pure_code import pure_routine
from .text import Source


def is_foreign(value: Any) -> bool:
    """Say whether this is an array of another library that speaks NumPy's protocols."""
    kind = type(value)
    speaks = hasattr(kind, "__array_function__")
    return speaks and not issubclass(kind, np.ndarray) and kind is not Tracer


def by_protocol(program: Program) -> Callable:
    """Return the program as a function of arrays that speak NumPy's protocols."""
    objects = {"set_at": _set_at, "add_at": _add_at}
    return _checked(program, _pure(program, "numpy", objects))


def by_jax(program: Program) -> Callable:
    """Return the program compiled by XLA; results are JAX arrays.

    Raises
    ------
    BackendMissing
        If JAX is not installed.
    MissingRule
        If a row has no form in JAX.
    """
    try:
        jax, jnp = import_module("jax"), import_module("jax.numpy")
    except ImportError:
        raise BackendMissing(
            "backend='jax' needs JAX: pip install jax, or leave backend= out"
        ) from None
    objects = {
        "np": jnp,
        "set_at": lambda x, index, value: jnp.asarray(x).at[index].set(value),
        "add_at": lambda x, index, value: jnp.asarray(x).at[index].add(value),
    }
    compiled = jax.jit(_pure(program, "jax", objects))
    home = jax if hasattr(jax, "enable_x64") else import_module("jax.experimental")
    wide = any(kind.dtype.itemsize == 8 for kind in program.types.values())

    @functools.wraps(compiled)
    def call(*args: Any) -> Any:
        if not wide:
            return compiled(*args)
        with home.enable_x64(True):  # as NumPy computes, whatever the setting outside
            return compiled(*args)

    return _checked(program, call)


def written_purely(program: Program, library: str) -> str:
    """Return the text."""
    return _source(program, library, {}).text


def _pure(program: Program, library: str, objects: dict[str, Any]) -> Callable:
    return _source(program, library, objects).namespace()["replay"]


def _source(program: Program, library: str, objects: dict[str, Any]) -> Source:
    routine, results = pure_routine(program, "replay", library)
    routine.returns = f"({', '.join(results)},)"
    routine.objects.update(objects)
    return routine.source()


def _checked(program: Program, function: Callable) -> Callable:
    """Take the guards' operands from the results, and check them."""
    guards = [step for step in program.steps if step.primitive.name == "guard"]
    count = len(program.outputs)

    def call(*args: Any) -> Any:
        found = function(*args)
        for step, value in zip(guards, found[count:], strict=True):
            step.primitive.numpy(np.asarray(value), **step.params)
        return found[0] if count == 1 else tuple(found[:count])

    return call


def _set_at(x: Any, index: Any, value: Any) -> Any:
    out = x.copy() if hasattr(x, "copy") else np.array(x)
    out[index] = value
    return out


def _add_at(x: Any, index: Any, value: Any) -> Any:
    if is_basic(index):
        return _set_at(x, index, x[index] + value)
    if not isinstance(x, np.ndarray):
        raise MissingRule(
            f"the gradient of an array indexed by an array has no form for {type(x).__name__}; "
            "index by slices, or compute with NumPy arrays"
        )
    out = x.copy()
    np.add.at(out, index, value)
    return out
