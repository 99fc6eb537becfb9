"""A program of arrays as one function of NumPy calls, each told where to write."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

import numpy as np

from ..core.program import Program, Step
from ..core.tracing import shape_of
from ..primitives.shaping import index_text, inverse_order, is_basic
from .orders import c_order, conflict
from .routine import Routine, Statement
from .scalar_code import guard_statement
from .storage import Storage
from .text import Variables

# -- how rows are written ------------------------------------------------------------

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
_SAME_AS_UFUNC = {"positive", "invert", "bitwise_and", "bitwise_or", "bitwise_xor"}
_REDUCING = {"sum": "np.add", "prod": "np.multiply", "max": "np.maximum", "min": "np.minimum"}


def ufunc_of(step: Step) -> np.ufunc | None:
    """Return the ufunc that computes a row, if one does."""
    row = step.primitive
    if isinstance(row.numpy, np.ufunc) and not step.params:
        return row.numpy
    if row.name in _OPERATORS or row.name in _SAME_AS_UFUNC or row.name in ("power", "remainder"):
        return getattr(np, row.name)
    return np.floor_divide if row.name == "floor_divide" else None


class ArrayCode:
    """Writes the steps of a program, one by one, into a Routine."""

    def __init__(
        self, program: Program, name: str, reuse: bool = True, arranged: bool = True
    ) -> None:
        self.program = program
        self.names = Variables([*program.inputs, *[step.name for step in program.steps]])
        self.storage = Storage(program, writer, reuse, arranged)
        self.types = self.storage.types
        self.routine = Routine(name, [self.names[n] for n in program.inputs])
        self.routine.around = "np.errstate(all='ignore')"
        self._constants: dict[Any, str] = {}
        self._memory: dict[str, str] = {}  # of places in another order than C's
        for step in program.steps:
            self._write(step)
        outputs = zip(program.outputs, self.storage.copied, strict=True)
        told = [self.names[n] + (".copy()" if copied else "") for n, copied in outputs]
        self.routine.outputs = tuple(self.names[n] for n in program.outputs)
        self.results = told

    # -- one step -------------------------------------------------------------------

    def _write(self, step: Step) -> None:
        kind = self.storage.home[step.name].kind
        if step.primitive.name == "guard":
            target, reads = self.names[step.name], self.reads(step)
            statement = guard_statement(
                step, self.operand(step.operands[0]), target, reads, self.routine.objects
            )
            self.routine.body.append(statement)
        elif step.name in self.storage.inserted:
            self._insert(step)
        elif kind == "view":
            self._view(step)
        elif kind in ("place", "result"):
            self._allocate(step)
            write = writer(step)
            assert write is not None
            write(self, step)
        else:
            text = EXPRESSIONS.get(step.primitive.name, _called)(self, step)
            self.bind(step, text)

    def bind(self, step: Step, text: str) -> None:
        """Write ``name = text``."""
        target = self.names[step.name]
        self.routine.body.append(Statement(f"{target} = {text}", target, self.reads(step)))

    def do(self, step: Step, text: str) -> None:
        """Write a statement that fills the array of this step."""
        self.routine.body.append(Statement(text, None, (*self.reads(step), self.names[step.name])))

    def reads(self, step: Step) -> tuple[str, ...]:
        """Return the names of a step's operands."""
        return tuple([self.names[o] for o in step.operands if o.__class__ is str])

    # -- operands ---------------------------------------------------------------------

    def operand(self, operand: Any) -> str:
        """Write an operand; what is not a short number is an object with a name."""
        if operand.__class__ is str:
            return self.names[operand]
        if operand.__class__ in (int, float) and np.isfinite(operand):
            return f"({operand!r})" if operand < 0 else repr(operand)
        return self.constant(operand)

    def constant(self, value: Any, kind: str = "c") -> str:
        """Bind an object that the text refers to by name."""
        key = id(value)
        if key not in self._constants:
            name = self.names.extra(kind + "1" if kind == "c" else kind)
            self._constants[key] = name
            self.routine.objects[name] = value
        return self._constants[key]

    def entries(self, operand: Any, dtype: Any) -> str:
        """Write an operand of a ufunc; a number as an array, which ufuncs take faster."""
        if operand.__class__ is str:
            return self.names[operand]
        if operand.__class__ in (int, float, bool):
            return self._number(operand, dtype)
        if isinstance(operand, np.generic):
            return self._number(operand, operand.dtype)
        return self.constant(operand)

    def _number(self, value: Any, dtype: Any) -> str:
        key = (repr(value), dtype)
        if key not in self._constants:
            name = self.names.extra("c1")
            self._constants[key] = name
            self.routine.objects[name] = np.array(value, dtype)
        return self._constants[key]

    # -- memory -----------------------------------------------------------------------

    def _static(self, name: str) -> bool:
        """Say whether a variable is the same memory at every call."""
        home = self.storage.home.get(name)
        return home is not None and self.storage.home[home.root].kind == "place"

    def _allocate(self, step: Step) -> None:
        """Make the array that a step writes into."""
        name, kind = self.names[step.name], step.type
        if self.storage.home[step.name].kind == "result":
            text = f"{name} = np.empty({kind.shape}, np.{kind.dtype.name})"
            self.routine.body.append(Statement(text, name, ()))
            return
        order = self.storage.home[step.name].order
        shape = tuple(kind.shape[axis] for axis in order)
        memory = self._memory_for(step, shape)
        if order != c_order(len(order)):
            self._memory[step.name] = self.names.extra(f"{name}_memory")
            self.routine.setup.append(f"{self._memory[step.name]} = {memory}")
            memory = f"{self._memory[step.name]}.transpose({inverse_order(order)})"
        self.routine.setup.append(f"{name} = {memory}")

    def _memory_for(self, step: Step, shape: tuple[int, ...]) -> str:
        """Write a C-ordered array of this shape: a new one, or that of an earlier place."""
        kind, earlier = step.type, self.storage.same_as.get(step.name)
        if earlier is None:
            return f"np.empty({shape}, np.{kind.dtype.name})"
        old, order = self.types[earlier], self.storage.home[earlier].order
        text = self._memory.get(earlier, self.names[earlier])
        if old.dtype != kind.dtype:
            text += f".reshape(-1).view(np.{kind.dtype.name})"
        if old.dtype != kind.dtype or tuple(old.shape[axis] for axis in order) != shape:
            text += f".reshape({shape})"
        return text

    def in_order(self, step: Step, operand: Any, text: str) -> str:
        """Copy a small operand that lies across the order in which a step runs."""
        kind, home = step.type, self.storage.home[step.name]
        if operand.__class__ is not str or len(self.types[operand].shape) < 2:
            return text
        shape, order = self.types[operand].shape, self.storage.home[operand].order
        small = 4 * self.types[operand].size <= kind.size
        if not small or not conflict(home.order, kind.shape, order, shape):
            return text
        extra = len(kind.shape) - len(shape)
        wanted = tuple(axis - extra for axis in home.order if axis >= extra)
        name = self.names.extra(f"{text}_ordered")
        memory = f"np.empty({tuple(shape[a] for a in wanted)}, np.{self.types[operand].dtype.name})"
        axes = inverse_order(wanted)
        self.routine.setup.append(f"{name} = {memory}.transpose({axes})")
        self.routine.body.append(Statement(f"{name}[...] = {text}", None, (text,)))
        return name

    def part(self, step: Step, whole: str, index: Any) -> str:
        """Write the part of an array at this index, as a name if that can be prepared."""
        text = f"{self.names[whole]}[{self.index(index)}]"
        if not self._static(whole):
            return text
        name = self.names.extra(f"{self.names[step.name]}_part")
        self.routine.setup.append(f"{name} = {text}")
        return name

    def _view(self, step: Step) -> None:
        """Look at another array: prepared once where that is in the same place at every call."""
        text = EXPRESSIONS[step.primitive.name](self, step)
        if self._static(step.name):
            self.routine.setup.append(f"{self.names[step.name]} = {text}")
        else:
            self.bind(step, text)

    def _insert(self, step: Step) -> None:
        """Write into the first operand, which nobody else will look at again."""
        target, value = step.operands
        name = self.names[step.name]
        if self._static(target):
            self.routine.setup.append(f"{name} = {self.names[target]}")
        else:
            self.bind(step, self.names[target])
        _put(self, step, value)

    def index(self, index: Any) -> str:
        """Write an index; arrays in it are objects with a name."""
        if is_basic(index):
            return index_text(index)
        return self.constant(index, "index")


# -- writers: the result goes to a place ------------------------------------------------


def _ufunc(code: ArrayCode, step: Step) -> None:
    ufunc = ufunc_of(step)
    assert ufunc is not None
    dtype = _weak_dtype(code, step)
    operands = [code.in_order(step, o, code.entries(o, dtype)) for o in step.operands]
    out = "out=" if ufunc in (np.maximum, np.minimum) else ""  # NumPy asks for the keyword here
    code.do(step, f"np.{ufunc.__name__}({', '.join(operands)}, {out}{code.names[step.name]})")


def _weak_dtype(code: ArrayCode, step: Step) -> Any:
    """Return the dtype that Python numbers among the operands take on."""
    if step.type.dtype != bool:
        return step.type.dtype
    kinds = [code.types[o].dtype if o.__class__ is str else o for o in step.operands]
    return np.result_type(*kinds)


def _reduce(code: ArrayCode, step: Step) -> None:
    code.do(step, f"{_reduction(code, step)[:-1]}, out={code.names[step.name]})")


def _mean(code: ArrayCode, step: Step) -> None:
    name = code.names[step.name]
    _reduce(code, step)
    count = code.constant(np.array(_count(code, step), step.type.dtype))
    code.do(step, f"np.true_divide({name}, {count}, {name})")


def _matmul(code: ArrayCode, step: Step) -> None:
    a, b = [code.operand(o) for o in step.operands]
    code.do(step, f"np.matmul({a}, {b}, {code.names[step.name]})")


def _fill(code: ArrayCode, step: Step) -> None:
    """Copy entries: a broadcast, a reshape out of order, a constant."""
    target, value = code.names[step.name], code.operand(step.operands[0])
    row = step.primitive.name
    if row == "reshape":
        shape = code.types[step.operands[0]].shape
        return code.do(step, f"{target}.reshape({shape})[...] = {value}")
    if row == "getitem":
        value = f"{value}[{code.index(step.params['index'])}]"
    code.do(step, f"{target}[...] = {value}")
    return None


def _concatenate(code: ArrayCode, step: Step) -> None:
    start, axis = 0, step.params["axis"]
    for operand in step.operands:
        n = _shape(code, operand)[axis]
        index = (slice(None),) * axis + (slice(start, start + n),)
        code.do(step, f"{code.part(step, step.name, index)}[...] = {code.operand(operand)}")
        start += n


def _stack(code: ArrayCode, step: Step) -> None:
    axis = step.params["axis"]
    axis = axis + len(step.type.shape) if axis < 0 else axis
    for k, operand in enumerate(step.operands):
        if _shape(code, operand):
            index = (slice(None),) * axis + (k,)
            code.do(step, f"{code.part(step, step.name, index)}[...] = {code.operand(operand)}")
        else:
            code.do(step, f"{code.names[step.name]}[{k}] = {code.operand(operand)}")


def _scatter(code: ArrayCode, step: Step) -> None:
    name = code.names[step.name]
    code.do(step, f"{name}.fill(0)")
    index = step.params["index"]
    if not is_basic(index):
        code.do(step, f"np.add.at({name}, {code.index(index)}, {code.operand(step.operands[0])})")
    else:
        _assign(code, step, step.operands[0], index)


def _put_into_copy(code: ArrayCode, step: Step) -> None:
    code.do(step, f"{code.names[step.name]}[...] = {code.operand(step.operands[0])}")
    _put(code, step, step.operands[1])


def _put(code: ArrayCode, step: Step, value: Any) -> None:
    """Assign to, or add to, the entries at the index."""
    name, index = code.names[step.name], step.params["index"]
    if step.primitive.name == "set_at":
        return _assign(code, step, value, index)
    if not is_basic(index):
        return code.do(step, f"np.add.at({name}, {code.index(index)}, {code.operand(value)})")
    if _is_entry(step, index):
        return code.do(step, f"{name}[{code.index(index)}] += {code.operand(value)}")
    part = code.part(step, step.name, index)
    return code.do(step, f"np.add({part}, {code.entries(value, step.type.dtype)}, {part})")


def _assign(code: ArrayCode, step: Step, value: Any, index: Any) -> None:
    if not is_basic(index) or _is_entry(step, index):
        text = f"{code.names[step.name]}[{code.index(index)}]"
    else:
        text = f"{code.part(step, step.name, index)}[...]"
    code.do(step, f"{text} = {code.operand(value)}")


def _is_entry(step: Step, index: Any) -> bool:
    """Say whether a basic index picks one entry, of which there are no views."""
    parts = index if isinstance(index, tuple) else (index,)
    return len(parts) == len(step.type.shape) and not any(
        isinstance(part, slice) or part is None or part is Ellipsis for part in parts
    )


def _shape(code: ArrayCode, operand: Any) -> tuple[int, ...]:
    return code.types[operand].shape if operand.__class__ is str else shape_of(operand)


def _count(code: ArrayCode, step: Step) -> int:
    shape, axis = _shape(code, step.operands[0]), step.params["axis"]
    return int(np.prod([shape[i] for i in (range(len(shape)) if axis is None else axis)]))


WRITERS: dict[str, Callable[[ArrayCode, Step], None]] = {
    **dict.fromkeys(_REDUCING, _reduce),
    "mean": _mean,
    "matmul": _matmul,
    "broadcast_to": _fill,
    "reshape": _fill,
    "transpose": _fill,
    "copy": _fill,
    "concatenate": _concatenate,
    "stack": _stack,
    "scatter": _scatter,
    "set_at": _put_into_copy,
    "add_at": _put_into_copy,
}


def writer(step: Step) -> Callable[[ArrayCode, Step], None] | None:
    """Return what writes a step into a given place; None where NumPy must allocate."""
    found = WRITERS.get(step.primitive.name)
    if found is not None:
        return found
    return _ufunc if step.primitive.elementwise and ufunc_of(step) is not None else None


# -- expressions: a number, a view, or an array that NumPy allocates -----------------------


def _called(code: ArrayCode, step: Step) -> str:
    """Call the row's own function."""
    operands = [code.operand(o) for o in step.operands]
    numpy = step.primitive.numpy
    ufunc = ufunc_of(step)
    form = _OPERATORS.get(step.primitive.name)
    if form is not None and any(o.__class__ is str for o in step.operands):
        return form.format(*operands)
    if ufunc is not None:
        return f"np.{ufunc.__name__}({', '.join(operands)})"
    name = code.constant(numpy, step.primitive.name)
    said = [f"{key}={code.constant(v, key)}" for key, v in step.params.items()]
    return f"{name}({', '.join([*operands, *said])})"


def _reduction(code: ArrayCode, step: Step) -> str:
    axis, keep = step.params["axis"], step.params["keepdims"]
    ufunc = _REDUCING.get(step.primitive.name, "np.add")
    said = ", keepdims=True" if keep else ""
    axis = axis[0] if axis is not None and len(axis) == 1 else axis
    return f"{ufunc}.reduce({code.operand(step.operands[0])}, {axis}{said})"


def _mean_expression(code: ArrayCode, step: Step) -> str:
    return f"{_reduction(code, step)}/{_count(code, step)}"


def _product(code: ArrayCode, step: Step) -> str:
    a, b = [code.operand(o) for o in step.operands]
    return f"np.dot({a}, {b})" if step.type.shape == () else f"np.matmul({a}, {b})"


EXPRESSIONS: dict[str, Callable[[ArrayCode, Step], str]] = {
    **dict.fromkeys(_REDUCING, _reduction),
    "mean": _mean_expression,
    "matmul": _product,
    "reshape": lambda code, step: f"{code.operand(step.operands[0])}.reshape({step.type.shape})",
    "transpose": lambda code, step: (
        f"{code.operand(step.operands[0])}.transpose({step.params['axes']})"
    ),
    "getitem": lambda code, step: (
        f"{code.operand(step.operands[0])}[{code.index(step.params['index'])}]"
    ),
    "broadcast_to": lambda code, step: (
        f"np.broadcast_to({code.operand(step.operands[0])}, {step.type.shape})"
    ),
    "copy": lambda code, step: code.operand(step.operands[0]),
}


def array_routine(
    program: Program, name: str, without: Collection[str] = ()
) -> tuple[Routine, list[str]]:
    """Write a program of arrays; return the routine and its result expressions."""
    code = ArrayCode(program, name, "buffers" not in without, "orders" not in without)
    return code.routine, code.results
