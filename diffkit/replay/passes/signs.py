"""Signs that travel outward, where they meet and cancel; bit for bit, but for signs of zeros."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...core.program import Step
from .numbers import number
from .rewriting import Rewriting, Rule, Same, replaced


def _negated(operand: Any, new: Rewriting) -> Any:
    """Return x where the operand is -x, else None; of unsigned integers it is another number."""
    made = new.made_by(operand, "negative")
    return made.operands[0] if made is not None and made.type.dtype.kind in "fc" else None


def _twice_negative(step: Step, new: Rewriting) -> Same | None:
    inner = _negated(step.operands[0], new)
    return None if inner is None else Same(inner)


def _plus_negative(step: Step, new: Rewriting) -> Step | None:
    a, b = step.operands
    if (inner := _negated(b, new)) is not None:
        return replaced(step, "subtract", a, inner)
    if (inner := _negated(a, new)) is not None:
        return replaced(step, "subtract", b, inner)
    return None


def _minus_negative(step: Step, new: Rewriting) -> Step | None:
    inner = _negated(step.operands[1], new)
    return None if inner is None else replaced(step, "add", step.operands[0], inner)


def _sign_outward(step: Step, new: Rewriting) -> Step | None:
    """(-a)*b is -(a*b): signs that travel outward meet, and cancel."""
    a, b = step.operands
    x, y = _negated(a, new), _negated(b, new)
    row = step.primitive.name
    if x is not None and y is not None:
        return replaced(step, row, x, y)
    for inner, outer, operands in ((x, a, (x, b)), (y, b, (a, y))):
        if inner is not None and new.once(outer):
            return replaced(step, "negative", new.add(row, *operands, type=step.type))
    return None


def _sign_past(step: Step, new: Rewriting) -> Step | None:
    """A sum of -x is minus the sum, and a part of -x is minus the part."""
    inner = _negated(step.operands[0], new)
    # A matrix and its transpose are mostly factors of two products: there the signs end.
    most = 2 if step.primitive.name in ("transpose", "reshape") else 1
    if inner is None or new.uses[step.operands[0]] > most:
        return None
    found = new.add(step.primitive.name, inner, type=step.type, **step.params)
    return replaced(step, "negative", found)


def _sign_into_factor(step: Step, new: Rewriting) -> Step | None:
    """-(c*x) is (-c)*x."""
    product = new.made_by(step.operands[0], "multiply")
    if product is None or not new.once(step.operands[0]):
        return None
    for x, c in (product.operands, product.operands[::-1]):
        if number(c) is not None and not isinstance(c, (np.integer, np.ndarray)):
            return replaced(step, "multiply", -c, x)
    return None


def _minus_difference(step: Step, new: Rewriting) -> Step | None:
    """-(a - b) is b - a."""
    difference = new.made_by(step.operands[0], "subtract")
    if difference is None or not new.once(step.operands[0]):
        return None
    return replaced(step, "subtract", *difference.operands[::-1])


RULES: dict[str, tuple[Rule, ...]] = {
    **dict.fromkeys(("multiply", "divide", "matmul"), (_sign_outward,)),
    **dict.fromkeys(("sum", "mean", "reshape", "transpose", "getitem"), (_sign_past,)),
    "add": (_plus_negative,),
    "subtract": (_minus_negative,),
    "negative": (_twice_negative, _sign_into_factor, _minus_difference),
}
