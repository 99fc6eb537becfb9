"""An estimate: a value with an honest error bar, and how it was come by."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np

from ..errors import ArgumentError
from .calling import Function
from .ladder import Outcome

_SHOWN = 20  # entries of an array that are printed; the rest is counted


@dataclass(frozen=True, eq=False)
class Estimate:
    """A derivative estimated by differences: value +- error.

    For gradients, Jacobians and Hessians every attribute but `evaluations` is an
    array of the shape of the derivative.

    Attributes
    ----------
    value : float or array
        The estimate, in units of f per unit of x; nan if there is none.
    error : float or array
        A bound meant to hold: truncation + rounding, inf if nothing is known.
    truncation, rounding : float or array
        The parts of the error from the formula and from the noise in f.
    evaluations : int
        Calls of f, all entries together.
    status : str or array of str
        "converged", "noise-limited" (f is too noisy, or x too badly scaled, for
        a small error), "not converged", "one-sided", "kink suspected", "no finite
        values"; after a complex step that was not believed "not analytic" or
        "complex rejected", and the value is that of real differences.
    step, last : float or array
        The largest and the smallest step that the value rests on, in units of x.

    Examples
    --------
    >>> Estimate(0.5, 2e-14, 1e-14, 1e-14, 13, "converged", 0.125)
    0.5 +- 2e-14 (13 evaluations, converged)
    """

    value: Any
    error: Any
    truncation: Any
    rounding: Any
    evaluations: int
    status: Any
    step: Any = np.nan
    last: Any = np.nan

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the derivative."""
        return np.shape(self.value)

    def __float__(self) -> float:
        if np.size(self.value) != 1:
            raise ArgumentError(f"an estimate of shape {self.shape} is not one number")
        return float(np.reshape(self.value, ()))

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return np.array(self.value, dtype=dtype)

    def __getitem__(self, index: Any) -> Estimate:
        """Return the estimate of some entries; `evaluations` stays that of all."""
        names = ("value", "error", "truncation", "rounding", "status", "step", "last")
        parts = {name: np.asarray(getattr(self, name))[index] for name in names}
        if np.ndim(parts["status"]) == 0:
            parts["status"] = str(parts["status"])
        return Estimate(evaluations=self.evaluations, **parts)

    def __repr__(self) -> str:
        if self.shape == ():
            how = f"{self.evaluations} evaluations, {self.status}"
            return f"{_value_text(self.value)} +- {_error_text(self.error)} ({how})"
        rows = [" ".join(cells).rstrip() for cells in _aligned(self._rows())]
        return "\n".join([f"{self._title()}:", *rows, *self._left_out()])

    def _repr_html_(self) -> str:
        if self.shape == ():
            return f"<code>{escape(repr(self).replace('+-', '±'))}</code>"
        head = "<tr><th></th><th>value</th><th>±</th><th>status</th></tr>"
        body = "".join(
            f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in (i, value, error, status))}</tr>"
            for i, value, _, error, status in self._rows()
        )
        caption = escape("; ".join([self._title(), *self._left_out()]))
        return f"<table><caption>{caption}</caption>{head}{body}</table>"

    def _title(self) -> str:
        return f"Estimate of shape {self.shape}, {self.evaluations} evaluations"

    def _left_out(self) -> list[str]:
        hidden = np.size(self.value) - _SHOWN
        return [f"... and {hidden} more"] if hidden > 0 else []

    def _rows(self) -> list[tuple[str, ...]]:
        rows: list[tuple[str, ...]] = []
        for index in list(np.ndindex(self.shape))[:_SHOWN]:
            one = self[index]
            place = f"[{', '.join(map(str, index))}]"
            rows.append((place, _value_text(one.value), "+-", _error_text(one.error), one.status))
        return rows


def collect(outcomes: Iterable[Outcome], function: Function, shape: tuple[int, ...]) -> Estimate:
    """Gather outcomes, in order, into one estimate of a shape, in the type of x."""
    evaluations, dtype = function.calls, function.x.dtype
    rungs, statuses = zip(*outcomes, strict=True)

    def arranged(numbers: Iterable[float]) -> np.ndarray:
        return np.array(list(numbers), dtype=float).reshape(shape)[()]

    value, rounding = arranged(r.value for r in rungs), arranged(r.noise for r in rungs)
    truncation = arranged(r.truncation for r in rungs)
    if np.dtype(dtype).itemsize < 8:  # given in the type of x, so rounded once more
        rounding = rounding + np.finfo(dtype).eps * np.abs(value)
        value = value.astype(dtype)
    status = np.array(statuses).reshape(shape) if shape else statuses[0]
    step, last = arranged(r.step for r in rungs), arranged(r.last for r in rungs)
    error = truncation + rounding
    return Estimate(value, error, truncation, rounding, evaluations, status, step, last)


def _value_text(value: Any) -> str:
    return f"{float(value):.10g}"


def _error_text(error: Any) -> str:
    return f"{float(error):.1g}"


def _aligned(rows: list[tuple[str, ...]]) -> list[list[str]]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [[cell.ljust(w) for cell, w in zip(row, widths, strict=True)] for row in rows]
