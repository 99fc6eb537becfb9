"""diffkit check: check a gradient, and name what is wrong with it."""

from __future__ import annotations

import argparse
import inspect
import sys
from collections.abc import Callable
from typing import Any, NoReturn

from ..errors import ArgumentError
from ..frontends import lower
from .arguments import add_source, function_or_text, point, source
from .printing import print_json

SUMMARY = "check a gradient against finite differences and name what is wrong"
STATUS = {"pass": 0, "fail": 1, "inconclusive": 2}
COULD_NOT_RUN = 3


def add(command: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    command.description = (
        f"{SUMMARY}. Exit status: 0 pass, 1 fail, 2 inconclusive, 3 could not run."
    )
    add_source(command)
    command.add_argument(
        "--grad", metavar="module:function", help="the gradient; by default diffkit's own"
    )
    command.add_argument("--order", type=int, choices=(1, 2), default=1, help="of derivative")
    command.add_argument("--seed", type=int, help="of the random directions")
    setattr(command, "error", lambda message: _usage_error(command, message))  # noqa: B010


def _usage_error(command: argparse.ArgumentParser, message: str) -> NoReturn:
    """End with 3: the usual 2 means inconclusive here."""
    command.print_usage(sys.stderr)
    command.exit(COULD_NOT_RUN, f"{command.prog}: error: {message}\n")


def run(options: argparse.Namespace) -> int:
    """Return 0 for pass, 1 for fail, 2 for inconclusive, 3 if it could not run."""
    try:
        report = _checked(options)
    except Exception as error:
        _complain(error)
        return COULD_NOT_RUN
    if options.json:
        print_json(report.to_dict())
    else:
        print(report)
    return STATUS[report.verdict]


def _complain(error: Exception) -> None:
    notes = "".join(f"\n  {note}" for note in getattr(error, "__notes__", ()))
    print(f"diffkit: {type(error).__name__}: {error}{notes}", file=sys.stderr)


def _checked(options: argparse.Namespace) -> Any:
    from ..checking import gradcheck

    values = point(options)
    if not values:
        raise ArgumentError("--at is missing: give data.npz, or NAME=VALUE for every argument")
    given = function_or_text(options.grad) if options.grad else None
    if isinstance(given, str):
        raise ArgumentError(f"--grad takes module:function, not {given!r}")
    f = source(options)
    f = _of_text(f, values) if isinstance(f, str) else f
    names = options.wrt or list(values)
    if not set(names) <= set(values):
        raise ArgumentError(f"--wrt {' '.join(names)}: --at gives {', '.join(values)}")
    x = values[names[0]] if len(names) == 1 else {name: values[name] for name in names}
    grad = _of_nest(given, values, names, True) if given else None
    name = names[0] if len(names) == 1 else "params"
    how = {"order": options.order, "seed": options.seed, "name": name}
    return gradcheck(_of_nest(f, values, names), x, grad, **how)


def _of_text(text: str, values: dict[str, Any]) -> Callable:
    program = lower(text, **values)
    return lambda **named: program(**named)


def _of_nest(
    function: Callable, values: dict[str, Any], names: list[str], slope: bool = False
) -> Callable:
    """Return a function of what is differentiated by: one value, or several by name.

    A function that has the names as parameters is called with all of them, the others
    being data; any other gets the value, or the dict, as its one argument.
    """
    if not _binds(function, values):
        return function

    def named(x: Any) -> Any:
        moved = {names[0]: x} if len(names) == 1 else x
        result = function(**{**values, **moved})
        return _part(result, names) if slope and isinstance(result, dict) else result

    return named


def _part(slopes: dict[str, Any], names: list[str]) -> Any:
    """Return the slopes by some names only, where a gradient gives them by all."""
    kept = {name: slopes[name] for name in names if name in slopes}
    return kept[names[0]] if len(names) == 1 and kept else kept


def _binds(function: Callable, values: dict[str, Any]) -> bool:
    try:
        inspect.signature(function).bind(**values)
    except (TypeError, ValueError):
        return False
    return True
