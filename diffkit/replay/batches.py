"""`Program.batch`: a compiled Program over millions of points, a block of them at a time."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from ..core.program import Program
from ..errors import ArgumentError, ShapeError
from .batching import batched
from .programs import compile_program
from .reading import types_of

# Points of a block, and entries of its largest array: calls are few, and arrays stay in cache.
MOST_POINTS, MOST_ENTRIES = 8192, 65536


class Batch:
    """A Program as a function of many points.

    Attributes
    ----------
    program : Program
        Over one point.
    varying : tuple of str
        Inputs that have one entry a point, along their first axis.
    """

    def __init__(self, program: Program, varying: tuple[str, ...]) -> None:
        self.program = program
        self.varying = varying
        largest = max([step.type.size for step in program.steps], default=1)
        self.block = max(1, min(MOST_POINTS, MOST_ENTRIES // max(1, largest)))
        self._compiled: Callable[[int], Callable] = lru_cache(maxsize=8)(self._compile)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Evaluate at all points.

        Parameters
        ----------
        *args, **kwargs : arrays
            As for the Program; those that vary with one more axis, the first.

        Returns
        -------
        array, or tuple of arrays; their first axis counts the points

        Raises
        ------
        ShapeError
            If the arrays do not have the Program's shapes, or not one number of points.
        BranchChanged
            If a point takes another branch than the recorded one.
        """
        values = self._bound(self.program._by_name(args, kwargs))
        n = self._count(values)
        results = self._empty(n)
        self._fill([np.moveaxis(result, 0, -1) for result in results], values, n)
        return results[0] if len(results) == 1 else tuple(results)

    def _fill(self, results: list[np.ndarray], values: dict[str, Any], n: int) -> None:
        """Compute block by block; the points are the last axis of results, too."""
        varies = [name in self.varying for name in self.program.inputs]
        inputs = [
            np.moveaxis(value, 0, -1) if moves else value
            for value, moves in zip(values.values(), varies, strict=True)
        ]
        for start in range(0, n, self.block):
            part = slice(start, min(n, start + self.block))
            taken = [
                np.ascontiguousarray(value[..., part]) if moves else value
                for value, moves in zip(inputs, varies, strict=True)
            ]
            found = self._compiled(part.stop - start)(*taken)
            found = found if isinstance(found, tuple) else (found,)
            for result, block in zip(results, found, strict=True):
                result[..., part] = block

    def __repr__(self) -> str:
        return f"<{', '.join(self.varying)} in batches: {self.program._headline()}>"

    def __reduce__(self) -> tuple:
        return Batch, (self.program, self.varying)

    def _compile(self, n: int) -> Callable:
        return compile_program(batched(self.program, self.varying, n))

    def _empty(self, n: int) -> list[np.ndarray]:
        types = types_of(self.program)
        kinds = [types[name] for name in self.program.outputs]
        return [np.empty((n, *kind.shape), kind.dtype) for kind in kinds]

    # -- arguments ------------------------------------------------------------------------

    def _bound(self, given: dict[str, Any]) -> dict[str, Any]:
        """Check names, shapes and dtypes."""
        missing = [name for name in self.program.inputs if name not in given]
        extra = [name for name in given if name not in self.program.types]
        if missing or extra:
            raise ArgumentError(
                f"{'missing ' if missing else 'superfluous '}{', '.join(missing or extra)}: "
                f"the inputs are {', '.join(self.program.inputs)}"
            )
        return {name: self._value(name, given[name]) for name in self.program.inputs}

    def _value(self, name: str, value: Any) -> Any:
        kind = self.program.types[name]
        array = np.asarray(value)
        if array.dtype.kind not in "fciub":
            raise ArgumentError(f"{name} is a {type(value).__name__}; give an array of numbers")
        shape = array.shape[1:] if name in self.varying else array.shape
        if shape != kind.shape or (name in self.varying and not array.ndim):
            axes = ("n", *kind.shape) if name in self.varying else kind.shape
            told = f"({', '.join(map(str, axes))})"
            raise ShapeError(f"{name} has shape {array.shape}; this batch needs {told}")
        if array.dtype.kind != kind.dtype.kind and array.dtype.kind not in "iub":
            raise ArgumentError(f"{name} is {array.dtype}; this batch needs {kind.dtype}")
        array = array.astype(kind.dtype, copy=False)
        return array if array.ndim else array[()]

    def _count(self, values: dict[str, Any]) -> int:
        counts = {name: len(values[name]) for name in self.varying}
        if len(set(counts.values())) > 1:
            told = ", ".join(f"{name} {n}" for name, n in counts.items())
            raise ShapeError(f"the inputs have different numbers of points: {told}")
        return next(iter(counts.values()))


def batch_program(program: Program, *varying: str) -> Batch:
    """Return a Program as a function of many points at once (`Program.batch`).

    Parameters
    ----------
    program : Program
    *varying : str
        Inputs that have an entry for each point, along their first axis; all by default.

    Returns
    -------
    Batch
        Called like the Program; results have the points along their first axis.

    Raises
    ------
    ArgumentError
        If a name is not an input, or there are no inputs.

    Examples
    --------
    >>> import numpy as np
    >>> import diffkit as dk
    >>> slope = dk.lower("w*x**2").adjoint("x").batch("x")
    >>> slope(3.0, np.array([0.0, 1.0, 2.0]))
    array([ 0.,  6., 12.])
    """
    unknown = [name for name in varying if name not in program.types]
    if unknown or not program.inputs:
        raise ArgumentError(
            f"{unknown[0]!r} is not an input; the inputs are {', '.join(program.inputs)}"
            if unknown
            else "there is nothing to vary: no inputs"
        )
    return Batch(program, varying or program.inputs)
