"""The three ways side by side: finite differences, SymPy, reverse mode, and who is right.

The ways do not know one another: finite differences see a callable, SymPy sees
expressions, reverse mode sees the rules. The judge is a fourth: the adjoint
Program evaluated with 50 digits.
"""

from .report import report_parts
from .result import Comparison, compare
from .ways import Way

__all__ = ["Comparison", "Way", "compare", "report_parts"]
