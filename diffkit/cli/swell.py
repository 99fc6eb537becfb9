"""diffkit swell: sizes of a derivative's forms, of one source or of a family over depths."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from ..errors import ArgumentError
from .arguments import add_json, point, source
from .printing import print_json, rich_table

SUMMARY = "measure how the symbolic derivative swells"


def add(command: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    command.add_argument("source", nargs="?", help="an expression as text, or module:function")
    command.add_argument("--wrt", nargs="+", metavar="NAME", help="inputs to differentiate by")
    command.add_argument(
        "--at", nargs="+", default=[], metavar="NAME=VALUE", help="arrays, for their shapes"
    )
    command.add_argument("--family", metavar="NAME", help="a family, see dk.families")
    command.add_argument(
        "--depths", default="1:10", metavar="A:B", help="from A to B, or A:B:STEP, or A,B,C"
    )
    command.add_argument("--plot", metavar="FILE", help="with --family: svg, pdf or png")
    command.add_argument("--blame", action="store_true", help="which subexpressions are repeated")
    command.add_argument("--steps", action="store_true", help="name them, one at a time")
    command.add_argument("--latex", action="store_true", help="print the table in LaTeX")
    command.add_argument(
        "--budget", type=float, default=5.0, help="seconds for each question to SymPy (default 5)"
    )
    add_json(command)


def run(options: argparse.Namespace) -> int:
    """Return 0; 130 if Ctrl-C ended a study, whose finished part is printed."""
    if (options.source is None) == (options.family is None):
        raise ArgumentError("give an expression, or --family NAME (and --depths 1:12)")
    return _family(options) if options.family else _one(options)


def _one(options: argparse.Namespace) -> int:
    from ..swelling import swell
    from ..swelling.views import HEADER, cells, headline, sentence

    if options.plot:
        raise ArgumentError("--plot draws sizes over depths; give it with --family NAME")
    found = swell(source(options), options.wrt, at=point(options) or None, budget=options.budget)
    if options.json:
        print_json(found.to_dict())
    elif options.latex:
        print(found.to_latex())
    else:
        _print(headline(found), HEADER, [cells(row) for row in found], [sentence(found)])
        if options.blame:
            print(f"\n{found.blame()}")
        if options.steps:
            print("".join(f"\n{step.operations} operations\n{step}\n" for step in found.name_it()))
    return 0


def _family(options: argparse.Namespace) -> int:
    from ..swelling import swell_study
    from ..swelling.plotting import checked_format
    from ..swelling.study_views import heading, notes, table

    if options.blame or options.steps or options.at:
        raise ArgumentError("--blame, --steps and --at belong to one expression, not to --family")
    if options.plot:
        checked_format(Path(options.plot))  # before what takes minutes
    found = swell_study(options.family, _depths(options.depths), options.wrt, budget=options.budget)
    if options.json:
        print_json(found.to_dict())
    elif options.latex:
        print(found.to_latex())
    else:
        _print(heading(found), *table(found), notes(found))
    if options.plot:
        found.plot(options.plot)
    return 130 if found.interrupted else 0


def _print(headline: str, header: list, rows: list, closing: list[str]) -> None:
    """Print a table; in full width where it goes to a file."""
    from rich.console import Console

    console = Console()
    if not console.is_terminal:
        console = Console(width=1000)
    console.print(headline, highlight=False, markup=False)
    console.print(rich_table(header, rows))
    for line in closing:
        console.print(line, highlight=False, markup=False)


def _depths(text: str) -> list[int]:
    """Read 1:12 (both included), 1:20:2, or 1,2,4."""
    try:
        numbers: Any = [int(part) for part in text.replace(":", ",").split(",")]
    except ValueError:
        numbers = []
    if numbers and ":" not in text:
        return numbers
    if len(numbers) not in (2, 3) or "," in text or (len(numbers) == 3 and numbers[2] < 1):
        raise ArgumentError(f"--depths {text}: give A:B, A:B:STEP or A,B,C, as in 1:12")
    first, last, *step = numbers
    if last < first:
        raise ArgumentError(f"--depths {text}: depths must increase")
    return list(range(first, last + 1, *step))
