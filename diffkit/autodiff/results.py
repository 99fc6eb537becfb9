"""What a traced call gave: the check of its result, and gradients ready for the user."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..core.nest import is_nest, leaves, map_leaves
from ..core.sweeps import pullback
from ..core.tracing import Tape, Tracer, check_open, concrete, shape_of
from ..errors import ArgumentError, NonScalarOutput, NotDifferentiable, ZeroGradientWarning
from ..primitives.functions import gather
from ..primitives.rules import Masked
from .arguments import names_of

_ONE = np.float64(1)


def differentiable(result: Any) -> Any:
    """Check what a function returned; arrays of traced values become traced arrays."""

    def leaf(value: Any) -> Any:
        if isinstance(value, np.ndarray):
            value = gather(value)
        elif value.__class__ is Tracer:
            check_open(value)
        kind = getattr(value, "dtype", None)
        number = isinstance(value, (float, int, complex)) or kind is not None
        if not number or (kind is not None and kind.kind not in "fciub"):
            raise NotDifferentiable(
                f"the function returned {_told(value)}, which has no derivative; return a "
                "number, an array, or a list, tuple or dict of them"
            )
        return value

    return map_leaves(leaf, result)


def _told(value: Any) -> str:
    return "None (is a return missing?)" if value is None else f"a {type(value).__name__}"


def value_and_aux(result: Any) -> tuple:
    """Take (value, aux) apart."""
    if not isinstance(result, tuple) or len(result) != 2:
        raise ArgumentError("with has_aux=True the function must return (value, aux)")
    return result


def size_of(x: Any) -> int:
    """Return the number of entries."""
    return int(np.prod(shape_of(x), dtype=object))


def inside(value: Any, tape: Tape) -> Any:
    """Return what this tape's tracer holds; anything else as it is."""
    return value.value if value.__class__ is Tracer and value.tape is tape else value


def released(nest: Any, tape: Tape) -> Any:
    """Replace this tape's tracers by their values."""
    return map_leaves(lambda leaf: inside(leaf, tape), nest)


def scalar_pullback(tape: Tape, y: Any) -> tuple[Any, list[Any]]:
    """Check that y is one real number, and pull 1 back from it."""
    if y.__class__ is not Tracer or y.tape is not tape or y.value.__class__ is not np.float64:
        y = real_number(tape, y)
        if y.__class__ is not Tracer or y.tape is not tape:
            return y, [None] * len(tape.records)
    return y.value, quiet_pullback(tape, {y.index: seed_of(y)}, last=True)


def real_number(tape: Tape, y: Any) -> Any:
    """Check that what a function returned is one real number, on this tape or constant."""
    if y.__class__ is not Tracer:
        y = differentiable(y)
    if is_nest(y):
        raise NonScalarOutput(
            f"grad needs one number, but the function returned a {type(y).__name__}; return "
            "the loss alone, or (loss, aux) with has_aux=True"
        )
    if shape_of(y):
        raise NonScalarOutput(
            f"grad needs one number, but the result has shape {shape_of(y)}; sum it, or use "
            "dk.jacobian or dk.elementwise_grad"
        )
    if y.__class__ is not Tracer or y.tape is not tape:
        if y.__class__ is Tracer:
            check_open(y)
        return y
    kind = y.dtype.kind
    if kind == "c":
        raise NonScalarOutput("grad needs a real number, but the result is complex; take .real")
    if kind != "f":
        raise NotDifferentiable(f"the result is {y.dtype}, which has no derivative")
    return y


def seed_of(y: Tracer) -> Any:
    """Return the cotangent of a result: rules are quickest with like and like."""
    return _ONE if y.value.__class__ is np.float64 else 1


# Where a slope is infinite or undefined the gradient says so; NumPy need not warn as well.
quiet_pullback = np.errstate(all="ignore")(pullback)


def gradients_of(bars: list[Any], primals: list[Any]) -> list[Any]:
    """Collect the gradients, in the structure of the arguments, each with memory of its own."""
    arrived, own = iter(bars), owner()

    def gradient(leaf: Any) -> Any:
        bar = next(arrived)
        if bar.__class__ is leaf.__class__ is np.float64:
            return bar
        return own(completed(bar, leaf))

    return map_leaves(gradient, primals)


def warn_of_zeros(f: Callable, bars: list, numbers: Sequence[int], primals: list) -> None:
    """Name every argument that nothing arrived at."""
    arrived = iter(bars)
    for n, primal in zip(numbers, primals, strict=True):
        for path, _ in leaves(primal):
            if next(arrived) is None:
                warnings.warn(
                    f"the result does not depend on {names_of(f)(n)}{path} (or only through "
                    "steps whose derivative is zero, such as comparisons and floor): this "
                    "gradient is zero",
                    ZeroGradientWarning,
                    stacklevel=4,
                )


def completed(bar: Any, primal: Any) -> Any:
    """Return a derivative as a value of the primal's shape and dtype."""
    if bar.__class__ is Masked:
        bar = bar.bar
    if bar is None or bar.__class__ in (int, float):
        shape = shape_of(primal)
        kind = primal.dtype if getattr(primal, "dtype", np.dtype(int)).kind in "fc" else float
        filled = np.full(shape, bar or 0, kind)
        return filled if isinstance(concrete(primal), np.ndarray) else filled[()]
    if concrete(primal).__class__ is np.ndarray and bar.__class__ is not Tracer:
        return np.asarray(bar)
    return bar


def owner() -> Callable:
    """Return a function that gives arrays memory of their own, and lets them be written to."""
    seen: set[int] = set()

    def own(value: Any) -> Any:
        if value.__class__ is not np.ndarray:
            return value
        if value.base is not None or not value.flags.writeable or id(value) in seen:
            return value.copy()
        seen.add(id(value))
        return value

    return own
