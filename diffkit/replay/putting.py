"""How values are put at an index of an array that is there: joins, scatters, assignments."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from ..core.program import Step
from ..primitives.shaping import is_basic
from .gathering import parts_of
from .indices import is_distinct, is_entry, rest_of
from .reading import bytes_of, shape_in

if TYPE_CHECKING:
    from .array_code import ArrayCode

_SMALL = 2**14  # bytes that are cleared in the time of taking two slices
_ENOUGH = 256  # entries added to rows; below, np.add.at is faster than taking and putting them


def gather(code: ArrayCode, step: Step) -> None:
    """Copy what is not there already into its part of a join."""
    for operand, index in parts_of(step, code.types):
        if not _written_there(code, step, operand):
            _assign(code, step, operand, index)


def scatter(code: ArrayCode, step: Step) -> None:
    """Put a value into zeros."""
    if step.name not in code.opened:
        clear(code, step)
    index, value = step.params["index"], step.operands[0]
    if is_basic(index):
        gather(code, step)
    elif is_distinct(index, step.type.shape):
        _assign(code, step, value, index)
    else:
        _add_at(code, step, value)


def _written_there(code: ArrayCode, step: Step, operand: Any) -> bool:
    """Say whether an operand has been computed in its part of this step's array."""
    named = operand.__class__ is str and code.storage.home[operand].kind == "part"
    return named and code.storage.parts[operand].whole.name == step.name


def clear(code: ArrayCode, step: Step) -> None:
    """Write zeros to what a scatter leaves out; small arrays are cleared as a whole."""
    if step.primitive.name != "scatter":
        return
    rest = rest_of(step.type.shape, step.params["index"])
    single = rest is not None and all(_is_single(step, index) for index in rest)
    if rest is None or (bytes_of(step.type) <= _SMALL and not single):
        code.do(step, f"{code.names[step.name]}.fill(0)")
        return
    for index in rest:
        _clear_part(code, step, index)


def _clear_part(code: ArrayCode, step: Step, index: tuple) -> None:
    if _is_single(step, index):
        code.do(step, f"{code.names[step.name]}[{index[0].start}] = 0")
    else:
        part = code.part(step, index)
        code.do(step, f"{part}.fill(0)", part)


def _is_single(step: Step, index: tuple) -> bool:
    return len(step.type.shape) == 1 and index[0].stop - index[0].start == 1


def put_into_copy(code: ArrayCode, step: Step) -> None:
    """Assign to, or add to, the entries of a copy."""
    code.do(step, f"{code.names[step.name]}[...] = {code.operand(step.operands[0])}")
    put(code, step, step.operands[1])


def put(code: ArrayCode, step: Step, value: Any) -> None:
    """Assign to, or add to, the entries at the index."""
    index = step.params["index"]
    if step.primitive.name == "set_at":
        _assign(code, step, value, index)
    elif not is_basic(index):
        _add_at(code, step, value)
    elif is_entry(index, len(step.type.shape)):
        name = code.names[step.name]
        code.do(step, f"{name}[{code.index(index)}] += {code.operand(value)}")
    else:
        part, added = code.part(step, index), code.entries(value, step.type.dtype)
        code.do(step, f"{code.numpy('add')}({part}, {added}, {part})", part)


def _add_at(code: ArrayCode, step: Step, value: Any) -> None:
    """Add to the entries that arrays name, each as often as it is named."""
    name, index = code.names[step.name], code.index(step.params["index"])
    large = math.prod(shape_in(value, code.types)) >= _ENOUGH and len(step.type.shape) > 1
    if large and is_distinct(step.params["index"], step.type.shape):
        code.do(step, f"{name}[{index}] += {code.operand(value)}")
    else:
        code.do(step, f"{code.numpy('add')}.at({name}, {index}, {code.operand(value)})")


def _assign(code: ArrayCode, step: Step, value: Any, index: Any) -> None:
    if not is_basic(index) or is_entry(index, len(step.type.shape)):
        code.do(step, f"{code.names[step.name]}[{code.index(index)}] = {code.operand(value)}")
    else:
        part = code.part(step, index)
        code.do(step, f"{part}[...] = {code.operand(value)}", part)
