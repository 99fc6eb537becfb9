"""Tapes, Programs and their two transformations."""

import gc
import pickle
import sys

import numpy as np
import pytest

import diffkit as dk
from diffkit.core.program import Program, Step
from diffkit.core.sweeps import recorded
from diffkit.core.tracing import abstract
from diffkit.errors import (
    ArgumentError,
    BranchChanged,
    NotDifferentiable,
    ProgramError,
    ShapeError,
)
from diffkit.primitives import PRIMITIVES
from tests.benchmarks.cases import CASES, LIMIT, operation_ratio

SCALAR = abstract((), np.dtype(float))
ADD = PRIMITIVES["add"]
SIGMOID = "z = w*x + b; y = 1/(1+exp(-z)); L = (y-t)**2/2"


# -- the checker -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("steps", "outputs", "message"),
    [
        ([Step("x", ADD, (1.0, 2.0), {}, SCALAR)], ["x"], "bound twice"),
        ([Step("y", ADD, ("q", 1.0), {}, SCALAR)], ["y"], "used before"),
        ([Step("y", ADD, ("y", 1.0), {}, SCALAR)], ["y"], "used before"),
        ([Step("y", ADD, ("x", 1.0), {}, SCALAR)], ["z"], "never bound"),
        ([], [], "at least one output"),
    ],
)
def test_a_program_must_be_in_ssa_form(steps, outputs, message):
    """Bound once, used after binding, outputs bound: anything else is refused."""
    with pytest.raises(ProgramError, match=message):
        Program({"x": SCALAR}, steps, outputs)


# -- evaluation --------------------------------------------------------------------------


def test_calls_by_position_and_by_name():
    """Inputs are given by position, by name, or mixed; each once."""
    p = dk.lower("a - 2*b")

    assert p(5, 1) == p(5, b=1) == p(b=1, a=5) == 3
    with pytest.raises(ArgumentError, match="by position and by name"):
        p(5, a=1)
    with pytest.raises(ArgumentError, match="3 positional"):
        p(1, 2, 3)
    with pytest.raises(ArgumentError, match="a str"):
        p("5", 1)


def test_structured_arguments():
    """A Program of a function takes the arguments of the function."""

    def f(params, x):
        return params["w"] * x + params["b"][0], x

    params = {"w": 2.0, "b": [1.0]}
    p = dk.lower(f, params, 3.0)

    assert p.inputs == ("params_w", "params_b_0", "x")
    assert p(params, 3.0) == (7, 3)
    assert p(params_w=2.0, params_b_0=1.0, x=3.0) == (7, 3)


def test_shapes_are_those_recorded():
    """Another shape than the recorded one is an error, never a broadcast."""
    p = dk.lower("sum(x*x)", x=np.ones(3))

    assert p(np.arange(3)) == 5
    with pytest.raises(ShapeError, match=r"x has shape \(4,\).*recorded for \(3,\)"):
        p(np.ones(4))
    with pytest.raises(ShapeError, match=r"shape \(\)"):
        p(2.0)


def test_a_branch_is_guarded():
    """A replay that would take another branch raises; the derivative carries the guard."""

    def relu(x):
        return x * x if x > 0 else 0 * x

    p = dk.lower(relu, 3.0)

    assert p(2.0) == 4
    assert p.adjoint()(2.0) == 4
    for program in (p, p.adjoint(), p.tangent(), p.adjoint().adjoint()):
        with pytest.raises(BranchChanged, match="branch"):
            program(-1.0)


def test_ieee_results():
    """Division by zero and overflow give inf and nan as NumPy does, never an exception."""
    with np.errstate(all="ignore"):
        assert dk.lower("1/x")(0) == np.inf
        assert dk.lower("x**0.5")(0).item() == 0
        assert np.isnan(dk.lower("x**0.5")(-1))
        assert dk.lower("exp(x)")(1000) == np.inf
        assert dk.grad(lambda x: x**0.5)(0.0) == np.inf
        assert dk.grad(lambda x: 1 / x)(0.0) == -np.inf


def test_captured_arrays_are_copied():
    """An array changed in place after it was used does not change the derivative."""
    c = np.ones(3)

    def f(x):
        y = x * c
        c[:] = 5
        return np.sum(y)

    np.testing.assert_array_equal(dk.grad(f)(np.ones(3)), np.ones(3))
    c[:] = 1
    p = dk.lower(lambda x: np.sum(x * c), np.ones(3))
    c[:] = 7
    assert p(np.ones(3)) == 3


# -- printing and looking ------------------------------------------------------------------


def test_printing():
    """str is the listing, repr has a headline, long Programs are cut in repr only."""
    p = dk.lower("y = x", x=np.ones((2, 3)))
    assert str(p) == "y = x"
    assert repr(p) == "Program (x[2, 3]) -> y, 1 step\n    y = x"

    long = dk.lower("\n".join(["y = x"] + ["y = y + 1"] * 100))
    assert len(str(long).splitlines()) == 101
    assert "61 more steps" in repr(long)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("x*(-2)", "t1 = x*(-2)"),
        ("(-2.5)**x", "t1 = (-2.5)**x"),
        ("x@x", "t1 = x @ x"),
        ("sum(x)", "t1 = sum(x)"),
        ("x[1:]", "t1 = x[1:]"),
        ("x > 1", "t1 = x > 1"),
        ("abs(x)", "t1 = abs(x)"),
        ("x + [1, 2, 3]", "t1 = x + [1.0, 2.0, 3.0]"),
    ],
)
def test_how_steps_print(text, line):
    """Steps print as one would write them."""
    x = np.ones(3) if text not in ("x*(-2)", "(-2.5)**x") else 1.0
    assert str(dk.lower(text, x=x)) == line


def test_count():
    """count says how often each primitive occurs."""
    assert dk.lower(SIGMOID).count() == {
        "multiply": 1, "add": 2, "negative": 1, "exp": 1, "divide": 2, "subtract": 1, "power": 1,
    }  # fmt: skip


# -- derivatives as Programs -----------------------------------------------------------------


def test_adjoint_listing():
    """Forward steps once, then the backward steps under the names of the lecture."""
    adjoint = dk.lower(SIGMOID).adjoint("w")
    lines = str(adjoint).splitlines()

    assert lines[:9] == str(dk.lower(SIGMOID)).splitlines()
    names = [step.name for step in adjoint.steps[9:]]
    assert {"y_bar", "z_bar", "w_bar"} <= set(names)
    assert adjoint.outputs == ("w_bar",)
    assert not any(step.primitive.name == "exp" for step in adjoint.steps[9:])


def test_softplus_adjoint_has_eight_steps():
    """Five operations forward and three backward for d/dw log(1 + exp(w x + b))."""
    assert len(dk.lower("log(1 + exp(w*x + b))").adjoint("w")) == 8


def test_adjoint_and_tangent_agree(rng):
    """For random programs x_dot . adjoint = tangent along x_dot."""
    text = "sum(tanh(A @ x) * exp(-x)) / (1 + norm(x))"
    p = dk.lower(text, A=np.ones((3, 3)), x=np.ones(3))
    A, x, x_dot = rng.normal(size=(3, 3)), rng.normal(size=3), rng.normal(size=3)

    along = p.tangent("x")(A=A, x=x, x_dot=x_dot)

    assert p.adjoint("x")(A=A, x=x) @ x_dot == pytest.approx(along, rel=1e-13)


def test_adjoint_of_many_outputs_takes_seeds():
    """Outputs that are not one scalar bring an input each: their cotangents."""
    p = dk.lower(lambda x: (x * x, np.sum(x)), np.arange(3.0))
    adjoint = p.adjoint()

    assert adjoint.inputs[1:] == tuple(f"{name}_bar" for name in p.outputs)
    found = adjoint(np.arange(3.0), np.array([1.0, 0, 2]), 10.0)
    np.testing.assert_array_equal(found, 2 * np.arange(3) * [1, 0, 2] + 10)


def test_adjoint_of_an_unused_input_is_zero():
    """An input that nothing depends on gets zeros of its shape."""
    p = dk.lower("sum(x) + 0*y", x=np.ones(2), y=1.0)
    q = dk.lower(lambda x, y: np.sum(x), np.ones(2), np.ones((2, 2)))

    assert p.adjoint("y")(np.ones(2), 3.0) == 0
    np.testing.assert_array_equal(q.adjoint("y")(np.ones(2), np.ones((2, 2))), np.zeros((2, 2)))


def test_third_derivative_by_three_adjoints():
    """x^5 differentiated three times is 60 x^2."""
    p = dk.lower("x^5")
    assert p.adjoint().adjoint().adjoint()(2.0) == 240
    assert p.tangent().tangent().tangent()(2.0) == 240
    assert p.adjoint().tangent()(2.0) == 160


def test_wrong_wrt():
    """Differentiating by a name that is not an input says which there are."""
    with pytest.raises(ArgumentError, match="'q' is not an input; the inputs are x"):
        dk.lower("x*x").adjoint("q")
    with pytest.raises(NotDifferentiable, match="the input m is bool"):
        Program({"m": abstract((), np.dtype(bool))}, [], ["m"]).adjoint("m")


def test_an_adjoint_holds_for_every_point(rng):
    """It is recorded without values: made once, right everywhere, ties and zeros included."""
    adjoint = dk.lower("max(v) + norm(v)", v=np.ones(3)).adjoint()
    for v in (rng.normal(size=3), np.array([1.0, 2.0, 2.0]), np.zeros(3)):
        slope = dk.grad(lambda v: np.max(v) + np.linalg.norm(v))(v)
        np.testing.assert_allclose(adjoint(v), slope, rtol=1e-15)


# -- a million steps ---------------------------------------------------------------------------

MILLION = 1_000_000


def chain(x):
    for _ in range(MILLION):
        x = x * 1.0000001
    return x


@pytest.fixture(scope="module")
def long_program():
    return dk.lower(chain, 1.0)


def test_long_recording_and_gradient():
    """A million steps are recorded, differentiated and freed without recursion."""
    limit = sys.getrecursionlimit()
    slope = dk.grad(chain)(1.0)

    assert slope == pytest.approx(1.0000001**MILLION, rel=1e-9)
    assert sys.getrecursionlimit() == limit
    tape, _ = recorded(chain, [np.float64(1.0)])
    assert len(tape.records) == MILLION + 1
    del tape
    gc.collect()


def test_long_program(long_program):
    """Replay, printing, checking and counting of a million steps are linear."""
    assert len(long_program) == MILLION
    assert long_program(1.0) == pytest.approx(1.0000001**MILLION, rel=1e-9)
    assert str(long_program).count("\n") == MILLION - 1
    assert long_program.count() == {"multiply": MILLION}


def test_long_program_survives_pickling(long_program):
    """Pickling neither recurses nor loses anything."""
    again = pickle.loads(pickle.dumps(long_program))

    assert again(1.0) == long_program(1.0)
    assert again.steps[-1] == long_program.steps[-1]


def test_long_adjoint():
    """The adjoint of a long chain is found without recursion, and is twice as long."""
    steps = 60_000
    adjoint = dk.lower("\n".join(["y = x"] + ["y = y*1.0000001"] * steps)).adjoint()

    assert len(adjoint) <= 2 * steps + 2
    assert adjoint(1.0) == pytest.approx(1.0000001**steps, rel=1e-9)


def test_pickling_keeps_everything():
    """Arrays, indices, branches and structure survive."""

    def f(params, x):
        h = np.tanh(x @ params["W"])[:, 1:]
        return np.sum(h) if np.sum(x) > 0 else 0.0

    params, x = {"W": np.ones((2, 3))}, np.ones((4, 2))
    p = pickle.loads(pickle.dumps(dk.lower(f, params, x)))

    assert p(params, x) == f(params, x)
    assert repr(p) == repr(dk.lower(f, params, x))


# -- the cheap gradient principle --------------------------------------------------------------


@pytest.mark.parametrize("name", CASES)
def test_the_adjoint_is_at_most_five_times_as_long(name):
    """A gradient costs at most five times the operations of the function."""
    for case in CASES[name]:
        assert operation_ratio(case()) <= LIMIT
