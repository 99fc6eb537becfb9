"""The animated SVG of a race: seconds to make it, and its size."""

from __future__ import annotations

from diffkit import optimize

from .findings import Finding
from .harness import Effort, stopwatch

FRAMES, PATHS = 100, 4
SECONDS_ASKED, KILOBYTES_ASKED = 1.0, 300.0
RUNS = 3
VALLEY, START = "(1 - x)^2 + 100*(y - x^2)^2", {"x": -1.2, "y": 1.0}


def animating(effort: Effort) -> list[Finding]:
    """Contours of f included; the best of some runs, and the first, which imports."""
    race = _race()
    lengths = sorted(len(result.path) for result in race.results.values())
    runs = [stopwatch(race.animation) for _ in range(RUNS)]
    seconds, kilobytes = min(s for s, _ in runs), len(runs[0][1].encode()) / 1000
    what, note = f"SVG of {FRAMES} frames, {PATHS} paths", f"paths of {lengths} points"
    return [
        Finding(what, seconds, "s", SECONDS_ASKED, f"{runs[0][0]:.2f} s the first time"),
        Finding(what, kilobytes, "kB", KILOBYTES_ASKED, note),
        Finding("page with a slider, the same", len(race.animation("html")) / 1000, "kB"),
    ]


def _race() -> optimize.Race:
    """Four rules that walk to the end of their budget: every path has all frames."""
    rules = {
        "descent": optimize.GD(0.001),
        "momentum": optimize.SGD(0.0005, momentum=0.9),
        "Adam": optimize.Adam(0.05),
        "RMSprop": optimize.RMSprop(0.01),
    }
    race = optimize.race(VALLEY, START, rules, budget=FRAMES, gtol=0.0)
    assert all(len(r.path) == FRAMES for r in race.results.values()), "a path has other frames"
    assert len(rules) == PATHS
    return race
