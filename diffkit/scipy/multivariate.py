"""Twins of scipy.stats' distributions of vectors."""

from __future__ import annotations

from math import inf, log, pi
from typing import Any

import numpy as np

from ..errors import ArgumentError, MissingRule, user_line
from ..primitives.arithmetic import where
from ..primitives.elementwise import exp
from ..primitives.scipy_arrays import solve_triangular
from ..primitives.special.exponentials import xlogy
from ..primitives.special.gamma_beta import gammaln
from .dispatch import is_traced
from .distributions import Distribution, checked, double, positive

_LOG_SQRT_2PI = 0.5 * log(2 * pi)


def _dirichlet_logpdf(x: Any, alpha: Any) -> Any:
    x, alpha = double(x), double(alpha)
    if x.shape[0] == alpha.shape[0] - 1:
        x = np.concatenate([x, (1 - np.sum(x, axis=0)).reshape(1, *x.shape[1:])], axis=0)
    if alpha.ndim != 1 or x.shape[0] != alpha.shape[0]:
        raise ArgumentError(
            f"dirichlet: x of shape {x.shape} does not go with alpha of shape {alpha.shape}"
        )
    scale = np.sum(gammaln(alpha)) - gammaln(np.sum(alpha))
    weights = (alpha - 1).reshape(-1, *[1] * (x.ndim - 1))
    return checked(np.sum(xlogy(weights, x), axis=0) - scale, [], positive)


dirichlet = Distribution(
    "dirichlet",
    {
        "logpdf": _dirichlet_logpdf,
        "pdf": lambda x, alpha: exp(_dirichlet_logpdf(x, alpha)),
    },
)


def _normal_parameters(mean: Any, cov: Any) -> tuple:
    """Return mean as a vector and cov as a matrix, of the dimension that they say."""
    cov = double(1.0 if cov is None else cov)
    mean = np.zeros(cov.shape[0] if cov.ndim == 2 else 1) if mean is None else double(mean)
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


def _normal_logpdf(x: Any, mean: Any = None, cov: Any = 1, allow_singular: bool = False) -> Any:
    x = double(x)
    mean, cov, dim = _normal_parameters(mean, cov)
    x = x.reshape(*x.shape, 1) if dim == 1 and x.ndim < 2 else x
    flat = (x - mean).reshape(-1, dim)
    y = (_on_a_subspace if allow_singular else _regular)(flat, cov, dim)
    return np.reshape(y, tuple([n for n in x.shape[:-1] if n != 1]))[()]


def _regular(flat: Any, cov: Any, dim: int) -> Any:
    """Logarithm of the density by the Cholesky factor of the covariance."""
    factor = np.linalg.cholesky(cov)
    whitened = solve_triangular(factor, flat.T, lower=True, transposed=False, unit=False)
    squares = np.sum(whitened * whitened, axis=0)
    return -0.5 * squares - _log_diagonal(factor, dim) - dim * _LOG_SQRT_2PI


def _on_a_subspace(flat: Any, cov: Any, dim: int) -> Any:
    """The same where some directions have no variance, as SciPy decides which: -inf off it."""
    if is_traced(cov):
        raise MissingRule(
            f"multivariate_normal(allow_singular=True) of a traced covariance{user_line()} is not "
            "covered: the rank of a matrix has no derivative"
        )
    variances, directions = np.linalg.eigh(cov)
    least = 1e6 * np.finfo(float).eps * np.max(np.abs(variances))
    if np.min(variances) < -least:
        raise ArgumentError(
            f"multivariate_normal{user_line()}: the covariance has a negative variance"
        )
    kept = variances > least
    whitened = flat @ (directions[:, kept] / np.sqrt(variances[kept]))
    off = flat @ directions[:, ~kept]
    constant = np.sum(0.5 * np.log(variances[kept]) + _LOG_SQRT_2PI)
    y = -0.5 * np.sum(whitened * whitened, axis=1) - constant
    return where(np.sum(off * off, axis=1) < (1e3 * least) ** 2, y, -inf) if off.shape[1] else y


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
