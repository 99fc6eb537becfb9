"""The table of primitives, a file per family; importing it completes the tracer."""

from ..core.primitive import PRIMITIVES, Primitive
from . import (
    arithmetic,
    calculus,
    comparison,
    contraction,
    elementwise,
    fft,
    linalg,
    moving,
    ordering,
    protocol,
    reductions,
    shaping,
    special,
    statistics,
)
from .functions import FUNCTIONS
from .registration import register, unregister

__all__ = [
    "FUNCTIONS",
    "PRIMITIVES",
    "Primitive",
    "arithmetic",
    "calculus",
    "comparison",
    "contraction",
    "elementwise",
    "fft",
    "linalg",
    "moving",
    "ordering",
    "protocol",
    "reductions",
    "register",
    "shaping",
    "special",
    "statistics",
    "unregister",
]
