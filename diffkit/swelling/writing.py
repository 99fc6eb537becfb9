"""Formulas in infix notation: their text, and the length of texts too long to write.

Parentheses stand where Python's grammar needs them, so what is written can be read
again. Lengths follow the same rules as the text, from the operands' lengths alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import ArgumentError
from .terms import ADD, CONSTANT, DIVIDE, MULTIPLY, NEGATIVE, POWER, SYMBOL, Terms

_BINDING = {ADD: 1, MULTIPLY: 2, DIVIDE: 2, NEGATIVE: 2, POWER: 4}
_ATOM = 5
_BETWEEN = {ADD: " + ", MULTIPLY: "*", DIVIDE: "/", POWER: "**"}

MOST_CHARACTERS = 100_000


class Writing:
    """Lengths of terms; `add` them operands first."""

    def __init__(self, terms: Terms) -> None:
        self.terms = terms
        self.lengths: dict[int, int] = {}
        self.signed: dict[int, bool] = {}  # whether the text begins with a minus
        self.binding: dict[int, int] = {}

    def add(self, term: int) -> None:
        """Work out the length of a term."""
        name, *operands = self.terms.nodes[term]
        self.binding[term] = _binding(self.terms, term)
        if name in (SYMBOL, CONSTANT):
            text = leaf_text(self.terms, term)
            self.lengths[term], self.signed[term] = len(text), text.startswith("-")
            return
        bracketed = self.brackets(name, operands)
        inside = sum([self.lengths[o] for o in operands]) + 2 * sum(bracketed)
        self.lengths[term] = inside + self._around(name, operands, bracketed)
        self.signed[term] = name == NEGATIVE or (
            name in _BETWEEN and self.signed[operands[0]] and not bracketed[0]
        )

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
        return between - sum([self.signed[o] and not bracket for o, bracket in later])

    def brackets(self, name: str, operands: Sequence[int]) -> list[bool]:
        """Say for each operand whether it stands in brackets."""
        if name not in _BINDING:
            return [False] * len(operands)
        own = _BINDING[name]
        if name == NEGATIVE:
            return [self.binding[operands[0]] < own or self.signed[operands[0]]]
        first = self.binding[operands[0]] < own + (name == POWER)
        return [first] + [self._bracketed_after(name, o) for o in operands[1:]]

    def _bracketed_after(self, name: str, operand: int) -> bool:
        if name == POWER:
            return self.binding[operand] < _BINDING[POWER]
        if self.signed[operand]:
            return name != ADD or self.binding[operand] <= _BINDING[ADD]
        return self.binding[operand] <= _BINDING[name]

    def forget(self, term: int) -> None:
        """Drop what is known of a term that nothing needs any more."""
        del self.lengths[term], self.signed[term], self.binding[term]


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
    names = {term: name for term, name in (names or {}).items() if term != root}
    shown = _Named(terms, names)
    order = shown.below([root])
    writing = Writing(shown)
    for term in order:
        writing.add(term)
    if writing.lengths[root] > limit:
        raise ArgumentError(
            f"written out the formula has {writing.lengths[root]:.3g} characters; at most "
            f"{limit:,} are written. Give parts of it names"
        )
    texts: dict[int, str] = {}
    for term in order:
        texts[term] = _text(writing, term, texts)
    return texts[root]


class _Named(Terms):
    """A view of terms in which some are variables."""

    def __init__(self, terms: Terms, names: Mapping[int, str]) -> None:
        nodes = list(terms.nodes)
        for term, name in names.items():
            nodes[term] = (SYMBOL, name)
        self.nodes = nodes


def _text(writing: Writing, term: int, texts: Mapping[int, str]) -> str:
    name, *operands = writing.terms.nodes[term]
    if name in (SYMBOL, CONSTANT):
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
