"""The V-curve: error against step."""

import math

import numpy as np
import pytest

from diffkit.finite import step_sweep

# -- the V-curve -----------------------------------------------------------------------------


def test_sweep_is_a_v():
    """The best step lies between truncation and rounding, near eps**(1/(order+1))."""
    sweep = step_sweep(np.exp, 1.0, exact=math.e)
    assert 1e-9 < sweep.best["forward"][0] < 1e-7
    assert 1e-7 < sweep.best["central"][0] < 1e-4
    assert sweep.errors["complex"][-1] < 1e-15
    assert sweep.errors["forward"][-1] > 1e-3


def test_sweep_without_exact_agrees():
    """Without the exact slope the adaptive estimate stands in for it."""
    sweep = step_sweep(np.exp, 1.0, schemes=["central"])
    assert abs(sweep.exact - math.e) <= sweep.exact_error < 1e-10


def test_sweep_as_table_dict_and_plot():
    """A sweep prints, converts to plain data and draws itself."""
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("agg")
    sweep = step_sweep(np.sin, 1.0, schemes=["forward", "central"], steps=[0.1, 0.01])
    assert len(str(sweep).splitlines()) == 7
    assert sweep.to_dict()["steps"] == [0.1, 0.01]
    assert "<table>" in sweep._repr_html_()
    axes = sweep.plot()
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["forward", "central"]
    matplotlib.pyplot.close("all")


@pytest.mark.parametrize("f", [np.abs, lambda x: x * np.nan, lambda x: 3.0])
def test_sweeps_without_a_slope_still_draw(f):
    """At a kink, without values and for a constant: a table and a picture, no warnings."""
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("agg")
    sweep = step_sweep(f, 0.0, steps=[0.1, 0.01])
    assert "best h" in str(sweep)
    sweep.plot().figure.canvas.draw()
    matplotlib.pyplot.close("all")


def test_the_judge_of_a_sweep_is_the_complex_step():
    """Without an exact slope it is far better than any real difference: 1 ulp here."""
    assert step_sweep(np.sin, 1.0, steps=[0.1]).exact == pytest.approx(math.cos(1.0), rel=3e-16)
