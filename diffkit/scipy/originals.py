"""What to say where a function of SciPy itself met a traced value: which twin to import."""

from __future__ import annotations

from types import FrameType, TracebackType

from ..errors import TracingError, is_library, line_of
from . import integrate, linalg, signal, special, stats  # noqa: F401 (they fill TWINS)
from .dispatch import TWINS, any_traced


def explained(traceback: TracebackType | None) -> TracingError | None:
    """Return the error that names the twin, None where SciPy has nothing to do with it.

    SciPy may fail anywhere inside, in any way; the outermost of its functions that was
    given a traced value is the one that the user called.
    """
    place = ""
    while traceback is not None:
        frame = traceback.tb_frame
        found = _twin_of(frame)
        if found is not None and any_traced(tuple(frame.f_locals.values()), {}):
            module = found.partition(".")[0]
            return TracingError(
                f"scipy.{found} met a traced value{place}, which SciPy turns into plain numbers. "
                f"Use diffkit.scipy.{found}, which takes the same arguments: write "
                f"`from diffkit.scipy import {module}`"
            )
        place = place if is_library(frame) else line_of(frame, traceback.tb_lineno)
        traceback = traceback.tb_next
    return None


def _library(frame: FrameType) -> str:
    """Return "stats" for the frame of a function in scipy.stats, "" for the user's."""
    package, _, rest = str(frame.f_globals.get("__name__", "")).partition(".")
    return rest.partition(".")[0] if package == "scipy" else ""


def _twin_of(frame: FrameType) -> str | None:
    """Return "stats.norm.pdf" for a frame of that method, None where there is no twin."""
    module, name = _library(frame), frame.f_code.co_name
    owner = frame.f_locals.get("self")
    if owner is not None:
        owner = getattr(owner, "name", None) or type(owner).__name__.removesuffix("_gen")
        name = f"{owner}.{name}"
    return f"{module}.{name}" if name in TWINS.get(module, ()) else None
