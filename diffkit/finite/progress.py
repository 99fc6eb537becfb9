"""A line on stderr for functions that are slow: how far we are, after two seconds."""

from __future__ import annotations

import time
from typing import Any

DELAY = 2.0  # seconds without a word


class Progress:
    """Count derivatives and calls; shown once the work takes longer than `DELAY`."""

    def __init__(self) -> None:
        self.started, self.done, self.total = time.monotonic(), 0, 0
        self.bar: Any = None

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: Any) -> None:
        if self.bar:
            self.bar.update(self.bar.task_ids[0], completed=self.done)
            self.bar.stop()
            self.bar = None

    def heard(self, calls: int) -> None:
        """Take note of the calls of f so far."""
        if self.bar is None and time.monotonic() - self.started > DELAY:
            self.bar = _bar(self.total)
        if self.bar:
            self.bar.update(self.bar.task_ids[0], completed=self.done, calls=calls)


def _bar(total: int) -> Any:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    calls = TextColumn("{task.fields[calls]} calls of f")
    columns = (TextColumn("finite differences"), BarColumn(), MofNCompleteColumn(), calls)
    bar = Bar(*columns, TimeElapsedColumn(), console=Console(stderr=True))
    bar.add_task("", total=total or None, calls=0)
    bar.start()
    return bar
