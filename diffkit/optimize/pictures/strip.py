"""Which learning rates work: the same method at many of them, and the line of 2/L."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ...errors import ArgumentError
from ...tables import html_table, text_table
from ..driver import minimize, until_interrupted
from ..registry import find_method
from ..result import Result, number

_RATES = tuple(np.geomspace(1e-4, 10.0, 26).tolist())


@dataclass(frozen=True, repr=False)
class LearningRates:
    """How a method did at each learning rate; prints as a table.

    Attributes
    ----------
    rates : tuple of float
    results : tuple of Result
    limit : float or None
        The rate beyond which the method leaves the best point again, from the largest
        curvature L there: 2/L for plain gradient descent. None where the method has no
        such limit or the curvature is not known.
    best : float
        The rate with the lowest f at the end.
    """

    rates: tuple[float, ...]
    results: tuple[Result, ...]
    limit: float | None

    @property
    def best(self) -> float:
        """The rate with the lowest f at the end."""
        ends = [r.fun if np.isfinite(r.fun) else np.inf for r in self.results]
        return self.rates[int(np.argmin(ends))]

    def table(self) -> tuple[list[str], list[list[str]]]:
        """Return a header and a row a rate."""
        pairs = zip(self.rates, self.results, strict=True)
        header = ["learning rate", "f at the end", "steps", "status"]
        return header, [[number(lr), number(r.fun), str(r.nit), r.status] for lr, r in pairs]

    def plot(self, ax: Any = None) -> Any:
        """Draw f at the end against the learning rate, with the line of the limit.

        Returns
        -------
        matplotlib axes
        """
        import matplotlib.pyplot as plt

        if ax is None:
            _, ax = plt.subplots(figsize=(7, 4), layout="constrained")
        ends = np.array([r.fun for r in self.results])
        start = float(self.results[0].path.f[0])
        low = float(np.nanmin(ends[np.isfinite(ends)], initial=start))
        shift = 0.0 if low > 0 else low - 1e-12 * max(abs(start), 1.0)
        ceiling = 10 * (start - shift)
        shown = np.where(np.isfinite(ends), np.minimum(ends - shift, ceiling), ceiling)
        ax.plot(self.rates, shown, "o-", color="#0072B2")
        ax.axhline(start - shift, color="0.5", lw=0.8, label="at the start")
        if self.limit is not None:
            ax.axvline(self.limit, color="#B24A00", ls="--", label=f"limit {self.limit:.3g}")
        ax.set(xscale="log", yscale="log", xlabel="learning rate")
        ax.set_ylabel("f at the end" if shift == 0 else "f at the end, above the lowest")
        ax.legend()
        return ax

    def __repr__(self) -> str:
        limit = "" if self.limit is None else f"; stable below {self.limit:.3g}"
        return f"{text_table(*self.table())}\nBest: {number(self.best)}{limit}."

    def _repr_html_(self) -> str:
        return html_table(*self.table())


def learning_rates(
    f: Any,
    x0: Any,
    method: Any = "gd",
    rates: Sequence[float] = _RATES,
    *,
    steps: int = 100,
    **options: Any,
) -> LearningRates:
    """Run a method at many learning rates.

    Parameters
    ----------
    f, x0 : as in `minimize`
    method : str or rule
        With a parameter lr.
    rates : sequence of float
        By default 26 of them from 1e-4 to 10.
    steps : int
        Of each run.
    **options
        Other arguments of `minimize`.

    Returns
    -------
    LearningRates
        After Ctrl-C, of the rates that had begun.

    Raises
    ------
    ArgumentError
        If the method has no learning rate, or there are no rates.

    Examples
    --------
    >>> found = learning_rates("x^2 + 10*y^2", {"x": 1.0, "y": 1.0}, rates=[0.01, 0.09, 0.11])
    >>> round(found.limit, 12), found.best
    (0.1, 0.09)
    """
    found: Any = find_method(method, {})
    rule = getattr(found, "rule", found)
    if not hasattr(rule, "lr"):
        raise ArgumentError(f"{rule!r} has no learning rate lr; try 'gd', 'momentum' or 'adam'")
    tried = _checked_rates(rates)
    options = {"progress": False, **options}
    results = until_interrupted(
        minimize(f, x0, replace(rule, lr=lr), steps=steps, **options) for lr in tried
    )
    return LearningRates(tried[: len(results)], tuple(results), _limit(rule, results))


def _checked_rates(rates: Any) -> tuple[float, ...]:
    try:
        tried = tuple([float(lr) for lr in rates])
    except (TypeError, ValueError):
        raise ArgumentError(f"rates must be numbers such as [0.01, 0.1], not {rates!r}") from None
    if not tried:
        raise ArgumentError("give at least one learning rate")
    return tried


def _limit(rule: Any, results: Sequence[Result]) -> float | None:
    """Return the stable rate for the largest curvature at the best point of all runs."""
    result = min(results, key=lambda r: r.best.f)
    x = result.path.layout.ravel(result.best.x, "the best point")
    H = result.objective.hessian(x, result.data)
    if not np.all(np.isfinite(H)):
        return None
    largest = float(np.linalg.eigvalsh(H)[-1])
    return rule.stable_rate(largest) if largest > 0 else None
