"""Findings as a table for people, Markdown for the docs, and JSON for scripts."""

from __future__ import annotations

import os
import platform
import traceback
from collections.abc import Iterator, Mapping, Sequence
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any

from .findings import Figure, Finding
from .harness import FULL, Effort
from .peers import versions

HEADER = ("what", "asked", "measured", "verdict", "note")
_VERDICTS = {True: "met", False: "NOT met", None: ""}

# One thread for every library: on a shared machine more of them time the scheduler.
ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
}

# Every library chooses its kernels for this processor itself; these would choose for some.
CHOOSING_KERNELS = (
    "OPENBLAS_CORETYPE",
    "OPENBLAS_L2_SIZE",
    "ATEN_CPU_CAPABILITY",
    "MKL_ENABLE_INSTRUCTIONS",
    "NPY_DISABLE_CPU_FEATURES",
)

Results = Mapping[str, list[Finding]]


def measured(figure: Figure, effort: Effort) -> Iterator[Finding]:
    """Measure a figure in a process of its own; what goes wrong is a finding too.

    The modules and objects that one figure leaves behind would slow the next
    one down: the garbage collector visits them all. Findings come one by one, so that
    what is finished is not lost when the rest is interrupted.
    """
    os.environ.update(ONE_THREAD)  # read by the libraries when the process imports them
    for name in CHOOSING_KERNELS:
        os.environ.pop(name, None)
    context = get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_measure, args=(figure, effort, theirs))
    process.start()
    theirs.close()
    try:
        while True:
            yield ours.recv()
    except EOFError:
        process.join()
        if process.exitcode:
            told = f"FAILED: the process ended with {process.exitcode}"
            yield Finding(figure.asks, None, note=told)
    finally:
        process.terminate()
        process.join()


def _measure(figure: Figure, effort: Effort, results: Connection) -> None:
    """Send what is found."""
    _on_one_core()
    try:
        for finding in figure.measure(effort):
            results.send(finding)
    except KeyboardInterrupt:
        pass  # the process that asked was told, too
    except Exception as error:
        traceback.print_exc()
        told = f"FAILED: {type(error).__name__}: {error}"
        results.send(Finding(figure.asks, None, note=told))


def _on_one_core() -> None:
    """Keep this process to one core; XLA's flags alone no longer keep it to one thread."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def environment(effort: Effort) -> dict[str, Any]:
    """Say what was measured with, and how busy the machine was."""
    return {
        "versions": versions(),
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} CPUs",
        "load": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
        "effort": "full" if effort == FULL else "quick: few rounds, rough numbers",
    }


# -- as text -----------------------------------------------------------------------


def as_text(results: Results, about: Mapping[str, Any]) -> str:
    """Return an aligned table, a block a figure."""
    rows = [HEADER, *_all_rows(results)]
    widths = [max(len(row[k]) for row in rows) for k in range(len(HEADER))]
    lines = ["  ".join(c.ljust(w) for c, w in zip(r, widths, strict=True)).rstrip() for r in rows]
    lines.insert(1, "-" * max(map(len, lines)))
    return "\n".join([*lines, "", *_about_lines(about), _summary(results)])


def as_markdown(results: Results, about: Mapping[str, Any]) -> str:
    """Return the same as a Markdown table."""
    rows = [HEADER, ("---",) * len(HEADER), *_all_rows(results)]
    cells = [[cell.strip().replace("|", r"\|") for cell in row] for row in rows]
    table = ["| " + " | ".join(row) + " |" for row in cells]
    return "\n".join([*table, "", *[f"- {line}" for line in _about_lines(about)], ""])


def _all_rows(results: Results) -> list[tuple[str, ...]]:
    return [_cells(finding) for findings in results.values() for finding in findings]


def _cells(finding: Finding) -> tuple[str, ...]:
    asked = "" if finding.at_most is None else f"<= {_number(finding.at_most, finding.unit)}"
    value = "-" if finding.value is None else _number(finding.value, finding.unit)
    return finding.what, asked, value, _VERDICTS[finding.met], finding.note


def _number(value: float, unit: str) -> str:
    return f"{value:.3g} {unit}".strip()


def _about_lines(about: Mapping[str, Any]) -> Sequence[str]:
    told = ", ".join(f"{name} {version}" for name, version in about["versions"].items())
    load = "" if about["load"] is None else f", load {about['load']:.1f}"
    ended = f"; {about['ended']}" if "ended" in about else ""
    return [told, f"{about['machine']}{load}; {about['effort']}{ended}"]


def _summary(results: Results) -> str:
    verdicts = [finding.met for findings in results.values() for finding in findings]
    return f"{verdicts.count(True)} met, {verdicts.count(False)} NOT met"


# -- as plain values ---------------------------------------------------------------


def as_dict(results: Results, about: Mapping[str, Any]) -> dict[str, Any]:
    """Return what goes into the JSON file."""
    figures = {name: [f.to_dict() for f in findings] for name, findings in results.items()}
    return {**about, "figures": figures}
