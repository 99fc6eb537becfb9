"""Distribution functions of scipy.special that are incomplete gamma and beta functions."""

from math import inf, pi

from ..elementwise import exp, floor, log, log1p
from .gamma_beta import beta_density, beta_part, gamma_density, gammaln, lower_gamma, upper_gamma
from .rows import PAIRS, POSITIVE, special


def _t_density(df, t):
    log_scale = gammaln(0.5 * (df + 1)) - gammaln(0.5 * df) - 0.5 * log(pi * df)
    return exp(log_scale - 0.5 * (df + 1) * log1p(t * t / df))


def _student(sp, v, t):
    half = sp.Rational(1, 2)
    scale = sp.gamma((v + 1) / 2) / sp.gamma(v / 2) / sp.sqrt(v * sp.pi)
    return half + t * scale * sp.hyper((half, (v + 1) / 2), (3 * half,), -(t**2) / v)


def _f_density(dfn, dfd, x):
    """The density of F: that of u = dfn*x/(dfn*x + dfd), a beta density, times du/dx."""
    total = dfn * x + dfd
    return beta_density(0.5 * dfn, 0.5 * dfd, dfn * x / total) * dfn * dfd / (total * total)


def _f_part(sp, n, d, low, high):
    return beta_part(sp, n / 2, d / 2, low, high)


# fmt: off
chdtr     = special("chdtr",     ["v", lambda _, v, x: 0.5 * gamma_density(0.5 * v, 0.5 * x)],
                    lambda sp, v, x: lower_gamma(sp, v / 2, x / 2), domain=PAIRS, source="DLMF 8.8.13")
chdtrc    = special("chdtrc",    ["v", lambda _, v, x: -0.5 * gamma_density(0.5 * v, 0.5 * x)],
                    lambda sp, v, x: upper_gamma(sp, v / 2, x / 2), domain=PAIRS, source="DLMF 8.8.14")
pdtr      = special("pdtr",      ["k", lambda _, k, m: -gamma_density(floor(k) + 1.0, m)],
                    lambda sp, k, m: upper_gamma(sp, k + 1, m), domain=((-1, inf), (0, inf)), source="DLMF 8.8.14")
pdtrc     = special("pdtrc",     ["k", lambda _, k, m: gamma_density(floor(k) + 1.0, m)],
                    lambda sp, k, m: lower_gamma(sp, k + 1, m), domain=((-1, inf), (0, inf)), source="DLMF 8.8.13")
stdtr     = special("stdtr",     ["df", lambda _, df, t: _t_density(df, t)],
                    _student, domain=((0, inf), (-inf, inf)), source="the density of Student's t")
fdtr      = special("fdtr",      ["dfn", "dfd", lambda _, n, d, x: _f_density(n, d, x)],
                    lambda sp, n, d, x: _f_part(sp, n, d, 0, n * x / (n * x + d)), domain=(*PAIRS, POSITIVE), source="DLMF 8.17.1")
fdtrc     = special("fdtrc",     ["dfn", "dfd", lambda _, n, d, x: -_f_density(n, d, x)],
                    lambda sp, n, d, x: _f_part(sp, n, d, n * x / (n * x + d), 1), domain=(*PAIRS, POSITIVE), source="DLMF 8.17.1")
gdtr      = special("gdtr",      [lambda _, a, b, x: x * gamma_density(b, a * x), "b", lambda _, a, b, x: a * gamma_density(b, a * x)],
                    lambda sp, a, b, x: lower_gamma(sp, b, a * x), domain=(*PAIRS, POSITIVE), source="DLMF 8.8.13")
gdtrc     = special("gdtrc",     [lambda _, a, b, x: -x * gamma_density(b, a * x), "b", lambda _, a, b, x: -a * gamma_density(b, a * x)],
                    lambda sp, a, b, x: upper_gamma(sp, b, a * x), domain=(*PAIRS, POSITIVE), source="DLMF 8.8.14")
# fmt: on
