"""Terms: operations and their operands, each distinct one held once.

A term is a number, its place in one growing list; its operands have smaller ones.
So every question about sizes is a loop over numbers, upward or downward, however
deep the formula is.

The unit of all sizes is here, too: a sum or product of k terms is k - 1 operations; a
quotient, a power, a sign, and a function of any kind are one; constants and variables
are none. A difference a - b is the sum of a and -b, as SymPy holds it: two.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Any

ADD, MULTIPLY, DIVIDE, POWER, NEGATIVE = "+", "*", "/", "**", "-"
SYMBOL, CONSTANT = "symbol", "constant"
LEAVES = (SYMBOL, CONSTANT)
COMMUTATIVE = (ADD, MULTIPLY)

Node = tuple[Any, ...]  # (operation, *operands), or (SYMBOL, name), or (CONSTANT, value)


class Terms:
    """A growing list of distinct terms.

    Attributes
    ----------
    nodes : list of tuple
        (operation, *operands), or ("symbol", name), or ("constant", value).
    operands : list of tuple of int
        The terms that each term is made of.
    costs : list of int
        The operations of each term itself, without its operands'.
    values : dict, term -> number
        The constants among the terms.
    made_by : list of str
        The rule of differentiation that each term was made by; "" for a function's own.
    rule : str
        What is noted for new terms.
    functions : Namespace
        SymPy's functions, on these terms.

    Examples
    --------
    >>> terms = Terms()
    >>> x = terms.symbol("x")
    >>> one = terms.operation("sin", x)
    >>> terms.operation("sin", x) == one
    True
    """

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.operands: list[tuple[int, ...]] = []
        self.costs: list[int] = []
        self.values: dict[int, Any] = {}
        self.made_by: list[str] = []
        self.rule = ""
        self.functions = Namespace(self)
        self._known: dict[Node, int] = {}

    def symbol(self, name: str) -> int:
        """Return the variable of this name."""
        node = (SYMBOL, name)
        found = self._known.get(node)
        return self._added(node, node, (), 0) if found is None else found

    def constant(self, value: Any) -> int:
        """Return a number or truth value; -1 and -1.0 are one constant, 1 and True are not."""
        key = (CONSTANT, str(value) if isinstance(value, bool) or value != value else value)
        found = self._known.get(key)
        if found is None:
            found = self._added((CONSTANT, value), key, (), 0)
            self.values[found] = value
        return found

    def operation(self, name: str, *operands: int) -> int:
        """Return an operation on terms; sums and products do not mind the order."""
        node = (name, *operands)
        key = (name, *sorted(operands)) if name in COMMUTATIVE else node
        found = self._known.get(key)
        if found is None:
            cost = len(operands) - 1 if name in COMMUTATIVE else 1
            found = self._added(node, key, operands, cost)
        return found

    def _added(self, node: Node, key: Node, operands: tuple[int, ...], cost: int) -> int:
        number = self._known[key] = len(self.nodes)
        self.nodes.append(node)
        self.operands.append(operands)
        self.costs.append(cost)
        self.made_by.append(self.rule)
        return number

    def below(self, roots: Iterable[int]) -> list[int]:
        """Return the terms that the roots are made of, and the roots; operands first."""
        roots = list(roots)
        needed = bytearray(max(roots, default=-1) + 1)
        for root in roots:
            needed[root] = 1
        for term in range(len(needed) - 1, -1, -1):
            if needed[term]:
                for operand in self.operands[term]:
                    needed[operand] = 1
        return [term for term in range(len(needed)) if needed[term]]

    def dag_ops(self, roots: Iterable[int]) -> int:
        """Return how many operations the roots are made of, each distinct one once."""
        return sum([self.costs[term] for term in self.below(roots)])

    def __len__(self) -> int:
        return len(self.nodes)


class Term:
    """A term as an object with operators: what the SymPy forms of rows are applied to."""

    __slots__ = ("number", "terms")

    def __init__(self, terms: Terms, number: int) -> None:
        self.terms = terms
        self.number = number

    def _with(self, name: str, *others: Any) -> Term:
        numbers = [lifted(self.terms, other).number for other in others]
        return Term(self.terms, self.terms.operation(name, *numbers))

    def __add__(self, other: Any) -> Term:
        return self._with(ADD, self, other)

    def __radd__(self, other: Any) -> Term:
        return self._with(ADD, other, self)

    def __neg__(self) -> Term:
        return Term(self.terms, negated(self.terms, self.number))

    def __sub__(self, other: Any) -> Term:
        return self + -lifted(self.terms, other)

    def __rsub__(self, other: Any) -> Term:
        return lifted(self.terms, other) + -self

    def __mul__(self, other: Any) -> Term:
        if self.terms.values.get(self.number) == -1:
            return -lifted(self.terms, other)
        return self._with(MULTIPLY, self, other)

    def __rmul__(self, other: Any) -> Term:
        return lifted(self.terms, other) * self

    def __truediv__(self, other: Any) -> Term:
        return self._with(DIVIDE, self, other)

    def __rtruediv__(self, other: Any) -> Term:
        return self._with(DIVIDE, other, self)

    def __pow__(self, other: Any) -> Term:
        return self._with(POWER, self, other)

    def __rpow__(self, other: Any) -> Term:
        return self._with(POWER, other, self)


class Namespace:
    """SymPy's functions by name, each as an operation on terms."""

    def __init__(self, terms: Terms) -> None:
        self._terms = terms

    guarded = None  # no form needs protection: nothing is divided here
    true = property(lambda self: self._lift(True))
    false = property(lambda self: self._lift(False))
    pi = property(lambda self: self._lift(math.pi))

    def _lift(self, value: Any) -> Term:
        return lifted(self._terms, value)

    def Rational(self, above: int, below: int) -> Term:
        """Return a constant fraction."""
        return self._lift(above / below)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)

        def function(*operands: Any, **params: Any) -> Term:
            return self._apply(_spelled(name, params), operands)

        setattr(self, name, function)  # found at once from now on
        return function

    def _apply(self, name: str, operands: tuple) -> Term:
        flat = [part for given in operands for part in _pair(given)]
        numbers = [self._lift(part).number for part in flat]
        return Term(self._terms, self._terms.operation(name, *numbers))


def _pair(given: Any) -> Iterator[Any]:
    """A branch of a Piecewise is a pair; everything else stands for itself."""
    yield from given if isinstance(given, tuple) else (given,)


def _spelled(name: str, params: dict) -> str:
    return "_".join([name, *map(str, params.values())]) if params else name


def lifted(terms: Terms, value: Any) -> Term:
    """Return a number as a term; a term as it is."""
    return value if value.__class__ is Term else Term(terms, terms.constant(value))


def negated(terms: Terms, term: int) -> int:
    """Return the term with the other sign; of a constant, a constant."""
    value = terms.values.get(term)
    return terms.operation(NEGATIVE, term) if value is None else terms.constant(-value)
