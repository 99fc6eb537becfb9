"""Functions for the finite differences, each next to its 30-digit counterpart in mpmath."""

# ruff: noqa: E501 (a row is one line)

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import mpmath
import numpy as np


class Case(NamedTuple):
    """A function, a point, the same function for mpmath."""

    name: str
    f: Callable
    x: float
    exact: Callable

    def slope(self) -> mpmath.mpf:
        """The derivative to 30 digits: 60 digits less what the difference takes."""
        with mpmath.workdps(60):
            h = mpmath.mpf(10) ** -20 * scale(self.x)
            return mpmath.diff(self.exact, mpmath.mpf(float(self.x)), h=h)

    def reference(self) -> float:
        """The same, rounded."""
        return float(self.slope())


def scale(x):
    return abs(float(x)) or 1.0


def noisy(x):
    """sin with a fixed pattern of noise of size 1e-8."""
    return np.sin(x) + 1e-8 * (np.modf(np.sin(x * 1e9) * 43758.5453)[0])


m = mpmath
# fmt: off
CASES = [
    Case("sin",          np.sin,                                1.0,    m.sin),
    Case("exp",          np.exp,                                1.0,    m.exp),
    Case("exp at 0",     np.exp,                                0.0,    m.exp),
    Case("x^3",          lambda x: x**3,                        2.0,    lambda x: x**3),
    Case("tanh",         np.tanh,                               0.5,    m.tanh),
    Case("atan",         np.arctan,                             3.0,    m.atan),
    Case("logistic",     lambda x: 1 / (1 + np.exp(-x)),        0.3,    lambda x: 1 / (1 + m.exp(-x))),
    Case("logistic 10",  lambda x: 1 / (1 + np.exp(-10 * x)),   0.3,    lambda x: 1 / (1 + m.exp(-10 * x))),
    Case("gauss",        lambda x: np.exp(-x * x),              1.5,    lambda x: m.exp(-x * x)),
    Case("runge",        lambda x: 1 / (1 + 25 * x * x),        0.4,    lambda x: 1 / (1 + 25 * x * x)),
    Case("sin 100x",     lambda x: np.sin(100 * x),             1.0,    lambda x: m.sin(100 * x)),
    Case("sin at 1000",  np.sin,                                1000.0, m.sin),
    Case("sin(1/x)",     lambda x: np.sin(1 / x),               0.02,   lambda x: m.sin(1 / x)),
    Case("log 1e-10",    np.log,                                1e-10,  m.log),
    Case("log 1e-3",     np.log,                                1e-3,   m.log),
    Case("sqrt 1e-6",    np.sqrt,                               1e-6,   m.sqrt),
    Case("x^x",          lambda x: x**x,                        0.01,   lambda x: x**x),
    Case("x^x at 2",     lambda x: x**x,                        2.0,    lambda x: x**x),
    Case("1/x 1e-8",     lambda x: 1 / x,                       1e-8,   lambda x: 1 / x),
    Case("x^2 1e8",      lambda x: x * x,                       1e8,    lambda x: x * x),
    Case("log 1e8",      np.log,                                1e8,    m.log),
    Case("sqrt 1e8",     np.sqrt,                               1e8,    m.sqrt),
    Case("sin 1e-10",    np.sin,                                1e-10,  m.sin),
    Case("tan",          np.tan,                                1.5,    m.tan),
    Case("cosh x^2",     lambda x: np.cosh(x * x),              1.2,    lambda x: m.cosh(x * x)),
    Case("softplus",     lambda x: np.logaddexp(0.0, x),        -5.0,   lambda x: m.log(1 + m.exp(x))),
    Case("cancelling",   lambda x: (1 - np.cos(x)) / x**2,      1e-2,   lambda x: (1 - m.cos(x)) / x**2),
    Case("1e8 + sin",    lambda x: 1e8 + np.sin(x),             1.0,    lambda x: m.sin(x)),
    Case("float32 exp",  np.exp,                   np.float32(0.7),     m.exp),
    Case("noisy sin",    noisy,                                 1.0,    m.sin),
]
# fmt: on


class Family(NamedTuple):
    """Functions of a kind at random points; `slope` is the derivative in mpmath."""

    name: str
    f: Callable
    slope: Callable
    low: float
    high: float
    logarithmic: bool = False

    def point(self, rng):
        """A random point: uniform, or uniform in the logarithm."""
        if self.logarithmic:
            return float(np.exp(rng.uniform(np.log(self.low), np.log(self.high))))
        return float(rng.uniform(self.low, self.high))


# fmt: off
FAMILIES = [
    Family("sin",       np.sin,                            m.cos,                                  -10, 10),
    Family("cos",       np.cos,                            lambda x: -m.sin(x),                    -1000, 1000),
    Family("exp",       np.exp,                            m.exp,                                  -20, 20),
    Family("log",       np.log,                            lambda x: 1 / x,                        1e-12, 1e12, True),
    Family("sqrt",      np.sqrt,                           lambda x: 1 / (2 * m.sqrt(x)),          1e-10, 1e10, True),
    Family("1/x",       lambda x: 1 / x,                   lambda x: -1 / x**2,                    1e-9, 1e9, True),
    Family("x^x",       lambda x: x**x,                    lambda x: x**x * (m.log(x) + 1),        1e-4, 20, True),
    Family("tanh",      np.tanh,                           lambda x: m.sech(x)**2,                 -8, 8),
    Family("atan",      np.arctan,                         lambda x: 1 / (1 + x * x),              1e-4, 1e4, True),
    Family("runge",     lambda x: 1 / (1 + 25 * x * x),    lambda x: -50 * x / (1 + 25*x*x)**2,    -2, 2),
    Family("gauss",     lambda x: np.exp(-x * x),          lambda x: -2 * x * m.exp(-x * x),       -4, 4),
    Family("sin 30x",   lambda x: np.sin(30 * x),          lambda x: 30 * m.cos(30 * x),           -3, 3),
    Family("sin(1/x)",  lambda x: np.sin(1 / x),           lambda x: -m.cos(1 / x) / x**2,         0.03, 3, True),
    Family("quintic",   lambda x: x**5 - 3 * x**2 + x,     lambda x: 5 * x**4 - 6 * x + 1,         -5, 5),
    Family("x exp -x",  lambda x: x * np.exp(-x),          lambda x: (1 - x) * m.exp(-x),          1e-6, 30, True),
    Family("softplus",  lambda x: np.logaddexp(0.0, x),    lambda x: 1 / (1 + m.exp(-x)),          -30, 30),
    Family("logistic",  lambda x: 1 / (1 + np.exp(-5*x)),  lambda x: 5 / (2 + 2*m.cosh(5 * x)),    -4, 4),
    Family("tan",       np.tan,                            lambda x: m.sec(x)**2,                  -1.5, 1.5),
    Family("offset",    lambda x: 1e5 + np.cosh(x),        m.sinh,                                 -5, 5),
    Family("sin exp",   lambda x: np.sin(np.exp(x)),       lambda x: m.cos(m.exp(x)) * m.exp(x),   -3, 5),
]
# fmt: on

# Families to choose the rules by; the constants rest on the twenty above.
# fmt: off
MORE_FAMILIES = [
    Family("sinh",      np.sinh,                           m.cosh,                                 -12, 12),
    Family("cos exp",   lambda x: np.cos(3*x) * np.exp(x), lambda x: m.exp(x) * (m.cos(3*x) - 3*m.sin(3*x)), -4, 4),
    Family("log1p",     np.log1p,                          lambda x: 1 / (1 + x),                  1e-8, 1e8, True),
    Family("expm1",     np.expm1,                          m.exp,                                  -10, 10),
    Family("asinh",     np.arcsinh,                        lambda x: 1 / m.sqrt(1 + x * x),        -1e3, 1e3),
    Family("acos",      np.arccos,                         lambda x: -1 / m.sqrt(1 - x * x),       -0.99, 0.99),
    Family("atanh",     np.arctanh,                        lambda x: 1 / (1 - x * x),              -0.97, 0.97),
    Family("cbrt",      np.cbrt,                           lambda x: m.cbrt(x) / (3 * x),          1e-9, 1e9, True),
    Family("x^2.5",     lambda x: x**2.5,                  lambda x: 5 * x * m.sqrt(x) / 2,        1e-6, 1e6, True),
    Family("rational",  lambda x: (x*x - 2) / (x*x*x + 9), lambda x: (2*x*(x**3 + 9) - 3*x*x*(x*x - 2)) / (x**3 + 9)**2, -1.8, 6),
    Family("lorentz",   lambda x: 1 / (1e-2 + (x - 1)**2), lambda x: -2 * (x - 1) / (m.mpf(1e-2) + (x - 1)**2)**2, 0, 2),
    Family("chirp",     lambda x: np.sin(x * x),           lambda x: 2 * x * m.cos(x * x),         -8, 8),
    Family("entropy",   lambda x: x * np.log(x),           lambda x: 1 + m.log(x),                 1e-9, 1e3, True),
    Family("silu",      lambda x: x / (1 + np.exp(-x)),    lambda x: (1 + m.exp(-x) * (1 + x)) / (1 + m.exp(-x))**2, -12, 12),
    Family("gelu",      lambda x: x * (1 + np.tanh(0.8 * x)) / 2, lambda x: (1 + m.tanh(m.mpf(0.8) * x) + x * m.mpf(0.8) * m.sech(m.mpf(0.8) * x)**2) / 2, -5, 5),
    Family("octic",     lambda x: ((x*x - 3)*x*x + 1)**2,  lambda x: 2 * (x**4 - 3*x*x + 1) * (4*x**3 - 6*x), -3, 3),
    Family("sinc",      lambda x: np.sin(x) / x,           lambda x: (x * m.cos(x) - m.sin(x)) / x**2, 0.1, 60),
    Family("far sin",   lambda x: np.sin(x) + 1e3 * x,     lambda x: m.cos(x) + 1000,              -1e5, 1e5),
    Family("planck",    lambda x: x**3 / np.expm1(x),      lambda x: (3*x*x*m.expm1(x) - x**3 * m.exp(x)) / m.expm1(x)**2, 1e-3, 50, True),
    Family("log gauss", lambda x: np.log(1 + 5 * np.exp(-x * x)), lambda x: -10 * x * m.exp(-x * x) / (1 + 5 * m.exp(-x * x)), -5, 5),
    Family("loop",      lambda x: sum(np.sin(k * x) / k for k in range(1, 20)), lambda x: sum(m.cos(k * x) for k in range(1, 20)), -3, 3),
]
# fmt: on

# A third of these cancel inside, which showed that the grain of f must be looked at.
# fmt: off
CANCELLING = [
    Family("log cosh",  lambda x: np.log(np.cosh(x)),      m.tanh,                                 -10, 10),
    Family("cubic",     lambda x: (x - 1)*(x - 2)*(x - 3), lambda x: 3*x*x - 12*x + 11,            0, 4),
    Family("exp sin",   lambda x: np.exp(np.sin(3 * x)),   lambda x: 3*m.cos(3*x)*m.exp(m.sin(3*x)), -4, 4),
    Family("2^x",       lambda x: np.power(2.0, x),        lambda x: m.log(2) * m.mpf(2)**x,       -20, 20),
    Family("acot",      lambda x: np.arctan(1 / x),        lambda x: -1 / (1 + x * x),             1e-3, 1e3, True),
    Family("log^2",     lambda x: np.log(x)**2,            lambda x: 2 * m.log(x) / x,             1e-3, 1e3, True),
    Family("quartic",   lambda x: 1 / np.sqrt(1 + x**4),   lambda x: -2 * x**3 / m.sqrt(1 + x**4)**3, -4, 4),
    Family("moebius",   lambda x: np.sin(x) / (2 + np.cos(x)), lambda x: (1 + 2*m.cos(x)) / (2 + m.cos(x))**2, -6, 6),
    Family("bessel",    np.i0,                             lambda x: m.besseli(1, x),              -10, 10),
    Family("root",      lambda x: np.sqrt(1 + x) - 1,      lambda x: 1 / (2 * m.sqrt(1 + x)),      1e-3, 1e4, True),
    Family("gumbel",    lambda x: np.exp(-np.exp(-x)),     lambda x: m.exp(-x - m.exp(-x)),        -2, 10),
    Family("weibull",   lambda x: 1 - np.exp(-x**1.5),     lambda x: m.mpf(1.5)*m.sqrt(x)*m.exp(-x*m.sqrt(x)), 1e-2, 5, True),
]
# fmt: on

# Families that were written, and looked at, when everything was settled.
# fmt: off
HELD_OUT = [
    Family("tanh x^2",  lambda x: np.tanh(x * x),          lambda x: 2 * x * m.sech(x * x)**2,     -2, 2),
    Family("damped",    lambda x: x * x * np.sin(3 / x),   lambda x: 2*x*m.sin(3/x) - 3*m.cos(3/x), 0.1, 3, True),
    Family("log ratio", lambda x: np.log((2 + x) / (3 - x)), lambda x: 1 / (2 + x) + 1 / (3 - x),  -1.9, 2.9),
    Family("exp cubic", lambda x: np.exp(x**3 - x),        lambda x: (3*x*x - 1) * m.exp(x**3 - x), -1.5, 1.5),
    Family("hypot",     lambda x: np.hypot(x, 3.0),        lambda x: x / m.sqrt(x * x + 9),        -100, 100),
    Family("asin",      np.arcsin,                         lambda x: 1 / m.sqrt(1 - x * x),        -0.95, 0.95),
    Family("cauchy",    lambda x: np.log(1 + x * x),       lambda x: 2 * x / (1 + x * x),          1e-3, 1e3, True),
    Family("cos^4",     lambda x: np.cos(x)**4,            lambda x: -4 * m.cos(x)**3 * m.sin(x),  -10, 10),
    Family("step",      lambda x: 1 / (1 + np.exp(-40 * (x - 1))), lambda x: 20 / (1 + m.cosh(40 * (x - 1))), 0, 2),
    Family("norm",      lambda x: np.cbrt(x**3 + 1),       lambda x: x * x / m.cbrt(x**3 + 1)**2,  0.1, 10, True),
]
# fmt: on
