"""What losses accept: arrays that fit together, and labels that are labels."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..core.tracing import Tracer
from ..errors import ArgumentError, NotDifferentiable, ShapeError


def as_array(x: Any) -> Any:
    """Return lists as arrays; arrays, numbers and traced values as they are."""
    return np.asarray(x) if isinstance(x, (list, tuple)) else x


def generator(rng: Any) -> np.random.Generator:
    """Return NumPy's generator for a seed, a generator, or None."""
    try:
        return np.random.default_rng(rng)
    except (TypeError, ValueError) as error:
        raise ArgumentError(
            f"rng is a seed such as 0, or a numpy.random.Generator, not {rng!r}: {error}"
        ) from None


def largest(x: Any, axis: int) -> Any:
    """Return the largest entries along an axis, which is kept.

    Raises
    ------
    ShapeError
        If there is none.
    """
    if np.ndim(x) == 0 or 0 in np.shape(x):
        raise ShapeError(f"an array of shape {np.shape(x)} has no largest entry; give one or more")
    return np.max(x, axis=axis, keepdims=True)


def pair(prediction: Any, target: Any) -> tuple[Any, Any]:
    """Return two arrays of one shape: broadcasting (n,) with (n, 1) is always a mistake."""
    prediction, target = as_array(prediction), as_array(target)
    if np.shape(prediction) != np.shape(target):
        raise ShapeError(
            f"the prediction has shape {np.shape(prediction)}, the target {np.shape(target)}; "
            "they must be the same"
        )
    return prediction, target


def reduced(losses: Any, reduction: str) -> Any:
    """Return the mean or the sum of losses, or all of them."""
    if reduction == "mean":
        return np.mean(losses)
    if reduction == "sum":
        return np.sum(losses)
    if reduction == "none":
        return losses
    raise ArgumentError(f'reduction is "mean", "sum" or "none", not {reduction!r}')


def class_labels(scores: Any, labels: Any) -> np.ndarray:
    """Return labels as integers, one for each row of scores."""
    found = np.asarray(labels)
    if found.dtype.kind not in "iu":
        raise ArgumentError(f"labels are integers from 0, one for each row; not {found.dtype}")
    if found.shape != np.shape(scores)[:-1]:
        raise ShapeError(
            f"the scores have shape {np.shape(scores)}, so labels need shape "
            f"{np.shape(scores)[:-1]}, not {found.shape}"
        )
    classes = np.shape(scores)[-1]
    if found.size and not (found.min() >= 0 and found.max() < classes):
        raise ArgumentError(f"labels go from 0 to {classes - 1}, not {found.min()}..{found.max()}")
    return found


def signs(y: Any) -> np.ndarray:
    """Return labels that are all 1 or -1."""
    found = np.asarray(y)
    if not np.all(np.abs(found) == 1):
        raise ArgumentError("binary labels are 1 and -1; for 0 and 1 write 2*y - 1")
    return found


def refuse_traced(name: str, instead: str, *values: Any) -> None:
    """Say that a loss has no useful gradient."""
    if any(isinstance(value, Tracer) for value in values):
        raise NotDifferentiable(
            f"{name} is constant almost everywhere: its gradient is zero and leads nowhere; "
            f"minimize {instead}, and use {name} to count mistakes"
        )
