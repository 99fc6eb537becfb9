"""For the tests of other packages: assertions on gradients."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..checking import GradientReport, gradcheck

__all__ = ["assert_gradient"]

REPEATABLE = 0  # the seed of the random directions: a test should not fail by chance


def assert_gradient(
    f: Callable, x: Any, grad: Any = None, *, inconclusive: bool = False, **options: Any
) -> GradientReport:
    """Fail unless a gradient passes the check; the message is the diagnosis.

    Parameters
    ----------
    f, x, grad : as in `dk.gradcheck`
    inconclusive : bool
        Accept a gradient that cannot be decided (noise, the edge of a domain), too.
    **options
        Of `dk.gradcheck`: order, every, seed. The seed is fixed by default.

    Returns
    -------
    GradientReport

    Raises
    ------
    AssertionError
        With the report as its message.

    Examples
    --------
    >>> import numpy as np
    >>> report = assert_gradient(lambda x: np.sum(x**3), np.array([1.0, 2.0]), lambda x: 3 * x**2)
    >>> report.cause
    'ok'
    """
    __tracebackhide__ = True  # pytest then shows the line of the test, not this one
    report = gradcheck(f, x, grad, **{"seed": REPEATABLE, "progress": False, **options})
    if report.verdict == "fail" or (report.verdict == "inconclusive" and not inconclusive):
        raise AssertionError(f"the gradient does not pass\n{report}")
    return report
