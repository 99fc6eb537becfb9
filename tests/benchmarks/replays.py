"""Gradients of small and middle-sized programs: traced anew, and compiled.

Every work is done by its peers too, in turns within one process and with one thread
each, and all must agree before anybody is timed.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np

import diffkit as dk

from . import handwritten, objectives, rivals
from .findings import Finding, not_installed
from .harness import AnswersDiffer, Contender, Effort, Timing, compete, stopwatch

POINT = (2.0, -1.0, 0.5, 1.0)  # w, x, b, t


@dataclass
class Work:
    """Something to compute, by us and by others.

    Attributes
    ----------
    what : str
    ours : callable
    peers : dict, name -> callable, or None where it is not installed
    asked : list of (names, ratio)
        Our time over that of the fastest of these peers; None is only reported.
    """

    what: str
    ours: Callable
    peers: dict[str, Callable | None]
    asked: list[tuple[Sequence[str], float | None]] = field(default_factory=list)
    compared: bool = True


def replays(effort: Effort) -> list[Finding]:
    """Measure one work after the other."""
    findings = []
    for make in WORKS:
        work = make(effort)
        print(f"  {work.what} ...", file=sys.stderr, flush=True)
        findings += _measured(work, effort)
    return findings


def _measured(work: Work, effort: Effort) -> list[Finding]:
    there = {name: call for name, call in work.peers.items() if call is not None}
    if work.compared:
        _check(work.what, work.ours, there)
    calls = [Contender("diffkit", work.ours), *[Contender(n, c) for n, c in there.items()]]
    once = sum(stopwatch(call.call)[0] for call in calls)
    rounds = int(min(effort.rounds, max(3, effort.seconds / once)))
    timings = compete(calls, rounds, same_answer=False)
    found = {timing.name: timing for timing in timings}
    head = Finding(work.what, *_scaled(timings[0].seconds))
    return [head, *[_against(names, asked, found) for names, asked in work.asked]]


def _scaled(seconds: float) -> tuple[float, str]:
    for factor, unit in ((1e6, "us"), (1e3, "ms")):
        if seconds * factor < 1000:
            return seconds * factor, unit
    return seconds, "s"


def _against(names: Sequence[str], asked: float | None, found: dict[str, Timing]) -> Finding:
    """Our time over that of the fastest of these."""
    there = [found[name] for name in names if name in found]
    what = f"  time over that of {' | '.join(names)}"
    if not there:
        return not_installed(what, "x", asked)
    best = min(there, key=lambda timing: timing.seconds)
    told = ", ".join("{} {:.3g} {}".format(t.name, *_scaled(t.seconds)) for t in there)
    note = f"{told}; quartiles {best.low:.3g} {best.high:.3g}"
    return Finding(what, best.ratio, "x", asked, note)


def _check(what: str, ours: Callable, peers: dict[str, Callable]) -> None:
    """Raise unless every peer gives our numbers, to 1e-8 of the largest in each array."""
    expected = _numbers(ours())
    for name, call in peers.items():
        answer = _numbers(getattr(call, "as_numpy", call)())
        if len(answer) != len(expected):
            raise AnswersDiffer(f"{what}: {name} gives {len(answer)} arrays for {len(expected)}")
        for mine, theirs in zip(expected, answer, strict=True):
            error = np.max(np.abs(mine - theirs.reshape(mine.shape)))
            if not error <= 1e-8 * max(1.0, np.max(np.abs(mine))):
                raise AnswersDiffer(f"{what}: {name} differs by {error:.1e}")


def _numbers(result: Any) -> list[np.ndarray]:
    return [np.asarray(leaf, dtype=float) for leaf in rivals.leaves(result)]


def _peers(objective: Callable, args: tuple, wrt: Sequence[int], *names: str) -> dict:
    return {name: _BY[name](objective, args, wrt) for name in names}


_BY = {"autograd": rivals.by_autograd, "torch": rivals.by_torch, "JAX jit": rivals.by_jax}


# -- the works -------------------------------------------------------------------------------


def _sigmoid(effort: Effort) -> Work:
    ours = dk.grad(partial(objectives.sigmoid_loss, np), (0, 1, 2, 3))
    return Work(
        "sigmoid loss of 9 scalar steps, traced anew",
        lambda: ours(*POINT),
        _peers(objectives.sigmoid_loss, POINT, (0, 1, 2, 3), "autograd", "torch"),
        [(["autograd"], 0.10), (["torch"], 0.20)],
    )


def _sigmoid_compiled(effort: Effort) -> Work:
    ours = dk.compile(dk.grad(partial(objectives.sigmoid_loss, np), (0, 1, 2, 3)))
    peers = _peers(objectives.sigmoid_loss, POINT, (0, 1, 2, 3), "JAX jit", "torch")
    peers["CasADi"] = rivals.casadi_scalars(objectives.sigmoid_loss, POINT)
    asked = [(["JAX jit", "CasADi", "torch"], 1 / 40)]
    return Work("sigmoid loss, compiled", lambda: ours(*POINT), peers, asked)


def _rosenbrock(effort: Effort) -> Work:
    x = np.linspace(-1.0, 1.0, 100)
    ours = dk.grad(partial(objectives.rosenbrock, np))
    peers = _peers(objectives.rosenbrock, (x,), (0,), "autograd")
    what = "Rosenbrock of 100 inputs, traced anew"
    return Work(what, lambda: [ours(x)], peers, [(["autograd"], 0.3)])


def _rosenbrock_compiled(effort: Effort) -> Work:
    x = np.linspace(-1.0, 1.0, 100)
    ours = dk.compile(dk.grad(partial(objectives.rosenbrock, np)))
    peers = _peers(objectives.rosenbrock, (x,), (0,), "JAX jit", "torch")
    what = "Rosenbrock of 100 inputs, compiled"
    return Work(what, lambda: [ours(x)], peers, [(["JAX jit", "torch"], 0.5)])


def _network(effort: Effort) -> Work:
    args = objectives.tanh_network_data()
    ours = dk.grad(partial(objectives.tanh_network, np))
    return Work(
        "MLP 64-64-64-1, batch 64, traced anew",
        lambda: ours(*args),
        _peers(objectives.tanh_network, args, (0,), "autograd", "torch"),
        [(["autograd"], 0.35), (["torch"], 0.8)],
    )


def _classifier(effort: Effort) -> Work:
    args = objectives.classifier_data()
    ours = dk.compile(dk.grad(partial(objectives.classifier, np)))
    peers = _peers(objectives.classifier, args, (0,), "JAX jit", "torch")
    peers["NumPy by hand"] = lambda: handwritten.classifier_gradient(*args)
    return Work(
        "MLP 784-256-10 softmax cross-entropy, batch 256, compiled",
        lambda: ours(*args),
        peers,
        [(["JAX jit", "torch", "NumPy by hand"], 1.0)],
    )


def _gmm(effort: Effort) -> Work:
    args = objectives.gmm_data()
    ours = dk.compile(dk.grad(partial(objectives.gmm, np), (0, 1, 2)))
    peers = _peers(objectives.gmm, args, (0, 1, 2), "JAX jit", "torch")
    peers["NumPy by hand"] = lambda: handwritten.gmm_gradient(*args)
    return Work(
        "ADBench GMM, n=1000 d=10 k=25, compiled",
        lambda: ours(*args),
        peers,
        [(["JAX jit", "torch", "NumPy by hand"], 1.0)],
    )


def _bundle(effort: Effort) -> Work:
    points = objectives.ba_data()
    single = dk.jacobian(partial(objectives.ba_residual, np))
    many = dk.lower(single, *[p[0] for p in points]).batch()
    return Work(
        "ADBench BA, Jacobians of 10^4 residual blocks",
        lambda: [many(*points)],
        {
            "JAX vmap+jit": rivals.jax_jacobians(objectives.ba_residual, points),
            "CasADi map": rivals.casadi_jacobians(objectives.ba_residual, points),
        },
        [(["JAX vmap+jit", "CasADi map"], 1.0)],
    )


def _lstm(effort: Effort) -> Work:
    args = objectives.lstm_data()
    function = partial(objectives.lstm, np)
    ours = dk.compile(dk.grad(function, (0, 1)))
    return Work(
        "ADBench LSTM, l=2 c=1024 b=14, compiled gradient",
        lambda: ours(*args),
        {"the function itself in NumPy": lambda: function(*args)},
        [(["the function itself in NumPy"], 3.0)],
        compared=False,
    )


def _hand(effort: Effort) -> Work:
    theta, model = objectives.hand_data()
    ours = dk.compile(dk.jacobian(lambda t: objectives.hand_residual(np, t, model)))

    def residual(xp: Any, t: Any) -> Any:
        return objectives.hand_residual(xp, t, model)

    return Work(
        "ADBench HAND simple, Jacobian 300 x 26",
        lambda: [ours(theta)],
        {
            "JAX jit": rivals.jax_jacobian(residual, theta),
            "torch": rivals.torch_jacobian(residual, theta),
        },
        [(["JAX jit", "torch"], 1.0)],
    )


def _chain(effort: Effort) -> Work:
    steps = effort.sizes[-1]
    ours = dk.grad(lambda x: objectives.chain(np, x, steps))
    peers = {"torch": rivals.by_torch(partial(objectives.chain, steps=steps), (1.0,), (0,))}
    peers["CasADi"] = rivals.casadi_recorded(partial(objectives.chain, steps=steps))
    what = f"scalar chain of {steps:,} steps, record and gradient"
    return Work(what, lambda: [ours(1.0)], peers, [(["torch"], 0.3), (["CasADi"], None)])


def _product(effort: Effort) -> Work:
    params, *data = objectives.tanh_network_data()

    def product(p: Any, v: Any, *data: Any) -> Any:
        return dk.hvp(lambda q: objectives.tanh_network(np, q, *data), (p,), (v,))

    ours = dk.compile(product)
    return Work(
        "hvp of the MLP 64-64-64-1, compiled",
        lambda: ours(params, params, *data),
        {
            "JAX jit": rivals.jax_hvp(objectives.tanh_network, params, tuple(data)),
            "autograd": rivals.autograd_hvp(objectives.tanh_network, params, tuple(data)),
        },
        [(["JAX jit"], 1.0), (["autograd"], 0.2)],
    )


WORKS = (
    _sigmoid,
    _sigmoid_compiled,
    _rosenbrock,
    _rosenbrock_compiled,
    _network,
    _classifier,
    _gmm,
    _bundle,
    _lstm,
    _hand,
    _chain,
    _product,
)
