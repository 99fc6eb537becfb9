"""Scatters: cotangents of slices are added up in one array, without an array of zeros each.

The sums are the same; where every entry comes from one slice alone, the slices are
joined. (0.0 + -0.0 is 0.0: a zero may lose its sign.)
"""

from __future__ import annotations

from typing import Any

from ...core.program import Program, Step
from ...core.tracing import abstract
from ..indices import stretch
from .common import same_key
from .rewriting import Rewriting, replaced

Piece = tuple[int, int, int, Any]  # axis, start, stop, value


def scatters(program: Program) -> Program:
    """Turn x + scatter(v) into an addition at the index, full sets of slices into joins."""
    joined: dict[str, list[Piece]] = {}

    def rule(step: Step, new: Rewriting) -> Step | None:
        if step.primitive.name == "scatter":
            _remember(joined, step, new, step.operands[0], [])
        if step.primitive.name == "add":
            found = _added(step, new)
            if found is None:
                return None
            if found.primitive.name == "add_at" and found.operands[0] in joined:
                pieces = joined[found.operands[0]]
                _remember(joined, found, new, found.operands[1], pieces)
                return _join(found, joined.get(step.name), new) or found
            return found
        return None

    return Rewriting(program).run(rule, {"scatter", "add"})


def _added(step: Step, new: Rewriting) -> Step | None:
    """X + scatter(v) adds v at the index."""
    left, right = [_scattered(operand, step, new) for operand in step.operands]
    if left is not None and right is not None:
        if same_key(left.params) == same_key(right.params):
            total = new.add("add", left.operands[0], right.operands[0])
            return replaced(step, "scatter", total, **left.params)
        return _add_at(step, step.operands[0], right, new)
    if right is not None:
        return _add_at(step, step.operands[0], right, new)
    return None if left is None else _add_at(step, step.operands[1], left, new)


def _scattered(operand: Any, step: Step, new: Rewriting) -> Step | None:
    made = new.made_by(operand, "scatter")
    return made if made is not None and new.once(operand) and made.type == step.type else None


def _add_at(step: Step, x: Any, scatter: Step, new: Rewriting) -> Step | None:
    if x.__class__ is not str or new.type_of(x).dtype != step.type.dtype:
        return None
    if new.type_of(x) != step.type:
        x = new.add("broadcast_to", x, shape=step.type.shape)
    return replaced(step, "add_at", x, scatter.operands[0], index=scatter.params["index"])


# -- slices that make up a whole -------------------------------------------------------------


def _remember(
    joined: dict[str, list[Piece]], step: Step, new: Rewriting, value: Any, pieces: list[Piece]
) -> None:
    """Keep the slices that an array of zeros has received, while they do not overlap."""
    piece = _piece(step, value, new)
    if piece is not None and all(_apart(piece, other) for other in pieces):
        joined[step.name] = [*pieces, piece]


def _piece(step: Step, value: Any, new: Rewriting) -> Piece | None:
    """Return where a slice lies, if it is one of whole rows along one axis."""
    found = stretch(step.params["index"], step.type.shape)
    if found is None:
        return None
    axis, start, stop = found
    shape = (*step.type.shape[:axis], stop - start, *step.type.shape[axis + 1 :])
    fits = new.type_of(value) == abstract(shape, step.type.dtype)
    return (axis, start, stop, value) if fits else None


def _apart(a: Piece, b: Piece) -> bool:
    return a[0] == b[0] and (a[2] <= b[1] or b[2] <= a[1])


def _join(step: Step, pieces: list[Piece] | None, new: Rewriting) -> Step | None:
    """Join slices that leave no gap."""
    if pieces is None:
        return None
    axis = pieces[0][0]
    if sum(stop - start for _, start, stop, _ in pieces) != step.type.shape[axis]:
        return None
    values = [value for _, _, _, value in sorted(pieces, key=lambda piece: piece[1])]
    return replaced(step, "concatenate", *values, axis=axis)
