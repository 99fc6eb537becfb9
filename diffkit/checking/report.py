"""The report: diagnosis first, then the worst numbers, as text, HTML, JSON and picture."""

from __future__ import annotations

import html
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from ..tables import html_table, text_table
from .findings import Finding, worst
from .problem import Problem

SHOWN = 8  # rows of the table
HEADER = ("where", "analytic", "numeric", "+-", "ratio", "verdict")


class Row(NamedTuple):
    """One compared number: an entry of x, or (entry -1) something along a direction."""

    name: str
    entry: int
    analytic: float
    numeric: float
    error: float
    verdict: str

    @property
    def severity(self) -> float:
        """How many error bars the two are apart."""
        gap = abs(self.analytic - self.numeric)
        if not np.isfinite(gap):
            return np.inf
        return gap / max(self.error, 1e-300)

    def cells(self) -> list[str]:
        """Return the cells of the table."""
        ratio = f"{self.analytic / self.numeric:.6g}" if self.numeric else "-"
        return [
            self.name,
            f"{self.analytic:.8g}",
            f"{self.numeric:.8g}",
            f"{self.error:.1g}",
            ratio,
            self.verdict,
        ]


@dataclass(frozen=True, eq=False, repr=False)
class GradientReport:
    """What was found about a gradient; true if it passed.

    Attributes
    ----------
    verdict : "pass", "fail" or "inconclusive"
    cause : str
        The cause of the first finding, "ok" if there is none. `dk.checking.CAUSES`
        lists them all.
    findings : tuple of Finding, the worst first
    analytic : nest like x, the gradient that was checked; None if it has no usable form
    numeric, error : nest like x
        The differences and their error bars; nan and inf where an entry was not measured.
    rows : tuple of Row
        Everything that was compared, entries or directions.
    evaluations, gradient_evaluations : int
    seed : int
        Of the random directions; with it the check repeats itself.
    seconds : float
    """

    findings: tuple[Finding, ...]
    analytic: Any
    numeric: Any
    error: Any
    rows: tuple[Row, ...]
    evaluations: int
    gradient_evaluations: int
    seed: int
    seconds: float
    problem: Problem = field(repr=False)

    @property
    def verdict(self) -> str:
        """The worst verdict of all findings."""
        return worst(self.findings)

    @property
    def cause(self) -> str:
        """The cause of the worst finding."""
        return self.findings[0].cause if self.findings else "ok"

    def __bool__(self) -> bool:
        return self.verdict == "pass"

    # -- as text ---------------------------------------------------------------

    def __str__(self) -> str:
        parts = [self._headline(), *map(str, self.findings)]
        if self.rows:
            parts += [text_table(HEADER, [row.cells() for row in self.worst_rows()])]
        return "\n".join([*parts, self._footer()])

    __repr__ = __str__

    def _headline(self) -> str:
        return f"{self.verdict}: {self.cause}"

    def _footer(self) -> str:
        hidden = len(self.rows) - SHOWN
        more = f"{hidden} more rows; " if hidden > 0 else ""
        calls = f"{self.evaluations} calls of f, {self.gradient_evaluations} of the gradient"
        return f"({more}{calls}, {self.seconds:.2g} s, seed {self.seed})"

    def worst_rows(self) -> list[Row]:
        """Return the rows that are farthest off, in error bars, the worst first."""
        order = {"wrong": 0, "unknown": 1, "right": 2}
        return sorted(self.rows, key=lambda row: (order[row.verdict], -row.severity))[:SHOWN]

    def _repr_html_(self) -> str:
        color = {"pass": "green", "fail": "crimson", "inconclusive": "darkorange"}[self.verdict]
        items = "".join(
            f"<li><b>{f.cause}</b>: {html.escape(f.message)}<br><i>{html.escape(f.advice)}</i></li>"
            for f in self.findings
        )
        table = html_table(HEADER, [row.cells() for row in self.worst_rows()]) if self.rows else ""
        return (
            f'<p><b style="color:{color}">{html.escape(self._headline())}</b></p>'
            f"<ul>{items}</ul>{table}<p>{html.escape(self._footer())}</p>"
        )

    def to_dict(self) -> dict[str, Any]:
        """Return numbers, lists and strings only, ready for JSON."""
        return {
            "verdict": self.verdict,
            "cause": self.cause,
            "findings": [finding.to_dict() for finding in self.findings],
            "rows": [row._asdict() for row in self.worst_rows()],
            "compared": len(self.rows),
            "evaluations": self.evaluations,
            "gradient_evaluations": self.gradient_evaluations,
            "seed": self.seed,
            "seconds": self.seconds,
        }

    def plot(self, axes: Any = None) -> Any:
        """Draw numeric against analytic, and error against step at the worst entry.

        Parameters
        ----------
        axes : two matplotlib axes, optional

        Returns
        -------
        the two axes
        """
        from .plotting import plot_report

        return plot_report(self, axes)
