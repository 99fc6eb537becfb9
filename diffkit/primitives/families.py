"""The rest of NumPy: families of functions that are imported when one is first met."""

from importlib import import_module

FAMILIES = (
    "applying", "convolution", "decompositions", "determinants", "differences", "eigenvalues",
    "fft", "histograms", "interpolation", "joining", "least_squares", "linalg", "missing", "moving",
    "norms", "ordering", "padding", "parts", "polynomials", "products", "quantiles", "questions",
    "running", "selecting", "solving", "statistics", "taking",
)  # fmt: skip

for _name in FAMILIES:
    import_module(f"{__package__}.{_name}")
