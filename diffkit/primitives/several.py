"""Rows with several results, such as those of a decomposition."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..core.primitive import Primitive
from ..core.tracing import concrete, is_traced
from .rules import add_row, match, plain


class Parts(tuple):
    """The cotangent of an operation with several results; None where nothing arrived."""

    __slots__ = ()

    def __add__(self, other: Any) -> Any:
        return Parts(
            [
                a if b is None else b if a is None else a + b
                for a, b in zip(self, other, strict=True)
            ]
        )


def tuple_row(name: str, numpy: Callable, vjp: Callable, jvp: Callable, **facts: Any) -> Primitive:
    """Make a row whose result is a tuple of arrays, such as eigh or svd.

    Parameters
    ----------
    name : str
    numpy : callable
        (x, **params) -> tuple of arrays.
    vjp : callable
        (bars, out, x, **params) -> cotangent of x; `bars` holds a cotangent for
        each result, None where nothing arrived, and `out` the results.
    jvp : callable
        (dots, out, x, **params) -> tuple of tangents; `dots` as for `array_row`.

    Calling the row gives a tuple; `pick(result, index=i)` is one of its entries.
    """
    primitive = Primitive(name, numpy, **facts)
    primitive.several = True
    primitive.pull = lambda k, bar, out, values, params: match(
        vjp(bar, out, *values, **params), values[k]
    )
    primitive.push = lambda dots, out, values, params: jvp(dots, out, *values, **params)
    return add_row(primitive)


def _pick_pull(k: int, bar: Any, out: Any, values: tuple, params: dict) -> Any:
    count = len(concrete(values[0]))
    return Parts([plain(bar, out) if i == params["index"] else None for i in range(count)])


pick = add_row(
    Primitive(
        "pick",
        lambda parts, *, index: parts[index],
        pull=_pick_pull,
        push=lambda dots, out, values, params: dots[0][params["index"]],
        form=lambda names, params: f"{names[0]}[{params['index']}]",
        source="one of several results receives its own cotangent",
    )
)


def unpacked(parts: Any) -> tuple:
    """Return the results of a `tuple_row` one by one, traced or not."""
    if not is_traced(parts):
        return tuple(parts)
    return tuple([pick(parts, index=i) for i in range(len(concrete(parts)))])
