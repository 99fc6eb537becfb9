"""diffkit lower: print the steps of the program."""

from __future__ import annotations

import argparse
from typing import Any

from ..core.program import Program
from ..frontends import lower
from .arguments import add_source, point, source
from .printing import print_json

SUMMARY = "print the steps of the program"


def add(command: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add_source(command)
    command.add_argument("--adjoint", action="store_true", help="with the backward steps")
    command.add_argument("--tangent", action="store_true", help="with the forward-mode steps")


def run(options: argparse.Namespace) -> int:
    """Return 0."""
    program = lower(source(options), **point(options))
    if options.adjoint:
        program = program.adjoint(options.wrt)
    elif options.tangent:
        program = program.tangent(options.wrt)
    if options.json:
        print_json(_program_dict(program))
    else:
        print(program)
    return 0


def _program_dict(program: Program) -> dict[str, Any]:
    return {
        "inputs": list(program.inputs),
        "steps": [str(step) for step in program.steps],
        "outputs": list(program.outputs),
        "count": program.count(),
    }
