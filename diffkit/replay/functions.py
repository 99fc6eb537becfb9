"""`dk.compile`: call a function once on tracers, then replay what was recorded."""

from __future__ import annotations

import functools
import inspect
import threading
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from ..core.nest import is_record, leaves, map_leaves, rebuild
from ..core.program import Program
from ..core.tracing import is_traced
from ..errors import ArgumentError, BranchChanged, NotReplayable
from ..frontends import is_named_source, lower
from ..frontends.functions import record_function
from .backends import by_protocol, is_foreign
from .comparing import difference
from .passes import optimized
from .programs import finished, written
from .routine import Routine
from .scalar_code import is_scalar
from .surroundings import Surroundings

MOST = 256  # recordings that are kept; a function that needs more is not worth compiling


class Compiled(functools.partial):
    """A function that is recorded once for each kind of arguments, and replayed.

    (As a `partial` it passes calls on at the speed of a plain function.)

    Attributes
    ----------
    recordings : int
        How often the function has been recorded so far.
    program : Program
        The latest recording, after the passes.
    source : str
        The Python text of the latest recording.
    """

    _state: _Recordings

    @property
    def recordings(self) -> int:
        """How often the function has been recorded so far."""
        return self._state.count

    @property
    def program(self) -> Program:
        """The latest recording, after the passes."""
        return self._state.latest().program

    @property
    def source(self) -> str:
        """The Python text of the latest recording."""
        return self._state.latest().source

    def __repr__(self) -> str:
        name = getattr(self._state.f, "__name__", repr(self._state.f))
        return f"<compiled {name}, {self.recordings} recordings>"

    def __reduce__(self) -> tuple:
        return _compiled, (self._state.f, self._state.without)


def compile(f: Any, *, without: Iterable[str] = ()) -> Callable:
    """Return f as a function that records itself once and is replayed from then on.

    Parameters
    ----------
    f : callable, str, Program or SymPy expression
        Over NumPy arrays; also a derivative such as ``dk.grad(g)``. Floats, arrays,
        and nests of them are arguments of the recording. Everything else (whole
        numbers, strings, functions) is part of it: another value records anew.
    without : iterable of str
        Passes to leave out, see docs/replay.md.

    Returns
    -------
    callable, with the arguments of f
        Numbers come back as Python floats where the whole computation is one of
        scalars. ``.recordings`` counts how often f was recorded: once for each set of
        shapes, dtypes and branches, and again after what it reads besides its
        arguments (globals, closures) has changed.

    Raises
    ------
    NotReplayable
        If f does not do the same at each call: it draws random numbers, reads a
        clock, or changes a variable outside of itself.

    Examples
    --------
    >>> import numpy as np
    >>> import diffkit as dk
    >>> slope = dk.compile(dk.grad(lambda x: np.sum(np.sin(x) ** 2)))
    >>> slope(np.array([0.0, np.pi / 4])).round(6)
    array([0., 1.])
    >>> slope(np.array([0.0, np.pi / 2])).round(6), slope.recordings
    (array([0., 0.]), 1)
    """
    if is_named_source(f):
        source = f if isinstance(f, Program) else lower(f)
        return source.compile(without=tuple(without))
    if not callable(f):
        raise ArgumentError(
            f"{f!r} is neither a function, a text, a Program nor a SymPy expression"
        )
    return _compiled(f, tuple(without))


def _compiled(f: Callable, without: tuple[str, ...]) -> Compiled:
    state = _Recordings(f, without)
    compiled = Compiled(state.call)
    compiled._state = state
    functools.update_wrapper(compiled, f, updated=())
    state.owner = compiled
    return compiled


class _Recording:
    """One recording: the program, its text, and the function of its traced leaves."""

    def __init__(
        self,
        program: Program,
        result: Any,
        name: str,
        around: Surroundings,
        parameters: Sequence[inspect.Parameter] | None,
        args: tuple,
        traces: Traces,
        state: _Recordings,
    ) -> None:
        self.program = optimized(program, state.without)
        self.scalar = is_scalar(self.program)
        self.result = result
        self.branches = any(step.primitive.name == "guard" for step in self.program.steps)
        routine, results = written(self.program, name, state.without)
        routine.returns = _returned(result, results, routine.objects)
        self.traces = traces
        self.around = around
        nests = _take_parameters(routine, parameters, args, traces)
        self.direct = nests is not None
        conditions = around.conditions(routine.objects) + nests if nests is not None else []
        source = finished(routine, self.program, state.call, conditions)
        self.source = source.text
        self.function = routine.function(source)

    def run(self, args: tuple, kwargs: dict) -> Any:
        """Replay with arguments of the recorded kind."""
        entries = float if self.scalar else _entries
        if self.direct:
            return self.function(*map_leaves(entries, args))
        flat = [leaf for _, leaf in leaves((args, kwargs)) if self.traces(leaf)]
        return self.function(*map(entries, flat))


def _take_parameters(
    routine: Routine,
    parameters: Sequence[inspect.Parameter] | None,
    args: tuple,
    traces: Traces,
) -> list[str] | None:
    """Let the function be called as the user's is; return conditions on the nests.

    Its parameters have the user's names and defaults. The traced leaves are taken out
    of them in the first lines.
    """
    if parameters is None:
        return None
    names, leaves_ = [p.name for p in parameters], list(routine.inputs)
    reserved = set(leaves_) - set(names) | set(routine.objects)
    if reserved & set(names) or any(s.target in names for s in routine.body):
        return None
    conditions: list[str] = []
    taken: list[str] = []
    for name, value in zip(names, args, strict=True):
        if not _take(name, value, conditions, taken, traces):
            return None
    for p in parameters:
        if p.default is not inspect.Parameter.empty:
            routine.defaults[p.name] = f"default_{p.name}"
            routine.objects[f"default_{p.name}"] = p.default
    routine.take(names, taken)
    return conditions


def _take(path: str, nest: Any, conditions: list, taken: list, traces: Traces) -> bool:
    """Write what makes a nest one of the same kind, and where its traced leaves are."""
    if nest.__class__ in (list, tuple, dict):
        conditions.append(f"{path}.__class__ is {nest.__class__.__name__}")
        conditions.append(f"len({path}) == {len(nest)}")
        items = nest.items() if nest.__class__ is dict else enumerate(nest)
        simple = all(key.__class__ in (str, int) for key, _ in items)
        items = nest.items() if nest.__class__ is dict else enumerate(nest)
        return simple and all(
            _take(f"{path}[{key!r}]", part, conditions, taken, traces) for key, part in items
        )
    if not traces(nest):
        return False
    taken.append(path)
    return True


def _returned(result: Any, texts: list[str], objects: dict[str, Any]) -> str:
    """Write the result of the function with the outputs in their places."""
    pending = iter(texts)

    def text(nest: Any) -> str:
        kind = type(nest)
        if kind is dict and all(isinstance(key, (str, int)) for key in nest):
            return "{" + ", ".join(f"{key!r}: {text(part)}" for key, part in nest.items()) + "}"
        if kind is list:
            return f"[{', '.join(map(text, nest))}]"
        if kind is tuple:
            return f"({', '.join(map(text, nest))}{',' if len(nest) == 1 else ''})"
        if isinstance(nest, (dict, list, tuple)) or is_record(nest):
            count = len(list(leaves(nest)))
            objects[f"made{len(objects)}"] = lambda *parts: rebuild(nest, iter(parts))
            name = f"made{len(objects) - 1}"
            return f"{name}({', '.join(next(pending) for _ in range(count))})"
        return next(pending)

    return text(result)


class _Recordings:
    """All recordings of one function, and the choice between them."""

    def __init__(self, f: Callable, without: tuple[str, ...]) -> None:
        self.f = f
        self.without = without
        self.count = 0
        self.owner: Compiled
        self._lock = threading.RLock()
        self._of: dict[Any, list[_Recording]] = {}
        self._latest: _Recording | None = None

    def latest(self) -> _Recording:
        if self._latest is None:
            raise NotReplayable("nothing is recorded yet: call the function first")
        return self._latest

    def call(self, /, *args: Any, **kwargs: Any) -> Any:
        """Replay the recording of such arguments that takes their branches, or record."""
        if kwargs:
            args, kwargs = self._in_order(args, kwargs)
        values = [leaf for _, leaf in leaves((args, kwargs))]
        if any(map(is_traced, values)):
            return self.f(*args, **kwargs)
        traces = _strong if any(map(_is_narrow, values)) else _is_traced_kind
        key = _key((args, kwargs), traces)
        if any(map(is_foreign, values)):
            return self._by_protocol(args, kwargs, traces)
        for recording in list(self._of.get(key, ())):
            if recording.around.changed():
                self._forget(key, recording)
                continue
            try:
                return recording.run(args, kwargs)
            except BranchChanged:
                continue
        return self._record(key, args, kwargs, traces)

    def _forget(self, key: Any, recording: _Recording) -> None:
        """Drop a recording that something around it has made stale."""
        with self._lock:
            kept = self._of.get(key, [])
            if recording in kept:
                kept.remove(recording)

    def _in_order(self, args: tuple, kwargs: dict) -> tuple[tuple, dict]:
        """Return arguments in the order of the parameters, in which they are recorded."""
        try:
            bound = inspect.signature(self.f).bind(*args, **kwargs)
        except (TypeError, ValueError):
            return args, kwargs  # the function itself will say what is wrong
        return bound.args, bound.kwargs

    def _record(self, key: Any, args: tuple, kwargs: dict, traces: Traces) -> Any:
        with self._lock:
            fixed = [leaf for _, leaf in leaves((args, kwargs)) if not traces(leaf)]
            around = Surroundings(self.f, *fixed)
            program, result = record_function(self.f, args, kwargs, traces, _primal)
            again, _ = record_function(self.f, args, kwargs, traces, _primal)
            _check_same(self.f, program, again, around)
            name = getattr(self.f, "__name__", "replay")
            name = name if name.isidentifier() else "replay"
            parameters = self._parameters(args, kwargs)
            recording = _Recording(program, result, name, around, parameters, args, traces, self)
            kept = self._of.setdefault(key, [])
            kept.insert(0, recording)
            del kept[MOST:]
            if len(self._of) > MOST:
                del self._of[next(iter(self._of))]
            self._latest = recording
            self.count += 1
            if recording.direct:
                self._put_in_front(recording)
        return recording.run(args, kwargs)

    def _by_protocol(self, args: tuple, kwargs: dict, traces: Traces) -> Any:
        """Replay on arrays of another library; recorded with ones in their places."""

        def example(leaf: Any) -> Any:
            return np.ones(leaf.shape, leaf.dtype) if is_foreign(leaf) else leaf

        args_, kwargs_ = map_leaves(example, (args, kwargs))
        key = _key((args_, kwargs_), traces)
        if key not in self._of:
            self._record(key, args_, kwargs_, traces)
        recording = self._of[key][0]
        flat = [v for _, v in leaves((args, kwargs)) if is_foreign(v) or traces(v)]
        found = by_protocol(recording.program)(*flat)
        return rebuild(recording.result, iter(found if isinstance(found, tuple) else [found]))

    def _parameters(self, args: tuple, kwargs: dict) -> list[inspect.Parameter] | None:
        """Return the parameters if each of them is given, in order."""
        if kwargs:
            return None
        try:
            parameters = list(inspect.signature(self.f).parameters.values())
        except (TypeError, ValueError):
            return None
        plain = all(p.kind is p.POSITIONAL_OR_KEYWORD for p in parameters)
        return parameters if plain and len(parameters) == len(args) else None

    def _put_in_front(self, recording: _Recording) -> None:
        """Call this recording first, directly: it passes on what it is not for."""
        function = recording.function
        if recording.branches:
            function = functools.partial(_either, function, self.call)
        self.owner.__setstate__((function, (), {}, vars(self.owner)))  # type: ignore[attr-defined]


def _either(first: Callable, second: Callable, *args: Any, **kwargs: Any) -> Any:
    try:
        return first(*args, **kwargs)
    except BranchChanged:
        return second(*args, **kwargs)


# -- arguments ---------------------------------------------------------------------------


Traces = Callable[[Any], bool]


def _is_traced_kind(leaf: Any) -> bool:
    """Floats and arrays are arguments of a recording; all else is part of it."""
    return leaf.__class__ in (float, complex) or _strong(leaf)


def _strong(leaf: Any) -> bool:
    """Of these the dtype counts, while a Python float takes on that of its neighbours."""
    if isinstance(leaf, np.ndarray):
        return leaf.dtype.kind in "fciub"
    return isinstance(leaf, (np.floating, np.complexfloating))


def _is_narrow(leaf: Any) -> bool:
    """Say whether a Python float next to this would not be a float64."""
    dtype = getattr(leaf, "dtype", None)
    return dtype is not None and dtype.kind in "fc" and dtype not in (np.float64, np.complex128)


def _key(nest: Any, traces: Traces) -> Any:
    """Return what recordings differ by: structure, shapes, dtypes, and values of the rest."""
    kind = nest.__class__
    if kind is np.ndarray:
        return nest.dtype, nest.shape
    if isinstance(nest, dict):
        return kind, tuple([(name, _key(part, traces)) for name, part in nest.items()])
    if isinstance(nest, (list, tuple)):
        return kind, tuple([_key(part, traces) for part in nest])
    if is_record(nest):
        return kind, tuple([_key(leaf, traces) for _, leaf in leaves(nest)])
    if isinstance(nest, np.ndarray) and not isinstance(nest, np.memmap):
        raise ArgumentError(
            f"a {kind.__name__} computes by rules of its own, which a replay does not know; "
            "pass np.asarray of it, or call the function without dk.compile"
        )
    if traces(nest):
        return kind, np.asarray(nest).dtype, np.shape(nest)
    try:
        hash(nest)
    except TypeError:
        return kind, _Held(nest)
    return kind, nest


class _Held:
    """An object that is told apart by identity, kept alive so that no other gets its id."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Held) and self.value is other.value

    def __hash__(self) -> int:
        return id(self.value)


def _primal(leaf: Any, path: str) -> Any:
    """Return what a traced argument is recorded as: itself, since recording only reads."""
    return _entries(leaf)


def _entries(leaf: Any) -> Any:
    """Return an array as it is, a number as NumPy has it; both in the machine's own format."""
    array = np.asarray(leaf)
    native = np.dtype(array.dtype.name)
    if array.dtype is not native:
        array = array.astype(native)
    return array if array.shape else array[()]


def _check_same(f: Callable, program: Program, again: Program, around: Surroundings) -> None:
    """Refuse a function that does not repeat itself."""
    name = getattr(f, "__name__", repr(f))
    changed = around.changed()
    if changed:
        raise NotReplayable(
            f"{name} changes {changed} when it is called, which a replay would not do; return the "
            "new value instead, or call it without dk.compile"
        )
    found = difference(program, again)
    if found:
        raise NotReplayable(
            f"{name} was recorded twice with the same arguments, and differed: {found}. Does it "
            "draw random numbers or read a clock? Pass such values as arguments"
        )
