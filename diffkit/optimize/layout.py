"""Parameters as one vector: nests of arrays are flattened once, and put together again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..core.nest import as_primal, is_nest, leaves, rebuild
from ..errors import ArgumentError, ShapeError


def ravel(nest: Any) -> tuple[np.ndarray, Layout]:
    """Return a nest of arrays as one vector, and the layout that puts it together again.

    Parameters
    ----------
    nest : number, array, or lists, tuples, dicts and dataclasses of them
        A list or tuple of plain numbers counts as one array.

    Returns
    -------
    (array of shape (n,), Layout)

    Raises
    ------
    ArgumentError
        If the nest is empty or holds nan, infinities or complex numbers.

    Examples
    --------
    >>> vector, layout = ravel({"W": np.ones((2, 2)), "b": 3.0})
    >>> vector
    array([1., 1., 1., 1., 3.])
    >>> layout.unravel(vector * 2)["b"]
    np.float64(6.0)
    """
    layout = Layout(nest)
    return layout.start.copy(), layout


class Layout:
    """How the entries of a vector are arranged in a nest of arrays.

    Attributes
    ----------
    start : array of shape (n,)
        The entries of the nest that the layout was made from.
    shapes : list of shapes, one a leaf
    paths : list of str
        How each leaf is reached.
    bare : bool
        Whether the nest is a single number or array.
    """

    def __init__(self, nest: Any, name: str = "x0") -> None:
        self.nest = _as_array(nest)
        pairs = [(path, as_primal(leaf, path)) for path, leaf in leaves(self.nest, name)]
        _check(pairs, name)
        self.bare = not is_nest(self.nest)
        self.paths = [path for path, _ in pairs]
        self.shapes = [np.shape(leaf) for _, leaf in pairs]
        sizes = [int(np.prod(shape)) for shape in self.shapes]
        ends = np.cumsum(sizes).tolist()
        self.slices = [slice(end - size, end) for end, size in zip(ends, sizes, strict=True)]
        self.start = np.concatenate([np.ravel(leaf) for _, leaf in pairs])

    @property
    def size(self) -> int:
        """The number of entries."""
        return self.start.size

    def unravel(self, vector: Any) -> Any:
        """Return the nest with the entries of `vector`, an array or a traced one."""
        if self.bare and self.shapes[0]:
            return vector.reshape(self.shapes[0])
        parts = (
            vector[place].reshape(shape) if shape else vector[place.start]
            for place, shape in zip(self.slices, self.shapes, strict=True)
        )
        return rebuild(self.nest, parts)

    def unravel_rows(self, matrix: np.ndarray) -> Any:
        """Return the nest whose leaves have the rows of `matrix` as their first axis."""
        parts = (
            matrix[:, place].reshape(len(matrix), *shape)
            for place, shape in zip(self.slices, self.shapes, strict=True)
        )
        return rebuild(self.nest, parts)

    def ravel(self, nest: Any, what: str) -> np.ndarray:
        """Return a nest of this structure as a vector; `what` names it in messages."""
        found = list(leaves(_as_array(nest)))
        wanted = [path for path, _ in leaves(self.nest)]
        if [path for path, _ in found] != wanted:
            raise ShapeError(f"{what} must have the structure of x0")
        for (path, leaf), shape in zip(found, self.shapes, strict=True):
            if np.shape(leaf) != shape:
                raise ShapeError(
                    f"{what}{path} has shape {np.shape(leaf)}, but x0{path} has shape {shape}"
                )
        flat = [np.ravel(np.asarray(leaf)) for _, leaf in found]
        return np.concatenate(flat).astype(self.start.dtype, copy=False)

    def place(self, index: int) -> str:
        """Return how an entry of the vector is reached in the nest."""
        which = next(i for i, place in enumerate(self.slices) if index < place.stop)
        inner = np.unravel_index(index - self.slices[which].start, self.shapes[which] or (1,))
        if not self.shapes[which]:
            return self.paths[which]
        return f"{self.paths[which]}[{', '.join(map(str, map(int, inner)))}]"


def _as_array(nest: Any) -> Any:
    """Take a list or tuple of plain numbers as an array."""
    plain = isinstance(nest, Sequence) and not isinstance(nest, (str, bytes))
    if plain and nest and all(isinstance(v, (int, float, np.number)) for v in nest):
        return np.array(nest)
    return nest


def _check(pairs: list[tuple[str, Any]], name: str) -> None:
    if not sum(np.size(leaf) for _, leaf in pairs):
        raise ArgumentError(f"{name} is empty: there is nothing to minimize by")
    for path, leaf in pairs:
        if np.result_type(leaf).kind != "f":
            raise ArgumentError(f"{path} is {np.result_type(leaf)}; give real numbers")
        if not np.all(np.isfinite(leaf)):
            raise ArgumentError(f"{path} is not finite: {np.asarray(leaf).tolist()!r:.80}")
