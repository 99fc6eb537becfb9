"""Gradients of small and middle-sized programs: traced anew, and compiled."""

from __future__ import annotations

from collections.abc import Iterator

from . import array_works, scalar_works
from .findings import Finding
from .harness import Effort
from .works import measured

WORKS = (*scalar_works.WORKS, *array_works.WORKS)


def replays(effort: Effort) -> Iterator[Finding]:
    """Measure one work after the other."""
    return measured(WORKS, effort)
