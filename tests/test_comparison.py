"""The report of the three ways, and who is right."""

import json

import numpy as np
import pytest

import diffkit as dk
from diffkit.core.program import Program, Step
from diffkit.errors import ArgumentError, NonScalarOutput, ShapeError
from diffkit.primitives import rules
from diffkit.primitives.arithmetic import multiply

POINT = {"w": 2, "x": -1, "b": 0.5}
SOFTPLUS = "log(1 + exp(w*x + b))"


@pytest.fixture(scope="module")
def softplus():
    return dk.compare(SOFTPLUS, POINT)


def test_attributes(softplus):
    """What others rely on is there."""
    sigma = 1 / (1 + np.exp(1.5))

    assert softplus.ways == ("finite", "symbolic", "reverse")
    assert softplus.value == pytest.approx(np.log1p(np.exp(-1.5)), rel=1e-15)
    for way in softplus.ways:
        assert softplus.gradients[way]["w"] == pytest.approx(-sigma, rel=1e-12)
        assert softplus.error[way]["w"] < 1e-12
    assert softplus.error["reverse"]["w"] < 1e-15
    assert softplus.reference["w"] == pytest.approx(-sigma, rel=1e-15)
    assert softplus.agree
    assert str(softplus.program).startswith("t1 = w*x")


def test_the_report_in_text(softplus):
    """A headline, a row for each way and input, work and time, and the verdict."""
    text = str(softplus)
    assert text == repr(softplus)
    assert "t5 = 0.201413 at w=2 x=-1 b=0.5" in text
    assert sum(line.startswith("d/d") for line in text.splitlines()) == 9
    assert "evaluations" in text
    assert "operations" in text
    assert "The ways agree." in text
    assert "mpmath with 50 digits" in text


def test_the_report_in_html_and_json():
    """HTML is escaped, the dict is plain JSON."""
    result = dk.compare("x*x", {"x": 2})
    assert result._repr_html_().count("<table>") == 2
    again = json.loads(json.dumps(result.to_dict()))
    assert again["ways"]["reverse"]["gradients"]["x"] == 4
    assert again["reference"]["x"] == 4
    assert again["program"] == ["t1 = x*x"]


def test_wrt_selects_inputs():
    result = dk.compare(SOFTPLUS, POINT, wrt="w")
    assert list(result.gradients["reverse"]) == list(result.reference) == ["w"]
    assert list(dk.compare(SOFTPLUS, POINT, wrt=("b", "w")).reference) == ["b", "w"]


def test_functions_with_nests():
    """A NumPy function with dicts of parameters is compared leaf by leaf."""

    def loss(p, x):
        return np.mean(np.tanh(x @ p["W"] + p["b"]) ** 2)

    at = {"p": {"W": np.ones((2, 2)) / 3, "b": np.zeros(2)}, "x": np.ones((3, 2)) / 5}
    result = dk.compare(loss, at, wrt=("p_W", "p_b"))

    assert result.agree
    assert result.gradients["symbolic"]["p_W"].shape == (2, 2)
    assert dk.compare(loss, tuple(at.values()), wrt="p_b").agree


def test_true_errors_are_measured():
    """A cancelling expression: each way's error in ulps is the one mpmath finds."""
    result = dk.compare("(exp(x) - 1) / x", {"x": 1e-6})
    with np.errstate(all="ignore"):
        exact = 0.5 + 1e-6 / 3 + 1e-12 / 8  # the series of (x e^x - e^x + 1)/x^2
    assert result.reference["x"] == pytest.approx(exact, rel=1e-10)
    assert result.error["reverse"]["x"] > 1e-8


def test_a_wrong_way_is_named():
    """A planted wrong rule is found: the report says which way, where, by how much."""
    wrong = rules.row(
        "planted", np.sin, [lambda y, x: 1.001 * dk.primitives.elementwise.cos(x)], "sin"
    )
    try:
        scalar = dk.lower("x").types["x"]
        program = Program({"x": scalar}, [Step("y", wrong, ("x",), {}, scalar)], ["y"])
        result = dk.compare(program, {"x": 1.0})
    finally:
        del rules.PRIMITIVES["planted"]

    assert not result.agree
    assert any("disagrees by x" in line for line in result.disagreements)
    assert "disagrees" in str(result)


def test_too_large_for_the_reference(rng):
    """Beyond the limits the report says what the reference is, and what SymPy said."""
    x = rng.normal(size=1000)
    result = dk.compare("sum(tanh(x)**2 + 0*x)", {"x": x}, budget=1)
    assert result.agree
    assert "at most 100" in result.results["symbolic"].status
    assert result.gradients["symbolic"] == {}

    big = dk.compare(lambda A: np.sum(A @ A), {"A": rng.normal(size=(4, 4))}, budget=1)
    assert "50 digits" in big.reference_source


def test_bad_input():
    """Vector outputs, wrong points and missing values are refused with the way on."""
    with pytest.raises(NonScalarOutput, match=r"shape \(3,\).*sum\("):
        dk.compare("2*x", {"x": np.ones(3)})
    with pytest.raises(NonScalarOutput, match="one output"):
        dk.compare(lambda x: (x, x * x), {"x": 1.0})
    with pytest.raises(ArgumentError, match="missing y"):
        dk.compare("x*y", {"x": 1})
    with pytest.raises(ArgumentError, match="give a dict"):
        dk.compare("x*y", 3)
    with pytest.raises(ArgumentError, match="nothing to differentiate"):
        dk.compare("3", {})
    with pytest.raises(ArgumentError, match="'q' is not an input"):
        dk.compare("x", {"x": 1}, wrt="q")
    with pytest.raises(ShapeError):
        dk.compare("x*y", {"x": np.ones(2), "y": np.ones(3)})


def test_outside_the_domain_is_said():
    """Where the value is nan the report says so instead of comparing digits."""
    with np.errstate(all="ignore"):
        result = dk.compare("log(x)", {"x": -1.0})
    assert "not finite" in str(result)


def test_constant_exponents_and_counts():
    """Work is reported as evaluations for finite differences, else as operations."""
    result = dk.compare("x**3", {"x": 2})
    assert result.results["reverse"].work == "3 operations"
    assert "evaluations" in result.results["finite"].work
    assert multiply.name == "multiply"
