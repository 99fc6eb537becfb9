"""diffkit minimize: walk down to a minimum, and say how it ended."""

from __future__ import annotations

import argparse
import inspect
from typing import Any

from ..errors import ArgumentError
from .arguments import add_json, named_values, source
from .printing import print_json, rich_table

SUMMARY = "walk down to a minimum"


def add(command: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    command.add_argument("source", help="an expression as text, or module:function")
    command.add_argument(
        "--start",
        nargs="+",
        required=True,
        metavar="NAME=VALUE",
        help="a number, a list like [1,2,3], file.npy or file.npz:name",
    )
    command.add_argument(
        "--method", default="bfgs", help="bfgs (default), l-bfgs, newton, gd, adam, scipy:NAME, ..."
    )
    command.add_argument(
        "--set",
        nargs="+",
        default=[],
        metavar="NAME=VALUE",
        help="parameters of the method: lr=0.1",
    )
    command.add_argument(
        "--grad", choices=("reverse", "symbolic", "finite"), default="reverse",
        help="where the gradient comes from",
    )  # fmt: skip
    command.add_argument("--steps", type=int, help="the most steps (default 1000)")
    command.add_argument(
        "--gtol", type=float, help="the length of gradient to reach (default 1e-6)"
    )
    command.add_argument("--path", action="store_true", help="print the steps at both ends")
    command.add_argument("--plot", metavar="FILE", help="contours and path: .svg, .png, .pdf")
    command.add_argument("--animate", metavar="FILE", help="the path step by step: .svg, .html")
    add_json(command)


def run(options: argparse.Namespace) -> int:
    """Return 0 if it converged, 1 if not."""
    from ..optimize import minimize

    start = named_values("--start", options.start)
    chosen = {"gtol": options.gtol} if options.gtol is not None else {}
    result = minimize(
        _function(source(options), start), start, options.method, grad=options.grad,
        steps=options.steps, **chosen, **named_values("--set", options.set),
    )  # fmt: skip
    _draw(result, options)
    if options.json:
        print_json(_as_dict(result, options.path))
    else:
        _print(result, options.path)
    return 0 if result.success else 1


def _draw(result: Any, options: argparse.Namespace) -> None:
    from ..optimize.pictures import save_animation, save_figure

    if options.plot:
        save_figure(result, options.plot)
    if options.animate:
        save_animation(result, options.animate)


def _function(found: Any, start: dict[str, Any]) -> Any:
    """Return a function of parameters by name as a function of one dict."""
    if not callable(found):
        return found
    try:
        inspect.signature(found).bind(**start)
    except TypeError as error:
        raise ArgumentError(f"--start does not fit {found.__name__}: {error}") from None
    return lambda values: found(**values)


def _as_dict(result: Any, path: bool) -> dict[str, Any]:
    names = ("x", "fun", "success", "status", "message", "nit", "nfev", "njev", "nhev", "nhvp")
    found = {name: getattr(result, name) for name in names}
    found["gnorm"] = result.path.gnorm[-1]
    if path:
        columns = ("x", "f", "gnorm", "lr", "step", "nfev", "njev")
        found["path"] = {name: getattr(result.path, name) for name in columns}
    return found


def _print(result: Any, path: bool) -> None:
    from rich.console import Console

    console = Console()
    style = "green" if result.success else "bold red"
    console.print(result.message, highlight=False, markup=False, style=style)
    tables = [result.table(), *([result.path.table()] if path else [])]
    for table in tables:
        console.print(rich_table(*table))
