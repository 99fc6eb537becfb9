"""Gamma and beta functions, complete and incomplete."""

from math import inf, pi

import numpy as np

from ..elementwise import exp
from .exponentials import xlog1py, xlogy
from .rows import PAIRS, POSITIVE, UNIT, special


def gamma_density(a, x):
    """x**(a-1) * exp(-x) / gamma(a)."""
    return exp(xlogy(a - 1, x) - x - gammaln(a))


def beta_density(a, b, x):
    """x**(a-1) * (1-x)**(b-1) / beta(a, b)."""
    return exp(xlogy(a - 1, x) + xlog1py(b - 1, -x) - betaln(a, b))


def lower_gamma(sp, a, x):
    return 1 - sp.uppergamma(a, x) / sp.gamma(a)


def upper_gamma(sp, a, x):
    return sp.uppergamma(a, x) / sp.gamma(a)


def beta_part(sp, a, b, low, high):
    return sp.betainc(a, b, low, high) * sp.gamma(a + b) / sp.gamma(a) / sp.gamma(b)


# fmt: off
gamma     = special("gamma",     [lambda y, x: y * digamma(x)],  "gamma",    domain=POSITIVE, source="DLMF 5.2.2")
gammaln   = special("gammaln",   [lambda _, x: digamma(x)],      "loggamma", domain=POSITIVE, source="DLMF 5.2.2")
loggamma  = special("loggamma",  [lambda _, x: digamma(x)],      "loggamma", domain=POSITIVE, source="DLMF 5.2.2")
rgamma    = special("rgamma",    [lambda y, x: -y * digamma(x)], lambda sp, x: 1 / sp.gamma(x), domain=POSITIVE, source="DLMF 5.2.2")
gammasgn  = special("gammasgn",  [0],                            lambda sp, x: sp.sign(sp.gamma(x)),
                    kinks=lambda x: np.where(x < 0.5, np.sin(pi * x), 1.0), source="constant between its jumps")
polygamma = special("polygamma", ["n", lambda _, n, x: polygamma(n + 1, x)], "polygamma",
                    domain=((-1, inf), (0, inf)), source="DLMF 5.15.1; complex values by 5.15.5 and 5.15.8")
digamma   = special("digamma",   [lambda _, x: polygamma(1, x)], "digamma",  domain=POSITIVE, source="DLMF 5.15.1")
beta      = special("beta",      [lambda y, a, b: y * (digamma(a) - digamma(a + b)),
                                  lambda y, a, b: y * (digamma(b) - digamma(a + b))],
                    lambda sp, a, b: sp.gamma(a) * sp.gamma(b) / sp.gamma(a + b), domain=PAIRS, source="DLMF 5.12.1")
betaln    = special("betaln",    [lambda _, a, b: digamma(a) - digamma(a + b),
                                  lambda _, a, b: digamma(b) - digamma(a + b)],
                    lambda sp, a, b: sp.loggamma(a) + sp.loggamma(b) - sp.loggamma(a + b), domain=PAIRS, source="DLMF 5.12.1")
binom     = special("binom",     [lambda y, n, k: y * (digamma(n + 1) - digamma(n - k + 1)),
                                  lambda y, n, k: y * (digamma(n - k + 1) - digamma(k + 1))],
                    lambda sp, n, k: sp.gamma(n + 1) / sp.gamma(k + 1) / sp.gamma(n - k + 1),
                    domain=((3, 6), (0, 3)), source="DLMF 1.2.6 and 5.2.2")
poch      = special("poch",      [lambda y, z, m: y * (digamma(z + m) - digamma(z)),
                                  lambda y, z, m: y * digamma(z + m)],
                    lambda sp, z, m: sp.gamma(z + m) / sp.gamma(z), domain=PAIRS, source="DLMF 5.2.5 and 5.2.2")
zeta      = special("zeta",      ["x", lambda _, x, q: -x * zeta(x + 1, q)], "zeta",
                    domain=((1, inf), (0, inf)), source="DLMF 25.11.17")

gammainc  = special("gammainc",  ["a", lambda _, a, x: gamma_density(a, x)],   lower_gamma, domain=PAIRS, source="DLMF 8.8.13")
gammaincc = special("gammaincc", ["a", lambda _, a, x: -gamma_density(a, x)],  upper_gamma, domain=PAIRS, source="DLMF 8.8.14")
betainc   = special("betainc",   ["a", "b", lambda _, a, b, x: beta_density(a, b, x)],
                    lambda sp, a, b, x: beta_part(sp, a, b, 0, x), domain=(*PAIRS, UNIT), source="DLMF 8.17.1")
betaincc  = special("betaincc",  ["a", "b", lambda _, a, b, x: -beta_density(a, b, x)],
                    lambda sp, a, b, x: beta_part(sp, a, b, x, 1), domain=(*PAIRS, UNIT), source="DLMF 8.17.1")
# fmt: on


# -- polygamma of complex values -------------------------------------------------------

_real_polygamma = polygamma.numpy
_BERNOULLI = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510)


def _polygamma(n, x):
    """SciPy's, which is for real x; for complex x the asymptotic series, from far right."""
    if np.iscomplexobj(n):
        raise TypeError("the order of a polygamma function is a whole number")
    if not np.iscomplexobj(x):
        return _real_polygamma(n, x)
    n, x = np.broadcast_arrays(n, x)
    shifted, z = _far_right(n, x)
    total = shifted + gamma(np.maximum(n, 1.0)) / z**n + gamma(n + 1.0) / (2 * z ** (n + 1))
    for k, number in enumerate(_BERNOULLI, 1):
        total = total + number * gamma(2 * k + n + 0.0) / gamma(2 * k + 1.0) / z ** (2 * k + n)
    return np.where(n == 0, digamma(x), -((-1.0) ** n) * total)[()]


def _far_right(n, x):
    """Move x right until the series holds: DLMF 5.15.5, and the terms that this takes."""
    total, z = np.zeros_like(x), x.copy()
    left = z.real < 20 + n
    while left.any():
        total = total + np.where(left, gamma(n + 1.0) / z ** (n + 1), 0)
        z = z + left
        left = z.real < 20 + n
    return total, z


polygamma.numpy = _polygamma
