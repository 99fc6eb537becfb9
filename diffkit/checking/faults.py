"""What is wrong with a gradient: everywhere, in some leaves, in a few entries, at another point."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from .case import Case
from .diagnosis import diagnose, missing_term
from .elsewhere import wrong_point
from .findings import Evidence, Finding, found, listed
from .readings import SETTLED, Reading, bisect, read_entry
from .roughness import noise_of
from .trial import Trial
from .unsmooth import between_entries

ALMOST = 1e-5  # relative; mistakes in formulas are larger than this, loose tolerances are not
ALMOST_ALONG = 1e-6  # the same along a direction, where one wrong entry is one of many
ALMOST_NOISY = 1e-3  # the same where f is noisy: differences may resolve some of the noise
AUDIBLE = 1e-11  # relative noise of f that is no longer the rounding of float64
FEW = 3  # wrong entries that are told one by one


def nonfinite_entries(trial: Trial) -> list[Finding]:
    """Find nan and inf in the gradient; a fault where f does have a slope."""
    bad = np.flatnonzero(~np.isfinite(trial.answer.flat))
    if not bad.size:
        return []
    names = [trial.problem.names[int(i)] for i in bad]
    told = f"the gradient is {trial.answer.flat[bad[0]]} at {listed(names)}"
    settled = {r.index for r in trial.readings if r.status in SETTLED and np.isfinite(r.error)}
    verdict = "fail" if settled & set(map(int, bad)) else "inconclusive"
    return [found("nonfinite", verdict, Evidence(told, tuple(names[:8])))]


def explanations(trial: Trial, case: Case) -> list[Finding]:
    """Explain what contradicts the gradient; nothing if nothing does."""
    if not np.any(case.bad):
        return []
    if not trial.problem.moved:
        told = "f does not change at all near x, but the gradient is not 0: is its argument used?"
        return [found("vacuous", "fail", Evidence(told))]
    if case.discrepancy < _negligible(trial, case) and not missing_term(case):
        return [_almost(case)]
    crossed = between_entries(trial) if trial.by_entry else []
    if crossed:
        return crossed
    for region in _regions(case):
        result = diagnose(replace(case, region=region))
        if result:
            return [found(result[0], "fail", result[1])]
    return _by_block(case) or _entries(trial, case) or _elsewhere(trial, case) or _unexplained(case)


def _negligible(trial: Trial, case: Case) -> float:
    """Return how small a discrepancy must be to be blamed on rounding, or on a noisy f."""
    if not trial.by_entry:
        return ALMOST_ALONG
    if not ALMOST < case.discrepancy < ALMOST_NOISY:
        return ALMOST
    worst = trial.contradicted()[0]
    line, origin = trial.line_of(worst)
    size = abs(float(origin)) or 1.0
    noise = noise_of(line, float(origin), size, worst.value, trial.problem.base)
    return ALMOST_NOISY if noise.relative > AUDIBLE else ALMOST


def _almost(case: Case) -> Finding:
    """Differences as small as these come from rounding or loose tolerances, not from formulas."""
    digits = int(-np.log10(case.discrepancy))
    single = bool(np.all(case.analytic == case.analytic.astype(np.float32)))
    told = (
        f"the gradient agrees to {digits} digits, and the rest is more than the error bar: is it "
        f"computed {'in float32' if single else 'with a loose tolerance, or in float32'}?"
    )
    cause = "low_precision" if single else "noise_floor"
    return found(cause, "inconclusive", Evidence(told, (), {"digits": digits}))


def _regions(case: Case) -> Iterator[np.ndarray]:
    """Yield where the fault may be: everywhere, in the leaves that are wrong, in the entries."""
    yield np.ones(case.x.size, bool)
    blocks = _bad_regions(case)
    if 0 < len(blocks) < len(case.names.blocks):
        yield np.any(blocks, axis=0)
    if case.rows is None and 1 < np.sum(case.bad) < case.x.size:
        yield case.bad


def _bad_regions(case: Case) -> list[np.ndarray]:
    """Return, for each leaf that holds a fault, the entries of that leaf."""
    regions = []
    for block in case.names.blocks:
        region = np.zeros(case.x.size, bool)
        region[block.slice] = True
        if np.any(case.within(region).bad):
            regions.append(region)
    return regions


def _by_block(case: Case) -> list[Finding]:
    """Explain leaf by leaf; nothing if one of them cannot be explained."""
    regions = _bad_regions(case)
    results = [diagnose(case.within(region)) for region in regions]
    if len(regions) < 2 or not all(results):
        return []
    return [found(result[0], "fail", result[1]) for result in results if result]


def _entries(trial: Trial, case: Case) -> list[Finding]:
    """Tell a few wrong entries one by one; in a large problem they must first be found."""
    if case.rows is None:
        entries = [int(i) for i in np.flatnonzero(case.bad)]
        if len(entries) > min(FEW, case.x.size // 4):
            return []
    else:
        quick = [r for r in trial.contradicted() if r.estimate.step < 1e-3]
        entries = (bisect(trial.problem, trial.answer.flat, quick[0]) or []) if quick else []
    readings = {r.index: r for r in trial.readings if r.direction is None}
    findings = []
    for i in entries:
        reading = readings.get(i) or read_entry(trial.problem, i)
        if i not in readings:
            trial.readings.append(reading)
        a = float(trial.answer.flat[i])
        if abs(a - reading.value) > 3 * reading.error:
            findings.append(_one_entry(trial, i, a, reading, len(entries)))
    return findings


def _one_entry(trial: Trial, i: int, a: float, reading: Reading, count: int) -> Finding:
    name = trial.problem.names[i]
    told = (
        f"{'only ' if count == 1 else ''}{name} is wrong: {a:.6g} in place of {reading.value:.6g}"
    )
    ratio = {"factor": a / reading.value} if reading.value else {}
    constants = {"index": i, "analytic": a, "numeric": reading.value, **ratio}
    return found("single_component", "fail", Evidence(told, (name,), constants))


def _elsewhere(trial: Trial, case: Case) -> list[Finding]:
    evidence = wrong_point(trial.problem, case, trial.rng)
    return [found("wrong_point", "fail", evidence)] if evidence else []


def _unexplained(case: Case) -> list[Finding]:
    bad = np.flatnonzero(case.bad)
    if case.rows is None:
        names = tuple(case.names[i] for i in bad[:8])
        told = f"{len(bad)} of {case.x.size} entries are wrong, in no way that has a name"
    else:
        names = ()
        told = f"{len(bad)} of {len(case.numeric)} directions contradict it, in no way with a name"
    return [found("unexplained", "fail", Evidence(f"the gradient is wrong: {told}", names))]
