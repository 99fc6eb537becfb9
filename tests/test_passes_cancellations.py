"""What cancels in real arithmetic is not computed, and nothing else is dropped."""

import random

import numpy as np
import pytest

import diffkit as dk
import diffkit.scipy
from diffkit.core.program import Program
from diffkit.replay.passes import PASSES, optimized
from diffkit.symbolic.reference import reference_values
from tests.benchmarks import objectives

cancellations = PASSES["cancellations"]
X = np.array([[0.3, -1.2, 0.7, 2.0], [1.1, 0.4, -0.5, 0.2], [0.0, 0.9, -2.0, 0.6]])
Y = np.array([[0.0, 1.0, 0.0, 0.0], [0.2, 0.3, 0.1, 0.4], [0.0, 0.0, 0.0, 1.0]])
LABELS = np.array([1, 3, 0])


def with_keepdims(x):
    top = np.max(x, axis=1, keepdims=True)
    return np.sum(np.log(np.sum(np.exp(x - top), axis=1, keepdims=True)) + top)


def with_none(x):
    top = x.max(1)
    return np.sum(np.log(np.exp(x - top[:, None]).sum(1)) + top)


def with_reshape(x):
    top = np.reshape(np.amax(x, axis=-1), (-1, 1))
    total = np.sum(np.exp(x - top), axis=-1)
    return np.mean(np.log(total) + top.reshape(3))


def over_all_axes(x):
    top = np.max(x)
    return top + np.log(np.sum(np.exp(x - top)))


def down_the_columns(x):
    top = np.max(x, axis=0)
    return np.sum((np.log(np.sum(np.exp(x - top), axis=0)) + top) ** 2)


def transposed(x):
    top = np.max(x, axis=0)
    return np.sum(np.log(np.exp(x.T - top[:, None]).sum(axis=1)) + top)


def weighted(x):
    top = np.max(x, axis=1, keepdims=True)
    total = np.log(np.sum(np.exp(x - top), axis=1, keepdims=True)) + top
    return np.sum(np.array([[1.0], [-3.0], [0.1]]) * total)


def cross_entropy(x):
    shifted = x - np.max(x, axis=1, keepdims=True)
    log_p = shifted - np.log(np.sum(np.exp(shifted), axis=1, keepdims=True))
    return -np.mean(np.sum(Y * log_p, axis=1))


def of_softmax(x):
    e = np.exp(x - x.max(axis=1, keepdims=True))
    return np.sum(np.sin(e / e.sum(axis=1, keepdims=True)))


def by_broadcasting(x):
    top = np.broadcast_to(np.max(x, axis=1)[:, np.newaxis], x.shape)
    e = np.exp(x - top)
    return -np.sum(Y * np.log(e / np.broadcast_to(e.sum(1)[:, np.newaxis], x.shape)))


def with_two_maxima(x):
    return np.max(x) + np.log(np.sum(np.exp(x - np.max(x))))


def with_one_more_term(x):
    top = np.maximum(np.max(x, axis=1), 0.0)
    total = np.exp(-top) + np.sum(np.exp(x - top[:, None]), axis=1)
    return np.sum(top + np.log(total))


USERS = [
    with_two_maxima,
    with_one_more_term,
    with_keepdims,
    with_none,
    with_reshape,
    over_all_axes,
    down_the_columns,
    transposed,
    weighted,
    cross_entropy,
    of_softmax,
    by_broadcasting,
    lambda x: dk.losses.cross_entropy(x, Y),
    lambda x: dk.losses.cross_entropy(x, LABELS, reduction="sum"),
    lambda x: np.sum(dk.losses.log_sum_exp(x)),
    lambda x: np.sum(np.cos(dk.losses.softmax(x, axis=0))),
    lambda x: np.sum(diffkit.scipy.special.logsumexp(x, axis=1)),
]


def numbers_of(program):
    """The differences in whose place the pass writes numbers, and the numbers."""
    old = {step.name for step in program.steps if step.primitive.name in ("add", "subtract")}
    found = [step for step in cancellations(program).steps if step.name in old]
    return {s.name: s.operands[0] for s in found if s.primitive.name == "broadcast_to"}


@pytest.mark.parametrize("f", USERS, ids=lambda f: f.__name__)
def test_nothing_flows_through_the_maximum(f):
    """However the stable form is written: the maximum is found, its derivative is not."""
    slope = dk.lower(dk.grad(f), X)
    compiled = dk.compile(dk.grad(f))

    assert "equal" not in optimized(slope).count()
    np.testing.assert_allclose(compiled(X), dk.grad(f)(X), rtol=1e-13, atol=1e-15)


def test_the_benchmarks_lose_their_maxima():
    """The mixture's gradient has two log-sum-exps, the classifier's one."""
    gmm = dk.grad(lambda *args: objectives.gmm(np, *args), (0, 1, 2))
    network = dk.grad(lambda *args: objectives.classifier(np, *args))
    mixture = dk.lower(gmm, *objectives.gmm_data(n=20))
    classifier = dk.lower(network, *objectives.classifier_data(batch=8))

    assert (mixture.count()["equal"], classifier.count()["equal"]) == (2, 1)
    assert not {"equal", "where"} & {*optimized(mixture).count(), *optimized(classifier).count()}


def test_second_derivatives_cancel_too():
    """The tangent of the log-sum-exp's gradient holds the difference, and its tangent."""
    product = dk.lower(lambda x, v: dk.hvp(with_none, (x,), (v,)), X, Y)
    assert len(optimized(product)) + 6 == len(optimized(product, without=["cancellations"]))
    np.testing.assert_allclose(optimized(product)(X, Y), product(X, Y), rtol=1e-12, atol=1e-15)


EXTREMES = {
    "ties": np.array([[2.0, 2.0, -1.0, 2.0], [0.0, 0.0, 0.0, 0.0], [1.0, 5.0, 5.0, 1.0]]),
    "masked": np.array([[2.0, -np.inf, -1.0, 2.0], [0.0, -np.inf, -np.inf, 0.5], X[2]]),
    "all masked": np.array([X[0], [-np.inf] * 4, X[2]]),
    "infinite": np.array([[2.0, np.inf, -1.0, 2.0], X[1], [np.inf, np.inf, 0.0, 1.0]]),
    "nan": np.array([[2.0, np.nan, -1.0, 2.0], X[1], X[2]]),
    "large": 300 * X,
}


@pytest.mark.parametrize("f", USERS, ids=lambda f: f.__name__)
@pytest.mark.parametrize("x", EXTREMES.values(), ids=EXTREMES)
def test_extreme_scores_keep_their_gradients(f, x):
    """Ties, masks, infinities and nans: as uncompiled, up to rounding of the largest entry."""
    with np.errstate(all="ignore"):
        expected, found = dk.grad(f)(x), dk.compile(dk.grad(f))(x)
    np.testing.assert_allclose(found, expected, rtol=1e-13, atol=1e-14)


# -- what looks alike ------------------------------------------------------------------


def lookalikes(e, c, v):
    """Differences that are not zero, or not zero for the reason that counts."""
    s = np.sum(e, axis=1, keepdims=True)
    w = np.sum(c, axis=1, keepdims=True)
    n = e.shape[1]
    return {
        "another axis": w - np.sum(w * e / np.sum(e, axis=0), axis=1, keepdims=True),
        "another exponent": w - np.sum(w * e / s**2, axis=1, keepdims=True),
        "a square": w - np.sum(w * e * e / s, axis=1, keepdims=True),
        "another array": w - np.sum(w * e / np.sum(c, axis=1, keepdims=True), axis=1),
        "another factor": w - np.sum(2 * w * e / s, axis=1, keepdims=True),
        "another sign": w + np.sum(w * e / s, axis=1, keepdims=True),
        "another weight": w - np.sum(v * e / s, axis=1, keepdims=True),
        "more below": w - np.sum(w * e / (s + 1), axis=1, keepdims=True),
        "a part": w - np.sum(w * e[:, :2] / s, axis=1, keepdims=True),
        "reversed": np.sum((c - c[:, ::-1]) / s, axis=0),
        "no sum": c * e / e - c,
        "rounding": (c + e) - c - e,
        "rounding of a mean": np.sum(e - np.sum(e, axis=1, keepdims=True) / n, axis=1),
    }


@pytest.mark.parametrize("name", lookalikes(np.exp(X), Y, X[0]))
def test_lookalikes_stay(name):
    """The difference is still taken, whatever its operands have become."""
    program = dk.lower(lambda e, c, v: lookalikes(e, c, v)[name], np.exp(X), Y, X[0])
    program = PASSES["dead"](program)
    found = cancellations(program)
    assert not numbers_of(program)
    assert [s.primitive for s in found.steps[-1:]] == [s.primitive for s in program.steps[-1:]]
    arguments = np.exp(X), Y, X[0]
    np.testing.assert_allclose(found(*arguments), program(*arguments), rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("name", ["no sum", "rounding", "rounding of a mean"])
def test_what_measures_rounding_stays(name):
    """Step by step: it is zero only in real arithmetic, and without a reciprocal of a sum."""
    program = dk.lower(lambda e, c, v: lookalikes(e, c, v)[name], np.exp(X), Y, X[0])
    program = PASSES["dead"](program)
    assert str(cancellations(program)) == str(program)


@pytest.mark.parametrize(
    ("f", "steps"),
    [
        (lambda e, c: c - np.sum(c * (e / e.sum())), 1),
        (lambda e, c: np.sum(e / np.sum(e, axis=0), axis=0) - 1, 1),
        (lambda e, c: e * c - e * np.sum(e * c / np.mean(e) / e.size), 1),
        (lambda e, c: c * np.sum(e) ** 2 / np.sum(e) - c * np.sum(e), 1),
        (lambda e, c: np.transpose(e / np.sum(e)).sum() - 1.0, 1),
        (lambda e, c: c * e + (1 - np.sum(e / np.sum(e))) * np.tanh(e), 1),
        (lambda e, c: np.tanh(e) - np.sum(np.sum(e) * e / np.sum(e)) + np.sum(e), 1),
        (lambda e, c: np.exp(c) * np.sum(e / np.sum(e)), 1),
    ],
)
def test_what_cancels_goes(f, steps):
    """To one step that says zero, and to nothing where it was only added."""
    program = PASSES["common"](dk.lower(f, np.exp(X), 0.7))
    found = PASSES["dead"](cancellations(program))
    assert len(found) == steps
    np.testing.assert_allclose(found(np.exp(X), 0.7), program(np.exp(X), 0.7), atol=1e-14)


# -- random programs -------------------------------------------------------------------


def random_differences(seed):
    """Differences made of the same sums and factors, many of which are zero."""
    draw = random.Random(seed)

    def function(e, c, v):
        known = [e, c * e, np.transpose(c) * v[0], e * v]
        found = []
        for _ in range(6):
            x = draw.choice([k for k in known if np.ndim(k) == 2])
            axis, keep = draw.choice([None, 0, 1]), draw.random() < 0.5
            s = np.sum(x, axis=axis, keepdims=keep)
            weight = draw.choice([1.0, 2.5, np.sum(v), np.sum(c) ** 2])
            below = (
                s if draw.random() < 0.7 else np.sum(draw.choice(known), axis=axis, keepdims=keep)
            )
            if axis == 1 and not keep:
                s, below = s[:, None], np.reshape(below, (-1, 1))
            power = draw.choice([1, 1, 1, 2])
            parts = draw.choice([x / below**power * weight, weight * (x * (1 / below))])
            again = np.sum(parts, axis=axis, keepdims=axis == 1 or keep)
            found.append(weight * (s / s if draw.random() < 0.2 else 1.0) - again)
            known.append(x * np.sin(weight) + found[-1])
        return tuple(found)

    return function


@pytest.mark.parametrize("seed", range(40))
def test_whatever_is_called_a_number_is_one_with_fifty_digits(seed):
    """Steps that the pass calls zero are zero by mpmath, and no other difference is.

    So it is with the other numbers that it finds; earlier variables are the next test.
    """
    rng = random.Random(seed)
    e = np.array([[rng.uniform(0.5, 2) for _ in range(4)] for _ in range(4)])
    v = np.array([rng.uniform(0.5, 2) for _ in range(4)])
    program = dk.lower(random_differences(seed), e, e[::-1] * v, v)
    numbers = numbers_of(program)
    witness = Program(program.types, program.steps, [step.name for step in program.steps])
    arguments = dict(zip(program.inputs, (e, e[::-1] * v, v), strict=True))
    exact = dict(zip(witness.outputs, reference_values(witness, arguments), strict=True))
    for name in {*numbers, *program.outputs}:
        values = np.ravel(exact[name])
        assert all(abs(value - numbers.get(name, 0)) < 1e-40 for value in values) == (
            name in numbers
        ), name


@pytest.mark.parametrize("seed", range(40))
def test_the_whole_program_keeps_its_value_with_fifty_digits(seed):
    """Whatever stands for a step, number or variable: mpmath finds the same outputs."""
    rng = random.Random(seed)
    e = np.array([[rng.uniform(0.5, 2) for _ in range(4)] for _ in range(4)])
    v = np.array([rng.uniform(0.5, 2) for _ in range(4)])
    program = dk.lower(random_differences(seed), e, e[::-1] * v, v)
    arguments = dict(zip(program.inputs, (e, e[::-1] * v, v), strict=True))
    found = reference_values(cancellations(program), arguments)
    for mine, wanted in zip(found, reference_values(program, arguments), strict=True):
        assert all(abs(difference) < 1e-40 for difference in np.ravel(mine - wanted))


def test_long_programs_are_searched_near_reciprocals_alone():
    """What is far from any is not looked into, and a total of many sums is no denominator."""
    from diffkit.replay.passes.cancellations import RULES
    from diffkit.replay.passes.reciprocals import around_reciprocals

    def far(x):
        y, total = x / np.sum(np.exp(x)), 0.0
        for _ in range(100):
            y = y * x
        for _ in range(100):
            total = total + np.sum(x)
        return np.sum(y * x / total)

    program = dk.lower(far, X)
    found = around_reciprocals(program, RULES)
    assert 20 < len(found) < 60
    assert not around_reciprocals(dk.lower(lambda x: x / np.sum(np.exp(x)), X), RULES)


def test_numbers_that_would_have_to_be_rounded_are_computed():
    """A third, and 2049 of half precision: what NumPy finds for them stays."""
    half = dk.lower(lambda e: np.sum(2049.0 * (e / np.sum(e))) - e, np.exp(X).astype(np.float16))
    third = dk.lower(lambda e: np.mean(e / np.sum(e, axis=0)) - e, np.exp(X))
    assert not any("broadcast_to" in cancellations(p).count() for p in (half, third))
