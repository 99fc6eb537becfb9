"""A Program over other numbers: SymPy expressions, or mpmath's with 50 digits.

A row's SymPy form is written over a namespace of functions (`sp.log`, `sp.Max`
...), so the same form serves any arithmetic that offers those names. Arrays are
NumPy arrays of objects: what moves entries about needs nothing special.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np

from ..core.primitive import PRIMITIVES, Primitive
from ..core.program import Program
from ..errors import SymbolicError


def run_over(
    program: Program, values: Mapping[str, Any], namespace: Any, lift: Callable
) -> list[Any]:
    """Evaluate a Program in another arithmetic.

    Parameters
    ----------
    program : Program
    values : mapping, name -> object or array of objects
    namespace : the functions that SymPy forms use; its `guarded`, if it has one,
        wraps every form
    lift : callable
        Turns one constant (a Python or NumPy number) into this arithmetic.

    Returns
    -------
    list, one value an output
    """
    env = dict(values)
    for step in program.steps:
        operands = [env[o] if o.__class__ is str else _lifted(o, lift) for o in step.operands]
        env[step.name] = _apply(step.primitive, operands, step.params, namespace)
    return [env[name] for name in program.outputs]


def _lifted(constant: Any, lift: Callable) -> Any:
    if isinstance(constant, np.ndarray) and constant.ndim:
        return constant if constant.dtype == bool else np.frompyfunc(lift, 1, 1)(constant)
    item = constant.item() if hasattr(constant, "item") else constant
    return item if isinstance(item, bool) else lift(item)


def _apply(primitive: Primitive, operands: list, params: dict, namespace: Any) -> Any:
    if primitive.objects is not None:
        return _over_arrays(
            partial(primitive.objects, partial(_by_name, namespace)), operands, params
        )
    if primitive.sympy is not None:
        form = _form(primitive, namespace, params)
        # A universal function made for one scalar step costs more than the step.
        scalars = not any(operand.__class__ is np.ndarray for operand in operands)
        return form(*operands) if scalars else np.frompyfunc(form, len(operands), 1)(*operands)
    if primitive.elementwise:
        raise SymbolicError(f"{primitive.name} has no SymPy form in diffkit's table")
    return _over_arrays(primitive.numpy, operands, params)


def _over_arrays(function: Callable, operands: list, params: dict) -> Any:
    """Call a function that looks at shapes, which a single symbol has not."""
    arrays = [o if isinstance(o, np.ndarray) else np.array(o, dtype=object) for o in operands]
    found = function(*arrays, **params)
    return found[()] if isinstance(found, np.ndarray) else found


def _by_name(namespace: Any, name: str) -> Callable:
    """Return a row as a universal function over arrays of objects."""
    primitive = PRIMITIVES[name]
    return np.frompyfunc(_form(primitive, namespace, {}), len(primitive.domain), 1, identity=None)


def _form(primitive: Primitive, namespace: Any, params: dict) -> Callable:
    """Return the row's form as a function of scalars."""
    form = primitive.sympy
    if isinstance(form, str):
        function: Callable = getattr(namespace, form)
    else:
        assert form is not None
        function = partial(form, namespace, **params)
    guarded = getattr(namespace, "guarded", None)
    return guarded(function) if guarded else function
