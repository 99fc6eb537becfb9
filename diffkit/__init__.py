"""diffkit: one expression, three ways to its derivative, one picture of how it happened."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from . import errors, primitives
from .autodiff import (
    elementwise_grad,
    grad,
    hessian,
    hvp,
    jacobian,
    jvp,
    value_and_grad,
    vjp,
)
from .core.program import Program, Step
from .core.scopes import scope
from .frontends import lower
from .primitives import register

__version__ = "0.1.0"

# What costs more to import than a gradient costs to compute comes on first use.
_LAZY = {
    "compile": "diffkit.replay",
    "compare": "diffkit.comparison",
    "Comparison": "diffkit.comparison",
    "GradientReport": "diffkit.checking",
    "gradcheck": "diffkit.checking",
    "checking": None,
    "descend": "diffkit.optimize",
    "families": None,
    "Drawing": "diffkit.drawing",
    "draw": "diffkit.drawing",
    "drawing": None,
    "finite": None,
    "losses": None,
    "minimize": "diffkit.optimize",
    "optimize": None,
    "scipy": None,
    "swell": "diffkit.swelling",
    "swell_study": "diffkit.swelling",
    "symbolic": None,
    "testing": None,
}

__all__ = [
    "Comparison",
    "Drawing",
    "GradientReport",
    "Program",
    "Step",
    "checking",
    "compare",
    "compile",
    "descend",
    "draw",
    "elementwise_grad",
    "errors",
    "families",
    "finite",
    "grad",
    "gradcheck",
    "hessian",
    "hvp",
    "jacobian",
    "jvp",
    "losses",
    "lower",
    "minimize",
    "optimize",
    "primitives",
    "register",
    "scipy",
    "scope",
    "swell",
    "swell_study",
    "symbolic",
    "testing",
    "value_and_grad",
    "vjp",
]


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module 'diffkit' has no attribute {name!r}")
    module = _LAZY[name]
    if module is None:
        return import_module(f"diffkit.{name}")
    return getattr(import_module(module), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_LAZY])
