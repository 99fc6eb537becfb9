"""Minibatches: the data in a new random order every epoch, so many rows at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ..errors import ArgumentError, ShapeError
from ..losses.checks import generator


class Batches:
    """The batches of all epochs, one after the other.

    Parameters
    ----------
    data : array, or tuple of arrays with the same number of rows
        Handed to f after the parameters: f(x, *batch).
    batch_size : int, optional
        Rows in a batch; the last one of an epoch may have fewer. All by default.
    epochs : int, optional
        How often to go through the data; without end by default.
    rng : seed or numpy Generator, optional

    Examples
    --------
    >>> batches = Batches(np.arange(5), batch_size=2, epochs=1, rng=0)
    >>> [len(batch[0]) for batch in batches]
    [2, 2, 1]
    """

    def __init__(
        self, data: Any, batch_size: int | None = None, epochs: int | None = None, rng: Any = None
    ) -> None:
        self.data = data if isinstance(data, tuple) else (data,)
        self.rows = _rows(self.data)
        self.size = self.rows if batch_size is None else batch_size
        _check_count("batch_size", self.size)
        if self.size > self.rows:
            raise ArgumentError(f"batch_size {self.size} is above the {self.rows} rows of data")
        if epochs is not None:
            _check_count("epochs", epochs)
        self.epochs = epochs
        self.rng = generator(rng)

    @property
    def whole(self) -> bool:
        """Whether every batch is all of the data, in its own order."""
        return self.size == self.rows

    @property
    def steps(self) -> int | None:
        """The number of batches of all epochs."""
        return None if self.epochs is None else self.epochs * -(-self.rows // self.size)

    def __iter__(self) -> Iterator[tuple]:
        epoch = 0
        while self.epochs is None or epoch < self.epochs:
            if self.whole:
                yield self.data
            else:
                yield from self._epoch()
            epoch += 1

    def _epoch(self) -> Iterator[tuple]:
        order = self.rng.permutation(self.rows)
        for start in range(0, self.rows, self.size):
            rows = order[start : start + self.size]
            yield tuple(part[rows] for part in self.data)


def _rows(data: tuple) -> int:
    counts = [len(part) if np.ndim(part) else 0 for part in data]
    if not counts or not all(counts):
        raise ArgumentError("data must be arrays with at least one row")
    if len(set(counts)) > 1:
        raise ShapeError(f"the arrays of data have {', '.join(map(str, counts))} rows")
    return counts[0]


def _check_count(name: str, value: Any) -> None:
    if not isinstance(value, (int, np.integer)) or isinstance(value, bool) or value < 1:
        raise ArgumentError(f"{name} must be a count of at least 1, not {value!r}")
