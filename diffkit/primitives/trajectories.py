"""Trajectories of ordinary differential equations, and what they depend on.

y' = f(y, t, *args) from y0 at t[0] is solved by scipy.integrate.odeint. How the solution
moves with an operand x is the solution of another such equation, its sensitivity: S = dy/dx
obeys S' = (df/dy) S + df/dx. So the derivative of the row is the row again, of y and S
together, and has derivatives of its own. n entries of y and m of x make n*(1 + m) equations.
"""

import numpy as np

from ..core.sweeps import pushforward, recorded
from ..core.tracing import Tracer, abstract, shape_of
from ..errors import ShapeError, SymbolicError, TracingError, user_line
from .functions import as_array
from .rules import array_row, plain
from .scipys import FromSciPy
from .shaping import concatenate, getitem, reshape, stack

_odeint = FromSciPy("integrate", "odeint")


def _solved(y0, t, *args, func, options):
    return _odeint(checked(func), y0, t, args=args, **options)


def checked(func):
    """The rate as SciPy calls it, with plain numbers, which are to give plain numbers."""

    def rate(y, t, *args):
        found = _rate(func, y, t, args)
        if found.__class__ is Tracer:
            raise TracingError(
                "the function that odeint integrates uses a traced value that is not among its "
                f"arguments{user_line()}; hand it over by args="
            )
        return found

    return rate


def _rate(func, y, t, args):
    """Return the rate in the shape of y; functions also return lists, or a number for one entry."""
    rate = as_array(func(y, t, *args))
    rate = rate if rate.__class__ is Tracer else np.asarray(rate)
    if rate.size != y.shape[0]:
        raise ShapeError(
            f"odeint: the function returned the shape {rate.shape} for y of shape {y.shape}"
        )
    return rate.reshape(-1)


class _WithSensitivity:
    """The rate of y and of S = dy/d(operand k), in one vector; y0 is operand 0, t 1, args[0] 2."""

    def __init__(self, func, count, k):
        self.func, self.count, self.k = func, count, k

    def __call__(self, both, t, *args):
        """Return y' and S', which is a tangent of y' for every column of S."""
        y = getitem(both, index=(slice(None, self.count),))
        s = reshape(getitem(both, index=(slice(self.count, None),)), shape=(self.count, -1))
        tape, rate = recorded(lambda y, *args: _rate(self.func, y, t, args), [y, *args])
        if rate.__class__ is not Tracer or rate.tape is not tape:
            return concatenate(rate, np.zeros(s.shape).reshape(-1), axis=0)
        columns = [self._column(tape, rate, s, j, args) for j in range(s.shape[1])]
        moved = reshape(stack(*columns, axis=1), shape=(-1,))
        return concatenate(rate.value, moved, axis=0)

    def _column(self, tape, rate, s, j, args):
        dots = {0: getitem(s, index=(slice(None), j))}
        if self.k > 1:
            shape = shape_of(args[self.k - 2])
            dots[self.k - 1] = np.eye(1, int(np.prod(shape)), j).reshape(shape)[()]
        dot = pushforward(tape, dots)[rate.index]
        return np.zeros(self.count) if dot is None else plain(dot, rate.value)


def _sensitivity(y0, t, args, k, func, options):
    """dy/d(operand k) at all times, (times, n, m): m the number of its entries."""
    n = y0.shape[0]
    start = np.eye(n) if k == 0 else np.zeros((n, int(np.prod(shape_of(args[k - 2])))))
    both = odeint(
        concatenate(y0, start.reshape(-1), axis=0),
        t,
        *args,
        func=_WithSensitivity(func, n, k),
        options=options,
    )
    s = getitem(both, index=(slice(None), slice(n, None)))
    return reshape(s, shape=(shape_of(t)[0], n, start.shape[1]))


def _vjp(k, bar, y, y0, t, *args, func, options):
    if k == 1:
        return _by_time(bar, y, y0, t, args, func, options)
    s = _sensitivity(y0, t, args, k, func, options)
    x_bar = (reshape(bar, shape=(*bar.shape, 1)) * s).sum(axis=(0, 1))
    return reshape(x_bar, shape=shape_of(y0 if k == 0 else args[k - 2]))


def _by_time(bar, y, y0, t, args, func, options):
    """Each time moves its own point along the curve; the first one moves the whole curve."""
    times = range(shape_of(t)[0])
    rates = stack(*[_rate(func, y[i], t[i], args) for i in times], axis=0)
    t_bar = (bar * rates).sum(axis=1)
    y0_bar = _vjp(0, bar, y, y0, t, *args, func=func, options=options)
    first = np.eye(1, len(times)).reshape(-1)
    return t_bar - (y0_bar * rates[0]).sum() * first


def _no_form(scalar, *operands, **params):
    raise SymbolicError("a trajectory has no closed form")


def _driven(y, t, a):
    return [np.cos(t) - a[0] * np.sin(y[0])]


_TIGHT = {"rtol": 1e-12, "atol": 1e-12}

odeint = array_row(
    "odeint",
    _solved,
    _vjp,
    form=lambda names, params: f"odeint({', '.join(names)})",
    shape=lambda y0, t, *args, func, options: abstract((*t.shape, *y0.shape), np.float64),
    objects=_no_form,
    source="Hairer, Norsett & Wanner, Solving Ordinary Differential Equations I, section I.14",
    examples=((((1,), np.array([0.0, 0.3]), (1,)), {"func": _driven, "options": _TIGHT}),),
)
