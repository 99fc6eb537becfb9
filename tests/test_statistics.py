"""Variances, quantiles, averages, covariances, histograms, and functions that skip nan.

Values, shapes and dtypes are NumPy's own on plain arrays; derivatives are those of finite
differences. A case is a function written with np, and the shapes of its arguments.
"""

import itertools

import numpy as np
import pytest

import diffkit as dk
from diffkit.errors import ArgumentError, ShapeError, SymbolicError, TracingError

from .function_cases import (
    arguments,
    bent,
    complex_faults,
    named,
    program_faults,
    several,
    value_faults,
)
from .table import close, derivative_faults, dtype_faults, random

SAMPLES = np.array([0.3, -1.2, 2.0, 0.7, 1.1])
NAN = np.nan


def holed(x):
    """x with nan in some places."""
    holes = np.zeros(np.shape(x))
    holes.flat[1::3] = NAN
    return x + holes


CASES = [
    ("var", lambda x: np.var(x), [(2, 3)]),
    ("var axis", lambda x: np.var(x, axis=0), [(3, 2)]),
    ("var axes", lambda x: np.var(x, axis=(0, -1), keepdims=True), [(2, 2, 2)]),
    ("var ddof", lambda x: np.var(x, ddof=1), [(3,)]),
    ("var correction", lambda x: np.var(x, correction=1), [(3,)]),
    ("var mean", lambda x, m: np.var(x, axis=1, mean=m), [(2, 3), (2, 1)]),
    ("std", lambda x: np.std(x), [(4,)]),
    ("std axis", lambda x: np.std(x, axis=1, keepdims=True, ddof=1), [(2, 3)]),
    ("nansum", lambda x: np.nansum(holed(x), axis=0), [(3, 2)]),
    ("nansum without nan", lambda x: np.nansum(x, keepdims=True), [(2, 2)]),
    ("nanprod", lambda x: np.nanprod(holed(x), axis=1), [(2, 3)]),
    ("nancumsum", lambda x: np.nancumsum(holed(x)), [(2, 2)]),
    ("nancumprod", lambda x: np.nancumprod(holed(x), axis=1), [(2, 3)]),
    ("nanmean", lambda x: np.nanmean(holed(x)), [(5,)]),
    ("nanmean axis", lambda x: np.nanmean(holed(x), axis=1, keepdims=True), [(2, 4)]),
    ("nanvar", lambda x: np.nanvar(holed(x)), [(5,)]),
    ("nanvar axis", lambda x: np.nanvar(holed(x), axis=1, ddof=1), [(2, 4)]),
    ("nanvar mean", lambda x, m: np.nanvar(holed(x), axis=1, mean=m), [(2, 4), (2, 1)]),
    ("nanstd", lambda x: np.nanstd(holed(x), axis=0, keepdims=True), [(4, 2)]),
    ("average", lambda x: np.average(x, axis=0), [(2, 3)]),
    ("average weights", lambda x, w: np.average(x, weights=5 + w), [(2, 2), (2, 2)]),
    ("average axis", lambda x, w: np.average(x, 1, 5 + w), [(2, 3), (3,)]),
    ("average axes", lambda x, w: np.average(x, (2, 0), 5 + w), [(2, 2, 3), (3, 2)]),
    ("average kept", lambda x, w: np.average(x, 0, 5 + w, keepdims=True), [(2, 3), (2,)]),
    ("average returned", lambda x, w: np.average(x, 1, 5 + w, True), [(2, 3), (2, 3)]),
    ("average plain weights", lambda x: np.average(x, weights=[1.0, 2.0, 4.0]), [(3,)]),
    ("average of plain", lambda w: np.average(SAMPLES, weights=5 + w), [(5,)]),
    ("cov", lambda x: np.cov(x), [(2, 4)]),
    ("cov vector", lambda x: np.cov(x), [(4,)]),
    ("cov two", lambda x, y: np.cov(x, y), [(4,), (4,)]),
    ("cov columns", lambda x: np.cov(x, rowvar=False, bias=True), [(4, 2)]),
    ("cov ddof", lambda x: np.cov(x, ddof=0), [(2, 3)]),
    ("cov fweights", lambda x: np.cov(x, fweights=np.array([1, 3, 2])), [(2, 3)]),
    ("cov aweights", lambda x, w: np.cov(x, aweights=3 + w), [(2, 3), (3,)]),
    ("cov aweights ddof 0", lambda x, w: np.cov(x, aweights=3 + w, ddof=0), [(2, 3), (3,)]),
    ("corrcoef", lambda x: np.corrcoef(x), [(3, 4)]),
    ("corrcoef two", lambda x, y: np.corrcoef(x, y), [(4,), (4,)]),
    ("corrcoef columns", lambda x: np.corrcoef(x, rowvar=False), [(4, 2)]),
    ("bincount", lambda w: np.bincount([0, 2, 2, 1], w, minlength=5), [(4,)]),
    ("histogram weights", lambda w: np.histogram(SAMPLES, 3, weights=w)[0], [(5,)]),
    ("histogram density", lambda w: np.histogram(SAMPLES, 3, None, True, 5 + w)[0], [(5,)]),
    ("histogram range", lambda w: np.histogram(SAMPLES, 4, (0, 1), weights=w)[0], [(5,)]),
    ("histogram edges", lambda w: np.histogram(SAMPLES, [-1, 0, 2.0], weights=w)[0], [(5,)]),
]
METHODS = [
    "linear", "lower", "higher", "midpoint", "nearest", "hazen", "weibull", "median_unbiased",
    "normal_unbiased", "inverted_cdf", "averaged_inverted_cdf", "closest_observation",
    "interpolated_inverted_cdf",
]  # fmt: skip
REAL = [
    ("median odd", lambda x: np.median(x), [(5,)]),
    ("median even", lambda x: np.median(x), [(2, 3)]),
    ("median axis", lambda x: np.median(x, axis=0), [(4, 2)]),
    ("median axes", lambda x: np.median(x, axis=(2, 0), keepdims=True), [(2, 2, 2)]),
    ("quantile", lambda x: np.quantile(x, 0.3), [(5,)]),
    ("quantile near the top", lambda x: np.quantile(x, 0.65, axis=1), [(2, 5)]),
    ("quantile ends", lambda x: np.quantile(x, [0.0, 1.0]), [(5,)]),
    ("quantiles", lambda x: np.quantile(x, [[0.1, 0.5], [0.7, 0.9]], axis=1), [(2, 4)]),
    ("quantiles kept", lambda x: np.quantile(x, [0.1, 0.6], 0, keepdims=True), [(4, 2)]),
    ("quantile traced", lambda x, q: np.quantile(x, 0.5 + q / 40), [(5,), ()]),
    ("quantiles traced", lambda x, q: np.quantile(x, 0.5 + q / 40, axis=0), [(5, 2), (2,)]),
    ("quantile of plain", lambda q: np.quantile(SAMPLES, 0.5 + q / 40), [()]),
    ("percentile", lambda x: np.percentile(x, 30), [(2, 3)]),
    ("percentiles", lambda x: np.percentile(x, [25, 75.0], axis=-1), [(2, 3)]),
    (
        "quantile weights",
        lambda x: np.quantile(x, [0.2, 0.6], weights=[1, 2, 0, 1], method="inverted_cdf", axis=1),
        [(2, 4)],
    ),
    ("nanmedian", lambda x: np.nanmedian(holed(x)), [(5,)]),
    ("nanmedian axis", lambda x: np.nanmedian(holed(x), axis=1, keepdims=True), [(2, 4)]),
    ("nanpercentile", lambda x: np.nanpercentile(holed(x), [30, 80], axis=1), [(2, 4)]),
    ("nanquantile", lambda x: np.nanquantile(holed(x), 0.4), [(2, 3)]),
    ("nanquantile traced", lambda x, q: np.nanquantile(holed(x), 0.5 + q / 40), [(6,), ()]),
    ("nanmax", lambda x: np.nanmax(holed(x), axis=1), [(2, 3)]),
    ("nanmin", lambda x: np.nanmin(holed(x), keepdims=True), [(4,)]),
    ("ptp", lambda x: np.ptp(x), [(4,)]),
    ("ptp axis", lambda x: np.ptp(x, axis=0, keepdims=True), [(3, 2)]),
    ("bin edges", lambda x: np.histogram_bin_edges(x, 4), [(5,)]),
    ("histogram", lambda x: np.histogram(x, 3)[1], [(5,)]),
]
SHARES = [0, 0.2, 0.5, 0.9, 1]
for _method in METHODS:
    REAL += [
        (f"quantile {_method}", lambda x, m=_method: np.quantile(x, SHARES, method=m), [(5,)]),
        (
            f"nanquantile {_method}",
            lambda x, m=_method: np.nanquantile(holed(x), SHARES, method=m),
            [(6,)],
        ),
    ]
ALL = CASES + REAL
BESIDE_PLAIN = {"nanvar mean"}  # NumPy does not hand a plain array with a traced mean to us
REAL_WEIGHTS = {"cov aweights", "cov aweights ddof 0"}
UNORDERED = [
    case
    for case in CASES
    if case[0] not in REAL_WEIGHTS and not case[0].startswith(("histogram", "bincount"))
]


def test_no_case_stands_twice():
    """Every case has its own name."""
    names = [case[0] for case in ALL]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("kind", [np.float64, np.float32])
@named(ALL)
def test_values_are_numpys(name, f, shapes, kind):
    """Traced or not: the same results, shapes and dtypes."""
    xs = [np.asarray(x).astype(kind)[()] for x in arguments(name, shapes)]
    assert not value_faults(f, xs)


@named(ALL)
def test_derivatives_are_those_of_finite_differences(name, f, shapes):
    """VJP, JVP, and both derivatives of the VJP."""
    xs = arguments(name, shapes)
    assert not derivative_faults(name, bent(f), xs, range(len(xs)), random(name), h=1e-3)


@named(ALL)
def test_programs_replay_elsewhere(name, f, shapes):
    """A pickled Program of f and its adjoint hold at another point, without branches."""
    xs = arguments(name, shapes)
    assert not program_faults(bent(f), xs)
    assert "guard" not in dk.lower(bent(f), *xs).count()


@named([case for case in ALL if case[0] not in BESIDE_PLAIN])
def test_gradients_keep_float32(name, f, shapes):
    """float32 in, float32 gradient out."""
    xs = arguments(name, shapes)

    def whole(*values):
        result = f(*values)
        return sum(np.sum(part) for part in result) if several(result) else result

    assert not dtype_faults(name, whole, xs, range(len(xs)))


@named(UNORDERED)
def test_gradients_of_complex_arrays(name, f, shapes):
    """For complex numbers a variance is that of the absolute distances."""
    assert not value_faults(f, [x * (2 - 1j) for x in arguments(name, shapes)])
    assert not complex_faults(bent(f), arguments(name, shapes), random(name))


# -- conventions -------------------------------------------------------------------------


def test_a_deviation_of_zero_has_the_slope_zero():
    """Of the slopes at the kink of the norm, 0 is the smallest; numbers are not disturbed."""
    ones = np.ones(3)
    assert dk.grad(np.std)(ones).tolist() == [0, 0, 0]
    assert dk.jvp(np.std, (ones,), (np.arange(3.0),)) == (0, 0)
    rows = np.array([[1.0, 1.0], [1.0, 3.0]])
    assert dk.grad(lambda x: np.sum(np.std(x, axis=1)))(rows).tolist() == [[0, 0], [-0.5, 0.5]]
    assert dk.grad(lambda x: np.nanstd(holed(x)))(ones).tolist() == [0, 0, 0]


@pytest.mark.parametrize(
    ("f", "x", "expected"),
    [
        (np.median, [3, 1, 2, 5], [0.5, 0, 0.5, 0]),
        (np.median, [3, 1, 2], [0, 0, 1]),
        (np.median, [2, 2, 1], [0.5, 0.5, 0]),
        (np.median, [1, 2, 2, 3], [0, 0.5, 0.5, 0]),
        (lambda x: np.percentile(x, 100), [1, 2, 2], [0, 0.5, 0.5]),
        (lambda x: np.percentile(x, 30), [5, 1, 4, 2, 3], [0, 0, 0, 0.8, 0.2]),
        (lambda x: np.quantile(x, 0.5, method="lower"), [4, 1, 3, 2], [0, 0, 0, 1]),
        (np.nanmedian, [NAN, 3, 1, NAN, 2], [0, 0, 0, 0, 1]),
        (np.nanmax, [2, NAN, 2, 1], [0.5, 0, 0.5, 0]),
        (np.nanmin, [2, NAN, 1], [0, 0, 1]),
        (np.nanmean, [2, NAN, 1], [0.5, 0, 0.5]),
        (np.nansum, [2, NAN, 1], [1, 0, 1]),
        (np.nanprod, [0, NAN, 3], [3, 0, 0]),
        (lambda x: np.sum(np.nancumprod(x)), [0, NAN, 3], [5, 0, 0]),
        (np.ptp, [1, 4, 4], [-1, 0.5, 0.5]),
    ],
)
def test_known_gradients(f, x, expected):
    """Ties share; an entry that is nan, or is not the one asked for, has no part in it."""
    x = np.array(x, float)
    assert close(dk.grad(f)(x), expected)
    moved = [dk.jvp(f, (x,), (unit,))[1] for unit in np.eye(x.size)]
    assert close(moved, expected)


def test_a_quantile_by_its_share():
    """Between two entries the quantile climbs their distance within 1/(n - 1)."""
    x = np.array([1.0, 2.0, 4.0, 8.0, 16.0])
    assert dk.grad(lambda q: np.quantile(x, q))(0.6) == pytest.approx(4 * 4)
    assert dk.grad(lambda q: np.percentile(x, q))(60.0) == pytest.approx(4 * 4 / 100)
    y = np.array([1.0, NAN, 4.0])
    assert dk.grad(lambda q: np.nanquantile(y, q))(0.6) == pytest.approx(3)
    program = dk.lower(lambda q: np.quantile(x, q), 0.1)
    assert program(0.9) == pytest.approx(np.quantile(x, 0.9))


def test_infinities_beside_a_quantile_do_not_reach_it():
    """An exact rank needs no neighbour: NumPy's own inf*0 is nan here."""
    x = np.array([1.0, 2.0, np.inf])
    assert dk.value_and_grad(lambda x: np.quantile(x, 0.5))(x)[0] == 2
    assert dk.grad(lambda x: np.quantile(x, 0.5))(x).tolist() == [0, 1, 0]


def test_nan_reaches_median_and_its_gradient():
    """A line with nan has no median."""
    with np.errstate(invalid="ignore"):
        value, slope = dk.value_and_grad(np.median)(np.array([1.0, NAN, 3.0]))
    assert np.isnan(value)
    assert np.isnan(slope).all()


def test_lines_without_a_number_are_nan():
    """Nothing is left of a line of nan."""
    x = np.array([[NAN, NAN], [1.0, 3.0]])
    with pytest.warns(RuntimeWarning):
        found = dk.lower(lambda x: np.nanmedian(x, axis=1), x)(x)
    assert close(found, [NAN, 2])
    with pytest.warns(RuntimeWarning):
        assert close(dk.lower(lambda x: np.nanvar(x, axis=1), x)(x), [NAN, 1])


def test_too_few_for_a_variance():
    """As NumPy: nan, with its warning."""
    with pytest.warns(RuntimeWarning):
        assert np.isnan(dk.value_and_grad(lambda x: np.var(x, ddof=1))(np.ones(1))[0])
    assert np.isnan(dk.lower(lambda x: np.nanvar(x, ddof=1), np.ones(1))(np.ones(1)))


def test_correlations_do_not_depend_on_place_and_scale(rng):
    """So their gradients are orthogonal to shifts and to stretching, row by row."""
    x = rng.normal(size=(3, 6))
    slope = dk.grad(lambda x: np.sum(np.sin(np.arange(9.0).reshape(3, 3) * np.corrcoef(x))))(x)
    assert abs(slope).max() > 0.01
    assert close(slope.sum(axis=1), np.zeros(3), atol=1e-14)
    assert close((slope * x).sum(axis=1), np.zeros(3), atol=1e-14)
    assert close(np.diag(dk.jvp(np.corrcoef, (x,), (x * x,))[1]), np.zeros(3), atol=1e-14)


def test_a_variance_of_complex_numbers():
    """var(z) is var(x) + var(y); df/dx - i df/dy by the convention."""
    z = np.array([1 + 2j, 3 - 1j, -2 + 0.5j])
    expected = dk.grad(np.var)(z.real) - 1j * dk.grad(np.var)(z.imag)
    assert close(dk.grad(np.var)(z).view(float), expected.view(float))


# -- histograms --------------------------------------------------------------------------


@pytest.mark.parametrize("options", [{}, {"bins": 4}, {"bins": [-1.5, 0.0, 0.7, 2.0]},
                                     {"bins": 3, "range": (0, 1)}])  # fmt: skip
def test_counts_of_traced_values(options):
    """Counts and edges are NumPy's; a count does not move with the values."""
    x = np.array([0.3, -1.2, 2.0, 0.7, 1.1, 2.0, 0.3])
    program = dk.lower(lambda x: np.histogram(x, **options), x)
    for found, expected in zip(program(x), np.histogram(x, **options), strict=True):
        assert found.dtype == expected.dtype
        assert close(found, expected)
    with pytest.warns(dk.errors.ZeroGradientWarning):
        assert not dk.grad(lambda x: 1.0 * np.histogram(x, **options)[0][0])(x).any()


def test_weights_at_traced_values_have_a_derivative():
    """Each weight counts in the bin that its value is in."""
    x, w = np.array([0.1, 0.9, 0.4, 5.0]), np.array([1.0, 2.0, 3.0, 4.0])

    def f(x, w):
        return np.sum(np.histogram(x, 2, (0, 1), weights=w)[0] * [1.0, 10.0])

    with pytest.warns(dk.errors.ZeroGradientWarning, match="x"):
        x_bar, w_bar = dk.grad(f, (0, 1))(x, w)
    assert x_bar.tolist() == [0, 0, 0, 0]
    assert w_bar.tolist() == [1, 10, 1, 0]


def test_values_that_are_all_equal_get_a_bin_around_them():
    """As np.histogram: half to each side."""
    found = dk.lower(lambda x: np.histogram(x, 2)[1], np.full(3, 2.0))(np.full(3, 2.0))
    assert found.tolist() == [1.5, 2, 2.5]


# -- other arithmetics, refusals -----------------------------------------------------------


def test_quantiles_run_over_50_digits():
    """mpmath's numbers have an order."""
    from diffkit.symbolic.reference import reference_values

    x = np.array([0.5, -1.0, 3.0, 0.25])
    program = dk.lower(lambda x: np.median(x) + np.nanquantile(x, 1.0) + np.std(x), x)
    (value,) = reference_values(program, {"x": x})
    assert float(value) == pytest.approx(program(x), rel=1e-15)


def test_a_median_of_symbols_is_made_of_minima_and_maxima():
    """For few symbols; the cases of many are not written down."""
    (median,) = np.ravel(dk.lower(np.median, np.arange(3.0)).to_sympy())
    symbols = sorted(median.free_symbols, key=str)
    for order in itertools.permutations([1.0, 2.5, 7.0]):
        assert median.subs(dict(zip(symbols, order, strict=True))) == 2.5
    with pytest.raises(SymbolicError, match="40 symbols"):
        dk.lower(np.median, np.arange(40.0)).to_sympy()


X = np.array([[1.0, 2.0], [4.0, 3.0]])


@pytest.mark.parametrize(
    ("f", "error", "told"),
    [
        (lambda x: np.quantile(x, 1.5), ValueError, "outside of"),
        (lambda x: np.percentile(x, [20, 101]), ValueError, "outside of"),
        (lambda x: np.quantile(x, 0.5, method="cubic"), ArgumentError, "is not one of linear"),
        (lambda x: np.quantile(x, 0.5, weights=x), ArgumentError, "inverted_cdf"),
        (lambda x: np.quantile(x * 1j, 0.5), TracingError, "they have no order"),
        (lambda x: np.var(x, ddof=1, correction=1), ArgumentError, "not both"),
        (lambda x: np.average(x, weights=[1.0, 2.0]), ShapeError, "along axis="),
        (lambda x: np.average(x, 0, [1.0, -1.0]), ZeroDivisionError, "add up to 0"),
        (lambda x: np.cov(x[None]), ShapeError, "vectors and matrices"),
        (lambda x: np.histogram(x, "auto"), TracingError, "give a number of bins"),
        (lambda x: np.histogram2d(x[0], x[1]), TracingError, "ravel_multi_index"),
        (lambda x: np.bincount(x[0]), TracingError, "plain whole numbers"),
        (lambda x: np.max(x, where=x > 0), ArgumentError, "give initial= too"),
        (lambda x: np.sum(x, where=[1, 0, 1, 0]), ArgumentError, "array of bool"),
        (lambda x: np.sum(x, where=np.ones((2, *np.shape(x)), bool)), ShapeError, "does not fit"),
        (lambda x: np.nansum(x, where=x > 0), dk.errors.MissingRule, "where="),
        (lambda x: np.var(x, dtype=int), TracingError, "cut off fractions"),
        (lambda x: np.median(x, axis=2), ShapeError, "out of range"),
    ],
)
def test_refusals_say_what_to_write(f, error, told):
    """What cannot be answered is refused by name."""
    with pytest.raises(error, match=told):
        dk.lower(lambda x: np.sum(f(x)), X)
