"""How a row for one of scipy.special's functions is made, and what several of them share.

A text in the place of a partial is the name of an operand that has no rule (the order v of
jv(v, x), a of gammainc(a, x)): it has no elementary derivative, and differentiating by it
is an error. DLMF is the NIST Digital Library of Mathematical Functions, https://dlmf.nist.gov.
"""

from math import inf

import numpy as np

from ..rules import row
from ..scipys import FromSciPy

SPECIAL = {}  # scipy.special's name -> row

POSITIVE, UNIT, PAIRS = (0, inf), (0, 1), ((0, inf), (0, inf))


def special(name, partials, sympy, **facts):
    """Make a row for the function of this name in scipy.special."""
    SPECIAL[name] = row(name, FromSciPy("special", name), partials, sympy, **facts)
    return SPECIAL[name]


def floats(x):
    """Return x as an array of floats; whole numbers become float64."""
    x = np.asarray(x)
    return x if x.dtype.kind in "fc" else x.astype(np.float64)


def safe_ratio(a, b):
    """a/b, and 0 where both are 0."""
    return a / np.where((a == 0) & (b == 0), 1, b)


ratio = row(
    "ratio",
    safe_ratio,
    [lambda _, a, b: 1 / b, lambda y, a, b: -ratio(y, b)],
    lambda sp, a, b: a / b,
    domain=((-inf, inf), (0, inf)),
    source="quotient rule; 0/0, which xlogy and its relatives hand on, is 0",
)
