"""A Comparison as text and as HTML."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

import numpy as np

from ..tables import html_table, text_table
from .formatting import counted, duration, short

if TYPE_CHECKING:
    from .result import Comparison


def _headline(comparison: Comparison) -> str:
    point = " ".join(f"{name}={short(value)}" for name, value in comparison.at.items())
    return (
        f"{comparison.program.outputs[0]} = {short(comparison.value)} at {point} "
        f"({counted(len(comparison.program), 'step')})"
    )


def _derivative_rows(comparison: Comparison) -> list[list[str]]:
    rows = []
    for name in comparison.reference:
        for way in comparison.ways:
            found = comparison.gradients[way].get(name)
            if found is None:
                continue
            rows.append(
                [
                    f"d/d{name}",
                    way,
                    short(found, 17),
                    f"{comparison.error[way][name] or 0:.2g}",
                    f"{comparison.ulps[way][name]:.2g}",
                ]
            )
    return rows


def _way_rows(comparison: Comparison) -> list[list[str]]:
    return [
        [
            way,
            result.work or "-",
            duration(result.build) if result.build else "-",
            duration(result.evaluate) if result.work else "-",
            result.status,
        ]
        for way, result in comparison.results.items()
    ]


_TABLES = (
    (["", "way", "derivative", "relative error", "ulps"], _derivative_rows),
    (["way", "work", "to build", "to evaluate", "status"], _way_rows),
)


def _verdict(comparison: Comparison) -> list[str]:
    told = ["The ways agree."] if comparison.agree else list(comparison.disagreements)
    if not np.isfinite(comparison.value):
        told.insert(0, "The value is not finite: the point is outside the domain, or overflows.")
    return [*told, f"Reference: {comparison.reference_source}."]


def report_parts(comparison: Comparison) -> tuple[str, list[tuple[list, list]], list[str]]:
    """Return the headline, the tables (header, rows) and the closing lines of a report."""
    tables = [(header, rows(comparison)) for header, rows in _TABLES]
    return _headline(comparison), tables, _verdict(comparison)


def as_text(comparison: Comparison) -> str:
    """Return the report for a terminal."""
    headline, tables, verdict = report_parts(comparison)
    return "\n".join([headline, *[text_table(*table) for table in tables], *verdict])


def as_html(comparison: Comparison) -> str:
    """Return the report for a notebook."""
    headline, tables, verdict = report_parts(comparison)
    lines = [f"<p>{html.escape(line)}</p>" for line in verdict]
    parts = [f"<p>{html.escape(headline)}</p>", *[html_table(*table) for table in tables], *lines]
    return "".join(parts)
