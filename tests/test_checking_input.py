"""What else may be given to the checker: bad input, slow functions, an interrupt."""

import itertools
import math
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

import diffkit as dk
from diffkit import progress
from diffkit.errors import ArgumentError, DiffkitError, NonScalarOutput, NotDifferentiable

# -- bad input ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("f", "error"),
    [
        (lambda x: x, NonScalarOutput),
        (lambda x: [[1, 2], [3]], NonScalarOutput),
        (lambda x: None, NotDifferentiable),
        (lambda x: 1j * x.sum(), NotDifferentiable),
        (lambda x: "one", NotDifferentiable),
        (3, ArgumentError),
    ],
)
def test_function_without_a_gradient_is_refused(f, error):
    """The message says what f returned."""
    with pytest.raises(error, match="f "):
        dk.gradcheck(f, np.ones(2), np.ones(2))


@pytest.mark.parametrize("x", [np.array([]), [], {}, "text", None, np.array([1j]), {"a": object()}])
def test_unusable_point_is_refused(x):
    """Nothing to differentiate by, or nothing that can be."""
    with pytest.raises((ArgumentError, NotDifferentiable)):
        dk.gradcheck(lambda x: 1.0, x, x)


@pytest.mark.parametrize("wrap", [lambda v: np.array([v]), lambda v: [[v]]])
def test_one_number_in_an_array_is_a_number(wrap):
    """A result of shape (1,) or a list of one number is checked as that number."""
    x = np.array([1.0, -2.0])

    assert dk.gradcheck(lambda x: wrap(np.sum(x**2)), x, lambda x: 2 * x).cause == "ok"


def test_point_with_nan_is_inconclusive():
    """The entry is named."""
    report = dk.gradcheck(lambda x: x.sum(), np.array([1.0, np.nan]), np.ones(2))

    assert (report.verdict, report.cause) == ("inconclusive", "nonfinite")
    assert report.findings[0].where == ("x[1]",)


def test_order_is_one_or_two():
    with pytest.raises(ArgumentError, match="order"):
        dk.gradcheck(np.sum, np.ones(2), order=3)


@pytest.mark.parametrize("seed", ["a", -1, 1.5])
def test_seed_is_a_whole_number(seed):
    """NumPy's generators take no other."""
    with pytest.raises(ArgumentError, match="seed is a whole number"):
        dk.gradcheck(np.sum, np.array([1.0, 2.0]), np.ones_like, seed=seed)


def test_raising_gradient_is_a_finding_with_its_argument():
    """The exception and what the gradient was called with."""

    def broken(x):
        raise KeyError("weights")

    finding = dk.gradcheck(np.sum, np.array([1.5, 2.5]), broken).findings[0]

    assert "KeyError: 'weights'" in finding.message
    assert "[1.5, 2.5]" in finding.evidence["argument"]


def test_function_that_raises_at_the_point_says_where():
    """The user's exception comes through, with the point as a note."""

    def broken(x):
        raise RuntimeError("no convergence")

    with pytest.raises(RuntimeError, match="no convergence") as caught:
        dk.gradcheck(broken, np.array([1.5]), np.ones(1))
    assert "1.5" in caught.value.__notes__[0]


def test_function_that_raises_nearby_is_at_the_edge():
    """What it raises is shown."""

    def f(x):
        if x[0] < 1:
            raise RuntimeError("tank empty")
        return float((x**2).sum())

    report = dk.gradcheck(f, np.array([1.0, 2.0]), lambda x: 2 * x)

    assert (report.verdict, report.cause) == ("pass", "domain_edge")
    assert "tank empty" in report.findings[0].message


def test_what_cannot_be_traced_says_what_to_write():
    """With grad=None the error of the tracer comes through."""
    with pytest.raises(DiffkitError, match=r"np\.sin"):
        dk.gradcheck(lambda x: math.sin(x), 1.0)


@pytest.mark.parametrize(
    "x",
    [2.0, np.float64(2.0), np.array(2.0), [1.0, 2.0], (1.0, np.ones(2)), {"a": [1.0, {"b": 2.0}]}],
)
def test_any_nest_is_a_point(x):
    """Numbers, lists, tuples and dicts in any depth, against our own reverse mode."""

    def total(nest):
        if isinstance(nest, dict):
            return sum(total(value) for value in nest.values())
        if isinstance(nest, (list, tuple)):
            return sum(total(value) for value in nest)
        return np.sum(np.exp(nest))

    report = dk.gradcheck(total, x)

    assert report.cause == "ok", report
    assert type(report.analytic) is type(report.numeric)


# -- slow functions ---------------------------------------------------------------------------


def test_progress_appears_when_it_takes_long(monkeypatch, capsys):
    """On stderr, and not before two seconds."""
    assert progress.PATIENCE == 2.0
    monkeypatch.setattr(progress, "PATIENCE", 0.05)

    def slow(x):
        time.sleep(0.005)
        return np.sum(x**2)

    dk.gradcheck(slow, np.array([1.0, 2.0]), lambda x: 2 * x)
    dk.gradcheck(slow, np.array([1.0, 2.0]), lambda x: 2 * x, progress=False)
    out, err = capsys.readouterr()

    assert err.count("checking the gradient") == 1
    assert not out


def test_interrupt_gives_the_report_so_far(rng):
    """Ctrl-C in the middle: what was measured is judged, and nothing more is claimed."""
    A = rng.normal(size=(8, 8))
    calls = itertools.count()

    def f(x):
        if next(calls) == 80:
            raise KeyboardInterrupt
        return x @ A @ x

    report = dk.gradcheck(f, np.ones(8), lambda x: -(A + A.T) @ x)

    assert 0 < len(report.rows) < 8
    assert report.verdict == "fail"
    assert any("interrupted" in finding.message for finding in report.findings)


def test_interrupt_of_a_right_gradient_is_inconclusive(rng):
    calls = itertools.count()

    def f(x):
        if next(calls) == 60:
            raise KeyboardInterrupt
        return np.sum(x**3)

    report = dk.gradcheck(f, np.ones(8), lambda x: 3 * x**2)

    assert report.verdict == "inconclusive"
    assert report.findings[0].evidence["interrupted"]


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_interrupt_from_the_keyboard_ends_the_process_with_a_report():
    """A real SIGINT in the middle of a slow check."""
    code = (
        "import time, numpy as np, diffkit as dk\n"
        "def f(x):\n"
        "    print('called', flush=True); time.sleep(0.05); return (x**2).sum()\n"
        "print(dk.gradcheck(f, np.ones(100), lambda x: 2*x))\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, env=os.environ
    )
    for _ in range(30):
        process.stdout.readline()
    process.send_signal(signal.SIGINT)
    rest = process.communicate(timeout=60)[0]

    assert process.returncode == 0
    assert "inconclusive" in rest
    assert "interrupted after" in rest
