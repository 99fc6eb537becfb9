"""The drivers: minimize runs to the end, descend goes step by step."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from ..errors import ArgumentError
from ..progress import Progress
from .diagnosis import slope
from .layout import Layout
from .method import Status
from .preparing import (
    check_at_least,
    check_count,
    checked_batches,
    checked_objective,
    checked_rules,
)
from .registry import find_method
from .result import Iterate, Result
from .running import Run

STEPS = 1000
GTOL = 1e-6
_RECORDED = 10**7  # numbers that a path holds without being asked: 80 MB


def minimize(
    f: Any,
    x0: Any,
    method: Any = "bfgs",
    *,
    grad: Any = "reverse",
    hess: Any = None,
    steps: int | None = None,
    gtol: float = GTOL,
    stop: Any = (),
    callback: Callable[[Iterate], Any] | None = None,
    data: Any = None,
    batch_size: int | None = None,
    epochs: int | None = None,
    rng: Any = None,
    budget: float = math.inf,
    record: bool | None = None,
    progress: bool = True,
    **options: Any,
) -> Result:
    """Minimize f, and return the point, the whole path, and why it ended.

    Parameters
    ----------
    f : callable, str, Program or SymPy expression
        Returns one real number. A function is called as f(x), or f(x, *batch); a
        text, Program or SymPy expression has named inputs, and then x0 is a dict.
    x0 : number, array, or nest of them
        The start. A list of numbers counts as an array.
    method : str, rule or method
        "bfgs", "adam", ..., or a rule such as `SGD(lr=0.1)`, or a method such as
        `Newton()`; "scipy:NAME" takes a method of SciPy.
    grad : {"reverse", "symbolic", "finite"} or callable
        Where the gradient comes from; a function is called as f is.
    hess : callable, optional
        Returns the Hessian as a matrix over the flat parameters; called as f is. By
        default it comes from where the gradient does.
    steps : int, optional
        The most steps; 1000 by default, or as many as `epochs` need.
    gtol : float
        CONVERGED means that the Euclidean length of the gradient is at most this.
    stop : stop rule, or sequence of them
        See `optimize.stop`.
    callback : callable, Iterate -> bool, optional
        Called with the start and after each step; stops the run by returning True or
        raising StopIteration.
    data : array, or tuple of arrays, optional
        Rows to make minibatches of.
    batch_size, epochs, rng : see `optimize.Batches`
    budget : float
        The most gradient evaluations; see `Oracle.spent`.
    record : bool, optional
        Whether the path keeps x of every step; by default if that is less than 80 MB.
    progress : bool
        Whether a run of more than two seconds shows a bar on stderr.
    **options
        Parameters of the method, if that is a name: `lr=0.1`.

    Returns
    -------
    Result
        With SciPy's names (x, fun, jac, success, status, message, nit, nfev, njev),
        `.path` and `.best`. Ctrl-C returns the result so far, STOPPED.

    Raises
    ------
    ArgumentError
        For an unknown method or parameter, a start that is not finite, a learning
        rate that is not positive, a batch_size above the data.
    ShapeError
        If a gradient has another shape than x0.
    EvaluationFailed
        If f raises on the way; its `.result` has the path so far.

    Examples
    --------
    >>> result = minimize("(1 - x)^2 + 100*(y - x^2)^2", {"x": -1.2, "y": 1.0})
    >>> result.success, round(float(result.x["x"]), 6)
    (True, 1.0)
    >>> print(minimize("x^2", {"x": 1.0}, "gd", lr=100).message)
    DIVERGED: |g| grew 199x a step for 5 steps, to 6.24e+11; curvature along the step ~2,
    stable learning rate < 1, yours 100
    """
    if callback is not None and not callable(callback):
        raise ArgumentError(f"callback must be a function of an Iterate, not {callback!r}")
    if steps is None and epochs is None:
        steps = STEPS
    run = descend(
        f, x0, method, grad=grad, hess=hess, steps=steps, gtol=gtol, stop=stop, data=data,
        batch_size=batch_size, epochs=epochs, rng=rng, budget=budget, record=record, **options,
    )  # fmt: skip
    with Progress("minimizing", run.steps, progress) as bar:
        try:
            for step in run:
                bar.update(step.k, f"f = {step.f:.6g}  |g| = {step.gnorm:.3g}")
                if _wants_to_stop(callback, step) and run.status is None:
                    run.end(Status.STOPPED, f"the callback stopped it; {slope(run)}")
        except KeyboardInterrupt:
            if not len(run.path):
                raise
            run.interrupted = True
            run.end(Status.STOPPED, f"interrupted after {len(run.path) - 1} steps; {slope(run)}")
    return run.result


def _wants_to_stop(callback: Callable[[Iterate], Any] | None, step: Iterate) -> bool:
    if callback is None:
        return False
    try:
        answer = callback(step)
        return isinstance(answer, (bool, np.bool_)) and bool(answer)
    except StopIteration:
        return True


def descend(
    f: Any,
    x0: Any,
    method: Any = "gd",
    *,
    grad: Any = "reverse",
    hess: Any = None,
    steps: int | None = None,
    gtol: float = 0.0,
    stop: Any = (),
    data: Any = None,
    batch_size: int | None = None,
    epochs: int | None = None,
    rng: Any = None,
    budget: float = math.inf,
    record: bool | None = None,
    **options: Any,
) -> Run:
    """Walk step by step: an iterator over `Iterate`, without end unless told otherwise.

    Parameters and errors are those of `minimize`. It ends after `steps`, when the
    gradient is not longer than `gtol`, or where minimize would give up; then
    `.status` and `.message` say why. `.result` has the result so far at any time.

    Examples
    --------
    >>> for step in descend("x^2", {"x": 1.0}, "gd", lr=0.25):
    ...     print(step)
    ...     if step.gnorm < 0.5:
    ...         break
    step 0: f = 1, |g| = 2, lr = nan, x=1
    step 1: f = 0.25, |g| = 1, lr = 0.25, x=0.5
    step 2: f = 0.0625, |g| = 0.5, lr = 0.25, x=0.25
    step 3: f = 0.015625, |g| = 0.25, lr = 0.25, x=0.125
    """
    found, layout = find_method(method, options), Layout(x0)
    batches = checked_batches(data, batch_size, epochs, rng, found)
    check_count("steps", steps)
    check_at_least("gtol", gtol, 0)
    check_at_least("budget", budget, 1)
    if steps is None and batches is not None:
        steps = batches.steps
    if record is None:
        record = layout.size * (steps or STEPS) <= _RECORDED
    return Run(
        checked_objective(f, layout, grad, hess, found, batches), layout, found, steps=steps,
        gtol=gtol, checks=checked_rules(stop), batches=batches, budget=budget, record=record,
    )  # fmt: skip


def until_interrupted(results: Iterable[Result]) -> list[Result]:
    """Return the results of runs made one after another; Ctrl-C in one ends them all."""
    found = []
    for result in results:
        found.append(result)
        if result.interrupted:
            break
    return found
