"""The local derivative of one step as a formula, read off the adjoint of that one step.

The rule is recorded as in any adjoint and its few steps are put into one another. A step
that acts entry by entry is differentiated as if its operands were numbers, so that the
formula is a factor (``dq/dx = y``); any other array operation tells what it does to the
cotangent (``W_bar = transpose(x) @ z_bar``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from ..core.program import Program, Step
from ..core.tracing import AbstractTuple, abstract, shape_of
from ..errors import DiffkitError

# How tightly a printed form binds; whatever is not listed prints as a call.
_BINDING = {
    "copy": 1, "add": 1, "subtract": 1, "negative": 3, "multiply": 3, "divide": 3, "matmul": 3,
    "power": 5,
}  # fmt: skip
_CALL = 9
_SIGNED = re.compile(r"^\((-[^()]*)\)")  # a sign in front needs no parentheses
_ONE = re.compile(r"^1\.0\*|broadcast_to\((1\.0), shape=\([^)]*\)\)")
_WHOLE = re.compile(r"^(-?\d+)\.0$")
_PLACEHOLDER = re.compile(r"\bv(\d+)\b|\bout(_bar)?\b")


class Formulas:
    """Local derivatives of steps as text; each kind of step is differentiated once.

    >>> import diffkit as dk
    >>> p = dk.lower("q = x*y; r = log(q)/y")
    >>> [Formulas(p).local(step, 0) for step in p.steps]
    ['dq/dx = y', 'dt1/dq = 1/q', 'dr/dt1 = 1/y']
    """

    def __init__(self, program: Program) -> None:
        self._types = {**program.types, **{step.name: step.type for step in program.steps}}
        self._known: dict[Any, tuple[bool, str] | None] = {}

    def local(self, step: Step, k: int) -> str | None:
        """Return the derivative of a step by its operand k, or None if it has none."""
        key = (step.primitive.name, k, str(step.params), tuple(map(self._key, step.operands)))
        if key not in self._known:
            self._known[key] = self._template(step, k)
        found = self._known[key]
        if found is None:
            return None
        factor, template = found
        x, y = step.operands[k], step.name
        formula = _PLACEHOLDER.sub(lambda word: _name(word, step), template)
        return f"d{y}/d{x} = {formula}" if factor else f"{x}_bar = {formula}"

    def _key(self, operand: Any) -> Any:
        return self._types[operand] if operand.__class__ is str else (type(operand), str(operand))

    def _template(self, step: Step, k: int) -> tuple[bool, str] | None:
        """Return the formula over v0, v1, ..., out, and whether it is a factor."""
        adjoint = self.alone(step, k)
        if adjoint is None:
            return None
        text = _ONE.sub(r"\1", inlined(adjoint.steps, adjoint.outputs[0]))
        return "out_bar" not in adjoint.inputs, _WHOLE.sub(r"\1", _SIGNED.sub(r"\1", text))

    def alone(self, step: Step, k: int) -> Program | None:
        """Return the adjoint by operand k of one step, from v0, v1, ... to out; None for none."""
        if step.primitive.pull is None or step.primitive.several:
            return None
        operands = [f"v{j}" if o.__class__ is str else o for j, o in enumerate(step.operands)]
        kinds = {f"v{j}": self._types[o] for j, o in enumerate(step.operands) if o.__class__ is str}
        kind = step.type
        if any(isinstance(of, AbstractTuple) for of in kinds.values()):
            return None  # one of several results has no formula of its own
        if step.primitive.elementwise and not any(map(shape_of, operands)):
            kinds = {name: abstract((), of.dtype) for name, of in kinds.items()}
            kind = abstract((), kind.dtype)
        alone = Step("out", step.primitive, tuple(operands), step.params, kind)
        try:
            return Program(kinds, [alone], ["out"]).adjoint(f"v{k}")
        except DiffkitError:
            return None


def _name(word: re.Match, step: Step) -> str:
    return step.operands[int(word[1])] if word[1] else step.name + (word[2] or "")


def inlined(steps: Iterable[Step], output: str, atoms: Iterable[str] = ("out",)) -> str:
    """Put steps into one another: the output as one expression over inputs and `atoms`.

    >>> import diffkit as dk
    >>> p = dk.lower("z = w*x; y = -(z + 1)*(2 - z)**2")
    >>> inlined(p.steps, "y", atoms=())
    '(-(w*x + 1))*(2 - w*x)**2'
    """
    known: dict[str, tuple[str, int]] = {}
    for step in steps:
        if step.name not in atoms:
            known[step.name] = _inlined(step, known)
    return known.get(output, (output, 0))[0]


def _inlined(step: Step, known: dict[str, tuple[str, int]]) -> tuple[str, int]:
    """Return the text of a step over inputs, and how tightly it binds."""
    own = _binding(step)
    operands = [
        _enclosed(*known[o], own + (j > 0)) if o.__class__ is str and o in known else o
        for j, o in enumerate(step.operands)
    ]
    text = expression(step._replace(operands=tuple(operands)))
    return text, own or _CALL


def _enclosed(text: str, binding: int, least: int) -> str:
    return f"({text})" if binding < least and least > 1 else text


def _binding(step: Step) -> int:
    """Return how tightly the printed form of a step binds; 0 for a call."""
    if step.primitive.name in _BINDING:
        return _BINDING[step.primitive.name]
    first = str(step.operands[0]) if step.operands else ""
    return _CALL if first and expression(step).startswith(first) else 0


def expression(step: Step) -> str:
    """Return what a step computes, as it is printed.

    >>> import diffkit as dk
    >>> expression(dk.lower("q = x*y").steps[0])
    'x*y'
    """
    return str(step)[len(step.name) + 3 :]
