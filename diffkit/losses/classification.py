"""Losses for classes: cross-entropies, hinges, the perceptron criterion, and counting mistakes."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import ArgumentError
from .activations import log_softmax, softplus
from .checks import as_array, class_labels, pair, reduced, refuse_traced, signs


def cross_entropy(logits: Any, target: Any, reduction: str = "mean") -> Any:
    """Softmax cross-entropy: -log of the probability that softmax gives to the right class.

    Parameters
    ----------
    logits : array, shape (..., K)
        Scores, not probabilities.
    target : integer array, shape (...), or array, shape (..., K)
        The class of each row, or the probabilities of all classes (one-hot).
    reduction : {"mean", "sum", "none"}

    Returns
    -------
    number, or array of shape (...) with reduction "none"; in nats

    Raises
    ------
    ShapeError, ArgumentError
        If the target does not fit.

    Examples
    --------
    >>> import numpy as np
    >>> logits = np.array([[1000.0, 0.0], [0.0, 0.0]])
    >>> cross_entropy(logits, np.array([0, 1]), reduction="none").round(6)
    array([0.      , 0.693147])
    >>> float(cross_entropy(logits, np.array([[0.0, 1.0], [0.5, 0.5]])).round(6))
    500.346574
    """
    logits = as_array(logits)
    losses = 0.0 - log_softmax(logits)  # 0, not -0, where the class is certain
    if np.ndim(target) == np.ndim(logits):
        _, target = pair(logits, target)
        return reduced(np.sum(target * losses, axis=-1), reduction)
    rows = class_labels(logits, target)[..., None]
    return reduced(np.take_along_axis(losses, rows, axis=-1)[..., 0], reduction)


def binary_cross_entropy(logits: Any, target: Any, reduction: str = "mean") -> Any:
    """-t log p - (1 - t) log(1 - p) with p = sigmoid(logits), computed from the logits.

    Parameters
    ----------
    logits : array
        Scores, not probabilities.
    target : array of the same shape, from 0 to 1
    reduction : {"mean", "sum", "none"}

    Examples
    --------
    >>> import numpy as np
    >>> float(binary_cross_entropy(np.array([1000.0, -1000.0]), np.array([1.0, 1.0])))
    500.0
    """
    logits, target = pair(logits, target)
    outside = np.asarray(target)
    if np.any((outside < 0) | (outside > 1)):
        raise ArgumentError("targets of binary_cross_entropy lie between 0 and 1")
    # softplus(z) - t z is shorter, and 0 for the 1e-17 of a certain and right answer
    losses = (1 - target) * softplus(logits) + target * softplus(-logits)
    return reduced(losses, reduction)


def hinge(score: Any, y: Any, margin: float = 1.0, reduction: str = "mean") -> Any:
    """max(0, margin - y score), for labels y that are 1 or -1.

    Its derivative at the kink is half of that on the steep side.

    Examples
    --------
    >>> import numpy as np
    >>> hinge(np.array([2.0, 0.5, -1.0]), np.array([1, 1, 1]), reduction="none")
    array([0. , 0.5, 2. ])
    """
    score, y = pair(score, y)
    return reduced(np.maximum(margin - signs(y) * score, 0.0), reduction)


def multiclass_hinge(scores: Any, labels: Any, margin: float = 1.0, reduction: str = "mean") -> Any:
    """The sum of max(0, s_j - s_y + margin) over the wrong classes j.

    Parameters
    ----------
    scores : array, shape (..., K)
    labels : integer array, shape (...)
    margin : float
    reduction : {"mean", "sum", "none"}

    Examples
    --------
    >>> import numpy as np
    >>> scores = np.array([[3.2, 5.1, -1.7], [1.3, 4.9, 2.0]])
    >>> multiclass_hinge(scores, np.array([0, 1]), reduction="none").round(6)
    array([2.9, 0. ])
    """
    scores = as_array(scores)
    rows = class_labels(scores, labels)[..., None]
    wrong = np.arange(np.shape(scores)[-1]) != rows
    right = np.take_along_axis(scores, rows, axis=-1)
    return reduced(np.sum(wrong * np.maximum(scores - right + margin, 0.0), axis=-1), reduction)


def perceptron(score: Any, y: Any, reduction: str = "mean") -> Any:
    """The perceptron criterion (sign(score) - y) score: 0 where the sign is right.

    Its gradient is sign(score) - y for each score, as if the sign were constant. So a
    step of gradient descent on one example is the perceptron rule w += lr (y - sign(w.x)) x.

    Parameters
    ----------
    score : array
    y : array of the same shape, of 1 and -1
    reduction : {"mean", "sum", "none"}

    References
    ----------
    Rosenblatt, The perceptron (1958).

    Examples
    --------
    >>> import numpy as np
    >>> perceptron(np.array([2.0, -0.5]), np.array([1, 1]), reduction="none")
    array([0., 1.])
    """
    score, y = pair(score, y)
    return reduced((np.sign(score) - signs(y)) * score, reduction)


def zero_one(score: Any, target: Any, reduction: str = "mean") -> Any:
    """The share of mistakes: rows whose largest score, or signs that, are not the label.

    Parameters
    ----------
    score : array, shape (..., K) or (...)
        Scores of classes for integer labels; otherwise scores whose sign counts.
    target : integer labels, shape (...), or an array of 1 and -1 of the shape of score
    reduction : {"mean", "sum", "none"}

    Raises
    ------
    NotDifferentiable
        If it is differentiated: there is no slope to follow.

    Examples
    --------
    >>> import numpy as np
    >>> float(zero_one(np.array([[0.1, 0.9], [0.8, 0.2]]), np.array([1, 1])))
    0.5
    >>> float(zero_one(np.array([3.0, -2.0]), np.array([1, 1])))
    0.5
    """
    refuse_traced("zero_one", "hinge, cross_entropy or perceptron", score, target)
    score = np.asarray(score)
    if np.ndim(target) == score.ndim:
        score, target = pair(score, target)
        return reduced((np.sign(score) != signs(target)).astype(float), reduction)
    wrong = np.argmax(score, axis=-1) != class_labels(score, target)
    return reduced(wrong.astype(float), reduction)
