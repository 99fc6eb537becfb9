"""SciPy through the same door, in both directions: "scipy:BFGS", and `as_scipy`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from ..errors import ArgumentError
from .method import Halt, Method, Move, Status
from .oracle import Point

# name in lower case -> (SciPy's name, the derivatives that it takes, whether it knows gtol)
_KNOWN = {
    name.lower(): (name, takes, gtol)
    for name, takes, gtol in [
        ("Nelder-Mead", "", False),
        ("Powell", "", False),
        ("COBYLA", "", False),
        ("CG", "g", True),
        ("BFGS", "g", True),
        ("L-BFGS-B", "g", True),
        ("TNC", "g", True),
        ("SLSQP", "g", False),
        ("Newton-CG", "gp", False),
        ("trust-ncg", "gp", True),
        ("trust-krylov", "gp", True),
        ("dogleg", "gH", True),
        ("trust-exact", "gH", True),
        ("trust-constr", "gH", True),
    ]
}


class SciPy(Method):
    """A method of scipy.optimize.minimize, with its options.

    SciPy runs to its own end when the first step is asked for; then its iterates
    come one a step. CONVERGED is still what the gradient says, not SciPy.

    Parameters
    ----------
    name : str
        Such as "BFGS" or "L-BFGS-B".
    options : dict, optional
        As SciPy takes them.

    Examples
    --------
    >>> from diffkit import minimize
    >>> result = minimize("(1 - x)^2 + 100*(y - x^2)^2", {"x": -1.2, "y": 1.0}, "scipy:BFGS")
    >>> result.success, round(float(result.x["y"]), 6)
    (True, 1.0)
    """

    patient = True

    def __init__(self, name: str, options: dict[str, Any] | None = None) -> None:
        if name.lower() not in _KNOWN:
            known = ", ".join(real for real, _, _ in _KNOWN.values())
            raise ArgumentError(f"SciPy has no method {name!r} for this; it has {known}")
        self.name, self.takes, self.knows_gtol = _KNOWN[name.lower()]
        self.options = options or {}
        self.uses_gradient = "g" in self.takes

    def __repr__(self) -> str:
        told = "".join(f", {key}={value!r}" for key, value in self.options.items())
        return f"SciPy({self.name!r}{told})"

    def step(self, point: Point, state: Iterator[Point] | None) -> Move:
        """Return SciPy's next iterate."""
        state = self._iterates(point) if state is None else state
        return Move(next(state), state, np.nan)

    def _iterates(self, start: Point) -> Iterator[Point]:
        """Run SciPy, and yield what it went through; raise what stopped it."""
        visited, end = self._run(start)
        yield from visited
        raise end

    def _run(self, start: Point) -> tuple[list[Point], BaseException]:
        from scipy.optimize import minimize as scipy_minimize

        seen: list[Point] = []
        asked = _Asked(start)

        def callback(x: np.ndarray, *state: Any) -> None:
            seen.append(asked.at(x))

        try:
            with np.errstate(all="ignore"):
                found = scipy_minimize(
                    asked.f, start.x.copy(), method=self.name, callback=callback,
                    options=self._options(start), **self._derivatives(asked),
                )  # fmt: skip
        except (Exception, KeyboardInterrupt) as error:
            return seen, error
        last = asked.at(found.x)
        if not seen or not np.array_equal(seen[-1].x, last.x):
            seen.append(last)
        return seen, Halt(_status(found), f"SciPy's {self.name} says: {found.message}")

    def _derivatives(self, asked: _Asked) -> dict[str, Callable]:
        offered: dict[str, tuple[str, Callable]] = {
            "g": ("jac", asked.g),
            "H": ("hess", asked.H),
            "p": ("hessp", asked.times),
        }
        return dict(offered[letter] for letter in self.takes)

    def _options(self, start: Point) -> dict[str, Any]:
        if not self.knows_gtol or not start.oracle.gtol:
            return self.options
        # SciPy measures the largest entry, which is at least the length over sqrt(n)
        return {"gtol": start.oracle.gtol / np.sqrt(start.x.size), **self.options}


def _status(found: Any) -> Status:
    return Status.MAX_STEPS if found.status == 1 and not found.success else Status.STALLED


class _Asked:
    """The oracle as functions of arrays, with the points that were asked for."""

    def __init__(self, start: Point) -> None:
        self.oracle = start.oracle
        self.points = [start]

    def at(self, x: np.ndarray) -> Point:
        """Return the point at x, of the latest ones if it is among them."""
        for point in reversed(self.points):
            if np.array_equal(point.x, x):
                return point
        self.points = [*self.points[-50:], self.oracle.at(x)]
        return self.points[-1]

    def f(self, x: np.ndarray) -> float:
        point = self.at(x)
        if self.oracle.uses_gradient:
            _ = point.g  # brings the value along
        return point.f

    def g(self, x: np.ndarray) -> np.ndarray:
        return self.at(x).g.copy()

    def H(self, x: np.ndarray) -> np.ndarray:
        return self.at(x).H.copy()

    def times(self, x: np.ndarray, v: np.ndarray) -> np.ndarray:
        return self.at(x).times(v)


def as_scipy(method: Any) -> Callable:
    """Return a method as scipy.optimize.minimize takes one: minimize(..., method=as_scipy(BFGS())).

    Parameters
    ----------
    method : str, rule or method

    Returns
    -------
    callable
        Without jac it differentiates by finite differences, as SciPy does. Options:
        maxiter and gtol (or SciPy's tol, which is the same here).

    Raises
    ------
    ArgumentError
        If there is no such method.

    Examples
    --------
    >>> import numpy as np
    >>> from scipy.optimize import minimize
    >>> from diffkit.optimize import LBFGS
    >>> f, df = lambda x: x @ x, lambda x: 2 * x
    >>> minimize(f, np.array([3.0, 4.0]), jac=df, method=as_scipy(LBFGS())).success
    True
    """
    from .registry import find_method

    found_method = find_method(method, {})

    def solve(
        fun: Callable, x0: np.ndarray, args: tuple = (), jac: Any = None, hess: Any = None,
        callback: Callable | None = None, maxiter: int = 1000, gtol: float = 1e-6,
        tol: float | None = None, **given: Any,
    ) -> Any:  # fmt: skip
        from scipy.optimize import OptimizeResult

        from .driver import minimize

        unknown = [name for name, value in given.items() if value is not None and value != ()]
        if unknown:
            raise ArgumentError(f"{method!r} takes no {', '.join(unknown)}")

        def with_args(function: Any) -> Callable | None:
            return (lambda x: function(x, *args)) if callable(function) else None

        found = minimize(
            lambda x: fun(x, *args), x0, found_method, grad=with_args(jac) or "finite",
            hess=with_args(hess), steps=maxiter, gtol=gtol if tol is None else tol, progress=False,
            callback=None if callback is None else lambda step: step.k > 0 and callback(step.x),
        )  # fmt: skip
        names = ("x", "fun", "jac", "success", "message", "nit", "nfev", "njev", "nhev")
        return OptimizeResult({name: getattr(found, name) for name in names}, status=found.status)

    return solve
