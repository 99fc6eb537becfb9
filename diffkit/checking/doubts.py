"""What cannot be decided: nothing was tested, or f is too noisy."""

from __future__ import annotations

import numpy as np

from .findings import Evidence, Finding, found
from .readings import DECIDED, Reading
from .roughness import NOISY, Noise, noise_of
from .trial import Trial
from .unsmooth import roughness_of

DROWNED = 1e-8  # what x does to f, relative to f, below which rounding hides it
LIMITED = 1e-9  # an error bar above this share of the gradient is worth a note
LIMITED_ALONG = 1e-7  # the same along directions, where finding the reason doubles the calls


def doubts(trial: Trial) -> list[Finding]:
    """Say if nothing was tested, or if f is too noisy for a decision."""
    if not np.any(trial.answer.flat) or not trial.problem.moved:
        told = "the gradient is 0 everywhere, and so are the differences: this tests nothing"
        return [found("vacuous", "pass", Evidence(told))]
    relative = _relative_bars(trial)
    share = float(np.max(relative)) if trial.by_entry else float(np.min(relative))
    if share <= (LIMITED if trial.by_entry else LIMITED_ALONG):
        return []
    worst = trial.in_order()[int(np.argmax(relative))]
    rough = roughness_of(trial, [worst])
    if rough:
        return rough
    line, origin = trial.line_of(worst)
    size = abs(float(origin)) or 1.0
    noise = noise_of(line, float(origin), size, worst.value, trial.problem.base)
    verdict = "inconclusive" if share > DECIDED else "pass"
    if verdict == "pass" and not noise.relative > NOISY:
        return []
    return [_blurred(trial, share, verdict, noise, worst)]


def _blurred(trial: Trial, share: float, verdict: str, noise: Noise, worst: Reading) -> Finding:
    digits = max(0, int(-np.log10(share))) if np.isfinite(share) else 0
    cannot = f"cannot be decided beyond {digits} digits" if digits else "cannot be decided"
    size = abs(float(trial.line_of(worst)[1])) or 1.0
    drowned = abs(worst.value) * size < DROWNED * abs(float(trial.problem.base))
    if noise.single:
        told, cause = (
            f"f is computed in low precision (noise of {noise.relative:.1g})",
            "low_precision",
        )
    elif noise.relative > NOISY or worst.estimate.rounding > worst.estimate.truncation or drowned:
        told, cause = f"f carries noise of {max(noise.relative, 1e-16):.1g}", "noise_floor"
    else:
        told, cause = f"the differences do not settle at {worst.label}", "unexplained"
    constants = {"noise": noise.relative, "digits": digits}
    return found(cause, verdict, Evidence(f"{cannot}: {told}", (), constants))


def _relative_bars(trial: Trial) -> np.ndarray:
    """Return the error bars relative to the size of the gradient."""
    case = trial.case()
    return case.error / case.sizes
