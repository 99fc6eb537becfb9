"""The reference: a Program evaluated with 50 digits by mpmath."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import numpy as np

from ..core.program import Program
from ..errors import BranchChanged, ReferenceFailed
from .objects import run_over

DIGITS = 50
MAX_OPERATIONS = 100_000  # scalar operations; mpmath does about 300,000 a second


def scalar_operations(program: Program) -> int:
    """Count the entries that a Program computes."""
    return sum(step.type.size for step in program.steps)


def reference_values(program: Program, values: Mapping[str, Any]) -> list[Any]:
    """Evaluate a Program at doubles, exactly but for rounding to 50 digits.

    Parameters
    ----------
    program : Program
    values : mapping, name -> number or array

    Returns
    -------
    list, one an output: mpmath numbers, or object arrays of them

    Raises
    ------
    ReferenceFailed
        If the Program is too large, or has no finite real value here.
    """
    size = scalar_operations(program)
    if size > MAX_OPERATIONS:
        raise ReferenceFailed(
            f"{size:,} scalar operations are too many for {DIGITS} digits "
            f"(limit {MAX_OPERATIONS:,})"
        )
    context = _context()
    lifted = {name: _lift_array(value, context.mpf) for name, value in values.items()}
    try:
        results = run_over(program, lifted, _namespace(context), context.mpf)
    except (ZeroDivisionError, ValueError, OverflowError) as error:
        raise ReferenceFailed(f"no value with {DIGITS} digits here: {error}") from error
    except BranchChanged:
        raise
    except TypeError as error:
        raise ReferenceFailed(f"the value is not real here: {error}") from error
    for result in results:
        _check_real(result, context)
    return results


def _context() -> Any:
    """A context of our own: mpmath's global one belongs to the user and his threads."""
    from mpmath.ctx_mp import MPContext

    context = MPContext()
    context.dps = DIGITS
    return context


def _lift_array(value: Any, lift: Any) -> Any:
    if isinstance(value, np.ndarray) and value.ndim:
        return np.frompyfunc(lambda x: lift(float(x)), 1, 1)(value)
    return lift(float(value))


def _check_real(result: Any, context: Any) -> None:
    for entry in np.ravel(np.asarray(result, dtype=object)):
        if isinstance(entry, context.mpc) or not context.isfinite(entry):
            raise ReferenceFailed("the value is not a finite real number here")


# SymPy's functions that mpmath calls the same, and those that it calls otherwise.
_SAME = (
    "exp log sqrt sin cos tan asin acos atan atan2 sinh cosh tanh asinh acosh atanh sign floor pi "
    "sinc gamma loggamma digamma zeta betainc erf erfc erfi erfinv besselj bessely besseli besselk "
    "expint hyper polylog"
)
_RENAMED = {
    "Ei": "ei",
    "LambertW": "lambertw",
    "ceiling": "ceil",
    "elliptic_e": "ellipe",
    "elliptic_k": "ellipk",
    "polygamma": "psi",
}


def _namespace(context: Any) -> SimpleNamespace:
    """The functions that SymPy forms use, computed by mpmath."""
    half = context.mpf(1) / 2

    def heaviside(x: Any, at_zero: Any = half) -> Any:
        return at_zero if x == 0 else context.mpf(int(x > 0))

    def smooth_bessel(x: Any, order: int) -> Any:
        scale = context.fac2(2 * order + 1)
        return context.hyp0f1(order + 3 * half, -x * x / 4) / scale

    def guarded(form: Callable) -> Callable:
        """Let 1/0 be nan, as long as nothing that counts depends on it."""

        def compute(*operands: Any) -> Any:
            try:
                return form(*operands)
            except ZeroDivisionError:
                return context.nan

        return compute

    def piecewise(*pairs: tuple) -> Any:
        return next(value for value, condition in pairs if condition)

    same = {name: getattr(context, name) for name in _SAME.split()}
    renamed = {name: getattr(context, its) for name, its in _RENAMED.items()}
    return SimpleNamespace(
        **same,
        **renamed,
        uppergamma=lambda a, x: context.gammainc(a, x),
        guarded=guarded,
        Abs=abs,
        Rational=lambda p, q: context.mpf(p) / q,
        Max=max,
        Min=min,
        Heaviside=heaviside,
        Piecewise=piecewise,
        smooth_bessel=smooth_bessel,
        conjugate=lambda x: x,
        re=lambda x: x,
        im=lambda x: context.mpf(0),
        true=True,
        false=False,
        Gt=lambda a, b: a > b,
        Ge=lambda a, b: a >= b,
        Lt=lambda a, b: a < b,
        Le=lambda a, b: a <= b,
        Eq=lambda a, b: a == b,
        Ne=lambda a, b: a != b,
        And=lambda a, b: bool(a) and bool(b),
        Or=lambda a, b: bool(a) or bool(b),
        Xor=lambda a, b: bool(a) != bool(b),
        Not=lambda a: not a,
    )
