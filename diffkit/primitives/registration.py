"""Rows from outside: `register` gives any function a derivative."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..core.primitive import PRIMITIVES, REALS, Primitive
from ..core.tracing import ALL
from ..errors import ArgumentError
from .functions import FUNCTIONS
from .rules import array_row, row


def register(
    function: Callable,
    *,
    partials: Sequence[Any] | None = None,
    vjps: Sequence[Any] | None = None,
    jvp: str | Callable | None = None,
    name: str | None = None,
    **facts: Any,
) -> Primitive:
    """Give a function a derivative, so that it can be traced.

    Parameters
    ----------
    function : callable
        Computes with NumPy arrays. A ufunc (NumPy's, SciPy's, numba's) or a function of
        NumPy is from then on understood wherever it meets a traced value; of any
        other function the row that is returned must be called in its place.
    partials : sequence, optional
        For a function that acts on each entry by itself: dy/dx for each operand,
        given (y, *operands), or a constant; or the name of an operand that has no rule:
        differentiating by it is then an error.
    vjps : sequence, optional
        For any other function: the cotangent of each operand, given
        (y_bar, y, *operands, **params).
    jvp : {"linear", "multilinear"} or callable, optional
        With `vjps`: how tangents pass; found from the VJPs by default.
    name : str, optional
        How steps print; the function's own name by default.
    **facts
        More of the row: sympy, domain, kinks, source, examples, shape (see
        `diffkit.primitives.Primitive`).

    Returns
    -------
    Primitive, called like the function (keyword arguments are not differentiated)

    Raises
    ------
    ArgumentError
        If the name is taken, or not exactly one of `partials` and `vjps` is given.

    Notes
    -----
    Rules that are to be differentiated again, or that stand in an adjoint Program,
    are written with NumPy functions or rows, and look at shapes, never at values.
    Programs find their rows by name: a process that unpickles one registers first.

    Examples
    --------
    >>> import numpy as np
    >>> import diffkit as dk
    >>> softsign = dk.register(
    ...     lambda x: x / (1 + np.abs(x)),
    ...     name="softsign",
    ...     partials=[lambda y, x: 1 / (1 + np.abs(x)) ** 2],
    ... )
    >>> float(dk.grad(lambda x: softsign(x) * x)(1.0))
    0.75
    >>> dk.primitives.unregister("softsign")
    """
    if (partials is None) == (vjps is None):
        raise ArgumentError("give partials= (entry by entry) or vjps= (anything else), not both")
    name = str(name or getattr(function, "__name__", ""))
    if not name.isidentifier():
        raise ArgumentError(f"the row needs a name: register(..., name='f'), not {name!r}")
    if name in PRIMITIVES:
        raise ArgumentError(f"there is a row {name!r} already; give another name=")
    facts.setdefault("source", "registered by the user")
    primitive = _made(function, partials, vjps, jvp, name, facts)
    primitive.reads = ALL  # what others wrote may do anything
    if isinstance(function, np.ufunc) or getattr(function, "__module__", "") == "numpy":
        FUNCTIONS.setdefault(function, primitive)
    return primitive


def _made(
    function: Callable,
    partials: Sequence[Any] | None,
    vjps: Sequence[Any] | None,
    jvp: str | Callable | None,
    name: str,
    facts: dict[str, Any],
) -> Primitive:
    if partials is not None:
        facts.setdefault("domain", REALS)
        rules = [_partial(name, p) for p in partials]
        return row(name, function, rules, facts.pop("sympy", None), **facts)
    assert vjps is not None
    return array_row(name, function, list(vjps), jvp, **facts)


def _partial(name: str, partial: Any) -> Any:
    """Return a partial as rows have it: a function, a whole number, or a name."""
    if callable(partial) or partial.__class__ in (str, int):
        return partial
    if isinstance(partial, (float, complex, np.number)):
        return lambda *values: partial
    raise ArgumentError(
        f"{name}: a partial is a function of (y, *operands), a constant, or the name of an operand "
        f"without a rule, not {partial!r}"
    )


def unregister(name: str) -> None:
    """Take a registered row out of the table again."""
    primitive = PRIMITIVES.pop(name)
    for function in [f for f, definition in FUNCTIONS.items() if definition is primitive]:
        del FUNCTIONS[function]
