"""Rows of an array: which of them, and where in another array they belong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...primitives.shaping import index_parts
from .common import same_key
from .rewriting import Rewriting

LEAST = 4  # rows that are worth one call for all


def taken_rows(whole: str, numbers: Sequence[int], new: Rewriting) -> str:
    """Return the variable that holds these rows: the array itself, a view, or a copy."""
    if list(numbers) == list(range(new.type_of(whole).shape[0])):
        return whole
    return new.add("getitem", whole, index=(rows_index(numbers),))


def rows_index(numbers: Sequence[int]) -> Any:
    """Return the index of these rows: a slice if they follow each other at one distance."""
    places = np.array(numbers)
    distances = set(np.diff(places).tolist())
    if len(distances) == 1 and (step := distances.pop()) > 0:
        return slice(int(places[0]), int(places[-1]) + 1, None if step == 1 else step)
    return places


def places(indices: Sequence[Any], shape: tuple[int, ...]) -> tuple[Any, Sequence[int]]:
    """Return one index for several basic ones, and the order in which it takes them.

    What is found there has one axis more, the first, with an entry for each index.
    """
    tuples = [index_parts(index) for index in indices]
    if _are_rows(tuples):
        numbers = [index[0] % shape[0] for index in tuples]
        order = sorted(range(len(numbers)), key=numbers.__getitem__)
        return (rows_index([numbers[k] for k in order]), *tuples[0][1:]), order
    flat = np.arange(np.prod(shape, dtype=int)).reshape(shape)
    found = np.stack([flat[index] for index in tuples])
    return tuple(np.unravel_index(found, shape)), range(len(indices))


def _are_rows(indices: Sequence[tuple]) -> bool:
    """Say whether indices differ in a number at their beginning only."""
    numbered = all(index and isinstance(index[0], (int, np.integer)) for index in indices)
    return numbered and len({same_key(index[1:]) for index in indices}) == 1
