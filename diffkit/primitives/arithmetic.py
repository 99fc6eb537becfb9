"""Arithmetic of two operands, powers, remainders, and the choice between values.

Columns as in `elementwise`; a partial is given (out, *operands).
"""

import operator
from math import inf

import numpy as np

from ..core.tracing import shape_of
from .comparison import (
    equal,
    greater,
    greater_equal,
    less,
    less_equal,
    logical_and,
    logical_not,
)
from .elementwise import LN2, log, quotient, sigmoid, sign, trunc
from .rules import Masked, array_row, match, row
from .shaping import broadcast_to

_CALCULUS = "difference quotient, any calculus textbook"
_EITHER = "each branch has its own derivative; at a tie each operand gets half"
_POSITIVE = ((0, inf), (-inf, inf))
_ONE = np.float64(1)


def _difference(a, b):
    """Zero where the operands tie."""
    return a - b


def _quotient_steps(a, b):
    """Zero where a/b is whole."""
    return np.sin(np.pi * a / b)


# -- powers ----------------------------------------------------------------------


def _power_by_base(y, a, b):
    """b*a**(b-1), and 0 for b = 0 even at a = 0."""
    if b.__class__ in (int, float):
        return _constant_power(a, b)
    return b * a ** where(equal(b, 0), 1.0, b - 1)


def _constant_power(a, b):
    """A constant exponent never meets a logarithm nor 0*inf."""
    if b == 0:
        return 0.0
    if b == 1:
        return 1
    return 2 * a if b == 2 else b * a ** (b - 1)


def _power_by_exponent(y, a, b):
    """y*log(a), and 0 where a is 0."""
    return y * log(where(equal(a, 0), 1.0, a))


def _inverse(b):
    """1/b, and inf rather than Python's exception where b is a constant 0."""
    return _ONE / b if b.__class__ in (int, float) else 1 / b


# -- steps -----------------------------------------------------------------------


def _step(a, b):
    """1 where a > b (or b is nan), 1/2 where they tie, else 0."""
    return np.where(a == b, 0.5, np.where((a > b) | (b != b), 1.0, 0.0))[()]


# fmt: off
add          = row("add",      operator.add,     [1, 1],                 lambda sp, a, b: a + b,
                   form="{0} + {1}", source=_CALCULUS)
subtract     = row("subtract", operator.sub,     [1, -1],                lambda sp, a, b: a - b,
                   form="{0} - {1}", source=_CALCULUS)
multiply     = row("multiply", operator.mul,     [lambda _, a, b: b,
                                                  lambda _, a, b: a],    lambda sp, a, b: a * b,
                   form="{0}*{1}", source=_CALCULUS)
divide       = row("divide",   operator.truediv, [lambda _, a, b: _inverse(b),
                                                  lambda y, a, b: -y / b], lambda sp, a, b: a / b,
                   form="{0}/{1}", domain=((-inf, inf), (0, inf)), source=_CALCULUS)
power        = row("power",    operator.pow,     [_power_by_base, _power_by_exponent],
                   lambda sp, a, b: a**b,
                   form="{0}**{1}", domain=_POSITIVE, source="DLMF 4.7.12, 4.7.7")
float_power  = row("float_power", np.float_power, [_power_by_base, _power_by_exponent],
                   lambda sp, a, b: a**b, domain=_POSITIVE, source="DLMF 4.7.12, 4.7.7")
hypot        = row("hypot",    np.hypot,         [lambda y, a, b: quotient(a, y), lambda y, a, b: quotient(b, y)],
                   lambda sp, a, b: sp.sqrt(a**2 + b**2), kinks="the origin, where it answers 0",
                   source="chain rule; 0 at the origin")
# (b/h)/h, not b/(a*a + b*b): squares overflow beyond 1e154 and vanish below 1e-162.
arctan2      = row("arctan2",  np.arctan2,       [lambda _, a, b: b / hypot(a, b) / hypot(a, b),
                                                  lambda _, a, b: -a / hypot(a, b) / hypot(a, b)],
                   "atan2", domain=((0, inf), (-inf, inf)), source="DLMF 4.24.9 with a/b")

# exp(a - y), the textbook's form, loses digits where y is large.
logaddexp    = row("logaddexp",  np.logaddexp,   [lambda _, a, b: sigmoid(a - b),
                                                  lambda _, a, b: sigmoid(b - a)],
                   lambda sp, a, b: sp.log(sp.exp(a) + sp.exp(b)), source="chain rule")
logaddexp2   = row("logaddexp2", np.logaddexp2,  [lambda _, a, b: sigmoid(LN2 * (a - b)),
                                                  lambda _, a, b: sigmoid(LN2 * (b - a))],
                   lambda sp, a, b: sp.log(2**a + 2**b) / sp.log(2), source="chain rule")

remainder    = row("remainder", operator.mod,    [1, lambda _, a, b: -floor_divide(a, b)],
                   lambda sp, a, b: a - b * sp.floor(a / b), form="{0} % {1}",
                   domain=((-inf, inf), (0, inf)), kinks=_quotient_steps, source="a - b*floor(a/b)")
fmod         = row("fmod",      np.fmod,         [1, lambda _, a, b: -trunc(a / b)],
                   lambda sp, a, b: a - b * sp.sign(a / b) * sp.floor(sp.Abs(a / b)),
                   domain=((-inf, inf), (0, inf)), kinks=lambda a, b: np.sinc(a / b), source="a - b*trunc(a/b)")
floor_divide = row("floor_divide", operator.floordiv, [0, 0],            lambda sp, a, b: sp.floor(a / b),
                   form="{0}//{1}", domain=((-inf, inf), (0, inf)), kinks=_quotient_steps,
                   source="constant between its jumps")
copysign     = row("copysign",  np.copysign,     [lambda _, a, b: sign(a) * copysign(1.0, b), 0],
                   lambda sp, a, b: sp.Abs(a) * sp.sign(b), domain=((-inf, inf), (-inf, inf)),
                   kinks=lambda a, b: a * b, source="|a|*sign(b)")
heaviside    = row("heaviside", np.heaviside,    [0, lambda _, x, h: where(equal(x, 0), 1.0, 0.0)],
                   lambda sp, x, h: sp.Heaviside(x, h), kinks=lambda x, h: x,
                   source="constant but for x = 0, where it is h")
ldexp        = row("ldexp",     np.ldexp,        [lambda _, x, n: ldexp(1.0, n), "n"],
                   lambda sp, x, n: x * 2**n, source="x * 2**n, n whole")

# What maximum and its relatives hand to each side: 1, 1/2 at a tie, or 0.
step         = row("step",      _step,           [0, 0],
                   lambda sp, a, b: sp.Heaviside(a - b, sp.Rational(1, 2)),
                   kinks=_difference, source="constant between its jumps")
maximum      = row("maximum",   np.maximum,      [lambda _, a, b: step(a, b), lambda _, a, b: step(b, a)],
                   "Max", kinks=_difference, source=_EITHER)
minimum      = row("minimum",   np.minimum,      [lambda _, a, b: step(b, a), lambda _, a, b: step(a, b)],
                   "Min", kinks=_difference, source=_EITHER)
fmax         = row("fmax",      np.fmax,         [lambda _, a, b: step(a, b), lambda _, a, b: step(b, a)],
                   "Max", kinks=_difference, source=_EITHER)
fmin         = row("fmin",      np.fmin,         [lambda _, a, b: step(-a, -b), lambda _, a, b: step(-b, -a)],
                   "Min", kinks=_difference, source=_EITHER)
# fmt: on


# -- choices -----------------------------------------------------------------------


def _chosen(bar, keep, y, x):
    """The cotangent of a branch, known to be zero where the other one was taken."""
    if shape_of(keep) != shape_of(y):
        keep = broadcast_to(keep, shape=shape_of(y))
    return Masked.matched(bar, keep, x)


def _where_push(dots, y, condition, a, b):
    moving = [0.0 if dot is None else dot for dot in dots[1:]]
    return match(where(condition, *moving), y)


where = array_row(
    "where",
    lambda condition, a, b: np.where(condition, a, b)[()],  # a number, not an array of no axes
    [
        None,
        lambda bar, y, c, a, b: _chosen(where(c, bar, 0.0), c, y, a),
        lambda bar, y, c, a, b: _chosen(where(c, 0.0, bar), logical_not(c), y, b),
    ],
    _where_push,
    elementwise=True,
    sympy=lambda sp, c, a, b: sp.Piecewise((a, c), (b, True)),
    kinks="a jump wherever the condition changes",
    source="each branch keeps its own derivative",
    examples=(((np.array([True, False, True]), (3,), (3,)), {}),),
)


def _inside(x, low, high):
    """1 in the closed interval, as torch has it; autograd gives 0 at its ends, JAX 1/2."""
    return where(logical_and(greater_equal(x, low), less_equal(x, high)), 1.0, 0.0)


# fmt: off
clip         = row("clip",      np.clip,         [lambda _, x, low, high: _inside(x, low, high),
                                                  lambda _, x, low, high: where(less(x, low), 1.0, 0.0),
                                                  lambda _, x, low, high: where(greater(x, high), 1.0, 0.0)],
                   lambda sp, x, low, high: sp.Min(sp.Max(x, low), high),
                   domain=((-3, 3), (-2, -1), (1, 2)), kinks=lambda x, low, high: (x - low) * (x - high),
                   source="min(max(x, low), high); 1 at the ends, as torch")
# fmt: on
