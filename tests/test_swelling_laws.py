"""Recurrences are found exactly, formulas hold, and what is not certain is not claimed."""

from fractions import Fraction

import numpy as np
import pytest
import sympy as sp

from diffkit.swelling.fits import fitted_law
from diffkit.swelling.laws import exact_law
from diffkit.swelling.recurrences import berlekamp_massey, find_recurrence

n = sp.Symbol("n")


def test_a_recurrence_is_found_from_twice_its_order(rng):
    """Whatever produced the terms, what is found produces them, too, and is no longer."""
    for _ in range(200):
        order = int(rng.integers(1, 5))
        coefficients = [int(c) for c in rng.integers(-3, 4, order)]
        terms = [int(t) for t in rng.integers(-5, 6, order)]
        while len(terms) < 3 * order + 2:
            terms.append(sum(c * t for c, t in zip(coefficients, reversed(terms), strict=False)))
        found = berlekamp_massey(terms)

        assert len(found) <= order
        for k in range(len(found), len(terms)):
            assert terms[k] == sum(c * terms[k - 1 - i] for i, c in enumerate(found))


def test_fractions_occur():
    """s(n) = s(n-1)/2 + 4: the arithmetic is over fractions, not integers."""
    terms = [2**10]
    for _ in range(9):
        terms.append(Fraction(terms[-1], 2) + 4)
    assert berlekamp_massey(terms) == (Fraction(3, 2), Fraction(-1, 2))


@pytest.mark.parametrize(
    ("formula", "text"),
    [
        (9 * n - 2, "9n - 2"),
        ((4 * n - 1) * 2**n, "(4n - 1) 2^n"),
        (sp.Rational(8, 3) * (4**n - 1) - 2**n, "(8/3) 4^n - 2^n - 8/3"),
        (5 * n**2 + 6 * n - 1, "5n^2 + 6n - 1"),
        (sp.Integer(7), "7"),
        (sp.Integer(0), "0"),
        (n * 2**n - 1, "n 2^n - 1"),
        (4 * (-1) ** n + n, "4*(-1)^n + n"),
        (2**n * (3 * n**2 + 9 * n - 5) / 4 + 0 * n, "((3n^2 + 9n - 5)/4) 2^n"),
    ],
    ids=str,
)
@pytest.mark.parametrize("depths", [range(1, 15), range(5, 33, 2), range(0, 42, 3)], ids=str)
def test_formula_comes_back(formula, text, depths):
    """From its values at equally spaced depths, wherever they begin."""
    values = [sp.nsimplify(formula.subs(n, k)) for k in depths]
    law = exact_law(depths, [Fraction(int(v.p), int(v.q)) for v in values])

    assert law.certain
    if formula.has(sp.Integer(-1) ** n) and depths.step > 1:
        assert all(law.formula.subs(n, k) == v for k, v in zip(depths, values, strict=True))
    else:
        assert sp.expand(law.formula - formula) == 0
        assert law.text == text


def test_roots_that_are_not_rational():
    """Fibonacci's numbers: Binet's formula, and the recurrence as text."""
    law = exact_law(range(1, 15), [int(sp.fibonacci(k)) for k in range(1, 15)])

    assert law.certain
    assert sp.simplify(law.formula.subs(n, 100) - sp.fibonacci(100)) == 0
    assert law.text == "s(n) = s(n - 1) + s(n - 2)"


def test_cubic_roots_leave_a_recurrence():
    """Tribonacci's numbers have no formula worth printing."""
    terms = [0, 1, 1]
    while len(terms) < 12:
        terms.append(sum(terms[-3:]))
    law = exact_law(range(12), terms)

    assert law.certain
    assert law.formula is None
    assert law.text == "s(n) = s(n - 1) + s(n - 2) + s(n - 3)"


def test_first_terms_may_be_exceptions():
    """Up to three; the law says from where it holds."""
    law = exact_law(range(1, 14), [5, 0, *(k * k for k in range(3, 14))])

    assert (law.text, law.start) == ("n^2", 3)
    assert "from n = 3" in law.note
    assert find_recurrence([9, 9, 1, 7, *range(10)]) is None


@pytest.mark.parametrize("spare", [0, 1])
def test_too_few_terms_are_undecided(spare):
    """A recurrence of order 3 needs six terms, and two more to be believed."""
    depths = range(1, 7 + spare)
    law = exact_law(depths, [k * k for k in depths])

    assert not law.certain
    assert law.formula is None
    assert law.text == "undecided"


def test_sequences_without_a_law_are_undecided():
    """Factorials, primes, and depths that are not equally spaced."""
    depths = range(1, 30)
    for terms in ([int(sp.factorial(k)) for k in depths], [int(sp.prime(k)) for k in depths]):
        assert exact_law(depths, terms).text == "undecided"
    law = exact_law([1, 2, 4, 8, 16, 32], [2, 4, 8, 16, 32, 64])
    assert "not equally spaced" in law.note


def test_a_single_wrong_term_far_out_is_noticed():
    """All terms must fit, also beyond those that the recurrence was found from."""
    terms = [3 * k + 1 for k in range(200)]
    assert find_recurrence(terms).spare == 196
    terms[150] += 1
    assert find_recurrence(terms) is None


def test_missing_sizes_are_left_out():
    """What SymPy did not finish does not spoil the law of the others."""
    law = exact_law(range(1, 13), [2 * k for k in range(1, 9)] + [None] * 4)
    assert law.text == "2n"


# -- fits --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "shape"),
    [
        (lambda k: 0.003 * k**2, n**2),
        (lambda k: 0.02 * 2.0**k, 2**n),
        (lambda k: 0.5 * k**1.5, n**1.5),
    ],
)
def test_fits_name_the_model_that_foretells(values, shape, rng):
    """With one per cent of noise, the model and its exponent are found; nothing is certain."""
    depths = range(1, 21)
    law = fitted_law(depths, [values(k) * np.exp(0.001 * rng.normal()) for k in depths])
    found, exact = (sp.lambdify(n, f / f.subs(n, 15)) for f in (law.formula, shape))

    assert not law.certain
    assert "fit" in law.note
    assert found(20) == pytest.approx(float(exact(20)), rel=0.03)


def test_fits_that_are_too_close_are_undecided():
    """Between n^2 and 2^n lies exp(sqrt n); and noise has no law."""
    depths = range(1, 13)
    law = fitted_law(depths, [np.exp(0.3 * k + 1.2 * np.log(k)) for k in depths])
    assert law.text == "undecided"
    assert "too close to call" in law.note


def test_few_or_tiny_measurements_are_not_fitted():
    """Five points, or times below what a clock can tell."""
    assert fitted_law(range(1, 6), [1.0, 2.0, 3.0, 4.0, 5.0]).text == "undecided"
    assert fitted_law(range(1, 21), [1e-5 * k for k in range(1, 21)], 1e-3).text == "undecided"
