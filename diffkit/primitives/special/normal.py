"""Error functions and the normal distribution, to full precision in both tails."""

from math import inf, pi, sqrt

import numpy as np

from ..elementwise import exp
from ..rules import array_row, row
from .rows import UNIT, floats, special

SQRT_PI, SQRT_2PI, SQRT_2 = sqrt(pi), sqrt(2 * pi), sqrt(2)


def _bell(x):
    return 2 / SQRT_PI * exp(-x * x)


def _density(x):
    return exp(-0.5 * x * x) / SQRT_2PI


def _distribution(sp, x):
    return sp.erfc(-x / sp.sqrt(2)) / 2


def _quantile(sp, p):
    return sp.sqrt(2) * sp.erfinv(2 * p - 1)


# fmt: off
_INVERTED = "DLMF 7.10.1, inverted"

erf       = special("erf",       [lambda _, x: _bell(x)],         "erf",  source="DLMF 7.10.1")
erfc      = special("erfc",      [lambda _, x: -_bell(x)],        "erfc", source="DLMF 7.10.1")
erfi      = special("erfi",      [lambda _, x: 2 / SQRT_PI * exp(x * x)], "erfi", source="DLMF 7.10.1")
# 2*x*y - 2/sqrt(pi), the textbook's form, has no digits left beyond x = 1e8.
erfcx     = special("erfcx",     [lambda _, x: -2 * ierfcx(x, order=1)], lambda sp, x: sp.exp(x**2) * sp.erfc(x),
                    source="DLMF 7.18.3")
dawsn     = special("dawsn",     [lambda y, x: 1 - 2 * x * y],    lambda sp, x: sp.sqrt(sp.pi) / 2 * sp.exp(-x**2) * sp.erfi(x),
                    source="DLMF 7.10.3")
erfinv    = special("erfinv",    [lambda y, x: 0.5 * SQRT_PI * exp(y * y)],   "erfinv", domain=(-1, 1), source=_INVERTED)
erfcinv   = special("erfcinv",   [lambda y, x: -0.5 * SQRT_PI * exp(y * y)],  lambda sp, x: sp.erfinv(1 - x), domain=(0, 2), source=_INVERTED)
ndtr      = special("ndtr",      [lambda _, x: _density(x)],                  _distribution, source="DLMF 7.10.1")
ndtri     = special("ndtri",     [lambda y, x: SQRT_2PI * exp(0.5 * y * y)],  _quantile, domain=UNIT, source=_INVERTED)
log_ndtr  = special("log_ndtr",  [lambda _, x: inverse_mills(x)],             lambda sp, x: sp.log(_distribution(sp, x)), source="DLMF 7.10.1")
ndtri_exp = special("ndtri_exp", [lambda y, x: 1 / inverse_mills(y)],         lambda sp, x: _quantile(sp, sp.exp(x)), domain=(-inf, 0), source=_INVERTED)
# fmt: on


# -- repeated integrals of erfc --------------------------------------------------------


def _ierfcx(x, *, order):
    """exp(x*x) times the repeated integral of erfc: upward, or by a continued fraction."""
    x = floats(x)
    start = np.minimum(x, 1.0)
    near = _upward(2 / SQRT_PI, erfcx(start), start, order)
    return np.where(x < 1, near, _by_fraction(np.maximum(x, 1.0), order)).astype(x.dtype)[()]


def _upward(before, now, x, order):
    """DLMF 7.18.7, from erfcx; stable for negative x, and tolerable up to 1."""
    for n in range(1, order + 1):
        before, now = now, (before - 2 * x * now) / (2 * n)
    return now


def _by_fraction(x, order):
    """The same recurrence downward: each ratio to its predecessor is 1/(2x + 2(n+1) next)."""
    ratio, product = np.zeros_like(x), 2 / SQRT_PI
    for n in range(300, -1, -1):
        ratio = 1 / (2 * x + 2 * (n + 1) * ratio)
        product = product * ratio if n <= order else product
    return product


ierfcx = array_row(
    "ierfcx",
    _ierfcx,
    [lambda bar, y, x, *, order: bar * _ierfcx_slope(x, order)],
    lambda dots, y, x, *, order: dots[0] * _ierfcx_slope(x, order),
    shape=lambda x, order: x.shape,
    sympy=lambda sp, x, order=0: _upward(2 / sp.sqrt(sp.pi), sp.exp(x**2) * sp.erfc(x), x, order),
    source="DLMF 7.18.3 and 7.18.7",
    examples=tuple([((np.array([-0.6, 1.05, 1.9]),), {"order": n}) for n in (0, 2)]),
)


def _ierfcx_slope(x, order):
    return -2 * (order + 1) * ierfcx(x, order=order + 1)


# -- the inverse Mills ratio -----------------------------------------------------------


def _inverse_mills(x):
    """The density over the distribution function of the normal distribution."""
    return sqrt(2 / pi) / erfcx(-x / SQRT_2)


def _mills_gap(x):
    """Return x + inverse_mills(x), which vanishes for large negative x."""
    x = floats(x)
    if x.dtype.kind == "c":
        return x + _inverse_mills(x)
    u = -np.minimum(x, 0.0) / SQRT_2
    near = SQRT_2 * _ierfcx(u, order=1) / erfcx(u)
    return np.where(x < 0, near, x + _inverse_mills(np.maximum(x, 0.0))).astype(x.dtype)[()]


def _mills_form(sp, x):
    return sp.exp(-(x**2) / 2) * sp.sqrt(2 / sp.pi) / sp.erfc(-x / sp.sqrt(2))


inverse_mills = row(
    "inverse_mills",
    _inverse_mills,
    [lambda y, x: -y * mills_gap(x)],
    _mills_form,
    source="quotient rule",
)
mills_gap = row(
    "mills_gap",
    _mills_gap,
    [lambda y, x: 1 - inverse_mills(x) * y],
    lambda sp, x: x + _mills_form(sp, x),
    source="quotient rule",
)
