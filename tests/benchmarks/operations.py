"""Work of reverse mode: steps of the adjoint over steps of the program."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from statistics import median

from diffkit.core.program import Program

from .cases import CASES, LIMIT, operation_ratio
from .findings import Finding
from .harness import Effort


def operations(effort: Effort) -> list[Finding]:
    """The largest ratio in each group; counted, so the same on every machine."""
    return [_largest(name, builders) for name, builders in CASES.items()]


def _largest(name: str, builders: Iterable[Callable[[], Program]]) -> Finding:
    ratios = [operation_ratio(build()) for build in builders]
    note = f"median {median(ratios):.2f} of {len(ratios)}" if len(ratios) > 1 else ""
    return Finding(f"adjoint/primal steps, {name}", max(ratios), "x", LIMIT, note)
