"""A progress bar on standard error, for what takes longer than a moment."""

from __future__ import annotations

import threading
from typing import Any

PATIENCE = 2.0  # seconds before a bar appears


class Progress:
    """Counts finished parts; a bar appears after two seconds, also while one part takes long."""

    def __init__(self, title: str, total: int) -> None:
        self.title = title
        self.total = total
        self.done = 0
        self._lock = threading.Lock()
        self._bar: Any = None
        self._timer = threading.Timer(PATIENCE, self._show)
        self._timer.daemon = True

    def __enter__(self) -> Progress:
        self._timer.start()
        return self

    def __exit__(self, *exception: Any) -> None:
        self._timer.cancel()
        with self._lock:
            if self._bar is not None:
                self._bar.stop()
            self._bar = None
            self.total = 0  # a timer that fires now finds nothing to show

    def advance(self, now: str) -> None:
        """One part is finished; `now` says which."""
        with self._lock:
            self.done += 1
            if self._bar is not None:
                task = self._bar.task_ids[0]
                self._bar.update(task, completed=self.done, description=f"{self.title}, {now}")

    def _show(self) -> None:
        from rich.console import Console
        from rich.progress import Progress as Bar

        with self._lock:
            if self.total:
                self._bar = Bar(console=Console(stderr=True), transient=True)
                self._bar.add_task(self.title, total=self.total, completed=self.done)
                self._bar.start()
