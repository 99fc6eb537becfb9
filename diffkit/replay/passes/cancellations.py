"""Cancellations: what is zero because sum(e)*(1/sum(e)) is 1 is not computed.

The way back through a softmax or the maximum of a log-sum-exp ends in such differences:
c - sum(c*e/s) with s = sum(e). What NumPy computes for them is rounding error, 1e-16 of
the terms. A difference is dropped if it is zero in real arithmetic and if a sum met its
reciprocal on the way: x - x and (a + b) - a, with which programs measure their own
rounding, stay. Where one of the terms is inf or nan, the 0 stands for a nan.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from ...core.program import Program, Step
from ...core.tracing import abstract_of
from ...primitives.shaping import is_basic
from .common import same_key
from .products import Atoms, Form, broadcast, number, reshaped
from .rewriting import Rewriting, Same, replaced

_SUMS = frozenset({"sum", "mean"})
_CARRYING = frozenset({"reshape", "getitem", "broadcast_to", "multiply", "negative", "copy"})
_UNIFORM = 1000  # entries of a constant that are looked at


def cancellations(program: Program) -> Program:
    """Put 0 for what cancels, and leave out what it would be added to or taken from."""
    if not _divides_by_sums(program):
        return program
    forms = _Forms()

    def rule(step: Step, new: Rewriting) -> Step | Same | None:
        form = forms.read(step, new)
        if _is_nothing(form):
            zero = step.type.dtype.type(0)
            return replaced(step, "broadcast_to", zero, shape=step.type.shape)
        return _without_nothing(step, new, forms)

    return Rewriting(program).run(rule)


def _divides_by_sums(program: Program) -> bool:
    """Say whether there is anything to look for."""
    sums: set[str] = set()
    for step in program.steps:
        row, operands = step.primitive.name, step.operands
        if row in _SUMS:
            sums.add(step.name)
        elif sums:
            below = operands[1:] if row == "divide" else operands[:1]
            if row in ("divide", "reciprocal", "power") and not sums.isdisjoint(_names(below)):
                return True
            if row in _CARRYING and not sums.isdisjoint(_names(operands)):
                sums.add(step.name)
    return False


def _names(operands: tuple) -> list[str]:
    return [operand for operand in operands if operand.__class__ is str]


def _is_nothing(form: Form) -> bool:
    return form.cancelled and not form.terms


def _without_nothing(step: Step, new: Rewriting, forms: _Forms) -> Step | Same | None:
    """X + 0 and x - 0 are x, repeated where the zero was the larger one."""
    if step.primitive.name not in ("add", "subtract"):
        return None
    a, b = step.operands
    if _is_nothing(forms.of(b, new)):
        return _repeated(step, a, new)
    if _is_nothing(forms.of(a, new)):
        if step.primitive.name == "add":
            return _repeated(step, b, new)
        if new.type_of(b) == step.type:
            return replaced(step, "negative", b)
    return None


def _repeated(step: Step, x: Any, new: Rewriting) -> Step | Same | None:
    if new.type_of(x) == step.type:
        return Same(x)
    if new.type_of(x).dtype == step.type.dtype and x.__class__ is str:
        return replaced(step, "broadcast_to", x, shape=step.type.shape)
    return None


class _Forms:
    """The normal forms of a program's variables."""

    def __init__(self) -> None:
        self.atoms = Atoms()
        self._known: dict[str, Form] = {}

    def read(self, step: Step, new: Rewriting) -> Form:
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
            known = self._known.get(operand)
            return known or self.atoms.whole(operand, getattr(new.type_of(operand), "shape", ()))
        shape, value = abstract_of(operand).shape, _same_everywhere(operand)
        if value is None:
            return self.atoms.whole(("constant", same_key(operand)), shape)
        return number(Fraction(value), shape)

    def _form(self, step: Step, new: Rewriting) -> Form | None:
        """Return the form of a step; None of one that is not looked into."""
        rule = RULES.get(step.primitive.name)
        if rule is None or step.type.dtype.kind != "f":
            return None
        form = rule(self.atoms, step, *[self.of(operand, new) for operand in step.operands])
        return form if form is None or form.shape == step.type.shape else None


def _same_everywhere(constant: Any) -> float | None:
    """Return the number that a constant is everywhere, if it is one."""
    entries = np.asarray(constant)
    if not 0 < entries.size <= _UNIFORM or entries.dtype.kind not in "fiu":
        return None
    first = entries.flat[0].item()
    return first if math.isfinite(first) and (entries == first).all() else None


# -- the form of a row's result, from those of its operands ------------------------------


def _add(atoms: Atoms, step: Step, a: Form, b: Form) -> Form:
    return atoms.add(a, b, step.type.shape)


def _subtract(atoms: Atoms, step: Step, a: Form, b: Form) -> Form:
    return atoms.add(a, b.scaled(Fraction(-1)), step.type.shape)


def _multiply(atoms: Atoms, step: Step, a: Form, b: Form) -> Form:
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
    parts = index if isinstance(index, tuple) else (index,)
    turned = any(isinstance(part, slice) and part.step not in (None, 1) for part in parts)
    if not is_basic(index) or turned or step.type.size != math.prod(a.shape):
        return None
    return reshaped(a, step.type.shape)


def _transpose(atoms: Atoms, step: Step, a: Form) -> Form:
    return a.follow(step.type.shape, step.params["axes"].index)


def _where(atoms: Atoms, step: Step, mask: Form, a: Form, b: Form) -> Form | None:
    """A choice between equals."""
    difference = atoms.add(a, b.scaled(Fraction(-1)), step.type.shape)
    found = broadcast(a, step.type.shape)._replace(cancelled=difference.cancelled)
    return None if difference.terms else found


def _broadcast_to(atoms: Atoms, step: Step, a: Form) -> Form:
    return broadcast(a, step.type.shape)


RULES: dict[str, Callable[..., Form | None]] = {
    "add": _add,
    "subtract": _subtract,
    "multiply": _multiply,
    "divide": _divide,
    "negative": lambda atoms, step, a: a.scaled(Fraction(-1)),
    "positive": lambda atoms, step, a: a,
    "copy": lambda atoms, step, a: a,
    "square": lambda atoms, step, a: atoms.multiply(a, a, a.shape),
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
