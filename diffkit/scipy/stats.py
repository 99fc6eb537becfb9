"""Twins of scipy.stats: densities and distribution functions that can be traced.

A distribution is written down once for loc = 0 and scale = 1, over rows; the class
gives it SciPy's signatures, its support, and nan for parameters that are not positive.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from math import inf, log, nan, pi, sqrt
from typing import Any

import numpy as np

from ..errors import ArgumentError, MissingRule, TracingError, user_line
from ..primitives.arithmetic import where
from ..primitives.elementwise import astype, exp, log1p, sigmoid
from ..primitives.elementwise import log as log_
from ..primitives.scipy_arrays import solve_triangular
from ..primitives.special.exponentials import log_expit, xlog1py, xlogy
from ..primitives.special.gamma_beta import (
    betainc,
    betaincc,
    betaln,
    chdtr,
    chdtrc,
    gammainc,
    gammaincc,
    gammaln,
    pdtr,
    pdtrc,
    stdtr,
)
from ..primitives.special.normal import log_ndtr, ndtr
from .dispatch import TWINS, any_traced, array, is_traced, rest_of, scipys

__all__ = [
    "beta",
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


def _double(x: Any) -> Any:
    """SciPy's distributions answer in double precision."""
    x = array(x)
    return astype(x, dtype=np.dtype(np.float64)) if x.dtype == np.float32 else x


class _Frozen:
    """A distribution with its parameters, as norm(loc, scale)."""

    def __init__(self, distribution: Any, args: tuple, kwargs: dict) -> None:
        self._distribution = distribution
        self._args, self._kwargs = args, kwargs

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if name in self._distribution.methods:
            return lambda *x: getattr(self._distribution, name)(*x, *self._args, **self._kwargs)
        return getattr(self._distribution.scipys(*self._args, **self._kwargs), name)


class Distribution:
    """A distribution of SciPy, some of whose methods can be traced."""

    methods: dict[str, Callable]

    def __init__(self, name: str, methods: dict[str, Callable]) -> None:
        self.name = name
        self.methods = methods
        TWINS.setdefault("stats", set()).update(f"{name}.{method}" for method in methods)

    @property
    def scipys(self) -> Any:
        """SciPy's own distribution."""
        return scipys("stats", self.name)

    def __call__(self, *args: Any, **kwargs: Any) -> _Frozen:
        """Return the distribution with these parameters."""
        return _Frozen(self, args, kwargs)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name == "methods":
            raise AttributeError(name)
        if name in self.methods:
            return partial(self._choose, name)
        return getattr(self.scipys, name)

    def __dir__(self) -> list[str]:
        return sorted(self.methods)

    def __repr__(self) -> str:
        return f"<diffkit.scipy.stats.{self.name}>"

    def _choose(self, name: str, *args: Any, **kwargs: Any) -> Any:
        if any_traced(args, kwargs):
            return self.methods[name](*args, **kwargs)
        return getattr(self.scipys, name)(*args, **kwargs)


def _bound(name: str, names: Sequence[str], args: tuple, kwargs: dict) -> list:
    """Match parameters with their names; loc is 0 and scale 1 unless given."""
    given = {"loc": 0.0, "scale": 1.0, **dict(zip(names, args, strict=False)), **kwargs}
    wrong = [key for key in given if key not in names and key not in ("loc", "scale")]
    missing = [key for key in names if key not in given]
    if wrong or missing or len(args) > len(names):
        raise ArgumentError(f"{name} takes the parameters {', '.join(names)}")
    return [given[key] if is_traced(given[key]) else np.asarray(given[key])[()] for key in names]


def _checked(y: Any, parameters: Sequence[Any], allowed: Callable) -> Any:
    """Answer nan where a parameter is not allowed."""
    for parameter in parameters:
        if is_traced(parameter) or not np.all(allowed(parameter)):
            y = where(allowed(parameter), y, nan)
    return y


def _positive(parameter: Any) -> Any:
    return parameter > 0


# What each function is below and above the support.
_OUTSIDE = {
    "pdf": (0.0, 0.0), "logpdf": (-inf, -inf), "cdf": (0.0, 1.0), "sf": (1.0, 0.0),
    "logcdf": (-inf, 0.0), "logsf": (0.0, -inf),
}  # fmt: skip


def _continuous(
    name: str, shapes: str = "", low: float = -inf, high: float = inf, **standard: Callable
) -> Distribution:
    """Make a distribution from its functions of (z, *shapes), z = (x - loc)/scale."""
    standard.setdefault("pdf", lambda z, *s: exp(standard["logpdf"](z, *s)))
    standard.setdefault("sf", lambda z, *s: 1 - standard["cdf"](z, *s))
    standard.setdefault("logcdf", lambda z, *s: log_(standard["cdf"](z, *s)))
    standard.setdefault("logsf", lambda z, *s: log_(standard["sf"](z, *s)))
    names = [*shapes.split(), "loc", "scale"]

    def method(kind: str, x: Any, *args: Any, **kwargs: Any) -> Any:
        *parameters, loc, scale = _bound(f"{name}.{kind}", names, args, kwargs)
        z = (_double(x) - loc) / scale
        y = _supported(kind, standard[kind], z, parameters, low, high)
        if kind == "pdf":
            y = y / scale
        elif kind == "logpdf":
            y = y - log_(scale)
        return _checked(y, [*parameters, scale], _positive)

    return Distribution(name, {kind: partial(method, kind) for kind in _OUTSIDE})


def _supported(
    kind: str, function: Callable, z: Any, parameters: list, low: float, high: float
) -> Any:
    """Evaluate within the support alone: outside it logarithms have no values."""
    if low == -inf and high == inf:
        return function(z, *parameters)
    below, above = _OUTSIDE[kind]
    outside = (z < low) | (z > high)
    y = function(where(outside, low if high == inf else 0.5 * (low + high), z), *parameters)
    y = where(z < low, below, y)
    return y if high == inf else where(z > high, above, y)


# -- continuous ------------------------------------------------------------------------------

norm = _continuous(
    "norm",
    logpdf=lambda z: -0.5 * z * z - _LOG_SQRT_2PI,
    pdf=lambda z: exp(-0.5 * z * z) / sqrt(2 * pi),
    cdf=ndtr,
    sf=lambda z: ndtr(-z),
    logcdf=log_ndtr,
    logsf=lambda z: log_ndtr(-z),
)
beta = _continuous(
    "beta",
    "a b",
    low=0.0,
    high=1.0,
    logpdf=lambda z, a, b: xlog1py(b - 1, -z) + xlogy(a - 1, z) - betaln(a, b),
    cdf=lambda z, a, b: betainc(a, b, z),
    sf=lambda z, a, b: betaincc(a, b, z),
)
chi2 = _continuous(
    "chi2",
    "df",
    low=0.0,
    logpdf=lambda z, df: xlogy(0.5 * df - 1, z) - 0.5 * z - gammaln(0.5 * df) - 0.5 * df * log(2),
    cdf=lambda z, df: chdtr(df, z),
    sf=lambda z, df: chdtrc(df, z),
)
gamma = _continuous(
    "gamma",
    "a",
    low=0.0,
    logpdf=lambda z, a: xlogy(a - 1, z) - z - gammaln(a),
    cdf=lambda z, a: gammainc(a, z),
    sf=lambda z, a: gammaincc(a, z),
)
t = _continuous(
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
expon = _continuous(
    "expon",
    low=0.0,
    logpdf=lambda z: -z,
    cdf=lambda z: -np.expm1(-z),
    sf=lambda z: exp(-z),
    logcdf=lambda z: log_(-np.expm1(-z)),
    logsf=lambda z: -z,
)
logistic = _continuous(
    "logistic",
    logpdf=lambda z: log_expit(z) + log_expit(-z),
    cdf=sigmoid,
    sf=lambda z: sigmoid(-z),
    logcdf=log_expit,
    logsf=lambda z: log_expit(-z),
)
laplace = _continuous(
    "laplace",
    logpdf=lambda z: -np.abs(z) - log(2),
    cdf=lambda z: where(z > 0, 1 - 0.5 * exp(-np.abs(z)), 0.5 * exp(-np.abs(z))),
    sf=lambda z: where(z > 0, 0.5 * exp(-np.abs(z)), 1 - 0.5 * exp(-np.abs(z))),
)


# -- discrete ----------------------------------------------------------------------------------


def _discrete(
    name: str, shapes: str, allowed: Callable, logpmf: Callable, cdf: Callable, sf: Callable
) -> Distribution:
    """Make a distribution over whole numbers from 0, which are never traced."""
    names = [*shapes.split(), "loc"]

    def log_mass(k: Any, whole: Any, parameters: list) -> Any:
        return where((k == whole) & (k >= 0), logpmf(np.maximum(whole, 0.0), *parameters), -inf)

    kinds = {
        "logpmf": log_mass,
        "pmf": lambda k, whole, parameters: exp(log_mass(k, whole, parameters)),
        "cdf": lambda k, whole, p: where(k >= 0, cdf(np.maximum(whole, 0.0), *p), 0.0),
        "sf": lambda k, whole, p: where(k >= 0, sf(np.maximum(whole, 0.0), *p), 1.0),
    }
    kinds["logcdf"] = lambda k, whole, p: log_(kinds["cdf"](k, whole, p))
    kinds["logsf"] = lambda k, whole, p: log_(kinds["sf"](k, whole, p))

    def method(kind: str, k: Any, *args: Any, **kwargs: Any) -> Any:
        *parameters, loc = _bound(f"{name}.{kind}", names, args, kwargs)
        if is_traced(k) or is_traced(loc):
            raise TracingError(
                f"{name}.{kind} counts{user_line()}: it has no derivative by k and loc, which "
                "must not be traced"
            )
        k = np.asarray(k - loc, float)[()]
        y = kinds[kind](k, np.floor(k), [_double(parameter) for parameter in parameters])
        return _checked(y, parameters, allowed)

    return Distribution(name, {kind: partial(method, kind) for kind in kinds})


poisson = _discrete(
    "poisson",
    "mu",
    lambda mu: mu >= 0,
    lambda k, mu: xlogy(k, mu) - gammaln(k + 1) - mu,
    pdtr,
    pdtrc,
)


# -- of vectors -----------------------------------------------------------------------------------


def _dirichlet_logpdf(x: Any, alpha: Any) -> Any:
    x, alpha = _double(x), _double(alpha)
    if x.shape[0] == alpha.shape[0] - 1:
        x = np.concatenate([x, (1 - np.sum(x, axis=0)).reshape(1, *x.shape[1:])], axis=0)
    if alpha.ndim != 1 or x.shape[0] != alpha.shape[0]:
        raise ArgumentError(
            f"dirichlet: x of shape {x.shape} does not go with alpha of shape {alpha.shape}"
        )
    scale = np.sum(gammaln(alpha)) - gammaln(np.sum(alpha))
    weights = (alpha - 1).reshape(-1, *[1] * (x.ndim - 1))
    return _checked(np.sum(xlogy(weights, x), axis=0) - scale, [], _positive)


dirichlet = Distribution(
    "dirichlet",
    {
        "logpdf": _dirichlet_logpdf,
        "pdf": lambda x, alpha: exp(_dirichlet_logpdf(x, alpha)),
    },
)


def _normal_parameters(mean: Any, cov: Any) -> tuple:
    """Return mean as a vector and cov as a matrix, of the dimension that they say."""
    cov = _double(1.0 if cov is None else cov)
    mean = np.zeros(cov.shape[0] if cov.ndim == 2 else 1) if mean is None else _double(mean)
    mean = mean.reshape(-1)
    dim = mean.shape[0]
    if cov.ndim < 2:
        cov = cov.reshape(1, -1) * np.eye(dim)
    if mean.shape != (dim,) or cov.shape != (dim, dim):
        raise ArgumentError(
            f"multivariate_normal: a mean of shape {mean.shape} does not go with a covariance of "
            f"shape {cov.shape}"
        )
    return mean, cov, dim


def _log_diagonal(factor: Any, dim: int) -> Any:
    return np.sum(np.log(factor[np.arange(dim), np.arange(dim)]))


def _regular(allow_singular: bool) -> None:
    if allow_singular:
        raise MissingRule(
            f"multivariate_normal(allow_singular=True) of traced values{user_line()} is not "
            "covered: the rank of a matrix has no derivative"
        )


def _normal_logpdf(x: Any, mean: Any = None, cov: Any = 1, allow_singular: bool = False) -> Any:
    _regular(allow_singular)
    x = _double(x)
    mean, cov, dim = _normal_parameters(mean, cov)
    x = x.reshape(*x.shape, 1) if dim == 1 and x.ndim < 2 else x
    factor = np.linalg.cholesky(cov)
    flat = (x - mean).reshape(-1, dim)
    whitened = solve_triangular(factor, flat.T, lower=True, transposed=False, unit=False)
    y = -0.5 * np.sum(whitened * whitened, axis=0) - _log_diagonal(factor, dim)
    shape = tuple([n for n in x.shape[:-1] if n != 1])
    return np.reshape(y - dim * _LOG_SQRT_2PI, shape)[()]


def _normal_entropy(mean: Any = None, cov: Any = 1) -> Any:
    _, cov, dim = _normal_parameters(mean, cov)
    return 0.5 * dim * (log(2 * pi) + 1) + _log_diagonal(np.linalg.cholesky(cov), dim)


multivariate_normal = Distribution(
    "multivariate_normal",
    {
        "logpdf": _normal_logpdf,
        "pdf": lambda *args, **kwargs: exp(_normal_logpdf(*args, **kwargs)),
        "entropy": _normal_entropy,
    },
)
