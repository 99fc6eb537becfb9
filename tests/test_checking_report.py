"""The report of a check: text, HTML, JSON, picture."""

import json
import re

import numpy as np
import pytest

import diffkit as dk

from .checking_cases import net

# -- the report -------------------------------------------------------------------------------


@pytest.fixture
def failed(rng):
    f, x, g = net(rng)
    return dk.gradcheck(f, x, lambda p: {**g(p), "b": -g(p)["b"]}, seed=3)


def test_report_puts_the_diagnosis_first(failed):
    """Verdict, finding, worst entries; the sizes of the check last."""
    lines = str(failed).splitlines()

    assert lines[0] == "fail: sign_flip"
    assert lines[1].startswith("sign_flip: the gradient by params['b'] has the wrong sign")
    assert re.match(r"where +analytic +numeric +\+- +ratio +verdict", lines[4])
    assert all(line.endswith("wrong") for line in lines[6:10])
    assert "seed 3" in lines[-1]


def test_report_is_false_unless_it_passes(failed, rng):
    """bool() is for assert."""
    f, x, g = net(rng)

    assert not failed
    assert dk.gradcheck(f, x, g)


def test_report_as_json(failed):
    """Plain values, whatever was found."""
    plain = json.loads(json.dumps(failed.to_dict()))

    assert plain["cause"] == "sign_flip"
    assert plain["findings"][0]["where"] == ["params['b']"]


def test_report_as_html_is_escaped():
    """A name with markup in it does no harm."""
    x = {"<b>": np.ones(2)}
    html = dk.gradcheck(lambda p: np.sum(p["<b>"]), x, lambda p: {"<b>": -np.ones(2)})._repr_html_()

    assert "sign_flip" in html
    assert "&lt;b&gt;" in html
    assert "['<b>']" not in html


def test_report_plots(failed):
    """Two pictures: numeric against analytic, error against step."""
    import matplotlib

    matplotlib.use("Agg")
    scatter, curve = failed.plot()

    assert scatter.get_xlabel() == "analytic"
    assert curve.get_xscale() == "log"
    matplotlib.pyplot.close("all")


def test_analytic_and_numeric_have_the_structure_of_x(failed, rng):
    """And the numeric one is right within its error."""
    f, x, _ = net(rng)

    for name, slope in dk.grad(f)(failed.problem.nest).items():
        assert failed.analytic[name].shape == failed.numeric[name].shape == slope.shape
    assert set(failed.error) == set(x)
