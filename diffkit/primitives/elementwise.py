"""Elementwise functions of one operand, as in the back of a calculus book.

Each row: name, NumPy function, [dy/dx given (y, x)], SymPy form, where the rule is
smooth (domain), where it is not (kinks), where it is written down (source).
DLMF is the NIST Digital Library of Mathematical Functions, https://dlmf.nist.gov.
"""

import operator
from math import inf, pi
from math import log as _log

import numpy as np

from ..core.tracing import shape_of
from ..errors import NotDifferentiable
from .rules import PRIMITIVES, array_row, match, row

LN2, LN10 = _log(2), _log(10)

_CALCULUS = "difference quotient, any calculus textbook"


def _steps(x):
    """Zero at the jumps of floor and ceil: the whole numbers."""
    return np.sin(pi * x)


def _half_steps(x):
    """Zero at the jumps of rint: half-way between whole numbers."""
    return np.cos(pi * x)


def _sech(x):
    """1/cosh(x), which does not overflow on its way where x is real."""
    if _is_complex(x):
        return 1 / np.cosh(x)
    small = np.exp(-np.abs(x))
    bottom = small * small
    bottom += 1
    small += small  # in place: on large arrays, allocating costs more than adding
    small /= bottom
    return small


def _sigmoid(x):
    """1/(1 + exp(-x)), which does not overflow on its way where x is real."""
    if _is_complex(x):
        return 1 / (1 + np.exp(-x))
    small = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, small) / (1 + small)


def _quotient(a, b):
    """a/b, and 0 where b is 0."""
    if b.__class__ is np.float64 and b:
        return a / b
    return a / np.where(b == 0, np.inf, b)


def _absolute_slope(y, x):
    """The sign of a real x; conj(x)/|x| of a complex one."""
    return quotient(conjugated(x), y) if _is_complex(x) else sign(x)


# fmt: off
negative   = row("negative",   operator.neg,  [-1],                      lambda sp, x: -x,
                 form="-{0}", source=_CALCULUS)
positive   = row("positive",   operator.pos,  [1],                       lambda sp, x: x,
                 form="+{0}", source=_CALCULUS)
# How a name for an existing value, or for a constant, stands in a Program.
copy       = row("copy",       lambda x: x,   [1],                       lambda sp, x: x,
                 form="{0}", source=_CALCULUS)
square     = row("square",     np.square,     [lambda _, x: 2 * x],      lambda sp, x: x**2,
                 source=_CALCULUS)
reciprocal = row("reciprocal", np.reciprocal, [lambda y, x: -y * y],     lambda sp, x: 1/x,
                 domain=(0, inf), source=_CALCULUS)
# What a norm hands on: 0 at the origin by convention, where its own derivative is nan.
quotient   = row("quotient",   _quotient,     [lambda _, a, b: quotient(1.0, b),
                                               lambda y, a, b: -y / b], lambda sp, a, b: a / b,
                 domain=((-inf, inf), (0, inf)), source=_CALCULUS)
sqrt       = row("sqrt",       np.sqrt,       [lambda y, x: 0.5 / y],    "sqrt",
                 domain=(0, inf), source="DLMF 4.7.12")
cbrt       = row("cbrt",       np.cbrt,       [lambda y, x: 1 / (3 * y * y)],
                 lambda sp, x: sp.sign(x) * sp.Abs(x) ** sp.Rational(1, 3),
                 domain=(0, inf), source="DLMF 4.7.12")

exp        = row("exp",        np.exp,        [lambda y, x: y],          "exp",
                 source="DLMF 4.7.5")
exp2       = row("exp2",       np.exp2,       [lambda y, x: LN2 * y],    lambda sp, x: 2**x,
                 source="DLMF 4.7.7")
# y + 1 would lose every digit of exp(x) for x below -37.
expm1      = row("expm1",      np.expm1,      [lambda _, x: exp(x)],     lambda sp, x: sp.exp(x) - 1,
                 source="DLMF 4.7.5")
log        = row("log",        np.log,        [lambda _, x: 1 / x],      "log",
                 domain=(0, inf), source="DLMF 4.7.1")
log2       = row("log2",       np.log2,       [lambda _, x: 1 / (LN2 * x)],  lambda sp, x: sp.log(x) / sp.log(2),
                 domain=(0, inf), source="DLMF 4.7.1")
log10      = row("log10",      np.log10,      [lambda _, x: 1 / (LN10 * x)], lambda sp, x: sp.log(x) / sp.log(10),
                 domain=(0, inf), source="DLMF 4.7.1")
log1p      = row("log1p",      np.log1p,      [lambda _, x: 1 / (1 + x)], lambda sp, x: sp.log(1 + x),
                 domain=(-1, inf), source="DLMF 4.7.1")

sin        = row("sin",        np.sin,        [lambda _, x: cos(x)],     "sin",
                 source="DLMF 4.20.1")
cos        = row("cos",        np.cos,        [lambda _, x: -sin(x)],    "cos",
                 source="DLMF 4.20.2")
tan        = row("tan",        np.tan,        [lambda y, x: 1 + y * y],  "tan",
                 domain=(-pi / 2, pi / 2), source="DLMF 4.20.3")
# (1 - x)*(1 + x), not 1 - x*x: near the ends the latter has lost its digits.
arcsin     = row("arcsin",     np.arcsin,     [lambda _, x: 1 / sqrt((1 - x) * (1 + x))],  "asin",
                 domain=(-1, 1), source="DLMF 4.24.7")
arccos     = row("arccos",     np.arccos,     [lambda _, x: -1 / sqrt((1 - x) * (1 + x))], "acos",
                 domain=(-1, 1), source="DLMF 4.24.8")
arctan     = row("arctan",     np.arctan,     [lambda _, x: 1 / (1 + x * x)], "atan",
                 source="DLMF 4.24.9")

sinh       = row("sinh",       np.sinh,       [lambda _, x: cosh(x)],    "sinh",
                 source="DLMF 4.34.1")
cosh       = row("cosh",       np.cosh,       [lambda _, x: sinh(x)],    "cosh",
                 source="DLMF 4.34.2")
# 1 - y*y is 0.0 beyond |x| = 19.1, where sech(x)**2 is still 1e-16; and 1/cosh(x)**2
# has the derivative 0*inf beyond |x| = 710, where cosh overflows.
tanh       = row("tanh",       np.tanh,       [lambda _, x: sech(x) ** 2], "tanh",
                 source="DLMF 4.34.3")
sech       = row("sech",       _sech,         [lambda y, x: -y * tanh(x)], lambda sp, x: 1 / sp.cosh(x),
                 source="DLMF 4.34.5")
# y*(1 - y) would lose every digit for x beyond 37.
sigmoid    = row("sigmoid",    _sigmoid,      [lambda y, x: y * sigmoid(-x)], lambda sp, x: 1 / (1 + sp.exp(-x)),
                 source="quotient rule; 1 - sigmoid(x) = sigmoid(-x)")
# hypot(1, x), not sqrt(1 + x*x): the square overflows beyond |x| = 1e154.
arcsinh    = row("arcsinh",    np.arcsinh,    [lambda _, x: 1 / _hypot1(x)], "asinh",
                 source="DLMF 4.38.9")
arccosh    = row("arccosh",    np.arccosh,    [lambda _, x: 1 / sqrt((x - 1) * (x + 1))], "acosh",
                 domain=(1, inf), source="DLMF 4.38.10")
arctanh    = row("arctanh",    np.arctanh,    [lambda _, x: 1 / ((1 - x) * (1 + x))],     "atanh",
                 domain=(-1, 1), source="DLMF 4.38.11")

deg2rad    = row("deg2rad",    np.deg2rad,    [lambda _, x: pi / 180],   lambda sp, x: sp.pi * x / 180,
                 source=_CALCULUS)
rad2deg    = row("rad2deg",    np.rad2deg,    [lambda _, x: 180 / pi],   lambda sp, x: 180 * x / sp.pi,
                 source=_CALCULUS)

sign       = row("sign",       np.sign,       [0],                       "sign",
                 kinks=(0,), source="constant between its jumps")
absolute   = row("absolute",   np.absolute,   [_absolute_slope],         "Abs",
                 kinks=(0,), form="abs({0})", source="DLMF 1.4; at 0 the symmetric choice 0")
fabs       = row("fabs",       np.fabs,       [lambda _, x: sign(x)],    "Abs",
                 kinks=(0,), source="DLMF 1.4; at 0 the symmetric choice 0")
floor      = row("floor",      np.floor,      [0],                       "floor",
                 kinks=_steps, source="constant between its jumps")
ceil       = row("ceil",       np.ceil,       [0],                       "ceiling",
                 kinks=_steps, source="constant between its jumps")
trunc      = row("trunc",      np.trunc,      [0],                       lambda sp, x: sp.sign(x) * sp.floor(sp.Abs(x)),
                 kinks=np.sinc, source="constant between its jumps")
rint       = row("rint",       np.rint,       [0],                       lambda sp, x: sp.floor(x + sp.Rational(1, 2)),
                 kinks=_half_steps, source="constant between its jumps")
nan_to_num = row("nan_to_num", np.nan_to_num, [lambda _, x: where_finite(x)], lambda sp, x: x,
                 source="the identity where x is finite, a constant elsewhere")
# fmt: on


def where_finite(x):
    """1 where x is finite, else 0."""
    return PRIMITIVES["where"](PRIMITIVES["isfinite"](x), 1.0, 0.0)


def _hypot1(x):
    """sqrt(1 + x*x)."""
    return sqrt(1 + x * x) if _is_complex(x) else PRIMITIVES["hypot"](1.0, x)


def _of_reals(rule):
    """Refuse complex numbers: there sign(z) = z/|z| is no step function."""

    def refusing(first, *rest):
        if _is_complex(rest[-2][0]):
            raise NotDifferentiable("np.sign of a complex value has no rule; write z / np.abs(z)")
        return rule(first, *rest)

    return refusing


sign.pull, sign.push = _of_reals(sign.pull), _of_reals(sign.push)


# -- sinc ----------------------------------------------------------------------


def _smooth_bessel(x, *, order):
    """j_n(x)/x**n of spherical Bessel's j_n: entire, even, and 1/(2n+1)!! at 0."""
    x = np.asarray(x)
    x = x if x.dtype.kind in "fc" else x.astype(np.float64)
    small = np.abs(x) < order + 2.0
    near, far = np.where(small, x, 0.0), np.where(small, 1.0, x)
    both = np.where(small, _bessel_series(near, order), _bessel_upward(far, order))
    return both.astype(x.dtype)[()]


def _bessel_series(x, order):
    """DLMF 10.53.1, divided by x**n."""
    term = np.full(x.shape, 1.0 / np.prod(np.arange(1.0, 2 * order + 2, 2)))
    total, square_ = term.copy(), -x * x / 2
    for k in range(1, 40):
        term = term * square_ / (k * (2 * (order + k) + 1))
        total = total + term
    return total


def _bessel_upward(x, order):
    """DLMF 10.51.1, upward from sin(x)/x, stable for x > n."""
    now, before = np.sin(x) / x, np.cos(x) / x
    for n in range(order):
        now, before = (2 * n + 1) / x * now - before, now
    return now / x**order


def _elementary_bessel(sp):
    """In SymPy, sines and powers; another arithmetic may bring its own function."""
    return lambda x, order: sp.expand_func(sp.jn(order, x)) / x**order


def _smooth_bessel_vjp(bar, y, x, *, order):
    """DLMF 10.51.3: d/dx [x**-n j_n] = -x * [x**-(n+1) j_(n+1)]."""
    return bar * -x * smooth_bessel(x, order=order + 1)


smooth_bessel = array_row(
    "smooth_bessel",
    _smooth_bessel,
    [_smooth_bessel_vjp],
    lambda dots, y, x, *, order: _smooth_bessel_vjp(dots[0], y, x, order=order),
    shape=lambda x, order: x.shape,
    sympy=lambda sp, x, order=0: getattr(sp, "smooth_bessel", _elementary_bessel(sp))(x, order),
    source="DLMF 10.51.3",
    domain=((-inf, inf),),
    examples=(((3,), {"order": 0}), ((3,), {"order": 2})),
)

# (cos(pi*x) - y)/x, the textbook's form, is 0/0 at 0 and inexact near it.
sinc = row(
    "sinc",
    np.sinc,
    [lambda _, x: -pi * pi * x * smooth_bessel(pi * x, order=1)],
    lambda sp, x: sp.sinc(sp.pi * x),
    source="DLMF 10.51.3 with sinc(x) = j_0(pi*x)",
)


# -- complex numbers -------------------------------------------------------------

# A gradient is that of autograd and JAX: for real f of z = x + i*y it is
# df/dx - i*df/dy, so that holomorphic rules need no conjugation.
conjugate = array_row(
    "conjugate",
    np.conjugate,
    [lambda bar, y, x: conjugate(bar)],
    "linear",
    elementwise=True,
    sympy="conjugate",
    source="autograd's convention, docs/conventions.md",
    examples=(((3,), {}),),
)


def _is_complex(x):
    """Say whether the dtype is complex; a Python number has none."""
    dtype = getattr(x, "dtype", None)
    return isinstance(x, complex) if dtype is None else dtype.kind == "c"


def conjugated(x):
    """Return the conjugate of a complex x, and a real x without a step."""
    return conjugate(x) if _is_complex(x) else x


def _imag_vjp(bar, y, x):
    """What arrives, times -i; a real x does not move its imaginary part."""
    return bar * -1j if _is_complex(x) else 0.0 * bar


real = array_row(
    "real",
    np.real,
    [lambda bar, y, x: match(bar, x)],
    "linear",
    elementwise=True,
    sympy="re",
    source="autograd's convention, docs/conventions.md",
    examples=(((3,), {}),),
)
imag = array_row(
    "imag",
    np.imag,
    [_imag_vjp],
    "linear",
    elementwise=True,
    sympy="im",
    source="autograd's convention, docs/conventions.md",
    examples=(((3,), {}),),
)
real.view = imag.view = lambda params: True


def _astype(x, *, dtype):
    return np.asarray(x).astype(dtype)[()] if shape_of(x) == () else x.astype(dtype)


astype = array_row(
    "astype",
    _astype,
    [lambda bar, y, x, *, dtype: bar],  # `match` converts it back
    "linear",
    sympy=lambda sp, x, dtype=None: x,
    objects=lambda scalar, x, dtype: x,
    source="rounding is not differentiated: the identity",
    examples=(((3,), {"dtype": np.dtype(np.float64)}),),
)
