"""From readings to findings: what is rough, what is wrong and why, what cannot be decided."""

from __future__ import annotations

from .doubts import doubts
from .faults import explanations, nonfinite_entries
from .findings import Finding
from .readings import SETTLED, Reading, closer_look, second_look
from .trial import Trial
from .unsmooth import roughness_of

LOOKS = 24  # contradicted entries that are looked at again


def judge(trial: Trial) -> list[Finding]:
    """Return all findings about the numbers."""
    again = _looked_again(trial) if trial.by_entry else []
    findings = roughness_of(trial, _doubtful(trial) + again)
    faults = nonfinite_entries(trial) or explanations(trial, trial.case())
    if not trial.by_entry and any(fault.cause == "unexplained" for fault in faults):
        findings += roughness_of(trial, trial.contradicted())
        faults = explanations(trial, trial.case())
    findings += faults
    failed = [finding for finding in findings if finding.verdict == "fail"]
    return failed or findings or doubts(trial)


def _doubtful(trial: Trial) -> list[Reading]:
    return [r for r in trial.readings if r.status not in SETTLED]


def _looked_again(trial: Trial) -> list[Reading]:
    """Measure entries in doubt once more, and those that contradict; return the latter."""
    for reading in trial.readings:
        if reading.status not in SETTLED or (reading.value and not reading.decided):
            closer_look(trial.problem, reading)
    readings = trial.contradicted()[:LOOKS]
    for reading in readings:
        second_look(trial.problem, reading)
    return readings
