"""What commands print: tables and JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any

import numpy as np


def print_table(header: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Print a table of text, numbers and arrays."""
    from rich.console import Console

    Console().print(rich_table(header, [[_cell(cell) for cell in row] for row in rows]))


def rich_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Any:
    """Return a rich table of plain text."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, show_header=any(header))
    for title in header:
        table.add_column(title, overflow="fold")
    for row in rows:
        table.add_row(*[Text(cell) for cell in row])
    return table


def _cell(value: Any) -> str:
    if isinstance(value, str):
        return value
    return str(value.tolist()) if np.ndim(value) == 0 else np.array2string(value, threshold=20)


def print_json(value: Any) -> None:
    """Print JSON; nan and infinities as strings."""
    print(json.dumps(_jsonable(value), indent=2, allow_nan=False))


def _jsonable(value: Any) -> Any:
    """Return plain JSON; nan and infinities as the strings "nan", "inf", "-inf"."""
    if isinstance(value, dict):
        return {str(key): _jsonable(item) for key, item in value.items()}
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, (list, tuple)):
        return [_jsonable(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value
