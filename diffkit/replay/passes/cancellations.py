"""Cancellations: what sum(e)*(1/sum(e)) = 1 makes equal to less is not computed.

The way back through a softmax or the maximum of a log-sum-exp ends in differences
c - sum(c*e/s) with s = sum(e). What NumPy computes for them is rounding error, 1e-16 of
the terms. A step is left out if in real arithmetic it is zero, another number, or an
earlier variable, and if a sum met its reciprocal on the way there: x - x and (a + b) - a,
with which programs measure their own rounding, stay. Where terms are inf or nan, the
number stands for a nan.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from ...core.program import Program, Step
from ...core.tracing import abstract_of
from ...primitives.shaping import index_parts, is_basic
from .common import same_key
from .normal_forms import MOST_TERMS, Atoms, Exact, Form, broadcast, of_number, reshaped
from .numbers import number_everywhere
from .reciprocals import around_reciprocals
from .rewriting import Rewriting, Same, replaced


def cancellations(program: Program) -> Program:
    """Put what is left in the place of a step in which a sum has met its reciprocal."""
    looked_into = around_reciprocals(program, RULES)
    if not looked_into:
        return program
    forms = _Forms()
    # Forms are those of the old steps: what has been put in their place forgets its reciprocals.
    old = {step.name: step for step in program.steps if step.name in looked_into}

    def rule(step: Step, new: Rewriting) -> Step | Same | None:
        return forms.simpler(old[step.name], new) if step.name in old else None

    return Rewriting(program).run(rule)


class _Forms:
    """The normal forms of a program's variables, and which variable had one first."""

    def __init__(self) -> None:
        self.atoms = Atoms()
        self._known: dict[str, Form] = {}
        self._first: dict[Any, str] = {}

    def simpler(self, step: Step, new: Rewriting) -> Step | Same | None:
        """Return a number, or the earlier variable, that a step is equal to."""
        form = self._read(step, new)
        first = self._first.setdefault(_key(form), step.name)
        if not form.cancelled:
            return None
        if not form.terms.keys() - {()}:
            value = _representable(form.terms.get((), 0), step.type.dtype)
            if value is not None:
                return replaced(step, "broadcast_to", value, shape=step.type.shape)
        return Same(first) if first != step.name and new.type_of(first) == step.type else None

    def _read(self, step: Step, new: Rewriting) -> Form:
        """Return the form of a step's result, and remember it."""
        form = self._form(step, new) if getattr(step.type, "dtype", None) is not None else None
        if form is None or form.too_large():
            form = self.atoms.whole(step.name, getattr(step.type, "shape", ()))
        elif self.atoms.is_zero(form):
            form = Form(form.shape, {}, True)
        self._known[step.name] = form
        return form

    def of(self, operand: Any, new: Rewriting) -> Form:
        """Return the form of an operand."""
        if operand.__class__ is str:
            if operand not in self._known:
                form = self.atoms.whole(operand, getattr(new.type_of(operand), "shape", ()))
                self._known[operand] = form
                self._first.setdefault(_key(form), operand)
            return self._known[operand]
        shape, value = abstract_of(operand).shape, _exact(operand)
        if value is None:
            return self.atoms.whole(("constant", same_key(operand)), shape)
        return of_number(value, shape)

    def _form(self, step: Step, new: Rewriting) -> Form | None:
        """Return the form of a step; None of one that is not looked into."""
        rule = RULES.get(step.primitive.name)
        if rule is None or step.type.dtype.kind != "f":
            return None
        form = rule(self.atoms, step, *[self.of(operand, new) for operand in step.operands])
        return form if form is None or form.shape == step.type.shape else None


def _key(form: Form) -> tuple:
    return form.shape, frozenset(form.terms.items())


def _representable(exact: Exact, dtype: np.dtype) -> Any:
    """Return a number of this dtype; None where it would have to be rounded."""
    with np.errstate(all="ignore"):
        value = dtype.type(float(exact))
    return value if np.isfinite(value) and Fraction(float(value)) == exact else None


def _exact(constant: Any) -> Exact | None:
    """Return the number that a constant is everywhere, if it is one."""
    first = number_everywhere(constant)
    if first is None or first.dtype.kind == "c" or not math.isfinite(first):
        return None
    value = first.item()
    return int(value) if value == int(value) else Fraction(value)


# -- the form of a row's result, from those of its operands ------------------------------


def _add(atoms: Atoms, step: Step, a: Form, b: Form) -> Form:
    return atoms.add(a, b, step.type.shape)


def _subtract(atoms: Atoms, step: Step, a: Form, b: Form) -> Form:
    return atoms.add(a, b.scaled(-1), step.type.shape)


def _multiply(atoms: Atoms, step: Step, a: Form, b: Form) -> Form | None:
    if len(a.terms) * len(b.terms) > MOST_TERMS:
        return None
    return atoms.multiply(a, b, step.type.shape)


def _divide(atoms: Atoms, step: Step, a: Form, b: Form) -> Form | None:
    below = atoms.reciprocal(b, same_key(step.operands[1]))
    return None if below is None else atoms.multiply(a, below, step.type.shape)


def _power(atoms: Atoms, step: Step, a: Form, b: Form) -> Form | None:
    exponent = b.terms.get(())
    if b.shape or exponent is None or exponent.denominator != 1 or len(b.terms) != 1:
        return None
    return atoms.power(a, int(exponent))


def _sum(atoms: Atoms, step: Step, a: Form) -> Form | None:
    axis = step.params["axis"]
    kept = atoms.sum(a, range(len(a.shape)) if axis is None else axis)
    return reshaped(kept, step.type.shape)


def _mean(atoms: Atoms, step: Step, a: Form) -> Form | None:
    total = _sum(atoms, step, a)
    count = math.prod(a.shape) // max(1, step.type.size)
    return total.scaled(Fraction(1, count)) if total and count else None


def _reshape(atoms: Atoms, step: Step, a: Form) -> Form | None:
    return reshaped(a, step.type.shape)


def _indexed(atoms: Atoms, step: Step, a: Form) -> Form | None:
    """An index that takes everything only adds axes of length 1, or takes them away."""
    index = step.params["index"]
    parts = index_parts(index)
    turned = any(isinstance(part, slice) and part.step not in (None, 1) for part in parts)
    if not is_basic(index) or turned or step.type.size != math.prod(a.shape):
        return None
    return reshaped(a, step.type.shape)


def _transpose(atoms: Atoms, step: Step, a: Form) -> Form:
    return a.follow(step.type.shape, step.params["axes"].index)


def _where(atoms: Atoms, step: Step, mask: Form, a: Form, b: Form) -> Form | None:
    """A choice between equals."""
    difference = atoms.add(a, b.scaled(-1), step.type.shape)
    found = broadcast(a, step.type.shape)._replace(cancelled=difference.cancelled)
    return None if difference.terms else found


def _broadcast_to(atoms: Atoms, step: Step, a: Form) -> Form:
    return broadcast(a, step.type.shape)


RULES: dict[str, Callable[..., Form | None]] = {
    "add": _add,
    "subtract": _subtract,
    "multiply": _multiply,
    "divide": _divide,
    "negative": lambda atoms, step, a: a.scaled(-1),
    "positive": lambda atoms, step, a: a,
    "copy": lambda atoms, step, a: a,
    "square": lambda atoms, step, a: _multiply(atoms, step, a, a),
    "reciprocal": lambda atoms, step, a: atoms.reciprocal(a, same_key(step.operands[0])),
    "power": _power,
    "sum": _sum,
    "mean": _mean,
    "reshape": _reshape,
    "getitem": _indexed,
    "scatter": _indexed,
    "transpose": _transpose,
    "broadcast_to": _broadcast_to,
    "where": _where,
}
