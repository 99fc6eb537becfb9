"""A primitive is one row of one table: all that is known about an operation."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from importlib import import_module
from typing import Any

import numpy as np

from ..errors import ShapeError
from .tracing import (
    ALL,
    Abstract,
    AbstractTuple,
    Row,
    Tape,
    Tracer,
    abstract,
    abstract_of,
    shape_of,
)

PRIMITIVES: dict[str, Primitive] = {}
REALS = (-math.inf, math.inf)


class Primitive:
    """One operation.

    Called with plain values it computes them with NumPy; called with tracers
    it is recorded. Rows are made by `diffkit.primitives.rules`.

    Attributes
    ----------
    name : str
        As printed and counted.
    numpy : callable
        (*values, **params) -> value.
    pull : callable or None
        (k, bar, out, values, params) -> cotangent of operand k, or None where
        it is zero. None for operations without a derivative.
    push : callable or None
        (dots, out, values, params) -> tangent of out; `dots` holds None for
        operands that do not move.
    sympy : str or callable or None
        Name in SymPy, or (sympy, *symbols) -> expression.
    form : str
        How a step prints, e.g. ``"{0} + {1}"``.
    domain : tuple of (low, high)
        Open interval of each operand where the operation is smooth and real.
    kinks : tuple of numbers, or callable, or str
        Where the derivative jumps: points of x, or a function of the operands
        that is zero there. A string says why there is no such list.
    source : str
        Where the derivative rule is written down.
    examples : tuple
        (shapes or arrays, params) that the table-wide tests try.
    elementwise : bool
        Each entry of the result depends on the same entry of the operands.
    shape : callable or None
        (*types, **params) -> shape of the result, where that is cheaper than
        evaluating; or its Abstract, where the dtype is not that of the operands;
        or an AbstractTuple for several results.
    several : bool
        The result is a tuple of arrays (see `diffkit.primitives.several.tuple_row`).
    view : callable or None
        (params) -> whether NumPy's result shares memory with the operand.
    reads : int
        What the derivative rules look at: `SHAPES` (and dtypes) only, `OPERANDS` too,
        or `ALL`, the result too. A tape lets go of large arrays that they do not.
    objects : callable or None
        Evaluation over object arrays (symbols, mpmath numbers) where NumPy's
        own does not do: (row of scalar functions, *values, **params).
    """

    def __init__(
        self,
        name: str,
        numpy: Callable,
        *,
        pull: Callable | None = None,
        push: Callable | None = None,
        sympy: str | Callable | None = None,
        form: str | Callable | None = None,
        domain: tuple = (),
        kinks: Any = (),
        source: str = "",
        examples: tuple = (),
        elementwise: bool = False,
        shape: Callable | None = None,
        objects: Callable | None = None,
    ) -> None:
        self.name = name
        self.numpy = numpy
        self.pull = pull
        self.push = push
        self.sympy = sympy
        self.form = form
        self.domain = domain
        self.kinks = kinks
        self.source = source
        self.examples = examples
        self.elementwise = elementwise
        self.shape = shape
        self.objects = objects
        self.several = False
        self.reads = ALL
        self.view: Callable | None = None
        self.partials: tuple = ()
        self.bare: Row = (self, {})  # shared by all records without params
        self._dtype = lru_cache(maxsize=512)(self._dtype)  # type: ignore[method-assign]

    def __call__(self, *operands: Any, **params: Any) -> Any:
        """Compute with NumPy, or record on the youngest tape among the operands."""
        for operand in operands:
            if operand.__class__ is Tracer:
                return _youngest(operand.tape, operands).record(self, operands, params)
        return self.numpy(*operands, **params)

    def abstract(self, *values: Any, **params: Any) -> Any:
        """Return shape and dtype of the result without computing it."""
        if self.elementwise:
            shapes = [shape_of(v) for v in values]
            shape = () if not any(shapes) else self._broadcast(shapes)
            return abstract(shape, self._dtype(*map(_dtype_key, values)))
        if self.shape is not None:
            found = self.shape(*map(abstract_of, values), **params)
            if isinstance(found, (Abstract, AbstractTuple)):
                return found
            return abstract(found, self._dtype(*map(_dtype_key, values)))
        with np.errstate(all="ignore"):
            return abstract_of(self.numpy(*map(_ones_like, values), **params))

    def _broadcast(self, shapes: list) -> tuple:
        try:
            return np.broadcast_shapes(*shapes)
        except ValueError:
            told = " and ".join(map(str, shapes))
            raise ShapeError(f"{self.name} of shapes {told}: they do not match") from None

    def _dtype(self, *keys: Any) -> Any:
        """Result dtype for operand dtypes (a Python type stands for a weak scalar)."""
        ones = [key(1) if isinstance(key, type) else np.ones((), key) for key in keys]
        if not self.elementwise:
            return np.result_type(*ones)
        with np.errstate(all="ignore"):
            return np.asarray(self.numpy(*ones)).dtype

    def __repr__(self) -> str:
        return f"<primitive {self.name}>"

    def __reduce__(self) -> tuple:
        return lookup, (self.name,)


def _youngest(tape: Tape, operands: tuple) -> Tape:
    """Return the tape made last, of one and those that the operands are on."""
    for operand in operands:
        if operand.__class__ is Tracer and operand.tape.birth > tape.birth:
            tape = operand.tape
    return tape


def lookup(name: str) -> Primitive:
    """Return the row of this name (how pickled Programs find their rows)."""
    if name not in PRIMITIVES:
        import_module("diffkit.primitives.families")
    return PRIMITIVES[name]


def _dtype_key(value: Any) -> Any:
    if value.__class__ in (int, float, complex, bool):
        return value.__class__
    return abstract_of(value).dtype


def _ones_like(value: Any) -> Any:
    """A stand-in for an unknown value that costs no memory."""
    if value.__class__ is AbstractTuple:
        return tuple(map(_ones_like, value))
    if value.__class__ is Abstract:
        return np.broadcast_to(np.ones((), value.dtype), value.shape)
    return value
