"""SciPy's special functions: their derivatives are here, their values come from SciPy.

Importing this does not import SciPy: a row does, when it first computes something, and
SciPy's ufuncs are matched with their rows (`definition_of_scipys`) when one of them first
meets a traced value.
"""

import operator
import sys

import numpy as np

from ...errors import NotDifferentiable, user_line
from .. import elementwise
from ..functions import FUNCTIONS
from . import (
    along_axes,
    bessel,
    distributions,
    exponentials,
    gamma_beta,
    hypergeometric,
    normal,
)
from .rows import SPECIAL

__all__ = [
    "along_axes",
    "bessel",
    "distributions",
    "exponentials",
    "gamma_beta",
    "hypergeometric",
    "normal",
]

# Where SciPy's function is another name for a row that is there already.
_SAME = {
    "cbrt": elementwise.cbrt,
    "exp2": elementwise.exp2,
    "expit": elementwise.sigmoid,
    "expm1": elementwise.expm1,
    "log1p": elementwise.log1p,
}


def _riemann_zeta(x):
    raise NotDifferentiable(
        f"scipy.special.zeta(x){user_line()} has no rule for its derivative by x, only zeta(x, q) by "
        "q; estimate it with dk.finite.derivative"
    )


def _lambertw(z, k, tol):
    return exponentials.lambertw(z, k=operator.index(k), tol=float(tol))


# The ufuncs behind functions of scipy.special that are none.
_PRIVATE = {
    "_lambertw": _lambertw,
    "_riemann_zeta": _riemann_zeta,
    "_zeta": gamma_beta.zeta,
}


FUNCTIONS[np.i0] = bessel.i0


def definition_of_scipys(function):
    """Return what answers for a ufunc of SciPy, or None."""
    module = sys.modules.get("scipy.special")
    if module is not None:
        for name, definition in {**SPECIAL, **_SAME}.items():
            _match(getattr(module, name, None), definition)
        for name, definition in _PRIVATE.items():
            _match(getattr(module._ufuncs, name, None), definition)
    return FUNCTIONS.get(function)


def _match(ufunc, definition):
    """Enter a ufunc, where this version of SciPy has one of that name."""
    if isinstance(ufunc, np.ufunc):
        FUNCTIONS.setdefault(ufunc, definition)
