"""Twins of scipy.special's functions that are not ufuncs."""

from __future__ import annotations

import operator
from math import log, pi
from typing import Any

import numpy as np

from ..core.tracing import shape_of
from ..errors import ArgumentError, MissingRule, user_line
from ..primitives.arithmetic import where
from ..primitives.functions import some_axes, squeeze
from ..primitives.reductions import sum_
from ..primitives.special import along_axes as rows
from ..primitives.special import gamma_beta
from .dispatch import array, is_traced, rest_of, twin

__all__ = [
    "comb",
    "factorial",
    "log_softmax",
    "logsumexp",
    "multigammaln",
    "polygamma",
    "softmax",
    "zeta",
]
__getattr__ = rest_of("special")


def _approximate(name: str, exact: bool) -> None:
    if exact:
        raise MissingRule(
            f"scipy.special.{name}(exact=True) of a traced value{user_line()} is a whole number "
            "without a derivative; leave exact out"
        )


# -- exponentials along axes -------------------------------------------------------------


@twin("special")
def logsumexp(
    a: Any, axis: Any = None, b: Any = None, keepdims: bool = False, return_sign: bool = False
) -> Any:
    """Logarithm of the sum of exponentials: log(sum(b * exp(a))), without overflow.

    Parameters
    ----------
    a : array
    axis : int or tuple of int, optional
        Summed over; all axes by default.
    b : array, optional
        Weights, broadcast against a. A constant weight of 0 removes its term.
    keepdims, return_sign : bool
        As in SciPy; with return_sign the pair (log(abs(sum)), sign(sum)).

    Raises
    ------
    MissingRule
        For complex a or b together with b or return_sign.

    References
    ----------
    scipy.special.logsumexp. Its slope is softmax(a).

    Examples
    --------
    >>> import numpy as np
    >>> from diffkit import grad
    >>> grad(logsumexp)(np.array([1000.0, 1000.0, -np.inf])).tolist()
    [0.5, 0.5, 0.0]
    """
    a = array(a)
    if b is None and not return_sign:
        return rows.logsumexp(a, axis=some_axes(axis, a.ndim), keepdims=bool(keepdims))
    a, b = _weighted(a, array(1.0 if b is None else b))
    if a.dtype.kind == "c" or b.dtype.kind == "c":
        raise MissingRule(
            f"logsumexp(b=, return_sign=) of complex values{user_line()} is not covered; "
            "write np.log(np.sum(b * np.exp(a)))"
        )
    axes = some_axes(axis, a.ndim)
    shift = rows.top(a, axis=axes)
    total = sum_(b * np.exp(a - shift), axis=axes, keepdims=True)
    y = np.log(np.abs(total) if return_sign else total) + shift
    sign = np.sign(total)
    if not keepdims:
        dropped = tuple(range(a.ndim)) if axes is None else axes
        y, sign = squeeze(y, dropped), squeeze(sign, dropped)
    return (y, sign) if return_sign else y


def _weighted(a: Any, b: Any) -> tuple:
    """Both in one shape; what has the constant weight 0 takes no part."""
    shape = np.broadcast_shapes(shape_of(a), shape_of(b))
    if not is_traced(b) and np.any(b == 0):
        a = where(b == 0, -np.inf, a)
    if shape_of(a) != shape:
        a = np.broadcast_to(a, shape)
    return a, b


@twin("special")
def softmax(x: Any, axis: Any = None) -> Any:
    """Exponentials divided by their sum over `axis` (all axes by default), in the shape of x.

    References
    ----------
    scipy.special.softmax

    Examples
    --------
    >>> import numpy as np
    >>> from diffkit import jacobian
    >>> jacobian(softmax)(np.zeros(2)).tolist()
    [[0.25, -0.25], [-0.25, 0.25]]
    """
    x = array(x)
    return rows.softmax(x, axis=some_axes(axis, x.ndim))


@twin("special")
def log_softmax(x: Any, axis: Any = None) -> Any:
    """Logarithm of softmax, in the shape of x.

    References
    ----------
    scipy.special.log_softmax

    Examples
    --------
    >>> import numpy as np
    >>> from diffkit import grad
    >>> grad(lambda x: log_softmax(x)[0])(np.array([0.0, 800.0])).tolist()
    [1.0, -1.0]
    """
    x = array(x)
    return x - rows.logsumexp(x, axis=some_axes(axis, x.ndim), keepdims=True)


# -- gamma functions ------------------------------------------------------------------------


@twin("special")
def multigammaln(a: Any, d: int) -> Any:
    """Logarithm of the multivariate gamma function of dimension d, entry by entry of a.

    Raises
    ------
    ArgumentError
        If d is not positive.

    References
    ----------
    scipy.special.multigammaln; DLMF 35.3.4
    """
    d = operator.index(d)
    if d < 1:
        raise ArgumentError(f"multigammaln(a, d) needs a positive d, not {d}")
    total = gamma_beta.gammaln(a)
    for j in range(1, d):
        total = total + gamma_beta.gammaln(a - 0.5 * j)
    return total + d * (d - 1) * 0.25 * log(pi)


@twin("special")
def polygamma(n: Any, x: Any) -> Any:
    """The nth derivative of digamma; by n it has no derivative (scipy.special.polygamma)."""
    return gamma_beta.polygamma(n, array(x))


@twin("special")
def zeta(x: Any, q: Any = None, out: Any = None) -> Any:
    """Hurwitz's zeta function; it has a derivative by q, not by x (scipy.special.zeta)."""
    return gamma_beta.zeta(x, 1.0 if q is None else q)


@twin("special")
def factorial(n: Any, exact: bool = False, extend: str = "zero") -> Any:
    """gamma(n + 1), and 0 for negative n (scipy.special.factorial)."""
    _approximate("factorial", exact)
    n = array(n)
    return where(n < 0, 0.0, gamma_beta.gamma(where(n < 0, 0.0, n) + 1))


@twin("special")
def comb(N: Any, k: Any, *, exact: bool = False, repetition: bool = False) -> Any:
    """Number of ways to choose k of N, by gamma functions (scipy.special.comb)."""
    _approximate("comb", exact)
    if repetition:
        return comb(N + k - 1, k)
    N, k = array(N), array(k)
    possible = (k <= N) & (N >= 0) & (k >= 0)
    return where(possible, gamma_beta.binom(where(possible, N, 1.0), where(possible, k, 0.0)), 0.0)
