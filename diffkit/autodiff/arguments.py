"""What a derivative is taken by: positions, names, and the arguments themselves."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..core.nest import LEAVES, as_primal, is_nest, leaves, map_leaves
from ..core.tracing import Tape, Tracer, shape_of
from ..errors import ArgumentError, NotDifferentiable, ShapeError

Argnums = int | Sequence[int]
Names = str | Sequence[str] | None


def is_int(argnums: Any) -> bool:
    """Say whether this is one position rather than several."""
    return isinstance(argnums, (int, np.integer))


def positions(f: Callable, argnums: Argnums | None, wrt: Names) -> tuple[int, ...]:
    """Return positions, from positions (the first by default) or from parameter names."""
    argnums = 0 if argnums is None else argnums
    if wrt is not None:
        known = list(inspect.signature(f).parameters)
        names = (wrt,) if isinstance(wrt, str) else tuple(wrt)
        missing = [name for name in names if name not in known]
        if missing:
            raise ArgumentError(f"{missing[0]!r} is not a parameter; there are {', '.join(known)}")
        return tuple(known.index(name) for name in names)
    numbers = (argnums,) if is_int(argnums) else tuple(argnums)  # type: ignore[arg-type]
    if not all(map(is_int, numbers)):
        raise ArgumentError(f"argnums is an int or a sequence of ints, not {argnums!r}")
    return numbers  # type: ignore[return-value]


def wants_tuple(argnums: Argnums | None, wrt: Names) -> bool:
    """Say whether derivatives come as a tuple."""
    if wrt is not None:
        return not isinstance(wrt, str)
    return argnums is not None and not is_int(argnums)


def check_positions(numbers: Sequence[int], args: Sequence[Any]) -> None:
    """Refuse positions beyond the arguments that were given."""
    for n in numbers:
        if not -len(args) <= n < len(args):
            raise ArgumentError(
                f"argnums names argument {n}, but {len(args)} positional argument"
                f"{' was' if len(args) == 1 else 's were'} given; arguments to differentiate by "
                "are passed by position"
            )


def traced_arguments(
    f: Callable, tape: Tape, numbers: Sequence[int], args: tuple
) -> tuple[list, list]:
    """Put the arguments at `numbers` on a tape; return all arguments and those primals.

    Their leaves take the first positions of the tape, in order. (The function may
    point its tracers elsewhere by assigning into them.)
    """
    traced, primals = list(args), []
    for n in numbers:
        try:
            value = args[n]
        except IndexError:
            check_positions(numbers, args)
        if value.__class__ is float:
            primal: Any = np.float64(value)
        elif value.__class__ is np.ndarray and value.dtype == np.float64:
            primal = value.copy()
        else:
            primal = primals_of(value, _Path(f, n))
        primals.append(primal)
        if primal.__class__ in LEAVES:
            traced[n] = tape.input(primal)
        else:
            traced[n] = map_leaves(tape.input, primal)
    return traced, primals


class _Path:
    """The name of an argument, looked up only when a message needs it."""

    def __init__(self, f: Callable, n: int) -> None:
        self.f, self.n = f, n

    def __str__(self) -> str:
        return names_of(self.f)(self.n)


def names_of(f: Callable) -> Callable[[int], str]:
    """Return the function position -> name of a parameter, for messages."""
    try:
        names = list(inspect.signature(f).parameters)
    except (TypeError, ValueError):
        names = []
    return lambda n: names[n] if -len(names) <= n < len(names) else f"argument {n}"


def primals_of(value: Any, path: Any) -> Any:
    """Return an argument as values to differentiate by."""
    if not is_nest(value):
        return as_primal(value, path)
    try:
        return map_leaves(as_primal, value)
    except NotDifferentiable:  # again, to name the leaf
        for inner, leaf in leaves(value):
            as_primal(leaf, f"{path}{inner}")
        raise


def as_tuple(values: Any) -> tuple:
    """Return a sequence as a tuple, anything else as a tuple of one."""
    return tuple(values) if isinstance(values, (tuple, list)) else (values,)


def matching(given: Any, like: Any, what: str, whose: str) -> list[Any]:
    """Return the leaves of `given`, which must fit those of `like`."""
    pairs, wanted = list(leaves(given)), list(leaves(like))
    if [path for path, _ in pairs] != [path for path, _ in wanted]:
        raise ShapeError(f"the {what} must have the structure of the {whose}")
    for (path, value), (_, target) in zip(pairs, wanted, strict=True):
        if np.shape(value) != shape_of(target):
            raise ShapeError(
                f"the {what}{path} has shape {np.shape(value)}, its {whose} {shape_of(target)}"
            )
    return [
        value if value.__class__ is Tracer else _cast_like(value, target)
        for (_, value), (_, target) in zip(pairs, wanted, strict=True)
    ]


def _cast_like(value: Any, target: Any) -> Any:
    dtype = np.result_type(target)
    return np.asarray(value).astype(dtype if dtype.kind in "fc" else float)[()]
