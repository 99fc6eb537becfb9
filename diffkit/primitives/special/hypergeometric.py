"""Hypergeometric functions, elliptic integrals and exponential integrals."""

from math import inf, pi

from ..elementwise import exp
from .rows import PAIRS, POSITIVE, special

# fmt: off
hyp0f1    = special("hyp0f1", ["v", lambda _, v, x: hyp0f1(v + 1, x) / v],
                    lambda sp, v, x: sp.hyper((), (v,), x), domain=((0, inf), (-inf, inf)), source="DLMF 16.3.1")
hyp1f1    = special("hyp1f1", ["a", "b", lambda _, a, b, x: a / b * hyp1f1(a + 1, b + 1, x)],
                    lambda sp, a, b, x: sp.hyper((a,), (b,), x), domain=(*PAIRS, (-inf, inf)), source="DLMF 13.3.15")
hyp2f1    = special("hyp2f1", ["a", "b", "c", lambda _, a, b, c, x: a * b / c * hyp2f1(a + 1, b + 1, c + 1, x)],
                    lambda sp, a, b, c, x: sp.hyper((a, b), (c,), x), domain=(*PAIRS, (0, inf), (-1, 1)), source="DLMF 15.5.1")

# (E - (1 - m)*K)/(2*m*(1 - m)), the textbook's form, is 0/0 at 0.
ellipk    = special("ellipk", [lambda _, m: pi / 8 * hyp2f1(1.5, 1.5, 2.0, m)],
                    lambda sp, m: sp.elliptic_k(m), domain=(-1, 1), source="DLMF 19.5.1 and 15.5.1")
ellipe    = special("ellipe", [lambda _, m: -pi / 8 * hyp2f1(0.5, 1.5, 2.0, m)],
                    lambda sp, m: sp.elliptic_e(m), domain=(-1, 1), source="DLMF 19.5.2 and 15.5.1")

expn      = special("expn", ["n", lambda y, n, x: _expn_slope(y, n, x)], lambda sp, n, x: sp.expint(n, x),
                    domain=((-1, inf), (0, inf)), source="DLMF 8.19.13 and 8.19.12")
exp1      = special("exp1", [lambda _, x: -exp(-x) / x], lambda sp, x: sp.expint(1, x), domain=POSITIVE, source="DLMF 6.2.1")
expi      = special("expi", [lambda _, x: exp(x) / x],   lambda sp, x: sp.Ei(x),        domain=POSITIVE, source="DLMF 6.2.5")
# fmt: on


def _expn_slope(y, n, x):
    """-E_(n-1), by recurrence where the order would become negative."""
    if n.__class__ is int and n > 1:
        return -expn(n - 1, x)
    return ((n - 1) * y - exp(-x)) / x
