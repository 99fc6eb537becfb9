"""Factors that are powers of two: multiplying by them is exact, in whichever order."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...core.program import Step
from .numbers import is_moderate, is_power_of_two, number
from .rewriting import Rewriting, Rule, has_its_dtype, replaced


def _half(step: Step, new: Rewriting) -> Step | None:
    """Multiplying is several times faster than dividing."""
    x, c = step.operands
    value = number(c) if c.__class__ in (int, float) else None
    if value is None or not is_power_of_two(value, step.type.dtype):
        return None
    return replaced(step, "multiply", x, 1.0 / value)


def _merged(step: Step, new: Rewriting) -> Step | None:
    """c*(d*x) is (c*d)*x, exactly so if c or d is a power of two."""
    for c, inner in (step.operands, step.operands[::-1]):
        product = new.made_by(inner, "multiply")
        if product is None or number(c) is None:
            continue
        for d, x in (product.operands, product.operands[::-1]):
            if x.__class__ is not str or not has_its_dtype(x, step, new):
                continue
            if _mergeable(number(c), number(d), step.type.dtype):
                return replaced(step, "multiply", number(c) * number(d), x)  # type: ignore[operator]
    return None


def _factor_past(step: Step, new: Rewriting) -> Step | None:
    """c*view(d*x) is view((c*d)*x)."""
    for c, outer in (step.operands, step.operands[::-1]):
        view = new.made_by(outer, "reshape") or new.made_by(outer, "transpose")
        if view is None or number(c) is None or view.type != step.type or not new.once(outer):
            continue
        product = new.made_by(view.operands[0], "multiply")
        if product is None:
            continue
        dtype = step.type.dtype
        if not any(_mergeable(number(c), number(d), dtype) for d in product.operands):
            continue
        inner = new.add("multiply", c, view.operands[0], type=product.type)
        return replaced(step, view.primitive.name, inner, **view.params)
    return None


def _to_smaller(step: Step, new: Rewriting) -> Step | None:
    """a*(c*x) is (c*a)*x: a power of two is multiplied with the smaller array."""
    for a, inner in (step.operands, step.operands[::-1]):
        product = new.made_by(inner, "multiply")
        if product is None or a.__class__ is not str or not new.once(inner):
            continue
        if not has_its_dtype(a, step, new):
            continue
        for c, x in (product.operands, product.operands[::-1]):
            if x.__class__ is not str or not has_its_dtype(x, step, new):
                continue
            if not is_power_of_two(number(c), step.type.dtype):
                continue
            if new.type_of(a).size < new.type_of(x).size:
                small = new.add("multiply", number(c), a, type=new.type_of(a))
                return replaced(step, "multiply", small, x)
    return None


def _into_sum(step: Step, new: Rewriting) -> Step | None:
    """c*(k - x) is c*k - c*x for a power of two: c*x is often there already."""
    for c, inner in (step.operands, step.operands[::-1]):
        made = new.made_by(inner, "subtract") or new.made_by(inner, "add")
        scale = number(c)
        if made is None or scale is None or not new.once(inner):
            continue
        if not is_power_of_two(scale, step.type.dtype):
            continue
        terms = [number(o) for o in made.operands]
        variable = made.operands[terms[0] is not None]
        if (terms[0] is None) == (terms[1] is None) or not has_its_dtype(variable, step, new):
            continue
        row = made.primitive.name
        if scale < 0 and row == "subtract":
            made, scale = made._replace(operands=made.operands[::-1]), -scale
        return replaced(step, row, *[_scaled(o, scale, new) for o in made.operands])
    return None


def _scaled(operand: Any, scale: float, new: Rewriting) -> Any:
    value = number(operand)
    if value is None:
        return new.add("multiply", scale, operand, type=new.type_of(operand))
    return scale * value


def _mergeable(c: float | None, d: float | None, dtype: np.dtype) -> bool:
    if c is None or d is None or not is_moderate(c * d, dtype):
        return False
    return is_power_of_two(c, dtype) or is_power_of_two(d, dtype)


RULES: dict[str, tuple[Rule, ...]] = {
    "multiply": (_merged, _factor_past, _to_smaller, _into_sum),
    "divide": (_half,),
}
