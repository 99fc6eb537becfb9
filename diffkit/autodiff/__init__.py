"""Derivatives of functions: run on tracers, then sweep the tape.

The names and argument orders are JAX's. A function over NumPy arrays, a
Program, a text or a SymPy expression is accepted where a function is expected;
for the named ones `wrt` gives names where `argnums` gives positions.
"""

from .named import Gradients
from .verbs import (
    elementwise_grad,
    grad,
    hessian,
    hvp,
    jacobian,
    jvp,
    value_and_grad,
    vjp,
)

__all__ = [
    "Gradients",
    "elementwise_grad",
    "grad",
    "hessian",
    "hvp",
    "jacobian",
    "jvp",
    "value_and_grad",
    "vjp",
]
