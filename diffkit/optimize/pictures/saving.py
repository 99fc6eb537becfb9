"""Pictures of runs as files, in the format that the suffix of the name says."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

from ...errors import ArgumentError
from ...files import write_whole

_FIGURES = ("svg", "png", "pdf")
_ANIMATIONS = ("svg", "html")


def save_figure(result: Any, path: str | os.PathLike, **options: Any) -> Path:
    """Write the figure of a run or a race; see `Result.plot`.

    Raises
    ------
    ArgumentError
        If the suffix is not one of .svg, .png, .pdf.
    """
    from matplotlib import pyplot as plt

    suffix = _suffix(path, _FIGURES)
    figure = result.plot(**options)
    content = io.BytesIO()
    figure.savefig(content, format=suffix)
    plt.close(figure)
    return write_whole(path, content.getvalue())


def save_animation(result: Any, path: str | os.PathLike, **options: Any) -> Path:
    """Write a run or a race as a moving picture; see `Result.animation`.

    Raises
    ------
    ArgumentError
        If the suffix is not one of .svg, .html.
    """
    text = result.animation(_suffix(path, _ANIMATIONS), **options)
    return write_whole(path, text.encode())


def _suffix(path: str | os.PathLike, known: tuple[str, ...]) -> str:
    suffix = Path(path).suffix.lstrip(".").lower()
    if suffix not in known:
        told = ", ".join(f".{name}" for name in known)
        raise ArgumentError(f"{os.fspath(path)!r}: the suffix says the format; choose {told}")
    return suffix
