"""Which entries an index takes, axis by axis, and which of its operands a step needs for them."""

from __future__ import annotations

import itertools
import math
import operator
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from ...core.program import Step
from ..indices import spelled_out

Shape = tuple[int, ...]
Pick = range | np.ndarray  # of one axis
Picks = tuple[Pick, ...]


class Look(NamedTuple):
    """An index, taken apart.

    Attributes
    ----------
    picks : tuple of range or array
        What is taken of each axis of the operand; no axis is dropped by that.
    rest : tuple
        The index that drops and adds axes of length 1 after that.
    axes : tuple of int or None
        Of which axis of the operand each axis of the result is; None is a new one.
    """

    picks: Picks
    rest: tuple
    axes: tuple[int | None, ...]

    @property
    def reshapes(self) -> bool:
        """Say whether axes are dropped or added."""
        return self.axes != tuple(range(len(self.picks)))


def looked_at(index: Any, shape: Shape) -> Look | None:
    """Take an index apart; None if it is not one of slices, numbers and one constant array."""
    picks: list[Pick] = []
    rest: list[Any] = []
    axes: list[int | None] = []
    for part in spelled_out(index, len(shape)):
        if part is None:
            rest.append(None)
            axes.append(None)
            continue
        pick = _pick(part, shape[len(picks)])
        if pick is None:
            return None
        drops = not isinstance(part, slice) and np.ndim(part) == 0
        rest.append(0 if drops else slice(None))
        axes += [] if drops else [len(picks)]
        picks.append(pick)
    arrays = sum(isinstance(pick, np.ndarray) for pick in picks)
    # A number beside an array is an array, too, and NumPy may move the axis.
    if arrays > 1 or (arrays and 0 in rest):
        return None
    return Look(tuple(picks), tuple(rest), tuple(axes))


def _pick(part: Any, n: int) -> Pick | None:
    if isinstance(part, slice):
        return range(n)[part]
    entries = np.asarray(part)
    if entries.ndim == 0 and entries.dtype.kind in "iu":
        k = operator.index(entries.item())
        return range(n)[k : k + 1] if k != -1 else range(n)[-1:]
    if entries.ndim != 1 or entries.dtype.kind not in "iub" or not entries.size:
        return None
    return (
        np.flatnonzero(entries)
        if entries.dtype == bool
        else np.where(entries < 0, entries + n, entries)
    )


def is_whole(pick: Pick, n: int) -> bool:
    """Say whether everything is taken as it is."""
    return isinstance(pick, range) and pick == range(n)


def extent(picks: Picks) -> Shape:
    """Return the shape of what is taken."""
    return tuple(map(len, picks))


def as_index(picks: Picks, shape: Shape) -> tuple:
    """Write picks as an index, without the whole axes at its end."""
    parts = [_as_part(pick, n) for pick, n in zip(picks, shape, strict=True)]
    while parts and isinstance(parts[-1], slice) and parts[-1] == slice(None):
        parts.pop()
    return tuple(parts)


def _as_part(pick: Pick, n: int) -> Any:
    if isinstance(pick, np.ndarray):
        return pick
    if pick == range(n):
        return slice(None)
    stop = None if pick.stop < 0 else pick.stop
    return slice(pick.start, stop, None if pick.step == 1 else pick.step)


# -- what of the operands a step needs ---------------------------------------------------

Needs = tuple[str, dict[str, Any], list[tuple[int, Picks]]]
"""Row and params of the smaller step, and which operands it has, with what of each is taken."""


def needs(step: Step, picks: Picks, shapes: Sequence[Shape]) -> Needs | None:
    """Say how to compute these entries of a step's result; None if no rule is known."""
    name = step.primitive.name
    if step.primitive.elementwise and not step.params:
        aligned = [(k, _aligned(picks, step.type.shape, s)) for k, s in enumerate(shapes)]
        return name, {}, aligned
    rule = _RULES.get(name)
    return None if rule is None else rule(step, picks, shapes)


def _aligned(picks: Picks, whole: Shape, shape: Shape) -> Picks:
    """Picks of an operand that is broadcast."""
    extra = len(whole) - len(shape)
    return tuple(
        [picks[extra + i] if n == whole[extra + i] else range(n) for i, n in enumerate(shape)]
    )


def _transpose(step: Step, picks: Picks, shapes: Sequence[Shape]) -> Needs:
    axes = step.params["axes"]
    of = dict(zip(axes, picks, strict=True))
    return "transpose", step.params, [(0, tuple([of[i] for i in range(len(axes))]))]


def _reshape(step: Step, picks: Picks, shapes: Sequence[Shape]) -> Needs | None:
    """An axis is kept that is as long as before, with as many entries before it."""
    (old,), new = shapes, step.type.shape
    before = {(math.prod(old[:i]), n): i for i, n in enumerate(old)}
    found: list[Pick] = [range(n) for n in old]
    for j, (pick, n) in enumerate(zip(picks, new, strict=True)):
        if not is_whole(pick, n):
            axis = before.get((math.prod(new[:j]), n))
            if axis is None:
                return None
            found[axis] = pick
    return "reshape", {"shape": extent(picks)}, [(0, tuple(found))]


def _broadcast(step: Step, picks: Picks, shapes: Sequence[Shape]) -> Needs:
    return (
        "broadcast_to",
        {"shape": extent(picks)},
        [(0, _aligned(picks, step.type.shape, shapes[0]))],
    )


def _reduced(step: Step, picks: Picks, shapes: Sequence[Shape]) -> Needs | None:
    axis, keep, (shape,) = step.params["axis"], step.params["keepdims"], shapes
    gone = range(len(shape)) if axis is None else axis
    if keep:
        kept = dict(enumerate(picks))
        if not all(is_whole(picks[i], 1) for i in gone):
            return None
    else:
        kept = dict(zip([i for i in range(len(shape)) if i not in gone], picks, strict=True))
    found = tuple([range(n) if i in gone else kept[i] for i, n in enumerate(shape)])
    return step.primitive.name, step.params, [(0, found)]


def _matmul(step: Step, picks: Picks, shapes: Sequence[Shape]) -> Needs:
    """Rows of the left, columns of the right, batches of both."""
    a, b = shapes
    row, column = (len(a) > 1, len(b) > 1)
    inner = picks[len(picks) - row - column :]
    batch, whole = picks[: len(picks) - row - column], step.type.shape
    whole = whole[: len(batch)]
    of_a = (*_aligned(batch, whole, a[:-2]), *inner[:row], range(a[-1]))
    of_b = (*_aligned(batch, whole, b[:-2]), range(b[-2 if column else -1]), *inner[row:])
    return "matmul", {}, [(0, of_a), (1, of_b)]


def _einsum(step: Step, picks: Picks, shapes: Sequence[Shape]) -> Needs | None:
    left, out = step.params["subscripts"].split("->")
    of = dict(zip(out, picks, strict=True))
    size = dict(zip(out, step.type.shape, strict=True))
    found = []
    for k, (term, shape) in enumerate(zip(left.split(","), shapes, strict=True)):
        if len(set(term)) < len(term):
            return None
        pairs = zip(term, shape, strict=True)
        found.append((k, tuple([of[c] if size.get(c) == n else range(n) for c, n in pairs])))
    return "einsum", step.params, found


def _stack(step: Step, picks: Picks, shapes: Sequence[Shape]) -> Needs:
    axis = step.params["axis"] % len(picks)
    others = (*picks[:axis], *picks[axis + 1 :])
    chosen = [(int(k), others) for k in picks[axis]]
    if len(chosen) == 1:
        return "reshape", {"shape": extent(picks)}, chosen
    return "stack", {"axis": axis}, chosen


def _concatenate(step: Step, picks: Picks, shapes: Sequence[Shape]) -> Needs | None:
    axis = step.params["axis"]
    ends = list(itertools.accumulate([shape[axis] for shape in shapes], initial=0))
    wanted = picks[axis]
    chosen = []
    for k, (start, stop) in enumerate(itertools.pairwise(ends)):
        part = _part(wanted, start, stop)
        if len(part):
            chosen.append((k, (*picks[:axis], part, *picks[axis + 1 :])))
    if len(chosen) == 1:
        return "copy", {}, chosen
    return ("concatenate", {"axis": axis}, chosen) if _ascends(wanted) else None


def _part(wanted: Pick, start: int, stop: int) -> Pick:
    """Return what is wanted between start and stop, counted from start."""
    if isinstance(wanted, np.ndarray):
        return wanted[(wanted >= start) & (wanted < stop)] - start
    inside = [k for k in (wanted if wanted.step > 0 else wanted[::-1]) if start <= k < stop]
    found = (
        range(inside[0] - start, inside[-1] - start + 1, abs(wanted.step)) if inside else range(0)
    )
    return found if wanted.step > 0 else found[::-1]


def _ascends(wanted: Pick) -> bool:
    return isinstance(wanted, range) and wanted.step > 0


def _getitem(step: Step, picks: Picks, shapes: Sequence[Shape]) -> Needs | None:
    """A look at a look is one look."""
    look = looked_at(step.params["index"], shapes[0])
    if look is None:
        return None
    found = list(look.picks)
    for pick, axis, n in zip(picks, look.axes, step.type.shape, strict=True):
        if axis is None:
            if not is_whole(pick, n):
                return None
        elif not is_whole(pick, n):
            old = found[axis]
            found[axis] = np.asarray(old)[pick] if isinstance(pick, np.ndarray) else _of(old, pick)
    if sum(isinstance(pick, np.ndarray) for pick in found) > 1:
        return None
    if not look.reshapes:
        return "copy", {}, [(0, tuple(found))]
    return "getitem", {"index": look.rest}, [(0, tuple(found))]


def _of(old: Pick, pick: range) -> Pick:
    return old[_as_part(pick, -1)]


_RULES: dict[str, Callable[[Step, Picks, Sequence[Shape]], Needs | None]] = {
    "transpose": _transpose,
    "reshape": _reshape,
    "broadcast_to": _broadcast,
    **dict.fromkeys(("sum", "mean", "max", "min", "prod"), _reduced),
    "matmul": _matmul,
    "einsum": _einsum,
    "stack": _stack,
    "concatenate": _concatenate,
    "getitem": _getitem,
}
