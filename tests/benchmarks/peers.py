"""The other libraries: imported if they are there."""

from __future__ import annotations

import platform
from importlib import import_module, metadata
from typing import Any

PEERS = (
    "autograd", "torch", "jax", "casadi", "symengine", "optax", "scipy", "numdifftools",
)  # fmt: skip


def peer(module: str) -> Any:
    """Return the module, or None where it is not installed."""
    try:
        return import_module(module)
    except ImportError:
        return None


def versions() -> dict[str, str]:
    """Return the versions of Python, of ours and of every peer."""
    found = {"python": platform.python_version()}
    for name in ("diffkit", "numpy", "sympy", *PEERS):
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "not installed"
    return found
