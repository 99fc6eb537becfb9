"""Identities of arithmetic that hold for floating-point numbers, bit for bit.

x*1 = x, -(-x) = x, x/4 = x*0.25, a + (-b) = a - b, (-a)*b = -(a*b), x**2 = square(x), and
looking twice at an array is looking once. Not among them: x + 0 (which is not x for
-0.0), x - x, x*0, and reordering sums. Factors (`factors`) are merged if one of them is a
power of two, and multiplied into a sum with a number: exact while no intermediate result
overflows or is subnormal. Signs (`signs`) travel outward.
"""

from __future__ import annotations

import math

from ...core.program import Program, Step
from ...primitives.shaping import index_parts
from . import factors, signs
from .numbers import number
from .rewriting import Rewriting, Rule, Same, has_its_dtype, replaced


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


# -- ones, zeros, and small powers -----------------------------------------------------------


def _times_one(step: Step, new: Rewriting) -> Step | Same | None:
    for x, c in (step.operands, step.operands[::-1]):
        if number(c) == 1:
            return Same(x)
        if number(c) == -1 and has_its_dtype(x, step, new):
            return replaced(step, "negative", x)
    return None


def _by_one(step: Step, new: Rewriting) -> Same | None:
    return Same(step.operands[0]) if number(step.operands[1]) == 1 else None


def _minus_zero(step: Step, new: Rewriting) -> Same | None:
    c = number(step.operands[1])
    return Same(step.operands[0]) if c == 0 and math.copysign(1, c) > 0 else None


def _itself(step: Step, new: Rewriting) -> Same | None:
    return Same(step.operands[0]) if step.operands[0].__class__ is str else None


def _small_power(step: Step, new: Rewriting) -> Step | Same | None:
    """What NumPy itself does for arrays: it need not look at the exponent each time."""
    base, exponent = step.operands
    if exponent.__class__ not in (int, float) or not has_its_dtype(base, step, new):
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


_OWN: dict[str, tuple[Rule, ...]] = {
    "multiply": (_times_one,),
    "divide": (_by_one,),
    "subtract": (_minus_zero,),
    "positive": (_itself,),
    "copy": (_itself,),
    "power": (_small_power,),
    "reshape": (_same_shape, _again, _uniform),
    "transpose": (_transposes, _uniform),
    "getitem": (_whole, _uniform),
    "scatter": (_whole,),
    "broadcast_to": (_same_shape, _again),
    "astype": (_same_shape,),
    "where": (_same_choice,),
}
_KINDS = (_OWN, factors.RULES, signs.RULES)  # signs last: they move what the others look at

RULES: dict[str, tuple[Rule, ...]] = {
    row: tuple([rule for rules in _KINDS for rule in rules.get(row, ())])
    for row in {**_OWN, **factors.RULES, **signs.RULES}
}
