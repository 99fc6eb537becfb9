"""Twins of scipy.stats: densities and distribution functions that can be traced."""

from __future__ import annotations

from math import log, pi, sqrt

import numpy as np

from ..primitives.arithmetic import arctan2, where
from ..primitives.elementwise import exp, log1p, sigmoid
from ..primitives.elementwise import log as log_
from ..primitives.special.distributions import chdtr, chdtrc, pdtr, pdtrc, stdtr
from ..primitives.special.exponentials import log_expit, logit, xlog1py, xlogy
from ..primitives.special.gamma_beta import (
    betainc,
    betaincc,
    betaln,
    gammainc,
    gammaincc,
    gammaln,
)
from ..primitives.special.normal import log_ndtr, ndtr, ndtri
from .dispatch import rest_of
from .distributions import continuous, discrete
from .multivariate import dirichlet, multivariate_normal

__all__ = [
    "beta",
    "cauchy",
    "chi2",
    "dirichlet",
    "expon",
    "gamma",
    "laplace",
    "logistic",
    "multivariate_normal",
    "norm",
    "poisson",
    "t",
]
__getattr__ = rest_of("stats")

_LOG_SQRT_2PI = 0.5 * log(2 * pi)

norm = continuous(
    "norm",
    logpdf=lambda z: -0.5 * z * z - _LOG_SQRT_2PI,
    pdf=lambda z: exp(-0.5 * z * z) / sqrt(2 * pi),
    cdf=ndtr,
    sf=lambda z: ndtr(-z),
    logcdf=log_ndtr,
    logsf=lambda z: log_ndtr(-z),
    ppf=ndtri,
)
beta = continuous(
    "beta",
    "a b",
    low=0.0,
    high=1.0,
    logpdf=lambda z, a, b: xlog1py(b - 1, -z) + xlogy(a - 1, z) - betaln(a, b),
    cdf=lambda z, a, b: betainc(a, b, z),
    sf=lambda z, a, b: betaincc(a, b, z),
)
chi2 = continuous(
    "chi2",
    "df",
    low=0.0,
    logpdf=lambda z, df: xlogy(0.5 * df - 1, z) - 0.5 * z - gammaln(0.5 * df) - 0.5 * df * log(2),
    cdf=lambda z, df: chdtr(df, z),
    sf=lambda z, df: chdtrc(df, z),
)
gamma = continuous(
    "gamma",
    "a",
    low=0.0,
    logpdf=lambda z, a: xlogy(a - 1, z) - z - gammaln(a),
    cdf=lambda z, a: gammainc(a, z),
    sf=lambda z, a: gammaincc(a, z),
)
t = continuous(
    "t",
    "df",
    logpdf=lambda z, df: (
        gammaln(0.5 * (df + 1))
        - gammaln(0.5 * df)
        - 0.5 * log_(pi * df)
        - 0.5 * (df + 1) * log1p(z * z / df)
    ),
    cdf=lambda z, df: stdtr(df, z),
    sf=lambda z, df: stdtr(df, -z),
)
expon = continuous(
    "expon",
    low=0.0,
    logpdf=lambda z: -z,
    cdf=lambda z: -np.expm1(-z),
    sf=lambda z: exp(-z),
    logcdf=lambda z: log_(-np.expm1(-z)),
    logsf=lambda z: -z,
    ppf=lambda q: -log1p(-q),
)
logistic = continuous(
    "logistic",
    logpdf=lambda z: log_expit(z) + log_expit(-z),
    cdf=sigmoid,
    sf=lambda z: sigmoid(-z),
    logcdf=log_expit,
    logsf=lambda z: log_expit(-z),
    ppf=logit,
)
cauchy = continuous(
    "cauchy",
    logpdf=lambda z: -log1p(z * z) - log(pi),
    cdf=lambda z: arctan2(1.0, -z) / pi,
    sf=lambda z: arctan2(1.0, z) / pi,
)
laplace = continuous(
    "laplace",
    logpdf=lambda z: -np.abs(z) - log(2),
    cdf=lambda z: where(z > 0, 1 - 0.5 * exp(-np.abs(z)), 0.5 * exp(-np.abs(z))),
    sf=lambda z: where(z > 0, 0.5 * exp(-np.abs(z)), 1 - 0.5 * exp(-np.abs(z))),
    ppf=lambda q: where(q > 0.5, -log_(2 * (1 - q)), log_(2 * q)),
)
poisson = discrete(
    "poisson",
    "mu",
    lambda mu: mu >= 0,
    lambda k, mu: xlogy(k, mu) - gammaln(k + 1) - mu,
    pdtr,
    pdtrc,
)
