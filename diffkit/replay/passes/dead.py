"""Dead steps: what no output and no guard depends on is not computed."""

from __future__ import annotations

from ...core.program import Program


def dead(program: Program) -> Program:
    """Keep what an output or a guard needs."""
    needed = set(program.outputs)
    kept = []
    for step in reversed(program.steps):
        if step.name in needed or step.primitive.name == "guard":
            needed.update([operand for operand in step.operands if operand.__class__ is str])
            kept.append(step)
    if len(kept) == len(program):
        return program
    return program.with_steps(kept[::-1], program.outputs)
