"""Text to syntax trees: split into statements, limited in size, parsed by `ast`."""

from __future__ import annotations

import ast
import re
import unicodedata
from collections.abc import Iterator

from ..errors import ExpressionError

MAX_TEXT = 1_000_000  # characters of the whole program
MAX_STATEMENT = 10_000  # characters of one statement
MAX_DEPTH = 200  # nesting of brackets and operators

LAMBDA = "lambda is a Python keyword: for the Greek letter write lam or λ"


def statements(text: str) -> Iterator[str]:
    """Split at newlines and semicolons outside brackets, dropping comments."""
    if len(text) > MAX_TEXT:
        raise ExpressionError(
            f"the text has {len(text):,} characters; at most {MAX_TEXT:,} are read"
        )
    _check_characters(text)
    start, depth, position = 0, 0, 0
    while position <= len(text):
        char = text[position] if position < len(text) else "\n"
        if char in "([{":
            depth += 1
            if depth > MAX_DEPTH:
                raise too_deep(text[start:position])
        elif char in ")]}":
            depth = max(depth - 1, 0)
        elif char == "#" or (char in "\n;" and (not depth or position == len(text))):
            statement = text[start:position].strip()
            if char == "#":
                position = (text + "\n").index("\n", position)
            if statement:
                yield _checked(statement)
            start = position + 1
        position += 1


def _checked(statement: str) -> str:
    if len(statement) > MAX_STATEMENT:
        raise ExpressionError(
            f"a statement has {len(statement):,} characters; at most {MAX_STATEMENT:,} are read. "
            f"Split it: give parts of it names. It begins: {statement[:40]}"
        )
    return statement


def too_deep(statement: str) -> ExpressionError:
    """Return the error for a statement with too many levels."""
    return ExpressionError(
        f"a statement is nested deeper than {MAX_DEPTH} levels; give inner parts names, as in "
        f"z = ...; y = f(z). It begins: {statement.strip()[:40]}"
    )


_INSTEAD = {
    "²": "**2", "³": "**3", "×": "*", "·": "*", "∙": "*", "⋅": "*", "−": "-", "–": "-",
    "÷": "/", "√": "sqrt(...)", "≤": "<=", "≥": ">=", "≠": "!=", "∞": "a number", "∑": "sum(...)",
    "“": "no quotes", "”": "no quotes", "’": "no primes",
}  # fmt: skip


def _check_characters(text: str) -> None:
    """Allow ASCII, and Latin and Greek letters that Python keeps as they are."""
    if text.isascii():
        return
    for at, char in enumerate(text):
        if char.isascii() or _is_letter(char):
            continue
        name = unicodedata.name(char, "a control character")
        instead = _INSTEAD.get(char) or unicodedata.normalize("NFKC", char)
        hint = f"; write {instead}" if instead != char else "; names take Latin and Greek letters"
        raise ExpressionError(f"the character {char!r} ({name}) at position {at} is not read{hint}")


def _is_letter(char: str) -> bool:
    if char == "µ":  # the micro sign of keyboards; Python reads it as the Greek letter
        return True
    script = unicodedata.name(char, "").split(" ")[0]
    return (
        script in ("GREEK", "LATIN")
        and unicodedata.category(char)[0] == "L"
        and unicodedata.normalize("NFKC", char) == char
    )


def parsed(text: str) -> ast.stmt:
    """Parse one statement, with ^ meaning power."""
    try:
        body = ast.parse(text.replace("^", "**"), mode="exec").body
    except (RecursionError, MemoryError):
        raise too_deep(text) from None
    except (SyntaxError, ValueError) as error:
        raise _unreadable(text, error) from None
    if len(body) != 1:
        raise ExpressionError(f"{text[:60]!r} is not one statement")
    return body[0]


def _unreadable(text: str, error: Exception) -> ExpressionError:
    message = str(getattr(error, "msg", error))
    if "integer string conversion" in message or "Exceeds the limit" in message:
        return ExpressionError("an integer has too many digits; write it as a float, like 1e30")
    if "nested" in message or "too complex" in message:
        return too_deep(text)
    if "lambda" in text:
        return ExpressionError(f"{text[:60]!r}: {LAMBDA}")
    for pattern, advice in _HINTS:
        found = re.search(pattern, text)
        if found:
            return ExpressionError(f"{text[:60]!r} cannot be read: {found.expand(advice)}")
    column = getattr(error, "offset", None)
    where = f" at column {column}" if column else ""
    return ExpressionError(f"{text[:60]!r} cannot be read{where}: {message}")


# What people write who come from paper or from other systems, and what to write here.
_HINTS = (
    (r"^\s*\w+\(\w+\)\s*=[^=]", "name the value alone, as in y = x^2"),
    (r"\b(\d+\.?\d*)([^\W\d_]\w*)", r"a product needs its sign: write \1*\2"),
    (r"\b([^\W\d]\w*)\s+([^\W\d]\w*)", r"write \1(\2) to call, \1*\2 to multiply"),
    (r"'", "primes are not read; give the derivative another name, as in dy"),
    (r"\|([^|]+)\|", r"write abs(\1)"),
    (r"!", "factorials are not read"),
    (r"[{}]", "group with round brackets"),
)
