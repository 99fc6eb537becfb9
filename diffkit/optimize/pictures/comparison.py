"""The figure of a race: all paths in one landscape, and what each paid for which f."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .figure import draw_landscape, draw_path
from .landscape import RESOLUTION
from .plane import plane_of
from .words import plain

COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#8C564B")


def plot_race(
    race: Any, *, coordinates: Sequence[int] | None = None, resolution: int = RESOLUTION
) -> Any:
    """Draw a race; return the matplotlib figure. See `Race.plot`."""
    import matplotlib.pyplot as plt

    figure, (ax, curves) = plt.subplots(1, 2, figsize=(11, 5), layout="constrained")
    results = list(race.results.values())
    vectors = np.concatenate([r.path.vectors for r in results] + [_best(race)[None]])
    plane = plane_of(results[0].path.layout, vectors, coordinates)
    draw_landscape(ax, results, plane, resolution)
    lowest = min(r.best.f for r in results)
    for i, (name, result) in enumerate(race.results.items()):
        color = COLORS[i % len(COLORS)]
        draw_path(ax, result, plane, color, name)
        best = np.fmin.accumulate(result.path.f) - min(lowest, 0.0)
        curves.step(result.path.spent, best, where="post", color=color, label=plain(name))
    curves.set(xlabel="gradient evaluations", yscale="log")
    curves.set_ylabel("lowest f so far" if lowest > 0 else "lowest f so far, above the lowest")
    curves.legend()
    return figure


def _best(race: Any) -> np.ndarray:
    result = race.results[race.winner]
    return result.path.layout.ravel(result.best.x, "the best point")
