"""How derivatives swell: their sizes as trees and as DAGs, exactly, and why."""

from .laws import Law
from .report import SwellReport, swell
from .rows import ROWS, Row
from .study import SwellStudy, swell_study

__all__ = ["ROWS", "Law", "Row", "SwellReport", "SwellStudy", "swell", "swell_study"]
