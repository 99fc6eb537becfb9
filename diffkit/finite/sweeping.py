"""The error of every scheme against its step: the V-curve of the lectures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np

from ..errors import ArgumentError
from .arguments import as_point, checked_step
from .calling import Function
from .derivatives import derivative
from .fixed import fixed_level
from .lines import Probe, coordinate
from .schemes import Scheme, find_scheme

SWEPT = ("forward", "central", "central4", "complex")
STEPS = tuple(2.0**-k for k in range(0, 53, 2))


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
        """Draw error against step on logarithmic axes; return the matplotlib axes."""
        if ax is None:
            import matplotlib.pyplot as plt

            ax = plt.figure().add_subplot()
        for name, errors in self.errors.items():
            # An error of zero has no place on a logarithmic axis.
            ax.loglog(self.steps, np.where(errors > 0, errors, np.nan), marker=".", label=name)
        ax.set(
            xlabel="step h", ylabel="absolute error", title=f"f'({self.x:g}) = {self.exact:.10g}"
        )
        ax.legend()
        return ax

    def __str__(self) -> str:
        lines = ["".join(f"{cell:>12}" for cell in row).rstrip() for row in self._table()]
        note = f" +- {self.exact_error:.1g}" if self.exact_error else ""
        return "\n".join([f"Error of f'({self.x:g}) = {self.exact:.10g}{note}", *lines])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        head, *body = self._table()
        top = "".join(f"<th>{escape(cell)}</th>" for cell in head)
        rows = ("".join(f"<td>{escape(cell)}</td>" for cell in row) for row in body)
        return f"<table><tr>{top}</tr>{''.join(f'<tr>{row}</tr>' for row in rows)}</table>"

    def _table(self) -> list[list[str]]:
        """Return head, one row a step, and the best step of each scheme."""
        rows = [
            [f"{h:.2e}", *(f"{errors[k]:.1e}" for errors in self.errors.values())]
            for k, h in enumerate(self.steps)
        ]
        best = ["best h", *(f"{h:.2e}" for h, _ in self.best.values())]
        return [["h", *self.errors], *rows, best]


def step_sweep(
    f: Callable,
    x: Any,
    *,
    schemes: Sequence[str] = SWEPT,
    steps: Iterable[float] | None = None,
    exact: float | None = None,
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
        f'(x). By default the adaptive estimate; errors below its error bar
        then say nothing.

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
               h     forward     central
        5.00e-01     3.0e-01     4.2e-02
        2.50e-01     1.4e-01     1.0e-02
        1.25e-01     6.5e-02     2.6e-03
      best h        1.25e-01    1.25e-01
    """
    rows = [_fixed(name) for name in schemes]
    given = None if exact is not None else derivative(f, x, guard=True)
    truth, doubt = (float(given), float(given.error)) if given else (float(exact or 0), 0.0)
    probe = coordinate(Function(f, as_point(x), True), ()).probe(0)
    hs = _falling(steps, probe.scale or 1.0)
    values = {row.name: np.array([_slope(probe, row, h) for h in hs]) for row in rows}
    errors = {name: np.abs(found - truth) for name, found in values.items()}
    return StepSweep(probe.origin, truth, doubt, hs, values, errors)


def _fixed(name: str) -> Scheme:
    row = find_scheme(name)
    if row.order is None:
        raise ArgumentError(f"{name!r} chooses its own steps; sweep a scheme with a fixed step")
    return row


def _falling(steps: Iterable[float] | None, scale: float) -> np.ndarray:
    chosen = [h * scale for h in STEPS] if steps is None else list(steps)
    return np.sort(np.ravel(checked_step(chosen)))[::-1]


def _slope(probe: Probe, scheme: Scheme, h: float) -> float:
    if scheme.sides == "complex":
        return probe.imaginary(probe.origin, h) / h
    level = fixed_level(probe, scheme, h)
    return level.value if level else np.nan
