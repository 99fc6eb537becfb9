"""The adaptive default: how accurate it is, and what its error bars promise."""

import math

import mpmath
import numpy as np
import pytest

from diffkit.errors import ArgumentError
from diffkit.finite import derivative, gradient

from .finite_cases import CANCELLING, CASES, FAMILIES, HELD_OUT, MORE_FAMILIES

NOISY = ("cancelling", "noisy sin")


@pytest.mark.parametrize(("guard", "calls", "covered"), [(False, 15, 30), (True, 22, 30)])
def test_accuracy_on_the_table(guard, calls, covered):
    """On 30 functions: median error 3e-14, 25 below 1e-10, no nan, few calls."""
    estimates = [derivative(case.f, case.x, guard=guard) for case in CASES]
    exact = np.array([case.reference() for case in CASES])
    errors = np.abs([float(estimate) for estimate in estimates] - exact)

    assert np.all(np.isfinite(errors))
    assert np.median(errors / abs(exact)) <= 3e-14
    assert np.sum(errors / abs(exact) < 1e-10) >= 25
    assert np.mean([estimate.evaluations for estimate in estimates]) <= calls
    assert sum(errors <= [estimate.error for estimate in estimates]) >= covered


@pytest.mark.parametrize("guard", [False, True])
@pytest.mark.parametrize(
    ("families", "held"),
    [(FAMILIES, 0.99), (MORE_FAMILIES, 0.99), (CANCELLING, 0.98), (HELD_OUT, 0.98)],
)
def test_error_bars_are_honest_and_narrow(families, held, guard):
    """They hold on 99 % of random points, and are at most 30 times too wide in the median.

    Cancellation inside of f is seen every time only by the guard.
    """
    rng = np.random.default_rng(20240517)
    points = [(family, family.point(rng)) for family in families for _ in range(25)]
    found = [derivative(family.f, x, guard=guard) for family, x in points]
    errors = np.array([_error(e, *point) for e, point in zip(found, points, strict=True)])
    bars = np.array([estimate.error for estimate in found])

    assert np.mean(errors <= bars) >= (0.99 if guard else held)
    assert np.median(bars / np.maximum(errors, 1e-300)) <= 30


def _error(estimate, family, x):
    with mpmath.workdps(30):
        return float(abs(mpmath.mpf(float(estimate)) - family.slope(mpmath.mpf(x))))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_calls_are_bounded_and_counted(case):
    """At most 24 calls, 32 where f looks noisy, and `evaluations` is their number."""
    calls = []

    def counted(x):
        calls.append(x)
        return case.f(x)

    most = 32 if case.name in NOISY else 24
    assert derivative(counted, case.x).evaluations == len(calls) <= most


def test_guard_finds_noise():
    """The guard measures the noise of f: the error bar then covers it."""
    rng = np.random.default_rng(0)
    f = lambda x: np.sin(x) + 1e-6 * rng.standard_normal()
    guarded = derivative(f, 1.0, guard=True)
    assert abs(guarded.value - math.cos(1.0)) <= guarded.error
    assert guarded.rounding > 1e-7


def test_guard_finds_aliases():
    """A wave that all large steps miss is seen at tiny ones."""
    f = lambda x: x + np.sin(1024 * np.pi * x) / 1000
    guarded = derivative(f, 1.0, guard=True)
    assert abs(guarded.value - (1 + 1.024 * math.pi)) <= guarded.error


@pytest.mark.parametrize("name", ["central", "central4", "central6", "central8", "forward"])
def test_fixed_error_bars_cover_random_points(name):
    """The error bars of a fixed scheme hold on 98 % of 400 random points."""
    rng = np.random.default_rng(11)
    families = [FAMILIES[k] for k in (0, 2, 3, 4, 7, 8, 13, 15)]
    points = [(family, family.point(rng)) for family in families for _ in range(50)]
    found = [derivative(family.f, x, scheme=name) for family, x in points]
    held = [_error(e, *point) <= e.error for e, point in zip(found, points, strict=True)]
    assert np.mean(held) >= 0.98


@pytest.mark.parametrize(
    ("f", "x", "slope"),
    [
        (lambda x: np.log(1 + x), 1e-6, 1 / (1 + 1e-6)),
        (lambda x: (1 - np.cos(x)) / x**2, 1e-2, -8.333277779266e-4),
        (lambda x: np.sqrt(1 + x) - 1, 1e-5, 0.5 / np.sqrt(1 + 1e-5)),
        (lambda x: float(np.float32(np.sin(x))), 0.7, math.cos(0.7)),
    ],
)
def test_noise_beyond_the_size_of_f_is_covered(f, x, slope):
    """What f loses inside by cancellation shows in the error bar, without being asked."""
    estimate = derivative(f, x)
    assert abs(estimate.value - slope) <= estimate.error


def test_waves_shorter_than_the_steps_are_suspected():
    """On a steep line a short wave looks like noise; the guard comes unasked and covers it."""
    rng = np.random.default_rng(7)
    points = rng.uniform(-1e5, 1e5, 100)
    found = [derivative(lambda x: np.sin(x) + 1e3 * x, x) for x in points]
    errors = np.array([e.value for e in found]) - 1000 - np.cos(points)
    assert np.mean(abs(errors) <= [e.error for e in found]) >= 0.9


@pytest.mark.parametrize("rate", [1.5, 2.5, 3.0])
def test_truncation_is_not_believed_off_course(rate):
    """Quotients that converge like a broken power keep a wide bar: their limit is within."""
    from diffkit.finite.ladder import Level, best_rung

    levels = [Level(2.0**-k, 2, 1 + 2.0 ** (-k * rate), 1e-16) for k in range(6)]
    rung = best_rung(levels, 4)
    assert abs(rung.value - 1) <= rung.bound


# -- one guard for a whole gradient --------------------------------------------------


def wavy(x):
    """A wave in one coordinate that all large steps miss."""
    return np.sum(np.exp(x)) + np.sin(1024 * np.pi * x[3]) / 1000


def test_one_guard_costs_six_calls():
    """Where all is well, the guard along a direction costs about six calls, not six an entry."""
    f, x = lambda x: np.sum(np.exp(x) * np.cos(x[::-1])), np.linspace(-1, 2, 20)
    plain, once = gradient(f, x), gradient(f, x, guard="direction")
    # Known noise may also end a ladder early: 20 calls fewer have been seen.
    assert once.evaluations <= plain.evaluations + 12
    assert np.all(abs(once.value - plain.value) <= once.error + plain.error)


def test_one_guard_measures_noise():
    """Its noise is that of every entry: all bars cover the truth."""
    rng = np.random.default_rng(0)
    f = lambda x: np.sum(np.sin(x)) + 1e-7 * rng.standard_normal()
    found = gradient(f, np.ones(20), guard="direction")
    assert np.all(abs(found.value - math.cos(1)) <= found.error)
    assert np.all(found.rounding > 1e-8)


def test_one_guard_calls_the_others():
    """A wave in one coordinate breaks the sum; then every entry is guarded and it is found."""
    exact = np.full(6, math.e)
    exact[3] += 1.024 * math.pi
    assert abs(gradient(wavy, np.ones(6)).value - exact).max() > 1
    found = gradient(wavy, np.ones(6), guard="direction")
    assert np.all(abs(found.value - exact) <= found.error)
    assert found.error.max() < 0.01


def test_guards_that_are_none():
    """Another word is refused."""
    with pytest.raises(ArgumentError, match="direction"):
        gradient(wavy, np.ones(6), guard="along")
