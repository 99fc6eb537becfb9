"""The textbook's rules on terms: forward accumulation, and reverse.

A step's local derivatives are what its row says, read as terms. Then

    forward   t_dot = sum of (d t/d u) * u_dot over the operands u
    reverse   u_bar = sum of t_bar * (d t/d u) over the steps t that use u

with the factors 1, -1 and 0 folded as one does by hand. The two orders write the same
number as two formulas of different sizes.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..core.program import Program, Step
from ..core.tracing import abstract
from .reading import live, read
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
        steps = live(program).steps
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
        terms.rule = ""

    def _partials(self, step: Step, moving: set[str]) -> list[tuple[str, int]]:
        """Return (operand, derivative by it) for the operands that move."""
        if step.primitive.push is None or step.primitive.pull is None:
            return []
        self.terms.rule = _RULES.get(step.primitive.name, "chain")
        places = [(k, o) for k, o in enumerate(step.operands) if o.__class__ is str]
        bound = {f"u{k}": self.variables[o] for k, o in places}
        found = [
            (o, read(self.terms, self._template(step, k), bound)[0])
            for k, o in places
            if o in moving
        ]
        return [(o, partial) for o, partial in found if self.terms.values.get(partial) != 0]

    def _template(self, step: Step, k: int) -> Program:
        """Return the derivative of this kind of step by its operand k, as a Program."""
        pattern = [None if o.__class__ is str else o for o in step.operands]
        key = (step.primitive.name, k, repr(pattern), repr(step.params))
        if key not in self._templates:
            self._templates[key] = _one_step(step).tangent(f"u{k}")
        return self._templates[key]

    def forward(self, name: str) -> list[int]:
        """Return the derivatives of the outputs by one input, accumulated forward."""
        dots = {name: self.terms.constant(1)}
        for step, rule, partials in self.edges:
            self.terms.rule = rule
            total = None
            for operand, partial in partials:
                dot = dots.get(operand)
                if dot is not None:
                    part = _times(self.terms, partial, dot)
                    total = part if total is None else _plus(self.terms, total, part)
            if total is not None:
                dots[step] = total
        self.terms.rule = ""
        return [dots.get(output, self.terms.constant(0)) for output in self.program.outputs]

    def reverse(self, wrt: Sequence[str]) -> list[int]:
        """Return the derivatives of the one output by inputs, accumulated in reverse."""
        bars = {self.program.outputs[0]: self.terms.constant(1)}
        for step, rule, partials in reversed(self.edges):
            self.terms.rule = rule
            bar = bars.pop(step, None)
            if bar is not None:
                for operand, partial in partials:
                    part, old = _times(self.terms, bar, partial), bars.get(operand)
                    bars[operand] = part if old is None else _plus(self.terms, old, part)
        self.terms.rule = ""
        return [bars.get(name, self.terms.constant(0)) for name in wrt]


def _one_step(step: Step) -> Program:
    """Return a Program of this step alone, whose operands are inputs u0, u1, ..."""
    operands = tuple([f"u{k}" if o.__class__ is str else o for k, o in enumerate(step.operands)])
    inputs = {o: _REAL for o in operands if o.__class__ is str}
    return Program(inputs, [Step("y", step.primitive, operands, step.params, step.type)], ["y"])


def _times(terms: Terms, a: int, b: int) -> int:
    """Multiply; 1 and -1 cost no product, and numbers are multiplied at once."""
    if a not in terms.values and b not in terms.values:
        return terms.operation(MULTIPLY, a, b)
    if a in terms.values and b in terms.values:
        return terms.constant(terms.values[a] * terms.values[b])
    number, other = (a, b) if a in terms.values else (b, a)
    value = terms.values[number]
    if value in (1, -1):
        return other if value == 1 else negated(terms, other)
    return number if value == 0 else terms.operation(MULTIPLY, a, b)


def _plus(terms: Terms, a: int, b: int) -> int:
    """Add; a zero costs nothing, and numbers are added at once."""
    if a in terms.values and b in terms.values:
        return terms.constant(terms.values[a] + terms.values[b])
    for number, other in ((a, b), (b, a)):
        if terms.values.get(number) == 0:
            return other
    return terms.operation(ADD, a, b)
