"""Gradients in the tests of other packages: the assertion, and the pytest fixture."""

import os
import subprocess
import sys

import numpy as np
import pytest

from diffkit.testing import assert_gradient

USER_TESTS = """
import numpy as np

def f(x):
    return np.sum(x ** 3)

def test_right(gradcheck):
    assert gradcheck(f, np.array([1.0, 2.0]), lambda x: 3 * x**2).cause == "ok"

def test_wrong(gradcheck):
    gradcheck(f, np.array([1.0, 2.0]), lambda x: -3 * x**2)
"""


def test_right_gradient_gives_its_report():
    """Also of our own reverse mode, where no gradient is given."""
    x = np.array([1.0, 2.0])

    assert assert_gradient(lambda x: np.sum(x**3), x, lambda x: 3 * x**2).verdict == "pass"
    assert assert_gradient(lambda x: np.sum(x**3), x).verdict == "pass"


def test_message_is_the_diagnosis():
    """Cause, sentence and table are in the message of the AssertionError."""
    with pytest.raises(AssertionError, match="2 times the true one") as caught:
        assert_gradient(lambda x: np.sum(x**3), np.array([1.0, 2.0]), lambda x: 6 * x**2)
    assert "constant_factor" in str(caught.value)
    assert "verdict" in str(caught.value)


def test_inconclusive_fails_unless_it_is_allowed():
    """A square root at 0 cannot be decided."""
    root = lambda x: np.sum(np.sqrt(x)), np.array([0.0, 1.0]), lambda x: 0.5 / np.sqrt(x)

    with pytest.raises(AssertionError, match="domain_edge"):
        assert_gradient(*root)
    assert assert_gradient(*root, inconclusive=True).verdict == "inconclusive"


def test_second_order_is_passed_on():
    with pytest.raises(AssertionError, match="sign_flip"):
        assert_gradient(
            lambda x: np.sum(x**3), np.array([1.0, 2.0]), lambda x: -np.diag(6 * x), order=2
        )


def run_pytest(directory, *arguments):
    command = [sys.executable, "-m", "pytest", "-q", "-p", "diffkit_pytest", *arguments]
    plain = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    return subprocess.run(command, cwd=directory, env=plain, capture_output=True, text=True)


def test_fixture_in_the_tests_of_a_user(tmp_path):
    """One passes, one fails with the diagnosis; the traceback ends in the user's own line."""
    (tmp_path / "test_slope.py").write_text(USER_TESTS)
    result = run_pytest(tmp_path)

    assert "1 failed, 1 passed" in result.stdout, result.stdout + result.stderr
    assert "sign_flip: the gradient has the wrong sign" in result.stdout
    assert "diffkit/testing" not in result.stdout


def test_plugin_imports_nothing_heavy(tmp_path):
    """A test suite that checks no gradient does not pay for NumPy."""
    code = "import sys, diffkit_pytest; print({'numpy', 'diffkit'} & set(sys.modules))"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ
    )

    assert loaded.stdout.strip() == "set()"
    assert "gradcheck" in run_pytest(tmp_path, "--fixtures").stdout
