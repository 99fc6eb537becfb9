"""What a run is made of, checked: the objective, the batches, the rules that stop it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..errors import ArgumentError
from ..frontends import is_named_source
from .batches import Batches
from .layout import Layout
from .method import Method
from .residuals import Residuals
from .ways import Objective, objective


def checked_objective(
    f: Any, layout: Layout, grad: Any, hess: Any, method: Method, batches: Batches | None
) -> Objective:
    """Return f with its derivatives, as the method wants them."""
    if hess is not None and not callable(hess):
        raise ArgumentError(f"hess is a function that returns the matrix, not {hess!r}")
    if batches is not None and (grad == "symbolic" or is_named_source(f)):
        raise ArgumentError(
            "data goes to a Python function f(x, *batch), differentiated by reverse mode, "
            "finite differences or your own function; SymPy and texts take none"
        )
    made = (Residuals if method.least_squares else objective)(f, layout, grad)
    made.hess = hess
    return made


def checked_batches(
    data: Any, batch_size: Any, epochs: Any, rng: Any, method: Method
) -> Batches | None:
    """Return the batches that a method can use, None without data."""
    if data is None:
        if batch_size is not None or epochs is not None:
            raise ArgumentError("batch_size and epochs need data=(X, y), which f takes after x")
        return None
    batches = Batches(data, batch_size, epochs, rng)
    if not batches.whole and not method.stochastic:
        raise ArgumentError(
            f"{method!r} needs the same function at every step: leave batch_size out, or "
            "take a rule such as SGD or Adam"
        )
    return batches


def checked_rules(stop: Any) -> tuple[Callable, ...]:
    """Return one stop rule, or several, as a tuple."""
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


def check_at_least(name: str, value: Any, least: int) -> None:
    """Refuse what is no number, nan, and what is too small."""
    if not isinstance(value, (int, float, np.number)) or not value >= least:
        raise ArgumentError(f"{name} must be a number of at least {least}, not {value!r}")
