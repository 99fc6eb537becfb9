"""The command line, called as a user does."""

import json
import subprocess
import sys

import numpy as np
import pytest

from diffkit.cli import main

SOFTPLUS = "log(1 + exp(w*x + b))"
POINT = ["--at", "w=2", "x=-1", "b=0.5"]


def run(capsys, *arguments):
    status = main(arguments)
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def test_compare(capsys):
    """The README's main job prints the table and ends with status 0."""
    status, out, _ = run(capsys, "compare", SOFTPLUS, *POINT)
    assert status == 0
    assert "The ways agree." in out
    assert out.count("d/dw") == 3


def test_compare_json(capsys):
    status, out, _ = run(capsys, "compare", SOFTPLUS, *POINT, "--json", "--wrt", "w")
    found = json.loads(out)
    assert status == 0
    assert found["ways"]["symbolic"]["gradients"]["w"] == pytest.approx(-0.18242552380635635)


def test_lower(capsys):
    """lower prints the listing; --adjoint and --tangent its derivatives."""
    assert run(capsys, "lower", "z = w*x + b")[1] == "t1 = w*x\nz = t1 + b\n"
    assert "z_bar" in run(capsys, "lower", "z = w*x; y = sin(z)", "--adjoint")[1]
    assert "y_dot" in run(capsys, "lower", "y = sin(x)", "--tangent")[1]
    found = json.loads(run(capsys, "lower", "sum(x)", "--at", "x=[1,2]", "--json")[1])
    assert found == {
        "inputs": ["x"], "steps": ["t1 = sum(x)"], "outputs": ["t1"], "count": {"sum": 1}
    }  # fmt: skip


def test_grad(capsys):
    status, out, _ = run(capsys, "grad", "sum(x**2)*y", "--at", "x=[1,2]", "y=3", "--json")
    assert status == 0
    assert json.loads(out) == {"value": 15, "gradients": {"x": [6, 12], "y": 5}}
    assert "d/dy" in run(capsys, "grad", "x*y", "--at", "x=1", "y=3", "--wrt", "y")[1]


def test_values_from_files(capsys, tmp_path):
    """--at reads .npy and the arrays of .npz files."""
    np.save(tmp_path / "x.npy", np.array([1.0, 2.0]))
    np.savez(tmp_path / "d.npz", y=np.array([3.0, 4.0]))
    at = ["--at", f"x={tmp_path}/x.npy", f"y={tmp_path}/d.npz:y"]
    _, out, _ = run(capsys, "grad", "x @ y", *at, "--json")
    assert json.loads(out)["gradients"] == {"x": [3, 4], "y": [1, 2]}

    status, _, err = run(capsys, "grad", "x", "--at", f"x={tmp_path}/d.npz:q")
    assert status == 2
    assert "has no array 'q'; it has y" in err
    (tmp_path / "bad.npy").write_text("no array")
    assert "not a NumPy file" in run(capsys, "grad", "x", "--at", f"x={tmp_path}/bad.npy")[2]
    assert "No such file" in run(capsys, "grad", "x", "--at", "x=missing.npy")[2]


def test_functions_of_modules(capsys, tmp_path, monkeypatch):
    """module:function finds modules in the current directory."""
    (tmp_path / "my_model.py").write_text(
        "import numpy as np\ndef loss(w):\n    z = w * w\n    return np.sum(z)\n"
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    assert "z = w*w" in run(capsys, "lower", "my_model:loss", "--at", "w=[1,2]")[1]
    assert run(capsys, "grad", "my_model:nothing")[0] == 2
    assert "No module named" in run(capsys, "grad", "no_such_module:f")[2]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["compare", "sine(x)", "--at", "x=1"], "did you mean sin"),
        (["compare", "x*y", "--at", "x=1"], "missing y"),
        (["compare", "x", "--at", "x=1", "x=2"], "x twice"),
        (["compare", "x", "--at", "x"], "NAME=VALUE"),
        (["compare", "x", "--at", "x=1/3"], "give a number"),
        (["compare", "x", "--at", "x=[1,[2]]"], "give a number"),
        (["lower", ""], "empty"),
        (["grad", "[x, x]", "--at", "x=1"], "shape"),
    ],
)
def test_errors_are_one_line(capsys, arguments, message):
    """Bad input gives status 2, nothing on standard output, one line of error."""
    status, out, err = run(capsys, *arguments)
    assert status == 2
    assert out == ""
    assert message in err
    assert len(err.splitlines()) == 1
    assert "Traceback" not in err


def test_nan_in_json(capsys):
    """JSON has no nan: it is the string "nan"."""
    with np.errstate(all="ignore"):
        _, out, _ = run(capsys, "grad", "log(x)", "--at", "x=-1", "--json")
    assert json.loads(out)["value"] == "nan"


def test_as_a_module():
    """python -m diffkit is the same command."""
    done = subprocess.run(
        [sys.executable, "-m", "diffkit", "--help"], capture_output=True, text=True, check=True
    )
    for command in ("compare", "lower", "grad"):
        assert command in done.stdout
