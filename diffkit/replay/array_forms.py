"""How each row is written as a NumPy call: into a place, or as an expression."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from ..core.program import Step
from ..primitives.shaping import is_basic
from .block_code import write_run
from .homes import RUN
from .indices import rows_of
from .putting import gather, put_into_copy, scatter
from .reading import shape_in
from .summing import sum_into, sum_of

if TYPE_CHECKING:
    from .array_code import ArrayCode

_OPERATORS = {
    "add": "{0} + {1}",
    "subtract": "{0} - {1}",
    "multiply": "{0}*{1}",
    "divide": "{0}/{1}",
    "negative": "-{0}",
    "greater": "{0} > {1}",
    "greater_equal": "{0} >= {1}",
    "less": "{0} < {1}",
    "less_equal": "{0} <= {1}",
    "equal": "{0} == {1}",
    "not_equal": "{0} != {1}",
}
_CLEARED_AT_ONCE = 2**16  # bytes of a result of np.dot; 0.35 us are saved, whatever its size
_SAME_AS_UFUNC = {"positive", "invert", "bitwise_and", "bitwise_or", "bitwise_xor"}
_LIBRARIES = {"numpy", "scipy", __name__.partition(".")[0]}
_REDUCING = {"sum": "add", "prod": "multiply", "max": "maximum", "min": "minimum"}


def ufunc_of(step: Step) -> np.ufunc | None:
    """Return the ufunc of NumPy that computes a row, if one does."""
    row = step.primitive
    if isinstance(row.numpy, np.ufunc) and not step.params:
        return row.numpy if getattr(np, row.numpy.__name__, None) is row.numpy else None
    if row.name in _OPERATORS or row.name in _SAME_AS_UFUNC or row.name in ("power", "remainder"):
        return getattr(np, row.name)
    return np.floor_divide if row.name == "floor_divide" else None


# -- writers: the result goes to a place ------------------------------------------------


def _ufunc(code: ArrayCode, step: Step) -> None:
    ufunc = ufunc_of(step)
    assert ufunc is not None
    dtype = _weak_dtype(code, step)
    operands = [code.in_order(step, o, code.entries(o, dtype)) for o in step.operands]
    out = "out=" if ufunc in (np.maximum, np.minimum) else ""  # NumPy asks for the keyword here
    function = code.numpy(ufunc.__name__)
    code.do(step, f"{function}({', '.join(operands)}, {out}{code.names[step.name]})")


def _weak_dtype(code: ArrayCode, step: Step) -> Any:
    """Return the dtype that Python numbers among the operands take on."""
    if step.type.dtype != bool:
        return step.type.dtype
    kinds = [code.types[o].dtype if o.__class__ is str else o for o in step.operands]
    return np.result_type(*kinds)


def _reduce(code: ArrayCode, step: Step) -> None:
    text = sum_into(code, step)
    code.do(step, text or f"{_reduced(code, step)[:-1]}, out={code.names[step.name]})")


def _mean(code: ArrayCode, step: Step) -> None:
    name = code.names[step.name]
    _reduce(code, step)
    count = code.constant(np.array(_count(code, step), step.type.dtype))
    code.do(step, f"{code.numpy('divide')}({name}, {count}, {name})")


def _matmul(code: ArrayCode, step: Step) -> None:
    a, b = [code.operand(o) for o in step.operands]
    function = code.numpy("dot" if _suits_dot(code, step) else "matmul")
    code.do(step, f"{function}({a}, {b}, {code.names[step.name]})")


def _suits_dot(code: ArrayCode, step: Step) -> bool:
    """Say whether np.dot gives the same numbers sooner: it asks less, but clears its result."""
    kind, (a, b) = step.type, [shape_in(o, code.types) for o in step.operands]
    dtypes = {code.types[o].dtype if o.__class__ is str else o.dtype for o in step.operands}
    small = kind.size * kind.dtype.itemsize <= _CLEARED_AT_ONCE or a[-1] == 1
    plain = dtypes == {kind.dtype} and kind.dtype.kind in "fc"
    return small and plain and max(len(a), len(b)) <= 2 and code.storage.home[step.name].contiguous


def _copy(code: ArrayCode, step: Step) -> None:
    """Copy entries: of a constant, repeated ones."""
    code.do(step, f"{code.names[step.name]}[...] = {code.operand(step.operands[0])}")


def _transpose(code: ArrayCode, step: Step) -> None:
    value = f"{code.operand(step.operands[0])}.transpose({step.params['axes']})"
    code.do(step, f"{code.names[step.name]}[...] = {value}")


def _reshape(code: ArrayCode, step: Step) -> None:
    """Copy entries in another order than that in which they lie."""
    home, value = code.storage.home[step.name], code.operand(step.operands[0])
    if home.kind == "given":  # part of an array: not one stretch
        code.do(step, f"{code.names[step.name]}[...] = {value}.reshape({step.type.shape})")
    else:
        target = code.reshaped(step.name, home.order, shape_in(step.operands[0], code.types))
        code.do(step, f"{target}[...] = {value}")


def _take(code: ArrayCode, step: Step) -> None:
    """Take rows; all of them are there, so that nothing is clipped."""
    found = rows_of(step.params["index"], shape_in(step.operands[0], code.types))
    assert found is not None
    value, rows = code.operand(step.operands[0]), code.constant(found[0], "rows")
    code.do(step, f'{value}.take({rows}, {found[1]}, {code.names[step.name]}, "clip")')


def _count(code: ArrayCode, step: Step) -> int:
    shape, axis = shape_in(step.operands[0], code.types), step.params["axis"]
    return math.prod([shape[i] for i in (range(len(shape)) if axis is None else axis)])


WRITERS: dict[str, Callable[[ArrayCode, Step], None]] = {
    **dict.fromkeys(_REDUCING, _reduce),
    "mean": _mean,
    "matmul": _matmul,
    "broadcast_to": _copy,
    "reshape": _reshape,
    "transpose": _transpose,
    "copy": _copy,
    "getitem": _take,
    "concatenate": gather,
    "stack": gather,
    "scatter": scatter,
    "set_at": put_into_copy,
    "add_at": put_into_copy,
    RUN: write_run,
}


def writer(step: Step) -> Callable[[ArrayCode, Step], None] | None:
    """Return what writes a step into a given place; None where NumPy must allocate."""
    found = WRITERS.get(step.primitive.name)
    if found is not None:
        return found
    return _ufunc if step.primitive.elementwise and ufunc_of(step) is not None else None


# -- expressions: a number, a view, or an array that NumPy allocates -----------------------


def called(code: ArrayCode, step: Step) -> str:
    """Call the row's own function."""
    operands = [code.operand(o) for o in step.operands]
    numpy = step.primitive.numpy
    ufunc = ufunc_of(step)
    form = _OPERATORS.get(step.primitive.name)
    if form is not None and any(o.__class__ is str for o in step.operands):
        return form.format(*operands)
    if ufunc is not None:
        return f"{code.numpy(ufunc.__name__)}({', '.join(operands)})"
    code.routine.foreign |= _root(numpy) not in _LIBRARIES
    name = code.constant(numpy, step.primitive.name)
    said = [f"{key}={code.constant(v, key)}" for key, v in step.params.items()]
    return f"{name}({', '.join([*operands, *said])})"


def _root(function: Callable) -> str:
    return str(getattr(function, "__module__", "")).partition(".")[0]


def _reduction(code: ArrayCode, step: Step) -> str:
    return sum_of(code, step) or _reduced(code, step)


def _reduced(code: ArrayCode, step: Step) -> str:
    axis, keep = step.params["axis"], step.params["keepdims"]
    ufunc = code.numpy(_REDUCING.get(step.primitive.name, "add"))
    said = ", keepdims=True" if keep else ""
    axis = axis[0] if axis is not None and len(axis) == 1 else axis
    return f"{ufunc}.reduce({code.operand(step.operands[0])}, {axis}{said})"


def _mean_expression(code: ArrayCode, step: Step) -> str:
    return f"{_reduction(code, step)}/{_count(code, step)}"


def _product(code: ArrayCode, step: Step) -> str:
    a, b = [code.operand(o) for o in step.operands]
    return f"{code.numpy('dot' if step.type.shape == () else 'matmul')}({a}, {b})"


def _transposed(code: ArrayCode, step: Step) -> str:
    axes = step.params["axes"]
    turned = axes == tuple(reversed(range(len(axes))))
    return code.operand(step.operands[0]) + (".T" if turned else f".transpose({axes})")


def _indexed(code: ArrayCode, step: Step) -> str:
    index = step.params["index"]
    text = f"{code.operand(step.operands[0])}[{code.index(index)}]"
    return _entry(step, text) if is_basic(index) and "..." in code.index(index) else text


def _entry(step: Step, text: str) -> str:
    """Take a number out of the array that it is a view of, and that may be written over."""
    return text if step.type.shape else f"{text}[()]"


EXPRESSIONS: dict[str, Callable[[ArrayCode, Step], str]] = {
    **dict.fromkeys(_REDUCING, _reduction),
    "mean": _mean_expression,
    "matmul": _product,
    "reshape": lambda code, step: _entry(
        step, f"{code.operand(step.operands[0])}.reshape({step.type.shape})"
    ),
    "transpose": _transposed,
    "getitem": _indexed,
    "broadcast_to": lambda code, step: (
        f"{code.numpy('broadcast_to')}({code.operand(step.operands[0])}, {step.type.shape})"
    ),
    "copy": lambda code, step: code.operand(step.operands[0]),
}
