"""Formulas in infix notation: their text, and the length of texts too long to write.

Parentheses stand where Python's grammar needs them, so what is written can be read
again. Lengths follow the same rules as the text, from the operands' lengths alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import ArgumentError
from .numbers import short
from .terms import ADD, CONSTANT, DIVIDE, LEAVES, MULTIPLY, NEGATIVE, POWER, SYMBOL, Terms

_BINDING = {ADD: 1, MULTIPLY: 2, DIVIDE: 2, NEGATIVE: 2, POWER: 4}
_ATOM = 5
_BETWEEN = {ADD: " + ", MULTIPLY: "*", DIVIDE: "/", POWER: "**"}

MOST_CHARACTERS = 100_000
_LEVELS = 6  # of operations that a sketch shows at most


class Writing:
    """How terms are written: brackets and signs, and the characters that are no operand's.

    Attributes
    ----------
    extra : list of int
        For each term the length of its text without its operands' texts.
    """

    def __init__(self, terms: Terms) -> None:
        self.terms = terms
        self.extra: list[int] = []
        self._signed: list[bool] = []  # whether the text begins with a minus
        self._binding: list[int] = []
        for term in range(len(terms)):
            self._add(term)

    def _add(self, term: int) -> None:
        name, *operands = self.terms.nodes[term]
        self._binding.append(_binding(self.terms, term))
        if name in LEAVES:
            text = leaf_text(self.terms, term)
            self.extra.append(len(text))
            self._signed.append(text.startswith("-"))
            return
        bracketed = self.brackets(name, operands)
        self.extra.append(2 * sum(bracketed) + self._around(name, operands, bracketed))
        leading = name in _BETWEEN and self._signed[operands[0]] and not bracketed[0]
        self._signed.append(name == NEGATIVE or leading)

    def _around(self, name: str, operands: Sequence[int], bracketed: Sequence[bool]) -> int:
        """Count the characters that are no operand's."""
        if name == NEGATIVE:
            return 1
        if name not in _BETWEEN:
            return len(name) + 2 * len(operands)  # brackets, and a comma and blank between
        between = len(_BETWEEN[name]) * (len(operands) - 1)
        if name != ADD:
            return between
        later = zip(operands[1:], bracketed[1:], strict=True)
        # " - b" where " + -b" would stand
        return between - sum([self._signed[o] and not bracket for o, bracket in later])

    def brackets(self, name: str, operands: Sequence[int]) -> list[bool]:
        """Say for each operand whether it stands in brackets."""
        if name not in _BINDING:
            return [False] * len(operands)
        own = _BINDING[name]
        if name == NEGATIVE:
            return [self._binding[operands[0]] < own or self._signed[operands[0]]]
        first = self._binding[operands[0]] < own + (name == POWER)
        return [first] + [self._bracketed_after(name, o) for o in operands[1:]]

    def _bracketed_after(self, name: str, operand: int) -> bool:
        if name == POWER:
            return self._binding[operand] < _BINDING[POWER]
        if self._signed[operand]:
            return name != ADD or self._binding[operand] <= _BINDING[ADD]
        return self._binding[operand] <= _BINDING[name]


def write(
    terms: Terms,
    root: int,
    names: Mapping[int, str] | None = None,
    limit: int = MOST_CHARACTERS,
) -> str:
    """Return a formula as text.

    Parameters
    ----------
    terms : Terms
    root : int
    names : mapping, term -> name, optional
        Terms that stand in the text by their names; not the root itself.
    limit : int
        Most characters.

    Raises
    ------
    ArgumentError
        If the text would be longer, with its exact length.
    """
    shown = _Named(terms, {term: name for term, name in (names or {}).items() if term != root})
    order, writing = shown.below([root]), Writing(shown)
    lengths: dict[int, int] = {}
    for term in order:
        lengths[term] = writing.extra[term] + sum([lengths[o] for o in shown.operands[term]])
    if lengths[root] > limit:
        raise ArgumentError(
            f"written out the formula has {short(lengths[root])} characters; at most "
            f"{limit:,} are written. Give parts of it names"
        )
    texts: dict[int, str] = {}
    for term in order:
        texts[term] = _text(writing, term, texts)
    return texts[root]


def sketch(terms: Terms, term: int, width: int = 44) -> str:
    """Return a short formula whole; of a long one the outermost operations.

    >>> terms = Terms()
    >>> x = terms.symbol("x")
    >>> for _ in range(20):
    ...     x = terms.operation("sin", terms.operation("*", x, x))
    >>> sketch(terms, x)
    'sin(sin(...*...)*sin(...*...))'
    """
    for levels in range(_LEVELS, 0, -1):
        top = Terms()
        text = write(top, _top(terms, term, levels, top))
        if len(text) <= width:
            return text
    return f"{text[: width - 3]}..."


def _top(terms: Terms, term: int, levels: int, into: Terms) -> int:
    """Copy the outermost levels of a formula, with dots for what is inside."""
    name, *rest = terms.nodes[term]
    if name in LEAVES:
        return into.symbol(rest[0]) if name == SYMBOL else into.constant(rest[0])
    if levels:
        return into.operation(name, *[_top(terms, o, levels - 1, into) for o in rest])
    inside = into.symbol("...")
    return into.operation(NEGATIVE, inside) if name == NEGATIVE else inside


class _Named(Terms):
    """A view of terms in which some are variables."""

    def __init__(self, terms: Terms, names: Mapping[int, str]) -> None:
        super().__init__()
        self.nodes, self.operands = list(terms.nodes), list(terms.operands)
        for term, name in names.items():
            self.nodes[term], self.operands[term] = (SYMBOL, name), ()


def _text(writing: Writing, term: int, texts: Mapping[int, str]) -> str:
    name, *operands = writing.terms.nodes[term]
    if name in LEAVES:
        return leaf_text(writing.terms, term)
    bracketed = writing.brackets(name, operands)
    parts = [
        f"({texts[o]})" if bracket else texts[o]
        for o, bracket in zip(operands, bracketed, strict=True)
    ]
    if name == NEGATIVE:
        return "-" + parts[0]
    if name == ADD:
        later = [f" - {p[1:]}" if p[0] == "-" else f" + {p}" for p in parts[1:]]
        return "".join([parts[0], *later])
    if name in _BETWEEN:
        return _BETWEEN[name].join(parts)
    return f"{name}({', '.join(parts)})"


def leaf_text(terms: Terms, term: int) -> str:
    """Return a variable's name or a number as it is written."""
    _, value = terms.nodes[term]
    return str(value)


def _binding(terms: Terms, term: int) -> int:
    """How strongly a term holds together: sums least, names and calls most."""
    name, *rest = terms.nodes[term]
    if name == CONSTANT:
        return _constant_binding(rest[0])
    return _BINDING.get(name, _ATOM)


def _constant_binding(value: Any) -> int:
    text = str(value)
    return _BINDING[NEGATIVE] if text.startswith("-") or "/" in text else _ATOM
