"""Bessel functions: J and Y, modified I and K, and I and K without their exponential."""

from math import inf

from ...core.tracing import abstract_of
from ...errors import NotDifferentiable, user_line
from ..elementwise import sign
from .rows import POSITIVE, special

_J, _I, _K = "DLMF 10.6.1", "DLMF 10.29.1", "DLMF 10.29.1"
_ORDERED = ((-inf, inf), (0, inf))

# Averages of neighbours, not J_0 - J_1/x: that is 0/0 at 0.
# fmt: off
j0        = special("j0",        [lambda _, x: -j1(x)],                     lambda sp, x: sp.besselj(0, x), source="DLMF 10.6.3")
j1        = special("j1",        [lambda _, x: 0.5 * (j0(x) - jv(2, x))],   lambda sp, x: sp.besselj(1, x), source=_J)
y0        = special("y0",        [lambda _, x: -y1(x)],                     lambda sp, x: sp.bessely(0, x), domain=POSITIVE, source="DLMF 10.6.3")
y1        = special("y1",        [lambda _, x: 0.5 * (y0(x) - yv(2, x))],   lambda sp, x: sp.bessely(1, x), domain=POSITIVE, source=_J)
i0        = special("i0",        [lambda _, x: i1(x)],                      lambda sp, x: sp.besseli(0, x), source="DLMF 10.29.3")
i1        = special("i1",        [lambda _, x: 0.5 * (i0(x) + iv(2, x))],   lambda sp, x: sp.besseli(1, x), source=_I)
k0        = special("k0",        [lambda _, x: -k1(x)],                     lambda sp, x: sp.besselk(0, x), domain=POSITIVE, source="DLMF 10.29.3")
k1        = special("k1",        [lambda _, x: -0.5 * (k0(x) + kv(2, x))],  lambda sp, x: sp.besselk(1, x), domain=POSITIVE, source=_K)
i0e       = special("i0e",       [lambda y, x: i1e(x) - sign(x) * y],       lambda sp, x: sp.exp(-sp.Abs(x)) * sp.besseli(0, x),
                    kinks=(0,), source="DLMF 10.29.3 and the product rule")
i1e       = special("i1e",       [lambda y, x: 0.5 * (i0e(x) + ive(2, x)) - sign(x) * y],
                    lambda sp, x: sp.exp(-sp.Abs(x)) * sp.besseli(1, x), kinks="0, where the second derivative jumps", source=_I)
k0e       = special("k0e",       [lambda y, x: y - k1e(x)],                 lambda sp, x: sp.exp(x) * sp.besselk(0, x), domain=POSITIVE, source="DLMF 10.29.3")
k1e       = special("k1e",       [lambda y, x: y - 0.5 * (k0e(x) + kve(2, x))], lambda sp, x: sp.exp(x) * sp.besselk(1, x), domain=POSITIVE, source=_K)

jv        = special("jv",  ["v", lambda _, v, x: 0.5 * (jv(v - 1, x) - jv(v + 1, x))],  "besselj", domain=_ORDERED, source=_J)
yv        = special("yv",  ["v", lambda _, v, x: 0.5 * (yv(v - 1, x) - yv(v + 1, x))],  "bessely", domain=_ORDERED, source=_J)
yn        = special("yn",  ["n", lambda _, n, x: 0.5 * (yn(n - 1, x) - yn(n + 1, x))],  lambda sp, n, x: sp.bessely(n, x), domain=_ORDERED, source=_J)
iv        = special("iv",  ["v", lambda _, v, x: 0.5 * (iv(v - 1, x) + iv(v + 1, x))],  "besseli", domain=_ORDERED, source=_I)
kv        = special("kv",  ["v", lambda _, v, x: -0.5 * (kv(v - 1, x) + kv(v + 1, x))], "besselk", domain=_ORDERED, source=_K)
kn        = special("kn",  ["n", lambda _, n, x: -0.5 * (kn(n - 1, x) + kn(n + 1, x))], lambda sp, n, x: sp.besselk(n, x), domain=_ORDERED, source=_K)
jve       = special("jve", ["v", lambda _, v, x: 0.5 * (jve(v - 1, _real(x)) - jve(v + 1, x))],  lambda sp, v, x: sp.besselj(v, x), domain=_ORDERED, source=_J)
yve       = special("yve", ["v", lambda _, v, x: 0.5 * (yve(v - 1, _real(x)) - yve(v + 1, x))],  lambda sp, v, x: sp.bessely(v, x), domain=_ORDERED, source=_J)
ive       = special("ive", ["v", lambda y, v, x: 0.5 * (ive(v - 1, x) + ive(v + 1, x)) - sign(_real(x)) * y],
                    lambda sp, v, x: sp.exp(-x) * sp.besseli(v, x), domain=_ORDERED, source=_I)
kve       = special("kve", ["v", lambda y, v, x: y - 0.5 * (kve(v - 1, x) + kve(v + 1, x))],
                    lambda sp, v, x: sp.exp(x) * sp.besselk(v, x), domain=_ORDERED, source=_K)
# fmt: on


def _real(x):
    """Return x; the factors exp(-abs(...)) of jve, yve and ive are not holomorphic."""
    if abstract_of(x).dtype.kind == "c":
        raise NotDifferentiable(
            f"jve, yve and ive of complex values{user_line()} have a factor such as "
            "exp(-abs(real(z))), which has no complex derivative; write it out beside jv, yv or iv"
        )
    return x
