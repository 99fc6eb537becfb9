"""The command line: python -m tests.benchmarks [names...] [--json FILE] [--markdown FILE]."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from diffkit.files import write_whole

from .figures import FIGURES
from .findings import Finding
from .harness import FULL, QUICK, Effort
from .report import as_dict, as_markdown, as_text, environment, measured

INTERRUPTED = 130  # what a shell makes of Ctrl-C


def main() -> int:
    """Measure, print, write; exit 1 only where a measurement failed to run.

    After Ctrl-C what is finished by then is printed and written.
    """
    options = _parser().parse_args()
    effort = QUICK if options.quick else FULL
    about, results = environment(effort), {}
    try:
        _measure(options.names or list(FIGURES), effort, results)
    except KeyboardInterrupt:
        about["ended"] = "interrupted: the rest was not measured"
    print(as_text(results, about))
    if options.json:
        text = json.dumps(as_dict(results, about), indent=2) + "\n"
        write_whole(options.json, text.encode())
    if options.markdown:
        write_whole(options.markdown, as_markdown(results, about).encode())
    if "ended" in about:
        return INTERRUPTED
    return int(any(f.note.startswith("FAILED") for found in results.values() for f in found))


def _measure(names: Sequence[str], effort: Effort, results: dict[str, list[Finding]]) -> None:
    """Fill in the findings, and tell on stderr how far it is."""
    start = time.monotonic()
    for k, name in enumerate(names):
        told = f"measuring {name}, {k + 1} of {len(names)}, after {time.monotonic() - start:.0f} s"
        print(told, file=sys.stderr, flush=True)
        results[name] = []
        for finding in measured(FIGURES[name], effort):
            results[name].append(finding)


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
    parser.add_argument("--quick", action="store_true", help="few rounds, rough numbers")
    return parser


def _figure(name: str) -> str:
    if name not in FIGURES:
        raise argparse.ArgumentTypeError(f"{name!r}: choose from {', '.join(FIGURES)}")
    return name


if __name__ == "__main__":
    sys.exit(main())
