"""The picture of a report: numeric against analytic, and error against step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .. import finite

if TYPE_CHECKING:
    from .report import GradientReport, Row

COLORS = {"right": "tab:green", "wrong": "tab:red", "unknown": "tab:orange"}


def plot_report(report: GradientReport, axes: Any = None) -> Any:
    """Draw a report on two matplotlib axes; return them."""
    if axes is None:
        import matplotlib.pyplot as plt

        axes = plt.figure(figsize=(10, 4.2), layout="constrained").subplots(1, 2)
    scatter, curve = axes
    _scatter(scatter, report)
    entries = [row for row in report.worst_rows() if row.entry >= 0]
    if entries:
        _curve(curve, report, entries[0])
    else:
        curve.set_axis_off()
    return axes


def _scatter(ax: Any, report: GradientReport) -> None:
    for verdict, color in COLORS.items():
        rows = [r for r in report.rows if r.verdict == verdict and np.isfinite(r.numeric)]
        if rows:
            bars = [r.error if np.isfinite(r.error) else 0.0 for r in rows]
            places = [r.analytic for r in rows], [r.numeric for r in rows]
            ax.errorbar(*places, bars, fmt="o", ms=4, color=color, label=f"{len(rows)} {verdict}")
    ax.axline((0, 0), slope=1, color="gray", lw=0.8, zorder=0)
    ax.set(xlabel="analytic", ylabel="numeric", title=f"{report.verdict}: {report.cause}")
    if report.rows:
        ax.legend()


def _curve(ax: Any, report: GradientReport, row: Row) -> None:
    line, origin = report.problem.along_entry(row.entry)
    sweep = finite.step_sweep(line, origin, schemes=("forward", "central"), exact=row.analytic)
    sweep.plot(ax)
    ax.set(title=f"{row.name}: differences against your {row.analytic:.6g}")
