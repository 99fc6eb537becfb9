"""diffkit draw: draw the computational graph into a file, or as text."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from .arguments import add_source, point, source
from .printing import print_json

SUMMARY = "draw the computational graph, values forward and gradients backward"


def add(command: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add_source(command)
    command.add_argument(
        "-o", "--output", type=Path, metavar="FILE",
        help="svg, html (the player), pdf, png, tex, dot, mmd or txt; as text without",
    )  # fmt: skip
    command.add_argument(
        "--frames", type=Path, metavar="DIRECTORY",
        help="one file a step, in the format of -o or --format (default svg)",
    )  # fmt: skip
    command.add_argument("--format", metavar="SUFFIX", help="of the frames")
    command.add_argument("--show", default="both", help="forward, backward or both (default)")
    command.add_argument("--view", default="dag", help="dag, tree, both, mirror, backward, network")
    command.add_argument("--theme", default="default", help="default, cs231n, mono or dark")
    command.add_argument("--layout", default="layered", help="layered or dot")
    command.add_argument("--direction", default="LR", help="LR (left to right) or TB")
    command.add_argument("--expand", nargs="+", default=[], metavar="SCOPE", help="scopes to open")


def run(options: argparse.Namespace) -> int:
    """Return 0."""
    from ..drawing import draw

    drawing = draw(
        source(options), point(options) or None, options.wrt, show=options.show,
        view=options.view, theme=options.theme, layout=options.layout,
        direction=options.direction, expand=options.expand,
    )  # fmt: skip
    written = _written(drawing, options)
    if options.json:
        print_json({"files": [str(path) for path in written], "notes": list(drawing.notes)})
    elif written:
        print("\n".join([*map(str, written), *drawing.notes]))
    else:
        print(drawing)
    return 0


def _written(drawing: Any, options: argparse.Namespace) -> list[Path]:
    """Write what was asked for; return the files."""
    written = [drawing.save(options.output)] if options.output else []
    if options.frames:
        suffix = options.format or (options.output.suffix if options.output else "svg")
        written += drawing.frames(options.frames, suffix)
    return written
