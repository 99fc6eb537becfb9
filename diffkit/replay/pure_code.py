"""A program as calls that write nothing in place: for JAX, and for Dask and its kind.

The text says `np`; what that is, NumPy or another library with its functions, is
chosen when the text is run. Arrays that speak NumPy's protocols answer for themselves.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..core.program import Program, Step
from ..errors import MissingRule
from ..primitives.shaping import index_text, is_basic
from .array_forms import ufunc_of
from .routine import Routine, Statement
from .text import Variables

_SMALL = "np.exp(-np.abs({0}))"

# fmt: off
FORMS: dict[str, str] = {
    "negative": "-{0}",
    "step": "np.where({0} == {1}, 0.5, np.where(({0} > {1}) | ({1} != {1}), 1.0, 0.0))",
    "sigmoid": f"np.where({{0}} >= 0, 1.0, {_SMALL})/(1 + {_SMALL})",
    "sech": f"2*{_SMALL}/(1 + {_SMALL}**2)",
    "quotient": "{0}/np.where({1} == 0, np.inf, {1})",
    "where": "np.where({0}, {1}, {2})",      "clip": "np.clip({0}, {1}, {2})",
    "power": "{0}**{1}",                     "nan_to_num": "np.nan_to_num({0})",
    "sum": "np.sum({0}, axis={axis}, keepdims={keepdims})",
    "mean": "np.mean({0}, axis={axis}, keepdims={keepdims})",
    "prod": "np.prod({0}, axis={axis}, keepdims={keepdims})",
    "max": "np.max({0}, axis={axis}, keepdims={keepdims})",
    "min": "np.min({0}, axis={axis}, keepdims={keepdims})",
    "all": "np.all({0}, axis={axis}, keepdims={keepdims})",
    "any": "np.any({0}, axis={axis}, keepdims={keepdims})",
    "norm": "np.sqrt(np.sum(np.abs({0})**2, axis={axis}, keepdims={keepdims}))",
    "reshape": "np.reshape({0}, {shape})",   "transpose": "np.transpose({0}, {axes})",
    "broadcast_to": "np.broadcast_to({0}, {shape})",
    "concatenate": "np.concatenate(({0},), axis={axis})",
    "stack": "np.stack(({0},), axis={axis})",
    "einsum": "np.einsum({subscripts!r}, {0})",
    "matmul": "np.matmul({0}, {1})",         "outer": "np.outer({0}, {1})",
    "tensordot": "np.tensordot({0}, {1}, {axes})",
    "copy": "{0}",                           "real": "np.real({0})",
    "imag": "np.imag({0})",                  "conjugate": "np.conjugate({0})",
    "astype": "{0}.astype({dtype.name!r})",
}
# fmt: on
_LISTS = frozenset({"concatenate", "stack", "einsum"})
_AT = {
    "getitem": "{0}[{index}]",
    "scatter": "add_at(np.zeros_like({0}, shape={shape}), {index}, {0})",
    "set_at": "set_at({0}, {index}, {1})",
    "add_at": "add_at({0}, {index}, {1})",
}


def pure_routine(program: Program, name: str, library: str = "numpy") -> tuple[Routine, list[str]]:
    """Write a program without writing into arrays; return the routine and its results.

    The operands of guards come after the outputs, for the caller to check.
    """
    names = [*program.inputs, *[step.name for step in program.steps]]
    variables = Variables(names, used=("set_at", "add_at", name))
    routine = Routine(name, [variables[n] for n in program.inputs], variables.extra)
    for step in program.steps:
        reads = tuple([variables[o] for o in step.operands if o.__class__ is str])
        text = _text(step, variables, routine, library)
        target = variables[step.name]
        routine.body.append(Statement(f"{target} = {text}", target, reads))
    names = [*program.outputs, *guarded(program)]
    routine.outputs = tuple(variables[n] for n in names)
    return routine, list(routine.outputs)


def guarded(program: Program) -> list[str]:
    """Return the variables that guards look at."""
    return [s.operands[0] for s in program.steps if s.primitive.name == "guard"]


def _text(step: Step, variables: Variables, routine: Routine, library: str) -> str:
    def operand(value: Any) -> str:
        if value.__class__ is str:
            return variables[value]
        if value.__class__ in (int, float) and np.isfinite(value):
            return f"({value!r})"
        return routine.bind("c1", value)

    operands = [operand(o) for o in step.operands]
    found = _form(step, operands, routine)
    if found is not None:
        return found
    if library != "numpy":
        raise MissingRule(
            f"backend={library!r} has no form for the row {step.primitive.name!r} ({step}); leave "
            "backend= out to compile with NumPy"
        )
    return f"{routine.bind(step.primitive.name, _row_function(step))}({', '.join(operands)})"


def _form(step: Step, operands: list[str], routine: Routine) -> str | None:
    """Write a row that has a form; None for the others."""
    name, params = step.primitive.name, step.params
    if name == "guard":
        return operands[0]
    if name in _AT:
        return _AT[name].format(*operands, **_index(params, name, routine))
    if name in FORMS:
        listed = [", ".join(operands)] if name in _LISTS else operands
        return FORMS[name].format(*listed, **params)
    ufunc = ufunc_of(step)
    known = ufunc is not None and hasattr(np, ufunc.__name__)
    return f"np.{ufunc.__name__}({', '.join(operands)})" if known and ufunc else None


def _row_function(step: Step) -> Callable:
    numpy, params = step.primitive.numpy, step.params
    return lambda *values: numpy(*values, **params)


def _index(params: dict, name: str, routine: Routine) -> dict[str, Any]:
    """Write an index: between brackets, or as an object for a function."""
    index = params["index"]
    bracketed = name == "getitem" and is_basic(index)
    text = index_text(index) if bracketed else routine.bind("index", index)
    return {"index": text, "shape": params.get("shape")}
