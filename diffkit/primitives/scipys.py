"""Values that SciPy computes: its functions, imported when one is first called."""

from importlib import import_module


class FromSciPy:
    """A function of SciPy, imported when it is first called."""

    def __init__(self, module, name):
        self.path = module, name
        self.function = None

    def __call__(self, *values, **params):
        """Compute, with SciPy."""
        if self.function is None:
            module, name = self.path
            self.function = getattr(import_module(f"scipy.{module}"), name)
        return self.function(*values, **params)

    def __repr__(self):
        return f"<scipy.{'.'.join(self.path)}>"
