"""The comparison itself: run the three ways, judge them, hold the result."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..core.program import Program
from ..errors import ArgumentError, NonScalarOutput
from ..frontends import lower_at
from ..symbolic.differentiate import DEFAULT_BUDGET
from .formatting import plain
from .judgement import disagreements, judge, reference_of, rounded
from .report import as_html, as_text
from .ways import Way, by_finite_differences, by_reverse_mode, by_sympy

WAYS = ("finite", "symbolic", "reverse")


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
        return as_text(self)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return as_html(self)

    def draw(self, **options: Any) -> Any:
        """Return the computational graph at this point as a picture, see `diffkit.draw`."""
        return self.program.draw(self.at, tuple(self.reference), **options)

    def to_dict(self) -> dict[str, Any]:
        """Return numbers, lists and strings only, ready for JSON."""
        return {
            "program": str(self.program).splitlines(),
            "output": self.program.outputs[0],
            "at": plain(self.at),
            "value": plain(self.value),
            "reference": plain(self.reference),
            "reference_source": self.reference_source,
            "ways": {way: self._way_dict(way) for way in self.ways},
            "agree": self.agree,
            "disagreements": list(self.disagreements),
        }

    def _way_dict(self, way: str) -> dict[str, Any]:
        result = self.results[way]
        return {
            "status": result.status,
            "gradients": plain(result.gradients),
            "relative_error": plain(self.error[way]),
            "ulps": plain(self.ulps[way]),
            "error_bars": plain(result.bars),
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
        "finite": by_finite_differences(program, values, names),
        "symbolic": by_sympy(program, values, names, budget),
        "reverse": by_reverse_mode(adjoint, values, names, built),
    }
    exact, source_of_reference = reference_of(adjoint, values, names, results["reverse"])
    judged = {way: judge(result, exact) for way, result in results.items()}
    return Comparison(
        program=program,
        at=values,
        value=program.run(values)[0],
        results=results,
        reference={name: rounded(exact[name]) for name in names},
        reference_source=source_of_reference,
        error={way: errors for way, (errors, _) in judged.items()},
        ulps={way: ulps for way, (_, ulps) in judged.items()},
        disagreements=tuple(disagreements(results, exact)),
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
