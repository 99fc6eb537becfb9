"""Program to SymPy, keeping what is shared shared."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..core.program import Program
from ..errors import SymbolicError
from .objects import run_over

MAX_SYMBOLS = 100
MAX_SCALAR_STEPS = 50_000


def to_sympy(program: Program, *, evaluate: bool = False) -> Any:
    """Return the outputs of a Program as SymPy expressions.

    Each step becomes one SymPy object, used wherever the step is used. Arrays are
    written out entry by entry; entry [0, 1] of x is the symbol x_0_1.

    Parameters
    ----------
    program : Program
    evaluate : bool
        False keeps the Program's own operations and sharing. True lets SymPy
        bring each step into its canonical form, which reads better and, in deep
        products and sums, undoes the sharing.

    Returns
    -------
    sympy.Expr, or sympy.Array for an array; a tuple for several outputs

    Raises
    ------
    SymbolicError
        If a step has no SymPy form, or the arrays have too many entries.

    Examples
    --------
    >>> from diffkit import lower
    >>> to_sympy(lower("(3*x^3 + 2)^2"), evaluate=True).diff().expand()
    54*x**5 + 36*x**2
    """
    import sympy

    outputs = expressions(program, evaluate)
    shaped = [
        sympy.Array(output.tolist()) if isinstance(output, np.ndarray) else output
        for output in outputs
    ]
    return shaped[0] if len(shaped) == 1 else tuple(shaped)


def expressions(program: Program, evaluate: bool) -> list[Any]:
    """Return the outputs as expressions, or object arrays of them."""
    import sympy

    check_size(program)
    symbols = symbols_of(program)
    with sympy.evaluate(evaluate):
        return run_over(program, symbols, sympy, constant)


def symbols_of(program: Program) -> dict[str, Any]:
    """Return, for each input, its symbol or an array of symbols."""
    import sympy

    return {
        name: _symbol_array(sympy, symbol_names(name, program.types[name].shape))
        for name in program.inputs
    }


def symbol_names(name: str, shape: tuple[int, ...]) -> Any:
    """Return the names of the scalar symbols that stand for an input."""
    if not shape:
        return name
    names = np.empty(shape, dtype=object)
    for index in np.ndindex(*shape):
        names[index] = "_".join([name, *map(str, index)])
    return names


def _symbol_array(sympy: Any, names: Any) -> Any:
    if isinstance(names, str):
        return sympy.Symbol(names, real=True)
    return np.frompyfunc(lambda name: sympy.Symbol(name, real=True), 1, 1)(names)


def check_size(program: Program) -> None:
    """Refuse what would be too much for SymPy, with the limits, and what is no formula."""
    from .reference import scalar_operations

    count = sum(kind.size for kind in program.types.values())
    if count > MAX_SYMBOLS:
        raise SymbolicError(
            f"the inputs have {count:,} entries; written out for SymPy at most {MAX_SYMBOLS} are. "
            "Use smaller arrays, or the adjoint Program"
        )
    size = scalar_operations(program)
    if size > MAX_SCALAR_STEPS:
        raise SymbolicError(
            f"written out entry by entry the program has {size:,} operations; at most "
            f"{MAX_SCALAR_STEPS:,} go to SymPy"
        )
    branches = [step for step in program.steps if step.primitive.name == "guard"]
    if branches:
        raise SymbolicError(
            f"the program took a branch because of a value ({branches[0]}), and a formula has no "
            "branches: write np.where(condition, a, b) for if and else"
        )
    names = [n for i in program.inputs for n in np.ravel(symbol_names(i, program.types[i].shape))]
    if len(set(names)) < len(names):
        raise SymbolicError("an input is called like an entry of another (x_0 and x[0]); rename it")


def constant(value: Any) -> Any:
    """Return a number as SymPy holds it: short binary fractions exactly, as Rational."""
    import sympy

    if isinstance(value, (complex, np.complexfloating)):
        with sympy.evaluate(True):
            return constant(value.real) + constant(value.imag) * sympy.I
    if isinstance(value, (int, np.integer)):
        return sympy.Integer(int(value))
    value = float(value)
    if np.isnan(value) or np.isinf(value):
        return sympy.nan if np.isnan(value) else sympy.oo if value > 0 else -sympy.oo
    numerator, denominator = value.as_integer_ratio()
    if denominator <= 1024 and abs(numerator) < 2**53:
        return sympy.Rational(numerator, denominator)
    return sympy.Float(value)
