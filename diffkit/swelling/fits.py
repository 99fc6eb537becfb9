"""Growth of measured quantities: fitted, and judged by points that were held out.

A time has no exact law. A power of n and an exponential are fitted to the later half of
the points but the last two, and the one that foretells these two much better is named.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from .laws import Law

FEWEST = 6  # points
HELD_OUT = 2
CLEARLY = 3.0  # the better model's error is smaller by this factor
SHORTEST = 1e-3  # seconds; below, a clock measures its own noise


def fitted_law(depths: Sequence[int], values: Sequence[float | None], least: float = 0.0) -> Law:
    """Fit c*n**b and c*r**n; name the one that foretells the held-out points.

    Parameters
    ----------
    depths : increasing integers
    values : measured, None where there is none
    least : float
        Values up to here are left out.

    Examples
    --------
    >>> print(fitted_law(range(1, 13), [0.01 * n**2 for n in range(1, 13)]).text)
    0.01n^2
    """
    points = [(n, v) for n, v in zip(depths, values, strict=True) if v and v > least and n > 0]
    if len(points) < FEWEST:
        return Law(note=f"{len(points)} measured points do not suffice for a fit")
    half = points[min(len(points) // 2, len(points) - 3 - HELD_OUT + 1) :]
    models = {"power": _fit(half, math.log), "exponential": _fit(half, float)}
    errors = {name: error for name, (_, _, error) in models.items()}
    better, worse = sorted(errors, key=lambda name: errors[name])
    if errors[worse] < CLEARLY * errors[better]:
        told = ", ".join(f"{name} off by {_percent(errors[name])}" for name in (better, worse))
        return Law(note=f"fits of the last points: {told}: too close to call")
    scale, rate, error = models[better]
    note = f"a {better} fit; it foretells the last {HELD_OUT} points to {_percent(error)}"
    return Law(_expression(better, scale, rate), False, note=note)


def _fit(points: Sequence[tuple[int, float]], abscissa: Any) -> tuple[float, float, float]:
    """Fit a line to the logarithms; return (scale, rate, largest held-out error of log value)."""
    x = np.array([abscissa(n) for n, _ in points])
    y = np.array([math.log(value) for _, value in points])
    rate, offset = np.polyfit(x[:-HELD_OUT], y[:-HELD_OUT], 1)
    missed = np.abs(offset + rate * x[-HELD_OUT:] - y[-HELD_OUT:])
    return math.exp(offset), float(rate), float(missed.max())


def _expression(model: str, scale: float, rate: float) -> Any:
    import sympy

    n = sympy.Symbol("n")
    shape = n ** _rounded(rate) if model == "power" else _rounded(math.exp(rate)) ** n
    return _rounded(scale) * shape


def _rounded(value: float) -> Any:
    """Three digits: a fit has no more."""
    import sympy

    short = float(f"{value:.3g}")
    return sympy.Integer(int(short)) if short == int(short) else sympy.Float(short, 3)


def _percent(error: float) -> str:
    return f"{100 * math.expm1(min(error, 50.0)):.2g} %"
