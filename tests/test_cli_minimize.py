"""diffkit minimize, called as a user does."""

import json

import numpy as np
import pytest

from diffkit.cli import main

VALLEY = "(1 - x)^2 + 100*(y - x^2)^2"


def run(capsys, *arguments):
    status = main(["minimize", *arguments])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def test_minimize(capsys):
    """The message first, then the facts; status 0 where it converged."""
    status, out, err = run(capsys, VALLEY, "--start", "x=-1.2", "y=1", "--method", "bfgs")
    assert (status, err) == (0, "")
    assert out.startswith("CONVERGED: |g| = ")
    assert "x=1 y=1" in out


@pytest.mark.parametrize("method", ["bfgs", "newton", "scipy:BFGS"])
@pytest.mark.parametrize("way", ["reverse", "symbolic", "finite"])
def test_json(capsys, way, method):
    status, out, _ = run(
        capsys, VALLEY, "--start", "x=-1.2", "y=1", "--json", "--grad", way, "--method", method
    )
    found = json.loads(out)
    assert status == 0
    assert found["x"] == {"x": pytest.approx(1, abs=1e-4), "y": pytest.approx(1, abs=1e-4)}
    assert found["success"] is True
    assert found["status"] == "CONVERGED"
    assert found["gnorm"] <= 1e-6


def test_parameters_of_the_method_and_the_path(capsys):
    """--set gives them; --path prints the steps; status 1 where it did not converge."""
    arguments = ["x^2", "--start", "x=1", "--method", "gd", "--set", "lr=100"]
    status, out, _ = run(capsys, *arguments, "--path")
    assert status == 1
    assert out.startswith("DIVERGED: |g| grew 199x a step")
    assert "39601" in out
    path = json.loads(run(capsys, *arguments, "--path", "--json")[1])["path"]
    np.testing.assert_allclose(path["x"]["x"], (-199.0) ** np.arange(6))
    assert path["lr"] == ["nan", 100, 100, 100, 100, 100]


def test_steps_and_tolerance(capsys):
    arguments = ["x^2", "--start", "x=1", "--method", "gd", "--json"]
    assert json.loads(run(capsys, *arguments, "--steps", "3")[1])["nit"] == 3
    loose = json.loads(run(capsys, *arguments, "--gtol", "0.5")[1])
    assert loose["success"]
    assert loose["nit"] == 7  # 2 * 0.8**k <= 0.5


def test_arrays_and_functions(capsys, tmp_path, monkeypatch):
    """A list or a file for an array, module:function for the function."""
    np.save(tmp_path / "x.npy", np.array([3.0, 4.0]))
    (tmp_path / "model_of_the_test.py").write_text(
        "def loss(w, b):\n    return w @ w + (b - 1)**2\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    start = ["--start", f"w={tmp_path}/x.npy", "b=0"]
    found = json.loads(run(capsys, "model_of_the_test:loss", *start, "--json")[1])
    assert found["x"]["w"] == [pytest.approx(0, abs=1e-6)] * 2
    assert found["x"]["b"] == pytest.approx(1)
    status, _, err = run(capsys, "model_of_the_test:loss", "--start", "v=1")
    assert status == 2
    assert "--start does not fit loss" in err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["x^2", "--start", "x=1", "--method", "foo"], "there is no method 'foo'; there are gd,"),
        (["x^2", "--start", "x=nan"], "not finite"),
        (["x^2", "--start", "y=1"], "superfluous y"),
        (["x*y", "--start", "x=1"], "y"),
        (["x^2", "--start", "x"], "--start takes NAME=VALUE"),
        (["x^2", "--start", "x=one"], "--start x=one: give a number"),
        (["x^2", "--start", "x=1", "x=2"], "--start gives x twice"),
        (["x^2", "--start", "x=1", "--set", "lr=0.1"], "BFGS has no 'lr'; it has no parameters"),
        (["x^2", "--start", "x=1", "--method", "gd", "--set", "lr=0"], "must be a positive number"),
        (["x^2", "--start", "x=1", "--steps", "-1"], "steps must be a count"),
        (["x^2", "--start", "x=1", "--gtol", "-1"], "gtol"),
        (["x^2", "--start", "x=[1,2]"], "one number"),
        (["import os", "--start", "x=1"], "ExpressionError"),
    ],
)
def test_bad_input(capsys, arguments, words):
    """Status 2 and one line."""
    status, out, err = run(capsys, *arguments)
    assert (status, out) == (2, "")
    assert words in err
    assert "Traceback" not in err
