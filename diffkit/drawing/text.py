"""How numbers, operations and names are written in a picture."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from ..core.program import Step
from .formulas import expression

UNKNOWN = "·"  # what has not been computed; a 0 would be a lie

_SYMBOLS = {
    "add": "+", "subtract": "−", "negative": "−", "multiply": "×", "divide": "÷", "power": "^",
    "matmul": "@", "sum": "Σ", "prod": "Π", "maximum": "max", "minimum": "min", "sqrt": "√",
    "sigmoid": "σ", "absolute": "|·|", "norm": "‖·‖", "greater": ">", "less": "<",
    "greater_equal": "≥", "less_equal": "≤", "equal": "=", "not_equal": "≠", "getitem": "[ ]",
    "transpose": "ᵀ", "broadcast_to": "copy", "logical_and": "∧", "logical_or": "∨",
}  # fmt: skip
_SUPERSCRIPT = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
_POWER = re.compile(r"\*\*(-?\d+)\b(?!\.)")
_SMALL = 3  # entries of a vector that are still written out


def number(value: Any, digits: int = 3) -> str:
    """Write one number with so many significant digits.

    >>> [number(v) for v in (-5.0, 0.0, 1234.5, 0.000012345, float("nan"), float("-inf"), 7)]
    ['−5.00', '0.00', '1234', '1.23e−05', 'nan', '−inf', '7']
    """
    if isinstance(value, (bool, np.bool_, int, np.integer)):
        return str(value).replace("-", "−")
    value = value if isinstance(value, complex) else float(value)
    if isinstance(value, complex):
        return f"{value:.{digits}g}".replace("-", "−")
    size = abs(value)
    if size == 0:
        text = f"{0:.{digits - 1}f}"
    elif 10 ** (digits - 1) <= size < 1e5:
        text = f"{value:.0f}" if size >= 10**digits else f"{value:#.{digits}g}".rstrip(".")
    else:
        text = f"{value:#.{digits}g}"
    return text.replace("-", "−")


def quantity(value: Any, digits: int = 3) -> str:
    """Write a number, a short vector, or shape and norm of an array.

    >>> quantity(np.array([1.0, -2.0])), quantity(np.eye(4))
    ('[1.00, −2.00]', '4×4 ‖2.00‖')
    >>> quantity(None)
    '·'
    """
    if value is None:
        return UNKNOWN
    if isinstance(value, tuple):
        return f"({', '.join(quantity(part, digits) for part in value)})"
    shape = np.shape(value)
    if not shape:
        return number(value, digits)
    if len(shape) == 1 and shape[0] <= _SMALL:
        return f"[{', '.join(number(v, digits) for v in value)}]"
    return f"{shape_text(shape)} ‖{number(norm(value), digits)}‖"


def norm(value: Any) -> float | None:
    """Return the Euclidean norm of all entries; None for what has none."""
    if value is None or isinstance(value, tuple):
        return None
    with np.errstate(all="ignore"):
        return float(np.sqrt(np.sum(np.abs(np.asarray(value, dtype=complex)) ** 2)))


def shape_text(shape: tuple[int, ...]) -> str:
    """Write a shape: 3×2."""
    return "×".join(map(str, shape))


def pretty(text: str) -> str:
    """Write a printed expression as on paper.

    >>> pretty("-t6/(2*x**2) - 1")
    '−t6/(2·x²) − 1'
    """
    text = _POWER.sub(lambda found: found[1].translate(_SUPERSCRIPT), text)
    return text.replace("*", "·").replace("-", "−")


def symbol(step: Step) -> str:
    """Return what stands in the circle of an operation; constants are written into it.

    >>> import diffkit as dk
    >>> [symbol(step) for step in dk.lower("1/(x*y + 2)**2 - exp(x)").steps]
    ['×', 'x + 2', 'x²', '1/x', 'exp', '−']
    """
    name = step.primitive.name
    if not folds(step):
        return _SYMBOLS.get(name, name)
    operands = tuple(["x" if o.__class__ is str else _short(o) for o in step.operands])
    text = pretty(expression(step._replace(operands=operands)))
    called = f"{name}("  # max(x, 0), not maximum(x, 0)
    return _SYMBOLS.get(name, name) + text[len(name) :] if text.startswith(called) else text


def folds(step: Step) -> bool:
    """Say whether the constants of a step can be written into its circle."""
    constants = [o for o in step.operands if o.__class__ is not str]
    one = len(step.operands) - len(constants) == 1
    return one and len(constants) > 0 and not any(np.ndim(o) for o in constants)


def _short(constant: Any) -> Any:
    """Return a constant as text: 0.5 and 2, not 2.0."""
    value = constant.item() if hasattr(constant, "item") else constant
    return f"{value:.3g}" if isinstance(value, float) else repr(value)
