"""The lecture player: one HTML file that shows a drawing step by step, without a network."""

from .page import page

__all__ = ["page"]
