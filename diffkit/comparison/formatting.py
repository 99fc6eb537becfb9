"""Numbers as reports print them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..core.nest import is_number


def counted(count: int, what: str) -> str:
    """Print "1 step", "2 steps"."""
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def duration(seconds: float) -> str:
    """Print a time in the unit that suits it."""
    for unit, factor in (("s", 1.0), ("ms", 1e3), ("us", 1e6)):
        if seconds * factor >= 1 or unit == "us":
            return f"{seconds * factor:.3g} {unit}"
    raise AssertionError


def short(value: Any, digits: int = 6) -> str:
    """Print a number, a short array whole, a long one by shape and norm."""
    array = np.asarray(value, dtype=float) if is_number(value) else np.asarray(value)
    if array.ndim == 0:
        return f"{float(array):.{digits}g}"
    if array.size <= 4:
        return np.array2string(array, precision=min(digits, 10), separator=", ")
    norm = float(np.linalg.norm(np.ravel(array)))
    return f"array({'x'.join(map(str, array.shape))}) of norm {norm:.{min(digits, 10)}g}"


def plain(value: Any) -> Any:
    """Return Python numbers, lists and dicts."""
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    return value.tolist() if hasattr(value, "tolist") else value
