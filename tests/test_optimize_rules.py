"""Rules: torch's and optax's paths to 1e-12, and the lectures' formulas as they are written."""

import copy
import math

import numpy as np
import pytest

from diffkit import optimize
from diffkit.errors import ArgumentError
from diffkit.optimize import schedules

from .optimizer_cases import KEPT, OPTAX, START, STEPS, TORCH, key, slope, stored, walk

PATHS = stored()
RULES = "GD SGD Momentum Adagrad RMSprop Adadelta Adam AdamW Adamax NAdam".split()


def assert_same_path(points, expected, rtol=1e-12):
    np.testing.assert_allclose(points[list(KEPT)], expected, rtol=rtol, atol=0)


# -- against other libraries --------------------------------------------------------------


@pytest.mark.parametrize(("name", "options"), TORCH, ids=lambda v: str(v))
def test_rule_walks_as_torch_does(name, options):
    """Names, arguments and defaults are torch's, and so are fifty steps, to 1e-12."""
    rule = getattr(optimize, name)(**options)
    assert_same_path(walk(rule), PATHS[key("torch", name, options)])


@pytest.mark.parametrize(("rule", "name", "options"), OPTAX, ids=lambda v: str(v)[:40])
def test_rule_walks_as_optax_does(rule, name, options):
    """Where optax differs from torch (eps under the root, other defaults) it can be had."""
    assert_same_path(walk(rule), PATHS[key("optax", name, options)])


def test_lbfgs_without_line_search_walks_as_torch_does():
    method = optimize.LBFGS(lr=0.5, history_size=100, line_search_fn=None)
    potential = lambda x: 0.0  # the value is not looked at
    result = optimize.minimize(potential, START, method, grad=slope, steps=STEPS, gtol=0)
    points = result.path.x
    reached = [k for k in KEPT if k < len(points)]
    np.testing.assert_allclose(
        points[reached], PATHS["torch LBFGS"][: len(reached)], rtol=1e-9, atol=1e-12
    )
    assert len(reached) >= 5


# -- against the formulas on the slides ------------------------------------------------------


def test_momentum_of_the_slides():
    """vx = rho*vx + dx; x -= lr*vx. And: vx = rho*vx - lr*dx; x += vx."""
    x, y, v, w = START, START, 0.0, 0.0
    for _ in range(STEPS):
        v = 0.9 * v + slope(x)
        x = x - 0.01 * v
        w = 0.9 * w - 0.01 * slope(y)
        y = y + w
    np.testing.assert_allclose(walk(optimize.Momentum(0.01))[-1], x, rtol=1e-12)
    np.testing.assert_allclose(walk(optimize.Momentum(0.01, form="sutskever"))[-1], y, rtol=1e-12)


def test_momentum_as_running_mean():
    """v = w g + (1 - w) v is the torch form with the learning rate times w."""
    mean = walk(optimize.Momentum(0.1, form="ema"))
    np.testing.assert_allclose(mean, walk(optimize.Momentum(0.01)), rtol=1e-9, atol=1e-12)


def test_forms_of_momentum_differ_under_a_schedule():
    """At a constant rate two forms are one; under a schedule they part."""
    fall = schedules.Piecewise({0: 0.02, 10: 0.001})
    torch, sutskever = (walk(optimize.Momentum(fall, form=form)) for form in ("torch", "sutskever"))
    np.testing.assert_allclose(torch[10], sutskever[10], rtol=1e-12)
    assert np.abs(torch[12] - sutskever[12]).max() > 1e-2


def test_nesterov_in_sutskever_form_is_keras():
    """v = mu v - lr g; x += mu v - lr g."""
    x, v = START, 0.0
    for _ in range(STEPS):
        g = slope(x)
        v = 0.9 * v - 0.01 * g
        x = x + 0.9 * v - 0.01 * g
    rule = optimize.Momentum(0.01, form="sutskever", nesterov=True)
    np.testing.assert_allclose(walk(rule)[-1], x, rtol=1e-12)


def test_look_ahead_nesterov():
    """v = a v - lr g(x + a v); x += v; SGD(nesterov=True) walks through the look-ahead points."""
    x, v, seen = START, np.zeros(5), [START]
    for _ in range(STEPS):
        v = 0.9 * v - 0.01 * slope(x + 0.9 * v)
        x = x + v
        seen.append(x + 0.9 * v)
    method = optimize.Nesterov(0.01, momentum=0.9)
    found = optimize.minimize(lambda x: 0.0, START, method, grad=slope, steps=STEPS, gtol=0)
    np.testing.assert_allclose(found.x, x, rtol=1e-12)
    torch = walk(optimize.SGD(0.01, momentum=0.9, nesterov=True))
    np.testing.assert_allclose(torch, seen, rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize("ahead", [0.0, 0.5, 1.0])
def test_look_ahead_by_another_share(ahead):
    """v = a v - lr g(x + ahead v); x += v; with 0 it is plain momentum."""
    x, v = START, np.zeros(5)
    for _ in range(STEPS):
        v = 0.9 * v - 0.01 * slope(x + ahead * v)
        x = x + v
    method = optimize.Nesterov(0.01, momentum=0.9, ahead=ahead)
    found = optimize.minimize(lambda x: 0.0, START, method, grad=slope, steps=STEPS, gtol=0)
    np.testing.assert_allclose(found.x, x, rtol=1e-12)


def test_adagrad_with_one_rate_for_all():
    """x -= eta/sqrt(eps + sum of |g|**2) g."""
    x, total = START, 0.0
    for _ in range(STEPS):
        g = slope(x)
        total += g @ g
        x = x - 0.5 / math.sqrt(1e-8 + total) * g
    rule = optimize.Adagrad(0.5, eps=1e-8, eps_in_sqrt=True, global_norm=True)
    np.testing.assert_allclose(walk(rule)[-1], x, rtol=1e-12)


def test_rmsprop_of_the_slides():
    """grad_squared = rate*grad_squared + (1 - rate)*dx*dx; x -= lr*dx/(sqrt + 1e-7)."""
    x, square = START, 0.0
    for _ in range(STEPS):
        dx = slope(x)
        square = 0.9 * square + 0.1 * dx * dx
        x = x - 0.01 * dx / (np.sqrt(square) + 1e-7)
    np.testing.assert_allclose(walk(optimize.RMSprop(0.01, alpha=0.9, eps=1e-7))[-1], x, rtol=1e-12)


@pytest.mark.parametrize("correction", [True, False, "constant"])
def test_adam_of_the_slides(correction):
    """Almost (no correction), in full, and with 1 - rho in place of 1 - rho**t."""
    x, first, second = START, 0.0, 0.0
    for t in range(1, STEPS + 1):
        dx = slope(x)
        first = 0.9 * first + 0.1 * dx
        second = 0.999 * second + 0.001 * dx * dx
        power = {True: t, False: math.inf, "constant": 1}[correction]
        m, v = first / (1 - 0.9**power), second / (1 - 0.999**power)
        x = x - 0.01 * m / (np.sqrt(v) + 1e-7)
    rule = optimize.Adam(0.01, eps=1e-7, bias_correction=correction)
    np.testing.assert_allclose(walk(rule)[-1], x, rtol=1e-11)


# -- laws of all rules -----------------------------------------------------------------------


@pytest.mark.parametrize("name", RULES)
def test_update_is_pure(name):
    """Neither the gradient, the state nor x change, and the same again gives the same."""
    rule, x, g = getattr(optimize, name)(), START.copy(), slope(START)
    _, state = rule.update(g, rule.init(x), x)
    before = copy.deepcopy(state)
    once, _ = rule.update(g, state, x)
    again, _ = rule.update(g, state, x)
    np.testing.assert_array_equal(once, again)
    np.testing.assert_array_equal(x, START)
    np.testing.assert_array_equal(g, slope(START))
    assert repr(state) == repr(before)


@pytest.mark.parametrize("name", RULES)
def test_step_is_a_new_array(name):
    """The step may be written over without harm to the state."""
    rule, x, g = getattr(optimize, name)(), START, slope(START)
    step, state = rule.update(g, rule.init(x), x)
    step[:] = np.nan
    assert np.all(np.isfinite(rule.update(g, state, x)[0]))


@pytest.mark.parametrize("name", RULES)
def test_schedule_counts_from_zero(name):
    """The first update uses the rate of t = 0, the second that of t = 1."""
    make = getattr(optimize, name)
    seen = []
    rule = make(lr=lambda t: seen.append(t) or 0.01)
    walk(rule, steps=3)
    assert sorted(set(seen)) == [0, 1, 2]
    np.testing.assert_array_equal(walk(rule, 3), walk(make(lr=0.01), 3))


@pytest.mark.parametrize("name", ["Adagrad", "RMSprop", "Adam", "Adamax", "NAdam"])
def test_no_gradient_means_no_step(name):
    """With eps = 0 and a coordinate without gradient 0/0 is 0, not nan."""
    rule, x = getattr(optimize, name)(lr=0.1, eps=0.0), np.ones(2)
    with np.errstate(all="ignore"):
        step, _ = rule.update(np.array([1.0, 0.0]), rule.init(x), x)
    assert step[1] == 0
    assert step[0] < 0


@pytest.mark.parametrize("name", RULES)
def test_float32_stays_float32(name):
    x = START.astype(np.float32)
    rule = getattr(optimize, name)()
    step, state = rule.update(x, rule.init(x), x)
    assert step.dtype == rule.update(x, state, x)[0].dtype == np.float32


# -- chains ----------------------------------------------------------------------------------


def test_weight_decay_in_a_chain_is_that_of_the_rule():
    """decay_l2 before SGD is its weight_decay; AdamW decays apart from Adam."""
    chained = optimize.chain(optimize.decay_l2(0.1), optimize.SGD(0.01, momentum=0.9))
    plain = optimize.SGD(0.01, momentum=0.9, weight_decay=0.1)
    np.testing.assert_allclose(walk(chained), walk(plain), rtol=1e-12)
    apart = walk(optimize.AdamW(0.01, weight_decay=0.1))
    assert np.abs(apart - walk(optimize.Adam(0.01, weight_decay=0.1))).max() > 1e-3


def test_transforms():
    g, x = np.array([3.0, -4.0]), np.array([1.0, -2.0])
    cases = {
        optimize.clip_norm(1.0): [0.6, -0.8],
        optimize.clip_norm(10.0): [3.0, -4.0],
        optimize.clip_value(3.5): [3.0, -3.5],
        optimize.decay_l1(0.5): [3.5, -4.5],
        optimize.decay_l2(0.5): [3.5, -5.0],
    }
    for transform, expected in cases.items():
        np.testing.assert_allclose(transform.update(g, None, x)[0], expected)


def test_clipping_after_the_rule_clips_the_step():
    rule = optimize.chain(optimize.SGD(lr=10.0), optimize.clip_norm(0.5))
    step, _ = rule.update(np.array([3.0, 4.0]), rule.init(START), START)
    np.testing.assert_allclose(step, [-0.3, -0.4])


@pytest.mark.parametrize("parts", [[], ["clip"], ["sgd", "adam"], ["text"]])
def test_a_chain_has_one_rule(parts):
    """None gives no learning rate, two give two."""
    known = {"clip": optimize.clip_norm(1.0), "sgd": optimize.SGD(), "adam": optimize.Adam()}
    with pytest.raises(ArgumentError):
        optimize.chain(*[known.get(part, part) for part in parts])


# -- bad input -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize("lr", [0, -0.1, math.nan, math.inf, "0.1", None, True])
def test_learning_rate_must_be_positive(name, lr):
    with pytest.raises(ArgumentError, match="learning rate"):
        getattr(optimize, name)(lr=lr)


def test_lr_and_schedule_together():
    """There is one place for the rate: lr takes a number or a schedule."""
    with pytest.raises(ArgumentError, match=r"lr \(a number or a schedule\)"):
        optimize.Adam(lr=0.1, schedule=schedules.Constant(0.1))
    with pytest.raises(ArgumentError, match="has its parameters already"):
        optimize.minimize("x^2", {"x": 1.0}, optimize.SGD(lr=0.1), lr=schedules.Constant(0.1))


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("SGD", {"momentum": 1.0}),
        ("SGD", {"nesterov": True}),
        ("SGD", {"momentum": 0.9, "dampening": 0.5, "nesterov": True}),
        ("SGD", {"momentum": 0.9, "form": "other"}),
        ("SGD", {"momentum": 0.9, "form": "ema", "dampening": 0.1}),
        ("SGD", {"weight_decay": -1}),
        ("Adam", {"betas": (0.9, 1.0)}),
        ("Adam", {"betas": 0.9}),
        ("Adam", {"bias_correction": "sometimes"}),
        ("Adam", {"beta1": 0.9}),
        ("RMSprop", {"alpha": 1.5}),
        ("Adadelta", {"rho": -0.1}),
        ("Adagrad", {"eps": -1e-8}),
    ],
)
def test_parameters_are_checked(name, options):
    """The message names the class."""
    with pytest.raises(ArgumentError):
        getattr(optimize, name)(**options)


def test_schedule_with_a_bad_value():
    rule = optimize.SGD(lr=lambda t: -1.0)
    with pytest.raises(ArgumentError, match=r"gives the learning rate -1\.0 at t=0"):
        walk(rule, 1)


# -- schedules -------------------------------------------------------------------------------


@pytest.mark.parametrize("t", [0, 1, 7, 50, 99])
def test_schedules_are_their_formulas(t):
    """The formulas of the slides, with t = 0 at the first update."""
    assert schedules.Constant(0.1)(t) == 0.1
    assert schedules.Exponential(0.1, 0.05)(t) == pytest.approx(0.1 * math.exp(-0.05 * t))
    assert schedules.InverseSqrt(0.1)(t) == pytest.approx(0.1 / math.sqrt(t + 1))
    cosine = 0.01 + 0.09 * (1 + math.cos(math.pi * t / 100)) / 2
    assert schedules.Cosine(0.1, 100, final=0.01)(t) == pytest.approx(cosine)
    assert schedules.Piecewise({0: 1.0, 7: 2.0, 50: 3.0})(t) == 1 + (t >= 7) + (t >= 50)


def test_warmup_reaches_its_peak_and_goes_on():
    rates = [schedules.Warmup(5, schedules.Exponential(1.0, 1.0))(t) for t in range(7)]
    np.testing.assert_allclose(rates, [0.2, 0.4, 0.6, 0.8, 1.0, 1.0, math.exp(-1)])


@pytest.mark.parametrize(
    "make",
    [
        lambda: schedules.Constant(0),
        lambda: schedules.Piecewise({}),
        lambda: schedules.Piecewise({5: 0.1}),
        lambda: schedules.Piecewise({0: 0.1, 5: -0.1}),
        lambda: schedules.Cosine(0.1, steps=0),
        lambda: schedules.Cosine(0.1, steps=10, final=-1),
        lambda: schedules.Warmup(0, 0.1),
        lambda: schedules.InverseSqrt(-1),
    ],
)
def test_schedules_are_checked(make):
    with pytest.raises(ArgumentError):
        make()
