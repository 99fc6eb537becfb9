"""The plot of a study: one colour a row, the tree dashed and the DAG solid.

Sizes outgrow what a float can hold, so their logarithms are drawn, on an axis that
is labelled with the powers of ten.
"""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import ArgumentError
from ..files import write_whole

if TYPE_CHECKING:
    from .study import SwellStudy

# Okabe and Ito's colours, told apart by readers who see few of them.
COLOURS = {
    "primal": "#000000",
    "tangent": "#56B4E9",
    "adjoint": "#009E73",
    "textbook": "#D55E00",
    "unrolled": "#CC79A7",
    "sympy": "#0072B2",
    "cse": "#E69F00",
    "simplify": "#888888",
}
STYLES = {"dag_ops": "-", "tree_ops": "--"}


def plot(study: SwellStudy, path: Any = None, *, rows: Sequence[str] | None = None) -> Any:
    """Draw operations over n.

    Parameters
    ----------
    study : SwellStudy
    path : str or Path, optional
        Where to save it; the suffix says the format (svg, pdf, png). The file is
        complete or not there.
    rows : sequence of str, optional
        Which rows; all by default.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ArgumentError
        If the suffix is not a format, or a row is not in the study.
    OSError
        If the file cannot be written.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.4, 4.4), layout="constrained")
    axes = figure.add_subplot(xlabel="n", ylabel="operations", title=_title(study))
    for row in study.rows if rows is None else rows:
        for column, style in STYLES.items():
            _curve(axes, study, row, column, style)
    axes.yaxis.set_major_locator(_whole_numbers())
    axes.yaxis.set_major_formatter(lambda value, _: f"$10^{{{value:g}}}$")
    axes.grid(alpha=0.3)
    axes.legend(fontsize="small", ncols=2)
    if path is not None:
        save(figure, Path(path))
    return figure


def _title(study: SwellStudy) -> str:
    return f"{study.name}: written out (dashed), each distinct one once (solid)"


def _whole_numbers() -> Any:
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator(integer=True)


def _curve(axes: Any, study: SwellStudy, row: str, column: str, style: str) -> None:
    """Draw one row's sizes; where there are none, or nothing to count, the curve has a gap."""
    pairs = zip(study.depths, study.sizes(row, column), strict=True)
    points = [(n, math.log10(size)) for n, size in pairs if size]
    if points:
        label = f"{row} {column.removesuffix('_ops')}"
        xs, ys = zip(*points, strict=True)
        axes.plot(xs, ys, style, color=COLOURS[row], label=label, marker=".", markersize=4)


def checked_format(path: Path) -> str:
    """Return the format that a suffix asks for.

    Raises
    ------
    ArgumentError
        If matplotlib does not write it.
    """
    from matplotlib.backend_bases import FigureCanvasBase

    kind = path.suffix.removeprefix(".").lower()
    if kind not in FigureCanvasBase.get_supported_filetypes():
        raise ArgumentError(f"{path.name!r}: the suffix says the format; give .svg, .pdf or .png")
    return kind


def save(figure: Any, path: Path) -> None:
    """Write a figure to a file, completely or not at all."""
    content = io.BytesIO()
    figure.savefig(content, format=checked_format(path))
    write_whole(path, content.getvalue())
