"""np.pad: every mode but those that call back."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from ..core.tracing import is_traced, shape_of
from ..errors import MissingRule, user_line
from . import contraction, shaping
from .arguments import along, as_dtype_of, as_one, as_plain, misfit
from .functions import concatenate, moveaxis, speaks


def _pairs(widths: Any, ndim: int) -> list:
    """(before, after) for each axis, from one number, one pair, or a pair for each."""
    if isinstance(widths, dict):
        found = [(0, 0)] * ndim
        for axis, width in widths.items():
            found[axis] = width if isinstance(width, tuple) else (width, width)
        return found
    widths = as_one(widths)
    if shape_of(widths) == (ndim, 2) and not is_traced(widths):
        return [tuple(pair) for pair in widths.tolist()]
    spread = shaping.broadcast_to(widths, shape=(ndim, 2))
    return [(spread[i, 0], spread[i, 1]) for i in range(ndim)]


def _pad_constant(x: Any, axis: int, widths: tuple, mode: str, values: Any) -> Any:
    return _enclosed(x, axis, widths, [as_dtype_of(x, as_one(value)) for value in values])


def _enclosed(x: Any, axis: int, widths: tuple, fills: list) -> Any:
    """Join what goes before, x, and what goes after; each fill is spread over its width."""

    def spread(fill: Any, width: int) -> Any:
        shape = (*x.shape[:axis], width, *x.shape[axis + 1 :])
        return fill if fill.shape == shape else shaping.broadcast_to(fill, shape=shape)

    before, after = [spread(f, n) for f, n in zip(fills, widths, strict=True)]
    parts = [part for part in (before, x, after) if part.shape[axis]]
    return concatenate(parts, axis) if len(parts) > 1 else x


def _pad_by_index(x: Any, axis: int, widths: tuple, mode: str, option: Any) -> Any:
    """Entries of x again, at positions that NumPy's own padding of 0, 1, 2 ... tells."""
    return along(x, axis, np.pad(np.arange(x.shape[axis]), widths, mode=mode))


def _pad_reflecting(x: Any, axis: int, widths: tuple, mode: str, reflect_type: str) -> Any:
    """As by index; "odd" is 2*edge - entry, once or again, by NumPy's matrix for it."""
    if reflect_type == "even":
        return _pad_by_index(x, axis, widths, mode, None)
    unit = np.eye(x.shape[axis], dtype=x.dtype)
    matrix = np.pad(unit, (widths, (0, 0)), mode=mode, reflect_type=reflect_type)
    return moveaxis(contraction.tensordot(matrix, x, axes=((1,), (axis,))), 0, axis)


def _pad_ramp(x: Any, axis: int, widths: tuple, mode: str, ends: Any) -> Any:
    """A straight line from the end value to the edge."""
    column, fills = (-1,) + (1,) * (x.ndim - axis - 1), []
    for width, end, edge, step in zip(widths, ends, (0, -1), (1, -1), strict=True):
        ramp = (np.arange(width) / max(width, 1)).astype(x.dtype)[::step].reshape(column)
        edge = along(x, axis, slice(edge, 1 if edge == 0 else None))
        end = as_dtype_of(x, as_one(end))
        fills.append(end + (edge - end) * ramp)
    return _enclosed(x, axis, widths, fills)


def _pad_statistic(x: Any, axis: int, widths: tuple, mode: str, lengths: Any) -> Any:
    """The mean, maximum ... of the first and of the last few entries."""
    n = x.shape[axis]
    statistic = {"maximum": np.max, "minimum": np.min}.get(mode) or getattr(np, mode)
    counts = [n if length is None else min(length, n) for length in lengths]
    ends = [slice(0, counts[0]), slice(n - counts[1], n)]
    return _enclosed(
        x, axis, widths, [statistic(along(x, axis, e), axis=axis, keepdims=True) for e in ends]
    )


# mode: how it pads one axis, its option, and the option's default
_PADS: dict[str, tuple[Callable, str, Any]] = {
    "constant": (_pad_constant, "constant_values", 0),
    "edge": (_pad_by_index, "", None),
    "wrap": (_pad_by_index, "", None),
    "reflect": (_pad_reflecting, "reflect_type", "even"),
    "symmetric": (_pad_reflecting, "reflect_type", "even"),
    "linear_ramp": (_pad_ramp, "end_values", 0),
    "maximum": (_pad_statistic, "stat_length", None),
    "minimum": (_pad_statistic, "stat_length", None),
    "mean": (_pad_statistic, "stat_length", None),
    "median": (_pad_statistic, "stat_length", None),
}


@speaks(np.pad)
def pad(array: Any, pad_width: Any, mode: Any = "constant", **options: Any) -> Any:
    """Lengthen every axis at both ends."""
    x = as_one(array)
    extend, name, default = _pad_mode(mode)
    widths = _pairs(as_plain(pad_width, "the width of np.pad"), x.ndim)
    widths = [(operator.index(before), operator.index(after)) for before, after in widths]
    option = options.pop(name, default)
    if options or min(map(min, widths), default=0) < 0:
        wrong = ", ".join(f"{key}=" for key in options) or "a negative pad_width"
        raise misfit(f"np.pad(mode={mode!r}) does not take {wrong}")
    if mode == "constant" and _is_zero(as_one(option)):
        return _pad_zeros(x, widths)
    each = [option] * x.ndim if mode in ("reflect", "symmetric") else _option_pairs(option, x.ndim)
    for axis, (width, value) in enumerate(zip(widths, each, strict=True)):
        x = extend(x, axis, width, mode, value) if any(width) else x
    return x


def _option_pairs(option: Any, ndim: int) -> list:
    return [(None, None)] * ndim if option is None else _pairs(option, ndim)


def _pad_mode(mode: Any) -> tuple[Callable, str, Any]:
    if not isinstance(mode, str) or mode not in _PADS:
        raise MissingRule(
            f"np.pad(mode={mode!r}) of a traced value{user_line()} is not covered; the modes are "
            + ", ".join(_PADS)
        )
    return _PADS[mode]


def _is_zero(values: Any) -> bool:
    return not is_traced(values) and not values.any()


def _pad_zeros(x: Any, widths: list) -> Any:
    shape = tuple(a + n + b for n, (a, b) in zip(x.shape, widths, strict=True))
    index = tuple(slice(a, a + n) for n, (a, _) in zip(x.shape, widths, strict=True))
    return shaping.scatter(x, shape=shape, index=index) if shape != x.shape else x
