"""diffkit check: the exit status tells scripts, the text tells people."""

import json

import numpy as np
import pytest

from diffkit.cli import main

MODEL = """
import numpy as np

def loss(W, b):
    return np.sum(np.tanh(np.arange(3.0) @ W + b) ** 2)

def slope(W, b):
    h = np.tanh(np.arange(3.0) @ W + b)
    d = 2 * h * (1 - h * h)
    return {"W": np.outer(np.arange(3.0), d), "b": d}

def wrong(W, b):
    return {**slope(W, b), "b": -slope(W, b)["b"]}

def nested(params):
    return loss(**params)

def root(x):
    return np.sum(np.sqrt(x))

def cube(x):
    return np.sum(x**3)

def hessian(x):
    return np.diag(6 * x)

def broken(x):
    raise RuntimeError("no data")

def vector(x):
    return x
"""


@pytest.fixture(autouse=True)
def model(tmp_path, monkeypatch, rng):
    (tmp_path / "checked_model.py").write_text(MODEL)
    np.savez(tmp_path / "data.npz", W=rng.normal(size=(3, 2)), b=rng.normal(size=2))
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)


# fmt: off
RUNS = (
    # arguments                                                          status, said
    ("checked_model:loss --grad checked_model:slope --at data.npz",       0, "pass: ok"),
    ("checked_model:loss --at data.npz",                                  0, "pass: ok"),
    ("checked_model:nested --at data.npz",                                0, "pass: ok"),
    ("checked_model:loss --grad checked_model:wrong --at data.npz", 1, "params['b'] has the wrong"),
    ("checked_model:loss --grad checked_model:wrong --at data.npz --wrt W", 0, "pass: ok"),
    ("checked_model:loss --grad checked_model:wrong --at data.npz --wrt b", 1, "sign_flip"),
    ("checked_model:root --at x=[0,1]",                                   2, "domain_edge"),
    ("checked_model:cube --grad checked_model:hessian --order 2 --at x=[1,2]", 0, "pass: ok"),
    ("log(1+exp(w*x+b)) --at w=2 x=-1 b=0.5",                             0, "pass: ok"),
    ("checked_model:missing --at x=1",                                    3, "no function missing"),
    ("missing_module:f --at x=1",                                         3, "missing_module"),
    ("checked_model:cube --at x=one",                                     3, "x=one"),
    ("checked_model:cube --at missing.npz",                               3, "missing.npz"),
    ("checked_model:cube",                                                3, "--at is missing"),
    ("checked_model:cube --grad 3*x --at x=1",                            3, "module:function"),
    ("checked_model:broken --at x=1",                                     3, "no data"),
    ("checked_model:vector --at x=[1,2]",                                 3, "one number"),
    ("checked_model:loss --at data.npz --wrt c",                          3, "--wrt c"),
)
# fmt: on


@pytest.mark.parametrize(("arguments", "status", "said"), RUNS)
def test_exit_status_and_what_is_said(arguments, status, said, capsys):
    """0 pass, 1 fail, 2 inconclusive, 3 could not run; errors on stderr, without traceback."""
    assert main(["check", *arguments.split()]) == status
    out, err = capsys.readouterr()

    assert said in (err if status == 3 else out)
    assert "Traceback" not in err


def test_json_for_scripts(capsys):
    """The report as JSON, nan included."""
    main("check checked_model:root --at x=[0,1] --json".split())
    report = json.loads(capsys.readouterr().out)

    assert report["verdict"] == "inconclusive"
    assert report["findings"][0]["section"].endswith("#domain_edge")


def test_wrong_usage_ends_with_three(capsys):
    """argparse's own 2 would read as inconclusive."""
    with pytest.raises(SystemExit) as caught:
        main("check checked_model:cube --order 7 --at x=1".split())

    assert caught.value.code == 3
    assert "--order" in capsys.readouterr().err
