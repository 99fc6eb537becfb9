"""Identities of arithmetic that hold for floating-point numbers, bit for bit.

x*1 = x, -(-x) = x, x/4 = x*0.25, a + (-b) = a - b, (-a)*b = -(a*b), x**2 = square(x), and
looking twice at an array is looking once. Not among them: x + 0 (which is not x for
-0.0), x - x, x*0, and reordering sums. Factors are merged if one of them is a power of
two, and multiplied into a sum with a number: exact while no intermediate result overflows
or is subnormal.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...core.program import Program, Step
from ...primitives.shaping import index_parts
from .rewriting import Rewriting, Rule, Same, replaced


def identities(program: Program) -> Program:
    """Apply them, each to its own row."""
    return Rewriting(program).run(_apply, RULES)


def _apply(step: Step, new: Rewriting) -> Step | Same | None:
    if getattr(step.type, "dtype", None) is None or step.type.dtype.kind not in "fc":
        return None
    for rule in RULES[step.primitive.name]:
        found = rule(step, new)
        if isinstance(found, Same) and new.type_of(found.value) != step.type:
            continue
        if found is not None:
            return found
    return None


def number(operand: Any) -> float | None:
    """Return the value of a constant number; None of anything else."""
    if isinstance(operand, (float, int, np.floating, np.integer)):
        return float(operand)
    if isinstance(operand, np.ndarray) and operand.shape == () and operand.dtype.kind in "fi":
        return float(operand)
    return None


def is_power_of_two(x: float | None) -> bool:
    """Say whether multiplying by x and by 1/x is exact."""
    return x is not None and abs(math.frexp(x)[0]) == 0.5 and 1e-100 < abs(x) < 1e100


# -- one, and minus one ------------------------------------------------------------------


def _times_one(step: Step, new: Rewriting) -> Step | Same | None:
    for x, c in (step.operands, step.operands[::-1]):
        if number(c) == 1:
            return Same(x)
        if number(c) == -1:
            return replaced(step, "negative", x)
    return None


def _by_one(step: Step, new: Rewriting) -> Same | None:
    return Same(step.operands[0]) if number(step.operands[1]) == 1 else None


def _minus_zero(step: Step, new: Rewriting) -> Same | None:
    c = number(step.operands[1])
    return Same(step.operands[0]) if c == 0 and math.copysign(1, c) > 0 else None


def _itself(step: Step, new: Rewriting) -> Same | None:
    return Same(step.operands[0]) if step.operands[0].__class__ is str else None


# -- signs -------------------------------------------------------------------------------


def _negated(operand: Any, new: Rewriting) -> Any:
    """Return x where the operand is -x, else None."""
    made = new.made_by(operand, "negative")
    return None if made is None else made.operands[0]


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
        if number(c) is not None:
            return replaced(step, "multiply", -c, x)
    return None


def _minus_difference(step: Step, new: Rewriting) -> Step | None:
    """-(a - b) is b - a."""
    difference = new.made_by(step.operands[0], "subtract")
    if difference is None or not new.once(step.operands[0]):
        return None
    return replaced(step, "subtract", *difference.operands[::-1])


# -- factors and powers --------------------------------------------------------------------


def _half(step: Step, new: Rewriting) -> Step | None:
    """Multiplying is several times faster than dividing."""
    x, c = step.operands
    value = number(c)
    if c.__class__ not in (int, float) or value is None or not is_power_of_two(value):
        return None
    return replaced(step, "multiply", x, 1.0 / value)


def _factors(step: Step, new: Rewriting) -> Step | None:
    """c*(d*x) is (c*d)*x, exactly so if c or d is a power of two."""
    for c, inner in (step.operands, step.operands[::-1]):
        product = new.made_by(inner, "multiply")
        if product is None or number(c) is None:
            continue
        for d, x in (product.operands, product.operands[::-1]):
            if _mergeable(number(c), number(d)) and x.__class__ is str:
                return replaced(step, "multiply", number(c) * number(d), x)  # type: ignore[operator]
    return None


def _factor_past(step: Step, new: Rewriting) -> Step | None:
    """c*view(d*x) is view((c*d)*x)."""
    for c, outer in (step.operands, step.operands[::-1]):
        view = new.made_by(outer, "reshape") or new.made_by(outer, "transpose")
        if view is None or number(c) is None or view.type != step.type or not new.once(outer):
            continue
        product = new.made_by(view.operands[0], "multiply")
        if product is None or not any(_mergeable(number(c), number(d)) for d in product.operands):
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
        for c, x in (product.operands, product.operands[::-1]):
            if not is_power_of_two(number(c)) or x.__class__ is not str:
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
        if made is None or scale is None or not is_power_of_two(scale) or not new.once(inner):
            continue
        terms = [number(o) for o in made.operands]
        if (terms[0] is None) == (terms[1] is None):
            continue
        row = made.primitive.name
        if scale < 0 and row == "subtract":
            made, scale = made._replace(operands=made.operands[::-1]), -scale
        return replaced(step, row, *[_scaled(o, scale, step, new) for o in made.operands])
    return None


def _scaled(operand: Any, scale: float, step: Step, new: Rewriting) -> Any:
    value = number(operand)
    if value is None:
        return new.add("multiply", scale, operand, type=new.type_of(operand))
    return scale * value


def _mergeable(c: float | None, d: float | None) -> bool:
    if c is None or d is None or not 1e-100 < abs(c * d) < 1e100:
        return False
    return is_power_of_two(c) or is_power_of_two(d)


def _small_power(step: Step, new: Rewriting) -> Step | Same | None:
    """What NumPy itself does for arrays: it need not look at the exponent each time."""
    base, exponent = step.operands
    if exponent.__class__ not in (int, float):
        return None
    if exponent == 1:
        return Same(base)
    if exponent == 2:
        return replaced(step, "square", base)
    if step.type.shape and exponent in (0.5, -1):
        return replaced(step, "sqrt" if exponent == 0.5 else "reciprocal", base)
    return None


# -- looking at arrays -----------------------------------------------------------------------


def _same_shape(step: Step, new: Rewriting) -> Same | None:
    return Same(step.operands[0])  # `_apply` checks shape and dtype


def _whole(step: Step, new: Rewriting) -> Same | None:
    """A slice of all that there is."""
    for part in index_parts(step.params["index"]):
        if not (part is Ellipsis or (isinstance(part, slice) and part.step in (None, 1))):
            return None
    return Same(step.operands[0])  # `_apply` checks shape and dtype


def _uniform(step: Step, new: Rewriting) -> Step | None:
    """However one looks at one number in all entries, one sees it."""
    made = new.made_by(step.operands[0], "broadcast_to")
    if made is None or number(made.operands[0]) is None:
        return None
    return replaced(step, "broadcast_to", made.operands[0], shape=step.type.shape)


def _again(step: Step, new: Rewriting) -> Step | None:
    """Only the last of two reshapes, or of two broadcasts, matters."""
    made = new.made_by(step.operands[0], step.primitive.name)
    return None if made is None else step._replace(operands=made.operands)


def _transposes(step: Step, new: Rewriting) -> Step | Same | None:
    axes = step.params["axes"]
    if axes == tuple(range(len(axes))):
        return Same(step.operands[0])
    made = new.made_by(step.operands[0], "transpose")
    if made is None:
        return None
    both = tuple([made.params["axes"][i] for i in axes])
    if both == tuple(range(len(axes))):
        return Same(made.operands[0])
    return replaced(step, "transpose", made.operands[0], axes=both)


def _same_choice(step: Step, new: Rewriting) -> Same | None:
    _, a, b = step.operands
    return Same(a) if a.__class__ is str and a == b else None


RULES: dict[str, tuple[Rule, ...]] = {
    "multiply": (_times_one, _factors, _factor_past, _to_smaller, _into_sum, _sign_outward),
    "matmul": (_sign_outward,),
    "divide": (_by_one, _half, _sign_outward),
    "add": (_plus_negative,),
    "subtract": (_minus_zero, _minus_negative),
    "negative": (_twice_negative, _sign_into_factor, _minus_difference),
    "positive": (_itself,),
    "copy": (_itself,),
    "power": (_small_power,),
    "sum": (_sign_past,),
    "mean": (_sign_past,),
    "reshape": (_same_shape, _again, _uniform, _sign_past),
    "transpose": (_transposes, _uniform, _sign_past),
    "getitem": (_whole, _uniform, _sign_past),
    "scatter": (_whole,),
    "broadcast_to": (_same_shape, _again),
    "astype": (_same_shape,),
    "where": (_same_choice,),
}
