"""Activations, and the logarithms of sums of exponentials that losses are made of."""

from __future__ import annotations

from typing import Any

import numpy as np

from .checks import as_array, largest


def sigmoid(x: Any) -> Any:
    """1/(1 + exp(-x)), without overflow for any x.

    Parameters
    ----------
    x : array or number

    Returns
    -------
    array or number of the same shape, from 0 to 1

    Examples
    --------
    >>> import numpy as np
    >>> sigmoid(np.array([-1000.0, 0.0, 1000.0]))
    array([0. , 0.5, 1. ])
    """
    # exp of a logarithm keeps the relative precision where the value is tiny
    return np.exp(-np.logaddexp(0.0, -as_array(x)))


def softplus(x: Any) -> Any:
    """log(1 + exp(x)), without overflow: a relu without its kink.

    >>> import numpy as np
    >>> softplus(np.array([-1000.0, 0.0, 1000.0])).round(6)
    array([0.00000e+00, 6.93147e-01, 1.00000e+03])
    """
    return np.logaddexp(0.0, as_array(x))


def relu(x: Any) -> Any:
    """max(x, 0). Its derivative at 0 is 1/2, the middle of both sides.

    >>> import numpy as np
    >>> relu(np.array([-2.0, 3.0]))
    array([0., 3.])
    """
    return np.maximum(as_array(x), 0.0)


def leaky_relu(x: Any, slope: float = 0.01) -> Any:
    """Keep positive x and multiply negative x by the slope; the derivative at 0 is the mean.

    >>> import numpy as np
    >>> leaky_relu(np.array([-2.0, 3.0]))
    array([-0.02,  3.  ])
    """
    x = as_array(x)
    return np.maximum(x, 0.0) + slope * np.minimum(x, 0.0)


def tanh(x: Any) -> Any:
    """The hyperbolic tangent.

    >>> float(tanh(0.0))
    0.0
    """
    return np.tanh(as_array(x))


def log_sum_exp(x: Any, axis: int = -1) -> Any:
    """log(sum(exp(x))) along an axis, without overflow.

    Examples
    --------
    >>> import numpy as np
    >>> round(float(log_sum_exp(np.array([1000.0, 1000.0])) - 1000), 6)  # log 2
    0.693147
    """
    x = as_array(x)
    top = largest(x, axis)
    top = np.where(np.isfinite(top), top, 0.0)  # inf - inf would be nan
    total = np.sum(np.exp(x - top), axis=axis)
    with np.errstate(divide="ignore"):
        return np.log(total) + np.squeeze(top, axis=axis)


def log_softmax(x: Any, axis: int = -1) -> Any:
    """The logarithm of `softmax`, exact also where the softmax is 0.

    Examples
    --------
    >>> import numpy as np
    >>> log_softmax(np.array([0.0, 1000.0]))
    array([-1000.,     0.])
    """
    x = as_array(x)
    below = x - largest(x, axis)
    return below - np.log(np.sum(np.exp(below), axis=axis, keepdims=True))


def softmax(x: Any, axis: int = -1) -> Any:
    """exp(x)/sum(exp(x)) along an axis: probabilities that add up to 1.

    Examples
    --------
    >>> import numpy as np
    >>> softmax(np.array([0.0, 0.0, 1000.0]))
    array([0., 0., 1.])
    """
    return np.exp(log_softmax(x, axis))
