"""The rest of NumPy, and SciPy: families of functions that are imported when one is first met."""

from importlib import import_module

FAMILIES = (
    "applying", "convolution", "decompositions", "determinants", "differences", "eigenvalues",
    "fft", "histograms", "interpolation", "joining", "least_squares", "linalg", "missing", "moving",
    "norms", "ordering", "padding", "parts", "polynomials", "products", "quantiles", "questions",
    "running", "scipy_arrays", "selecting", "solving", "special", "statistics", "taking",
    "trajectories",
)  # fmt: skip

for _name in FAMILIES:
    import_module(f"{__package__}.{_name}")
