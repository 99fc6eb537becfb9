"""The entry point: which commands there are, and how each may end."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module

from .. import __version__
from ..errors import DiffkitError

# One module each, with SUMMARY, add(parser) and run(options) -> exit status.
COMMANDS = ("compare", "lower", "grad", "check", "swell", "draw", "minimize")

_EXAMPLES = """examples:
  diffkit compare "log(1 + exp(w*x + b))" --at w=2 x=-1 b=0.5
  diffkit lower "z = w*x + b; y = 1/(1 + exp(-z))" --adjoint
  diffkit grad "norm(X @ theta - y)" --at X=data.npz:X theta=[0,0] y=y.npy --wrt theta
  diffkit grad model:loss --at w=[0.1,0.2] --json
  diffkit check model:loss --grad model:slope --at data.npz
  diffkit swell --family logistic --depths 1:12 --plot swell.svg
  diffkit minimize "(1 - x)^2 + 100*(y - x^2)^2" --start x=-1.2 y=1 --method bfgs
  diffkit draw "d = x*y; f = d + z" --at x=2 y=-5 z=3 -o graph.svg
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit status (0 done, 1 the ways disagree, 2 an error)."""
    options = _parser().parse_args(arguments)
    try:
        return options.run(options)
    except (DiffkitError, OSError, ImportError) as error:
        print(f"diffkit: {type(error).__name__}: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("diffkit: interrupted", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="diffkit",
        description="One expression, three ways to its derivative.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"diffkit {__version__}")
    commands = parser.add_subparsers(required=True, metavar="command")
    for name in COMMANDS:
        module = import_module(f"{__package__}.{name}")
        command = commands.add_parser(name, help=module.SUMMARY, description=module.SUMMARY)
        module.add(command)
        command.set_defaults(run=module.run)
    return parser
