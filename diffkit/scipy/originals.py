"""What to say where a function of SciPy itself met a traced value."""

from __future__ import annotations

import traceback
from types import FrameType

from ..errors import TracingError, is_library, line_of
from . import integrate, linalg, signal, special, stats  # noqa: F401 (they fill TWINS)
from .dispatch import TWINS, any_traced


def explained(error: Exception) -> TracingError | None:
    """Return the error that says what to use, None where SciPy has nothing to do with it.

    SciPy may fail anywhere inside, in any way. The outermost of its functions that has a
    twin, and was given a traced value, is the one that the user called.
    """
    place, entered, met = "", "", False
    for frame, line in traceback.walk_tb(error.__traceback__):
        traced = bool(_module(frame)) and any_traced(tuple(frame.f_locals.values()), {})
        twin = _twin_of(frame)
        if twin is not None and traced:
            return _use(twin, place)
        if not is_library(frame):
            place, entered, met = line_of(frame, line), "", False
        elif _module(frame):
            entered = entered or f"scipy.{_module(frame)}.{frame.f_code.co_qualname}"
            met = met or traced
    if not met:
        return None
    return TracingError(
        f"{entered} met a traced value{place} and failed ({str(error).strip()}). There is no "
        "version of it in diffkit.scipy; write it with NumPy's functions, or give it a rule "
        "(dk.register)"
    )


def _use(twin: str, place: str) -> TracingError:
    return TracingError(
        f"scipy.{twin} met a traced value{place}, which SciPy turns into plain numbers. Use "
        f"diffkit.scipy.{twin}, which takes the same arguments: write "
        f"`from diffkit.scipy import {twin.partition('.')[0]}`"
    )


def _module(frame: FrameType) -> str:
    """Return "stats" for the frame of a function in scipy.stats, "" for private ones and others."""
    package, name, *_ = [*str(frame.f_globals.get("__name__", "")).split("."), ""]
    return name if package == "scipy" and not name.startswith("_") else ""


def _twin_of(frame: FrameType) -> str | None:
    """Return "stats.norm.pdf" for a frame of that method, None where there is no twin."""
    module, name = _module(frame), frame.f_code.co_name
    owner = frame.f_locals.get("self")
    if owner is not None:
        owner = getattr(owner, "name", None) or type(owner).__name__.removesuffix("_gen")
        name = f"{owner}.{name}"
    return f"{module}.{name}" if name in TWINS.get(module, ()) else None
