"""`dk.compile`: call a function once on tracers, then replay what was recorded."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from ..core.nest import leaves, map_leaves, rebuild
from ..core.program import Program
from ..core.tracing import is_traced
from ..errors import ArgumentError, BranchChanged, NotReplayable
from ..frontends import is_named_source, lower
from ..frontends.functions import record_function
from ..progress import Progress
from .arguments import Traces, entries_of, is_narrow, is_strong, is_traced_kind, key_of
from .backends import is_foreign
from .comparing import difference
from .passes import BY_INDEX_ARRAYS
from .recording import Recording
from .signatures import Example, leave_out_defaults, signature_of
from .surroundings import Surroundings

MOST = 256  # recordings that are kept; a function that needs more is not worth compiling
IN_LINE = 8  # recordings that look at a call one after the other, before its key is looked up


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
        name = _name(self._state.f)
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


class _Recordings:
    """All recordings of one function, and the choice between them."""

    def __init__(self, f: Callable, without: tuple[str, ...]) -> None:
        self.f = f
        self.without = without
        self._signature = signature_of(f)
        self._has_defaults = any(
            p.default is not p.empty for p in self._signature.parameters.values()
        )
        self.count = 0
        self.owner: Compiled
        self._lock = threading.RLock()
        self._of: dict[Any, list[Recording]] = {}
        self._latest: Recording | None = None
        self._first: Callable = self.call

    def latest(self) -> Recording:
        if self._latest is None:
            raise NotReplayable("nothing is recorded yet: call the function first")
        return self._latest

    def call(self, /, *args: Any, **kwargs: Any) -> Any:
        """Replay the recording of such arguments that takes their branches, or record."""
        if kwargs or self._has_defaults:
            args, kwargs = self._in_order(args, kwargs)
        values = [leaf for _, leaf in leaves((args, kwargs))]
        if any(map(is_traced, values)):
            return self.f(*args, **kwargs)
        traces = is_strong if any(map(is_narrow, values)) else is_traced_kind
        if any(map(is_foreign, values)):
            return self._by_protocol(args, kwargs, traces)
        key = key_of((args, kwargs), traces)
        for recording in self._standing(key):
            try:
                return recording.run(args, kwargs)
            except BranchChanged:
                continue
        with self._lock:
            recording = self._record(key, args, kwargs, traces, self.without)
            self._put_in_front(recording)
        return recording.run(args, kwargs)

    def _standing(self, key: Any) -> Iterator[Recording]:
        """Yield the recordings of such arguments, and drop those that have become stale."""
        for recording in list(self._of.get(key, ())):
            if not recording.around.changed():
                yield recording
                continue
            with self._lock:
                kept = self._of.get(key, [])
                if recording in kept:
                    kept.remove(recording)

    def _in_order(self, args: tuple, kwargs: dict) -> tuple[tuple, dict]:
        """Return arguments as they are recorded: in the parameters' order, defaults left out."""
        try:
            bound = self._signature.bind(*args, **kwargs)
        except TypeError:
            return args, kwargs  # the function itself will say what is wrong
        leave_out_defaults(bound)
        return bound.args, bound.kwargs

    def _record(
        self, key: Any, args: tuple, kwargs: dict, traces: Traces, without: tuple[str, ...]
    ) -> Recording:
        with self._lock, Progress("compiling"):
            fixed = [leaf for _, leaf in leaves((args, kwargs)) if not traces(leaf)]
            around = Surroundings(self.f, *fixed)
            program, result = self._recorded_twice(around, args, kwargs, traces)
            name = getattr(self.f, "__name__", "replay")
            name = name if name.isidentifier() else "replay"
            example = Example(self._signature, args, kwargs, traces)
            recording = Recording(
                program, result, name, around, example, without, self._next_in_line()
            )
            kept = self._of.setdefault(key, [])
            kept.insert(0, recording)
            del kept[MOST:]
            if len(self._of) > MOST:
                del self._of[next(iter(self._of))]
            self._latest = recording
            self.count += 1
        return recording

    def _recorded_twice(
        self, around: Surroundings, args: tuple, kwargs: dict, traces: Traces
    ) -> tuple[Program, Any]:
        """Record, and again to see that it comes out the same."""
        with np.errstate(all="ignore"):  # as in a replay: inf and nan are answers
            program, result, assigned = record_function(self.f, args, kwargs, traces, _primal)
            again, *_ = record_function(self.f, args, kwargs, traces, _primal, program)
        if assigned:
            raise NotReplayable(
                f"{_name(self.f)} assigns to its argument {assigned[0]}, which a replay would not "
                "do to the caller's array; assign to a copy, and return it"
            )
        _check_same(self.f, program, again, around)
        return program, result

    def _by_protocol(self, args: tuple, kwargs: dict, traces: Traces) -> Any:
        """Replay on arrays of another library; recorded with ones in their places."""

        def example(leaf: Any) -> Any:
            return np.ones(leaf.shape, leaf.dtype) if is_foreign(leaf) else leaf

        args_, kwargs_ = map_leaves(example, (args, kwargs))
        key = "foreign", key_of((args_, kwargs_), traces)
        recording = next(self._standing(key), None)
        if recording is None:
            without = (*self.without, *BY_INDEX_ARRAYS)
            recording = self._record(key, args_, kwargs_, traces, without)
        flat = [v for _, v in leaves((args, kwargs)) if is_foreign(v) or traces(v)]
        found = recording.by_protocol(*flat)
        return rebuild(recording.result, iter(found if isinstance(found, tuple) else [found]))

    def _next_in_line(self) -> Callable:
        """Return what a recording passes calls on to that it is not for."""
        return self._first if self.count % IN_LINE else self.call

    def _put_in_front(self, recording: Recording) -> None:
        """Call this recording first, directly."""
        self._first = recording.function
        if recording.branches:
            self._first = functools.partial(_either, recording.function, recording.otherwise)
        self.owner.__setstate__((self._first, (), {}, vars(self.owner)))  # type: ignore[attr-defined]


def _either(first: Callable, second: Callable, *args: Any, **kwargs: Any) -> Any:
    try:
        return first(*args, **kwargs)
    except BranchChanged:
        return second(*args, **kwargs)


def _name(f: Callable) -> str:
    return str(getattr(f, "__name__", repr(f)))


def _check_same(f: Callable, program: Program, again: Program, around: Surroundings) -> None:
    """Refuse a function that does not repeat itself."""
    name = _name(f)
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


def _primal(leaf: Any, path: str) -> Any:
    """Return what a traced argument is recorded as: itself, since recording only reads."""
    return entries_of(leaf)
