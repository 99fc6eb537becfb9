"""A program of arrays as one function of NumPy calls, each told where to write."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import numpy as np

from ..core.program import Program, Step
from ..primitives.shaping import index_text, inverse_order, is_basic
from .array_forms import EXPRESSIONS, called, writer
from .block_code import local_names, write_run
from .blocks import blocks
from .homes import RUN, Given
from .orders import Order, c_order, conflict
from .putting import clear, put
from .reading import names_in
from .routine import Routine, Statement
from .scalar_code import guard_statement
from .storage import Storage
from .text import Length, Variables


class ArrayCode:
    """Writes the steps of a program, one by one, into a Routine."""

    def __init__(
        self,
        program: Program,
        storage: Storage,
        names: Variables,
        routine: Routine,
        products: bool = True,
    ) -> None:
        self.program = program
        self.storage = storage
        self.types = self.storage.types
        self.names = names
        self.routine = routine
        self.products = products
        self._constants: dict[Any, str] = {}
        self._memory: dict[str, str] = {}  # of places in another order than C's
        self._same: dict[str, str] = {}  # steps that are written into another's array
        self._slices: dict[tuple[str, str], str] = {}
        self.opened: set[str] = set()  # arrays that are there before their step: parts are written

    def write(self) -> list[str]:
        """Write the steps, one by one; return the expressions of the results."""
        for step in self.program.steps:
            self._write(step)
        outputs = zip(self.program.outputs, self.storage.copied, strict=True)
        self.routine.outputs = tuple(self.names[n] for n in self.program.outputs)
        return [self.names[n] + (".copy()" if copied else "") for n, copied in outputs]

    def within(self, program: Program, given: dict[str, Given]) -> ArrayCode:
        """Return what writes a part of this text: names and constants are the same."""
        storage = Storage(program, writer, self.storage.reuse, self.storage.arranged, given)
        routine = self.routine.within([self.names[n] for n in program.inputs])
        inner = ArrayCode(program, storage, self.names, routine, self.products)
        inner._constants = self._constants
        return inner

    # -- one step -------------------------------------------------------------------

    def _write(self, step: Step) -> None:
        kind = self.storage.home[step.name].kind
        if step.primitive.name == "guard":
            target, reads = self.names[step.name], self.reads(step)
            statement = guard_statement(
                step, self.operand(step.operands[0]), target, reads, self.routine
            )
            self.routine.body.append(statement)
        elif step.name in self.storage.inserted:
            self._insert(step)
        elif kind == "view":
            self._view(step)
        elif kind in ("place", "part", "result", "given"):
            if step.name not in self.opened:
                self._allocate(step)
            write = writer(step)
            assert write is not None
            write(self, step)
        elif step.primitive.name == RUN:  # a number, that blocks add up
            write_run(self, step)
        else:
            text = EXPRESSIONS.get(step.primitive.name, called)(self, step)
            self.bind(step, text)

    def bind(self, step: Step, text: str) -> None:
        """Write ``name = text``."""
        target = self.names[step.name]
        self.routine.body.append(Statement(f"{target} = {text}", target, self.reads(step)))

    def do(self, step: Step, text: str, *more: str) -> None:
        """Write a statement that fills the array of this step, and may use more names."""
        reads = (*self.reads(step), self.names[step.name], *more)
        self.routine.body.append(Statement(text, None, reads))

    def reads(self, step: Step) -> tuple[str, ...]:
        """Return the names of a step's operands."""
        return tuple([self.names[o] for o in names_in(step.operands)])

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
            wanted = kind + "1" if kind == "c" else kind
            self._constants[key] = self.routine.bind(wanted, value)
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
            self._constants[key] = self.routine.bind("c1", np.array(value, dtype))
        return self._constants[key]

    def ones(self, n: int, dtype: Any) -> str:
        """Write a vector of ones."""
        key = ("ones", repr(n), dtype)
        if key not in self._constants and n.__class__ is Length:
            self._constants[key] = name = self.names.extra("ones")
            text = f"{name} = {self.numpy('ones')}({n!r}, {self.routine.dtype(dtype)})"
            self.routine.setup.append(text)
        elif key not in self._constants:
            self._constants[key] = self.routine.bind("ones", np.ones(n, dtype))
        return self._constants[key]

    # -- memory -----------------------------------------------------------------------

    def _static(self, name: str) -> bool:
        """Say whether a variable is the same memory at every call."""
        home = self.storage.home.get(name)
        return home is not None and self.storage.home[home.root].kind == "place"

    def _allocate(self, step: Step) -> None:
        """Make the array that a step writes into."""
        name, kind, home = self.names[step.name], step.type, self.storage.home[step.name]
        if home.kind == "given":
            return None
        if home.kind == "part":
            return self._open(step)
        if home.kind == "result":
            text = f"{name} = {self.empty(kind.shape, kind.dtype)}"
            self.routine.body.append(Statement(text, name, ()))
            return
        order = home.order
        memory = self._memory_for(step, tuple(kind.shape[axis] for axis in order))
        if order != c_order(len(order)):
            self._memory[step.name] = self.names.extra(f"{name}_memory")
            self.routine.setup.append(f"{self._memory[step.name]} = {memory}")
            memory = f"{self._memory[step.name]}.transpose({inverse_order(order)})"
        self.routine.setup.append(f"{name} = {memory}")

    def _open(self, step: Step) -> None:
        """Make the array that gathers a step's result, and take the part of it."""
        whole, index = self.storage.parts[step.name]
        if whole.name not in self.opened:
            self.opened.add(whole.name)
            self._allocate(whole)
            clear(self, whole)
        name, text = self.names[step.name], self.index(index)
        self._slices[whole.name, text] = name
        text = f"{self.names[whole.name]}[{text}]"
        if self._static(step.name):
            self.routine.setup.append(f"{name} = {text}")
        else:
            self.routine.body.append(Statement(f"{name} = {text}", name, (self.names[whole.name],)))

    def _memory_for(self, step: Step, shape: tuple[int, ...]) -> str:
        """Write a C-ordered array of this shape: a new one, or that of an earlier place."""
        kind, earlier = step.type, self.storage.same_as.get(step.name)
        if earlier is None:
            return self.empty(shape, kind.dtype)
        old, order = self.types[earlier], self.storage.home[earlier].order
        text = self._memory.get(earlier, self.names[earlier])
        if old.dtype != kind.dtype:
            text += f".reshape(-1).view({self.routine.dtype(kind.dtype)})"
        if old.dtype != kind.dtype or tuple(old.shape[axis] for axis in order) != shape:
            text += f".reshape({shape})"
        return text

    def numpy(self, function: str) -> str:
        """Return the name of a function of NumPy."""
        return self.routine.numpy(function)

    def empty(self, shape: tuple[int, ...], dtype: np.dtype) -> str:
        """Write a new array, in the words that NumPy takes fastest."""
        told = str(shape[0] if len(shape) == 1 else shape)
        if dtype != np.float64:
            told += f", {self.routine.dtype(dtype)}"
        return f"{self.numpy('empty')}({told})"

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
        memory = self.empty(tuple(shape[a] for a in wanted), self.types[operand].dtype)
        axes = inverse_order(wanted)
        self.routine.setup.append(f"{name} = {memory}.transpose({axes})")
        self.routine.body.append(Statement(f"{name}[...] = {text}", None, (text,)))
        return name

    def reshaped(self, name: str, order: Order, shape: tuple[int, ...]) -> str:
        """Write an array that has no gaps in another shape, its axes taken in this order."""
        text = self.names[name]
        if order != c_order(len(order)):
            text += f".transpose({order})"
        text += f".reshape({shape})"
        if not self._static(name):
            return text
        view = self.names.extra(f"{self.names[name]}_reshaped")
        self.routine.setup.append(f"{view} = {text}")
        return view

    def part(self, step: Step, index: Any) -> str:
        """Return the name of the part of a step's array at this index, which is taken once."""
        whole, text = self._same.get(step.name, step.name), self.index(index)
        name = self._slices.get((whole, text))
        if name is None:
            name = self._slices[whole, text] = self.names.extra(f"{self.names[whole]}_part")
            text = f"{name} = {self.names[whole]}[{text}]"
            if self._static(whole):
                self.routine.setup.append(text)
            else:
                self.routine.body.append(Statement(text, name, (self.names[whole],)))
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
        self._same[step.name] = self._same.get(target, target)
        if self._static(target):
            self.routine.setup.append(f"{name} = {self.names[target]}")
        else:
            self.bind(step, self.names[target])
        put(self, step, value)

    def index(self, index: Any) -> str:
        """Write an index; arrays in it are objects with a name."""
        if is_basic(index):
            return index_text(index)
        return self.constant(index, "index")


def array_routine(
    program: Program, name: str, without: Collection[str] = (), avoid: Iterable[str] = ()
) -> tuple[Routine, list[str]]:
    """Write a program of arrays; return the routine and its result expressions."""
    reuse, arranged = "buffers" not in without, "orders" not in without
    storage = Storage(program, writer, reuse, arranged)
    variables = [*program.inputs, *[step.name for step in program.steps]]
    if "blocks" not in without:
        blocked = blocks(program, storage)
        if blocked is not program:
            program, storage = blocked, Storage(blocked, writer, reuse, arranged)
            variables += local_names(blocked)
    names = Variables(variables, avoid)
    inputs = [names[n] for n in program.inputs]
    routine = Routine(names.extra(name), inputs, names.extra, quiet=True)
    code = ArrayCode(program, storage, names, routine, "products" not in without)
    return routine, code.write()
