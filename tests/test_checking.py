"""The checker names every planted mistake, and blames no right gradient."""

import collections
import json

import numpy as np
import pytest

import diffkit as dk
from diffkit.checking import CAUSES
from diffkit.checking.findings import ADVICE, PAGE
from diffkit.primitives import PRIMITIVES

from .checking_cases import CORRECT, PLANTED, least_squares, net
from .conftest import SEED
from .test_docs import DOCS, anchors


def checked(case, seed=SEED):
    f, x, grad = case.make(np.random.default_rng(seed))
    return dk.gradcheck(f, x, grad, seed=seed)


# -- the planted cases -----------------------------------------------------------------


@pytest.mark.parametrize("case", PLANTED, ids=lambda case: case.name)
def test_planted_mistake_is_named(case):
    """Verdict and cause are those of the table, with numbers drawn from the seed of the run."""
    report = checked(case)

    assert case.met_by(report), report
    assert json.loads(json.dumps(report.to_dict()))["cause"] == case.cause


@pytest.mark.parametrize("case", CORRECT, ids=lambda case: case.name)
def test_right_gradient_is_not_blamed(case):
    """It passes, or is inconclusive for the reason that is true."""
    report = checked(case)

    assert report.verdict != "fail", report
    assert case.met_by(report), report


@pytest.mark.exhaustive
@pytest.mark.parametrize("seed", range(30))
def test_planted_mistakes_are_named_for_other_numbers(seed):
    """The table holds for any seed, not for one that was chosen."""
    missed = [case.name for case in PLANTED + CORRECT if not case.met_by(checked(case, seed))]

    assert not missed


def test_the_table_is_large_enough():
    """Sixty planted cases, two a cause, most with random numbers; fifteen right ones."""
    counts = collections.Counter(case.cause for case in PLANTED)

    assert len(PLANTED) >= 60
    assert set(counts) == set(CAUSES)
    assert min(counts.values()) >= 2
    assert len(CORRECT) >= 15


def test_most_planted_cases_draw_their_numbers():
    """More than half of the points differ from seed to seed."""

    def flat(case, seed):
        f, x, _ = case.make(np.random.default_rng(seed))
        leaves = x.values() if isinstance(x, dict) else [x]
        with np.errstate(all="ignore"):
            return [*np.concatenate([np.ravel(leaf) for leaf in leaves]), float(f(x))]

    drawn = [not np.array_equal(flat(case, 1), flat(case, 2), equal_nan=True) for case in PLANTED]

    assert np.mean(drawn) > 0.5


# -- what the evidence says ---------------------------------------------------------------


def test_factor_is_measured(rng):
    """The factor is that of the user's gradient over the true one."""
    f, x, g = least_squares(rng)
    c = rng.uniform(1.5, 5)

    (finding,) = dk.gradcheck(f, x, lambda w: c * g(w)).findings

    assert finding.evidence["factor"] == pytest.approx(c, rel=1e-9)
    assert finding.evidence["correction"] == pytest.approx(1 / c, rel=1e-9)


def test_length_of_the_data_is_recognised(rng):
    """Who divides by nothing in place of n is told whose length n is."""
    data = rng.normal(size=(37, 3))
    report = dk.gradcheck(
        lambda w: np.mean((data @ w) ** 2), np.ones(3), lambda w: 2 * data.T @ (data @ w)
    )

    assert "37 is len(data)" in report.findings[0].message


def test_coefficient_of_a_missing_penalty_is_measured(rng):
    """r = c*x with c = 2*lambda."""
    f, x, g = least_squares(rng)
    finding = dk.gradcheck(lambda w: f(w) + 0.35 * w @ w, x, g).findings[0]

    assert finding.evidence["coefficient"] == pytest.approx(0.7, rel=1e-8)
    assert finding.evidence["term"] == "x"


def test_permutation_is_the_one_that_mends_it(rng):
    """Entry k of the true gradient is entry permutation[k] of the user's."""
    f, x, g = least_squares(rng, 7)
    shuffled = rng.permutation(7)
    finding = dk.gradcheck(f, x, lambda w: g(w)[shuffled]).findings[0]

    assert finding.cause == "permuted"
    np.testing.assert_allclose(g(x)[shuffled][list(finding.evidence["permutation"])], g(x))


def test_step_of_a_wrong_point_is_measured(rng):
    """A gradient after one step of descent shows the length of the step."""
    f, x, g = least_squares(rng)
    finding = dk.gradcheck(f, x, lambda w: g(w - 0.03 * g(w))).findings[0]

    assert finding.cause == "wrong_point"
    assert finding.evidence["displacement"] == "gradient"
    assert finding.evidence["coefficient"] == pytest.approx(-0.03, rel=1e-5)


def test_place_is_named_as_it_is_indexed(rng):
    """A wrong entry of a dict of matrices is written as Python would index it."""
    f, x, g = net(rng)

    def spoiled(params):
        slopes = g(params)
        slopes["W"][1, 2] += 0.5
        return slopes

    finding = dk.gradcheck(f, x, spoiled).findings[0]

    assert finding.where == ("params['W'][1, 2]",)
    assert finding.evidence["analytic"] - finding.evidence["numeric"] == pytest.approx(0.5)


def test_slopes_of_a_kink_are_measured():
    """relu at 0: 0 and 1."""
    finding = dk.gradcheck(lambda x: np.sum(np.maximum(x, 0)), np.zeros(2), np.zeros_like)
    kink = finding.findings[0]

    assert (kink.evidence["left"], kink.evidence["right"]) == pytest.approx((0, 1))


def test_two_mistakes_in_two_leaves_are_both_named(rng):
    """One finding a leaf, where no single cause fits all."""
    f, x, g = net(rng)
    report = dk.gradcheck(f, x, lambda p: {**g(p), "W": -g(p)["W"], "v": 3 * g(p)["v"]})

    told = {(finding.cause, finding.where) for finding in report.findings}
    assert told == {("sign_flip", ("params['W']",)), ("constant_factor", ("params['v']",))}


@pytest.mark.parametrize("cause", CAUSES)
def test_every_cause_has_advice_and_a_section(cause):
    """Whoever follows the link of a finding arrives."""
    assert ADVICE[cause].endswith(".")
    assert cause in anchors(DOCS / PAGE.removeprefix("docs/"))


# -- diffkit's own rules --------------------------------------------------------------------

# fmt: off
SPOILED = (
    # row,      a function that uses it,                   a point
    ("sin",      lambda x: np.sum(np.sin(x)),               [0.4, 1.3]),
    ("cos",      lambda x: np.sum(np.cos(x)),               [0.4, 1.3]),
    ("tan",      lambda x: np.sum(np.tan(x)),               [0.4, 1.3]),
    ("exp",      lambda x: np.sum(np.exp(x)),               [0.4, 1.3]),
    ("expm1",    lambda x: np.sum(np.expm1(x)),             [0.4, 1.3]),
    ("log",      lambda x: np.sum(np.log(x)),               [0.4, 1.3]),
    ("log1p",    lambda x: np.sum(np.log1p(x)),             [0.4, 1.3]),
    ("sqrt",     lambda x: np.sum(np.sqrt(x)),              [0.4, 1.3]),
    ("tanh",     lambda x: np.sum(np.tanh(x)),              [0.4, 1.3]),
    ("sinh",     lambda x: np.sum(np.sinh(x)),              [0.4, 1.3]),
    ("cosh",     lambda x: np.sum(np.cosh(x)),              [0.4, 1.3]),
    ("arctan",   lambda x: np.sum(np.arctan(x)),            [0.4, 1.3]),
    ("arcsin",   lambda x: np.sum(np.arcsin(x)),            [0.4, 0.7]),
    ("arccos",   lambda x: np.sum(np.arccos(x)),            [0.4, 0.7]),
    ("multiply", lambda x: np.sum(x * np.array([2.0, 3])),  [0.4, 1.3]),
    ("divide",   lambda x: np.sum(x / np.array([2.0, 3])),  [0.4, 1.3]),
    ("power",    lambda x: np.sum(x**2.5),                  [0.4, 1.3]),
    ("square",   lambda x: np.sum(np.square(x)),            [0.4, 1.3]),
    ("logaddexp", lambda x: np.logaddexp(x[0], 2 * x[1]),   [0.4, 1.3]),
    ("hypot",    lambda x: np.hypot(x[0], 2 * x[1]),        [0.4, 1.3]),
    ("arctan2",  lambda x: np.arctan2(x[0], 2 * x[1]),      [0.4, 1.3]),
    ("sum",      lambda x: np.sum(x) ** 2,                  [0.4, 1.3]),
    ("matmul",   lambda x: np.array([[2.0, 1], [3, 5]]) @ x @ x, [0.4, 1.3]),
)
# fmt: on


@pytest.mark.parametrize(("name", "f", "x"), SPOILED, ids=[row[0] for row in SPOILED])
def test_wrong_rule_in_our_own_table_is_found(name, f, x, monkeypatch):
    """With grad=None a row whose cotangents are half too large does not pass; mended, it does."""
    row = PRIMITIVES[name]
    right = row.pull

    def wrong(k, bar, out, values, params):
        slope = right(k, bar, out, values, params)
        return None if slope is None else slope * 1.5

    assert dk.gradcheck(f, np.array(x))
    monkeypatch.setattr(row, "pull", wrong)

    assert dk.gradcheck(f, np.array(x)).verdict == "fail"


# -- other libraries behind a NumPy face ------------------------------------------------------


def test_torch_function_is_checked():
    """A torch model behind NumPy: right, and with a planted sign."""
    torch = pytest.importorskip("torch", reason="torch is not installed")

    def f(x):
        return torch.sum(torch.sin(torch.from_numpy(x)) ** 2).item()

    def g(x):
        t = torch.from_numpy(x).requires_grad_()
        torch.sum(torch.sin(t) ** 2).backward()
        return t.grad.numpy()

    x = np.array([0.3, -1.2, 2.0])
    assert dk.gradcheck(f, x, g).cause == "ok"
    assert dk.gradcheck(f, x, lambda x: -g(x)).cause == "sign_flip"


def test_jax_function_is_checked():
    """JAX computes in float32 by default, and the report says so."""
    jax = pytest.importorskip("jax", reason="jax is not installed")
    jnp = jax.numpy
    f = lambda x: jnp.sum(jnp.tanh(x) ** 2)
    report = dk.gradcheck(f, np.array([0.3, -1.2, 2.0]), jax.grad(f))

    assert report.verdict != "fail"
    assert report.cause == "low_precision"
