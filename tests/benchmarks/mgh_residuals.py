"""The residuals of the functions of Moré, Garbow & Hillstrom, in plain NumPy."""

from __future__ import annotations

import numpy as np


def _numbers(text):
    return np.array([float(word) for word in text.split()])


def rosenbrock(x):
    return np.stack([10 * (x[1] - x[0] ** 2), 1 - x[0]])


def freudenstein_roth(x):
    a, b = x[0], x[1]
    return np.stack([-13 + a + ((5 - b) * b - 2) * b, -29 + a + ((b + 1) * b - 14) * b])


def powell_badly_scaled(x):
    return np.stack([1e4 * x[0] * x[1] - 1, np.exp(-x[0]) + np.exp(-x[1]) - 1.0001])


def brown_badly_scaled(x):
    return np.stack([x[0] - 1e6, x[1] - 2e-6, x[0] * x[1] - 2])


def beale(x):
    return np.array([1.5, 2.25, 2.625]) - x[0] * (1 - x[1] ** np.array([1.0, 2.0, 3.0]))


def jennrich_sampson(x):
    i = np.arange(1.0, 11)
    return 2 + 2 * i - (np.exp(i * x[0]) + np.exp(i * x[1]))


def helical_valley(x):
    angle = np.arctan(x[1] / x[0]) / (2 * np.pi) + np.where(x[0] < 0, 0.5, 0.0)
    radius = np.sqrt(x[0] ** 2 + x[1] ** 2)
    return np.stack([10 * (x[2] - 10 * angle), 10 * (radius - 1), x[2]])


_BARD = _numbers(".14 .18 .22 .25 .29 .32 .35 .39 .37 .58 .73 .96 1.34 2.10 4.39")


def bard(x):
    u = np.arange(1.0, 16)
    v = 16 - u
    return _BARD - (x[0] + u / (v * x[1] + np.minimum(u, v) * x[2]))


_GAUSS = _numbers(".0009 .0044 .0175 .0540 .1295 .2420 .3521 .3989")


def gaussian(x):
    t = (8 - np.arange(1.0, 16)) / 2
    y = np.concatenate([_GAUSS, _GAUSS[-2::-1]])
    return x[0] * np.exp(-x[1] * (t - x[2]) ** 2 / 2) - y


_MEYER = _numbers(
    "34780 28610 23650 19630 16370 13720 11540 9744 8261 7030 6005 5147 4427 3820 3307 2872"
)


def meyer(x):
    t = 45 + 5 * np.arange(1.0, 17)
    return x[0] * np.exp(x[1] / (t + x[2])) - _MEYER


def gulf(x):
    t = np.arange(1.0, 100) / 100
    y = 25 + (-50 * np.log(t)) ** (2 / 3)
    return np.exp(-(np.abs(y - x[1]) ** x[2]) / x[0]) - t


def box(x):
    t = np.arange(1.0, 11) / 10
    return np.exp(-t * x[0]) - np.exp(-t * x[1]) - x[2] * (np.exp(-t) - np.exp(-10 * t))


def powell_singular(x):
    a, b, c, d = x.reshape(-1, 4).T
    parts = [a + 10 * b, 5**0.5 * (c - d), (b - 2 * c) ** 2, 10**0.5 * (a - d) ** 2]
    return np.concatenate(parts)


def wood(x):
    a, b, c, d = x[0], x[1], x[2], x[3]
    return np.stack(
        [
            10 * (b - a**2),
            1 - a,
            90**0.5 * (d - c**2),
            1 - c,
            10**0.5 * (b + d - 2),
            (b - d) / 10**0.5,
        ]
    )


_KOWALIK_Y = _numbers(".1957 .1947 .1735 .1600 .0844 .0627 .0456 .0342 .0323 .0235 .0246")
_KOWALIK_U = _numbers("4 2 1 .5 .25 .167 .125 .1 .0833 .0714 .0625")


def kowalik_osborne(x):
    u = _KOWALIK_U
    return _KOWALIK_Y - x[0] * (u * u + u * x[1]) / (u * u + u * x[2] + x[3])


def brown_dennis(x):
    t = np.arange(1.0, 21) / 5
    return (x[0] + t * x[1] - np.exp(t)) ** 2 + (x[2] + x[3] * np.sin(t) - np.cos(t)) ** 2


_OSBORNE1 = _numbers(
    ".844 .908 .932 .936 .925 .908 .881 .850 .818 .784 .751 .718 .685 .658 .628 .603 .580 .558 "
    ".538 .522 .506 .490 .478 .467 .457 .448 .438 .431 .424 .420 .414 .411 .406"
)


def osborne1(x):
    t = 10 * np.arange(33.0)
    return _OSBORNE1 - (x[0] + x[1] * np.exp(-t * x[3]) + x[2] * np.exp(-t * x[4]))


def biggs_exp6(x):
    t = np.arange(1.0, 14) / 10
    y = np.exp(-t) - 5 * np.exp(-10 * t) + 3 * np.exp(-4 * t)
    return x[2] * np.exp(-t * x[0]) - x[3] * np.exp(-t * x[1]) + x[5] * np.exp(-t * x[4]) - y


_OSBORNE2 = _numbers(
    "1.366 1.191 1.112 1.013 .991 .885 .831 .847 .786 .725 .746 .679 .608 .655 .616 .606 .602 "
    ".626 .651 .724 .649 .649 .694 .644 .624 .661 .612 .558 .533 .495 .500 .423 .395 .375 .372 "
    ".391 .396 .405 .428 .429 .523 .562 .607 .653 .672 .708 .633 .668 .645 .632 .591 .559 .597 "
    ".625 .739 .710 .729 .720 .636 .581 .428 .292 .162 .098 .054"
)


def osborne2(x):
    t = np.arange(65.0) / 10
    peaks = sum(x[1 + k] * np.exp(-((t - x[8 + k]) ** 2) * x[5 + k]) for k in range(3))
    return _OSBORNE2 - (x[0] * np.exp(-t * x[4]) + peaks)


def watson(x):
    n = x.shape[0]
    powers = (np.arange(1.0, 30)[:, None] / 29) ** np.arange(n)
    slopes = powers[:, : n - 1] @ (np.arange(1.0, n) * x[1:])
    inner = slopes - (powers @ x) ** 2 - 1
    return np.concatenate([inner, np.stack([x[0], x[1] - x[0] ** 2 - 1])])


def extended_rosenbrock(x):
    odd, even = x[::2], x[1::2]
    return np.concatenate([10 * (even - odd**2), 1 - odd])


def penalty1(x):
    return np.concatenate([1e-5**0.5 * (x - 1), np.stack([np.sum(x * x) - 0.25])])


def penalty2(x):
    n = x.shape[0]
    i, root = np.arange(2.0, n + 1), 1e-5**0.5
    y = np.exp(i / 10) + np.exp((i - 1) / 10)
    return np.concatenate(
        [
            np.stack([x[0] - 0.2]),
            root * (np.exp(x[1:] / 10) + np.exp(x[:-1] / 10) - y),
            root * (np.exp(x[1:] / 10) - np.exp(-0.1)),
            np.stack([np.sum(np.arange(n, 0.0, -1) * x * x) - 1]),
        ]
    )


def variably_dimensioned(x):
    total = np.sum(np.arange(1.0, x.shape[0] + 1) * (x - 1))
    return np.concatenate([x - 1, np.stack([total, total**2])])


def trigonometric(x):
    n = x.shape[0]
    return n - np.sum(np.cos(x)) + np.arange(1.0, n + 1) * (1 - np.cos(x)) - np.sin(x)


def brown_almost_linear(x):
    n = x.shape[0]
    return np.concatenate([x[:-1] + np.sum(x) - (n + 1), np.stack([np.prod(x) - 1])])


def discrete_boundary_value(x):
    h = 1 / (x.shape[0] + 1)
    t = h * np.arange(1.0, x.shape[0] + 1)
    wide = np.concatenate([np.zeros(1), x, np.zeros(1)])
    return 2 * x - wide[:-2] - wide[2:] + h * h * (x + t + 1) ** 3 / 2


def discrete_integral_equation(x):
    n = x.shape[0]
    h = 1 / (n + 1)
    t = h * np.arange(1.0, n + 1)
    cube = (x + t + 1) ** 3
    lower = np.tril(np.ones((n, n)))
    return x + h * ((1 - t) * (lower @ (t * cube)) + t * ((1 - lower) @ ((1 - t) * cube))) / 2


def broyden_tridiagonal(x):
    wide = np.concatenate([np.zeros(1), x, np.zeros(1)])
    return (3 - 2 * x) * x - wide[:-2] - 2 * wide[2:] + 1


def broyden_banded(x):
    i = np.arange(x.shape[0])
    apart = i[None, :] - i[:, None]
    near = ((apart >= -5) & (apart <= 1) & (apart != 0)).astype(float)
    return x * (2 + 5 * x**2) + 1 - near @ (x * (1 + x))


def chebyquad(x):
    n = x.shape[0]
    z = 2 * x - 1
    before, now, means = np.ones(n), z, []
    for i in range(1, n + 1):
        means.append(np.mean(now) - (-1 / (i * i - 1) if i % 2 == 0 else 0.0))
        before, now = now, 2 * z * now - before
    return np.stack(means)
