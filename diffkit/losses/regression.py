"""Losses for numbers: squared, absolute, and Huber's between them."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import ArgumentError
from .checks import pair, reduced


def squared(prediction: Any, target: Any, reduction: str = "mean") -> Any:
    """(prediction - target)**2; write squared(...)/2 where the gradient should have no 2.

    Parameters
    ----------
    prediction, target : arrays of the same shape
    reduction : {"mean", "sum", "none"}

    Raises
    ------
    ShapeError
        If the shapes differ, also where they would broadcast.

    Examples
    --------
    >>> import numpy as np
    >>> float(squared(np.array([1.0, 4.0]), np.array([1.0, 2.0])))
    2.0
    """
    prediction, target = pair(prediction, target)
    return reduced((prediction - target) ** 2, reduction)


def l1(prediction: Any, target: Any, reduction: str = "mean") -> Any:
    """abs(prediction - target); its derivative at 0 is 0.

    Parameters, errors: as in `squared`.

    Examples
    --------
    >>> import numpy as np
    >>> float(l1(np.array([1.0, 4.0]), np.array([1.0, 2.0])))
    1.0
    """
    prediction, target = pair(prediction, target)
    return reduced(np.abs(prediction - target), reduction)


def huber(prediction: Any, target: Any, delta: float = 1.0, reduction: str = "mean") -> Any:
    """e**2/2 for errors up to delta, and delta (abs(e) - delta/2) beyond.

    Parameters
    ----------
    prediction, target : arrays of the same shape
    delta : float, in units of the target
    reduction : {"mean", "sum", "none"}

    References
    ----------
    Huber, Robust estimation of a location parameter (1964).

    Examples
    --------
    >>> import numpy as np
    >>> huber(np.array([0.5, 3.0]), np.array([0.0, 0.0]), reduction="none")
    array([0.125, 2.5  ])
    """
    if not delta > 0:
        raise ArgumentError(f"huber: delta must be positive, not {delta!r}")
    prediction, target = pair(prediction, target)
    size = np.abs(prediction - target)
    # the square of what is not above delta: no overflow in the branch that is not taken
    near = np.minimum(size, delta)
    return reduced(near * (size - near / 2), reduction)
