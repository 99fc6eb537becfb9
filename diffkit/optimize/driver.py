"""The drivers: minimize runs to the end, descend goes step by step."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..errors import ArgumentError
from .batches import Batches
from .diagnosis import Verdict, slope
from .layout import Layout
from .method import Method, Status
from .progress import Progress
from .registry import find_method
from .residuals import Residuals
from .result import Result, Step
from .running import Run
from .ways import Objective, objective

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
    callback: Callable[[Step], Any] | None = None,
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
    callback : callable, Step -> bool, optional
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
    run = prepare(
        f, x0, method, options, grad=grad, hess=hess, steps=steps, gtol=gtol, stop=stop, data=data,
        batch_size=batch_size, epochs=epochs, rng=rng, budget=budget, record=record,
        default_steps=STEPS,
    )  # fmt: skip
    with Progress(run.steps, progress) as bar:
        try:
            for step in run:
                bar.update(step.k, f"f = {step.f:.6g}  |g| = {step.gnorm:.3g}")
                if _wants_to_stop(callback, step) and run.status is None:
                    run.end(Status.STOPPED, f"the callback stopped it; {slope(run)}")
        except KeyboardInterrupt:
            if not len(run.path):
                raise
            run.end(Status.STOPPED, f"interrupted after {len(run.path) - 1} steps; {slope(run)}")
    return run.result


def _wants_to_stop(callback: Callable[[Step], Any] | None, step: Step) -> bool:
    if callback is None:
        return False
    try:
        return callback(step) is True
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
    record: bool | None = None,
    **options: Any,
) -> Run:
    """Walk step by step: an iterator over `Step`, without end unless told otherwise.

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
    return prepare(
        f, x0, method, options, grad=grad, hess=hess, steps=steps, gtol=gtol, stop=stop, data=data,
        batch_size=batch_size, epochs=epochs, rng=rng, record=record,
    )  # fmt: skip


def prepare(
    f: Any,
    x0: Any,
    method: Any,
    options: dict[str, Any],
    *,
    grad: Any = "reverse",
    hess: Any = None,
    steps: int | None = None,
    gtol: float = GTOL,
    stop: Any = (),
    data: Any = None,
    batch_size: int | None = None,
    epochs: int | None = None,
    rng: Any = None,
    budget: float = math.inf,
    record: bool | None = None,
    default_steps: int | None = None,
) -> Run:
    """Check everything, and return the run before its first step."""
    found, layout = find_method(method, options), Layout(x0)
    batches = None if data is None else Batches(data, batch_size, epochs, rng)
    if batches is None and (batch_size is not None or epochs is not None):
        raise ArgumentError("batch_size and epochs need data=(X, y), which f takes after x")
    if batches and not batches.whole and not found.stochastic:
        raise ArgumentError(
            f"{found!r} needs the same function at every step: leave batch_size out, or "
            "take a rule such as SGD or Adam"
        )
    check_count("steps", steps)
    check_tolerance(gtol)
    if steps is None:
        steps = batches.steps if batches and batches.steps else default_steps
    if record is None:
        record = layout.size * (steps or STEPS) <= _RECORDED
    return Run(
        _objective(f, layout, grad, hess, found), layout, found, steps=steps, gtol=gtol,
        checks=_checks(stop), batches=batches, budget=budget, record=record,
    )  # fmt: skip


def _objective(f: Any, layout: Layout, grad: Any, hess: Any, method: Method) -> Objective:
    made = (Residuals if method.least_squares else objective)(f, layout, grad)
    if hess is not None and not callable(hess):
        raise ArgumentError(f"hess is a function that returns the matrix, not {hess!r}")
    made.hess = hess
    return made


def _checks(stop: Any) -> Sequence[Callable[[Run], Verdict]]:
    rules = tuple(stop) if isinstance(stop, (list, tuple)) else (stop,)
    for one in rules:
        if not callable(one):
            raise ArgumentError(f"stop takes rules such as stop.gtol(1e-6), not {one!r}")
    return rules


def check_count(name: str, value: Any) -> None:
    """Refuse what is not a count; None is no limit."""
    counts = isinstance(value, (int, np.integer)) and not isinstance(value, bool) and value >= 0
    if value is not None and not counts:
        raise ArgumentError(f"{name} must be a count, not {value!r}")


def check_tolerance(gtol: Any) -> None:
    """Refuse a negative tolerance, and what is none."""
    if not isinstance(gtol, (int, float, np.number)) or not gtol >= 0:
        raise ArgumentError(f"gtol must be a number of at least 0, not {gtol!r}")
