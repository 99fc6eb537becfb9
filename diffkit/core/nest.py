"""Nests of lists, tuples, dicts and dataclasses: taken apart into leaves and put together again."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from ..errors import NotDifferentiable, ShapeError
from .tracing import Tracer, plain


def leaves(nest: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield (path, leaf) in order; a path reads like the indexing that leads there.

    >>> list(leaves({"W": 1.0, "b": [2.0, 3.0]}, "params"))
    [("params['W']", 1.0), ("params['b'][0]", 2.0), ("params['b'][1]", 3.0)]
    """
    if nest.__class__ in LEAVES:
        yield path, nest
    elif isinstance(nest, dict):
        for key, value in nest.items():
            yield from leaves(value, f"{path}[{key!r}]")
    elif isinstance(nest, (list, tuple)):
        for i, value in enumerate(nest):
            if value.__class__ in LEAVES:  # one generator less each
                yield f"{path}[{i}]", value
            else:
                yield from leaves(value, f"{path}[{i}]")
    elif is_record(nest):
        for field in dataclasses.fields(nest):
            yield from leaves(getattr(nest, field.name), f"{path}.{field.name}")
    else:
        yield path, nest


def paired(structure: Any, nest: Any) -> Iterator[tuple[Any, Any]]:
    """Yield each leaf of a structure with what stands in its place in a nest.

    >>> list(paired({"W": "w", "b": ["b"]}, {"W": [[1.0, 2.0]], "b": [3.0]}))
    [('w', [[1.0, 2.0]]), ('b', 3.0)]
    """
    inner = list(_children(structure))
    if not inner:
        yield structure, nest
        return
    for key, part in inner:
        try:
            other = dict(_children(nest))[key]
        except KeyError:
            raise ShapeError(f"the argument has no entry {key!r}") from None
        yield from paired(part, other)


def _children(nest: Any) -> Iterator[tuple[Any, Any]]:
    if isinstance(nest, dict):
        yield from nest.items()
    elif isinstance(nest, (list, tuple)):
        yield from enumerate(nest)
    elif is_record(nest):
        yield from ((f.name, getattr(nest, f.name)) for f in dataclasses.fields(nest))


def is_record(nest: Any) -> bool:
    """Say whether this is an instance of a dataclass."""
    return dataclasses.is_dataclass(nest) and not isinstance(nest, type)


LEAVES = frozenset({np.ndarray, np.float64, float, int, Tracer})  # known at a glance


def is_nest(value: Any) -> bool:
    """Say whether a value is taken apart into leaves."""
    if value.__class__ in LEAVES:
        return False
    return isinstance(value, (dict, list, tuple)) or is_record(value)


def map_leaves(function: Callable, nest: Any) -> Any:
    """Return a nest of the same shape with a function applied to each leaf, in order."""
    kind = nest.__class__
    if kind in LEAVES:
        return function(nest)
    if kind is list or kind is tuple:
        return kind(
            [function(v) if v.__class__ in LEAVES else map_leaves(function, v) for v in nest]
        )
    if isinstance(nest, dict):
        return {key: map_leaves(function, value) for key, value in nest.items()}
    if isinstance(nest, tuple) and hasattr(nest, "_fields"):
        return kind(*[map_leaves(function, value) for value in nest])
    if isinstance(nest, (list, tuple)):
        return kind([map_leaves(function, value) for value in nest])
    if is_record(nest):
        names = [field.name for field in dataclasses.fields(nest)]
        parts = {name: map_leaves(function, getattr(nest, name)) for name in names}
        return dataclasses.replace(nest, **parts)
    return function(nest)


def rebuild(nest: Any, values: Iterator) -> Any:
    """Return a nest of the same shape whose leaves come from `values`."""
    return map_leaves(lambda _: next(values), nest)


def is_number(leaf: Any) -> bool:
    """Say whether a leaf is a number, an array of numbers or a traced value."""
    if isinstance(leaf, (Tracer, float, int, complex, np.number, np.bool_)):
        return True
    return isinstance(leaf, np.ndarray) and leaf.dtype.kind in "fciub"


def as_primal(leaf: Any, path: Any = "") -> Any:
    """Return a leaf as a value to differentiate by: a copy, integers as float64."""
    if leaf.__class__ is Tracer:
        return leaf
    if leaf.__class__ is float:
        return np.float64(leaf)
    if leaf.__class__ is np.ndarray and leaf.dtype == np.float64:
        return leaf.copy()
    if not is_number(leaf):
        kind = (
            f"n array of {leaf.dtype}"
            if isinstance(leaf, np.ndarray)
            else f" {type(leaf).__name__}"
        )
        raise NotDifferentiable(
            f"{path} is a{kind}, which cannot be differentiated by; give a "
            "number, an array of numbers, or lists, tuples and dicts of them"
        )
    array = np.array(plain(leaf) if isinstance(leaf, np.ndarray) else leaf)
    if array.dtype.kind in "iub":
        array = array.astype(np.float64)
    return array if isinstance(leaf, np.ndarray) else array[()]
