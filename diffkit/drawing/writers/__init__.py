"""Writers: a drawing to a file, one module a format.

A module offers `write(drawing, step) -> bytes`, where `step` is the number of a step of
the passes or None for the whole picture. It may offer `write_steps(drawing) -> bytes` for
one file that holds all steps. Adding a format is one module and one row here.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from ...errors import ArgumentError

#            suffix  module
WRITERS = {
    "svg": "svg",
    "html": "html",
    "pdf": "pdf",
    "png": "png",
    "tex": "tex",
    "dot": "dot",
    "mmd": "mermaid",
    "txt": "terminal",
}


def writer(suffix: str) -> Any:
    """Return the module that writes files with this suffix.

    Raises
    ------
    ArgumentError
        If there is none; the known ones are listed.
    """
    name = suffix.lstrip(".").lower()
    if name not in WRITERS:
        known = ", ".join(f".{known}" for known in WRITERS)
        told = f"{suffix!r} is not a format of drawings" if name else "the file has no suffix"
        raise ArgumentError(f"{told}; the formats are {known}")
    return import_module(f"{__name__}.{WRITERS[name]}")
