"""The command line: python -m tests.benchmarks [names...] [--json FILE] [--markdown FILE]."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from .figures import FIGURES
from .harness import FULL, QUICK
from .report import as_dict, as_markdown, as_text, environment, measured


def main() -> int:
    """Measure, print, write; exit 1 only where a measurement failed to run."""
    options = _parser().parse_args()
    effort = QUICK if options.quick else FULL
    about, results = environment(effort), {}
    for name in options.names or FIGURES:
        print(f"measuring {name} ...", file=sys.stderr, flush=True)
        results[name] = measured(FIGURES[name], effort)
    print(as_text(results, about))
    if options.json:
        options.json.write_text(json.dumps(as_dict(results, about), indent=2) + "\n")
    if options.markdown:
        options.markdown.write_text(as_markdown(results, about))
    return int(any(f.note.startswith("FAILED") for found in results.values() for f in found))


def _parser() -> argparse.ArgumentParser:
    told = "\n".join(f"  {figure.name:<12}{figure.asks}" for figure in FIGURES.values())
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks",
        description="Measure diffkit against what is asked of it.",
        epilog=f"figures:\n{told}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    # argparse checks choices against the empty list, too: checked by _figure instead.
    parser.add_argument("names", nargs="*", type=_figure, metavar="name", help="all by default")
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--markdown", type=Path, metavar="FILE")
    parser.add_argument("--quick", action="store_true", help="few rounds, under a minute")
    return parser


def _figure(name: str) -> str:
    if name not in FIGURES:
        raise argparse.ArgumentTypeError(f"{name!r}: choose from {', '.join(FIGURES)}")
    return name


if __name__ == "__main__":
    sys.exit(main())
