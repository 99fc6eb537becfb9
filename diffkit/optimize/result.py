"""What a run leaves: the result, the path that it took, and the steps on the way."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..errors import ArgumentError
from ..tables import html_table, text_table
from .layout import Layout
from .method import Status

_SHOWN = 5  # rows of a path at either end


def number(value: float) -> str:
    """Print a number of a table."""
    return f"{value:.6g}"


def shown(nest: Any) -> str:
    """Print parameters on one line: small ones whole, large ones by shape."""
    if isinstance(nest, dict):
        return " ".join(f"{key}={shown(value)}" for key, value in nest.items())
    if isinstance(nest, (list, tuple)):
        return f"({', '.join(map(shown, nest))})"
    array = np.asarray(nest)
    if array.dtype.kind != "f" or array.ndim == 0:
        return number(nest) if array.ndim == 0 and array.dtype.kind == "f" else repr(nest)
    if array.size > 6:
        return f"array of shape {array.shape}"
    return np.array2string(array, precision=6, separator=", ").replace("\n", "")


@dataclass(frozen=True, repr=False)
class Iterate:
    """Where a run is after k steps, as `descend` yields it and callbacks see it.

    Attributes
    ----------
    k : int
        0 is the start.
    x : the parameters, arranged as the start
    f, gnorm : float
        Value, and Euclidean length of the gradient that the next step follows.
    lr : float
        The learning rate (with a line search its step length) that led here; nan
        at the start.
    step : float
        Length of the step that led here; 0 at the start.
    nfev, njev : int
        Calls of f and gradients so far.
    state : what the method carries along
    """

    k: int
    x: Any
    f: float
    gnorm: float
    lr: float
    step: float
    nfev: int
    njev: int
    state: Any = None

    def __repr__(self) -> str:
        return (
            f"step {self.k}: f = {number(self.f)}, |g| = {number(self.gnorm)}, "
            f"lr = {number(self.lr)}, {'' if isinstance(self.x, dict) else 'x = '}{shown(self.x)}"
        )


@dataclass(repr=False)
class Path:
    """The way that a run took; index 0 is the start, and all arrays have the same length.

    Attributes
    ----------
    x : the parameters at each step
        Arranged as the start, each leaf with the steps as its first axis.
    vectors : array, shape (steps + 1, n)
        The same, flat.
    f, gnorm, lr, step : arrays, shape (steps + 1,)
        As in `Iterate`; with minibatches f and gnorm are those of the batch.
    nfev, njev, spent : integer arrays, shape (steps + 1,)
        Calls of f, gradients, and both in gradients' worth, up to there.
    lowest : int
        The step with the lowest f; `lowest_vector` is its x, flat.
    lows : list of float
        The lowest f up to each step.
    """

    layout: Layout = field(repr=False)
    recorded: bool = True
    _vectors: list[np.ndarray] = field(default_factory=list)
    _rows: list[tuple] = field(default_factory=list)
    lowest: int = 0
    lowest_vector: Any = None
    lows: list[float] = field(default_factory=list)

    def add(self, x: np.ndarray, row: tuple) -> None:
        """Append a step."""
        if self.recorded:
            self._vectors.append(x)
        if not self._rows or row[0] < self._rows[self.lowest][0]:
            self.lowest, self.lowest_vector = len(self._rows), x
        self._rows.append(row)
        self.lows.append(self._rows[self.lowest][0])

    @property
    def last(self) -> tuple:
        """The numbers of the last step: f, gnorm, lr, step, nfev, njev, spent."""
        return self._rows[-1]

    @property
    def first(self) -> tuple:
        """The numbers of the start."""
        return self._rows[0]

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def vectors(self) -> np.ndarray:
        """Parameters as rows."""
        if not self.recorded:
            raise ArgumentError("the parameters of each step were not recorded; say record=True")
        return np.array(self._vectors)

    @property
    def x(self) -> Any:
        """Parameters with the steps as the first axis."""
        return self.layout.unravel_rows(self.vectors)

    def _column(self, k: int, dtype: type = float) -> np.ndarray:
        return np.array([row[k] for row in self._rows], dtype)

    @property
    def f(self) -> np.ndarray:
        """Values."""
        return self._column(0)

    @property
    def gnorm(self) -> np.ndarray:
        """Lengths of the gradient."""
        return self._column(1)

    @property
    def lr(self) -> np.ndarray:
        """Learning rates."""
        return self._column(2)

    @property
    def step(self) -> np.ndarray:
        """Lengths of the steps."""
        return self._column(3)

    @property
    def nfev(self) -> np.ndarray:
        """Calls of f."""
        return self._column(4, int)

    @property
    def njev(self) -> np.ndarray:
        """Gradients."""
        return self._column(5, int)

    @property
    def spent(self) -> np.ndarray:
        """Evaluations in gradients' worth."""
        return self._column(6, int)

    def table(self) -> tuple[list[str], list[list[str]]]:
        """Return a header and the rows at both ends."""
        header = ["k", "f", "|g|", "lr", "step", "nfev", "njev"]
        picked = [[str(k), *map(number, row[:4]), *map(str, row[4:6])] for k, row in self._picked()]
        if len(self) > 2 * _SHOWN:
            picked.insert(_SHOWN, ["..."] * len(header))
        return header, picked

    def _picked(self) -> list[tuple[int, tuple]]:
        rows = list(enumerate(self._rows))
        return rows if len(rows) <= 2 * _SHOWN else rows[:_SHOWN] + rows[-_SHOWN:]

    def __repr__(self) -> str:
        return f"Path of {len(self) - 1} steps\n{text_table(*self.table())}"

    def _repr_html_(self) -> str:
        return html_table(*self.table())


@dataclass(frozen=True)
class Best:
    """The point of the lowest value that a run has met: its step k, x and f."""

    k: int
    x: Any
    f: float


@dataclass(frozen=True, repr=False)
class Result:
    """What `minimize` returns, with the names of SciPy's OptimizeResult.

    Attributes
    ----------
    x : the parameters at the end, arranged as the start
    fun : float
        The value there; with minibatches that of all data.
    jac : the gradient there (of the last batch), arranged as the start; None if
        the method uses none
    success : bool
        Whether the run CONVERGED: the gradient is as short as was asked, and (with
        up to 16 parameters, by reverse mode or differences) the point is no saddle
        and no maximum.
    status : Status
        CONVERGED, MAX_STEPS, STALLED, LINE_SEARCH_FAILED, DIVERGED, NONFINITE or STOPPED.
    message : str
        Why, with the length of the gradient.
    nit, nfev, njev, nhev, nhvp : int
        Steps, calls of f, gradients, Hessians, and products with the Hessian.
    path : Path
        x, f, gnorm, lr, step of every step.
    best : Best
        The lowest point of the path.
    method : the rule or method
    objective : Objective
        `objective.value(vector, data)` is f again, for pictures.
    seconds : float
    data : tuple of arrays
        All rows that minibatches were made of; empty without.
    interrupted : bool
        Whether Ctrl-C ended it.
    """

    x: Any
    fun: float
    jac: Any
    success: bool
    status: Status
    message: str
    nit: int
    nfev: int
    njev: int
    nhev: int
    nhvp: int
    path: Path
    best: Best
    method: Any
    objective: Any
    seconds: float
    data: tuple = ()
    interrupted: bool = False

    def plot(self, **options: Any) -> Any:
        """Draw the path over contours of f, and f, |g| and the learning rate step by step.

        Parameters
        ----------
        step : int, optional
            Show what this step was made of: learning rate times gradient, momentum,
            the look-ahead point, and the quadratic model whose centre Newton steps to.
        coordinates : two whole numbers, optional
            Which of the (flat) parameters span the picture. By default, with more than
            two, the plane in which the path moves most.
        resolution : int
            f is evaluated on a grid of so many points each way (100).

        Returns
        -------
        matplotlib Figure

        Examples
        --------
        >>> from diffkit import minimize
        >>> result = minimize("x^2 + 10*y^2", {"x": 1.0, "y": 1.0}, "gd", lr=0.05)
        >>> figure = result.plot(step=2)
        """
        from .pictures import plot_result

        return plot_result(self, **options)

    def animation(self, format: str = "svg", **options: Any) -> str:
        """Return the run as a moving picture, an SVG or a page with a slider for the step.

        Parameters
        ----------
        format : "svg" or "html"
        coordinates, resolution : as in `plot`
        seconds : float, optional
            Length of the SVG's animation; by default 0.12 a step.
        """
        from .pictures import animate

        return animate({"": self}, format, **options)

    def table(self) -> tuple[list[str], list[list[str]]]:
        """Return the facts as a table."""
        rows = [
            ["method", repr(self.method)],
            ["status", self.status],
            ["x", shown(self.x)],
            ["f", number(self.fun)],
            ["|g|", number(self.path.gnorm[-1])],
            ["steps", str(self.nit)],
            ["calls of f", str(self.nfev)],
            ["gradients", str(self.njev)],
        ]
        if self.nhev or self.nhvp:
            rows.append(["Hessians, products", f"{self.nhev}, {self.nhvp}"])
        if self.best.f < self.fun:
            rows.append(["best", f"f = {number(self.best.f)} at step {self.best.k}"])
        return ["", ""], rows

    def __repr__(self) -> str:
        _, rows = self.table()
        width = max(len(name) for name, _ in rows)
        return "\n".join([self.message, *[f"{n:>{width}}  {value}" for n, value in rows]])

    def _repr_html_(self) -> str:
        import html

        return f"<p>{html.escape(self.message)}</p>{html_table(*self.table())}"
