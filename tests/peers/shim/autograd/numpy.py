"""`import autograd.numpy as np` gives plain NumPy: that is what is tested."""

import sys

import numpy

sys.modules[__name__] = numpy
for part in ("linalg", "fft", "random"):
    sys.modules[f"{__name__}.{part}"] = getattr(numpy, part)
