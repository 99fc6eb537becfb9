"""Drawing: Program -> networkx graph -> layout -> scene -> writer."""

from .graph import to_networkx
from .making import draw
from .result import Drawing

__all__ = ["Drawing", "draw", "to_networkx"]
