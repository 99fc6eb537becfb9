"""Derivatives by finite differences, with honest error bars."""

from .derivatives import derivative, directional, gradient, jacobian
from .estimate import Estimate
from .hessians import hessian
from .schemes import SCHEMES
from .sweeping import step_sweep

__all__ = [
    "SCHEMES",
    "Estimate",
    "derivative",
    "directional",
    "gradient",
    "hessian",
    "jacobian",
    "step_sweep",
]
