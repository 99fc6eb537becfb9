"""`autograd.scipy.x` gives diffkit.scipy.x where there is such a function, else SciPy's."""

import sys
from importlib import import_module
from types import ModuleType


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


for part in ("integrate", "linalg", "signal", "special", "stats"):
    twin = sys.modules[f"{__name__}.{part}"] = Twin(part)
    globals()[part] = twin
distribution = globals()["stats"].multivariate_normal
sys.modules[f"{__name__}.stats.multivariate_normal"] = distribution
