"""Regularizers: penalties on weights, and dropout."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..core.nest import leaves
from ..errors import ArgumentError
from .checks import generator


def l2_penalty(params: Any) -> Any:
    """The sum of the squares of all weights, over arrays and nests of them.

    Add strength*l2_penalty(params) to the loss; its gradient is 2 strength w, twice that of
    `weight_decay`.

    Examples
    --------
    >>> import numpy as np
    >>> float(l2_penalty({"W": np.array([[1.0, 2.0]]), "b": np.array([3.0])}))
    14.0
    """
    return sum(np.sum(leaf * leaf) for _, leaf in leaves(params))


def l1_penalty(params: Any) -> Any:
    """The sum of the absolute values of all weights, over arrays and nests of them.

    Its derivative at a weight of 0 is 0.

    Examples
    --------
    >>> import numpy as np
    >>> float(l1_penalty([np.array([1.0, -2.0]), np.array(-3.0)]))
    6.0
    """
    return sum(np.sum(np.abs(leaf)) for _, leaf in leaves(params))


def dropout(x: Any, p: float, rng: Any) -> Any:
    """Turn each entry off with probability p, and divide the others by 1 - p.

    The expected value of the result is x, so nothing needs to change when dropout is
    left out after training.

    Parameters
    ----------
    x : array
    p : float, from 0 to below 1
    rng : numpy Generator, or a seed for one
        The same seed turns the same entries off.

    References
    ----------
    Srivastava et al., Dropout, JMLR 15 (2014).

    Examples
    --------
    >>> import numpy as np
    >>> dropout(np.ones(6), 0.5, rng=0)
    array([2., 0., 0., 0., 2., 2.])
    """
    if not 0 <= p < 1:
        raise ArgumentError(f"dropout: p must be at least 0 and below 1, not {p!r}")
    kept = generator(rng).random(np.shape(x)) >= p
    return x * (kept / (1 - p))
