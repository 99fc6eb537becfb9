"""Distributions with SciPy's signatures, made of functions that can be traced.

A distribution is written down once for loc = 0 and scale = 1, over rows. Here it gets
SciPy's signatures, its support, and nan for parameters that are not allowed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from math import inf, nan
from typing import Any

import numpy as np

from ..errors import ArgumentError, TracingError, user_line
from ..primitives.arithmetic import where
from ..primitives.elementwise import astype, exp
from ..primitives.elementwise import log as log_
from .dispatch import TWINS, any_traced, array, is_traced, scipys


def double(x: Any) -> Any:
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
    """A distribution of SciPy, some of whose methods can be traced.

    Attributes
    ----------
    name : str
    methods : dict, name -> definition
        Those that can be traced, with SciPy's arguments. All others are SciPy's own.

    Examples
    --------
    >>> from diffkit import grad
    >>> from diffkit.scipy.stats import norm
    >>> float(grad(lambda mean: norm.logpdf(1.0, mean, 2.0))(0.0))
    0.25
    >>> float(grad(lambda mean: norm(mean, 2.0).logpdf(1.0))(0.0))
    0.25
    """

    def __init__(self, name: str, methods: dict[str, Callable]) -> None:
        self.name = name
        self.methods = methods
        vars(self).update({method: partial(self._choose, method) for method in methods})
        TWINS.setdefault("stats", set()).update(f"{name}.{method}" for method in methods)

    @property
    def scipys(self) -> Any:
        """SciPy's own distribution."""
        return scipys("stats", self.name)

    def __call__(self, *args: Any, **kwargs: Any) -> _Frozen:
        """Return the distribution with these parameters."""
        return _Frozen(self, args, kwargs)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
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


def checked(y: Any, parameters: Sequence[Any], allowed: Callable) -> Any:
    """Answer nan where a parameter is not allowed."""
    for parameter in parameters:
        if is_traced(parameter) or not np.all(allowed(parameter)):
            y = where(allowed(parameter), y, nan)
    return y


def positive(parameter: Any) -> Any:
    """Allow only what is above 0."""
    return parameter > 0


# What each function is below and above the support.
_OUTSIDE = {
    "pdf": (0.0, 0.0), "logpdf": (-inf, -inf), "cdf": (0.0, 1.0), "sf": (1.0, 0.0),
    "logcdf": (-inf, 0.0), "logsf": (0.0, -inf),
}  # fmt: skip


def continuous(
    name: str, shapes: str = "", low: float = -inf, high: float = inf, **standard: Callable
) -> Distribution:
    """Make a distribution from its functions of (z, *shapes), z = (x - loc)/scale.

    Those that are not given follow from logpdf and cdf; ppf is there only if it is given.
    """
    standard.setdefault("pdf", lambda z, *s: exp(standard["logpdf"](z, *s)))
    standard.setdefault("sf", lambda z, *s: 1 - standard["cdf"](z, *s))
    standard.setdefault("logcdf", lambda z, *s: log_(standard["cdf"](z, *s)))
    standard.setdefault("logsf", lambda z, *s: log_(standard["sf"](z, *s)))
    names = [*shapes.split(), "loc", "scale"]

    def method(kind: str, x: Any, *args: Any, **kwargs: Any) -> Any:
        *parameters, loc, scale = _bound(f"{name}.{kind}", names, args, kwargs)
        z = (double(x) - loc) / scale
        y = _supported(kind, standard[kind], z, parameters, low, high)
        if kind == "pdf":
            y = y / scale
        elif kind == "logpdf":
            y = y - log_(scale)
        return checked(y, [*parameters, scale], positive)

    def ppf(q: Any, *args: Any, **kwargs: Any) -> Any:
        *parameters, loc, scale = _bound(f"{name}.ppf", names, args, kwargs)
        q = double(q)
        inside = where((q >= 0) & (q <= 1), q, nan)
        y = standard["ppf"](inside, *parameters) * scale + loc
        return checked(y, [*parameters, scale], positive)

    methods = {kind: partial(method, kind) for kind in _OUTSIDE}
    return Distribution(name, methods | ({"ppf": ppf} if "ppf" in standard else {}))


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


# -- discrete --------------------------------------------------------------------------


def discrete(
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
        y = kinds[kind](k, np.floor(k), [double(parameter) for parameter in parameters])
        return checked(y, parameters, allowed)

    return Distribution(name, {kind: partial(method, kind) for kind in kinds})
