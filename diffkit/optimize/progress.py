"""A progress line on stderr for what takes long."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Any

_PATIENCE = 2.0  # seconds without a word
_REFRESH = 0.2


class Progress:
    """Shows a bar (or, without a total, a count) once two seconds have passed.

    Parameters
    ----------
    total : int, optional
    shown : bool
    """

    def __init__(self, total: int | None, shown: bool = True) -> None:
        self.total, self.shown = total, shown
        self._bar: Any = None
        self._next = time.perf_counter() + _PATIENCE

    def __enter__(self) -> Progress:
        return self

    def update(self, done: int, told: str) -> None:
        """Say how far it is."""
        now = time.perf_counter()
        if not self.shown or now < self._next:
            return
        self._next = now + _REFRESH
        if self._bar is None:
            self._open()
        if self._bar is not None:
            self._bar.update(self._task, completed=done, description=told)

    def _open(self) -> None:
        from rich.console import Console
        from rich.progress import Progress as Bar

        console = Console(stderr=True)
        if not console.is_terminal:
            self.shown = False
            return
        self._bar = Bar(console=console, transient=True)
        self._bar.start()
        self._task = self._bar.add_task("", total=self.total)

    def __exit__(
        self, kind: type[BaseException] | None, error: Any, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()
