"""The verbs: functions that take a function and return its derivative."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np

from ..core.tracing import Tape
from ..errors import ArgumentError
from ..frontends import is_named_source
from .arguments import (
    Argnums,
    Names,
    as_tuple,
    check_positions,
    matching,
    names_of,
    positions,
    traced_arguments,
    wants_tuple,
)
from .duals import pair_pullback
from .named import apply_named, named_value_and_grad, positional
from .results import (
    gradients_of,
    real_number,
    released,
    scalar_pullback,
    value_and_aux,
    warn_of_zeros,
)
from .run import Run

# -- reverse mode ----------------------------------------------------------------


def grad(
    f: Any, argnums: Argnums | None = None, has_aux: bool = False, *, wrt: Names = None
) -> Callable:
    """Return the function that computes the gradient of f.

    Parameters
    ----------
    f : callable, str, Program or SymPy expression
        Must return one real number.
    argnums : int or sequence of int
        Positional arguments to differentiate by: arrays, numbers, or lists,
        tuples and dicts of them. Integers are taken as float64. By default the
        first; of a text, Program or SymPy expression all inputs.
    has_aux : bool
        The function f returns (value, aux); the gradient function then returns (gradient, aux).
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
    f: Any, argnums: Argnums | None = None, has_aux: bool = False, *, wrt: Names = None
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
        if has_aux:
            raise ArgumentError("has_aux is for functions; a text or Program has no second result")
        return named_value_and_grad(f, argnums, wrt, value_and_grad)
    if not callable(f):
        raise ArgumentError(
            f"{f!r} is neither a function, a text, a Program nor a SymPy expression"
        )
    return _value_and_grad(f, positions(f, argnums, wrt), wants_tuple(argnums, wrt), has_aux)


def _value_and_grad(
    f: Callable, numbers: tuple[int, ...], several: bool, has_aux: bool = False, warn: bool = True
) -> Callable:
    @wraps(f, updated=())
    def evaluate(*args: Any, **kwargs: Any) -> Any:
        tape = Tape()
        traced, primals = traced_arguments(f, tape, numbers, args)
        inputs = len(tape.records)
        y = tape.call(f, traced, kwargs)
        aux = None
        if has_aux:
            y, aux = value_and_aux(y)
        value, bars = scalar_pullback(tape, y)
        tape.closed = True
        if warn:
            for bar in bars[:inputs]:
                if bar is None:
                    warn_of_zeros(f, bars, numbers, primals)
                    break
        slopes = gradients_of(bars, primals)
        slope = tuple(slopes) if several else slopes[0]
        return ((value, released(aux, tape)) if has_aux else value), slope

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
    run = Run(positional(f), primals, has_aux)

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
    primals, tangents = as_tuple(primals), as_tuple(tangents)
    run = Run(positional(f), primals, has_aux)
    y_dot = run.push(tangents)
    return (run.value, y_dot, run.aux) if has_aux else (run.value, y_dot)


def hvp(f: Callable, primals: Any, tangents: Any) -> Any:
    """Multiply the Hessian of f with a vector, without forming it.

    Forward over reverse: the tangent of the gradient, computed together with it in one
    sweep over one recording of f.

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
    product = _tangent_of_gradient(positional(f), as_tuple(primals), as_tuple(tangents))
    return product[0] if len(product) == 1 else tuple(product)


def _tangent_of_gradient(f: Callable, args: tuple, tangents: tuple) -> list[Any]:
    """Record f once, and sweep through its recording with every value's tangent at hand."""
    tape, numbers = Tape(), range(len(args))
    traced, primals = traced_arguments(f, tape, numbers, args)
    dots = matching(list(tangents), primals, "tangent", "primal")
    y = real_number(tape, tape.call(f, traced, {}))
    bars = pair_pullback(tape, dots, y)
    tape.closed = True
    if any([bar is None for bar, _ in bars]):
        warn_of_zeros(f, [bar for bar, _ in bars], numbers, primals)
    return gradients_of([dot for _, dot in bars], primals)


# -- matrices ----------------------------------------------------------------------


def jacobian(
    f: Any, argnums: Argnums | None = None, *, wrt: Names = None, mode: str | None = None
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
        return apply_named(f, argnums, wrt, lambda g, n: jacobian(g, n, mode=mode))
    numbers = positions(f, argnums, wrt)
    several = wants_tuple(argnums, wrt)

    @wraps(f, updated=())
    def matrix(*args: Any, **kwargs: Any) -> Any:
        check_positions(numbers, args)

        def of_selected(*selected: Any) -> Any:
            filled = list(args)
            for n, value in zip(numbers, selected, strict=True):
                filled[n] = value
            return f(*filled, **kwargs)

        run = Run(of_selected, [args[n] for n in numbers], paths=names_of(f))
        return run.jacobian(mode, bare=not several)

    return matrix


def hessian(f: Any, argnums: Argnums | None = None, *, wrt: Names = None) -> Callable:
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
        return apply_named(f, argnums, wrt, hessian)
    numbers = positions(f, argnums, wrt)
    several = wants_tuple(argnums, wrt)
    evaluate = _value_and_grad(f, numbers, several, warn=False)

    @wraps(f, updated=())
    def slopes(*args: Any, **kwargs: Any) -> Any:
        return evaluate(*args, **kwargs)[1]

    return jacobian(slopes, numbers if several else numbers[0], mode="forward")


def elementwise_grad(f: Any, argnums: Argnums | None = None, *, wrt: Names = None) -> Callable:
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
        return apply_named(f, argnums, wrt, elementwise_grad)

    @wraps(f, updated=())
    def total(*args: Any, **kwargs: Any) -> Any:
        return np.sum(f(*args, **kwargs))

    return grad(total, argnums, wrt=wrt)
