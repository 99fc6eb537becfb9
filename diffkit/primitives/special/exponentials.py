"""Exponentials, logarithms, entropies and losses of scipy.special."""

from math import inf, pi

import numpy as np

from ...core.tracing import abstract
from .. import elementwise
from ..arithmetic import where
from ..comparison import less_equal
from ..elementwise import LN10, absolute, exp, log, log1p, sigmoid, sign, sin
from ..rules import array_row
from ..scipys import FromSciPy
from .hypergeometric import hyp1f1
from .rows import PAIRS, POSITIVE, UNIT, floats, ratio, special

_DEGREE = pi / 180


def _x_by_y(sp, x, y):
    return x * sp.log(x / y)


# fmt: off
logit     = special("logit",     [lambda _, x: 1 / (x * (1 - x))], lambda sp, x: sp.log(x / (1 - x)),
                    domain=UNIT, source="DLMF 4.7.1")
log_expit = special("log_expit", [lambda _, x: sigmoid(-x)],       lambda sp, x: -sp.log(1 + sp.exp(-x)),
                    source="DLMF 4.7.1 and 1 - expit(x) = expit(-x)")
exp10     = special("exp10",     [lambda y, x: LN10 * y],          lambda sp, x: 10**x, source="DLMF 4.7.7")
# (exp(x) - y)/x, the textbook's form, is 0/0 at 0.
exprel    = special("exprel",    [lambda _, x: 0.5 * hyp1f1(2.0, 3.0, x)], lambda sp, x: (sp.exp(x) - 1) / x,
                    source="DLMF 13.6.2 and 13.3.15")
cosm1     = special("cosm1",     [lambda _, x: -sin(x)],           lambda sp, x: sp.cos(x) - 1, source="DLMF 4.20.2")
sindg     = special("sindg",     [lambda _, x: _DEGREE * cosdg(x)],  lambda sp, x: sp.sin(sp.pi * x / 180), source="DLMF 4.20.1")
cosdg     = special("cosdg",     [lambda _, x: -_DEGREE * sindg(x)], lambda sp, x: sp.cos(sp.pi * x / 180), source="DLMF 4.20.2")
tandg     = special("tandg",     [lambda y, x: _DEGREE * (1 + y * y)], lambda sp, x: sp.tan(sp.pi * x / 180),
                    domain=(-90, 90), source="DLMF 4.20.3")

xlogy     = special("xlogy",     [lambda _, a, b: log(b),    lambda _, a, b: ratio(a, b)],
                    lambda sp, a, b: a * sp.log(b), domain=((-inf, inf), (0, inf)), source="product rule")
xlog1py   = special("xlog1py",   [lambda _, a, b: log1p(b),  lambda _, a, b: ratio(a, 1 + b)],
                    lambda sp, a, b: a * sp.log(1 + b), domain=((-inf, inf), (-1, inf)), source="product rule")
entr      = special("entr",      [lambda _, x: -log(x) - 1], lambda sp, x: -x * sp.log(x), domain=POSITIVE, source="product rule")
rel_entr  = special("rel_entr",  [lambda _, a, b: log(a / b) + 1, lambda _, a, b: -ratio(a, b)],
                    _x_by_y, domain=PAIRS, source="product rule")
kl_div    = special("kl_div",    [lambda _, a, b: log(a / b), lambda _, a, b: 1 - ratio(a, b)],
                    lambda sp, a, b: _x_by_y(sp, a, b) - a + b, domain=PAIRS, source="product rule")

# x**λ is exp(λ*log(x)), so (x**λ - 1)/λ is log(x)*exprel(λ*log(x)): smooth at λ = 0.
boxcox    = special("boxcox",    [lambda _, x, p: x ** (p - 1),
                                  lambda _, x, p: _boxcox_by_power(log(x), p)],
                    lambda sp, x, p: (x**p - 1) / p, domain=PAIRS, source="log(x)*exprel(p*log(x)), chain rule")
boxcox1p  = special("boxcox1p",  [lambda _, x, p: exp((p - 1) * log1p(x)),
                                  lambda _, x, p: _boxcox_by_power(log1p(x), p)],
                    lambda sp, x, p: ((1 + x)**p - 1) / p, domain=((-1, inf), (0, inf)), source="log1p(x)*exprel(p*log1p(x)), chain rule")

# The inverses of boxcox: their slopes are those of boxcox upside down, at x = y.
inv_boxcox   = special("inv_boxcox",   [lambda y, z, p: y ** (1 - p), lambda y, z, p: -y ** (1 - p) * _boxcox_by_power(log(y), p)],
                       lambda sp, z, p: (p * z + 1) ** (1 / p), domain=PAIRS, source="implicit differentiation of boxcox")
inv_boxcox1p = special("inv_boxcox1p", [lambda y, z, p: (1 + y) ** (1 - p), lambda y, z, p: -(1 + y) ** (1 - p) * _boxcox_by_power(log1p(y), p)],
                       lambda sp, z, p: (p * z + 1) ** (1 / p) - 1, domain=PAIRS, source="implicit differentiation of boxcox1p")

spence    = special("spence",    [lambda _, x: log_slope(x, order=0)], lambda sp, x: sp.polylog(2, 1 - x), domain=(0, 2), source="DLMF 25.12.2")
wrightomega = special("wrightomega", [lambda y, x: y / (1 + y)],  lambda sp, x: sp.LambertW(sp.exp(x)), source="DLMF 4.13.4")

huber     = special("huber",     [lambda _, d, r: where(less_equal(absolute(r), d), 0.0, absolute(r) - d),
                                  lambda _, d, r: where(less_equal(absolute(r), d), r, d * sign(r))],
                    lambda sp, d, r: sp.Piecewise((r**2 / 2, sp.Le(sp.Abs(r), d)), (d * (sp.Abs(r) - d / 2), True)),
                    domain=((0, inf), (-inf, inf)), kinks="|r| = delta, where the second derivative jumps",
                    source="each branch has its own derivative; they agree where they meet")
pseudo_huber = special("pseudo_huber", [lambda _, d, r: _pseudo_huber_by_delta(d, r / d),
                                        lambda _, d, r: r / _hypot1(r / d)],
                       lambda sp, d, r: d**2 * (sp.sqrt(1 + (r / d)**2) - 1), domain=((0, inf), (-inf, inf)), source="chain rule")
# fmt: on


def _boxcox_by_power(log_x, p):
    """The slope of log(x)*exprel(p*log(x)) by p."""
    return log_x**2 * 0.5 * hyp1f1(2.0, 3.0, p * log_x)


def _hypot1(x):
    return elementwise.sqrt(1 + x * x)


def _pseudo_huber_by_delta(d, q):
    """2 d (s - 1) - r q/s with s = sqrt(1 + q*q), without cancellation."""
    s = _hypot1(q)
    return d * (q * q / (1 + s)) ** 2 / s


# -- Lambert's W, whose values are complex -------------------------------------------------


def _lambert_slope(y):
    """W' = exp(-W)/(1 + W): z W' = W/(1 + W) divided by z = W exp(W), which may be 0."""
    return exp(-y) / (1 + y)


lambertw = array_row(
    "lambertw",
    FromSciPy("special", "lambertw"),
    [lambda bar, y, z, *, k, tol: bar * _lambert_slope(y)],
    lambda dots, y, z, *, k, tol: dots[0] * _lambert_slope(y),
    form=lambda names, params: f"lambertw({names[0]}, {params['k']})",
    shape=lambda z, k, tol: abstract(z.shape, np.complex128),
    sympy=lambda sp, z, k=0, tol=None: sp.LambertW(z, k),
    source="DLMF 4.13.4",
)


# -- the slope of spence ---------------------------------------------------------------


def _log_slope(x, *, order):
    """The derivatives of log(x)/(1 - x): a series near 1, else upward by Leibniz's rule."""
    x = floats(x)
    near = np.abs(x - 1) < 0.4
    both = np.where(
        near,
        _log_series(np.where(near, 1 - x, 0.0), order),
        _leibniz(np.where(near, 2.0, x), order),
    )
    return both.astype(x.dtype)[()]


def _log_series(t, order):
    """-sum of t**k/(k+1), t = 1 - x, differentiated term by term."""
    total = np.zeros_like(t)
    for k in range(order + 60, order - 1, -1):
        falling = np.prod(np.arange(k - order + 1.0, k + 1))
        total = total * t + falling / (k + 1)
    return total * (-1.0) ** (order + 1)


def _leibniz(x, order):
    """(1 - x) g = log(x), differentiated n times."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return _by_leibniz(np.log(x), x, order)


def _by_leibniz(log_x, x, order):
    g, power_ = log_x / (1 - x), 1 / x
    for n in range(1, order + 1):
        g, power_ = (n * g + power_) / (1 - x), -n * power_ / x
    return g


log_slope = array_row(
    "log_slope",
    _log_slope,
    [lambda bar, y, x, *, order: bar * log_slope(x, order=order + 1)],
    lambda dots, y, x, *, order: dots[0] * log_slope(x, order=order + 1),
    shape=lambda x, order: x.shape,
    sympy=lambda sp, x, order=0: _by_leibniz(sp.log(x), x, order),
    source="Leibniz's rule",
    domain=(POSITIVE,),
    # Positive entries, which random ones need not be.
    examples=tuple([((np.array([0.6, 1.05, 1.9]),), {"order": n}) for n in (0, 2)]),
)
