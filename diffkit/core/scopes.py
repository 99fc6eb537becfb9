"""Names for stretches of a recording: `with scope("layer1"):` and the functions called in it.

Nothing is noted per operation. While `diffkit.lower` records a function, a log is open in
the current context; entering or leaving a scope notes how long the tape is at that moment.
Elsewhere there is no log, and a scope does nothing. A context belongs to one thread.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

from ..errors import ArgumentError
from .naming import Names
from .tracing import Tape

Path = tuple[str, ...]
Marks = tuple[tuple[int, Path], ...]  # from this position on, this path

_log: ContextVar[Log | None] = ContextVar("log", default=None)


class Log:
    """Where on a tape the scope changes."""

    def __init__(self, tape: Tape) -> None:
        self._tape = tape
        self._names: dict[Path, Names] = {}
        self._path: Path = ()
        self.marks: list[tuple[int, Path]] = []

    def enter(self, name: str) -> None:
        """Open a scope; the second of a name in the same place is called name_2."""
        names = self._names.setdefault(self._path, Names())
        self._note((*self._path, names.unique(name)))

    def leave(self) -> None:
        """Close the scope opened last."""
        self._note(self._path[:-1])

    def _note(self, path: Path) -> None:
        position = len(self._tape.records)
        if self.marks and self.marks[-1][0] == position:
            self.marks.pop()  # nothing was recorded since
        self.marks.append((position, path))
        self._path = path


@contextmanager
def logged(tape: Tape) -> Iterator[Log]:
    """Open a log for a tape in this context."""
    token = _log.set(Log(tape))
    try:
        yield _log.get()  # type: ignore[misc]
    finally:
        _log.reset(token)


class scope:
    """Name what is recorded in this block, for pictures that are too large to show it.

    Parameters
    ----------
    name : str
        Without "/", which separates scopes in `diffkit.draw(..., expand="block/conv")`.

    Raises
    ------
    ArgumentError
        If the name is not a text, is empty, or holds a slash.

    Examples
    --------
    >>> import numpy as np
    >>> import diffkit as dk
    >>> def model(x):
    ...     with dk.scope("hidden"):
    ...         h = np.tanh(2 * x)
    ...     return h + 1
    >>> program = dk.lower(model, 1.0)
    >>> [(step.name, program.scope(i)) for i, step in enumerate(program.steps)]
    [('t1', ('hidden',)), ('h', ('hidden',)), ('t2', ())]
    """

    def __init__(self, name: str) -> None:
        if not isinstance(name, str) or not name or "/" in name:
            raise ArgumentError(f"a scope is named by a text without /, not {name!r}")
        self._name = name
        self._opened: list[Log | None] = []

    def __enter__(self) -> None:
        log = _log.get()
        self._opened.append(log)
        if log is not None:
            log.enter(self._name)

    def __exit__(self, *exception: object) -> None:
        log = self._opened.pop()
        if log is not None:
            log.leave()


def path_at(marks: Sequence[tuple[int, Path]], position: int) -> Path:
    """Return the path that holds at a position."""
    at = bisect_right(marks, position, key=lambda mark: mark[0])
    return marks[at - 1][1] if at else ()
