"""The command line: diffkit compare | lower | grad."""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import numpy as np

from . import __version__
from .autodiff import Gradients, value_and_grad
from .core.program import Program
from .errors import ArgumentError, DiffkitError
from .frontends import lower, lower_at

_EXAMPLES = """examples:
  diffkit compare "log(1 + exp(w*x + b))" --at w=2 x=-1 b=0.5
  diffkit lower "z = w*x + b; y = 1/(1 + exp(-z))" --adjoint
  diffkit grad "norm(X @ theta - y)" --at X=data.npz:X theta=[0,0] y=y.npy --wrt theta
  diffkit grad model:loss --at w=[0.1,0.2] --json
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
    compare = _command(commands, "compare", _compare, "differentiate in three ways and compare")
    compare.add_argument(
        "--budget", type=float, default=5.0, help="seconds that SymPy may take (default 5)"
    )
    listing = _command(commands, "lower", _lower, "print the steps of the program")
    listing.add_argument("--adjoint", action="store_true", help="with the backward steps")
    listing.add_argument("--tangent", action="store_true", help="with the forward-mode steps")
    _command(commands, "grad", _grad, "print the gradient by reverse mode")
    return parser


def _command(commands: Any, name: str, run: Any, summary: str) -> argparse.ArgumentParser:
    command = commands.add_parser(name, help=summary, description=summary)
    command.add_argument("source", help="an expression as text, or module:function")
    command.add_argument(
        "--at",
        nargs="+",
        default=[],
        metavar="NAME=VALUE",
        help="a number, a list like [1,2,3], file.npy or file.npz:name",
    )
    command.add_argument("--wrt", nargs="+", metavar="NAME", help="inputs to differentiate by")
    command.add_argument("--json", action="store_true", help="print JSON")
    command.set_defaults(run=run)
    return command


# -- commands ----------------------------------------------------------------------


def _compare(options: argparse.Namespace) -> int:
    from .comparison import compare

    result = compare(_source(options), _point(options), options.wrt, budget=options.budget)
    if options.json:
        _print_json(result.to_dict())
    else:
        _print_comparison(result)
    return 0 if result.agree else 1


def _lower(options: argparse.Namespace) -> int:
    source = _source(options)
    program = lower(source, **_point(options))
    if options.adjoint:
        program = program.adjoint(options.wrt)
    elif options.tangent:
        program = program.tangent(options.wrt)
    if options.json:
        _print_json(_program_dict(program))
    else:
        print(program)
    return 0


def _grad(options: argparse.Namespace) -> int:
    program, values = lower_at(_source(options), _point(options))
    wrt = tuple(options.wrt or program.inputs)
    value, slopes = value_and_grad(program, wrt=wrt)(**values)
    gradients = slopes.to_dict() if isinstance(slopes, Gradients) else {wrt[0]: slopes}
    if options.json:
        _print_json({"value": value, "gradients": gradients})
    else:
        _print_table(["", ""], [["value", value], *[[f"d/d{k}", g] for k, g in gradients.items()]])
    return 0


def _program_dict(program: Program) -> dict[str, Any]:
    return {
        "inputs": list(program.inputs),
        "steps": [str(step) for step in program.steps],
        "outputs": list(program.outputs),
        "count": program.count(),
    }


# -- reading arguments ---------------------------------------------------------------


def _source(options: argparse.Namespace) -> Any:
    module, colon, name = options.source.partition(":")
    if not (colon and all(part.isidentifier() for part in [*module.split("."), name])):
        return options.source
    sys.path.insert(0, "")  # modules of the current directory, as python -m has it
    found = getattr(import_module(module), name, None)
    if not callable(found):
        raise ArgumentError(f"{module} has no function {name}")
    return found


def _point(options: argparse.Namespace) -> dict[str, Any]:
    point: dict[str, Any] = {}
    for given in options.at:
        name, equals, text = given.partition("=")
        if not equals or not name.strip().isidentifier():
            raise ArgumentError(f"--at takes NAME=VALUE, not {given!r}")
        if name.strip() in point:
            raise ArgumentError(f"--at gives {name.strip()} twice")
        point[name.strip()] = _value(name, text.strip())
    return point


def _value(name: str, text: str) -> Any:
    """Read a number, a list of numbers, file.npy or file.npz:name."""
    path, colon, key = text.rpartition(":")
    if text.endswith(".npy"):
        return _loaded(text, None)
    if colon and path.endswith(".npz"):
        return _loaded(path, key)
    try:
        value = np.array(json.loads(text), dtype=float) if text.startswith("[") else float(text)
    except (ValueError, TypeError, RecursionError):
        raise ArgumentError(
            f"--at {name}={text}: give a number, a list like [1,2,3], file.npy or file.npz:name"
        ) from None
    return value


def _loaded(path: str, key: str | None) -> Any:
    try:
        content = np.load(path, allow_pickle=False)
    except ValueError as error:
        raise ArgumentError(f"{path} is not a NumPy file of numbers: {error}") from None
    if key is None:
        return content
    if key not in content:
        raise ArgumentError(f"{path} has no array {key!r}; it has {', '.join(content.files)}")
    return content[key]


# -- printing ----------------------------------------------------------------------


def _print_comparison(result: Any) -> None:
    from rich.console import Console

    from .comparison import report_parts

    console = Console()
    headline, tables, verdict = report_parts(result)
    console.print(headline, highlight=False, markup=False)
    for header, rows in tables:
        console.print(_rich_table(header, rows))
    for line in verdict[:-1]:
        style = "green" if result.agree else "bold red"
        console.print(line, highlight=False, markup=False, style=style)
    console.print(verdict[-1], highlight=False, markup=False)


def _print_table(header: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    from rich.console import Console

    Console().print(_rich_table(header, [[_cell(cell) for cell in row] for row in rows]))


def _rich_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Any:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, show_header=any(header))
    for title in header:
        table.add_column(title, overflow="fold")
    for row in rows:
        table.add_row(*[Text(cell) for cell in row])
    return table


def _cell(value: Any) -> str:
    if isinstance(value, str):
        return value
    return str(value.tolist()) if np.ndim(value) == 0 else np.array2string(value, threshold=20)


def _print_json(value: Any) -> None:
    print(json.dumps(_jsonable(value), indent=2, allow_nan=False))


def _jsonable(value: Any) -> Any:
    """Return plain JSON; nan and infinities as the strings "nan", "inf", "-inf"."""
    if isinstance(value, dict):
        return {str(key): _jsonable(item) for key, item in value.items()}
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, (list, tuple)):
        return [_jsonable(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value
