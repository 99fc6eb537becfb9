"""diffkit grad: print the gradient by reverse mode."""

from __future__ import annotations

import argparse

from ..autodiff import Gradients, value_and_grad
from ..frontends import lower_at
from .arguments import add_source, point, source
from .printing import print_json, print_table

SUMMARY = "print the gradient by reverse mode"

add = add_source


def run(options: argparse.Namespace) -> int:
    """Return 0."""
    program, values = lower_at(source(options), point(options))
    wrt = tuple(options.wrt or program.inputs)
    value, slopes = value_and_grad(program, wrt=wrt)(**values)
    gradients = slopes.to_dict() if isinstance(slopes, Gradients) else {wrt[0]: slopes}
    if options.json:
        print_json({"value": value, "gradients": gradients})
    else:
        print_table(["", ""], [["value", value], *[[f"d/d{k}", g] for k, g in gradients.items()]])
    return 0
