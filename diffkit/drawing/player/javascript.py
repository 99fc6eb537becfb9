"""The steps of a Program over numbers as JavaScript, and the local factor of each use.

Variables are numbered (inputs first, then steps), so no name of the user's becomes code.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from ...core.program import Program, Step
from ...core.tracing import shape_of
from ...sinks import visible
from ..formulas import Formulas

# What a primitive is in JavaScript; `step`, `sigmoid` ... are functions of player.js.
OPERATIONS = {
    "add": "{0} + {1}", "subtract": "{0} - {1}", "multiply": "{0} * {1}", "divide": "{0} / {1}",
    "quotient": "quotient({0}, {1})", "power": "Math.pow({0}, {1})",
    "float_power": "Math.pow({0}, {1})",
    "negative": "-{0}", "positive": "{0}", "copy": "{0}", "square": "{0} * {0}",
    "reciprocal": "1 / {0}", "sqrt": "Math.sqrt({0})", "cbrt": "Math.cbrt({0})",
    "exp": "Math.exp({0})", "exp2": "Math.pow(2, {0})", "expm1": "Math.expm1({0})",
    "log": "Math.log({0})", "log2": "Math.log2({0})", "log10": "Math.log10({0})",
    "log1p": "Math.log1p({0})",
    "sin": "Math.sin({0})", "cos": "Math.cos({0})", "tan": "Math.tan({0})",
    "arcsin": "Math.asin({0})", "arccos": "Math.acos({0})", "arctan": "Math.atan({0})",
    "arctan2": "Math.atan2({0}, {1})", "hypot": "Math.hypot({0}, {1})",
    "sinh": "Math.sinh({0})", "cosh": "Math.cosh({0})", "tanh": "Math.tanh({0})",
    "sech": "sech({0})", "sigmoid": "sigmoid({0})", "logaddexp": "logaddexp({0}, {1})",
    "arcsinh": "Math.asinh({0})", "arccosh": "Math.acosh({0})", "arctanh": "Math.atanh({0})",
    "absolute": "Math.abs({0})", "sign": "Math.sign({0})", "floor": "Math.floor({0})",
    "ceil": "Math.ceil({0})", "trunc": "Math.trunc({0})",
    "maximum": "Math.max({0}, {1})", "minimum": "Math.min({0}, {1})", "step": "step({0}, {1})",
    "greater": "{0} > {1}", "less": "{0} < {1}", "greater_equal": "{0} >= {1}",
    "less_equal": "{0} <= {1}", "equal": "{0} === {1}", "not_equal": "{0} !== {1}",
    "logical_and": "{0} && {1}", "logical_or": "{0} || {1}", "logical_not": "!{0}",
    "where": "{0} ? {1} : {2}",
}  # fmt: skip


class Script(NamedTuple):
    """What the page needs to move values and gradients.

    Attributes
    ----------
    replay : str
        The body of a function of v, which holds the inputs and gets the other values.
    factors : str
        The object literal, "step operand" -> local factor, given v.
    reason : str
        Why there is none; empty if there is.
    """

    replay: str = ""
    factors: str = "{}"
    reason: str = ""


def numbering(program: Program) -> dict[str, int]:
    """Return the number of each variable."""
    names = [*program.inputs, *(step.name for step in program.steps)]
    return {name: i for i, name in enumerate(names)}


def script(program: Program) -> Script:
    """Return a Program as JavaScript, or the reason why there is none.

    >>> import diffkit as dk
    >>> print(script(dk.lower("z = w*x + b")).replay)
    v[3] = v[0] * v[1]; // t1 = w*x
    v[4] = v[3] + v[2]; // z = t1 + b
    >>> script(dk.lower("z = w*x + b")).factors
    '{"3 0": v[1], "3 1": v[0], "4 0": 1.0, "4 1": 1.0}'
    """
    reason = _obstacle(program)
    if reason:
        return Script(reason=reason)
    number = numbering(program)
    places = {name: f"v[{i}]" for name, i in number.items()}
    lines, factors, formulas = [], [], Formulas(program)
    for step in program.steps:
        comment = visible(str(step))
        lines.append(f"{places[step.name]} = {_code(step, places)}; // {comment}")
        for k, operand in enumerate(step.operands):
            if operand.__class__ is str and step.primitive.pull:
                factor = _factor(formulas, step, k, places)
                if factor is None:
                    return Script(reason=f"the derivative of {comment} has no JavaScript form")
                factors.append(f'"{number[step.name]} {k}": {factor}')
    return Script("\n".join(lines), f"{{{', '.join(factors)}}}")


def _obstacle(program: Program) -> str:
    if any(kind.shape or kind.dtype.kind not in "fiub" for kind in program.types.values()):
        return "the inputs are not all real numbers"
    for step in program.steps:
        if step.primitive.name not in OPERATIONS or any(map(shape_of, step.operands)):
            return f"{visible(str(step))} has no JavaScript form"
    return ""


def _code(step: Step, places: Mapping[str, str]) -> str:
    operands = [places[o] if o.__class__ is str else _literal(o) for o in step.operands]
    return OPERATIONS[step.primitive.name].format(*[f"({o})" if _open(o) else o for o in operands])


def _open(operand: str) -> bool:
    """Say whether an operand needs parentheses: all but variables and plain numbers."""
    return " " in operand or operand[0] in "-!"


def _literal(constant: Any) -> str:
    value = constant.item() if hasattr(constant, "item") else constant
    if value.__class__ is bool:
        return str(value).lower()
    if value.__class__ is float and not np.isfinite(value):
        return {"inf": "Infinity", "-inf": "-Infinity"}.get(str(value), "NaN")
    return repr(value)


def _factor(formulas: Formulas, step: Step, k: int, places: Mapping[str, str]) -> str | None:
    """Return the derivative of a step by one operand, its few steps put into one another."""
    adjoint = formulas.alone(step, k)
    if adjoint is None or "out_bar" in adjoint.inputs:
        return None
    known = {f"v{j}": places[o] for j, o in enumerate(step.operands) if o.__class__ is str}
    for part in adjoint.steps:
        if part.primitive.name not in OPERATIONS:
            return None
        known[part.name] = _code(part, known)
        if part.name == "out":
            known["out"] = places[step.name]
    return known[adjoint.outputs[0]]
