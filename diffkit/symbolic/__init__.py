"""SymPy in and out: Programs as expressions, and SymPy's own derivatives of them."""

from .convert import to_sympy
from .differentiate import SymbolicDerivative, diff, differentiate

__all__ = ["SymbolicDerivative", "diff", "differentiate", "to_sympy"]
