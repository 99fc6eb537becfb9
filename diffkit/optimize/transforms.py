"""What may be done to a gradient before a rule sees it: clipping and weight decay."""

from __future__ import annotations

from typing import Any

import numpy as np

from .rule import Transform, rule


@rule
class ClipNorm(Transform):
    """Shorten g to the length `norm` if it is longer; see `clip_norm`."""

    norm: float

    def update(self, g: np.ndarray, state: Any, x: np.ndarray) -> tuple[np.ndarray, Any]:
        """Return the clipped gradient."""
        length = float(np.linalg.norm(g))
        return (g * (self.norm / length) if length > self.norm else g), state


@rule
class ClipValue(Transform):
    """Limit every entry of g to [-limit, limit]; see `clip_value`."""

    limit: float

    def update(self, g: np.ndarray, state: Any, x: np.ndarray) -> tuple[np.ndarray, Any]:
        """Return the clipped gradient."""
        return np.clip(g, -self.limit, self.limit), state


@rule
class DecayL2(Transform):
    """Add strength*x to g, the gradient of strength/2 |x|**2; see `decay_l2`."""

    strength: float

    def update(self, g: np.ndarray, state: Any, x: np.ndarray) -> tuple[np.ndarray, Any]:
        """Return the gradient with the penalty's."""
        return g + self.strength * x, state


@rule
class DecayL1(Transform):
    """Add strength*sign(x) to g, a subgradient of strength |x|_1; see `decay_l1`."""

    strength: float

    def update(self, g: np.ndarray, state: Any, x: np.ndarray) -> tuple[np.ndarray, Any]:
        """Return the gradient with the penalty's."""
        return g + self.strength * np.sign(x), state


def clip_norm(norm: float) -> Transform:
    """Shorten a gradient that is longer than `norm` (Euclidean, over all parameters).

    >>> import numpy as np
    >>> clip_norm(1.0).update(np.array([3.0, 4.0]), None, np.zeros(2))[0]
    array([0.6, 0.8])
    """
    return ClipNorm(norm)


def clip_value(limit: float) -> Transform:
    """Limit every entry of the gradient to [-limit, limit].

    >>> import numpy as np
    >>> clip_value(1.0).update(np.array([3.0, -0.5]), None, np.zeros(2))[0]
    array([ 1. , -0.5])
    """
    return ClipValue(limit)


def decay_l2(strength: float) -> Transform:
    """L2 weight decay: add strength*x to the gradient, as the `weight_decay` of SGD does.

    >>> import numpy as np
    >>> decay_l2(0.1).update(np.zeros(2), None, np.array([1.0, -2.0]))[0]
    array([ 0.1, -0.2])
    """
    return DecayL2(strength)


def decay_l1(strength: float) -> Transform:
    """L1 weight decay: add strength*sign(x) to the gradient.

    >>> import numpy as np
    >>> decay_l1(0.1).update(np.zeros(2), None, np.array([1.0, -2.0]))[0]
    array([ 0.1, -0.1])
    """
    return DecayL1(strength)
