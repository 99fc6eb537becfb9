"""How derivatives swell: their sizes as trees and as DAGs, exactly, and why."""

from .report import SwellReport, swell
from .rows import ROWS, Row

__all__ = ["ROWS", "Row", "SwellReport", "swell"]
