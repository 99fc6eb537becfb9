"""How each row is written as plain float arithmetic, for programs of scalars alone.

A form computes what the row's NumPy function computes. Where `math` and Python's
floats raise an exception (1/0, log(-1), exp(1000)), the whole program is evaluated
again by NumPy, whose answer is inf or nan.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ..core.program import Step

# fmt: off
FORMS: dict[str, str] = {
    "add": "{0} + {1}",          "subtract": "{0} - {1}",      "multiply": "{0}*{1}",
    "divide": "{0}/{1}",         "negative": "-{0}",           "positive": "{0}",
    "copy": "{0}",               "square": "{0}*{0}",          "reciprocal": "1.0/{0}",
    "remainder": "{0} % {1}",    "floor_divide": "{0}//{1}",   "fmod": "math.fmod({0}, {1})",
    "absolute": "abs({0})",      "fabs": "abs({0})",           "hypot": "math.hypot({0}, {1})",
    "exp": "math.exp({0})",      "exp2": "math.exp2({0})",     "expm1": "math.expm1({0})",
    "log": "math.log({0})",      "log2": "math.log2({0})",     "log10": "math.log10({0})",
    "log1p": "math.log1p({0})",  "sqrt": "math.sqrt({0})",     "cbrt": "math.cbrt({0})",
    "sin": "math.sin({0})",      "cos": "math.cos({0})",       "tan": "math.tan({0})",
    "arcsin": "math.asin({0})",  "arccos": "math.acos({0})",   "arctan": "math.atan({0})",
    "sinh": "math.sinh({0})",    "cosh": "math.cosh({0})",     "tanh": "math.tanh({0})",
    "arcsinh": "math.asinh({0})", "arccosh": "math.acosh({0})", "arctanh": "math.atanh({0})",
    "arctan2": "math.atan2({0}, {1})", "copysign": "math.copysign({0}, {1})",
    "maximum": "{0} if {0} >= {1} or {0} != {0} else {1}",
    "minimum": "{0} if {0} <= {1} or {0} != {0} else {1}",
    "fmax": "{0} if {0} >= {1} or {1} != {1} else {1}",
    "fmin": "{0} if {0} <= {1} or {1} != {1} else {1}",
    "step": "0.5 if {0} == {1} else 1.0 if {0} > {1} or {1} != {1} else 0.0",
    "where": "{1} if {0} else {2}",
    "greater": "{0} > {1}",      "greater_equal": "{0} >= {1}", "equal": "{0} == {1}",
    "less": "{0} < {1}",         "less_equal": "{0} <= {1}",    "not_equal": "{0} != {1}",
    "logical_and": "{0} and {1}", "logical_or": "{0} or {1}",   "logical_not": "not {0}",
    "bitwise_and": "{0} and {1}", "bitwise_or": "{0} or {1}",   "invert": "not {0}",
    "isfinite": "math.isfinite({0})", "isinf": "math.isinf({0})", "isnan": "{0} != {0}",
    "sigmoid": "sigmoid({0})",   "sech": "sech({0})",          "quotient": "quotient({0}, {1})",
    "sign": "sign({0})",         "floor": "floor({0})",        "ceil": "ceil({0})",
    "trunc": "trunc({0})",       "rint": "rint({0})",          "logaddexp": "logaddexp({0}, {1})",
    # Of one number, these are the number itself.
    "sum": "{0}", "mean": "{0}", "prod": "{0}", "max": "{0}", "min": "{0}",
    "reshape": "{0}", "transpose": "{0}", "broadcast_to": "{0}", "real": "{0}", "conjugate": "{0}",
    "astype": "{0}",
}
# fmt: on


def sigmoid(x: float) -> float:
    """1/(1 + exp(-x)), which does not overflow on its way."""
    small = math.exp(-abs(x))
    return 1 / (1 + small) if x >= 0 else small / (1 + small)


def sech(x: float) -> float:
    """1/cosh(x), which does not overflow on its way."""
    small = math.exp(-abs(x))
    return 2 * small / (1 + small * small)


def quotient(a: float, b: float) -> float:
    """a/b, and 0 where b is 0."""
    return a / b if b else a / math.inf


def sign(x: float) -> float:
    """-1, 0 or 1; nan of nan."""
    return 1.0 if x > 0 else -1.0 if x < 0 else 0.0 if x == 0 else x


def logaddexp(a: float, b: float) -> float:
    """log(exp(a) + exp(b)), the larger one taken out."""
    if a == b:
        return a + math.log(2.0)
    d = a - b
    return a + math.log1p(math.exp(-d)) if d > 0 else b + math.log1p(math.exp(d)) if d < 0 else d


def _whole(to_int: Callable) -> Callable[[float], float]:
    """Keep the sign of zero, which an int does not have: floor(-0.0) is -0.0."""
    return lambda x: float(to_int(x)) or math.copysign(0.0, x)


FUNCTIONS: dict[str, Callable] = {
    function.__name__: function for function in (sigmoid, sech, quotient, sign, logaddexp)
} | {
    "floor": _whole(math.floor),
    "ceil": _whole(math.ceil),
    "trunc": _whole(math.trunc),
    "rint": _whole(round),
}


def expression(step: Step, operands: list[str], call: Callable[[Step], str]) -> str:
    """Write a step over floats; `call` gives the name of a function for a row without a form."""
    name = step.primitive.name
    if name == "power":
        return _power(operands, step.operands[1])
    form = FORMS.get(name)
    if form is None:
        return f"{call(step)}({', '.join(operands)})"
    return form.format(*operands)


def _power(operands: list[str], exponent: Any) -> str:
    """Python's ** goes to complex numbers where a base is negative; math.pow does not."""
    base, power = operands
    if exponent.__class__ is not str and float(exponent).is_integer():
        return f"{base}*{base}" if exponent == 2 else f"{base}**{power}"
    return f"math.pow({base}, {power})"


def by_numpy(step: Step) -> Callable:
    """Return a row without a form as a function from floats to a float."""
    params, numpy = step.params, step.primitive.numpy
    plain = bool if step.type.dtype == bool else float
    return lambda *values: plain(numpy(*map(np.float64, values), **params))


def number(value: Any) -> str:
    """Write a constant; inf and nan are names."""
    if isinstance(value, (bool, np.bool_)):
        return str(bool(value))
    text = repr(float(value))
    return f"({text})" if text.startswith("-") else text
