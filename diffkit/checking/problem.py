"""What is checked: a function and its gradient over one nest, seen as flat vectors with names."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..core.nest import as_primal, leaves, rebuild
from ..core.tracing import Tracer
from ..errors import ArgumentError, NonScalarOutput, NotDifferentiable
from ..progress import Progress

_REAL = "fiub"


@dataclass(frozen=True)
class Block:
    """One leaf of the nest: its name, its shape, and where it lies in the flat vector."""

    name: str
    shape: tuple[int, ...]
    dtype: np.dtype
    start: int

    @property
    def size(self) -> int:
        """The number of entries."""
        return int(np.prod(self.shape, dtype=int))

    @property
    def slice(self) -> slice:
        """The entries in the flat vector."""
        return slice(self.start, self.start + self.size)

    def entry(self, offset: int) -> str:
        """Return the name of an entry, such as ``params['W'][3, 7]``."""
        if not self.shape:
            return self.name
        return f"{self.name}[{', '.join(map(str, np.unravel_index(offset, self.shape)))}]"


class Names:
    """The names of the entries of a flat vector, made when they are asked for."""

    def __init__(self, blocks: tuple[Block, ...]) -> None:
        self.blocks = blocks
        self._starts = [block.start for block in blocks]

    def block(self, index: int) -> Block:
        """Return the leaf that an entry belongs to."""
        return self.blocks[int(np.searchsorted(self._starts, index, side="right")) - 1]

    def __getitem__(self, index: int) -> str:
        block = self.block(index)
        return block.entry(int(index) - block.start)


class Problem:
    """A scalar function of one nest of arrays.

    Parameters
    ----------
    f : callable, nest -> number
    x : number, array, or lists, tuples and dicts of them
    name : str, optional
        What x is called; by default as f calls it.

    Attributes
    ----------
    x : array, shape (n,): all leaves, one after the other
    base : NumPy scalar, f(x), in the type that f returned
    blocks : tuple of Block
    names : Names
    evaluations : int
        Calls of f.
    moved : bool
        Whether any value of f away from x differed from the one at x.
    raised : (Exception, flat point) or None
        The first exception of f away from x. The value there counts as nan.
    """

    def __init__(self, f: Callable, x: Any, name: str | None = None) -> None:
        if not callable(f):
            raise ArgumentError(f"f must be a function, not {f!r:.60}")
        self.f, self.nest = f, x
        self.name = parameter_name(f) if name is None else name
        self.blocks, values = _blocks(x, self.name)
        self.names = Names(self.blocks)
        self.dtype = np.result_type(*[block.dtype for block in self.blocks])
        self.x = np.concatenate([np.ravel(value) for value in values]).astype(self.dtype)
        self.evaluations, self.moved = 0, False
        self.raised: tuple[Exception, np.ndarray] | None = None
        self.heard: Progress | None = None
        self.base = self._base()

    # -- between nests and vectors ---------------------------------------------

    def nest_of(self, flat: np.ndarray) -> Any:
        """Return a new nest like x with the entries of a flat vector."""
        return rebuild(self.nest, self._leaves_of(flat))

    def _leaves_of(self, flat: np.ndarray) -> Iterator[Any]:
        for block in self.blocks:
            yield np.array(flat[block.slice], block.dtype).reshape(block.shape)[()]

    def unflatten(self, flat: np.ndarray) -> Any:
        """Return entries of any kind in the structure of x, not rounded to its types."""
        parts = (flat[block.slice].reshape(block.shape).copy()[()] for block in self.blocks)
        return rebuild(self.nest, parts)

    def changed(self, nest: Any) -> tuple[str, ...]:
        """Return the names of the leaves of a nest that are no longer those of x."""
        after = [np.asarray(leaf) for _, leaf in leaves(nest)]
        if len(after) != len(self.blocks):
            return tuple(block.name for block in self.blocks)
        return tuple(
            block.name
            for block, leaf in zip(self.blocks, after, strict=True)
            if leaf.dtype.kind != "f"
            or not np.array_equal(leaf.ravel(), self.x[block.slice], equal_nan=True)
        )

    # -- calls of f ------------------------------------------------------------

    def _base(self) -> Any:
        try:
            return as_number(self.call(self.nest_of(self.x)))
        except Exception as error:
            if type(error).__module__.split(".")[0] != __name__.split(".")[0]:
                error.add_note(f"raised by f at the point to check, {brief(self.nest)}")
            raise

    def call(self, nest: Any) -> Any:
        """Call f, and count."""
        self.evaluations += 1
        if self.heard is not None:
            self.heard.update(self.evaluations, "calls of f")
        with np.errstate(all="ignore"):
            return self.f(nest)

    def watched(self, goal: int, shown: bool) -> Progress:
        """Return the line of progress that hears of every call from now on."""
        self.heard = Progress("checking the gradient", goal, shown)
        return self.heard

    def at(self, flat: np.ndarray) -> Any:
        """Return f at a flat vector; nan where it raises or gives no real number."""
        try:
            value = as_number(self.call(self.nest_of(flat)))
        except Exception as error:
            self.raised = self.raised or (error, np.array(flat))
            return np.float64(np.nan)
        self.moved = self.moved or bool(value != self.base)
        return value

    def known_at(self, flat: np.ndarray) -> Any:
        """Return f at a flat vector, without calling f again for x itself."""
        return self.base if np.array_equal(flat, self.x) else self.at(flat)

    def along_entry(self, i: int) -> tuple[Callable, Any]:
        """Return f as a function of entry i alone, and its value, in its own type."""
        origin = self.names.block(i).dtype.type(self.x[i])

        def line(t: Any) -> Any:
            if t == origin:
                return self.base
            moved = self.x.copy()
            moved[i] = t
            return self.at(moved)

        return line, origin


def _blocks(x: Any, name: str) -> tuple[tuple[Block, ...], list[np.ndarray]]:
    blocks, values, start = [], [], 0
    for path, leaf in leaves(x, name):
        if isinstance(leaf, Tracer):
            raise NotDifferentiable(f"{path} is being traced; gradcheck needs plain numbers")
        value = np.asarray(as_primal(leaf, path))
        if value.dtype.kind != "f":
            raise NotDifferentiable(f"{path} is of type {value.dtype}; give real numbers")
        if value.dtype.itemsize > 8:
            value = value.astype(np.float64)
        blocks.append(Block(path, value.shape, value.dtype, start))
        values.append(value)
        start += value.size
    if not start:
        raise ArgumentError(f"{name} is empty, so there is nothing to differentiate by")
    return tuple(blocks), values


def as_number(result: Any) -> Any:
    """Return a result of f as a NumPy scalar, or say why it has no gradient."""
    try:
        array = np.asarray(result)
    except ValueError:
        raise NonScalarOutput("f returned a ragged list; a gradient needs one number") from None
    if array.dtype.kind not in _REAL:
        kind = "None: is a return missing?" if result is None else f"{result!r:.60}"
        raise NotDifferentiable(f"f returned {kind} ({array.dtype}); it must return a real number")
    if array.size != 1:
        raise NonScalarOutput(
            f"f returned an array of shape {array.shape}; a gradient needs one number. "
            "Check a sum of it with weights, as in lambda x: w @ f(x)"
        )
    return array.reshape(())[()]


def parameter_name(f: Callable) -> str:
    """Return the name of the first parameter of f, "x" if it cannot be found."""
    try:
        parameters = list(inspect.signature(f).parameters.values())
    except (TypeError, ValueError):
        return "x"
    named = [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    return named[0] if named else "x"


def brief(nest: Any, width: int = 70) -> str:
    """Print a nest on one line, cut off where it is long."""
    with np.printoptions(threshold=6, precision=6):
        text = " ".join(repr(nest).split())
    return text if len(text) <= width else text[: width - 4] + " ..."
