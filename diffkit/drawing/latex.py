"""A Program as a formula in LaTeX; names are escaped before SymPy prints them."""

from __future__ import annotations

import re
from typing import Any

from ..core.program import Program
from ..errors import SymbolicError
from .writers.tex import escape

_MOST = 200  # steps that still make a formula
_PARTS = re.compile(r"([^\W\d_]+)_?(\w*)$")
_GREEK = frozenset(
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau "
    "upsilon phi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega".split()
)


def latex(program: Program) -> str:
    r"""Return the outputs as one formula, or step by step where that is impossible.

    >>> import diffkit as dk
    >>> latex(dk.lower("y = 1/(1 + exp(-w1*x))"))
    'y = \\frac{1}{1 + e^{- w_{1} x}}'
    """
    if len(program) <= _MOST:
        try:
            return _as_formula(program)
        except (SymbolicError, TypeError):  # TypeError: a branch, which is no formula
            pass
    return _as_steps(program)


def latex_name(name: str) -> str:
    r"""Write a variable: w1 as w_{1}, theta as \theta, others upright and escaped.

    >>> [latex_name(name) for name in ("w1", "theta_0", "loss", r"\input{x}")]
    ['w_{1}', '\\theta_{0}', '\\mathrm{loss}', '\\mathrm{\\textbackslash{}input\\{x\\}}']
    """
    found = _PARTS.match(name)
    if not found or not name.isascii():
        return rf"\mathrm{{{escape(name)}}}"
    base, index = found.groups()
    shown = rf"\{base}" if base in _GREEK else base if len(base) == 1 else rf"\mathrm{{{base}}}"
    return shown + (f"_{{{escape(index)}}}" if index else "")


def _as_formula(program: Program) -> str:
    import sympy

    found: Any = program.to_sympy()
    outputs = found if isinstance(found, tuple) else (found,)
    names = {s: latex_name(s.name) for output in outputs for s in output.free_symbols}
    lines = [
        f"{latex_name(name)} = {sympy.latex(output, symbol_names=names, order='none')}"
        for name, output in zip(program.outputs, outputs, strict=True)
    ]
    return lines[0] if len(lines) == 1 else _aligned(lines)


def _as_steps(program: Program) -> str:
    return _aligned([rf"\mathtt{{{escape(str(step))}}}" for step in program.steps])


def _aligned(lines: list[str]) -> str:
    return "\\begin{aligned}\n" + " \\\\\n".join(f"& {line}" for line in lines) + "\n\\end{aligned}"
