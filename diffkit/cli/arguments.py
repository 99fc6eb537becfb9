"""What commands read: a source, and values given as NAME=VALUE."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import numpy as np

from ..errors import ArgumentError


def add_source(command: argparse.ArgumentParser) -> None:
    """Add the arguments of every command that takes one source."""
    command.add_argument("source", help="an expression as text, or module:function")
    command.add_argument(
        "--at",
        nargs="+",
        default=[],
        metavar="NAME=VALUE",
        help="a number, a list like [1,2,3], file.npy or file.npz:name; file.npz alone: all of it",
    )
    command.add_argument("--wrt", nargs="+", metavar="NAME", help="inputs to differentiate by")
    add_json(command)


def add_json(command: argparse.ArgumentParser) -> None:
    """Add --json."""
    command.add_argument("--json", action="store_true", help="print JSON")


def source(options: argparse.Namespace) -> Any:
    """Return the text, or the function that module:function names."""
    return function_or_text(options.source)


def function_or_text(text: str) -> Any:
    """Return the function that module:function names, and any other text as it is."""
    module, colon, name = text.partition(":")
    if not (colon and all(part.isidentifier() for part in [*module.split("."), name])):
        return text
    sys.path.insert(0, "")  # modules of the current directory, as python -m has it
    found = getattr(import_module(module), name, None)
    if not callable(found):
        raise ArgumentError(f"{module} has no function {name}")
    return found


def point(options: argparse.Namespace) -> dict[str, Any]:
    """Return the values of --at by name."""
    return named_values("--at", options.at)


def named_values(flag: str, given: Sequence[str]) -> dict[str, Any]:
    """Return the values of NAME=VALUE arguments by name."""
    found: dict[str, Any] = {}
    for argument in given:
        name, equals, text = (part.strip() for part in argument.partition("="))
        if not equals and argument.endswith(".npz"):
            found.update(_loaded(argument, None))
            continue
        if not equals or not name.isidentifier():
            raise ArgumentError(f"{flag} takes NAME=VALUE, not {argument!r}")
        if name in found:
            raise ArgumentError(f"{flag} gives {name} twice")
        found[name] = _value(f"{flag} {name}", text)
    return found


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
            f"{name}={text}: give a number, a list like [1,2,3], file.npy or file.npz:name"
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
