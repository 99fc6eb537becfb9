"""Why a run ends where it does: growth, standstill, and the learning rate that would be stable."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .method import Status
from .spectrum import lower_beside, spectrum

if TYPE_CHECKING:
    from .running import Run

Verdict = tuple[Status, str] | None

GROWTH = 1e10  # |g| this many times larger than at the start has diverged
RUNAWAY = 1e6  # growth that explains why f is no longer finite
STANDSTILL = 50  # steps in which nothing changed
SAME = 1e-12  # relative change of f and |g| that counts as none
CHECKED = 16  # parameters up to which the end is looked at for saddles
_TREND = 50  # steps over which the trend is taken


def curvature(run: Run) -> float:
    """Return s.y/s.s of the last step: the second derivative along it, nan without one."""
    before, now = run.previous, run.point
    if before is None or not run.method.uses_gradient or before.batch is not now.batch:
        return np.nan
    with np.errstate(all="ignore"):
        s, y = now.x - before.x, now.g - before.g
        return float(s @ y / (s @ s)) if np.any(s) else np.nan


def advice(run: Run) -> str:
    """Compare the learning rate with the one that would be stable."""
    along = curvature(run)
    if not np.isfinite(along):
        return ""
    stable = run.method.stable_rate(along)
    if stable is None:
        return f"; curvature along the step ~{along:.3g}"
    return (
        f"; curvature along the step ~{along:.4g}, stable learning rate < {stable:.4g}, "
        f"yours {run.path.last[2]:.4g}"
    )


def growth(lengths: np.ndarray) -> tuple[float, int]:
    """Return the mean factor and the number of the steps in which it grew, up to the last."""
    rising = np.diff(lengths) > 0
    falls = np.flatnonzero(~rising)
    first = falls[-1] + 1 if falls.size else 0
    count = len(lengths) - 1 - first
    if not count or not lengths[first]:
        return 1.0, 0
    with np.errstate(all="ignore"):
        return float((lengths[-1] / lengths[first]) ** (1 / count)), count


def trend(run: Run) -> str:
    """Say by which factor |g| changed a step lately."""
    lengths = run.path.gnorm[-_TREND - 1 :]
    if len(lengths) < 3 or not lengths[0] or not lengths[-1]:
        return ""
    factor = (lengths[-1] / lengths[0]) ** (1 / (len(lengths) - 1))
    told = f"{factor:.3g}"
    if not np.isfinite(factor) or told == "1":
        return ""
    return f"; |g| {'grew' if factor > 1 else 'shrank'} {told}x a step"


def slope(run: Run) -> str:
    """Say how long the gradient is."""
    return f"|g| = {run.gnorm:.3g}" if run.method.uses_gradient else "no gradient used"


# -- the checks, in the order in which they are made --------------------------------------


def converged(run: Run) -> Verdict:
    """Whether the gradient is as short as was asked, at the point itself and no saddle."""
    if not run.method.uses_gradient or run.batches or not run.gnorm <= run.gtol:
        return None
    if not run.point.gnorm <= run.gtol:
        return None
    flaw, steps = flaw_at_end(run), len(run.path) - 1
    told = f"|g| = {run.point.gnorm:.3g} <= {run.gtol:.3g}"
    if flaw:
        stuck = Status.STALLED, f"{told}, but this is {flaw}"
        return None if run.method.leaves_saddles else stuck
    after = f" after {steps} step{'' if steps == 1 else 's'}"
    return Status.CONVERGED, told + after + trend(run)


def flaw_at_end(run: Run) -> str:
    """Say why the point is no minimum, where a Hessian is at hand."""
    affordable = run.layout.size <= CHECKED and run.objective.affordable_hessian
    if not affordable and not run.method.leaves_saddles:
        return ""
    found = spectrum(run.point)
    if found.flaw and not run.objective.exact_hessian and not lower_beside(run.point, found):
        return ""
    return found.flaw


def diverged(run: Run) -> Verdict:
    """Whether the gradient has grown beyond all measure."""
    if not run.method.uses_gradient or not run.gnorm > GROWTH * run.first_gnorm:
        return None
    f0, f = run.path.first[0], run.f
    far = np.linalg.norm(run.point.x) > GROWTH * (1 + np.linalg.norm(run.layout.start))
    if f < f0 and not far:
        return None
    return explained_growth(run)


def explained_growth(run: Run) -> tuple[Status, str]:
    """Say how fast it grew, and why."""
    factor, count = growth(run.path.gnorm)
    fell = run.f < run.path.first[0]
    lately = "in the last step" if count == 1 else f"a step for {count} steps"
    told = f"|g| grew {factor:.4g}x {lately}, to {run.gnorm:.3g}"
    if fell:
        return Status.DIVERGED, f"f falls without bound, to {run.f:.3g}; {told}"
    return Status.DIVERGED, told + advice(run)


def nonfinite(run: Run, k: int, f: float, g: np.ndarray | None) -> tuple[Status, str]:
    """Say where nan or infinity came from."""
    factor, count = growth(run.path.gnorm) if run.method.uses_gradient else (1.0, 0)
    if factor**count > RUNAWAY:
        status, told = explained_growth(run)
        return status, f"{told}; step {k} is no longer finite"
    if not np.isfinite(f):
        told = f"f is {f} at step {k}"
    else:
        wrong = np.flatnonzero(~np.isfinite(g)) if g is not None else np.array([], int)
        named = ", ".join(run.layout.place(i).removeprefix("x0") or "x" for i in wrong[:4])
        told = f"the gradient at step {k} is not finite at {named}"
    last = f"; x is the last finite point, step {k - 1}, {slope(run)}" if k else ", the start"
    return Status.NONFINITE, told + last + (advice(run) if k else "")


def stalled(run: Run) -> Verdict:
    """Whether it goes on without any change."""
    if run.batches or run.method.patient or len(run.path) < 2:
        return None
    if run.path.last[3] == 0:
        return Status.STALLED, f"the step is too short to change x; {slope(run)}{advice(run)}"
    if run.unchanged < STANDSTILL:
        return None
    back = " and the steps go to and fro" if run.turned else ""
    return (
        Status.STALLED,
        f"f and {slope(run)} have not changed for {run.unchanged} steps{back}{advice(run)}",
    )
