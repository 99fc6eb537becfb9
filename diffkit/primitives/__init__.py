"""The table of primitives, a file per family; importing it completes the tracer.

What every program uses is imported at once. The rest of NumPy, and SciPy (`families`), comes
when one of its functions first meets a traced value, or when the table is looked at.
"""

from importlib import import_module
from typing import Any

from ..core.primitive import Primitive
from . import arithmetic, comparison, contraction, elementwise, protocol, reductions, shaping
from .registration import register, unregister

_WHOLE = {"FUNCTIONS": "diffkit.primitives.functions", "PRIMITIVES": "diffkit.core.primitive"}

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
    "register",
    "shaping",
    "unregister",
]


def __getattr__(name: str) -> Any:
    """Complete the table before it is looked at."""
    if name not in _WHOLE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import_module(f"{__name__}.families")
    return getattr(import_module(_WHOLE[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_WHOLE])
