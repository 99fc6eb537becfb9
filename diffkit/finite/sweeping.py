"""The error of every scheme against its step: the V-curve of the lectures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from ..errors import ArgumentError, ShapeError
from ..tables import html_table, text_table
from .arguments import checked_step
from .calling import Function
from .columns import asked
from .fixed import complex_step, fixed_level
from .ladder import NOWHERE
from .lines import Line, Probe, coordinate
from .running import finish
from .schemes import Scheme, find_scheme

SWEPT = ("forward", "central", "central4", "central8", "richardson", "complex")
STEPS = tuple(2.0**-k for k in range(0, 53, 2))
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#F0E442")


@dataclass(frozen=True, eq=False)
class StepSweep:
    """What each scheme gives at each step.

    Attributes
    ----------
    x : float
    exact : float
        The derivative that errors are measured against.
    exact_error : float
        Its error bar if it was estimated, 0 if it was given.
    steps : array, shape (k,), in units of x, falling
    values, errors : dict, scheme -> array, shape (k,)
        The estimates, nan where f has no finite value, and their absolute errors.
    """

    x: float
    exact: float
    exact_error: float
    steps: np.ndarray
    values: dict[str, np.ndarray]
    errors: dict[str, np.ndarray]

    @property
    def best(self) -> dict[str, tuple[float, float]]:
        """The best step of each scheme and its error, (nan, nan) if it has none."""
        return {name: self._best(errors) for name, errors in self.errors.items()}

    def _best(self, errors: np.ndarray) -> tuple[float, float]:
        if np.all(np.isnan(errors)):
            return np.nan, np.nan
        k = int(np.nanargmin(errors))
        return float(self.steps[k]), float(errors[k])

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain lists and numbers."""
        return {
            "x": self.x,
            "exact": self.exact,
            "exact_error": self.exact_error,
            "steps": self.steps.tolist(),
            "values": {name: values.tolist() for name, values in self.values.items()},
            "errors": {name: errors.tolist() for name, errors in self.errors.items()},
        }

    def plot(self, ax: Any = None) -> Any:
        """Draw error against step on logarithmic axes; return the matplotlib axes.

        Each scheme's best step is ringed. What lies in the grey band at the bottom is
        below the error bar of the exact value, and says nothing.
        """
        if ax is None:
            import matplotlib.pyplot as plt

            ax = plt.figure(layout="constrained").add_subplot()
        for k, (name, errors) in enumerate(self.errors.items()):
            # An error of zero has no place on a logarithmic axis.
            seen, colour = np.where(errors > 0, errors, np.nan), COLOURS[k % len(COLOURS)]
            style = "--" if find_scheme(name).sides == "complex" else "-"
            ax.loglog(self.steps, seen, style, marker=".", color=colour, label=name)
            ax.plot(*self.best[name], marker="o", markersize=9, fillstyle="none", color=colour)
        if 0 < self.exact_error < np.inf:
            ax.axhspan(np.finfo(float).tiny, self.exact_error, color="0.9", zorder=0)
        positive = np.concatenate([errors[errors > 0] for errors in self.errors.values()])
        ax.set(
            xlabel="step h (left of the ring rounding, right of it truncation)",
            ylabel="absolute error",
            title=f"Error of f'({self.x:g}) = {self.exact:.10g}",
            ylim=(positive.min(initial=1.0) / 4, positive.max(initial=1e-16) * 4),
        )
        ax.grid(color="0.9")
        ax.legend()
        return ax

    def __str__(self) -> str:
        note = f" +- {self.exact_error:.1g}" if self.exact_error else ""
        return f"Error of f'({self.x:g}) = {self.exact:.10g}{note}\n{text_table(*self._table())}"

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return html_table(*self._table())

    def _table(self) -> tuple[list[str], list[list[str]]]:
        """Return head, one row a step, and the best step of each scheme."""
        rows = [
            [f"{h:.1e}", *(f"{errors[k]:.1e}" for errors in self.errors.values())]
            for k, h in enumerate(self.steps)
        ]
        best = [[f"{number:.1e}" for number in pair] for pair in self.best.values()]
        lines = [["best h", *(h for h, _ in best)], ["error", *(error for _, error in best)]]
        return ["h", *self.errors], [*rows, *lines]


def step_sweep(
    f: Callable,
    x: Any,
    *,
    schemes: Sequence[str] = SWEPT,
    steps: Iterable[float] | None = None,
    exact: float | None = None,
    vectorized: bool = False,
    executor: Any = None,
) -> StepSweep:
    """Try fixed schemes at many steps, and compare with the exact derivative.

    Falling from large steps the error is that of truncation, a line of slope
    `order`; from small steps it is rounding, of slope -1. The complex step has no
    second part.

    Parameters
    ----------
    f : callable, number -> number
    x : number
    schemes : sequence of str
        Rows of `SCHEMES` with fixed offsets, or "complex".
    steps : sequence of float, optional
        In units of x; by default 1, 1/4, ... 2**-52 times abs(x), or times 1 at 0.
    exact : float, optional
        f'(x). By default the complex step, or the adaptive estimate if f does not
        take complex numbers; errors below its error bar then say nothing.
    vectorized, executor : as in `derivative`

    Returns
    -------
    StepSweep: `str` of it is the table, `.plot()` the picture

    Raises
    ------
    ArgumentError
        For an unknown scheme or an unusable step.
    NonScalarOutput, NotDifferentiable
        As in `derivative`.

    References
    ----------
    Nocedal & Wright, Numerical Optimization, 2nd ed., section 8.1.

    Examples
    --------
    >>> import numpy as np
    >>> sweep = step_sweep(np.exp, 0.0, schemes=["forward", "central"],
    ...                    steps=[0.5, 0.25, 0.125], exact=1.0)
    >>> print(sweep)
    Error of f'(0) = 1
    h        forward  central
    -------  -------  -------
    5.0e-01  3.0e-01  4.2e-02
    2.5e-01  1.4e-01  1.0e-02
    1.2e-01  6.5e-02  2.6e-03
    best h   1.2e-01  1.2e-01
    error    6.5e-02  2.6e-03
    """
    rows = [_fixed(name) for name in schemes] or [_fixed("central")]
    task = asked(x, "adaptive", None, True, None, None, vectorized, executor)
    if task.x.shape != ():
        raise ShapeError(f"x has shape {task.x.shape}; step_sweep is for one number")
    function = Function(f, task.x, True, task.how)
    line = coordinate(function, ())
    hs = _falling(steps, line.scale or 1.0)
    truth, doubt = (float(exact), 0.0) if exact is not None else _estimate(line)
    values = _values(line, rows, hs)
    errors = {name: np.abs(found - truth) for name, found in values.items()}
    return StepSweep(line.origin, truth, doubt, hs, values, errors)


def _fixed(name: str) -> Scheme:
    row = find_scheme(name)
    if row.order is None:
        raise ArgumentError(f"{name!r} chooses its own steps; sweep a scheme with a fixed step")
    return row


def _falling(steps: Iterable[float] | None, scale: float) -> np.ndarray:
    chosen = [h * scale for h in STEPS] if steps is None else list(steps)
    return np.sort(np.ravel(checked_step(chosen)))[::-1]


def _estimate(line: Line) -> tuple[float, float]:
    """Return the best that we can do without knowing f, and its error bar."""
    (found,) = finish([lambda: [complex_step(line.probe(0), None, guard=True).rung]], line.function)
    rung = found[0] if found else NOWHERE
    return rung.value, rung.bound


def _values(line: Line, rows: Sequence[Scheme], hs: np.ndarray) -> dict[str, np.ndarray]:
    """Return what each scheme gives at each step, nan where f is not finite."""
    jobs = [partial(_quotients, line, rows, h) for h in hs]
    found = finish(jobs, line.function)
    table = np.array([values or [np.nan] * len(rows) for values in found])
    return {row.name: column for row, column in zip(rows, table.T, strict=True)}


def _quotients(line: Line, rows: Sequence[Scheme], h: float) -> list[float]:
    return [_quotient(line.probe(0), row, h) for row in rows]


def _quotient(probe: Probe, scheme: Scheme, h: float) -> float:
    if scheme.sides == "complex":
        return probe.imaginary(probe.origin, h) / h
    level = fixed_level(probe, scheme, h)
    return level.value if level else np.nan
