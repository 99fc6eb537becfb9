"""Progress of long checks, on stderr, after two seconds."""

from __future__ import annotations

import threading
from typing import Any

from .problem import Problem

PATIENCE = 2.0  # seconds of silence


class Watch:
    """Count the calls of f; show them when the work takes longer than `PATIENCE`.

    A timer shows the bar, so that it comes even while a first slow call is running.
    """

    def __init__(self, problem: Problem, goal: int, shown: bool = True) -> None:
        self.problem, self.goal, self.shown = problem, goal, shown
        self.bar: Any = None
        self.task: Any = None
        self.lock = threading.Lock()
        self.timer = threading.Timer(PATIENCE, self._show)
        self.timer.daemon = True

    def __enter__(self) -> Watch:
        self.problem.tick = self._tick
        if self.shown:
            self.timer.start()
        return self

    def __exit__(self, *_: Any) -> None:
        self.timer.cancel()
        with self.lock:
            self.shown = False
            if self.bar is not None:
                self.bar.stop()

    def _show(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeElapsedColumn

        with self.lock:
            if not self.shown:
                return
            columns = ("checking the gradient", BarColumn(), MofNCompleteColumn(), "calls of f")
            self.bar = Progress(*columns, TimeElapsedColumn(), console=Console(stderr=True))
            self.task = self.bar.add_task("", total=self.goal, completed=self.problem.evaluations)
            self.bar.start()

    def _tick(self) -> None:
        if self.bar is not None:
            done = self.problem.evaluations
            self.bar.update(self.task, completed=done, total=max(self.goal, done))
