"""`autograd.scipy.x` gives diffkit.scipy.x where there is such a function, else SciPy's."""

import sys
from importlib import import_module
from types import ModuleType

import numpy as np

from diffkit.scipy import signal as signals


def module(name):
    """diffkit's module of this name, or None."""
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        if error.name not in name:
            raise
        return None


class Twin(ModuleType):
    """Looks a name up in diffkit.scipy first, then in SciPy."""

    def __init__(self, part):
        super().__init__(f"{__name__}.{part}")
        self.__path__ = []
        self._places = [module(f"diffkit.scipy.{part}"), import_module(f"scipy.{part}")]

    def __getattr__(self, name):
        for place in self._places:
            if hasattr(place, name):
                return getattr(place, name)
        raise AttributeError(f"{self.__name__} has no {name}")


def convolve(A, B, axes=None, dot_axes=((), ()), mode="full"):
    """autograd's signature: convolve along some pairs of axes, sum over others, pair the rest.

    The result has the rest of A, the rest of B, and the convolved axes.
    """
    if axes is None:
        return signals.convolve(A, B, mode)
    rests = [
        [i for i in range(np.ndim(x)) if i not in (*along, *dotted)]
        for x, along, dotted in zip((A, B), axes, dot_axes, strict=True)
    ]
    rest_shape = [x.shape[i] for x, rest in zip((A, B), rests, strict=True) for i in rest]
    count, dots, along = len(rest_shape), len(dot_axes[0]), len(axes[0])
    A, B = (
        np.transpose(x, (*rest, *dotted, *convolved))
        for x, rest, dotted, convolved in zip((A, B), rests, dot_axes, axes, strict=True)
    )
    A = np.expand_dims(A, tuple(range(len(rests[0]), count)))
    A = np.broadcast_to(A, (*rest_shape, *A.shape[count:]))
    B = np.broadcast_to(B, (*rest_shape, *B.shape[len(rests[1]) :]))
    last = tuple(range(count + dots, count + dots + along))
    pairs = signals.fftconvolve(A, B, mode, axes=last) if along else A * B
    return np.sum(pairs, axis=tuple(range(count, count + dots)))


for part in ("integrate", "linalg", "signal", "special", "stats"):
    twin = sys.modules[f"{__name__}.{part}"] = Twin(part)
    globals()[part] = twin
globals()["signal"].convolve = convolve
distribution = globals()["stats"].multivariate_normal
sys.modules[f"{__name__}.stats.multivariate_normal"] = distribution
