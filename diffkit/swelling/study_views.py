"""A study as text, HTML and JSON: one line a depth, and under each column its law."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

from ..tables import html_table, text_table
from .laws import Law
from .numbers import short
from .views import row_dict

if TYPE_CHECKING:
    from .study import SwellStudy

# What the table shows of each row; the rest is in to_dataframe().
SHOWN = {
    "primal": ("dag_ops", "tree_ops"),
    "tangent": ("dag_ops",),
    "adjoint": ("dag_ops",),
    "textbook": ("dag_ops", "tree_ops"),
    "unrolled": ("tree_ops",),
    "sympy": ("dag_ops", "tree_ops"),
    "cse": ("dag_ops",),
    "simplify": ("tree_ops",),
}


def shown(study: SwellStudy) -> list[tuple[str, str]]:
    """Return the (row, column) pairs of the table; rows without any size are left out."""
    pairs = [(row, column) for row in study.rows for column in SHOWN[row]]
    return [pair for pair in pairs if any(size is not None for size in study.sizes(*pair))]


def table(study: SwellStudy) -> tuple[list[str], list[list[str]]]:
    """Return the header and the lines, the laws in the last one."""
    pairs = shown(study)
    header = ["n", *(f"{row} {column.removesuffix('_ops')}" for row, column in pairs)]
    columns = [[short(size) for size in study.sizes(*pair)] for pair in pairs]
    lines = [[str(n), *line] for n, *line in zip(study.depths, *columns, strict=True)]
    return header, [*lines, ["law", *(study.law(*pair).text for pair in pairs)]]


def notes(study: SwellStudy) -> list[str]:
    """Return the certificates, and why sizes are missing."""
    pairs = shown(study)
    told = [f"{row} {column}: {study.law(row, column)}" for row, column in pairs]
    for row in study.rows:
        first = next((n for n in study.depths if study.reports[n][row].status != "done"), None)
        if first is not None:
            told.append(f"{row} from n = {first}: {study.reports[first][row].status}")
    return told + (["The study was interrupted."] if study.interrupted else [])


def heading(study: SwellStudy) -> str:
    """Say what the table is of."""
    return f"Operations of {study.name}, distinct ones (dag) and written out (tree)"


def as_text(study: SwellStudy) -> str:
    """Return the table for a terminal."""
    return "\n".join([heading(study), text_table(*table(study)), *notes(study)])


def as_html(study: SwellStudy) -> str:
    """Return the table for a notebook."""
    lines = "".join(f"<p>{html.escape(line)}</p>" for line in notes(study))
    return f"<p>{html.escape(heading(study))}</p>{html_table(*table(study))}{lines}"


def as_dict(study: SwellStudy) -> dict[str, Any]:
    """Return what JSON can hold."""
    return {
        "family": study.name,
        "depths": list(study.depths),
        "interrupted": study.interrupted,
        "sizes": {
            row: [row_dict(study.reports[n][row]) for n in study.depths] for row in study.rows
        },
        "laws": {
            f"{row} {column}": _law_dict(study.law(row, column)) for row, column in shown(study)
        },
    }


def _law_dict(law: Law) -> dict[str, Any]:
    return {
        "formula": None if law.formula is None else str(law.formula),
        "text": law.text,
        "certain": law.certain,
        "note": law.note,
    }
