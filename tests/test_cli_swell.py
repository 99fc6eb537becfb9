"""diffkit swell, called as a user does."""

import json

import numpy as np
import pytest

from diffkit.cli import main


def run(capsys, *arguments):
    status = main(["swell", *arguments])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def test_one_expression(capsys):
    """The table, with the sizes of the lecture's example, and the sentence."""
    status, out, err = run(capsys, "log(1 + exp(w*x + b))", "--wrt", "w", "--budget", "0")
    line = next(line.split() for line in out.splitlines() if "textbook" in line)

    assert (status, err) == (0, "")
    assert line[1:3] == ["7", "10"]
    assert "it fits on one page" in out


def test_blame_and_steps(capsys):
    """--blame says what is repeated, --steps ends at the list of steps."""
    source = ["log(1 + exp(w*x + b))", "--wrt", "w", "--budget", "0"]
    _, out, _ = run(capsys, *source, "--blame", "--steps")

    assert "Wasted: 3 = 10 written out - 7 distinct (chain 3)." in out
    assert "t1 = exp(w*x + b)\ndf_dw = 1/(1 + t1)*(t1*x)" in out


def test_family_json_and_plot(capsys, tmp_path):
    """The study of a family as JSON, and its plot."""
    path = tmp_path / "swell.svg"
    status, out, _ = run(
        capsys, "--family", "logistic", "--depths", "1:12", "--plot", str(path), "--json",
        "--budget", "0",
    )  # fmt: skip
    found = json.loads(out)

    assert status == 0
    assert found["depths"] == list(range(1, 13))
    assert found["laws"]["textbook tree_ops"]["text"] == "(4n - 1) 2^n"
    assert found["sizes"]["adjoint"][11]["dag_ops"] == 9 * 12 - 2
    assert path.read_text().startswith("<?xml")


@pytest.mark.parametrize(
    ("text", "depths"),
    [("2:5", [2, 3, 4, 5]), ("1:9:4", [1, 5, 9]), ("1,2,4", [1, 2, 4]), ("7", [7])],
)
def test_depths(capsys, text, depths):
    """Both ends included, with a step, or one by one."""
    _, out, _ = run(capsys, "--family", "softplus", "--depths", text, "--json", "--budget", "0")
    assert json.loads(out)["depths"] == depths


def test_latex(capsys):
    """A table for slides."""
    _, out, _ = run(capsys, "--family", "logistic", "--depths", "1:8", "--latex", "--budget", "0")
    assert out.startswith(r"\begin{tabular}")
    assert r"\bottomrule" in out


def test_arrays_by_shape(capsys, tmp_path):
    """--at gives shapes; the entries are counted one by one."""
    np.save(tmp_path / "w.npy", np.ones(3))
    at = f"w={tmp_path / 'w.npy'}"
    _, out, _ = run(capsys, "sum(w**2)", "--at", at, "--json", "--budget", "0")
    assert json.loads(out)["wrt"] == ["w_0", "w_1", "w_2"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "give an expression, or --family"),
        (["x*x", "--family", "logistic"], "give an expression, or --family"),
        (["x*x", "--wrt", "q"], "'q' is not in the source"),
        (["3"], "constant"),
        (["x*x", "--budget", "-1"], "budget"),
        (["x*x", "--plot", "a.svg"], "--plot draws sizes over depths"),
        (["--family", "none"], "'none' is not a family"),
        (["--family", "logistic", "--blame"], "belong to one expression"),
        (["--family", "logistic", "--depths", "3:1"], "must increase"),
        (["--family", "logistic", "--depths", "1:x"], "as in 1:12"),
        (["--family", "logistic", "--depths", "1:9:0"], "as in 1:12"),
        (["--family", "logistic", "--plot", "a.doc"], "the suffix says the format"),
    ],
)
def test_errors_are_one_line(capsys, arguments, message):
    """Status 2, nothing on stdout, one line on stderr."""
    status, out, err = run(capsys, *arguments)

    assert (status, out) == (2, "")
    assert message in err
    assert err.count("\n") == 1
