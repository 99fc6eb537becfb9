"""Selecting entries by conditions; what has no shape until values are known is refused."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from ..core.primitive import Primitive
from ..core.tracing import abstract, is_traced, shape_of
from ..errors import ShapeError, TracingError, user_line
from . import arithmetic, comparison, elementwise, ordering, shaping
from .arguments import as_one, as_sequence
from .functions import as_array, concatenate, one_axis, ravel, speaks
from .protocol import settled
from .rules import Masked, add_row, match, plain
from .taking import as_positions, in_range, in_whole_numbers


@speaks(np.compress)
def compress(condition: Any, a: Any, axis: int | None = None) -> Any:
    """Keep entries along an axis where the condition holds."""
    a, condition = as_one(a), as_one(condition)
    if axis is None:
        a, axis = ravel(a), 0
    axis = one_axis(axis, a.ndim)
    if condition.ndim != 1:
        raise ShapeError(f"the condition of np.compress{user_line()} has one dimension")
    if is_traced(condition):
        return _masked(a, axis, condition)
    return shaping.getitem(a, index=(slice(None),) * axis + (np.flatnonzero(condition),))


def _masked(a: Any, axis: int, condition: Any) -> Any:
    """Keep what a traced condition says, as x[condition] does."""
    mask = condition if condition.dtype == bool else comparison.not_equal(condition, 0)
    if not is_traced(a):
        raise TracingError(
            f"a traced condition selects among plain values{user_line()}: how many there are "
            "depends on values; write np.where(condition, a, 0)"
        )
    return a[(slice(None),) * axis + (mask,)]


@speaks(np.extract)
def extract(condition: Any, arr: Any) -> Any:
    """Keep entries of the flattened array where the condition holds."""
    return compress(ravel(as_one(condition)), ravel(as_one(arr)))


@speaks(np.select)
def select(condlist: Any, choicelist: Any, default: Any = 0) -> Any:
    """Take from the first choice whose condition holds."""
    if len(condlist) != len(choicelist) or not len(condlist):
        raise ShapeError(f"np.select{user_line()} needs as many choices as conditions, at least 1")
    conditions = [as_one(c) for c in condlist]
    wrong = [c for c in conditions if c.dtype != bool]
    if wrong:
        raise TracingError(
            f"np.select{user_line()} has a condition of {wrong[0].dtype}; write a comparison"
        )
    result = as_array(default)
    for condition, choice in zip(conditions[::-1], list(choicelist)[::-1], strict=True):
        result = arithmetic.where(condition, as_array(choice), result)
    return result


def _choose_pull(k: int, bar: Any, out: Any, values: tuple, params: dict) -> Any:
    """Each choice receives the cotangent where it was taken, and is known to be 0 elsewhere."""
    if k == 0:
        return None
    taken = comparison.equal(values[0], k - 1)
    if shape_of(taken) != shape_of(out):
        taken = shaping.broadcast_to(taken, shape=shape_of(out))
    return Masked.matched(arithmetic.where(taken, plain(bar, out), 0.0), taken, values[k])


def _choose_push(dots: list, out: Any, values: tuple, params: dict) -> Any:
    return match(_choose(values[0], *[0.0 if dot is None else dot for dot in dots[1:]]), out)


_choose = add_row(
    Primitive(
        "choose",
        lambda which, *choices: np.choose(in_whole_numbers(which), choices),
        pull=_choose_pull,
        push=_choose_push,
        shape=lambda which, *choices: abstract(
            np.broadcast_shapes(which.shape, *[c.shape for c in choices]),
            np.result_type(*[c.dtype for c in choices]),
        ),
        source="each choice keeps its own derivative",
        examples=(
            ((np.array([0, 1, 0]), (3,), (3,)), {}),
            ((np.array([[1], [0]]), (3,), ()), {}),
        ),
    )
)


@speaks(np.choose)
def choose(a: Any, choices: Any, *, mode: str = "raise") -> Any:
    """Take each entry from the choice with the given number."""
    parts, a = _of_one_dtype(as_sequence(choices)), as_one(a)
    a = arithmetic.where(a, 1, 0) if a.dtype == bool else a
    which = in_range(as_positions(a, "the number of a choice"), len(parts), mode)
    return _choose(which, *parts)


def _of_one_dtype(parts: Any) -> list:
    """Return arrays; Python's numbers take the dtype of the others, as NumPy has it."""
    parts = [part if type(part) in (int, float, complex) else as_one(part) for part in parts]
    dtype = np.result_type(*[getattr(part, "dtype", part) for part in parts])
    return [part if hasattr(part, "dtype") else np.asarray(part, dtype) for part in parts]


@speaks(np.bincount)
def bincount(x: Any, /, weights: Any = None, minlength: int = 0) -> Any:
    """Add up the weights that have the same number."""
    if is_traced(x) or weights is None:
        raise _uncertain("np.bincount", "pass plain whole numbers; weights may be traced")
    numbers, weights = as_positions(x, "the number for np.bincount"), as_one(weights)
    if weights.shape != numbers.shape or numbers.ndim != 1:
        raise ShapeError(f"np.bincount{user_line()} needs one weight for each number, in vectors")
    count = max(operator.index(minlength), int(numbers.max(initial=-1)) + 1)
    if weights.dtype != np.float64:
        weights = elementwise.astype(weights, dtype=np.dtype(float))
    return shaping.scatter(weights, shape=(count,), index=(np.array(numbers),))


def _positions_of(find: Callable) -> Callable:
    """Positions where something holds: plain whole numbers, and a branch on values."""

    def positions(a: Any) -> Any:
        a = as_one(a)
        truths = a if a.dtype == bool else comparison.not_equal(a, 0)
        return find(settled(truths, "positions") if is_traced(truths) else truths)

    positions.__name__ = find.__name__
    return speaks(find)(positions)


nonzero = _positions_of(np.nonzero)
flatnonzero = _positions_of(np.flatnonzero)
argwhere = _positions_of(np.argwhere)


@speaks(np.unique)
def unique(
    ar: Any, return_index: bool = False, return_inverse: bool = False, return_counts: bool = False,
    axis: Any = None, **options: Any,
) -> Any:  # fmt: skip
    """Different entries, sorted; which they are is a branch on values."""
    if return_index or return_inverse or return_counts or axis is not None:
        raise _uncertain("np.unique with more results, or an axis,", _UNIQUE)
    return _different(ordering.sort(ar, None), **options)


def _different(x: Any, *, equal_nan: bool = True, sorted: bool = True) -> Any:
    later, earlier = x[1:], x[:-1]
    new = comparison.not_equal(later, earlier)
    if equal_nan:
        number = comparison.equal(earlier, earlier)
        new = comparison.logical_and(new, number)
    return compress(concatenate([np.ones(min(x.size, 1), bool), new]), x, 0)


# -- what has no shape until the values are known ------------------------------------


def _uncertain(name: str, instead: str) -> TracingError:
    return TracingError(
        f"{name} of a traced value{user_line()}: how many entries it gives depends on values; "
        + instead
    )


_UNIQUE = "np.sort(x) keeps them all; for plain values call it outside the traced function"
_REFUSED = {
    "trim_zeros": "cut by positions that are plain numbers: x[1:-1]",
    **dict.fromkeys(
        ["unique_all", "unique_counts", "unique_inverse", "unique_values",
         "union1d", "intersect1d", "setdiff1d", "setxor1d"], _UNIQUE
    ),
}  # fmt: skip


def _refusing(name: str, instead: str) -> Callable:
    def refuse(*args: Any, **kwargs: Any) -> Any:
        raise _uncertain(f"np.{name}", instead)

    refuse.__name__ = name
    return refuse


for _name, _instead in _REFUSED.items():
    speaks(getattr(np, _name))(_refusing(_name, _instead))
