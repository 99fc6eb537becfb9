"""A tracer behaves as a NumPy array: operators, methods, and NumPy's two protocols.

Whatever reaches a tracer here is either answered by a definition in
`functions`, or refused with the line to write instead. Nothing is answered by
NumPy behind our back: that is how gradients silently become zero.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

import numpy as np

from ..core.primitive import Primitive
from ..core.tracing import Abstract, Tracer, concrete, shape_of
from ..errors import BranchChanged, DiffkitError, MissingRule, TracingError, user_line
from . import arithmetic, comparison, contraction, elementwise, functions, shaping
from .assignment import assign, check_memory, in_place, into, point_to
from .functions import FUNCTIONS, as_array, definition_of
from .reducing import reduced
from .rules import array_row
from .several import pick
from .shaping import AT_ONCE

# -- operators ---------------------------------------------------------------------

_BINARY = {
    "add": arithmetic.add,
    "sub": arithmetic.subtract,
    "mul": arithmetic.multiply,
    "truediv": arithmetic.divide,
    "floordiv": arithmetic.floor_divide,
    "mod": arithmetic.remainder,
    "pow": arithmetic.power,
    "matmul": contraction.matmul,
    "and": comparison.bitwise_and,
    "or": comparison.bitwise_or,
    "xor": comparison.bitwise_xor,
}
_COMPARED = {
    "lt": comparison.less,
    "le": comparison.less_equal,
    "gt": comparison.greater,
    "ge": comparison.greater_equal,
    "eq": comparison.equal,
    "ne": comparison.not_equal,
}
_UNARY = {
    "neg": elementwise.negative,
    "pos": elementwise.positive,
    "abs": elementwise.absolute,
    "invert": comparison.invert,
}
_NUMBERS = (Tracer, float, int, np.float64)
_NO_PARAMS: dict[str, Any] = {}


def _forward(primitive: Primitive) -> Callable:
    def operate(self: Tracer, other: Any) -> Any:
        kind = other.__class__
        if kind is float or kind is int:
            slots = (self.index, -1)
            return self.tape.apply(primitive, (self.value, other), slots, _NO_PARAMS)
        if kind is Tracer and other.tape is self.tape:
            slots = (self.index, other.index)
            return self.tape.apply(primitive, (self.value, other.value), slots, _NO_PARAMS)
        return primitive(self, as_array(other)) if _operand(other) else NotImplemented

    return operate


def _reflected(primitive: Primitive) -> Callable:
    def operate(self: Tracer, other: Any) -> Any:
        if other.__class__ is float or other.__class__ is int:
            slots = (-1, self.index)
            return self.tape.apply(primitive, (other, self.value), slots, _NO_PARAMS)
        return primitive(as_array(other), self) if _operand(other) else NotImplemented

    return operate


def _operand(other: Any) -> bool:
    """Say whether NumPy would compute with this."""
    return isinstance(other, (Tracer, np.ndarray, np.generic, float, int, complex, list, tuple))


def _single(primitive: Primitive) -> Callable:
    return lambda self: self.tape.apply(primitive, (self.value,), (self.index,), _NO_PARAMS)


def _divmod(self: Tracer, other: Any) -> tuple:
    return self // other, self % other


def _rdivmod(self: Tracer, other: Any) -> tuple:
    return other // self, other % self


# -- NumPy's protocols ---------------------------------------------------------------


def array_ufunc(self: Tracer, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
    """Answer a ufunc that met a traced value."""
    if method != "__call__":
        definition = reduced(ufunc, method)
    else:
        definition = FUNCTIONS.get(ufunc) or definition_of(ufunc)
    if definition is None:
        raise _no_row(_ufunc_name(ufunc, method))
    if definition.__class__ is Primitive and len(inputs) == 1 and not kwargs:
        return self.tape.apply(definition, (self.value,), (self.index,), _NO_PARAMS)
    out = kwargs.pop("out", (None,))[0] if kwargs else None
    for x in inputs:
        if x.__class__ not in _NUMBERS:
            inputs = tuple(map(as_array, inputs))
            break
    if kwargs:
        result = _with_options(_ufunc_name(ufunc, method), definition, inputs, kwargs)
    else:
        result = definition(*inputs)
    if out is None:
        return result
    return into(out, result, f"{_ufunc_name(ufunc, method)}(..., out=) or an in-place operator")


def _with_options(name: str, definition: Callable, inputs: tuple, options: dict) -> Any:
    """Call with keyword arguments; name those that are not taken."""
    if isinstance(definition, Primitive):
        raise _no_option(name, options)
    _check_options(name, definition, inputs, options)
    return definition(*inputs, **options)


def array_function(self: Tracer, func: Any, types: Any, args: tuple, kwargs: dict) -> Any:
    """Answer any other NumPy function that met a traced value."""
    definition = FUNCTIONS.get(func) or definition_of(func)
    if definition is None:
        name = f"{func.__module__}.{func.__name__}".replace("numpy", "np", 1)
        if func.__name__ in _WRITERS:
            raise _stored(name, args[0])
        raise _no_row(name)
    out = kwargs.pop("out", None)
    try:
        result = definition(*args, **kwargs)
    except TypeError as error:
        if isinstance(error, DiffkitError):
            raise
        _check_options(f"np.{func.__name__}", definition, args, kwargs)
        raise
    return result if out is None else into(out, result, f"np.{func.__name__}(..., out=)")


_WRITERS = {
    "copyto", "put", "putmask", "place", "fill_diagonal", "put_along_axis", "at",
}  # fmt: skip


def _ufunc_name(ufunc: Any, method: str = "__call__") -> str:
    """Return np.exp for NumPy's own ufuncs, the bare name for those of other libraries."""
    name = ufunc.__name__
    name = f"np.{name}" if getattr(np, name, None) is ufunc else name
    return name if method == "__call__" else f"{name}.{method}"


def _check_options(name: str, definition: Callable, args: tuple, kwargs: dict) -> None:
    """Name the arguments that the definition does not take."""
    signature = inspect.signature(definition)
    try:
        signature.bind(*args, **kwargs)
    except TypeError:
        refused = {k: v for k, v in kwargs.items() if k not in signature.parameters}
        raise _no_option(name, refused or {"so many positional arguments": args}) from None


def _no_row(name: str) -> MissingRule:
    return MissingRule(
        f"{name} met a traced value{user_line()}, but has no row. Write it with functions that "
        f"have one, or give it a rule: dk.register({name}, partials=[lambda y, x: ...]) "
        "(docs/adding_a_primitive.md)."
    )


def _no_option(name: str, options: dict) -> MissingRule:
    told = ", ".join(key if " " in key else f"{key}=" for key in options)
    return MissingRule(f"{name} of a traced value{user_line()} does not take {told}; leave it out")


def _stored(how: str, target: Any) -> TracingError:
    if target.__class__ is Tracer:
        return TracingError(
            f"{how} into a traced array{user_line()} is not covered, but assignment is: "
            "a[...] = v, a[mask] = v, a[i] = v, or a[i, i] = v with i = np.arange(n)"
        )
    return TracingError(
        f"{how} writes a traced value into a plain NumPy array{user_line()}, where its "
        "derivative would be lost. Make a new array instead: a = a + x, np.where(mask, x, a), "
        "or collect a list and np.stack it."
    )


# -- Python's protocol -----------------------------------------------------------------


def _check_guard(value: Any, *, expected: Any) -> Any:
    """Raise when what a recorded program was built on is no longer so."""
    if value.__class__ is not Abstract and not np.array_equal(value, expected, equal_nan=True):
        raise BranchChanged(
            f"the program was recorded where this value is {expected}: a branch, an index or a mask "
            "that it took depends on it, and at these inputs it is another. Record again at these "
            "inputs (dk.lower), or call dk.grad, which records at every call."
        )
    return value


guard = array_row(
    "guard",
    _check_guard,
    None,
    shape=lambda x, expected: x.shape,
    source="what a recording was built on: a branch, an index, a mask",
)


def settled(x: Tracer, what: str) -> Any:
    """Return the plain value of a traced bool or integer, and guard it for replays."""
    value = concrete(x)
    if value.__class__ is Abstract:
        raise TracingError(f"{what} on a value that is not known yet{user_line()}; use np.where")
    value = np.asarray(value)[()]
    guard(x, expected=value)
    return value


def _bool(self: Tracer) -> bool:
    value = concrete(self)
    if value.__class__ is Abstract:
        return bool(settled(self, "a branch"))
    taken = bool(value)
    guard(self if self.dtype == bool else self != 0, expected=taken)
    return taken


def _as_int(self: Tracer) -> int:
    """Integers carry no derivative: they may steer the computation, under a guard."""
    if self.dtype.kind in "iub" and not self.shape:
        return int(settled(self, "a loop or index"))
    if self.dtype.kind in "iu":
        return _REFUSE_POSITIONS(self)
    if self.dtype.kind == "b":
        return _REFUSE_MASK(self)
    return _REFUSE_INT(self)


def _refuse(what: str, instead: str) -> Callable:
    def refuse(self: Tracer, *args: Any) -> Any:
        self.tape.refusal = TracingError(
            f"a traced value cannot become {what}{user_line()}: its derivative would be lost. "
            + instead
        )
        raise self.tape.refusal

    return refuse


_NUMBER = (
    "Use NumPy on it (np.sin, not math.sin; no float(), np.float64() or np.random.* of it); "
    "for a[i] = x begin with a = np.zeros_like(x) instead of np.zeros, or use np.stack, "
    "also where np.mean or np.std takes a list."
)
_REFUSE_POSITIONS = _refuse(
    "positions in a plain array",
    "For a[i] with traced positions i write np.take_along_axis(a, i, 0).",
)
_REFUSE_MASK = _refuse(
    "a mask of a plain array",
    "For a[mask] with a traced mask write np.where(mask, a, 0.0).",
)
_REFUSE_INT = _refuse(
    "a Python int",
    "Pass whole numbers that steer the computation as arguments that are not traced.",
)


def _len(self: Tracer) -> int:
    if not self.shape:
        raise TypeError("len() of a scalar: this traced value has no axes")
    return self.shape[0]


def _iter(self: Tracer) -> Iterator:
    return (self[i] for i in range(_len(self)))  # type: ignore[index]


def _getitem(self: Tracer, index: Any) -> Any:
    if isinstance(concrete(self), tuple):  # in a rule: one of several results
        return pick(self, index=index)
    kind = index.__class__
    if kind in AT_ONCE or (kind is tuple and AT_ONCE.issuperset(map(type, index))):
        return self.tape.record_one(shaping.getitem, self, {"index": index})
    parts = index if isinstance(index, tuple) else (index,)
    if any(map(_mentions_tracer, parts)):
        parts = tuple(map(_traced_index_part, parts))
        if any(part.__class__ is Tracer for part in parts):
            return import_module("diffkit.primitives.taking").traced_index(self, parts)
    parts = tuple(map(_index_part, parts))
    return shaping.getitem(self, index=parts if isinstance(index, tuple) else parts[0])


def _mentions_tracer(part: Any) -> bool:
    if part.__class__ is Tracer:
        return True
    return isinstance(part, (list, np.ndarray)) and as_array(part).__class__ is Tracer


def _traced_index_part(part: Any) -> Any:
    """Return masks as plain arrays (under a guard), whole numbers as traced arrays."""
    part = as_array(part) if isinstance(part, (list, np.ndarray)) else part
    if part.__class__ is not Tracer:
        return part
    if part.dtype == bool:
        return settled(part, "a mask")
    if part.dtype.kind not in "iu":
        raise TracingError(
            f"a traced {part.dtype} is used as an index{user_line()}; indices are whole numbers"
        )
    return part


def _index_part(part: Any) -> Any:
    """Copy what the caller could change later."""
    if isinstance(part, (list, np.ndarray)):
        return np.array(part)
    return part


def _setitem(self: Tracer, index: Any, value: Any) -> None:
    value = as_array(value)
    if index.__class__ is Tracer and index.dtype == bool and not shape_of(value):
        check_memory(self)
        return point_to(self, arithmetic.where(index, value, self))
    parts = index if isinstance(index, tuple) else (index,)
    if any(map(_mentions_tracer, parts)):
        parts = tuple(settled(p, "an index") if p.__class__ is Tracer else p for p in parts)
    parts = tuple(map(_index_part, parts))
    return assign(self, parts if isinstance(index, tuple) else parts[0], value)


def _transposed(self: Tracer) -> Any:
    return functions.transpose(self)


def _method(definition: Callable, name: str) -> Callable:
    def method(self: Tracer, *args: Any, **kwargs: Any) -> Any:
        return definition(self, *args, **kwargs)

    method.__name__ = name
    method.__doc__ = f"As np.{name}."
    return method


def _sizes_method(definition: Callable) -> Callable:
    """x.reshape(2, 3) as well as x.reshape((2, 3)); x.transpose(1, 0) likewise."""

    def method(self: Tracer, *sizes: Any, **kwargs: Any) -> Any:
        if len(sizes) == 1 and not isinstance(sizes[0], (int, np.integer)):
            return definition(self, sizes[0], **kwargs)
        return definition(self, sizes or None, **kwargs)

    return method


def _flatten(self: Tracer, order: str = "C") -> Any:
    """A vector of its own, where ravel shares memory with the array."""
    return elementwise.copy(functions.ravel(self, order))


def _conj(self: Tracer) -> Any:
    """As NumPy's method, which gives an array of reals itself, not a copy."""
    return elementwise.conjugate(self) if self.dtype.kind == "c" else self


def _astype(self: Tracer, dtype: Any, **kwargs: Any) -> Any:
    dtype = np.dtype(dtype)
    if dtype == self.dtype and not kwargs.get("copy", True):
        return self
    if dtype.kind not in "fc":
        raise TracingError(
            f"astype({dtype}) of a traced value{user_line()} has no derivative; "
            "use np.floor or np.rint if a step function is meant"
        )
    return elementwise.astype(self, dtype=dtype)


def _numpy_method(name: str) -> Callable:
    """A method that does what the NumPy function of its name does."""
    function = getattr(np, name)

    def method(self: Tracer, *args: Any, **kwargs: Any) -> Any:
        return function(self, *args, **kwargs)

    method.__name__ = name
    method.__doc__ = f"As np.{name}."
    return method


def _sort(self: Tracer, axis: int = -1, **options: Any) -> None:
    """Sort in place."""
    check_memory(self)
    point_to(self, np.sort(self, axis=axis, **options))


def _partition(self: Tracer, kth: Any, axis: int = -1) -> None:
    """Partition in place."""
    check_memory(self)
    point_to(self, np.partition(self, kth, axis=axis))


# Methods of arrays that are nothing but the function of the same name.
_BY_NUMPY = (
    "argmax", "argmin", "argpartition", "argsort", "choose", "cumprod", "cumsum",
    "diagonal", "nonzero", "repeat", "searchsorted", "std", "take", "trace", "var",
)  # fmt: skip


def speak_numpy(cls: type) -> None:
    """Give the tracer class its operators, methods and protocols."""
    for name, primitive in _BINARY.items():
        if name not in ("and", "or", "xor"):
            setattr(cls, f"__i{name}__", in_place(primitive))
        setattr(cls, f"__{name}__", _forward(primitive))
        setattr(cls, f"__r{name}__", _reflected(primitive))
    for name, primitive in _COMPARED.items():
        setattr(cls, f"__{name}__", _forward(primitive))
    for name, primitive in _UNARY.items():
        setattr(cls, f"__{name}__", _single(primitive))
    members: dict[str, Any] = {
        "__divmod__": _divmod,
        "__rdivmod__": _rdivmod,
        "__hash__": object.__hash__,
        "__array_ufunc__": array_ufunc,
        "__array_function__": array_function,
        "__bool__": _bool,
        "__len__": _len,
        "__iter__": _iter,
        "__getitem__": _getitem,
        "__setitem__": _setitem,
        "__float__": _refuse("a Python float", _NUMBER),
        "__complex__": _refuse("a Python complex", _NUMBER),
        "__int__": _as_int,
        "__index__": _as_int,
        "item": _refuse("a Python number by .item()", _NUMBER),
        "tolist": _refuse("a list of Python numbers by .tolist()", "Iterate over it instead."),
        "__format__": lambda self, spec: format(concrete(self), spec) if spec else str(self),
        "__copy__": lambda self: elementwise.copy(self),
        "__deepcopy__": lambda self, memo: elementwise.copy(self),
        "__reduce_ex__": _refuse("a pickle", "Send plain values to other processes and files."),
        "__round__": lambda self, decimals=0: functions.round_(self, decimals or 0),
        "T": property(_transposed),
        "real": property(lambda self: elementwise.real(self)),
        "imag": property(lambda self: elementwise.imag(self)),
        "reshape": _sizes_method(functions.reshape),
        "transpose": _sizes_method(functions.transpose),
        "astype": _astype,
        "flatten": _flatten,
        "conj": _conj,
        "conjugate": _conj,
        "__floor__": lambda self: elementwise.floor(self),
        "__ceil__": lambda self: elementwise.ceil(self),
        "__trunc__": lambda self: elementwise.trunc(self),
        "mT": property(lambda self: functions.swapaxes(self, -1, -2)),
        "flat": property(lambda self: iter(functions.ravel(self))),
        "itemsize": property(lambda self: self.dtype.itemsize),
        "nbytes": property(lambda self: self.size * self.dtype.itemsize),
        "fill": lambda self, value: assign(self, ..., value),
        "sort": _sort,
        "partition": _partition,
        "compress": lambda self, condition, axis=None: np.compress(condition, self, axis),
    }
    for name in _BY_NUMPY:
        setattr(cls, name, _numpy_method(name))
    for name, definition in _METHODS.items():
        setattr(cls, name, _method(definition, name))
    for name, value in members.items():
        setattr(cls, name, value)


_METHODS: dict[str, Callable] = {
    "sum": functions.sum_,
    "mean": functions.mean,
    "prod": functions.prod,
    "max": functions.max_,
    "min": functions.min_,
    "all": functions.all_,
    "any": functions.any_,
    "dot": functions.dot,
    "ravel": functions.ravel,
    "squeeze": functions.squeeze,
    "swapaxes": functions.swapaxes,
    "clip": functions.clip,
    "round": functions.round_,
    "copy": elementwise.copy,
    # NumPy computes ufunc(object array) by calling the method of that name on each
    # entry, so np.exp(np.array([x, y])) works on traced x and y.
    **{
        ufunc.__name__: definition
        for ufunc, definition in FUNCTIONS.items()
        if isinstance(ufunc, np.ufunc) and ufunc.nin == 1
    },
}
speak_numpy(Tracer)
