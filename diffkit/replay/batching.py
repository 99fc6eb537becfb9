"""A Program over many points at once: every array gets a last axis, one entry a point.

The last axis is the one that is next in memory, so elementwise operations run along
it, and NumPy's broadcasting lines it up by itself. Most rows do not notice it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from ..core.derivatives import finish
from ..core.primitive import PRIMITIVES
from ..core.program import Program, Step
from ..core.tracing import AbstractTape, Tracer, abstract, shape_of
from ..primitives.contraction import einsum
from ..primitives.rules import array_row
from ..primitives.shaping import broadcast_to, index_parts, reshape

# Rows with an axis parameter (None for all axes) that a further last axis does not disturb.
_ALONG = frozenset("sum mean max min prod norm all any prod_others cumsum cumprod".split())
_SHAPED = frozenset({"reshape", "broadcast_to"})
_INDEXED = frozenset({"getitem", "scatter", "set_at", "add_at"})
_JOINED = frozenset({"concatenate", "stack"})


def batched(program: Program, varying: Iterable[str], n: int) -> Program:
    """Return the Program over n points.

    Parameters
    ----------
    program : Program
    varying : iterable of str
        Inputs that have an entry for each point, along a last axis.
    n : int
    """
    return _Batching(program, set(varying), n).finished()


class _Batching:
    """The steps of a Program, recorded again with the further axis."""

    def __init__(self, program: Program, varying: set[str], n: int) -> None:
        self.program, self.n = program, n
        self.tape = AbstractTape()
        self.inputs: dict[str, Tracer] = {}
        self.points = set(varying)  # variables that differ from point to point
        for name, kind in program.types.items():
            shape = (*kind.shape, n) if name in varying else kind.shape
            self.inputs[name] = self.tape.input(abstract(shape, kind.dtype))
        self.env: dict[str, Any] = dict(self.inputs)
        for step in program.steps:
            self.env[step.name] = self._record(step)

    def finished(self) -> Program:
        """Return the Program; every output has the further axis."""
        outputs = [
            self.env[name] if name in self.points else self._repeated(self.env[name])
            for name in self.program.outputs
        ]
        names = {t.index: name for name, t in self.env.items() if name not in self.inputs}
        return finish(self.tape, self.inputs, outputs, names)

    def _record(self, step: Step) -> Tracer:
        operands = [self.env[o] if o.__class__ is str else o for o in step.operands]
        differ = [o.__class__ is str and o in self.points for o in step.operands]
        if not any(differ):
            return self.tape.record(step.primitive, tuple(operands), step.params)
        self.points.add(step.name)
        name = step.primitive.name
        if (step.primitive.elementwise and not step.params) or name in ("copy", "astype"):
            operands = [x if d else self._aside(x) for x, d in zip(operands, differ, strict=True)]
            return self.tape.record(step.primitive, tuple(operands), step.params)
        return self._rule(name)(step, operands, differ)

    def _rule(self, name: str) -> Callable[[Step, list, list], Tracer]:
        for names, rule in (
            (_ALONG, self._along),
            (_SHAPED, self._shaped),
            (_INDEXED, self._indexed),
            (_JOINED, self._joined),
        ):
            if name in names:
                return rule
        return {
            "transpose": self._transpose,
            "guard": self._guard,
            "matmul": self._matmul,
            "einsum": self._einsum,
        }.get(name, self._each)

    # -- operands -----------------------------------------------------------------------

    def _aside(self, x: Any) -> Any:
        """Give an operand that all points share an axis of length 1 at the end."""
        return reshape(x, shape=(*shape_of(x), 1)) if shape_of(x) else x

    def _repeated(self, x: Any) -> Tracer:
        """Give an operand that all points share an entry for each."""
        shape = (*shape_of(x), self.n)
        x = self._aside(x)
        return self.tape.record(broadcast_to, (x,), {"shape": shape})

    def _all_repeated(self, operands: list, differ: list) -> tuple:
        return tuple([x if d else self._repeated(x) for x, d in zip(operands, differ, strict=True)])

    # -- rules --------------------------------------------------------------------------

    def _along(self, step: Step, operands: list, differ: list) -> Tracer:
        params = dict(step.params)
        if params["axis"] is None:
            params["axis"] = tuple(range(len(shape_of(operands[0])) - 1))
        return self.tape.record(step.primitive, tuple(operands), params)

    def _shaped(self, step: Step, operands: list, differ: list) -> Tracer:
        x, shape = operands[0], (*step.params["shape"], self.n)
        return self.tape.record(step.primitive, (x,), {"shape": shape})

    def _indexed(self, step: Step, operands: list, differ: list) -> Tracer:
        params = dict(step.params)
        index = params["index"]
        parts = index_parts(index)
        if any(part is Ellipsis for part in parts):
            params["index"] = (*parts, slice(None))
        if "shape" in params:
            params["shape"] = (*params["shape"], self.n)
        if step.primitive.name in ("set_at", "add_at"):
            x, value = operands
            value = value if differ[1] else self._aside(value)
            operands = [x if differ[0] else self._repeated(x), value]
        return self.tape.record(step.primitive, tuple(operands), params)

    def _joined(self, step: Step, operands: list, differ: list) -> Tracer:
        axis = step.params["axis"] % len(step.type.shape)
        joined = self._all_repeated(operands, differ)
        return self.tape.record(step.primitive, joined, {**step.params, "axis": axis})

    def _transpose(self, step: Step, operands: list, differ: list) -> Tracer:
        axes = step.params["axes"]
        params = {"axes": (*axes, len(axes))}
        return self.tape.record(step.primitive, tuple(operands), params)

    def _guard(self, step: Step, operands: list, differ: list) -> Tracer:
        """All points must take the recorded branch."""
        expected = np.asarray(step.params["expected"])[..., None]
        expected = np.broadcast_to(expected, (*expected.shape[:-1], self.n))
        return self.tape.record(step.primitive, tuple(operands), {"expected": expected})

    def _matmul(self, step: Step, operands: list, differ: list) -> Tracer:
        """As an einsum, whose letters have no order."""
        shapes = [
            shape_of(x)[:-1] if d else shape_of(x) for x, d in zip(operands, differ, strict=True)
        ]
        a, b = map(len, shapes)
        if max(a, b) > 2:
            return self._each(step, operands, differ)
        left, right = "ij"[2 - a :], "jk"[:b]
        subscripts = f"{left},{right}->{left[:-1]}{right[1:]}"
        return self._with_points(subscripts, operands, differ)

    def _einsum(self, step: Step, operands: list, differ: list) -> Tracer:
        return self._with_points(step.params["subscripts"], operands, differ)

    def _with_points(self, subscripts: str, operands: list, differ: list) -> Tracer:
        left, out = subscripts.split("->")
        spare = next(c for c in "zyxwvutsrqponmlkjihgfedcba" if c not in subscripts)
        terms = [t + spare if d else t for t, d in zip(left.split(","), differ, strict=True)]
        return einsum(*operands, subscripts=f"{','.join(terms)}->{out}{spare}")

    def _each(self, step: Step, operands: list, differ: list) -> Tracer:
        """Any other row: point by point."""
        params = {"row": step.primitive.name, "differ": tuple(differ), "params": step.params}
        return self.tape.record(each, tuple(operands), params)


def _each(*xs: Any, row: str, differ: tuple, params: dict) -> Any:
    """Compute a row at each point, and stack the results along the last axis."""
    primitive = PRIMITIVES[row]
    n = next(x.shape[-1] for x, d in zip(xs, differ, strict=True) if d)
    return np.stack(
        [
            primitive.numpy(
                *[x[..., i] if d else x for x, d in zip(xs, differ, strict=True)], **params
            )
            for i in range(n)
        ],
        axis=-1,
    )


def _each_shape(*kinds: Any, row: str, differ: tuple, params: dict) -> Any:
    primitive = PRIMITIVES[row]
    n = next(kind.shape[-1] for kind, d in zip(kinds, differ, strict=True) if d)
    single = [
        abstract(kind.shape[:-1], kind.dtype) if d else kind
        for kind, d in zip(kinds, differ, strict=True)
    ]
    found = primitive.abstract(*single, **params)
    return abstract((*found.shape, n), found.dtype)


each = array_row(
    "each",
    _each,
    None,
    shape=_each_shape,
    source="a row without a batch of its own, point by point",
    examples=(
        ((2, 3), {"row": "cumsum", "differ": (True,), "params": {"axis": 0, "reverse": False}}),
    ),
)
