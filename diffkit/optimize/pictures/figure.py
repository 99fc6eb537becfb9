"""The figure of a run: contours with the path, and the curves of f, |g| and learning rate."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..result import Result
from .landscape import RESOLUTION, checked_resolution, levels
from .overlays import ellipse, parts_of
from .plane import Plane, box_around, plane_of
from .words import plain

PATH, SLOPE, CARRIED, MODEL = "#B24A00", "#0072B2", "#009E73", "#CC79A7"


def plot_result(
    result: Result,
    *,
    step: int | None = None,
    coordinates: Sequence[int] | None = None,
    resolution: int = RESOLUTION,
) -> Any:
    """Draw a run; return the matplotlib figure. See `Result.plot`."""
    import matplotlib.pyplot as plt

    figure = plt.figure(figsize=(11, 5), layout="constrained")
    left, right = figure.subfigures(1, 2, width_ratios=(3, 2)).flat  # type: ignore[union-attr]
    ax = left.subplots()
    plane = plane_of(result.path.layout, result.path.vectors, coordinates)
    draw_landscape(ax, [result], plane, resolution)
    draw_path(ax, result, plane, PATH)
    if step is not None:
        _draw_parts(ax, result, plane, step)
    ax.set_title(plain(result.message), fontsize="small", wrap=True)
    _draw_curves(right.subplots(3, 1, sharex=True), result)
    return figure


def draw_landscape(ax: Any, results: Sequence[Result], plane: Plane, resolution: int) -> None:
    """Draw the contours of f (or, over one parameter, its curve) around the paths."""
    count = checked_resolution(resolution)
    box = box_around([plane.places(r.path.vectors) for r in results])
    lowest = min(r.best.f for r in results)
    *axes, heights = plane.grid(results[0], box, count if len(box) > 1 else 400)
    ax.set(xlabel=plain(plane.names[0]), xlim=box[0])
    if len(box) == 1:
        ax.plot(axes[0], heights, color="0.6")
        ax.set(ylabel="f")
        return
    at = levels(heights, lowest)
    if at.size:
        masked = np.ma.masked_invalid(heights)
        ax.contour(*axes, masked, np.unique(at), cmap="Greys_r", linewidths=0.8)
    ax.set(ylabel=plain(plane.names[1]), ylim=box[1])


def draw_path(ax: Any, result: Result, plane: Plane, color: str, label: str | None = None) -> None:
    """Draw the points of a run with the start and the end marked."""
    places = plane.places(result.path.vectors)
    if places.shape[1] == 1:
        places = np.column_stack([places, result.path.f])
    ax.plot(*places.T, "o-", ms=3, lw=1.2, color=color, label=label and plain(label))
    ax.plot(*places[0], "s", ms=7, color=color)
    ax.plot(*places[-1], "*", ms=11, color=color)


def _draw_parts(ax: Any, result: Result, plane: Plane, k: int) -> None:
    """Draw what the step from point k is made of."""
    parts = parts_of(result, k)
    if len(plane.names) == 1:
        ends = plane.places(np.stack([parts.at, parts.next])).ravel()
        ax.plot(ends, result.path.f[k : k + 2], color=SLOPE, lw=3)
        return
    start, end = plane.places(np.stack([parts.at, parts.next]))
    if parts.carried is None:
        _arrow(ax, start, end, SLOPE, "step")
    else:
        middle = start + parts.carried @ plane.directions.T
        _arrow(ax, start, middle, CARRIED, "momentum")
        _arrow(ax, middle, end, SLOPE, "learning rate × gradient")
    if parts.ahead is not None:
        ax.plot(*plane.places(parts.ahead[None])[0], "D", color=SLOPE, label="look-ahead")
    model = ellipse(result, k, plane)
    if model is not None:
        ax.plot(*model.T, color=MODEL, lw=1.2, label="quadratic model")
    ax.legend(loc="best", fontsize="small")


def _arrow(ax: Any, start: np.ndarray, end: np.ndarray, color: str, label: str) -> None:
    if np.linalg.norm(end - start) == 0:
        return
    look = {"arrowstyle": "-|>", "color": color, "lw": 2, "shrinkA": 0, "shrinkB": 0}
    ax.annotate("", xy=end, xytext=start, arrowprops=look)
    ax.plot([], [], color=color, lw=2, label=label)


def _draw_curves(axes: Sequence[Any], result: Result) -> None:
    path = result.path
    gap = path.f - min(0.0, float(np.nanmin(path.f)))
    rows = [("f" if np.nanmin(path.f) > 0 else "f − lowest f", gap), ("|g|", path.gnorm),
            ("learning rate", path.lr)]  # fmt: skip
    for ax, (name, values) in zip(axes, rows, strict=True):
        ax.plot(values, color=PATH)
        spread = values[np.isfinite(values) & (values > 0)]
        if spread.size and spread.max() > 20 * spread.min():
            ax.set_yscale("log")
        ax.set_ylabel(name)
    axes[-1].set_xlabel("step")
