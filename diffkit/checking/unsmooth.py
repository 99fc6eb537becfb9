"""What is said of kinks, jumps, edges and noise that readings ran into."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .case import BARS
from .findings import Evidence, Finding, found
from .readings import DECIDED, Reading, rademacher, read_direction, scales
from .roughness import Rough, examine
from .trial import Trial

Group = list[tuple[Reading, Rough]]
DIRECTIONS = 2  # to compare the slopes by entry with


def roughness_of(trial: Trial, readings: list[Reading]) -> list[Finding]:
    """Look closely at readings that are in doubt, or contradict the gradient."""
    looks = {id(reading): reading for reading in readings}.values()
    seen = [(reading, examine(*trial.line_of(reading), trial.problem.base)) for reading in looks]
    return _told(trial, [(reading, rough) for reading, rough in seen if rough])


def between_entries(trial: Trial) -> list[Finding]:
    """Find that f is not differentiable, though it looks smooth along every entry.

    The slopes by entry do not add up to those along directions then: a median at a tie of
    three does not change with any one of them.
    """
    known = [r for r in trial.readings if np.isfinite(r.error)]
    entries = [r.index for r in known]
    sizes = scales(trial.problem)
    for _ in range(DIRECTIONS):
        way = np.zeros(sizes.size)
        way[entries] = rademacher(sizes, trial.rng)[entries]
        seen = read_direction(trial.problem, way, "all")
        terms = np.array([r.value * way[r.index] for r in known])
        bar = BARS * (seen.error + sum(abs(way[r.index]) * r.error for r in known))
        if abs(seen.value - terms.sum()) > bar + DECIDED * np.linalg.norm(terms):
            return [_crossed(seen.value, float(terms.sum()))]
    return []


def _crossed(slope: float, total: float) -> Finding:
    told = (
        f"the slopes along the entries add up to {total:.6g}, but f has the slope {slope:.6g} "
        "along all of them at once: it is not differentiable at this point"
    )
    return found("kink", "inconclusive", Evidence(told, (), {"slope": slope, "sum": total}))


def _told(trial: Trial, seen: list[tuple[Reading, Rough]]) -> list[Finding]:
    groups: dict[tuple[str, str], list[tuple[Reading, Rough]]] = {}
    for reading, rough in seen:
        verdict = _verdict(trial, reading, rough)
        if verdict != "judge":
            reading.widen(np.inf)
        groups.setdefault((rough.cause, "pass" if verdict == "judge" else verdict), []).append(
            (reading, rough)
        )
    return [
        found(cause, verdict, _SENTENCES[cause](trial, group, verdict))
        for (cause, verdict), group in groups.items()
    ]


def _verdict(trial: Trial, reading: Reading, rough: Rough) -> str:
    """Return a verdict on one rough place; "judge" if its reading can still be judged."""
    if rough.cause == "domain_edge":
        return "judge" if np.isfinite(reading.error) else "inconclusive"
    if rough.cause in ("low_precision", "noise_floor") and not trial.contradicts(reading):
        decided = reading.error <= DECIDED * abs(reading.value)
        return "judge" if decided else "inconclusive"
    if rough.cause != "kink" or not np.isfinite(rough.bar):
        return "inconclusive"
    low, high = rough.hull
    return "pass" if low <= trial.claimed(reading) <= high else "fail"


def _kink(trial: Trial, group: Group, verdict: str) -> Evidence:
    reading, rough = group[0]
    a = trial.claimed(reading)
    judged = {
        "pass": f"your {a:.6g} is a valid subgradient",
        "fail": f"your {a:.6g} does not lie between them",
        "inconclusive": "the slopes do not settle",
    }[verdict]
    told = f"one-sided slopes {rough.left:.6g} and {rough.right:.6g}, {judged}"
    slopes = {"left": rough.left, "right": rough.right, "analytic": a}
    return _sits(group, "sits on a kink", told, slopes)


def _jump(trial: Trial, group: Group, verdict: str) -> Evidence:
    jump = group[0][1].jump
    return _sits(group, "sits on a jump or a step of f", f"height {jump:.6g}", {"jump": jump})


_UNDECIDED = {"pass": "agrees to a few digits only", "inconclusive": "cannot be decided"}


def _steps(trial: Trial, group: Group, verdict: str) -> Evidence:
    jump = group[0][1].jump
    told = f"f moves in steps of {jump:.2g} there, as numbers of low precision do"
    return _sits(group, _UNDECIDED[verdict], told, {"step": jump})


def _noise(trial: Trial, group: Group, verdict: str) -> Evidence:
    told = f"f carries noise of {group[0][1].jump:.2g} there"
    return _sits(group, _UNDECIDED[verdict], told, {"noise": group[0][1].jump})


def _edge(trial: Trial, group: Group, verdict: str) -> Evidence:
    rough = group[0][1]
    ends = "above" if np.isnan(rough.right) else "below"
    raised = trial.problem.raised
    why = f"f raises {type(raised[0]).__name__}: {raised[0]}" if raised else "f is not finite"
    judged = "judged by one side" if verdict == "pass" else "and on the other side it is too steep"
    if np.isnan(rough.left) and np.isnan(rough.right):
        ends, judged = "on both sides", "so nothing can be measured"
    constants = {"left": rough.left, "right": rough.right}
    return _sits(group, "is at the edge of the domain", f"{ends}, {why}; {judged}", constants)


_SENTENCES: dict[str, Callable[[Trial, Group, str], Evidence]] = {
    "kink": _kink,
    "discontinuous": _jump,
    "low_precision": _steps,
    "noise_floor": _noise,
    "domain_edge": _edge,
}


def _sits(group: Group, what: str, told: str, constants: dict) -> Evidence:
    names = [reading.label for reading, _ in group]
    rest = f" (and {len(names) - 1} more like it)" if len(names) > 1 else ""
    return Evidence(f"{names[0]} {what}: {told}{rest}", tuple(names[:8]), constants)
