"""The three ways to a derivative; none of them knows the others."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .. import finite
from ..core.program import Program
from ..errors import DiffkitError, SymbolicError
from ..symbolic.differentiate import differentiate
from .formatting import counted

_REPEATS = 5


@dataclass(frozen=True)
class Way:
    """What one way to the derivative gave.

    Attributes
    ----------
    gradients : dict, input name -> derivative
    work : str
        Function evaluations, or operations.
    build, evaluate : float
        Seconds to find the derivative, and to evaluate it.
    status : str
        "done", or why there is nothing.
    bars : dict, input name -> error bar that the way gives for itself
    """

    gradients: dict[str, Any] = field(default_factory=dict)
    work: str = ""
    build: float = 0.0
    evaluate: float = 0.0
    status: str = "done"
    bars: dict[str, Any] = field(default_factory=dict)


def _timed(function: Callable) -> tuple[Any, float]:
    """Return a result and the shortest time of a few calls."""
    best = np.inf
    for _ in range(_REPEATS):
        started = time.perf_counter()
        result = function()
        best = min(best, time.perf_counter() - started)
        if best > 0.1:
            break
    return result, best


def by_finite_differences(program: Program, values: dict, names: Sequence[str]) -> Way:
    """Differentiate along each input by itself, seeing only a callable."""
    started = time.perf_counter()
    estimates = {}
    for name in names:

        def along(x: Any, name: str = name) -> Any:
            with np.errstate(all="ignore"):
                return program.run({**values, name: x})[0]

        point = values[name]
        by = finite.gradient if np.ndim(point) else finite.derivative
        try:
            estimates[name] = by(along, point, guard=True)
        except DiffkitError as error:
            return Way(status=f"failed: {error}")
    count = sum(estimate.evaluations for estimate in estimates.values())
    return Way(
        gradients={name: estimate.value for name, estimate in estimates.items()},
        bars={name: estimate.error for name, estimate in estimates.items()},
        work=counted(count, "evaluation"),
        evaluate=time.perf_counter() - started,
        status=_statuses(estimates.values()),
    )


def _statuses(estimates: Iterable[Any]) -> str:
    """Return "done", or the words of the estimates that did not converge."""
    words = {str(word) for e in estimates for word in np.ravel(np.asarray(e.status, object))}
    return ", ".join(sorted(words - {"converged"})) or "done"


def by_sympy(program: Program, values: dict, names: Sequence[str], budget: float) -> Way:
    """Let SymPy differentiate, within the budget."""
    try:
        derivative = differentiate(program, names, budget=budget)
    except SymbolicError as error:
        return Way(status=str(error))
    if derivative.program is None:
        return Way(status=derivative.status, build=derivative.seconds)
    gradients, seconds = _timed(lambda: derivative(**values))
    return Way(
        gradients=gradients,
        work=counted(len(derivative.program), "operation"),
        build=derivative.seconds,
        evaluate=seconds,
    )


def by_reverse_mode(adjoint: Program, values: dict, names: Sequence[str], built: float) -> Way:
    """Evaluate the adjoint Program."""
    with np.errstate(all="ignore"):
        slopes, seconds = _timed(lambda: adjoint.run(values))
    return Way(
        gradients=dict(zip(names, slopes, strict=True)),
        work=counted(len(adjoint), "operation"),
        build=built,
        evaluate=seconds,
    )
