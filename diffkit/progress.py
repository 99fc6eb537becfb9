"""A line on stderr for work that takes long: how far it is, after two seconds of silence."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextvars import ContextVar
from typing import Any

PATIENCE = 2.0  # seconds without a word
REFRESH = 0.1  # seconds between two updates
OFTEN = 1024  # steps of a long list after which it is worth to look at the clock

_innermost: ContextVar[Progress | None] = ContextVar("_innermost", default=None)


def mention(told: str, parts: int) -> None:
    """Say of the work that is under way, if any is announced, that more parts are done."""
    progress = _innermost.get()
    if progress is not None:
        progress.update(progress.done + parts, told)


class Progress:
    """Shows a bar (without a total, a count) once the work has taken two seconds.

    Nothing is shown, and rich is not imported, for work that ends sooner, nor for work
    within other work that has a line. It may be told about every step; what it is told
    too often costs a look at the clock.

    Parameters
    ----------
    title : str
    total : int, optional
    shown : bool
        False for work that must stay silent.
    """

    def __init__(self, title: str, total: int | None = None, shown: bool = True) -> None:
        self.title, self.total, self.shown = title, total, shown
        self.done, self.told = 0, ""
        self._bar: Any = None
        self._around: Progress | None = None
        self._next = time.monotonic() + PATIENCE

    def __enter__(self) -> Progress:
        self._around = _innermost.get()
        _innermost.set(self)
        return self

    def __exit__(self, *_: Any) -> None:
        _innermost.set(self._around)
        if self._bar is not None:
            self._show()
            self._bar.stop()
            self._bar = None

    def advance(self, told: str = "") -> None:
        """One more part is done; `told` says which."""
        self.update(self.done + 1, told)

    def update(self, done: int, told: str = "") -> None:
        """Say how many parts are done, and what is known by now."""
        self.done, self.told = done, told
        now = time.monotonic()
        # Work within work stays silent: two lines would write over one another.
        if self.shown and self._around is None and now >= self._next:
            self._next = now + REFRESH
            self._show()

    def over(self, items: Sequence[Any]) -> Iterator[Any]:
        """Yield the items of a long list, and count them."""
        start = self.done
        for number, item in enumerate(items):
            if not number % OFTEN:
                self.update(start + number)
            yield item
        self.update(start + len(items))

    def _show(self) -> None:
        if self._bar is None:
            self._bar = _bar(self.title)
        total = None if self.total is None else max(self.total, self.done)
        self._bar.update(self._bar.task_ids[0], total=total, completed=self.done, told=self.told)


def _bar(title: str) -> Any:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    told = TextColumn("{task.fields[told]}", markup=False)
    columns = (TextColumn(title, markup=False), BarColumn(), MofNCompleteColumn(), told)
    console = Console(stderr=True)
    # What is gone again on a terminal stays as a last line in a log.
    bar = Bar(*columns, TimeElapsedColumn(), console=console, transient=console.is_terminal)
    bar.add_task("", total=None, told="")
    bar.start()
    return bar
