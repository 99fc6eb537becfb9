"""Python source in the making: lines, safe names, and the objects that the names stand for."""

from __future__ import annotations

import builtins
import itertools
import keyword
import linecache
import math
import weakref
from collections.abc import Collection, Iterable, Iterator
from types import CodeType
from typing import Any

import numpy as np

from ..core.naming import Names
from ..progress import mention

_numbers = itertools.count(1)
PIECE = 4000  # lines that are compiled at once

# What generated source refers to; no variable is given one of these names.
LIBRARIES: dict[str, Any] = {"np": np, "math": math, "inf": math.inf, "nan": math.nan}
RESERVED = {*LIBRARIES, *keyword.kwlist, *keyword.softkwlist, *dir(builtins)}


class Variables:
    """A Python name for every variable of a Program; its own where Python allows it.

    Parameters
    ----------
    names : collection of str
        The variables.
    avoid : iterable of str
        Names that nothing else is to have.
    used : collection of str
        Names of functions that the text calls; no variable has one of them.
    """

    def __init__(
        self, names: Collection[str], avoid: Iterable[str] = (), used: Collection[str] = ()
    ) -> None:
        own = {name: name for name in names if _usable(name) and name not in used}
        self._names = Names([*RESERVED, *used, *avoid, *own])
        self._of = {name: own.get(name) or self._names.fresh() for name in names}

    def __getitem__(self, name: str) -> str:
        return self._of[name]

    def extra(self, wanted: str) -> str:
        """Return a name of this kind that no variable has."""
        return self._names.unique(wanted)


def _usable(name: str) -> bool:
    return name.isidentifier() and name.isascii() and name not in RESERVED


class Source:
    """Finished source: its text, and the objects that it refers to.

    Attributes
    ----------
    text : str
    objects : dict, name -> object
        Constants and functions; `LIBRARIES` need not be mentioned.
    """

    def __init__(self, text: str, objects: dict[str, Any]) -> None:
        self.text = text
        self.objects = objects
        number = next(_numbers)
        self._codes: list[CodeType] = []
        for k, lines in enumerate(_pieces(text)):
            filename = f"<diffkit replay {number}{f'.{k}' if k else ''}>"
            piece = "".join(lines)
            self._codes.append(compile(piece, filename, "exec"))
            linecache.cache[filename] = (len(piece), None, lines, filename)
            weakref.finalize(self, linecache.cache.pop, filename, None)
            mention("Python", len(lines))

    def namespace(self) -> dict[str, Any]:
        """Run the definitions in a namespace of their own, and return it."""
        namespace = {**LIBRARIES, **self.objects}
        for code in self._codes:
            exec(code, namespace)  # our own text: names are checked, values are bound
        namespace["__source__"] = self  # lives as long as its functions, for tracebacks
        return namespace


def _pieces(text: str) -> Iterator[list[str]]:
    """Yield the lines of a text, some whole statements at a time.

    Python's compiler takes twice as long for a long text as for its pieces, and Ctrl-C
    waits until it is done.
    """
    lines = text.splitlines(keepends=True)
    start = 0
    for k, line in enumerate(lines):
        if k - start >= PIECE and not line[0].isspace():
            yield lines[start:k]
            start = k
    yield lines[start:]


class Length(int):
    """A length that is written as the variable that holds it, since it may differ."""

    text: str

    def __repr__(self) -> str:
        return self.text

    def __mul__(self, other: Any) -> Length:
        """Return the length of several, written as a product."""
        return length(int(self) * int(other), self.text if other == 1 else f"{self.text}*{other}")

    __rmul__ = __mul__


def length(value: int, text: str) -> Length:
    """Return a length that is written as this text."""
    made = Length(value)
    made.text = text
    return made


def indented(lines: Iterable[str], by: int = 1) -> list[str]:
    """Return lines moved to the right."""
    parts = [part for line in lines for part in line.split("\n")]
    return ["    " * by + part if part else part for part in parts]
