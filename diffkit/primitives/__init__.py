"""The table of primitives, a file per family; importing it completes the tracer."""

from ..core.primitive import PRIMITIVES, Primitive
from . import arithmetic, comparison, contraction, elementwise, protocol, reductions, shaping
from .functions import FUNCTIONS

__all__ = [
    "FUNCTIONS",
    "PRIMITIVES",
    "Primitive",
    "arithmetic",
    "comparison",
    "contraction",
    "elementwise",
    "protocol",
    "reductions",
    "shaping",
]
