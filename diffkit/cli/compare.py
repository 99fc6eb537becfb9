"""diffkit compare: differentiate in three ways and compare."""

from __future__ import annotations

import argparse
from typing import Any

from .arguments import add_source, point, source
from .printing import print_json, rich_table

SUMMARY = "differentiate in three ways and compare"


def add(command: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add_source(command)
    command.add_argument(
        "--budget", type=float, default=5.0, help="seconds that SymPy may take (default 5)"
    )


def run(options: argparse.Namespace) -> int:
    """Return 0 if the ways agree, 1 if not."""
    from ..comparison import compare

    result = compare(source(options), point(options), options.wrt, budget=options.budget)
    if options.json:
        print_json(result.to_dict())
    else:
        _print(result)
    return 0 if result.agree else 1


def _print(result: Any) -> None:
    from rich.console import Console

    from ..comparison import report_parts

    console = Console()
    headline, tables, verdict = report_parts(result)
    console.print(headline, highlight=False, markup=False)
    for header, rows in tables:
        console.print(rich_table(header, rows))
    for line in verdict[:-1]:
        style = "green" if result.agree else "bold red"
        console.print(line, highlight=False, markup=False, style=style)
    console.print(verdict[-1], highlight=False, markup=False)
