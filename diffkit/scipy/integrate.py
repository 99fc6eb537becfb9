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
    """Integrate y' = func(y, t, *args); traced, it has derivatives by y0, t and args.

    Jacobians of func (Dfun) are not needed: they are differentiated from func.
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
