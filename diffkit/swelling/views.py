"""A report as text, HTML, LaTeX, a DataFrame, JSON, and a sentence."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from ..tables import html_table, text_table
from .numbers import counted, duration, jsonable, scientific, short
from .rows import COLUMNS, Row

if TYPE_CHECKING:
    from .report import SwellReport

PAGE = 3000  # characters on a printed page
BOOK = 400  # pages

HEADER = [
    "", "dag_ops", "tree_ops", "sharing", "depth", "characters", "count_ops (SymPy)", "seconds",
    "swell_tree", "swell_dag", "status",
]  # fmt: skip


def cells(row: Row) -> list[str]:
    """Return a row of the table."""
    numbers = [
        duration(row.seconds) if column == "seconds" else short(getattr(row, column))
        for column in COLUMNS
    ]
    return [row.name, *numbers, row.status]


def headline(report: SwellReport) -> str:
    """Say of what by what."""
    listing = "; ".join(map(str, report.program.steps[:4]))
    hidden = len(report.program) - 4
    told = f"{listing}; ... {counted(hidden, 'more step')}" if hidden > 0 else listing
    by = ", ".join(report.wrt[:6]) + (f", ... {len(report.wrt) - 6} more" if report.wrt[6:] else "")
    return f"{told}   by {by}"


def as_text(report: SwellReport) -> str:
    """Return the table for a terminal."""
    table = text_table(HEADER, [cells(row) for row in report])
    return "\n".join([headline(report), table, sentence(report)])


def as_html(report: SwellReport) -> str:
    """Return the table for a notebook."""
    return (
        f"<p><code>{html.escape(headline(report))}</code></p>"
        f"{html_table(HEADER, [cells(row) for row in report])}"
        f"<p>{html.escape(sentence(report))}</p>"
    )


_SUBJECT = {
    "primal": "The function",
    "tangent": "The function with its tangent",
    "adjoint": "The function with its gradient",
    "textbook": "The textbook derivative",
    "unrolled": "The derivative accumulated in reverse",
    "sympy": "SymPy's derivative",
    "cse": "SymPy's derivative after cse",
    "simplify": "SymPy's simplified derivative",
}
_DERIVATIVES = ("textbook", "unrolled", "sympy", "simplify")


def sentence(report: SwellReport, row: str | None = None) -> str:
    """Say in words how long the formula of a row is; by default the longest derivative."""
    lengths = {r.name: r.characters for r in report if r.name in _DERIVATIVES and r.characters}
    if row is None and not lengths:
        return "No derivative was written out."
    chosen = report[max(lengths, key=lambda name: lengths[name]) if row is None else row]
    if chosen.characters is None or chosen.tree_ops is None:
        return f"{_SUBJECT[chosen.name]}: {chosen.status}."
    return (
        f"{_SUBJECT[chosen.name]} written out has {counted(chosen.tree_ops, 'operation')}; "
        f"{filling(chosen.characters)}."
    )


def filling(characters: int) -> str:
    """Say how much paper a text fills.

    >>> filling(2000), filling(36 * 10**12)
    ('it fits on one page', 'at 3000 characters a page it fills 1.2e10 pages')
    """
    pages = -(-characters // PAGE)
    if pages <= 1:
        return "it fits on one page"
    told = f"{pages:,}" if pages < 10**9 else scientific(pages)
    return f"at {PAGE} characters a page it fills {told} pages"


def as_latex(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    r"""Return a LaTeX table for slides; it needs ``\usepackage{booktabs}``.

    >>> print(as_latex(["", "tree_ops"], [["textbook", "1.2e10"]]))
    \begin{tabular}{lr}
    \toprule
     & tree\_ops \\
    \midrule
    textbook & $1.2 \cdot 10^{10}$ \\
    \bottomrule
    \end{tabular}
    """
    lines = [" & ".join(map(_latex_cell, line)) + r" \\" for line in (header, *rows)]
    columns = "l" + "r" * (len(header) - 1)
    body = [lines[0], r"\midrule", *lines[1:]]
    return "\n".join(
        [f"\\begin{{tabular}}{{{columns}}}", r"\toprule", *body, r"\bottomrule", r"\end{tabular}"]
    )


_FORMULA = re.compile(r"(?=.*n.*)[-+*/^() \dn]{2,}")  # a law in n
_LATEX = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_",
    "{": r"\{", "}": r"\}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
}  # fmt: skip


def _latex_cell(text: str) -> str:
    if _FORMULA.fullmatch(text):
        powers = re.sub(r"\^(\w+|\(.*?\))", r"^{\1}", text)
        return "$" + powers.replace("*", r" \cdot ") + "$"
    leading, e, exponent = text.partition("e")
    if e and exponent.isdigit() and leading.replace(".", "").isdigit():
        return rf"${leading} \cdot 10^{{{exponent}}}$"
    return "".join(_LATEX.get(character, character) for character in text)


def row_dict(row: Row) -> dict[str, Any]:
    """Return a row as JSON can hold it."""
    numbers = {column: jsonable(getattr(row, column)) for column in COLUMNS}
    return {"status": row.status, **numbers}


def dataframe(records: Sequence[dict[str, Any]], index: Sequence[str]) -> Any:
    """Return a pandas DataFrame whose integers are exact.

    Raises
    ------
    ImportError
        If pandas is not installed.
    """
    import pandas as pd

    # Objects, not int64 or float64: a tree has more operations than either can count.
    return pd.DataFrame(list(records), dtype=object).set_index(list(index))
