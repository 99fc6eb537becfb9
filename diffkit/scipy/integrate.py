"""Twin of scipy.integrate.odeint."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..core.nest import is_number
from ..errors import MissingRule, user_line
from ..primitives.trajectories import checked
from ..primitives.trajectories import odeint as solve
from .dispatch import TWINS, any_traced, array, rest_of, scipys

__all__ = ["odeint"]
__getattr__ = rest_of("integrate")


TWINS["integrate"] = {"odeint"}


def odeint(
    func: Callable,
    y0: Any,
    t: Any,
    args: Any = (),
    *more: Any,
    tfirst: bool = False,
    **options: Any,
) -> Any:
    """Integrate y' = func(y, t, *args); it has derivatives by y0, t and args.

    Parameters
    ----------
    func : callable
        (y, t, *args) -> rate of y, shape (n,), written with NumPy; with tfirst (t, y, *args).
    y0 : array, shape (n,), or a number
        y at t[0].
    t : array, shape (times,)
    args : tuple
        Numbers and arrays in it may be differentiated by; all else is passed on.
    tfirst : bool
    **options
        For traced values: rtol, atol, h0, hmax, hmin, mxstep, mxordn, mxords, each a number.
        The sensitivities are integrated with them too.

    Returns
    -------
    array, shape (times, n)

    Raises
    ------
    MissingRule
        For other options of scipy.integrate.odeint, if a value is traced. Jacobians
        (Dfun) are not needed: they are differentiated from func.
    TracingError
        If func uses a traced value that it was not given.
    ShapeError
        If func returns another number of entries than y has.

    References
    ----------
    scipy.integrate.odeint

    Examples
    --------
    >>> import numpy as np
    >>> from diffkit import grad
    >>> def at_end(rate):
    ...     return odeint(lambda y, t, k: -k * y, 1.5, np.array([0.0, 1.0]), (rate,))[-1, 0]
    >>> grad(at_end)(2.0).round(5)
    np.float64(-0.203)
    """
    args = args if isinstance(args, tuple) else (args,)
    if not any_traced((y0, t, *args), {}):
        rate = checked(_Rate(func, args, list(range(len(args))), tfirst))
        return scipys("integrate", "odeint")(rate, y0, t, args, *more, **options)
    wrong = [key for key in options if key not in _OPTIONS]
    if more or wrong or not all(map(np.isscalar, options.values())):
        raise MissingRule(
            f"odeint of traced values{user_line()} takes, after args and by name, numbers for "
            f"{', '.join(_OPTIONS)}; leave {', '.join(wrong) or 'all else'} out"
        )
    moving = [i for i, a in enumerate(args) if is_number(a) or isinstance(a, (list, tuple))]
    return solve(
        array(y0).reshape(-1),
        array(t),
        *[array(args[i]) for i in moving],
        func=_Rate(func, args, moving, tfirst),
        options=options,
    )


_OPTIONS = ("rtol", "atol", "h0", "hmax", "hmin", "mxstep", "mxordn", "mxords")


class _Rate:
    """The rate as a function of y, t and what may move; all else is in its place."""

    def __init__(self, func: Callable, args: tuple, moving: list[int], tfirst: bool) -> None:
        self.func, self.moving, self.tfirst = func, moving, tfirst
        self.args = tuple([None if i in moving else a for i, a in enumerate(args)])

    def __call__(self, y: Any, t: Any, *moving: Any) -> Any:
        """Call func as SciPy does."""
        args = list(self.args)
        for i, value in zip(self.moving, moving, strict=True):
            args[i] = value
        return self.func(t, y, *args) if self.tfirst else self.func(y, t, *args)
