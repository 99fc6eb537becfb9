"""A progress bar on standard error, for what takes longer than a moment."""

from __future__ import annotations

import sys
import time
from typing import Any

PATIENCE = 2.0  # seconds before a bar appears


class Progress:
    """Counts finished parts; shows a bar once it has taken two seconds."""

    def __init__(self, title: str, total: int) -> None:
        self.title = title
        self.total = total
        self.done = 0
        self._started = time.perf_counter()
        self._bar: Any = None
        self._task: Any = None

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *exception: Any) -> None:
        if self._bar is not None:
            self._bar.stop()

    def advance(self, now: str) -> None:
        """One part is finished; `now` says which."""
        self.done += 1
        if self._bar is None and time.perf_counter() - self._started > PATIENCE:
            self._show()
        if self._bar is not None:
            self._bar.update(self._task, completed=self.done, description=f"{self.title}, {now}")

    def _show(self) -> None:
        from rich.console import Console
        from rich.progress import Progress as Bar

        self._bar = Bar(console=Console(file=sys.stderr), transient=True)
        self._task = self._bar.add_task(self.title, total=self.total)
        self._bar.start()
