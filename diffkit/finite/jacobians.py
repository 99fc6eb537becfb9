"""Jacobians: all derivatives of a function that returns an array."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .calling import Function
from .columns import asked
from .estimate import Estimate
from .sparsity import Pattern, by_pattern


def jacobian(
    f: Callable,
    x: Any,
    *,
    scheme: str = "adaptive",
    order: int | None = None,
    step: Any = None,
    guard: bool | str = False,
    bounds: tuple | None = None,
    vectorized: bool = False,
    executor: Any = None,
    sparsity: Any = None,
) -> Estimate:
    """Estimate all partial derivatives of a function that returns an array.

    Parameters
    ----------
    f : callable, array of the shape of x -> array
    x : array of any shape, or number
    scheme, order, step, guard, bounds, vectorized, executor : as in `gradient`
    sparsity : array or SciPy sparse matrix, shape (f.size, x.size), optional
        Nonzero where the Jacobian may be. Columns that share no row are then moved
        together: a tridiagonal Jacobian costs three columns, whatever its size. The
        pattern is checked along one random direction.

    Returns
    -------
    Estimate of shape f.shape + x.shape
        Each output has its own steps and error bar; they share the calls of f.
        Entries outside of the pattern are zero, with the status "zero by pattern".
        For a SciPy sparse pattern it is a SparseEstimate: the entries of the
        pattern in a row, with `.rows`, `.columns` and `.matrix()`.

    Raises
    ------
    ShapeError
        If f returns arrays of different shapes at different points, or the
        pattern has another shape than the Jacobian.
    NotDifferentiable, ArgumentError
        As in `derivative`; ArgumentError also where the pattern misses an entry.

    References
    ----------
    Curtis, Powell & Reid, On the estimation of sparse Jacobian matrices, J. Inst.
    Math. Appl. 13 (1974).

    Examples
    --------
    >>> import numpy as np
    >>> f = lambda x: np.stack([x[0] * x[1], x[0]])
    >>> jacobian(f, np.array([2.0, 3.0])).value.round(9) + 0.0
    array([[3., 2.],
           [1., 0.]])

    Each output depends on its own input only, so two calls a step are enough:

    >>> diagonal = jacobian(np.sin, np.ones(100), sparsity=np.eye(100))
    >>> bool(np.all(abs(np.diag(diagonal.value) - np.cos(1.0)) <= diagonal.error.max()))
    True
    >>> diagonal.evaluations < 40
    True
    """
    task = asked(x, scheme, order, guard, step, bounds, vectorized, executor)
    if sparsity is None:
        return task.estimate(f, scalar=False)
    function = Function(f, task.x, False, task.how)
    return by_pattern(task, function, Pattern(sparsity, function.base.size, task.x.size))
