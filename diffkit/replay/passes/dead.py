"""Dead steps: what no output and no guard depends on is not computed."""

from __future__ import annotations

from ...core.program import Program


def dead(program: Program) -> Program:
    """Keep what an output or a guard needs."""
    needed = set(program.outputs)
    kept = []
    for step in reversed(program.steps):
        if step.name in needed or step.primitive.name == "guard":
            needed.update(o for o in step.operands if o.__class__ is str)
            kept.append(step)
    return Program(program.types, kept[::-1], program.outputs, program.structure)
