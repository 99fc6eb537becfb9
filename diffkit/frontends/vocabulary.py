"""The functions and constants that text may use."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ..primitives import arithmetic, contraction, elementwise, functions

CONSTANTS = {"pi": math.pi, "π": math.pi}


def _sigmoid(x: Any) -> Any:
    return 1 / (1 + elementwise.exp(-x))


def _largest(*xs: Any) -> Any:
    """max(x), max(x, y, ...): of an array, or of operands entry by entry."""
    if len(xs) == 1:
        return functions.max_(xs[0])
    return _folded(arithmetic.maximum, xs)


def _smallest(*xs: Any) -> Any:
    if len(xs) == 1:
        return functions.min_(xs[0])
    return _folded(arithmetic.minimum, xs)


def _folded(primitive: Callable, xs: tuple) -> Any:
    total = xs[0]
    for x in xs[1:]:
        total = primitive(total, x)
    return total


def _along(reduction: Callable) -> Callable:
    def reduce(x: Any, axis: Any = None) -> Any:
        return reduction(x, None if axis is None else int(axis))

    return reduce


_ALIASES = {
    "ln": "log", "asin": "arcsin", "acos": "arccos", "atan": "arctan", "atan2": "arctan2",
    "asinh": "arcsinh", "acosh": "arccosh", "atanh": "arctanh", "abs": "absolute",
    "pow": "power", "mod": "remainder", "radians": "deg2rad", "degrees": "rad2deg",
}  # fmt: skip

_ELEMENTWISE = [
    "absolute", "arccos", "arccosh", "arcsin", "arcsinh", "arctan", "arctan2", "arctanh",
    "cbrt", "ceil", "clip", "copysign", "cos", "cosh", "deg2rad", "exp", "exp2", "expm1",
    "floor", "hypot", "log", "log10", "log1p", "log2", "logaddexp", "maximum", "minimum",
    "power", "rad2deg", "reciprocal", "remainder", "sign", "sin", "sinc", "sinh", "sqrt",
    "square", "tan", "tanh", "trunc", "where",
]  # fmt: skip

CALLABLE: dict[str, Callable] = {
    **{
        name: getattr(elementwise, name, None) or getattr(arithmetic, name) for name in _ELEMENTWISE
    },
    "sum": _along(functions.sum_),
    "mean": _along(functions.mean),
    "prod": _along(functions.prod),
    "max": _largest,
    "min": _smallest,
    "norm": np.linalg.norm,
    "dot": functions.dot,
    "matmul": contraction.matmul,
    "outer": functions.outer,
    "transpose": functions.transpose,
    "trace": lambda a: functions.einsum("ii->", a),
    "sigmoid": _sigmoid,
    "relu": lambda x: arithmetic.maximum(0, x),
    "softplus": lambda x: arithmetic.logaddexp(0, x),
}
CALLABLE.update({alias: CALLABLE[name] for alias, name in _ALIASES.items()})
ARITY = {name: getattr(CALLABLE[name], "partials", ()) for name in _ELEMENTWISE + list(_ALIASES)}
