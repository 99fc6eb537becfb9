"""The rest of NumPy: families of functions that are imported when one is first met."""

from . import calculus, fft, linalg, moving, ordering, statistics

__all__ = ["calculus", "fft", "linalg", "moving", "ordering", "statistics"]
