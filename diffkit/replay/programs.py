"""A Program as a compiled function: `Program.compile`, `Program.source`."""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

import numpy as np

from ..core.collecting import uncollected
from ..core.program import Program
from ..core.tracing import Abstract, Tracer
from ..errors import ArgumentError
from .array_code import array_routine
from .backends import by_jax, by_protocol, is_foreign, written_purely
from .passes import BY_INDEX_ARRAYS, optimized
from .routine import Routine
from .scalar_code import is_scalar, scalar_routine
from .text import Source

_FLOAT64 = Abstract((), np.dtype(np.float64))
FLOAT_TROUBLE = "(ZeroDivisionError, OverflowError, ValueError)"


class Replay(functools.partial):
    """A Program as a Python function; called like the Program.

    (As a `partial` it passes calls on at the speed of a plain function.)

    Attributes
    ----------
    program : Program
        What is computed, after the passes.
    source : str
        The Python text that computes it.
    """

    program: Program
    source: str

    def __repr__(self) -> str:
        lines = len(self.source.splitlines())
        return f"<replay of {self.program._headline()}; {lines} lines of Python>"

    def __reduce__(self) -> tuple:
        return compile_program, (self.program,)


def compile_program(
    program: Program, *, backend: str = "numpy", without: Iterable[str] = ()
) -> Replay:
    """Compile a Program to a Python function (`Program.compile`).

    Parameters
    ----------
    program : Program
    backend : {"numpy", "jax"}
        With "jax" the same steps are compiled by XLA, and results are JAX arrays.
    without : iterable of str
        Passes to leave out, see docs/replay.md.

    Returns
    -------
    callable, with the arguments of the Program
        A Program of scalars takes and returns Python floats. Arrays of other
        libraries that speak NumPy's protocols (Dask) are computed by them.

    Raises
    ------
    ArgumentError
        If there is no such backend or pass.
    BackendMissing
        If JAX is not installed.

    Examples
    --------
    >>> import diffkit as dk
    >>> f = dk.lower("z = w*x + b; y = 1/(1 + exp(-z))").compile()
    >>> f(2.0, -1.0, b=2.0)
    0.5
    >>> print(f.source.splitlines()[5])
            z = t1 + b
    """
    without = frozenset(without)
    best = optimized(program, without)
    if backend != "numpy":
        return _on_another(program, best, backend)
    routine, results = written(best, "replay", without)
    routine.returns = results[0] if len(results) == 1 else f"({', '.join(results)})"
    source = finished(routine, best, lambda *args: strange(*args))
    function, _ = routine.functions(source)

    @functools.cache
    def foreign() -> Callable:
        return by_protocol(optimized(program, without.union(BY_INDEX_ARRAYS)))

    def strange(*args: Any) -> Any:
        if any(map(is_foreign, args)):
            return foreign()(*args)
        return _strange(best, function, args)

    by_name = tuple(routine.inputs) == program.inputs
    replay = Replay(_flexible(program, function, by_name))
    replay.program, replay.source = best, source.text
    return replay


def _on_another(program: Program, best: Program, backend: str) -> Replay:
    """Compile the steps by another library."""
    if backend != "jax":
        raise ArgumentError(f'backend is "numpy" or "jax", not {backend!r}')
    function = by_jax(best)
    replay = Replay(lambda *args, **kwargs: function(*program.bind(args, kwargs).values()))
    replay.program, replay.source = best, written_purely(best, backend)
    return replay


def source_of(program: Program, *, without: Iterable[str] = ()) -> str:
    """Return the Python text that `compile_program` runs (`Program.source`).

    Parameters
    ----------
    program : Program
    without : iterable of str
        Passes to leave out.

    Examples
    --------
    >>> import diffkit as dk
    >>> print(dk.lower("sin(x)*2").source())
    def replay(x):
        if not (x.__class__ is float):
            return strange(x)
        try:
            t1 = math.sin(x)
            t2 = t1*2.0
            return t2
        except (ZeroDivisionError, OverflowError, ValueError):
            t2, = by_numpy(x)
            return t2
    """
    return compile_program(program, without=without).source


@uncollected()
def written(
    program: Program, name: str, without: Collection[str] = (), avoid: Iterable[str] = ()
) -> tuple[Routine, list[str]]:
    """Write the steps of a program, and the expressions of its outputs."""
    if is_scalar(program):
        routine = scalar_routine(program, name, avoid)
        return routine, list(routine.outputs)
    return array_routine(program, name, without, avoid)


@uncollected()
def finished(
    routine: Routine, program: Program, otherwise: Callable, conditions: Sequence[str] = ()
) -> Source:
    """Add the checks of arguments, and NumPy's answer where plain floats have none."""
    strange = routine.bind("strange", otherwise)
    routine.checked(conditions, strange)
    routine.checks += routine.taken
    routine.checked(_conditions(routine, program), strange)
    routine.checks += _numbers(routine, program)  # last: what is passed on is as it was given
    if is_scalar(program):
        by_numpy = routine.bind("by_numpy", functools.partial(_by_numpy, program))
        routine.rescue = [
            f"except {FLOAT_TROUBLE}:",
            f"    {', '.join(routine.outputs)}, = {by_numpy}({', '.join(routine.inputs)})",
            f"    return {routine.returns}",
        ]
    return routine.source()


def _conditions(routine: Routine, program: Program) -> list[str]:
    """Write what must hold of the arguments: classes, dtypes and shapes."""
    names = dict(zip(program.inputs, routine.inputs, strict=True))
    if is_scalar(program):
        others = [name for name in names.values() if name not in routine.converted]
        classes = [f"{name}.__class__ is" for name in others]
        return [f"{' '.join(classes)} float"] if classes else []
    conditions = []
    for name, python in names.items():
        kind = program.types[name]
        if kind.shape == ():
            number = routine.numpy(kind.dtype.type.__name__)
            one = f"{python}.__class__ is {number}"
            either = f"({one} or {python}.__class__ is float)"
            conditions.append(either if kind == _FLOAT64 else one)
        else:
            conditions += [
                f"{python}.__class__ is {routine.numpy('ndarray')}",
                f"{python}.dtype is {routine.dtype(kind.dtype)}",
                f"{python}.shape == {kind.shape}",
            ]
    return conditions


def _numbers(routine: Routine, program: Program) -> list[str]:
    """Make NumPy numbers of floats, since 1.0/0.0 is inf there; in plain arithmetic floats."""
    if is_scalar(program):
        return [f"{x} = float({x})" for x in routine.converted]
    names = zip(program.inputs, routine.inputs, strict=True)
    floats = [python for name, python in names if program.types[name] == _FLOAT64]
    number = routine.numpy("float64") if floats else ""
    return [f"if {x}.__class__ is float: {x} = {number}({x})" for x in floats]


def _by_numpy(program: Program, *args: float) -> list:
    """Evaluate by NumPy, which answers inf and nan where floats raise an exception."""
    with np.errstate(all="ignore"):
        found = program.run(dict(zip(program.inputs, map(np.float64, args), strict=True)))
    return [value.item() for value in map(np.asarray, found)]


# -- other arguments -----------------------------------------------------------------


def _flexible(program: Program, function: Callable, by_name: bool) -> Callable:
    """Accept nests and names as well, if the function itself does not."""
    if by_name and (program.structure is None or program.structure == program.inputs):
        return function

    def call(*args: Any, **kwargs: Any) -> Any:
        given = program._by_name(args, kwargs)
        if set(given) != set(program.inputs):
            return program(*args, **kwargs)
        return function(*[given[name] for name in program.inputs])

    return call


def _strange(program: Program, function: Callable, args: Sequence[Any]) -> Any:
    """Call with arguments that are not exactly floats and arrays of the recorded kind."""
    values = program.bind(args, {})
    if any(value.__class__ is Tracer for value in values.values()):
        results = program.run(values)
        return results[0] if len(results) == 1 else tuple(results)
    scalar = is_scalar(program)
    return function(*[_exact(n, v, program.types[n], scalar) for n, v in values.items()])


def _exact(name: str, value: Any, wanted: Abstract, scalar: bool) -> Any:
    """Return a checked value as the plain float or array that the function takes."""
    array = np.asarray(value)
    if array.dtype != wanted.dtype:
        raise ArgumentError(
            f"{name} is {array.dtype}, but this Program was recorded for {wanted.dtype}; convert "
            f"it ({name}.astype), or lower the source again with this {name} as the example"
        )
    array = array.astype(np.dtype(wanted.dtype.name), copy=False)
    if scalar:
        return array.item()
    return array if wanted.shape else array[()]
