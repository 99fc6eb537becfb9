"""A race: methods on the same function, from the same start, with the same budget."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import ArgumentError
from ..tables import html_table, text_table
from .driver import GTOL, minimize, until_interrupted
from .registry import as_method, find_method
from .result import Result, number, shown


class Race(Mapping[str, Result]):
    """The results of `race` by name; prints as a table, the lowest f first.

    Attributes
    ----------
    results : dict, name -> Result
    budget : int
        The most gradient evaluations of each.
    winner : str
        The name with the lowest value met on the way.
    """

    def __init__(self, results: dict[str, Result], budget: int) -> None:
        self.results, self.budget = results, budget

    def __getitem__(self, name: str) -> Result:
        return self.results[name]

    def __iter__(self) -> Any:
        return iter(self.results)

    def __len__(self) -> int:
        return len(self.results)

    def _ipython_key_completions_(self) -> list[str]:
        return list(self.results)

    @property
    def winner(self) -> str:
        """The name with the lowest value."""
        return min(self.results, key=lambda name: self.results[name].best.f)

    def table(self) -> tuple[list[str], list[list[str]]]:
        """Return a header and a row for each method."""
        header = ["", "best f", "|g|", "steps", "gradients", "calls of f", "status", "x"]
        ranked = sorted(self.results.items(), key=lambda item: item[1].best.f)
        return header, [
            [
                name,
                number(result.best.f),
                number(float(result.path.gnorm[-1])),
                str(result.nit),
                str(result.njev),
                str(result.nfev),
                result.status,
                shown(result.best.x),
            ]
            for name, result in ranked
        ]

    def plot(self, **options: Any) -> Any:
        """Draw all paths over contours of f, and the lowest f against gradient evaluations.

        Parameters
        ----------
        coordinates, resolution : as in `Result.plot`

        Returns
        -------
        matplotlib Figure
        """
        from .pictures import plot_race

        return plot_race(self, **options)

    def animation(self, format: str = "svg", **options: Any) -> str:
        """Return the race as a moving picture; see `Result.animation`."""
        from .pictures import animate

        return animate(self.results, format, **options)

    def __repr__(self) -> str:
        return f"{text_table(*self.table())}\nEach had {self.budget} gradient evaluations."

    def _repr_html_(self) -> str:
        return html_table(*self.table())


def race(
    f: Any, x0: Any, methods: Any, *, budget: int = 200, gtol: float = GTOL, **options: Any
) -> Race:
    """Let methods compete on equal budgets of gradient evaluations.

    A Hessian counts as n gradients, its product with a vector as two. Values of f
    count only for methods that use no gradients.

    Parameters
    ----------
    f, x0 : as in `minimize`
    methods : dict, name -> rule, method or name of one; or a list of names
    budget : int
        The most evaluations of each.
    gtol : float
        As in `minimize`.
    **options
        Other arguments of `minimize`, such as grad or data.

    Returns
    -------
    Race
        A mapping name -> Result; after Ctrl-C, of those that had begun.

    Examples
    --------
    >>> from diffkit.optimize import GD, Adam
    >>> start = {"x": 1.0, "y": 1.0}
    >>> result = race("x^2 + 10*y^2", start, {"slow": GD(0.01), "fast": GD(0.09)}, budget=50)
    >>> result.winner
    'fast'
    """
    if not isinstance(methods, Mapping):
        methods = {_name_of(method): method for method in methods}
    if not methods:
        raise ArgumentError("a race needs methods, such as {'GD': GD(0.1), 'Adam': Adam(0.1)}")
    if not isinstance(budget, int) or budget < 1:
        raise ArgumentError(f"budget must be a count of at least 1, not {budget!r}")
    found = {name: as_method(find_method(method, {})) for name, method in methods.items()}
    options = {"steps": 10 * budget, **options}
    results = until_interrupted(
        minimize(f, x0, method, budget=budget, gtol=gtol, **options) for method in found.values()
    )
    return Race(dict(zip(found, results, strict=False)), budget)


def _name_of(method: Any) -> str:
    return method if isinstance(method, str) else repr(method)
