"""What a function reads besides its arguments: closures, globals, the object it belongs to.

A recording holds what it found there. So the surroundings are looked at again before
each replay: plain values by identity, arrays and nests entry by entry.
"""

from __future__ import annotations

import os
import sys
import sysconfig
from collections.abc import Callable, Iterator
from functools import partial
from types import CodeType, FunctionType, MemberDescriptorType, MethodType, ModuleType
from typing import Any

import numpy as np

from .routine import Routine
from .snapshots import PLAIN, Snapshot

_OURS = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
_LIBRARIES = (_OURS, *{sysconfig.get_path(key) + os.sep for key in ("stdlib", "purelib")})
_METHODS = (FunctionType, staticmethod, classmethod, property)


class Surroundings:
    """The values that a function finds around it, and whether they are still the same.

    Parameters
    ----------
    f : callable
        It, and the user's functions that it refers to, are looked through.
    *objects
        Arguments that are part of a recording, rather than traced.
    """

    def __init__(self, f: Callable, *objects: Any) -> None:
        self._places: list[tuple[str, partial, Any]] = []
        self._deep: list[tuple[str, Snapshot]] = []
        self._seen: set[int] = set()
        self._keep: list[Any] = []
        self._look(f)
        for value in objects:
            self._look(value, f"a {type(value).__name__} among the arguments")

    def changed(self) -> str | None:
        """Name something that is not as it was; None if all is."""
        for name, now, was in self._places:
            if now() is not was:
                return name
        for name, snapshot in self._deep:
            if not snapshot.holds():
                return name
        return None

    def conditions(self, routine: Routine) -> list[str]:
        """Write `changed() is None` as Python conditions."""
        if self._deep:
            return [f"{routine.bind('changed', self.changed)}() is None"]
        texts = []
        for _, now, was in self._places:
            before = routine.bind("was", was)
            if now.func is _content:
                texts.append(f"{routine.bind('cell', now.args[0])}.cell_contents is {before}")
            else:
                texts.append(f"{routine.bind('now', now.func)}({now.args[0]!r}) is {before}")
        return texts

    # -- what is there ----------------------------------------------------------------

    def _look(self, value: Any, name: str = "itself") -> None:
        """Remember a value, and what it refers to if it is a function or an object."""
        pending = [(value, name)]
        while pending:
            value, name = pending.pop()
            plain = isinstance(value, PLAIN) and not isinstance(value, type)
            if plain or id(value) in self._seen:
                continue
            self._seen.add(id(value))
            self._keep.append(value)  # an id is only good while its object lives
            if isinstance(value, MethodType):
                pending += [(value.__func__, name), (value.__self__, "self")]
            elif isinstance(value, FunctionType):
                pending += self._of_function(value)
            elif isinstance(value, type):
                pending += self._of_class(value)
            elif callable(value) and hasattr(value, "__wrapped__"):
                pending.append((value.__wrapped__, name))
            elif isinstance(value, partial):
                given = (value.func, *value.args, *value.keywords.values())
                pending += [(part, name) for part in given]
            else:
                self._watch(value, name)
                pending.append((type(value), name))

    def _of_function(self, f: FunctionType) -> Iterator[tuple[Any, str]]:
        ours = f.__code__.co_filename.startswith(_LIBRARIES)
        for name, cell in zip(f.__code__.co_freevars, f.__closure__ or (), strict=True):
            try:
                value = cell.cell_contents
            except ValueError:  # not bound yet
                continue
            if not ours:
                self._places.append((name, partial(_content, cell), value))
            if not ours or callable(value):
                yield value, name
        if ours:
            return
        for name in sorted(_names(f.__code__) & f.__globals__.keys()):
            value = f.__globals__[name]
            if not isinstance(value, ModuleType):
                self._places.append((name, partial(f.__globals__.get, name), value))
                yield value, name
        if vars(f).keys() - {"__wrapped__"}:
            yield vars(f), f.__name__
        defaults = (*(f.__defaults__ or ()), *(f.__kwdefaults__ or {}).values())
        yield from ((value, "a default") for value in defaults)

    def _of_class(self, kind: type) -> Iterator[tuple[Any, str]]:
        """Look at what the user's classes hold for all of their objects, and at their methods."""
        for base in kind.__mro__:
            if not _is_library(base):
                for name, value in list(vars(base).items()):
                    if isinstance(value, _METHODS):
                        yield _function_of(value), name
                    elif not name.startswith("__") and not isinstance(value, MemberDescriptorType):
                        self._places.append((name, partial(vars(base).get, name), value))
                        yield value, name

    def _watch(self, value: Any, name: str) -> None:
        if isinstance(value, np.ndarray) and value.base is None and not value.flags.writeable:
            return
        self._deep.append((name, Snapshot(value)))


def _is_library(kind: type) -> bool:
    """Say whether a class is one of Python's or of an installed package."""
    file = getattr(sys.modules.get(kind.__module__), "__file__", None) or ""
    return kind.__module__ in sys.builtin_module_names or file.startswith(_LIBRARIES)


def _function_of(method: Any) -> Any:
    if isinstance(method, property):
        return method.fget
    return method if isinstance(method, FunctionType) else method.__func__


def _content(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:
        return _content


def _names(code: CodeType) -> set[str]:
    """Return the names that code and the code inside of it look up."""
    found: set[str] = set()
    pending = [code]
    while pending:
        code = pending.pop()
        found.update(code.co_names)
        pending += [c for c in code.co_consts if isinstance(c, CodeType)]
    return found
