"""The textbook's rules on terms: forward accumulation, and reverse.

A step's local derivatives are what its row says, read as terms. Then

    forward   t_dot = sum of (d t/d u) * u_dot over the operands u
    reverse   u_bar = sum of t_bar * (d t/d u) over the steps t that use u

with the factors 1, -1 and 0 folded as one does by hand. The two orders write the same
number as two formulas of different sizes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..core.program import Program, Step
from ..core.tracing import abstract
from .reading import read
from .terms import ADD, MULTIPLY, Terms, negated

_REAL = abstract((), np.dtype(float))

# What a reader calls the rule by which a step is differentiated; "chain" for functions.
_RULES = {
    "multiply": "product",
    "divide": "quotient",
    "quotient": "quotient",
    "reciprocal": "quotient",
    "power": "power",
    "square": "power",
    "add": "sum",
    "subtract": "sum",
    "negative": "sum",
}


class Linearized:
    """A Program as terms, with the local derivatives of the steps that its outputs need.

    Attributes
    ----------
    terms : Terms
    variables : dict, variable of the Program -> term
    outputs : list of int
        The terms of the outputs.
    edges : list of (name, rule, [(operand name, term of the local derivative), ...])
        One for each step that moves, in order.
    """

    def __init__(self, terms: Terms, program: Program, wrt: Sequence[str]) -> None:
        self.terms = terms
        self.program = program
        live = _live(program)
        steps = [step for step in program.steps if step.name in live]
        names = [*program.inputs, *(step.name for step in steps)]
        everything = Program(program.types, steps, names)
        self.variables = dict(zip(names, read(terms, everything), strict=True))
        self.outputs = [self.variables[name] for name in program.outputs]
        self._templates: dict[tuple, Program] = {}
        moving = set(wrt)
        self.edges = []
        for step in steps:
            partials = self._partials(step, moving)
            if partials:
                moving.add(step.name)
                rule = _RULES.get(step.primitive.name, "chain")
                self.edges.append((step.name, rule, partials))

    def _partials(self, step: Step, moving: set[str]) -> list[tuple[str, int]]:
        """Return (operand, derivative by it) for the operands that move."""
        if step.primitive.push is None or step.primitive.pull is None:
            return []
        places = [(k, o) for k, o in enumerate(step.operands) if o.__class__ is str]
        bound = {f"u{k}": self.variables[o] for k, o in places}
        found = [
            (o, read(self.terms, self._template(step, k), bound)[0])
            for k, o in places
            if o in moving
        ]
        return [(o, partial) for o, partial in found if self.terms.value(partial) != 0]

    def _template(self, step: Step, k: int) -> Program:
        """Return the derivative of this kind of step by its operand k, as a Program."""
        pattern = [None if o.__class__ is str else o for o in step.operands]
        key = (step.primitive.name, k, repr(pattern), repr(step.params))
        if key not in self._templates:
            self._templates[key] = _one_step(step).tangent(f"u{k}")
        return self._templates[key]

    def _sum(self, rule: str, old: int | None, new: int) -> int:
        return new if old is None else self._made(rule, lambda: _plus(self.terms, old, new))

    def _product(self, rule: str, factor: int, partial: int) -> int:
        return self._made(rule, lambda: _times(self.terms, factor, partial))

    def _made(self, rule: str, build: Callable[[], int]) -> int:
        """Build a term, and note by which rule, if it is new."""
        before = len(self.terms)
        term = build()
        for new in range(before, len(self.terms)):
            self.terms.rules[new] = rule
        return term

    def forward(self, name: str) -> list[int]:
        """Return the derivatives of the outputs by one input, accumulated forward."""
        dots = {name: self.terms.constant(1)}
        for step, rule, partials in self.edges:
            total = None
            for operand, partial in partials:
                if operand in dots:
                    part = self._product(rule, partial, dots[operand])
                    total = self._sum(rule, total, part)
            if total is not None:
                dots[step] = total
        return [dots.get(output, self.terms.constant(0)) for output in self.program.outputs]

    def reverse(self, wrt: Sequence[str]) -> list[int]:
        """Return the derivatives of the one output by inputs, accumulated in reverse."""
        bars = {self.program.outputs[0]: self.terms.constant(1)}
        for step, rule, partials in reversed(self.edges):
            bar = bars.pop(step, None)
            if bar is not None:
                for operand, partial in partials:
                    part = self._product(rule, bar, partial)
                    bars[operand] = self._sum(rule, bars.get(operand), part)
        return [bars.get(name, self.terms.constant(0)) for name in wrt]


def _live(program: Program) -> set[str]:
    """Return the variables that the outputs depend on."""
    live = set(program.outputs)
    for step in reversed(program.steps):
        if step.name in live:
            live.update(o for o in step.operands if o.__class__ is str)
    return live


def _one_step(step: Step) -> Program:
    """Return a Program of this step alone, whose operands are inputs u0, u1, ..."""
    operands = tuple([f"u{k}" if o.__class__ is str else o for k, o in enumerate(step.operands)])
    inputs = {o: _REAL for o in operands if o.__class__ is str}
    return Program(inputs, [Step("y", step.primitive, operands, step.params, step.type)], ["y"])


def _times(terms: Terms, a: int, b: int) -> int:
    """Multiply; 1 and -1 cost no product, and numbers are multiplied at once."""
    for factor, other in ((a, b), (b, a)):
        value: Any = terms.value(factor)
        if value is not None and value in (1, -1, 0):
            return other if value == 1 else factor if value == 0 else negated(terms, other)
    first, second = terms.value(a), terms.value(b)
    if first is not None and second is not None:
        return terms.constant(first * second)
    return terms.operation(MULTIPLY, a, b)


def _plus(terms: Terms, a: int, b: int) -> int:
    """Add; a zero costs nothing, and numbers are added at once."""
    first, second = terms.value(a), terms.value(b)
    if first == 0 or second == 0:
        return b if first == 0 else a
    if first is not None and second is not None:
        return terms.constant(first + second)
    return terms.operation(ADD, a, b)
