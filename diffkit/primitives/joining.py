"""Taking arrays apart, and putting them together."""

from __future__ import annotations

import itertools
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from ..core.tracing import is_traced
from . import shaping
from .arguments import along, are_several, as_dtype_of, as_one, as_plain, as_sequence, misfit
from .functions import concatenate, moveaxis, one_axis, ravel, speaks

# -- splitting -----------------------------------------------------------------------


@speaks(np.array_split)
def array_split(ary: Any, indices_or_sections: Any, axis: int = 0) -> list:
    """Cut into pieces, of nearly equal length where a number of pieces is given."""
    ary, axis = as_one(ary), operator.index(axis)
    axis = one_axis(axis, ary.ndim)
    cuts = _cuts(as_plain(indices_or_sections, "where np.split cuts"), ary.shape[axis])
    return [along(ary, axis, slice(a, b)) for a, b in itertools.pairwise(cuts)]


def _cuts(where: Any, n: int) -> list[int]:
    """Where the pieces begin and end."""
    if are_several(where):
        return [0, *map(operator.index, where), n]
    count = operator.index(where)
    if count < 1:
        raise misfit("an array is split into one piece or more")
    longer = n % count
    return [i * (n // count) + min(i, longer) for i in range(count + 1)]


@speaks(np.split)
def split(ary: Any, indices_or_sections: Any, axis: int = 0) -> list:
    """Cut at the given places, or into pieces of equal length."""
    ary = as_one(ary)
    pieces = indices_or_sections
    if not is_traced(pieces) and not are_several(pieces):
        n = ary.shape[one_axis(axis, ary.ndim)]
        if operator.index(pieces) < 1 or n % pieces:
            raise misfit(
                f"{n} entries do not split into {pieces} equal pieces; np.array_split does"
            )
    return array_split(ary, pieces, axis)


def _splitter(name: str, least: int, axis_of: Callable[[int], int]) -> Callable:
    def splits(ary: Any, indices_or_sections: Any) -> list:
        ary = as_one(ary)
        if ary.ndim < least:
            raise misfit(f"np.{name} needs {least} or more dimensions, not {ary.ndim}")
        return split(ary, indices_or_sections, axis_of(ary.ndim))

    splits.__name__ = name
    return splits


hsplit = speaks(np.hsplit)(_splitter("hsplit", 1, lambda ndim: min(ndim - 1, 1)))
vsplit = speaks(np.vsplit)(_splitter("vsplit", 2, lambda ndim: 0))
dsplit = speaks(np.dsplit)(_splitter("dsplit", 3, lambda ndim: 2))


def unstack(x: Any, /, *, axis: int = 0) -> tuple:
    """Take apart what np.stack joined."""
    x = as_one(x)
    if not x.ndim:
        raise misfit("np.unstack needs an array of one or more dimensions")
    axis = one_axis(axis, x.ndim)
    return tuple([along(x, axis, i) for i in range(x.shape[axis])])


if hasattr(np, "unstack"):  # since NumPy 2.1
    speaks(np.unstack)(unstack)


# -- joining -------------------------------------------------------------------------


@speaks(np.atleast_3d)
def atleast_3d(*arys: Any) -> Any:
    """Give at least three axes: a vector becomes the middle one, a matrix the first two."""
    results = tuple([_atleast_3d(as_one(a)) for a in arys])
    return results[0] if len(results) == 1 else results


def _atleast_3d(a: Any) -> Any:
    shapes: list = [(1, 1, 1), (1, *a.shape, 1), (*a.shape, 1)]
    return shaping.reshape(a, shape=shapes[a.ndim]) if a.ndim < 3 else a


@speaks(np.dstack)
def dstack(tup: Any) -> Any:
    """Join along the third axis."""
    return concatenate([_atleast_3d(as_one(a)) for a in as_sequence(tup)], 2)


@speaks(np.block)
def block(arrays: Any) -> Any:
    """Join nested lists of blocks, the innermost along the last axis."""
    depth, ndim = _block_depth(arrays), 0

    def leaves(part: Any) -> Any:
        return [leaves(p) for p in part] if isinstance(part, list) else as_one(part)

    def largest(part: Any) -> int:
        return max(map(largest, part)) if isinstance(part, list) else part.ndim

    def joined(part: Any, level: int) -> Any:
        if isinstance(part, list):
            return concatenate([joined(p, level - 1) for p in part], -level)
        return _widened(part, ndim)

    parts = leaves(arrays)
    ndim = max(depth, largest(parts))
    return joined(parts, depth)


def _block_depth(part: Any) -> int:
    if not isinstance(part, list):
        return 0
    depths = {_block_depth(p) for p in part}
    if len(depths) != 1:
        raise misfit("the lists of np.block must be nested equally deep, and none be empty")
    return 1 + depths.pop()


def _widened(x: Any, ndim: int) -> Any:
    """Insert axes of length 1 in front."""
    return shaping.reshape(x, shape=(1,) * (ndim - x.ndim) + x.shape) if x.ndim < ndim else x


@speaks(np.append)
def append(arr: Any, values: Any, axis: int | None = None) -> Any:
    """Join at the end; both flattened where no axis is given."""
    return concatenate([arr, values], axis)


@speaks(np.insert)
def insert(arr: Any, obj: Any, values: Any, axis: int | None = None) -> Any:
    """Put values in before the given positions."""
    arr, values = as_one(arr), as_one(values)
    if axis is None:
        arr, axis = ravel(arr), 0
    axis = one_axis(axis, arr.ndim)
    obj, n = _positions(as_plain(obj, "where np.insert inserts")), arr.shape[axis]
    values = _widened(as_dtype_of(arr, values), arr.ndim)
    if np.ndim(obj) == 0 and not isinstance(obj, slice):
        values = moveaxis(values, 0, axis)
    count = np.insert(np.zeros(n), obj, 0).size - n
    count = values.shape[axis] if count == 1 else count
    wanted = (*arr.shape[:axis], count, *arr.shape[axis + 1 :])
    both = concatenate([arr, shaping.broadcast_to(values, shape=wanted)], axis)
    return along(both, axis, np.insert(np.arange(n), obj, np.arange(n, n + count)))


@speaks(np.delete)
def delete(arr: Any, obj: Any, axis: int | None = None) -> Any:
    """Leave out the given positions."""
    arr = as_one(arr)
    if axis is None:
        arr, axis = ravel(arr), 0
    axis = one_axis(axis, arr.ndim)
    n = arr.shape[axis]
    left = np.delete(np.arange(n), _positions(as_plain(obj, "what np.delete deletes")))
    return along(arr, axis, np.isin(np.arange(n), left))


def _positions(obj: Any) -> Any:
    """Return positions as NumPy's own functions take them."""
    return np.asarray(obj) if isinstance(obj, (list, tuple, range)) and len(obj) else obj


@speaks(np.broadcast_arrays)
def broadcast_arrays(*args: Any) -> tuple:
    """Give all arrays the shape that they have together."""
    arrays = [as_one(a) for a in args]
    shape = np.broadcast_shapes(*[a.shape for a in arrays])
    return tuple([a if a.shape == shape else shaping.broadcast_to(a, shape=shape) for a in arrays])


@speaks(np.meshgrid)
def meshgrid(*xi: Any, copy: bool = True, sparse: bool = False, indexing: str = "xy") -> tuple:
    """Spread vectors over a grid, the first along the columns ("xy") or the rows ("ij")."""
    if indexing not in ("xy", "ij"):
        raise misfit(f'np.meshgrid(indexing={indexing!r}): "xy" or "ij"')
    count = len(xi)
    order = list(range(count))
    if indexing == "xy":
        order[:2] = order[:2][::-1]
    lines = [
        shaping.reshape(x, shape=(1,) * place + (x.size,) + (1,) * (count - 1 - place))
        for x, place in zip(map(as_one, xi), order, strict=True)
    ]
    return tuple(lines) if sparse else broadcast_arrays(*lines)
