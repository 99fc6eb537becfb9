"""Least squares: f returns residuals, and half the sum of their squares is minimized."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .. import finite
from ..autodiff import jacobian
from ..errors import ArgumentError, ShapeError
from ..symbolic.differentiate import differentiate
from .layout import Layout
from .ways import Objective, found_by_sympy, named_values


class Residuals(Objective):
    """|r(x)|**2/2 with its gradient J'r, from residuals r and their Jacobian J.

    Parameters
    ----------
    f : source of an array of residuals
    layout : Layout
    jacobian : callable, (x, batch) -> matrix
    """

    def __init__(self, f: Any, layout: Layout, grad: Any) -> None:
        super().__init__(f, layout)
        self._jacobian = _jacobian_by(grad, self)
        self._known: tuple = (None, None, None)

    def residuals(self, x: Any, batch: tuple = ()) -> Any:
        """Return r as a vector; x may be traced."""
        r = self.function(self.layout.unravel(x), *batch)
        if np.ndim(r) == 0:
            raise ShapeError(
                "least squares needs residuals, an array, but f returned one number; "
                "return what is squared and summed"
            )
        return np.reshape(r, -1)

    def value(self, x: np.ndarray, batch: tuple = ()) -> float:
        """Return |r|**2/2."""
        r = np.asarray(self.residuals(x.copy(), batch))
        return float(r @ r) / 2

    def linearized(self, x: np.ndarray, batch: tuple = ()) -> tuple[np.ndarray, np.ndarray]:
        """Return r and J; the last ones again at the same x."""
        if self._known[0] is not x:
            r = np.asarray(self.residuals(x.copy(), batch))
            self._known = (x, r, self._jacobian(x.copy(), batch))
        return self._known[1:]

    def _value_and_slope(self, x: np.ndarray, batch: tuple) -> tuple[float | None, np.ndarray]:
        r, J = self.linearized(x, batch)
        return float(r @ r) / 2, J.T @ r


def _jacobian_by(grad: Any, objective: Residuals) -> Callable:
    if grad == "reverse":
        return lambda x, batch: np.asarray(jacobian(lambda v: objective.residuals(v, batch))(x))
    if grad == "finite":
        return lambda x, batch: (
            finite.jacobian(lambda v: objective.residuals(v, batch), x, scheme="central").value
        )
    if grad == "symbolic":
        return _by_sympy(objective)
    if callable(grad):
        return lambda x, batch: _checked(grad(objective.layout.unravel(x), *batch), objective)
    raise ArgumentError(f'grad is "reverse", "symbolic", "finite" or a function, not {grad!r}')


def _by_sympy(objective: Residuals) -> Callable:
    program, values = named_values(objective.source, objective.layout)
    derivative = found_by_sympy(differentiate(program))

    def matrix(x: np.ndarray, batch: tuple) -> np.ndarray:
        blocks = derivative(**values(x))
        shapes = objective.layout.shapes
        sizes = [int(np.prod(shape)) for shape in shapes]
        return np.concatenate(
            [np.reshape(b, (-1, n)) for b, n in zip(blocks.values(), sizes, strict=True)], axis=1
        )

    return matrix


def _checked(J: Any, objective: Residuals) -> np.ndarray:
    matrix = np.asarray(J, dtype=float)
    if matrix.ndim != 2 or matrix.shape[1] != objective.layout.size:
        raise ShapeError(
            f"the Jacobian has shape {matrix.shape}; it needs a row for each residual and "
            f"{objective.layout.size} columns"
        )
    return matrix
