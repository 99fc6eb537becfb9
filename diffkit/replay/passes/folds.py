"""Folds: rows of an array that are added up or put together one by one are taken at once.

What a loop in Python leaves of a total, of a gradient, or of a list that becomes an array.
A sum in another order has another rounding: at most n*eps*sum|x| apart (Higham, Accuracy
and Stability of Numerical Algorithms, section 4.2).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from ...core.program import Program, Step
from ...primitives.shaping import index_parts, inverse_order, is_basic
from ..reading import uses_of
from .rewriting import Rewriting, Same, replaced
from .rows import LEAST, places, taken_rows

_CHAINS = ("add", "add_at")


def folds(program: Program) -> Program:
    """Do such chains at their last step."""
    inner = set(_inner(program))

    def rule(step: Step, new: Rewriting) -> Step | Same | None:
        return None if step.name in inner else RULES[step.primitive.name](step, new)

    return Rewriting(program).run(rule, RULES)


def _inner(program: Program) -> Iterator[str]:
    """Return the links of chains: results that only the next step of their kind reads."""
    uses = uses_of(program)
    made = {step.name: step for step in program.steps if step.primitive.name in _CHAINS}
    for step in made.values():
        for operand in step.operands[: 2 if step.primitive.name == "add" else 1]:
            if operand.__class__ is str and operand in made and uses[operand] == 1:
                before = made[operand]
                if (before.primitive, before.type) == (step.primitive, step.type):
                    yield operand


class Row(NamedTuple):
    """The row of a variable that a term is."""

    whole: str
    number: int


def _row(operand: Any, new: Rewriting) -> Row | None:
    """Return which row an operand is, if it is one."""
    made = new.made_by(operand, "getitem")
    if made is None:
        return None
    index = index_parts(made.params["index"])
    if len(index) != 1 or not isinstance(index[0], (int, np.integer)):
        return None
    n = new.type_of(made.operands[0]).shape[0]
    return Row(made.operands[0], int(index[0]) % n)


def _by_whole(rows: list[Row | None]) -> dict[str, list[int]]:
    """Return which terms are rows of one variable, where there are enough of them."""
    found: dict[str, list[int]] = {}
    for k, row in enumerate(rows):
        if row is not None:
            found.setdefault(row.whole, []).append(k)
    return {whole: terms for whole, terms in found.items() if len(terms) >= LEAST}


# -- totals ------------------------------------------------------------------------------------


def _total(step: Step, new: Rewriting) -> Step | Same | None:
    """x0 + x1 + ... of rows is one sum."""
    terms = list(_terms(step, new))
    rows = [_row(term, new) for term in terms]
    parts, taken = [], set()
    for whole, of_whole in _by_whole(rows).items():
        numbers = sorted({rows[k].number for k in of_whole})  # type: ignore[union-attr]
        if len(numbers) == len(of_whole) and new.type_of(terms[of_whole[0]]) == step.type:
            chosen = taken_rows(whole, numbers, new)
            parts.append(new.add("sum", chosen, axis=(0,), keepdims=False))
            taken.update(of_whole)
    if not taken:
        return None
    left = [*parts, *[term for k, term in enumerate(terms) if k not in taken]]
    if len(left) == 1:
        return Same(left[0])
    so_far = left[0]
    for term in left[1:-1]:
        so_far = new.add("add", so_far, term)
    return replaced(step, "add", so_far, left[-1])


def _terms(step: Step, new: Rewriting) -> Iterator[Any]:
    """Return what is added up, from left to right."""
    waiting = list(step.operands[::-1])
    while waiting:
        operand = waiting.pop()
        made = new.made_by(operand, "add")
        if made is not None and new.once(operand) and made.type == step.type:
            waiting += made.operands[::-1]
        else:
            yield operand


# -- gradients ---------------------------------------------------------------------------------


class Put(NamedTuple):
    """A value that is added at an index."""

    value: Any
    index: Any


def _added(step: Step, new: Rewriting) -> Step | None:
    """Rows that are added at one index each are added at all of them."""
    base, puts = _puts(step, new)
    shape = np.broadcast_to(0.0, step.type.shape)
    rows = [_row(put.value, new) if _fits(put, shape, new) else None for put in puts]
    groups = _by_whole(rows)
    if not groups:
        return None
    taken = {k for of_whole in groups.values() for k in of_whole}
    todo = [put for k, put in enumerate(puts) if k not in taken]
    for whole, of_whole in groups.items():
        index, order = places([puts[k].index for k in of_whole], step.type.shape)
        numbers = [rows[of_whole[i]].number for i in order]  # type: ignore[union-attr]
        todo.append(Put(taken_rows(whole, numbers, new), index))
    return _done(step, base, todo, new)


def _puts(step: Step, new: Rewriting) -> tuple[Any, list[Put]]:
    """Return what the chain begins with (None for zeros), and what is added to it."""
    puts: list[Put] = []
    link: Step | None = step
    while link is not None and link.primitive.name == "add_at":
        base, value = link.operands
        puts.append(Put(value, link.params["index"]))
        link = new.of.get(base) if base.__class__ is str and new.once(base) else None
    if link is not None and link.primitive.name == "scatter":
        puts.append(Put(link.operands[0], link.params["index"]))
        base = None
    return base, puts[::-1]


def _fits(put: Put, whole: np.ndarray, new: Rewriting) -> bool:
    """Say whether there is one place for each entry of the value."""
    return is_basic(put.index) and whole[put.index].shape == new.type_of(put.value).shape


def _done(step: Step, base: Any, puts: list[Put], new: Rewriting) -> Step:
    """Write the puts as steps, the last of them under the name of the chain."""
    kind = step.type
    for k, put in enumerate(puts):
        row = "scatter" if base is None else "add_at"
        operands = (put.value,) if base is None else (base, put.value)
        params = {"index": put.index, **({"shape": kind.shape} if base is None else {})}
        if k == len(puts) - 1:
            return replaced(step, row, *operands, **params)
        base = new.add(row, *operands, type=kind, **params)
    raise AssertionError("a chain has at least one value")


# -- arrays ------------------------------------------------------------------------------------


def _put_together(step: Step, new: Rewriting) -> Step | Same | None:
    """Rows that become one array again."""
    rows = [_row(operand, new) for operand in step.operands]
    if len(_by_whole(rows).get(getattr(rows[0], "whole", ""), ())) < len(rows):
        return None
    whole, axis = rows[0].whole, step.params["axis"]  # type: ignore[union-attr]
    chosen = taken_rows(whole, [row.number for row in rows], new)  # type: ignore[union-attr]
    if step.primitive.name == "concatenate":
        return replaced(step, "reshape", chosen, shape=step.type.shape) if axis == 0 else None
    ndim = len(step.type.shape)
    axes = inverse_order((axis % ndim, *[i for i in range(ndim) if i != axis % ndim]))
    return replaced(step, "transpose", chosen, axes=axes)


RULES = {
    "add": _total,
    "add_at": _added,
    "stack": _put_together,
    "concatenate": _put_together,
}
