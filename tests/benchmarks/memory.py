"""Peak memory of gradients, each in a process of its own, against PyTorch.

What counts is the most that a process ever holds during the call (recording and
compiling included) above what it held before, when data and libraries were there.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

import diffkit as dk

from . import objectives, rivals
from .findings import Finding, not_installed
from .harness import Effort

STATUS, CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")
MEGABYTES = 1024.0  # of /proc's kilobytes

# name -> (objective, data of a size that counts, the same of a small size, wrt)
CASES: dict[str, tuple[Callable, Callable, Callable, tuple[int, ...]]] = {
    "GMM, n=50,000 d=10 k=25": (
        objectives.gmm,
        partial(objectives.gmm_data, 50_000),
        partial(objectives.gmm_data, 20),
        (0, 1, 2),
    ),
    "MLP 784-256-10, batch 16,384": (
        objectives.classifier,
        partial(objectives.classifier_data, 16_384),
        partial(objectives.classifier_data, 16),
        (0,),
    ),
}


def memory(effort: Effort) -> list[Finding]:
    """Peak memory of ours, compiled and traced anew, over that of torch."""
    return [finding for name in CASES for finding in _compared(name)]


def _compared(name: str) -> list[Finding]:
    peaks = {who: _alone(who, name) for who in ("compiled", "eager", "torch")}
    theirs = peaks["torch"]
    findings = []
    for who, asked in (("compiled", 1.0), ("eager", None)):
        what = f"peak memory of the gradient, {name}, {who}, over torch"
        mine = peaks[who]
        if mine is None or theirs is None:
            findings.append(not_installed(what, "x", asked))
        else:
            note = f"{mine:.0f} of {theirs:.0f} MB"
            findings.append(Finding(what, mine / theirs, "x", asked, note))
    return findings


def _alone(who: str, name: str) -> float | None:
    with ProcessPoolExecutor(1, get_context("spawn")) as process:
        return process.submit(_peak, who, name).result()


def _peak(who: str, name: str) -> float | None:
    """Megabytes above the start, at most, during one gradient."""
    objective, data, small, wrt = CASES[name]
    make = _MAKERS[who]
    warm = make(objective, small(), wrt)
    if warm is None or not CLEAR.exists():
        return None
    warm()  # libraries load what they need at the first call
    call = make(objective, data(), wrt)
    assert call is not None
    before = _status("VmRSS")
    CLEAR.write_text("5")  # Linux: the peak starts again from here
    call()
    return (_status("VmHWM") - before) / MEGABYTES


def _status(key: str) -> float:
    line = next(line for line in STATUS.read_text().splitlines() if line.startswith(key))
    return float(line.split()[1])


def _eager(objective: Callable, args: Any, wrt: tuple[int, ...]) -> Callable:
    slopes = dk.grad(partial(objective, np), wrt)
    return lambda: slopes(*args)


def _compiled(objective: Callable, args: Any, wrt: tuple[int, ...]) -> Callable:
    slopes = dk.compile(dk.grad(partial(objective, np), wrt))
    return lambda: slopes(*args)


_MAKERS: dict[str, Callable[[Callable, Any, tuple[int, ...]], Callable | None]] = {
    "compiled": _compiled,
    "eager": _eager,
    "torch": rivals.by_torch,
}
