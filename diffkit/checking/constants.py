"""Constants that have a meaning when a gradient is so many times too large."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ..core.nest import leaves

NEAR = 1e-5  # relative

# fmt: off
FACTORS: tuple[tuple[float, str], ...] = (
    # a/n             what is probably missing
    (2.0,             "is a factor 1/2 missing?"),
    (0.5,             "is the factor 2 of a square missing?"),
    (3.0,             "is a factor 1/3 missing?"),
    (1 / 3,           "is the factor 3 of a cube missing?"),
    (4.0,             "is a factor 1/4 missing?"),
    (0.25,            "is a factor 4 missing?"),
    (180 / math.pi,   "degrees in place of radians?"),
    (math.pi / 180,   "radians in place of degrees?"),
    (math.log(10),    "log in place of log10?"),
    (1 / math.log(10), "log10 in place of log?"),
    (math.log(2),     "log in place of log2?"),
    (1 / math.log(2), "log2 in place of log?"),
    (math.pi,         "is a factor 1/pi missing?"),
    (1 / math.pi,     "is a factor pi missing?"),
    (2 * math.pi,     "is a factor 1/(2 pi) missing?"),
    (1 / (2 * math.pi), "is a factor 2 pi missing?"),
)
# fmt: on


def meaning(factor: float, lengths: Mapping[int, str]) -> str:
    """Say what a factor may mean, "" if nothing is known.

    >>> meaning(64.0, {64: "len(data)"})
    '64 is len(data): a sum in place of a mean?'
    >>> meaning(2.0, {})
    'is a factor 1/2 missing?'
    """
    for value, said in FACTORS:
        if math.isclose(factor, value, rel_tol=NEAR):
            return said
    for length, owner in lengths.items():
        for n in (length, length - 1):
            off = "" if n == length else " - 1"
            if n > 1 and math.isclose(factor, n, rel_tol=NEAR):
                return f"{n} is {owner}{off}: a sum in place of a mean?"
            if n > 1 and math.isclose(1 / factor, n, rel_tol=NEAR):
                return f"1/{n} with {n} = {owner}{off}: a mean in place of a sum?"
    turned = meaning(-factor, lengths) if factor < 0 else ""
    return f"the sign is wrong, too; {turned}" if turned else ""


def lengths_of(f: Callable, x: Any, name: str) -> dict[int, str]:
    """Return the axis lengths and sizes of x, and of the arrays that f holds on to."""
    found: dict[int, str] = {}
    for owner, nest in {name: x, **_held(f)}.items():
        for path, leaf in leaves(nest, owner) if _is_data(nest) else ():
            shape = np.shape(leaf) if _is_data(leaf) else ()
            for axis, length in enumerate(shape):
                found.setdefault(int(length), _length(path, axis))
            if len(shape) > 1:
                found.setdefault(int(np.prod(shape)), f"{path}.size")
    return found


def _length(path: str, axis: int) -> str:
    return f"len({path})" if axis == 0 else f"{path}.shape[{axis}]"


def _is_data(value: Any) -> bool:
    return isinstance(value, (np.ndarray, list, tuple, dict, float, int))


def _held(f: Callable) -> dict[str, Any]:
    """Return the variables that a function refers to."""
    try:
        seen = inspect.getclosurevars(f)
    except TypeError:
        return {}
    return {**seen.nonlocals, **seen.globals}
