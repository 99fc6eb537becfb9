"""Formulas in infix notation: their text, and the length of texts too long to write.

Parentheses stand where Python's grammar needs them, so what is written can be read
again. Lengths follow the same rules as the text, from the operands' lengths alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..errors import ArgumentError
from .numbers import short
from .terms import ADD, CONSTANT, DIVIDE, LEAVES, MULTIPLY, NEGATIVE, POWER, SYMBOL, Node, Terms

_BINDING = {ADD: 1, MULTIPLY: 2, DIVIDE: 2, NEGATIVE: 2, POWER: 4}
_ATOM = 5
_BETWEEN = {ADD: " + ", MULTIPLY: "*", DIVIDE: "/", POWER: "**"}

MOST_CHARACTERS = 100_000
_LEVELS = 6  # of operations that a sketch shows at most


class Writing:
    """How terms are written.

    Attributes
    ----------
    extra : list of int
        For each term the length of its text without its operands' texts.
    styles : list of int
        How strongly a term's text holds together: a sum least, a name or a call most.
        Negative where the text begins with a minus.
    """

    def __init__(self, terms: Terms) -> None:
        self.terms = terms
        self.extra: list[int] = []
        self.styles: list[int] = []
        layouts: dict[tuple, tuple[int, int]] = {}
        for node, operands in zip(terms.nodes, terms.operands, strict=True):
            if operands:
                key = (node[0], *[self.styles[o] for o in operands])
                found = layouts.get(key)
                if found is None:
                    found = layouts[key] = _layout(node[0], key[1:])
            else:
                found = _leaf_layout(node)
            self.extra.append(found[0])
            self.styles.append(found[1])

    def bracketed(self, term: int) -> list[bool]:
        """Say for each operand of a term whether it stands in brackets."""
        styles = [self.styles[o] for o in self.terms.operands[term]]
        return _brackets(self.terms.nodes[term][0], styles)


def _leaf_layout(node: Node) -> tuple[int, int]:
    text = str(node[1])
    if text.startswith("-"):
        return len(text), -_BINDING[NEGATIVE]
    return len(text), _BINDING[DIVIDE] if node[0] == CONSTANT and "/" in text else _ATOM


def _layout(name: str, styles: Sequence[int]) -> tuple[int, int]:
    """Return how many characters of a term are no operand's, and its style."""
    brackets = _brackets(name, styles)
    extra = 2 * sum(brackets) + _around(name, styles, brackets)
    signed = name == NEGATIVE or (name in _BETWEEN and styles[0] < 0 and not brackets[0])
    binding = _BINDING.get(name, _ATOM)
    return extra, -binding if signed else binding


def _around(name: str, styles: Sequence[int], brackets: Sequence[bool]) -> int:
    """Count signs, commas and blanks."""
    if name == NEGATIVE:
        return 1
    if name not in _BETWEEN:
        return len(name) + 2 * len(styles)  # its brackets, and a comma and blank between
    between = len(_BETWEEN[name]) * (len(styles) - 1)
    if name != ADD:
        return between
    later = zip(styles[1:], brackets[1:], strict=True)
    # " - b" where " + -b" would stand
    return between - sum([style < 0 and not bracket for style, bracket in later])


def _brackets(name: str, styles: Sequence[int]) -> list[bool]:
    """Say for each operand whether it stands in brackets, by the operands' styles."""
    if name not in _BINDING:
        return [False] * len(styles)
    first, own = styles[0], _BINDING[name]
    if name == NEGATIVE:
        return [first < own]
    return [abs(first) < own + (name == POWER)] + [_bracketed_after(name, s) for s in styles[1:]]


def _bracketed_after(name: str, style: int) -> bool:
    if name == POWER:
        return abs(style) < _BINDING[POWER]
    if style < 0:
        return name != ADD or -style <= _BINDING[ADD]
    return style <= _BINDING[name]


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
    name, operands = writing.terms.nodes[term][0], writing.terms.operands[term]
    if not operands:
        return leaf_text(writing.terms, term)
    pairs = zip(operands, writing.bracketed(term), strict=True)
    parts = [f"({texts[o]})" if bracket else texts[o] for o, bracket in pairs]
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
    return str(terms.nodes[term][1])
