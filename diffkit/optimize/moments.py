"""Running means of gradients and their squares, and steps divided by roots.

Arrays are written over as soon as they are not needed, since on long vectors it is
the memory that takes the time.
"""

from __future__ import annotations

import numpy as np


def mean_of(old: np.ndarray, new: np.ndarray, beta: float, own: bool = False) -> np.ndarray:
    """Return beta old + (1 - beta) new; `own` says that `new` may be written over."""
    moved = np.subtract(new, old, out=new if own else None)
    moved *= 1 - beta
    moved += old
    return moved


def mean_square(old: np.ndarray, g: np.ndarray, beta: float) -> np.ndarray:
    """Return beta old + (1 - beta) g**2."""
    return mean_of(old, g * g, beta, own=True)


def scaled(factor: float, top: np.ndarray, root: np.ndarray, eps: float) -> np.ndarray:
    """Return factor top/(root + eps); `root` is written over."""
    if eps:
        root += eps
    np.divide(top, root, out=root)
    root *= factor
    return root


def of_zero(step: np.ndarray, g: np.ndarray, eps: float) -> np.ndarray:
    """Return the step, without the 0/0 of entries that have never had a gradient."""
    return step if eps else np.where(g == 0, 0.0, step)
