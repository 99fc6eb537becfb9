"""Derivatives of functions: run on tracers, then sweep the tape.

The names and argument orders are JAX's. A function over NumPy arrays, a
Program, a text or a SymPy expression is accepted where a function is expected;
for the named ones `wrt` gives names where `argnums` gives positions.
"""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

import numpy as np

from .core.nest import as_primal, leaves, map_leaves, rebuild
from .core.program import Program
from .core.sweeps import pullback, pushforward
from .core.tracing import Tape, Tracer, concrete, shape_of
from .errors import (
    ArgumentError,
    NonScalarOutput,
    NotDifferentiable,
    ShapeError,
    ZeroGradientWarning,
)
from .frontends import is_named_source, named_program
from .primitives.functions import gather
from .primitives.rules import Masked

Argnums = int | Sequence[int]
Names = str | Sequence[str] | None


# -- reverse mode ----------------------------------------------------------------


def grad(
    f: Any, argnums: Argnums = 0, has_aux: bool = False, *, wrt: Names = None
) -> Callable:
    """Return the function that computes the gradient of f.

    Parameters
    ----------
    f : callable, str, Program or SymPy expression
        Must return one real number.
    argnums : int or sequence of int
        Positional arguments to differentiate by: arrays, numbers, or lists,
        tuples and dicts of them. Integers are taken as float64.
    has_aux : bool
        f returns (value, aux); the gradient function then returns (gradient, aux).
    wrt : str or sequence of str, optional
        Names instead of positions: the parameters of f, or the inputs of a text,
        Program or SymPy expression (all of them by default).

    Returns
    -------
    callable, with the arguments of f
        The gradient has the structure, shape and dtype of the argument, in units
        of f per unit of it. For several arguments a tuple; for named sources a
        `Gradients` tuple that can be indexed by name.

    Raises
    ------
    NonScalarOutput
        If f returns anything but one number.
    NotDifferentiable
        If an argument or the result is of a kind without a derivative.

    Warns
    -----
    ZeroGradientWarning
        If f does not depend on an argument; its gradient is zero.

    References
    ----------
    Griewank & Walther, Evaluating Derivatives, 2nd ed., section 3.2.

    Examples
    --------
    >>> import numpy as np
    >>> f = lambda x: np.sum(np.sin(x) ** 2)
    >>> grad(f)(np.array([0.0, np.pi / 4])).round(6)
    array([0., 1.])
    >>> grad("x*y + z")(x=2, y=-5, z=3)
    Gradients(x=-5.0, y=2.0, z=1.0)
    """
    evaluate = value_and_grad(f, argnums, has_aux, wrt=wrt)

    @wraps(evaluate)
    def gradient(*args: Any, **kwargs: Any) -> Any:
        value, slope = evaluate(*args, **kwargs)
        return (slope, value[1]) if has_aux else slope

    return gradient


def value_and_grad(
    f: Any, argnums: Argnums = 0, has_aux: bool = False, *, wrt: Names = None
) -> Callable:
    """Return the function that computes the value of f and its gradient together.

    Parameters, errors and units are those of `grad`.

    Returns
    -------
    callable, with the arguments of f
        Returns (value, gradient); with `has_aux` ((value, aux), gradient).

    Examples
    --------
    >>> value, slope = value_and_grad(lambda x: x * x)(3.0)
    >>> float(value), float(slope)
    (9.0, 6.0)
    """
    if is_named_source(f):
        return _named_value_and_grad(f, wrt)
    if not callable(f):
        raise ArgumentError(
            f"{f!r} is neither a function, a text, a Program nor a SymPy expression"
        )
    return _value_and_grad(f, _argnums(f, argnums, wrt), _several(argnums, wrt), has_aux)


def _value_and_grad(
    f: Callable, numbers: tuple[int, ...], several: bool, has_aux: bool = False, warn: bool = True
) -> Callable:
    @wraps(f, updated=())
    def evaluate(*args: Any, **kwargs: Any) -> Any:
        tape = Tape()
        traced, primals = _traced_arguments(f, tape, numbers, args)
        y = tape.call(f, traced, kwargs)
        aux = None
        if has_aux:
            y, aux = _value_and_aux(y)
        value, bars = _scalar_pullback(tape, y)
        if warn:
            _warn_of_zeros(f, bars, {n: traced[n] for n in numbers})
        slopes = [_gradient_of(bars, traced[n], primals[n]) for n in numbers]
        _own(slopes)
        slope = tuple(slopes) if several else slopes[0]
        return ((value, _released(aux, tape)) if has_aux else value), slope

    return evaluate


def vjp(f: Callable, *primals: Any, has_aux: bool = False) -> tuple:
    """Compute f and the function that pulls cotangents back through it.

    Parameters
    ----------
    f : callable, str or Program
    *primals : arrays, numbers, or nests of them
    has_aux : bool
        f returns (result, aux).

    Returns
    -------
    (y, pull) or (y, pull, aux)
        `pull(y_bar)` takes a cotangent of the structure and shape of y and
        returns a tuple, one cotangent a primal.

    Raises
    ------
    ShapeError
        If y_bar has not the structure or shape of y.

    Examples
    --------
    >>> import numpy as np
    >>> y, pull = vjp(lambda x: x**2, np.array([1.0, 2.0]))
    >>> pull(np.array([1.0, 10.0]))
    (array([ 2., 40.]),)
    """
    run = _Run(_positional(f), primals, has_aux)

    def pull(y_bar: Any) -> tuple:
        return tuple(run.pull(y_bar))

    return (run.value, pull, run.aux) if has_aux else (run.value, pull)


# -- forward mode ----------------------------------------------------------------


def jvp(f: Callable, primals: Any, tangents: Any, has_aux: bool = False) -> tuple:
    """Compute f and its directional derivative along `tangents`.

    Parameters
    ----------
    f : callable, str or Program
    primals, tangents : tuple
        One primal and one tangent of the same shape for each argument; a single
        array stands for a tuple of one.
    has_aux : bool
        f returns (result, aux).

    Returns
    -------
    (y, y_dot) or (y, y_dot, aux)

    Raises
    ------
    ShapeError
        If a tangent has another structure or shape than its primal.

    References
    ----------
    Griewank & Walther, Evaluating Derivatives, 2nd ed., section 3.1.

    Examples
    --------
    >>> y, y_dot = jvp(lambda x, y: x * y, (3.0, 4.0), (1.0, 0.0))
    >>> float(y), float(y_dot)
    (12.0, 4.0)
    """
    primals, tangents = _as_tuple(primals), _as_tuple(tangents)
    run = _Run(_positional(f), primals, has_aux)
    y_dot = run.push(tangents)
    return (run.value, y_dot, run.aux) if has_aux else (run.value, y_dot)


def hvp(f: Callable, primals: Any, tangents: Any) -> Any:
    """Multiply the Hessian of f with a vector, without forming it.

    Forward over reverse: the tangent of the gradient.

    Parameters
    ----------
    f : callable, str or Program
        Must return one real number.
    primals, tangents : array, or tuple of arrays
        The point and the vector, of the same shapes.

    Returns
    -------
    array like primals; a tuple for a tuple of more than one

    References
    ----------
    Pearlmutter, Fast exact multiplication by the Hessian (1994).

    Examples
    --------
    >>> import numpy as np
    >>> hvp(lambda x: np.sum(x**3), np.array([1.0, 2.0]), np.array([1.0, 1.0]))
    array([ 6., 12.])
    """
    primals, tangents = _as_tuple(primals), _as_tuple(tangents)
    slopes = grad(_positional(f), tuple(range(len(primals))))
    product = jvp(slopes, primals, tangents)[1]
    return product[0] if len(primals) == 1 else product


# -- matrices ----------------------------------------------------------------------


def jacobian(
    f: Any, argnums: Argnums = 0, *, wrt: Names = None, mode: str | None = None
) -> Callable:
    """Return the function that computes all partial derivatives of f.

    Parameters
    ----------
    f : callable, str, Program or SymPy expression
        Returns an array, or a nest of arrays.
    argnums, wrt : as in `grad`
    mode : {"forward", "reverse"}, optional
        By default whichever needs fewer sweeps.

    Returns
    -------
    callable, with the arguments of f
        Entry [i, j] is the derivative of output i by input j: shape is that of
        the output followed by that of the input.

    Examples
    --------
    >>> import numpy as np
    >>> jacobian(lambda x: np.stack([x[0] * x[1], x[0]]))(np.array([2.0, 3.0]))
    array([[3., 2.],
           [1., 0.]])
    """
    if mode not in (None, "forward", "reverse"):
        raise ArgumentError(f'mode is "forward", "reverse" or None, not {mode!r}')
    if is_named_source(f):
        return _named(f, wrt, lambda g, n: jacobian(g, n, mode=mode))
    numbers = _argnums(f, argnums, wrt)
    several = _several(argnums, wrt)

    @wraps(f, updated=())
    def matrix(*args: Any, **kwargs: Any) -> Any:
        _check_numbers(numbers, args)

        def of_selected(*selected: Any) -> Any:
            filled = list(args)
            for n, value in zip(numbers, selected, strict=True):
                filled[n] = value
            return f(*filled, **kwargs)

        run = _Run(of_selected, [args[n] for n in numbers], paths=_names_of(f))
        return run.jacobian(mode, bare=not several)

    return matrix


def hessian(f: Any, argnums: Argnums = 0, *, wrt: Names = None) -> Callable:
    """Return the function that computes the matrix of second derivatives of f.

    Parameters
    ----------
    f : callable, str, Program or SymPy expression
        Must return one real number.
    argnums, wrt : as in `grad`

    Returns
    -------
    callable, with the arguments of f
        For an argument of shape s an array of shape s + s; for several
        arguments a tuple of tuples of blocks.

    Examples
    --------
    >>> import numpy as np
    >>> hessian(lambda x: x[0] ** 2 * x[1])(np.array([3.0, 5.0]))
    array([[10.,  6.],
           [ 6.,  0.]])
    """
    if is_named_source(f):
        return _named(f, wrt, hessian)
    numbers = _argnums(f, argnums, wrt)
    several = _several(argnums, wrt)
    evaluate = _value_and_grad(f, numbers, several, warn=False)

    @wraps(f, updated=())
    def slopes(*args: Any, **kwargs: Any) -> Any:
        return evaluate(*args, **kwargs)[1]

    return jacobian(slopes, numbers if several else numbers[0], mode="forward")


def elementwise_grad(f: Any, argnums: Argnums = 0, *, wrt: Names = None) -> Callable:
    """Return the derivative of a function that acts on each entry by itself.

    Parameters
    ----------
    f : callable, str, Program or SymPy expression
        Entry i of its result depends on entry i of the argument alone.
    argnums, wrt : as in `grad`

    Returns
    -------
    callable, with the arguments of f
        The derivative at each entry, in the shape of the argument.

    Examples
    --------
    >>> import numpy as np
    >>> elementwise_grad(np.tanh)(np.array([0.0, 1.0])).round(4)
    array([1.  , 0.42])
    """
    if is_named_source(f):
        return _named(f, wrt, elementwise_grad)

    @wraps(f, updated=())
    def total(*args: Any, **kwargs: Any) -> Any:
        return np.sum(f(*args, **kwargs))

    return grad(total, argnums, wrt=wrt)


# -- results -----------------------------------------------------------------------


class Gradients(tuple):
    """Gradients by the inputs of a named source, in order, and by name.

    >>> g = Gradients(("w", "b"), (2.0, 1.0))
    >>> g["w"], g[1], g == (2.0, 1.0)
    (2.0, 1.0, True)
    """

    names: tuple[str, ...]

    def __new__(cls, names: Sequence[str], values: Sequence[Any]) -> Gradients:
        self = super().__new__(cls, values)
        self.names = tuple(names)
        return self

    def __getnewargs__(self) -> tuple:
        return self.names, tuple(self)

    def __getitem__(self, key: Any) -> Any:
        if not isinstance(key, str):
            return super().__getitem__(key)
        if key not in self.names:
            raise KeyError(f"{key}: the names are {', '.join(self.names)}")
        return super().__getitem__(self.names.index(key))

    def to_dict(self) -> dict[str, Any]:
        """Return {name: gradient}."""
        return dict(zip(self.names, self, strict=True))

    def __repr__(self) -> str:
        said = [f"{n}={_bare(v)!r}" for n, v in self.to_dict().items()]
        return f"Gradients({', '.join(said)})"


def _bare(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


# -- one traced call ---------------------------------------------------------------


class _Run:
    """A function called once on tracers, to be swept as often as needed."""

    def __init__(
        self,
        f: Callable,
        primals: Sequence[Any],
        has_aux: bool = False,
        paths: Callable[[int], str] = lambda n: f"argument {n}",
    ) -> None:
        self.tape = Tape()
        self.primals = [_primals(p, paths(n)) for n, p in enumerate(primals)]
        self.traced = [map_leaves(self.tape.input, p) for p in self.primals]
        result = self.tape.call(f, self.traced, {})
        aux = None
        if has_aux:
            result, aux = _value_and_aux(result)
        self.result = _differentiable(result)
        self.value = _released(self.result, self.tape)
        self.aux = _released(aux, self.tape)
        self.outputs = [leaf for _, leaf in leaves(self.result)]
        self.inputs = [leaf for _, leaf in leaves(self.traced)]

    def pull(self, y_bar: Any) -> list[Any]:
        """Carry a cotangent of the result back to the primals."""
        seeds = _matching(y_bar, self.value, "cotangent", "result")
        bars = self._arrived(dict(enumerate(seeds)))
        found = [_complete(bars.get(t.index), t.value) for t in self.inputs]
        _own(found)
        values = iter(found)
        return [rebuild(p, values) for p in self.primals]

    def _arrived(self, seeds: dict[int, Any]) -> dict[int, Any]:
        """Pull back seeds given by output number."""
        bars: dict[int, Any] = {}
        for number, seed in seeds.items():
            output = self.outputs[number]
            if self._ours(output):
                old = bars.get(output.index)
                bars[output.index] = seed if old is None else old + seed
        with np.errstate(all="ignore"):
            return pullback(self.tape.records, bars)

    def push(self, tangents: Sequence[Any]) -> Any:
        """Carry tangents of the primals forward to the result."""
        dots = _matching(list(tangents), self.primals, "tangent", "primal")
        return rebuild(
            self.result, iter(self._moved({t.index: d for t, d in zip(self.inputs, dots)}))
        )

    def _moved(self, dots: dict[int, Any]) -> list[Any]:
        with np.errstate(all="ignore"):
            table = pushforward(self.tape.records, dots)
        return [
            _complete(table[o.index] if self._ours(o) else None, _inside(o, self.tape))
            for o in self.outputs
        ]

    def _ours(self, output: Any) -> bool:
        return output.__class__ is Tracer and output.tape is self.tape

    def jacobian(self, mode: str | None, bare: bool) -> Any:
        """Return, for each output leaf, the blocks by primal (`bare`: the only one)."""
        n = sum(_size(t) for t in self.inputs)
        m = sum(_size(o) for o in self.outputs)
        forward = mode == "forward" or (mode is None and n < m)
        blocks = self._columns() if forward else self._rows()
        per_output = []
        for number in range(len(self.outputs)):
            values = iter(blocks[number])
            by_primal = tuple([rebuild(p, values) for p in self.primals])
            per_output.append(by_primal[0] if bare else by_primal)
        return rebuild(self.result, iter(per_output))

    def _rows(self) -> list[list[Any]]:
        """One reverse sweep an output entry."""
        blocks = []
        for number, output in enumerate(self.outputs):
            rows = []
            for seed in _basis(output):
                bars = self._arrived({number: seed})
                rows.append([_complete(bars.get(t.index), t.value) for t in self.inputs])
            blocks.append(
                [
                    _stacked([row[k] for row in rows], shape_of(output) + shape_of(t), 0, t)
                    for k, t in enumerate(self.inputs)
                ]
            )
        return blocks

    def _columns(self) -> list[list[Any]]:
        """One forward sweep an input entry."""
        blocks: list[list[Any]] = [[] for _ in self.outputs]
        for t in self.inputs:
            columns = [self._moved({t.index: seed}) for seed in _basis(t)]
            for number, output in enumerate(self.outputs):
                shape = shape_of(output) + shape_of(t)
                column = [c[number] for c in columns]
                blocks[number].append(_stacked(column, shape, -1, output))
        return blocks


def _size(x: Any) -> int:
    return int(np.prod(shape_of(x), dtype=object))


def _basis(x: Any) -> Any:
    """Yield the unit arrays of the shape of x."""
    shape, dtype = shape_of(x), getattr(x, "dtype", np.float64)
    for i in range(_size(x)):
        unit = np.zeros(shape, dtype)
        unit.flat[i] = 1
        yield unit[()]


def _stacked(parts: list[Any], shape: tuple, axis: int, like: Any) -> Any:
    if not parts:
        return np.zeros(shape, getattr(like, "dtype", np.float64))
    return np.stack(parts, axis).reshape(shape)


# -- arguments ---------------------------------------------------------------------


def _is_int(argnums: Any) -> bool:
    return isinstance(argnums, (int, np.integer))


def _argnums(f: Callable, argnums: Argnums, wrt: Names) -> tuple[int, ...]:
    """Return positions, from positions or from parameter names."""
    if wrt is not None:
        known = list(inspect.signature(f).parameters)
        names = (wrt,) if isinstance(wrt, str) else tuple(wrt)
        missing = [name for name in names if name not in known]
        if missing:
            raise ArgumentError(f"{missing[0]!r} is not a parameter; there are {', '.join(known)}")
        return tuple(known.index(name) for name in names)
    numbers = (argnums,) if _is_int(argnums) else tuple(argnums)  # type: ignore[arg-type]
    if not all(map(_is_int, numbers)):
        raise ArgumentError(f"argnums is an int or a sequence of ints, not {argnums!r}")
    return numbers  # type: ignore[return-value]


def _several(argnums: Argnums, wrt: Names) -> bool:
    """Say whether derivatives come as a tuple."""
    return not isinstance(wrt, str) if wrt is not None else not _is_int(argnums)


def _check_numbers(numbers: Sequence[int], args: Sequence[Any]) -> None:
    for n in numbers:
        if not -len(args) <= n < len(args):
            raise ArgumentError(
                f"argnums names argument {n}, but {len(args)} positional argument"
                f"{' was' if len(args) == 1 else 's were'} given; arguments to differentiate by "
                "are passed by position"
            )


def _traced_arguments(
    f: Callable, tape: Tape, numbers: Sequence[int], args: tuple
) -> tuple[list, dict]:
    _check_numbers(numbers, args)
    traced, primals = list(args), {}
    for n in numbers:
        value = args[n]
        if value.__class__ is float:
            primals[n] = np.float64(value)
            traced[n] = tape.input(primals[n])
        else:
            primals[n] = _primals(value, _Path(f, n))
            traced[n] = map_leaves(tape.input, primals[n])
    return traced, primals


class _Path:
    """The name of an argument, looked up only when a message needs it."""

    def __init__(self, f: Callable, n: int) -> None:
        self.f, self.n = f, n

    def __str__(self) -> str:
        return _names_of(self.f)(self.n)


def _names_of(f: Callable) -> Callable[[int], str]:
    try:
        names = list(inspect.signature(f).parameters)
    except (TypeError, ValueError):
        names = []
    return lambda n: names[n] if -len(names) <= n < len(names) else f"argument {n}"


def _primals(value: Any, path: Any) -> Any:
    """Return an argument as values to differentiate by."""
    if value.__class__ in (list, tuple, dict) or isinstance(value, (list, tuple, dict)):
        return rebuild(value, iter([as_primal(v, p) for p, v in leaves(value, str(path))]))
    return as_primal(value, path)


def _as_tuple(values: Any) -> tuple:
    return tuple(values) if isinstance(values, (tuple, list)) else (values,)


def _matching(given: Any, like: Any, what: str, whose: str) -> list[Any]:
    """Return the leaves of `given`, which must fit those of `like`."""
    pairs, wanted = list(leaves(given)), list(leaves(like))
    if [path for path, _ in pairs] != [path for path, _ in wanted]:
        raise ShapeError(f"the {what} must have the structure of the {whose}")
    for (path, value), (_, target) in zip(pairs, wanted, strict=True):
        if np.shape(value) != shape_of(target):
            raise ShapeError(
                f"the {what}{path} has shape {np.shape(value)}, its {whose} {shape_of(target)}"
            )
    return [
        value if value.__class__ is Tracer else _cast_like(value, target)
        for (_, value), (_, target) in zip(pairs, wanted, strict=True)
    ]


def _cast_like(value: Any, target: Any) -> Any:
    dtype = getattr(target, "dtype", np.dtype(float))
    return np.asarray(value).astype(dtype if dtype.kind in "fc" else float)[()]


# -- results of a traced call ----------------------------------------------------------


def _differentiable(result: Any) -> Any:
    """Check what a function returned; arrays of traced values become traced arrays."""

    def leaf(value: Any) -> Any:
        if isinstance(value, np.ndarray):
            value = gather(value)
        kind = getattr(value, "dtype", None)
        number = isinstance(value, (float, int, complex)) or kind is not None
        if not number or (kind is not None and kind.kind not in "fciub"):
            raise NotDifferentiable(
                f"the function returned {_told(value)}, which has no derivative; return a "
                "number, an array, or a list, tuple or dict of them"
            )
        return value

    return map_leaves(leaf, result)


def _told(value: Any) -> str:
    return "None (is a return missing?)" if value is None else f"a {type(value).__name__}"


def _value_and_aux(result: Any) -> tuple:
    if not isinstance(result, tuple) or len(result) != 2:
        raise ArgumentError("with has_aux=True the function must return (value, aux)")
    return result


def _inside(value: Any, tape: Tape) -> Any:
    """Return what this tape's tracer holds; anything else as it is."""
    return value.value if value.__class__ is Tracer and value.tape is tape else value


def _released(nest: Any, tape: Tape) -> Any:
    """Replace this tape's tracers by their values."""
    return map_leaves(lambda leaf: _inside(leaf, tape), nest)


def _scalar_pullback(tape: Tape, y: Any) -> tuple[Any, dict[int, Any]]:
    """Check that y is one real number, and pull 1 back from it."""
    if y.__class__ is not Tracer:
        y = _differentiable(y)
    if isinstance(y, (list, tuple, dict)):
        raise NonScalarOutput(
            f"grad needs one number, but the function returned a {type(y).__name__}; return "
            "the loss alone, or (loss, aux) with has_aux=True"
        )
    if shape_of(y):
        raise NonScalarOutput(
            f"grad needs one number, but the result has shape {shape_of(y)}; sum it, or use "
            "dk.jacobian or dk.elementwise_grad"
        )
    if y.__class__ is not Tracer or y.tape is not tape:
        return y, {}
    kind = y.dtype.kind
    if kind == "c":
        raise NonScalarOutput("grad needs a real number, but the result is complex; take .real")
    if kind != "f":
        raise NotDifferentiable(f"the result is {y.dtype}, which has no derivative")
    with np.errstate(all="ignore"):
        return y.value, pullback(tape.records, {y.index: 1})


def _gradient_of(bars: dict, traced: Any, primal: Any) -> Any:
    """Collect the gradient by one argument, in its structure."""
    if traced.__class__ is Tracer:
        return _complete(bars.get(traced.index), primal)
    found = [_complete(bars.get(leaf.index), leaf.value) for _, leaf in leaves(traced)]
    return rebuild(primal, iter(found))


def _warn_of_zeros(f: Callable, bars: dict, traced: dict[int, Any]) -> None:
    """Name every argument that nothing arrived at."""
    for n, argument in traced.items():
        for path, leaf in leaves(argument):
            if leaf.index not in bars:
                warnings.warn(
                    f"the result does not depend on {_names_of(f)(n)}{path} (or only through "
                    "steps whose derivative is zero, such as comparisons and floor): this "
                    "gradient is zero",
                    ZeroGradientWarning,
                    stacklevel=4,
                )


def _complete(bar: Any, primal: Any) -> Any:
    """Return a derivative as a value of the primal's shape and dtype."""
    if bar.__class__ is Masked:
        bar = bar.bar
    if bar is None or bar.__class__ in (int, float):
        shape = shape_of(primal)
        kind = primal.dtype if getattr(primal, "dtype", np.dtype(int)).kind in "fc" else float
        return np.full(shape, bar or 0, kind)[() if not isinstance(concrete(primal), np.ndarray) else ...]
    if concrete(primal).__class__ is np.ndarray and bar.__class__ is not Tracer:
        return np.asarray(bar)
    return bar


def _own(found: list[Any]) -> None:
    """Let no two gradients share memory, and none be read-only."""
    seen: set[int] = set()
    for i, value in enumerate(found):
        if isinstance(value, (list, tuple, dict)):
            parts = [leaf for _, leaf in leaves(value)]
            _own(parts)
            found[i] = rebuild(value, iter(parts))
        elif value.__class__ is np.ndarray:
            if value.base is not None or not value.flags.writeable or id(value) in seen:
                found[i] = value.copy()
            seen.add(id(value))


# -- named sources -----------------------------------------------------------------


def _positional(f: Any) -> Callable:
    """Return a text or Program as a function of positional arguments."""
    if not is_named_source(f):
        return f

    def evaluate(*args: Any, **kwargs: Any) -> Any:
        program, values = named_program(f, args, kwargs)
        results = program.run(values)
        return results[0] if len(results) == 1 else tuple(results)

    return evaluate


def _named(source: Any, wrt: Names, operator: Callable) -> Callable:
    """Apply a derivative operator to a text, Program or SymPy expression."""

    def evaluate(*args: Any, **kwargs: Any) -> Any:
        program, values = named_program(source, args, kwargs)
        names = _selected_names(program, wrt)

        def of_inputs(*inputs: Any) -> Any:
            results = program.run(dict(zip(program.inputs, inputs, strict=True)))
            return results[0] if len(results) == 1 else tuple(results)

        of_inputs.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
            [inspect.Parameter(n, inspect.Parameter.POSITIONAL_ONLY) for n in program.inputs]
        )
        numbers = tuple(program.inputs.index(name) for name in names)
        single = isinstance(wrt, str) or len(names) == 1
        return operator(of_inputs, numbers[0] if single else numbers)(*values.values())

    return evaluate


def _named_value_and_grad(source: Any, wrt: Names) -> Callable:
    def evaluate(*args: Any, **kwargs: Any) -> Any:
        names: tuple[str, ...] = ()

        def operator(f: Callable, numbers: Any) -> Callable:
            nonlocal names
            known = list(inspect.signature(f).parameters)
            names = tuple(known[n] for n in _as_tuple(numbers))
            return value_and_grad(f, numbers)

        value, slopes = _named(source, wrt, operator)(*args, **kwargs)
        return value, Gradients(names, slopes) if isinstance(slopes, tuple) else slopes

    return evaluate


def _selected_names(program: Program, wrt: Names) -> tuple[str, ...]:
    names = (wrt,) if isinstance(wrt, str) else program.inputs if wrt is None else tuple(wrt)
    for name in names:
        if name not in program.inputs:
            raise ArgumentError(
                f"{name!r} is not an input; the inputs are {', '.join(program.inputs) or 'none'}"
            )
    if not names:
        raise ArgumentError("there is nothing to differentiate by: no inputs")
    return names
