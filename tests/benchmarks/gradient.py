"""The gradient of a small scalar program, traced anew at every call.

    z = w*x + b;  y = 1/(1 + exp(-z));  L = (y - t)**2/2    by w, x, b and t

Arithmetic costs next to nothing here: what is timed is the tracing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import diffkit as dk

from .findings import Finding, not_installed
from .harness import Contender, Effort, Timing, compete
from .peers import peer

POINT = (2.0, -1.0, 0.5, 1.0)  # w, x, b, t
ALL = (0, 1, 2, 3)
ASKED = {"autograd": 0.15, "torch": 0.25, "jax": None}


def sigmoid_loss(exp: Callable) -> Callable:
    """Return the program with one library's exp."""

    def loss(w: Any, x: Any, b: Any, t: Any) -> Any:
        z = w * x + b
        y = 1 / (1 + exp(-z))
        return (y - t) ** 2 / 2

    return loss


def gradient(effort: Effort) -> list[Finding]:
    """Time of ours over that of each peer."""
    ours = dk.grad(sigmoid_loss(np.exp), ALL)
    calls = {name: build() for name, build in _PEERS.items()}
    there = [Contender(name, call) for name, call in calls.items() if call]
    timings = compete([Contender("diffkit", lambda: ours(*POINT)), *there], effort.rounds)
    found = {t.name: t for t in timings}
    head = Finding("gradient of the sigmoid loss, traced anew", 1e6 * timings[0].seconds, "us")
    return [head, *[_against(name, found.get(name)) for name in calls]]


def _against(name: str, timing: Timing | None) -> Finding:
    what = f"  time over that of {name}"
    if timing is None:
        return not_installed(what, "x", ASKED[name])
    note = f"{name} {1e6 * timing.seconds:.0f} us, quartiles {timing.low:.3f} {timing.high:.3f}"
    return Finding(what, timing.ratio, "x", ASKED[name], note)


# -- the peers ---------------------------------------------------------------------


def _autograd() -> Callable | None:
    autograd = peer("autograd")
    if autograd is None:
        return None
    slopes = autograd.grad(sigmoid_loss(peer("autograd.numpy").exp), ALL)
    return lambda: slopes(*POINT)


def _torch() -> Callable | None:
    """Eager mode: leaves, graph and sweep at every call; backward() beats autograd.grad here."""
    torch = peer("torch")
    if torch is None:
        return None
    torch.set_num_threads(1)
    loss = sigmoid_loss(torch.exp)

    def call() -> tuple:
        leaves = [torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in POINT]
        loss(*leaves).backward()
        return tuple(leaf.grad for leaf in leaves)

    return call


def _jax() -> Callable | None:
    """Without jit, as the others trace anew too."""
    jax = peer("jax")
    if jax is None:
        return None
    jax.config.update("jax_enable_x64", True)
    slopes = jax.grad(sigmoid_loss(peer("jax.numpy").exp), ALL)
    return lambda: slopes(*POINT)


_PEERS = {"autograd": _autograd, "torch": _torch, "jax": _jax}
