"""Derivatives by finite differences, with honest error bars."""

from .derivatives import derivative, directional, gradient
from .estimate import Estimate
from .hessians import hessian
from .jacobians import jacobian
from .schemes import SCHEMES
from .sparsity import SparseEstimate
from .sweeping import step_sweep

__all__ = [
    "SCHEMES",
    "Estimate",
    "SparseEstimate",
    "derivative",
    "directional",
    "gradient",
    "hessian",
    "jacobian",
    "step_sweep",
]
