"""Twins of SciPy's functions: on arrays they are SciPy's own, on traced values they can be traced.

SciPy's ufuncs (scipy.special.gammaln ...) understand traced values by themselves; its other
functions convert their arguments to plain numbers. In place of

    from scipy import integrate, linalg, signal, special, stats

write

    from diffkit.scipy import integrate, linalg, signal, special, stats

Whatever has no twin here is SciPy's, and SciPy is imported when something needs it.
"""

from . import integrate, linalg, signal, special, stats

__all__ = ["integrate", "linalg", "signal", "special", "stats"]
