"""Gradients of some thirty ordinary NumPy functions, each traced anew, against autograd.

Arrays have 100 to 400 entries: enough that NumPy works, few enough that tracing
counts. Every function returns one number.
"""

from __future__ import annotations

from collections.abc import Callable
from statistics import median
from typing import Any

import numpy as np

import diffkit as dk

from .findings import Finding, not_installed
from .harness import AnswersDiffer, Contender, Effort, Timing, compete
from .peers import peer

ASKED, ASKED_MEDIAN = 1.0, 0.5  # of autograd's time

_DRAW = np.random.default_rng(0)
N = 300
X = _DRAW.uniform(0.2, 1.8, N)  # no two alike, none 0
Y = _DRAW.uniform(0.2, 1.8, N)
A = _DRAW.normal(size=(20, 20))
B = _DRAW.normal(size=20)
SPD = A[:12, :12] @ A[:12, :12].T + 12 * np.eye(12)  # small: LAPACK stays in one thread
PICKED = _DRAW.integers(0, N, N // 2)

# fmt: off
# The functions take a namespace first: numpy for ours, autograd.numpy for autograd.
FUNCTIONS: dict[str, tuple[Callable, np.ndarray]] = {
    "sin":             (lambda xp, x: xp.sum(xp.sin(x)), X),
    "exp and log":     (lambda xp, x: xp.sum(xp.exp(-x) * xp.log(x)), X),
    "sigmoid":         (lambda xp, x: xp.sum(1 / (1 + xp.exp(-x))), X),
    "cube":            (lambda xp, x: xp.sum(x**3), X),
    "sqrt and divide": (lambda xp, x: xp.sum(Y / xp.sqrt(x)), X),
    "abs":             (lambda xp, x: xp.sum(xp.abs(x - 1)), X),
    "maximum":         (lambda xp, x: xp.sum(xp.maximum(x, 1.0)), X),
    "where":           (lambda xp, x: xp.sum(xp.where(x > 1, x, x * x)), X),
    "clip":            (lambda xp, x: xp.sum(xp.clip(x, 0.5, 1.5)), X),
    "arctan2":         (lambda xp, x: xp.sum(xp.arctan2(x, Y)), X),
    "broadcast":       (lambda xp, x: xp.sum((x[:, None] + B) * B), B),
    "sum by axis":     (lambda xp, x: xp.sum(xp.sum(x, axis=0) ** 2), A),
    "mean":            (lambda xp, x: xp.mean(x * x), X),
    "prod":            (lambda xp, x: xp.prod(x), X[:100]),
    "max by axis":     (lambda xp, x: xp.sum(xp.max(x, axis=1)), A),
    "var":             (lambda xp, x: xp.var(x), X),
    "std by axis":     (lambda xp, x: xp.sum(xp.std(x, axis=0)), A),
    "log-sum-exp":     (lambda xp, x: xp.max(x) + xp.log(xp.sum(xp.exp(x - xp.max(x)))), X),
    "cumsum":          (lambda xp, x: xp.sum(xp.cumsum(x) * Y), X),
    "matmul":          (lambda xp, x: xp.sum(x @ x), A),
    "quadratic form":  (lambda xp, x: xp.dot(xp.dot(x, A), x), B),
    "einsum":          (lambda xp, x: xp.sum(xp.einsum("ij,kj->ik", x, A)), A),
    "slice":           (lambda xp, x: xp.sum(x[1:] * x[:-1]), X),
    "fancy index":     (lambda xp, x: xp.sum(x[PICKED] ** 2), X),
    "concatenate":     (lambda xp, x: xp.sum(xp.concatenate([x, x * x, Y]) ** 2), X),
    "stack of numbers": (lambda xp, x: xp.sum(xp.stack([x[0], x[1] * x[2], x[3]]) ** 2), B),
    "transpose":       (lambda xp, x: xp.sum(xp.reshape(x.T, (10, 40)) ** 2), A),
    "sort":            (lambda xp, x: xp.sum(xp.sort(x) * Y), X),
    "fft":             (lambda xp, x: xp.sum(xp.abs(xp.fft.fft(x)) ** 2), X),
    "norm":            (lambda xp, x: xp.linalg.norm(x), X),
    "solve":           (lambda xp, x: xp.sum(xp.linalg.solve(x, B[:12])), SPD),
    "slogdet":         (lambda xp, x: xp.linalg.slogdet(x)[1], SPD),
    "cholesky":        (lambda xp, x: xp.sum(xp.linalg.cholesky(x)), SPD),
    "eigh":            (lambda xp, x: xp.sum(xp.linalg.eigh(x + x.T)[0] ** 2), SPD),
    "singular values": (lambda xp, x: xp.sum(xp.linalg.svd(x, compute_uv=False)), SPD[:8]),
}
# fmt: on


def functions(effort: Effort) -> list[Finding]:
    """Time of ours over that of autograd, the largest and the median first."""
    if peer("autograd") is None:
        return [not_installed("gradients of functions, over autograd", "x", ASKED)]
    timings = {name: _timed(name, f, x, effort.rounds) for name, (f, x) in FUNCTIONS.items()}
    ratios = [theirs.ratio for _, theirs in timings.values()]
    what = f"gradients of {len(ratios)} functions, time over that of autograd"
    return [
        Finding(f"{what}: largest", max(ratios), "x", ASKED),
        Finding(f"{what}: median", median(ratios), "x", ASKED_MEDIAN),
        *[_finding(name, *pair) for name, pair in timings.items()],
    ]


def _timed(name: str, f: Callable, x: np.ndarray, rounds: int) -> list[Timing]:
    autograd, wrapped = peer("autograd"), peer("autograd.numpy")
    ours, theirs = dk.grad(lambda x: f(np, x)), autograd.grad(lambda x: f(wrapped, x))
    calls = [Contender("diffkit", lambda: ours(x)), Contender("autograd", lambda: theirs(x))]
    _check(name, *[contender.call() for contender in calls])
    return compete(calls, rounds, same_answer=False)


def _check(what: str, ours: Any, theirs: Any) -> None:
    if not np.allclose(ours, theirs, rtol=1e-8, atol=1e-12):
        difference = np.max(abs(np.subtract(ours, theirs)))
        raise AnswersDiffer(f"gradients of {what} differ by {difference:.1e}")


def _finding(name: str, ours: Timing, theirs: Timing) -> Finding:
    note = f"{1e6 * ours.seconds:.0f} of {1e6 * theirs.seconds:.0f} us"
    note += f", quartiles {theirs.low:.2f} {theirs.high:.2f}"
    return Finding(f"  {name}", theirs.ratio, "x", ASKED, note)
