"""How f is called: point by point, in stacks of points, or by an executor; always checked."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from ..errors import ArgumentError, DiffkitError, NonScalarOutput, ShapeError
from ..progress import Progress
from .arguments import float_dtype, real_array

STACKED = 2**20  # numbers in one stack of points, at most
WAITING = 64  # lines whose points an executor is given at a time
ROWS_AGREE = 2.0**-20  # relative: a point in a stack and the same point alone

OUTSIDE = (ArithmeticError, ValueError)  # math.log(-1) raises where np.log(-1) is nan
NO_COMPLEX = (*OUTSIDE, TypeError, Warning)


class Answer(NamedTuple):
    """What f returned; `given` is False where it gave up."""

    given: bool
    result: Any = None


def attempt(f: Callable, x: np.ndarray) -> Answer:
    """Call f on a fresh copy; what it raises outside of its domain is an answer, too."""
    outside = NO_COMPLEX if np.iscomplexobj(x) else OUTSIDE
    try:
        with np.errstate(all="ignore"):
            return Answer(True, f(x.copy()[()]))
    except DiffkitError:
        raise
    except outside:
        return Answer(False)


class Calling:
    """Point by point, in this process, as soon as a value is needed."""

    together = False  # whether to collect the points of many lines first

    def first(self, f: Callable, x: np.ndarray) -> Any:
        """Return f(x) at the user's own point; what f raises there is the user's to see."""
        with np.errstate(all="ignore"):
            return f(x.copy()[()])

    def answers(self, f: Callable, points: Sequence[np.ndarray], seen: Callable) -> list[Answer]:
        """Return an answer for every point; `seen` hears how many came in."""
        found = []
        for x in points:
            found.append(attempt(f, x))
            seen(1)
        return found

    def lines(self, size: int) -> int:
        """Return how many lines, through points of so many entries, are worked on at a time."""
        return 1


class Stacked(Calling):
    """Many points in one call: f gets shape (k, *x.shape) and returns (k, *f(x).shape)."""

    together = True

    def __init__(self) -> None:
        self.verified = False

    def first(self, f: Callable, x: np.ndarray) -> Any:
        """Return f(x) from a stack of one point."""
        try:
            with np.errstate(all="ignore"):
                return self._rows(real_array(f(x[np.newaxis].copy())), 1)[0]
        except DiffkitError:
            raise
        except Exception as error:
            error.add_note(f"f is said to be vectorized; x had shape {(1, *x.shape)} here")
            raise

    def answers(self, f: Callable, points: Sequence[np.ndarray], seen: Callable) -> list[Answer]:
        """Return the rows of what f makes of the stack, checked against one point alone."""
        stack = attempt(f, np.stack(points))
        seen(len(points))
        if not stack.given and len(points) > 1:  # one point outside spoils the stack
            return [self.answers(f, [x], lambda _: None)[0] for x in points]
        if not stack.given:
            return [stack]
        rows = self._rows(np.asarray(stack.result), len(points))
        if len(points) > 1 and not self.verified:
            self._verify(rows[-1], attempt(f, points[-1][np.newaxis]))
            self.verified = True
        return [Answer(True, row) for row in rows]

    def lines(self, size: int) -> int:
        """Return how many lines keep a stack small."""
        return max(1, STACKED // size)

    @staticmethod
    def _rows(result: np.ndarray, count: int) -> np.ndarray:
        if result.ndim == 0 or len(result) != count:
            raise ShapeError(
                f"f is said to be vectorized, but returned shape {result.shape} for a stack of "
                f"{count} points; it must return one row a point, or leave out vectorized=True"
            )
        return result

    @staticmethod
    def _verify(row: Any, alone: Answer) -> None:
        if not (alone.given and np.isrealobj(row)):
            return
        single = np.asarray(alone.result)[0]
        slack = ROWS_AGREE * np.max(np.abs(single), initial=0.0, where=np.isfinite(single))
        if np.shape(row) != single.shape or not np.allclose(
            row, single, rtol=0, atol=slack, equal_nan=True
        ):
            raise ArgumentError(
                "f is said to be vectorized, but its value at a point depends on the other "
                "points of the stack; treat axis 0 as separate points, or leave out vectorized=True"
            )


class Handed(Calling):
    """By an executor of concurrent.futures (threads, processes, Dask, MPI ...)."""

    together = True

    def __init__(self, executor: Any) -> None:
        if not callable(getattr(executor, "submit", None)):
            raise ArgumentError(
                f"executor must have a submit method, as in concurrent.futures, not {executor!r}"
            )
        self.executor = executor

    def answers(self, f: Callable, points: Sequence[np.ndarray], seen: Callable) -> list[Answer]:
        """Return the answers in the order of the points; cancel what is left on an error."""
        futures = [self.executor.submit(attempt, f, x) for x in points]
        found = []
        try:
            for future in futures:
                found.append(future.result())
                seen(1)
        except BaseException as error:
            for future in futures:
                future.cancel()
            _explain(f, error)
            raise
        return found

    def lines(self, size: int) -> int:
        """Return how many lines keep many workers busy and the points few."""
        return WAITING


def _explain(f: Callable, error: BaseException) -> None:
    """Say so if the reason was that f cannot be sent to another process."""
    if not isinstance(error, (pickle.PicklingError, AttributeError, TypeError)):
        return
    try:
        pickle.dumps(f)
    except Exception:
        raise ArgumentError(
            f"f cannot be sent to the executor ({error}); define it at the top level of a "
            "module, or use a ThreadPoolExecutor"
        ) from None


def calling(vectorized: bool, executor: Any) -> Calling:
    """Return the way to call f that two arguments ask for."""
    if vectorized and executor is not None:
        raise ArgumentError("give vectorized=True or an executor, not both")
    if executor is not None:
        return Handed(executor)
    return Stacked() if vectorized else Calling()


class Function:
    """The user's function with its calls counted, its results checked and made float.

    `scalar` demands one number. The value at x itself is computed at once; it tells
    shape and precision of all other values.
    """

    def __init__(self, f: Callable, x: Any, scalar: bool, how: Calling | None = None) -> None:
        if not callable(f):
            raise ArgumentError(f"f must be a function, not {f!r}")
        self.f, self.scalar, self.x, self.how = f, scalar, x, how or Calling()
        self.calls, self.progress = 1, Progress("finite differences")
        result = self._one(self.how.first(f, x))
        self.shape = result.shape
        self.base = result.astype(float).ravel()
        self.eps = float(np.finfo(float_dtype(result)).eps)

    def values(self, points: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Return f at points, flat and in float64; nan where it gives up.

        At complex points it is the imaginary part of f.
        """
        read = self._imaginary if np.iscomplexobj(points[0]) else self._real
        return [read(answer) for answer in self.how.answers(self.f, points, self._seen)]

    def _seen(self, count: int) -> None:
        self.calls += count
        self.progress.update(self.progress.done, f"{self.calls} calls of f")

    def _real(self, answer: Answer) -> np.ndarray:
        # Python's (-1.0)**0.5 is complex where NumPy's is nan: f has left its domain.
        if not answer.given or np.iscomplexobj(answer.result):
            return self.nowhere()
        return self._checked(answer.result).astype(float).ravel()

    def _imaginary(self, answer: Answer) -> np.ndarray:
        result = np.asarray(answer.result) if answer.given else np.empty(0)
        if result.dtype.kind != "c" or result.shape != self.shape:
            return self.nowhere()
        return result.imag.astype(float).ravel()

    def nowhere(self) -> np.ndarray:
        """Return the values of a point where f has none."""
        return np.full(self.base.shape, np.nan)

    def _checked(self, result: Any) -> np.ndarray:
        array = self._one(result)
        if array.shape != self.shape:
            raise ShapeError(
                f"f returned shape {array.shape} at one point and {self.shape} at another"
            )
        return array

    def _one(self, result: Any) -> np.ndarray:
        array = real_array(result)
        if self.scalar and array.shape != ():
            raise NonScalarOutput(
                f"f returned an array of shape {array.shape} where one number is needed; "
                "use jacobian for functions that return arrays"
            )
        return array
