"""Passes: each turns a Program into one that computes the same with less work."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ...core.program import Program

PASSES: dict[str, Callable[[Program], Program]] = {}


def optimized(program: Program, without: Iterable[str] = ()) -> Program:
    """Apply all passes but those named."""
    skipped = set(without)
    for name, apply in PASSES.items():
        if name not in skipped:
            program = apply(program)
    return program
