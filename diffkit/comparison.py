"""The three ways side by side: finite differences, SymPy, reverse mode, and who is right.

The ways do not know one another: finite differences see a callable, SymPy sees
expressions, reverse mode sees the rules. The judge is a fourth: the adjoint
Program evaluated with 50 digits.
"""

from __future__ import annotations

import html
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from . import finite
from .core.nest import is_number
from .core.program import Program
from .errors import ArgumentError, DiffkitError, NonScalarOutput, ReferenceFailed, SymbolicError
from .frontends import lower_at
from .symbolic.differentiate import DEFAULT_BUDGET, differentiate
from .symbolic.reference import DIGITS, reference_values
from .tables import html_table, text_table

WAYS = ("finite", "symbolic", "reverse")

# How far a way may be from the reference and still agree, relative to the largest
# entry: finite differences are given their own error bar, but at least this.
_TOLERANCE = {"finite": 1e-6, "symbolic": 1e-8, "reverse": 1e-8}
_REPEATS = 5


@dataclass(frozen=True)
class Way:
    """What one way to the derivative gave.

    Attributes
    ----------
    gradients : dict, input name -> derivative
    work : str
        Function evaluations, or operations.
    build, evaluate : float
        Seconds to find the derivative, and to evaluate it.
    status : str
        "done", or why there is nothing.
    bars : dict, input name -> error bar that the way gives for itself
    """

    gradients: dict[str, Any] = field(default_factory=dict)
    work: str = ""
    build: float = 0.0
    evaluate: float = 0.0
    status: str = "done"
    bars: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, repr=False)
class Comparison:
    """A value and its gradient by every way, with the true error of each.

    Attributes
    ----------
    program : Program
    at : dict, input name -> value
    value : the value of the function
    ways : ("finite", "symbolic", "reverse")
    gradients : dict, way -> {input name: derivative}
    reference : dict, input name -> derivative, rounded from 50 digits
    reference_source : str
        Where the reference comes from.
    error : dict, way -> {input name: largest relative error of an entry}
        Where the reference is 0, the absolute error.
    ulps : dict, way -> {input name: the same in units in the last place}
    results : dict, way -> Way
    agree : bool
        Whether every way that finished is right within its means.
    disagreements : tuple of str
        Otherwise: which way is wrong, where, and by how much.
    """

    program: Program
    at: dict[str, Any]
    value: Any
    results: dict[str, Way]
    reference: dict[str, Any]
    reference_source: str
    error: dict[str, dict[str, float]]
    ulps: dict[str, dict[str, float]]
    disagreements: tuple[str, ...]

    ways = WAYS

    @property
    def gradients(self) -> dict[str, dict[str, Any]]:
        """Derivatives by way and input."""
        return {way: result.gradients for way, result in self.results.items()}

    @property
    def agree(self) -> bool:
        """Whether no way is wrong."""
        return not self.disagreements

    def __str__(self) -> str:
        return _as_text(self)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return _as_html(self)

    def to_dict(self) -> dict[str, Any]:
        """Return numbers, lists and strings only, ready for JSON."""
        return {
            "program": str(self.program).splitlines(),
            "output": self.program.outputs[0],
            "at": _plain(self.at),
            "value": _plain(self.value),
            "reference": _plain(self.reference),
            "reference_source": self.reference_source,
            "ways": {way: self._way_dict(way) for way in self.ways},
            "agree": self.agree,
            "disagreements": list(self.disagreements),
        }

    def _way_dict(self, way: str) -> dict[str, Any]:
        result = self.results[way]
        return {
            "status": result.status,
            "gradients": _plain(result.gradients),
            "relative_error": _plain(self.error[way]),
            "ulps": _plain(self.ulps[way]),
            "error_bars": _plain(result.bars),
            "work": result.work,
            "seconds_to_build": result.build,
            "seconds_to_evaluate": result.evaluate,
        }


def compare(
    source: Any,
    at: Mapping[str, Any] | Sequence[Any],
    wrt: str | Sequence[str] | None = None,
    *,
    budget: float = DEFAULT_BUDGET,
) -> Comparison:
    """Differentiate one expression or function in three ways and judge each.

    Parameters
    ----------
    source : str, SymPy expression, Program or callable
        Must have one scalar output.
    at : mapping, name -> value, or sequence of positional arguments
        The point; arrays where the source takes arrays.
    wrt : str or sequence of str, optional
        Inputs to differentiate by; all by default.
    budget : float
        Seconds that SymPy may take.

    Returns
    -------
    Comparison

    Raises
    ------
    ArgumentError
        If a value is missing or superfluous.
    NonScalarOutput
        If the output is not one number.

    Examples
    --------
    >>> c = compare("log(1 + exp(w*x + b))", {"w": 2, "x": -1, "b": 0.5})
    >>> c.agree
    True
    >>> round(float(c.gradients["reverse"]["w"]), 12)
    -0.182425523806
    """
    program, values = lower_at(source, at)
    _check_scalar(program)
    names = _names(program, wrt)
    started = time.perf_counter()
    adjoint = program.adjoint(names)
    built = time.perf_counter() - started
    results = {
        "finite": _finite(program, values, names),
        "symbolic": _symbolic(program, values, names, budget),
        "reverse": _reverse(adjoint, values, names, built),
    }
    exact, source_of_reference = _reference(adjoint, values, names, results["reverse"])
    judged = {way: _judge(result, exact) for way, result in results.items()}
    return Comparison(
        program=program,
        at=values,
        value=program.run(values)[0],
        results=results,
        reference={name: _rounded(exact[name]) for name in names},
        reference_source=source_of_reference,
        error={way: errors for way, (errors, _) in judged.items()},
        ulps={way: ulps for way, (_, ulps) in judged.items()},
        disagreements=tuple(_disagreements(results, exact)),
    )


def _check_scalar(program: Program) -> None:
    if len(program.outputs) != 1:
        raise NonScalarOutput(f"compare needs one output, not {', '.join(program.outputs)}")
    name = program.outputs[0]
    kinds = {step.name: step.type for step in program.steps[-1:]} | program.types
    shape = kinds[name].shape if name in kinds else ()
    if shape:
        raise NonScalarOutput(
            f"compare needs one number, but {name} has shape {shape}; sum it, as in sum({name})"
        )


def _names(program: Program, wrt: str | Sequence[str] | None) -> tuple[str, ...]:
    names = (wrt,) if isinstance(wrt, str) else program.inputs if wrt is None else tuple(wrt)
    if not names:
        raise ArgumentError("there is nothing to differentiate by: the source has no inputs")
    return names


# -- the ways ----------------------------------------------------------------------


def _timed(function: Callable) -> tuple[Any, float]:
    """Return a result and the shortest time of a few calls."""
    best = np.inf
    for _ in range(_REPEATS):
        started = time.perf_counter()
        result = function()
        best = min(best, time.perf_counter() - started)
        if best > 0.1:
            break
    return result, best


def _finite(program: Program, values: dict, names: Sequence[str]) -> Way:
    started = time.perf_counter()
    estimates = {}
    for name in names:

        def along(x: Any, name: str = name) -> Any:
            with np.errstate(all="ignore"):
                return program.run({**values, name: x})[0]

        point = values[name]
        by = finite.gradient if np.ndim(point) else finite.derivative
        try:
            estimates[name] = by(along, point)
        except DiffkitError as error:
            return Way(status=f"failed: {error}")
    count = sum(estimate.evaluations for estimate in estimates.values())
    return Way(
        gradients={name: estimate.value for name, estimate in estimates.items()},
        bars={name: estimate.error for name, estimate in estimates.items()},
        work=_counted(count, "evaluation"),
        evaluate=time.perf_counter() - started,
        status=_statuses(estimates.values()),
    )


def _statuses(estimates: Iterable[Any]) -> str:
    """Return "done", or the words of the estimates that did not converge."""
    words = {str(word) for e in estimates for word in np.ravel(np.asarray(e.status, object))}
    return ", ".join(sorted(words - {"converged"})) or "done"


def _symbolic(program: Program, values: dict, names: Sequence[str], budget: float) -> Way:
    try:
        derivative = differentiate(program, names, budget=budget)
    except SymbolicError as error:
        return Way(status=str(error))
    if derivative.program is None:
        return Way(status=derivative.status, build=derivative.seconds)
    gradients, seconds = _timed(lambda: derivative(**values))
    return Way(
        gradients=gradients,
        work=_counted(len(derivative.program), "operation"),
        build=derivative.seconds,
        evaluate=seconds,
    )


def _reverse(adjoint: Program, values: dict, names: Sequence[str], built: float) -> Way:
    with np.errstate(all="ignore"):
        slopes, seconds = _timed(lambda: adjoint.run(values))
    return Way(
        gradients=dict(zip(names, slopes, strict=True)),
        work=_counted(len(adjoint), "operation"),
        build=built,
        evaluate=seconds,
    )


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


# -- the judgement -----------------------------------------------------------------


def _reference(
    adjoint: Program, values: dict, names: Sequence[str], reverse: Way
) -> tuple[dict[str, Any], str]:
    try:
        exact = reference_values(adjoint, values)
    except (ReferenceFailed, SymbolicError) as error:
        return dict(reverse.gradients), f"the reverse-mode gradient itself ({error})"
    return dict(zip(names, exact, strict=True)), f"mpmath with {DIGITS} digits"


def _rounded(exact: Any) -> Any:
    if isinstance(exact, np.ndarray):
        return exact.astype(float)
    return np.float64(exact)


def _judge(result: Way, exact: Mapping[str, Any]) -> tuple[dict[str, float], dict[str, float]]:
    """Return the largest relative error and the largest error in ulps, by input."""
    relative, ulps = {}, {}
    for name, found in result.gradients.items():
        gaps = _gaps(found, exact[name])
        size = np.abs(np.asarray(_rounded(exact[name]), float))
        relative[name] = float(np.max(gaps / np.where(size > 0, size, 1.0), initial=0.0))
        ulps[name] = float(np.max(gaps / np.spacing(np.where(size > 0, size, 1.0)), initial=0.0))
    return relative, ulps


def _gaps(found: Any, exact: Any) -> np.ndarray:
    """Return |found - exact|, subtracted with the digits of the reference."""
    pairs = np.broadcast_arrays(np.asarray(found, object), np.asarray(exact, object))
    gaps = [
        float(abs(b - float(a))) if np.isfinite(float(a)) else np.inf
        for a, b in zip(*(np.ravel(part) for part in pairs), strict=True)
    ]
    return np.array(gaps).reshape(pairs[0].shape)


def _disagreements(results: Mapping[str, Way], exact: Mapping[str, Any]) -> list[str]:
    told = []
    for way, result in results.items():
        for name, found in result.gradients.items():
            gap = float(np.max(_gaps(found, exact[name]), initial=0.0))
            scale = float(np.max(np.abs(_rounded(exact[name])), initial=0.0)) or 1.0
            bar = 3 * float(np.max(np.nan_to_num(result.bars.get(name, 0.0)), initial=0.0))
            if not gap <= max(_TOLERANCE[way] * scale, bar if np.isfinite(bar) else 0.0):
                told.append(
                    f"{way} disagrees by {name}: {_short(found)} against {_short(_rounded(exact[name]))}"
                    f" (off by {gap:.2g})"
                )
    return told


# -- the report --------------------------------------------------------------------


def _headline(comparison: Comparison) -> str:
    point = " ".join(f"{name}={_short(value)}" for name, value in comparison.at.items())
    return (
        f"{comparison.program.outputs[0]} = {_short(comparison.value)} at {point} "
        f"({_counted(len(comparison.program), 'step')})"
    )


def _derivative_rows(comparison: Comparison) -> list[list[str]]:
    rows = []
    for name in comparison.reference:
        for way in comparison.ways:
            found = comparison.gradients[way].get(name)
            if found is None:
                continue
            rows.append(
                [
                    f"d/d{name}",
                    way,
                    _short(found, 17),
                    f"{comparison.error[way][name] or 0:.2g}",
                    f"{comparison.ulps[way][name]:.2g}",
                ]
            )
    return rows


def _way_rows(comparison: Comparison) -> list[list[str]]:
    return [
        [
            way,
            result.work or "-",
            _duration(result.build) if result.build else "-",
            _duration(result.evaluate) if result.work else "-",
            result.status,
        ]
        for way, result in comparison.results.items()
    ]


_TABLES = (
    (["", "way", "derivative", "relative error", "ulps"], _derivative_rows),
    (["way", "work", "to build", "to evaluate", "status"], _way_rows),
)


def _verdict(comparison: Comparison) -> list[str]:
    told = ["The ways agree."] if comparison.agree else list(comparison.disagreements)
    if not np.isfinite(comparison.value):
        told.insert(0, "The value is not finite: the point is outside the domain, or overflows.")
    return [*told, f"Reference: {comparison.reference_source}."]


def report_parts(comparison: Comparison) -> tuple[str, list[tuple[list, list]], list[str]]:
    """Return the headline, the tables (header, rows) and the closing lines of a report."""
    tables = [(header, rows(comparison)) for header, rows in _TABLES]
    return _headline(comparison), tables, _verdict(comparison)


def _as_text(comparison: Comparison) -> str:
    headline, tables, verdict = report_parts(comparison)
    return "\n".join([headline, *[text_table(*table) for table in tables], *verdict])


def _as_html(comparison: Comparison) -> str:
    headline, tables, verdict = report_parts(comparison)
    lines = [f"<p>{html.escape(line)}</p>" for line in verdict]
    parts = [f"<p>{html.escape(headline)}</p>", *[html_table(*table) for table in tables], *lines]
    return "".join(parts)


def _duration(seconds: float) -> str:
    for unit, factor in (("s", 1.0), ("ms", 1e3), ("us", 1e6)):
        if seconds * factor >= 1 or unit == "us":
            return f"{seconds * factor:.3g} {unit}"
    raise AssertionError


def _short(value: Any, digits: int = 6) -> str:
    """Print a number, a short array whole, a long one by shape and norm."""
    array = np.asarray(value, dtype=float) if is_number(value) else np.asarray(value)
    if array.ndim == 0:
        return f"{float(array):.{digits}g}"
    if array.size <= 4:
        return np.array2string(array, precision=min(digits, 10), separator=", ")
    norm = float(np.linalg.norm(np.ravel(array)))
    return f"array({'x'.join(map(str, array.shape))}) of norm {norm:.{min(digits, 10)}g}"


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return value.tolist() if hasattr(value, "tolist") else value
