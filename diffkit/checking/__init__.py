"""Checking gradients: whether one is right, and if not, what went wrong."""

from .checker import gradcheck
from .findings import CAUSES, Finding
from .report import GradientReport, Row

__all__ = ["CAUSES", "Finding", "GradientReport", "Row", "gradcheck"]
