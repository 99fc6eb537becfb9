"""What is compared with JAX: functions by their NumPy names, and arguments to draw."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Sample:
    """An argument to differentiate by: entries drawn from an interval."""

    shape: tuple[int, ...]
    low: float = -1.5
    high: float = 1.5
    imaginary: bool = False

    def draw(self, rng: np.random.Generator) -> Any:
        """Return an array, or a number for shape ()."""
        x = rng.uniform(self.low, self.high, self.shape)
        if self.imaginary:
            x = x + 1j * rng.uniform(-1, 1, self.shape)
        return x[()] if isinstance(x, np.ndarray) else np.float64(x)


def R(*shape: int) -> Sample:
    """Any sign."""
    return Sample(shape)


def P(*shape: int) -> Sample:
    """Positive."""
    return Sample(shape, 0.4, 2.2)


def U(low: float, high: float, *shape: int) -> Sample:
    """Within an interval."""
    return Sample(shape, low, high)


def C(*shape: int) -> Sample:
    """Complex, with positive real part."""
    return Sample(shape, 0.3, 1.3, True)


@dataclass(frozen=True)
class Case:
    """One call: its arguments hold samples, everything else is constant."""

    name: str
    args: tuple
    params: dict = field(default_factory=dict)
    before: Callable | None = None  # (xp, *args) -> args: makes matrices positive definite ...
    after: Callable | None = None  # (xp, result) -> result: takes out what has no unique answer


CASES: list[Case] = []


def case(
    name: str,
    *args: Any,
    before: Callable | None = None,
    after: Callable | None = None,
    **params: Any,
) -> None:
    CASES.append(Case(name, args, params, before, after))


def each(names: str, *argument_lists: tuple, **params: Any) -> None:
    """The same arguments for several functions."""
    for name in names.split():
        for args in argument_lists:
            case(name, *args, **params)


# -- elementwise -------------------------------------------------------------------

each("sin cos exp expm1 sinh cosh tanh arcsinh square negative positive", (R(2, 3),), (C(3),))
each("exp2 arctan sinc deg2rad rad2deg radians degrees nan_to_num i0", (R(2, 3),))
each("abs absolute fabs sign floor ceil trunc rint round around fix modf", (R(2, 3),))
each("sqrt log reciprocal log2 log10 log1p", (P(2, 3),), (C(3),))
each("tan arcsin arctanh", (U(-0.9, 0.9, 2, 3),))
each("tan arctan arcsin arccos arctanh exp2 abs angle arccosh reciprocal", (C(3),))
each("real imag conj conjugate real_if_close", (C(2, 3),), (R(3),))
case("arccos", U(-0.9, 0.9, 2, 3))
case("arccosh", U(1.2, 4, 2, 3))
case("cbrt", P(2, 3))
case("frexp", P(3), after=lambda xp, y: y[0])
case("nan_to_num", R(3), nan=1.0)
case("round", R(3), decimals=1)

each("add subtract multiply divide true_divide", (R(2, 3), P(3)), (R(3, 1), P(1, 4)), (C(3), C(3)))
each("maximum minimum fmax fmin hypot arctan2 logaddexp logaddexp2", (R(2, 3), R(3)), (R(), R(4)))
each("power float_power", (P(2, 3), R(3)), (P(3, 1), R(1, 2)))
each("power", (R(3), 3), (P(3), -2.5), (C(3), C(3)), (C(3), 2))
each("remainder mod fmod floor_divide divmod", (U(2, 9, 2, 3), U(1, 2, 3)))
each("copysign heaviside nextafter", (R(2, 3), R(3)))
case("ldexp", R(3), np.array([1, 2, -1]))
case("clip", R(3, 4), -0.5, 0.6)
case("clip", R(3, 4), U(-0.9, -0.3, 4), U(0.3, 0.9, 3, 1))
case("where", np.array([True, False, True]), R(2, 3), R(3))
case("select", [np.arange(4) > 2, np.arange(4) < 1], [R(4), R(4)], 0.5)
case("choose", np.array([0, 1, 1, 0]), [R(4), R(4)])

# -- reductions and statistics -----------------------------------------------------

_AXES = ({}, {"axis": 0}, {"axis": -1, "keepdims": True})
for _params in (*_AXES, {"axis": (0, 2)}):
    each("sum mean prod max min amax amin std var ptp median", (R(3, 2, 4),), **_params)
    each("nansum nanmean nanprod nanmax nanmin nanstd nanvar nanmedian", (R(3, 2, 4),), **_params)
    each("sum mean prod", (C(2, 3, 2),), **_params)
_HOLES = np.array([[1, 0, 1, 1], [0, 1, 1, 0], [1, 1, 1, 1]]) == 0


def holes(xp: Any, x: Any, *rest: Any) -> tuple:
    """Some entries become nan."""
    return (xp.where(_HOLES, np.nan, x), *rest)


each("nansum nanmean nanprod nanmax nanmin nanstd nanvar nanmedian", (R(3, 4),), before=holes)
each("nansum nanmean nanstd nanvar nanmedian", (R(3, 4),), before=holes, axis=0)
each("nancumsum nancumprod", (R(3, 4),), before=holes, axis=1)
each("nanquantile", (R(3, 4), 0.4), before=holes, axis=1)
each("std var nanstd nanvar", (R(3, 4),), ddof=1, axis=1)
each("std var", (C(3, 4),), axis=0)
for _method in ("linear", "lower", "higher", "midpoint", "nearest"):
    each("percentile nanpercentile", (R(3, 5), 40.0), axis=1, method=_method)
    each("quantile nanquantile", (R(3, 5), np.array([0.2, 0.65])), method=_method)
each("average", (R(3, 4),), weights=np.array([0.2, 0.5, 0.1, 0.9]), axis=1)
case("average", R(3, 4), 1, P(4))
each("cumsum cumprod nancumsum nancumprod", (R(3, 4),), (R(5),))
each("cumsum cumprod nancumsum nancumprod", (R(3, 4),), axis=0)
each("cumulative_sum cumulative_prod", (R(3, 4),), axis=1)
each("cumulative_sum cumulative_prod", (R(4),), include_initial=True)
each("cov corrcoef", (R(3, 6),), (R(2, 5), R(2, 5)))
case("cov", R(3, 6), ddof=0, rowvar=False)
case("cov", R(3, 5), aweights=np.array([1.0, 2, 1, 3, 1]), fweights=np.array([1, 2, 1, 1, 2]))
case("bincount", np.array([0, 1, 1, 3]), R(4))
case("histogram", np.linspace(-1, 1, 6), 4, (-2, 2), weights=P(6), after=lambda xp, y: y[0])

case("histogram_bin_edges", R(6), 4)

# -- differences, sums, polynomials ------------------------------------------------

each("diff gradient", (R(4, 5),), axis=0)
each("diff ediff1d gradient trapezoid unwrap", (R(7),))
case("diff", R(6), 2)
case("diff", R(3, 4), prepend=0.5, append=R(3, 1))
case("gradient", R(4, 5), 0.5, 2.0)
case("trapezoid", R(3, 5), P(5))
case("trapezoid", R(3, 5), dx=0.3, axis=0)
for _mode in ("full", "same", "valid"):
    each("convolve correlate", (R(6), R(3)), (R(2), R(5)), mode=_mode)
case("correlate", C(5), C(3))
case("interp", U(0.1, 2.9, 4), np.arange(4.0), R(4))
case("interp", U(0.1, 2.9, 4), np.array([0, 0.7, 1.8, 3.1]), R(4), left=0.0, right=1.0)
case("polyval", R(4), R(2, 3))
case("polyint", R(4), 2)
case("polyder", R(4), 2)
case("poly", R(3))
case("roots", R(4), after=lambda xp, r: xp.sum(r**3))
each("polyadd polysub polymul", (R(4), R(3)))
case("polydiv", R(5), P(3), after=lambda xp, y: y[0])
case("polyfit", np.arange(6.0), R(6), 2)
case("vander", R(4))
case("vander", R(4), 3, increasing=True)
case("cross", R(4, 3), R(3))
case("cross", R(3, 4), R(3, 4), axis=0)

# -- shapes ------------------------------------------------------------------------

case("reshape", R(3, 4), (2, -1))
case("reshape", R(3, 4), (2, 6), order="F")
each("ravel transpose fliplr flipud flip rot90 triu tril", (R(3, 4),), (C(2, 3),))
each("triu tril", (R(2, 3, 4), -1))
case("transpose", R(2, 3, 4), (1, 2, 0))
case("permute_dims", R(2, 3, 4), (1, 2, 0))
case("matrix_transpose", R(2, 3, 4))
case("swapaxes", R(2, 3, 4), 0, 2)
case("moveaxis", R(2, 3, 4), (0, 1), (-1, 0))
case("rollaxis", R(2, 3, 4), 2)
case("broadcast_to", R(3, 1), (2, 3, 4))
case("broadcast_arrays", R(3, 1), R(4))
case("expand_dims", R(3, 4), (0, 2))
case("squeeze", R(1, 3, 1))
each("atleast_1d atleast_2d atleast_3d", (R(),), (R(3),), (R(2, 3),))
each("concatenate concat stack vstack hstack dstack column_stack", ([R(2, 3), R(2, 3)],))
each("concatenate stack", ([R(2, 3), R(2, 3)],), axis=1)
case("concatenate", [R(2, 3), R(4)], axis=None)
each("vstack hstack column_stack dstack", ([R(3), R(3)],))
case("block", [[R(2, 2), R(2, 1)], [R(1, 2), R(1, 1)]])
each("split array_split", (R(4, 6), 2), (R(5, 6), [1, 3]))
case("array_split", R(7), 3)
each("hsplit vsplit", (R(4, 4), 2))
case("dsplit", R(2, 3, 4), [1, 3])
case("unstack", R(3, 4), axis=1)
case("tile", R(2, 3), (2, 1, 2))
case("repeat", R(2, 3), 2, 1)
case("repeat", R(3), np.array([1, 0, 3]))
case("roll", R(3, 4), 2)
case("roll", R(3, 4), (1, 2), (0, 1))
case("rot90", R(2, 3, 4), 2, (1, 2))
case("flip", R(2, 3, 4), (0, 2))
case("append", R(2, 3), R(4))
case("append", R(2, 3), R(1, 3), axis=0)
case("insert", R(5), 2, R())
case("insert", R(3, 4), np.array([1, 3]), R(3, 2), axis=1)
case("delete", R(6), np.array([1, 4]))
case("resize", R(2, 3), (3, 4))
case("trim_zeros", np.array([0.0, 1.0, 2.0]))
for _mode in ("constant", "edge", "reflect", "symmetric", "wrap", "mean", "maximum", "linear_ramp"):
    case("pad", R(3, 4), ((1, 2), (0, 1)), mode=_mode)
case("pad", R(4), 2, constant_values=0.5)
each("diag", (R(4),), (R(3, 4),))
case("diag", R(3, 4), 1)
case("diagonal", R(2, 3, 4), 1, 0, 2)
case("diagflat", R(2, 2), 1)
case("trace", R(3, 4))
case("trace", R(2, 3, 4), 1, 1, 2)
each("linspace geomspace", (P(), P(), 5), (P(3), P(3), 4))
case("logspace", R(), R(), 4)
case("meshgrid", R(3), R(4))
case("meshgrid", R(3), R(4), indexing="ij")
case("copy", R(3))
case("unique", np.array([3.0, 1.0, 3.0]))  # of traced values JAX gives the gradient 0
case("full_like", R(3), R())
case("apply_along_axis", lambda v: v * v, 0, R(3, 4))
case("apply_over_axes", lambda a, axis: a.sum(axis, keepdims=True), R(2, 3, 4), (0, 2))

case("astype", R(3), np.float32)
case("piecewise", R(5), [np.arange(5) > 2, np.arange(5) < 1], [lambda v: v * v, lambda v: -v, 3.0])
each("maximum.accumulate minimum.accumulate add.accumulate multiply.accumulate", (R(5),))
each("logaddexp.accumulate subtract.accumulate", (R(3, 4),), axis=1)
each("logaddexp.reduce hypot.reduce", (R(3, 4),), axis=1)
each("add.reduce multiply.reduce maximum.reduce minimum.reduce", (R(3, 4),), (R(3, 4), None))
each("add.outer multiply.outer subtract.outer maximum.outer arctan2.outer", (R(3), R(4)))
case("add.reduceat", R(6), np.array([0, 2, 4]))

# -- values alone ------------------------------------------------------------------

each("all any argmax argmin argsort count_nonzero", (R(3, 4),), axis=None)
each("isfinite isinf isnan", (R(3, 4),))
each("isneginf isposinf isreal iscomplex signbit logical_not spacing", (R(3, 4),))
each("argmax argmin nanargmax nanargmin argsort", (R(3, 4),), axis=1)
each("equal not_equal greater greater_equal less less_equal", (R(3, 4), R(4)))
each("logical_and logical_or logical_xor isclose", (R(3), R(3)))
each("allclose array_equal array_equiv isin", (R(3), R(3)))
each("bitwise_and bitwise_or bitwise_xor", (R(3), R(3)), before=lambda xp, a, b: (a > 0, b > 0))
case("bitwise_invert", R(3), before=lambda xp, a: (a > 0,))
each("zeros_like ones_like", (R(3, 4),))
case("empty_like", R(3, 4), after=lambda xp, y: y * 0)
case("argpartition", R(7), 3, after=lambda xp, y: y[3])
case("searchsorted", np.linspace(-1, 1, 5), R(2, 3))
case("digitize", R(6), np.linspace(-1, 1, 5))
case("lexsort", [R(4), R(4)])
case("linalg.matrix_rank", R(3, 4))
case("heaviside", R(4), 0.5)

# -- indexing and ordering ---------------------------------------------------------

case("take", R(5), np.array([0, 0, 3]))
case("take", R(3, 4), np.array([[0, 2], [3, 1]]), axis=1)
case("take", R(3), np.array([4, -2]), mode="wrap")
case("take_along_axis", R(3, 4), np.array([[0, 1], [3, 3], [2, 0]]), 1)
case("compress", np.array([True, False, True]), R(3, 4), 0)
case("extract", np.array([True, False, True]), R(3))
each("sort", (R(3, 4),), (C(4),))
case("sort", R(3, 4), axis=0)
case("sort", R(3, 4), None)
case("sort_complex", C(4))
case("partition", R(7), 3, after=lambda xp, y: y[3])

# -- products ----------------------------------------------------------------------

each("dot matmul", (R(3), R(3)), (R(2, 3), R(3)), (R(3), R(3, 2)), (R(2, 3), R(3, 4)))
each("dot matmul vdot inner outer", (C(3), C(3)), (R(3), R(3)))
each("matmul", (R(2, 1, 3, 4), R(5, 4, 2)), (R(4), R(2, 4, 3)))
case("dot", R(2, 3, 4), R(5, 4, 2))
case("inner", R(2, 3), R(4, 3))
case("tensordot", R(2, 3, 4), R(3, 4, 5), 2)
case("tensordot", R(2, 3, 4), R(4, 2), ((2, 0), (0, 1)))
case("einsum", "ij,jk,k->i", R(2, 3), R(3, 4), R(4))
case("einsum", "...ii->...i", R(2, 3, 3))
case("einsum", "bij,bj", R(2, 3, 4), R(2, 4))
case("einsum", "ij,ij->", C(2, 3), C(2, 3))
case("einsum", R(2, 3), [0, 1], R(3, 4), [1, 2], [0, 2])
case("kron", R(2, 3), R(3, 2))
each("vecdot", (R(2, 3), R(3)), (C(2, 3), C(3)))
case("matvec", R(2, 3, 4), R(4))
case("vecmat", C(3), C(3, 4))

# -- linear algebra ----------------------------------------------------------------


def spd(xp: Any, a: Any, *rest: Any) -> tuple:
    """Make the first argument symmetric and positive definite."""
    transposed = xp.conj(xp.swapaxes(a, -1, -2))
    return (xp.matmul(a, transposed) + 0.7 * np.eye(a.shape[-1]), *rest)


def shifted(xp: Any, a: Any, *rest: Any) -> tuple:
    """Make the first argument far from singular."""
    return (a + 3 * np.eye(a.shape[-1]), *rest)


def eigenvalues_and_weights(xp: Any, found: Any) -> tuple:
    """Eigenvectors are unique up to their phase: squares of their entries."""
    return found[0], xp.square(xp.abs(found[1]))


def singular_parts(xp: Any, found: Any) -> tuple:
    u, s, vh = found
    return s, xp.square(xp.abs(u)), xp.square(xp.abs(vh))


def products(xp: Any, found: Any) -> tuple:
    """Q and R are unique up to signs: squares of their entries."""
    return tuple(xp.square(xp.abs(part)) for part in found)


each("linalg.inv linalg.det linalg.slogdet", (R(3, 3),), (R(2, 3, 3),), (C(3, 3),), before=shifted)
each("linalg.solve", (R(3, 3), R(3)), (R(2, 3, 3), R(3, 2)), (C(3, 3), C(3)), before=shifted)
each("linalg.cholesky linalg.eigvalsh", (R(3, 3),), (R(2, 3, 3),), (C(3, 3),), before=spd)
each(
    "linalg.eigh", (R(3, 3),), (R(2, 3, 3),), (C(3, 3),), before=spd, after=eigenvalues_and_weights
)
each("linalg.svd", (R(3, 4),), (R(4, 3),), full_matrices=False, after=singular_parts)
each("linalg.svd", (R(3, 4),), (C(3, 3),), compute_uv=False)
each("linalg.svdvals", (R(3, 4),), (C(3, 3),))
each("linalg.qr", (R(4, 3),), (R(3, 3),), after=products)
each("linalg.eigvals", (R(3, 3),), before=shifted, after=lambda xp, w: xp.sum(w**3))
case("linalg.eig", R(3, 3), before=shifted, after=lambda xp, found: xp.sum(found[0] ** 3))
each("linalg.pinv", (R(3, 4),), (R(4, 3),), (C(3, 2),))
case("linalg.lstsq", R(5, 3), R(5), after=lambda xp, y: y[0])
for _ord in (None, 1, 2, 3, -1, np.inf, -np.inf):
    case("linalg.norm", R(4), _ord)
    case("linalg.norm", R(3, 4), _ord, 1)
for _ord in (None, "fro", "nuc", 1, -1, 2, -2, np.inf, -np.inf):
    case("linalg.norm", R(3, 4), _ord)
    each("linalg.cond", (R(3, 3), _ord), before=shifted)
case("linalg.norm", C(3))
case("linalg.vector_norm", R(3, 4), axis=1, ord=3)
case("linalg.matrix_norm", R(2, 3, 4))
case("linalg.matrix_power", R(3, 3), 3)
case("linalg.matrix_power", R(3, 3), -2, before=shifted)
case("linalg.multi_dot", [R(2, 3), R(3, 4), R(4, 2)])
case("linalg.tensorinv", R(4, 2, 2), ind=1)
case("linalg.tensorsolve", R(2, 2, 4), R(2, 2))
case("linalg.trace", R(2, 3, 3))
case("linalg.diagonal", R(2, 3, 3))
case("linalg.outer", R(3), R(2))
case("linalg.matmul", R(2, 3), R(3, 4))
case("linalg.cross", R(4, 3), R(4, 3))
case("linalg.vecdot", R(2, 3), R(2, 3))
case("linalg.tensordot", R(2, 3), R(3, 2), axes=1)
case("linalg.matrix_transpose", R(2, 3))

# -- Fourier transforms ------------------------------------------------------------

each("fft.fft fft.ifft fft.rfft fft.ihfft", (R(6),), (R(2, 5), 4, 0))
each("fft.fft fft.ifft fft.irfft fft.hfft", (C(6),), (C(2, 5), 6))
each("fft.fft fft.ifft fft.fftn fft.ifftn", (C(2, 5),), norm="ortho")
each("fft.fft2 fft.ifft2 fft.fftn fft.ifftn fft.rfft2 fft.rfftn", (R(2, 3, 4),))
each("fft.irfft2 fft.irfftn", (C(3, 4),), norm="forward")
each("fft.irfft2 fft.irfftn", (C(3, 4), (3, 5)))
each("fft.fftshift fft.ifftshift", (R(3, 4),), (C(5),))

# -- SciPy -------------------------------------------------------------------------

each("scipy.special.erf scipy.special.erfc scipy.special.expit", (R(2, 3),))
each("scipy.special.ndtr scipy.special.log_ndtr scipy.special.i0 scipy.special.i1", (R(2, 3),))
each("scipy.special.i0e scipy.special.i1e", (R(2, 3),))
each("scipy.special.gamma scipy.special.gammaln scipy.special.digamma", (P(2, 3),))
each("scipy.special.expi scipy.special.exp1 scipy.special.entr", (P(4),))
case("scipy.special.spence", U(0.3, 0.9, 4))  # above 1 JAX answers nan
each("scipy.special.logit scipy.special.ndtri", (U(0.1, 0.9, 4),))
case("scipy.special.erfinv", U(-0.9, 0.9, 4))
each("scipy.special.beta scipy.special.betaln scipy.special.xlogy", (P(2, 3), P(3)))
each("scipy.special.rel_entr scipy.special.kl_div scipy.special.xlog1py", (P(2, 3), P(3)))
each("scipy.special.gammainc scipy.special.gammaincc", (1.7, P(4)))
case("scipy.special.betainc", 1.3, 2.1, U(0.1, 0.9, 4))
case("scipy.special.polygamma", 1, P(4))
case("scipy.special.zeta", 2.5, P(4))
case("scipy.special.expn", 2, P(4))
each("scipy.special.dawsn scipy.special.erfcx scipy.special.loggamma", (P(4),))
each("scipy.special.boxcox scipy.special.boxcox1p scipy.special.poch", (P(4), P(4)))
case("scipy.special.hyp2f1", 0.5, 1.5, 2.5, U(-0.6, 0.6, 4))
each("scipy.special.factorial", (P(4),))
case("scipy.special.multigammaln", U(3, 5, 3), 2)
each("scipy.special.logsumexp scipy.special.softmax scipy.special.log_softmax", (R(3, 4),), axis=1)
case("scipy.special.logsumexp", R(3, 4), b=P(4))

for _name in ("norm", "laplace", "logistic", "cauchy"):
    each(f"scipy.stats.{_name}.logpdf scipy.stats.{_name}.pdf", (R(4), R(4), P(4)))
    each(f"scipy.stats.{_name}.cdf", (R(4), R(4), P(4)))
each("scipy.stats.norm.logcdf scipy.stats.norm.sf scipy.stats.norm.logsf", (R(4), R(), P()))
case("scipy.stats.norm.ppf", U(0.1, 0.9, 4), R(), P())
case("scipy.stats.t.logpdf", R(4), P(4), R(), P())
case("scipy.stats.expon.logpdf", P(4), 0.0, P())
each("scipy.stats.gamma.logpdf scipy.stats.gamma.pdf", (P(4), P(4)))
case("scipy.stats.beta.logpdf", U(0.1, 0.9, 4), P(4), P(4))
case("scipy.stats.chi2.logpdf", P(4), P())
case("scipy.stats.poisson.logpmf", np.array([0, 2, 5]), P(3))
each("scipy.stats.poisson.pmf scipy.stats.poisson.cdf", (np.array([0, 2, 5]), P(3)))
for _tail in ("cdf", "sf", "logcdf", "logsf"):  # by x alone: the shapes have no derivative
    case(f"scipy.stats.gamma.{_tail}", P(4), 1.5, R(), P())
    case(f"scipy.stats.chi2.{_tail}", P(4), 3.0)
    case(f"scipy.stats.beta.{_tail}", U(0.1, 0.9, 4), 2.0, 3.5)
    each(f"scipy.stats.expon.{_tail} scipy.stats.cauchy.{_tail}", (P(4), 0.0, P()))
case("scipy.stats.logistic.sf", R(4), R(4), P(4))
case("scipy.stats.expon.pdf", P(4), 0.0, P())
case("scipy.stats.t.pdf", R(4), P(4), R(), P())
case("scipy.stats.beta.pdf", U(0.1, 0.9, 4), P(4), P(4))
case("scipy.stats.chi2.pdf", P(4), P())
each("scipy.stats.expon.ppf scipy.stats.logistic.ppf", (U(0.1, 0.9, 4), 0.5, P()))


def _covariance(xp: Any, x: Any, mean: Any, a: Any) -> tuple:
    return x, mean, spd(xp, a)[0]


case("scipy.stats.multivariate_normal.logpdf", R(4, 3), R(3), R(3, 3), before=_covariance)

each("scipy.linalg.expm", (R(3, 3),))
each("scipy.linalg.cholesky", (R(3, 3),), before=spd)
case("scipy.linalg.solve_triangular", R(3, 3), R(3), before=shifted)
case("scipy.linalg.solve_triangular", R(3, 3), R(3, 2), before=shifted, lower=True, trans=1)
each("scipy.linalg.inv scipy.linalg.det", (R(3, 3),), before=shifted)
case("scipy.linalg.solve", R(3, 3), R(3), before=shifted)
case("scipy.linalg.sqrtm", R(3, 3), before=spd)
case("scipy.linalg.block_diag", R(2, 2), R(1, 3))
case("scipy.linalg.toeplitz", R(4), R(3))
case("scipy.linalg.solve_sylvester", R(3, 3), R(2, 2), R(3, 2), before=shifted)
case("scipy.linalg.cho_solve", (P(3, 3), True), R(3))
each("scipy.signal.convolve2d scipy.signal.correlate2d", (R(4, 5), R(2, 2)), mode="same")
each("scipy.signal.correlate scipy.signal.fftconvolve", (R(4, 5), R(2, 2)))
case("scipy.signal.convolve", R(6), R(3), mode="same")
case("scipy.signal.convolve", R(4, 5), R(2, 2))

# -- where answers differ by convention --------------------------------------------

# name, function of (xp, x), point
POINTS: list[tuple[str, Callable, Any]] = [
    ("abs at 0", lambda xp, x: xp.abs(x), 0.0),
    ("clip at its ends", lambda xp, x: xp.sum(xp.clip(x, 0, 1)), np.array([0.0, 1.0])),
    ("norm at the origin", lambda xp, x: xp.linalg.norm(x), np.zeros(2)),
    ("norm, ord=1, at (0, 1)", lambda xp, x: xp.linalg.norm(x, 1), np.array([0.0, 1.0])),
    ("hypot(x, 0) at 0", lambda xp, x: xp.hypot(x, 0.0), 0.0),
    ("x**0.0 at 0", lambda xp, x: xp.power(x, 0.0), 0.0),
    ("x**x at 0", lambda xp, x: xp.power(x, x), 0.0),
    ("where(x > 0, sqrt(x), 0) at 0", lambda xp, x: xp.where(x > 0, xp.sqrt(x), 0.0), 0.0),
    ("where(x > 0, log(x), 0) at 0", lambda xp, x: xp.where(x > 0, xp.log(x), 0.0), 0.0),
    ("x*sqrt(x) at 0", lambda xp, x: x * xp.sqrt(x), 0.0),
    ("max at a tie", lambda xp, x: xp.max(x), np.array([1.0, 2.0, 2.0])),
    ("maximum(x, 1) at 1", lambda xp, x: xp.maximum(x, 1.0), 1.0),
    ("median of four", lambda xp, x: xp.median(x), np.array([3.0, 1.0, 2.0, 5.0])),
    ("sort at a tie", lambda xp, x: xp.sort(x) @ np.array([1.0, 10, 100]), np.array([2.0, 2, 1])),
    ("std of equal entries", lambda xp, x: xp.std(x), np.ones(3)),
    ("ptp of equal entries", lambda xp, x: xp.ptp(x), np.ones(2)),
    ("prod with a zero", lambda xp, x: xp.prod(x), np.array([0.0, 2.0, 3.0])),
    ("cumprod with a zero", lambda xp, x: xp.sum(xp.cumprod(x)), np.array([0.0, 2.0, 3.0])),
    ("sinc at 0", lambda xp, x: xp.sinc(x), 0.0),
    ("arctan2(x, 0) at 0", lambda xp, x: xp.arctan2(x, 0.0), 0.0),
    ("sqrt at 0", lambda xp, x: xp.sqrt(x), 0.0),
    ("mod(x, 2) at 4", lambda xp, x: xp.mod(x, 2.0), 4.0),
    ("fmax(x, nan)", lambda xp, x: xp.fmax(x, np.nan), 1.0),
    ("sum of eigvalsh", lambda xp, x: xp.sum(xp.linalg.eigvalsh(x) ** 2), np.eye(2) + 1),
    ("abs of complex 0", lambda xp, z: xp.abs(z), 0j),
    ("angle of a negative number", lambda xp, x: xp.angle(x), -1.0),
]
