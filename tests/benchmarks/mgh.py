"""The test functions of Moré, Garbow & Hillstrom (ACM TOMS 7, 1981): 32 sums of squares.

All of the collection but its three linear functions, with the standard starts.
Each is a function that returns the residuals; minima are those of the paper,
except for one that is none: on Biggs EXP6, f = 5.65565e-3 is a saddle, where the
Hessian has the eigenvalue -0.0098.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .mgh_residuals import (
    bard,
    beale,
    biggs_exp6,
    box,
    brown_almost_linear,
    brown_badly_scaled,
    brown_dennis,
    broyden_banded,
    broyden_tridiagonal,
    chebyquad,
    discrete_boundary_value,
    discrete_integral_equation,
    extended_rosenbrock,
    freudenstein_roth,
    gaussian,
    gulf,
    helical_valley,
    jennrich_sampson,
    kowalik_osborne,
    meyer,
    osborne1,
    osborne2,
    penalty1,
    penalty2,
    powell_badly_scaled,
    powell_singular,
    rosenbrock,
    trigonometric,
    variably_dimensioned,
    watson,
    wood,
)


@dataclass(frozen=True)
class Problem:
    """Residuals, start, and the values of the known minima (and of infima at infinity)."""

    number: int
    name: str
    residuals: Callable
    start: tuple[float, ...]
    minima: tuple[float, ...] = (0.0,)

    def __call__(self, x):
        """Return the sum of squares."""
        r = self.residuals(x)
        return np.sum(r * r)

    @property
    def x0(self):
        """The standard start."""
        return np.array(self.start, dtype=float)

    def solved(self, f, tolerance=1e-3):
        """Whether f is one of the minima, to about three digits."""
        return any(abs(f - least) <= tolerance * max(least, 1e-5) for least in self.minima)


def _on_interval(n):
    t = np.arange(1.0, n + 1) / (n + 1)
    return tuple(t * (t - 1))


# fmt: off
PROBLEMS = (
    Problem(1,  "Rosenbrock",                 rosenbrock,           (-1.2, 1)),
    Problem(2,  "Freudenstein and Roth",      freudenstein_roth,    (0.5, -2), (0.0, 48.98425)),
    Problem(3,  "Powell badly scaled",        powell_badly_scaled,  (0, 1)),
    Problem(4,  "Brown badly scaled",         brown_badly_scaled,   (1, 1)),
    Problem(5,  "Beale",                      beale,                (1, 1)),
    Problem(6,  "Jennrich and Sampson",       jennrich_sampson,     (0.3, 0.4), (124.362,)),
    Problem(7,  "helical valley",             helical_valley,       (-1, 0, 0)),
    Problem(8,  "Bard",                       bard,
            (1, 1, 1), (8.21487e-3, 17.4286)),
    Problem(9,  "Gaussian",                   gaussian,             (0.4, 1, 0), (1.12793e-8,)),
    Problem(10, "Meyer",                      meyer,                (0.02, 4000, 250), (87.9458,)),
    Problem(11, "Gulf research",              gulf,                 (5, 2.5, 0.15)),
    Problem(12, "Box three-dimensional",      box,                  (0, 10, 20)),
    Problem(13, "Powell singular",            powell_singular,      (3, -1, 0, 1)),
    Problem(14, "Wood",                       wood,                 (-3, -1, -3, -1)),
    Problem(15, "Kowalik and Osborne",        kowalik_osborne,
            (0.25, 0.39, 0.415, 0.39), (3.07505e-4, 1.02734e-3)),
    Problem(16, "Brown and Dennis",           brown_dennis,         (25, 5, -5, -1), (85822.2,)),
    Problem(17, "Osborne 1",                  osborne1,
            (0.5, 1.5, -1, 0.01, 0.02), (5.46489e-5,)),
    Problem(18, "Biggs EXP6",                 biggs_exp6,           (1, 2, 1, 1, 1, 1)),
    Problem(19, "Osborne 2",                  osborne2,
            (1.3, 0.65, 0.65, 0.7, 0.6, 3, 5, 7, 2, 4.5, 5.5), (4.01377e-2,)),
    Problem(20, "Watson",                     watson,               (0,) * 6, (2.28767e-3,)),
    Problem(21, "extended Rosenbrock",        extended_rosenbrock,  (-1.2, 1) * 5),
    Problem(22, "extended Powell singular",   powell_singular,      (3, -1, 0, 1) * 3),
    Problem(23, "penalty I",                  penalty1,
            tuple(range(1, 11)), (7.08765e-5,)),
    Problem(24, "penalty II",                 penalty2,             (0.5,) * 10, (2.93660e-4,)),
    Problem(25, "variably dimensioned",       variably_dimensioned,
            tuple(1 - np.arange(1, 11) / 10)),
    Problem(26, "trigonometric",              trigonometric,        (0.1,) * 10, (0.0, 2.79506e-5)),
    Problem(27, "Brown almost linear",        brown_almost_linear,  (0.5,) * 10, (0.0, 1.0)),
    Problem(28, "discrete boundary value",    discrete_boundary_value,    _on_interval(10)),
    Problem(29, "discrete integral equation", discrete_integral_equation, _on_interval(10)),
    Problem(30, "Broyden tridiagonal",        broyden_tridiagonal,  (-1,) * 10),
    Problem(31, "Broyden banded",             broyden_banded,       (-1,) * 10),
    Problem(35, "Chebyquad",                  chebyquad,
            tuple(np.arange(1, 9) / 9), (3.51687e-3,)),
)
# fmt: on
