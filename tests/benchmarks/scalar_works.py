"""Works of few numbers: the sigmoid program, Rosenbrock's valley, and chains of steps."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

import diffkit as dk

from . import graph_rivals, objectives, rivals
from .harness import Effort
from .works import Work

POINT = (2.0, -1.0, 0.5, 1.0)  # w, x, b, t
POINTS = 10**6
BOUND = "CasADi, memory bound beforehand"
LONG = 10**5  # steps that autograd needs seconds for


def _sigmoid(effort: Effort) -> Work:
    ours = dk.grad(partial(objectives.sigmoid_loss, np), (0, 1, 2, 3))
    return Work(
        "sigmoid loss of 9 scalar steps, traced anew",
        lambda: ours(*POINT),
        rivals.peers(objectives.sigmoid_loss, POINT, (0, 1, 2, 3), "autograd", "torch"),
        [(["autograd"], 0.10), (["torch"], 0.20)],
    )


def _sigmoid_compiled(effort: Effort) -> Work:
    loss = objectives.sigmoid_loss
    ours = dk.compile(dk.grad(partial(loss, np), (0, 1, 2, 3)))
    return Work(
        "sigmoid loss, compiled",
        lambda: ours(*POINT),
        {
            **rivals.peers(loss, POINT, (0, 1, 2, 3), "JAX jit", "torch"),
            "CasADi": graph_rivals.casadi_gradient(loss, POINT),
            BOUND: graph_rivals.casadi_bound(loss, POINT),
            "symengine": graph_rivals.symengine_gradient(loss, POINT),
        },
        [(["JAX jit", "CasADi", "torch"], 1 / 40), (["symengine"], None), ([BOUND], None)],
        function=lambda: objectives.sigmoid_loss(np, *POINT),
    )


def _points(effort: Effort) -> Work:
    rng = np.random.default_rng(0)
    points = tuple(rng.normal(size=POINTS) for _ in POINT)
    loss = objectives.sigmoid_loss

    def total(xp: Any, *args: Any) -> Any:
        return xp.sum(loss(xp, *args))

    ours = dk.lower(dk.grad(partial(loss, np), (0, 1, 2, 3)), *POINT).batch()
    return Work(
        f"sigmoid loss, gradients at {POINTS:,} points",
        lambda: ours(*points),
        {
            "JAX vmap+jit": rivals.jax_gradients(loss, points),
            **rivals.peers(total, points, (0, 1, 2, 3), "torch", "autograd"),
            "CasADi map": graph_rivals.casadi_gradients(loss, points),
            "symengine": graph_rivals.symengine_gradients(loss, points),
        },
        [
            (["JAX vmap+jit", "torch", "CasADi map"], None),
            (["symengine"], None),
            (["autograd"], None),
        ],
        function=lambda: loss(np, *points),
    )


def _rosenbrock(effort: Effort) -> Work:
    x = np.linspace(-1.0, 1.0, 100)
    ours = dk.grad(partial(objectives.rosenbrock, np))
    peers = rivals.peers(objectives.rosenbrock, (x,), (0,), "autograd", "torch")
    asked = [(["autograd"], 0.3), (["torch"], None)]
    return Work("Rosenbrock of 100 inputs, traced anew", lambda: [ours(x)], peers, asked)


def _rosenbrock_compiled(effort: Effort) -> Work:
    x = np.linspace(-1.0, 1.0, 100)
    valley = objectives.rosenbrock
    ours = dk.compile(dk.grad(partial(valley, np)))
    return Work(
        "Rosenbrock of 100 inputs, compiled",
        lambda: [ours(x)],
        {
            **rivals.peers(valley, (x,), (0,), "JAX jit", "torch"),
            "CasADi": graph_rivals.casadi_gradient(valley, (x,)),
            BOUND: graph_rivals.casadi_bound(valley, (x,)),
            "symengine": graph_rivals.symengine_gradient(valley, (x,)),
        },
        [
            (["JAX jit", "torch"], 0.5),
            (["CasADi"], None),
            (["symengine"], None),
            ([BOUND], None),
        ],
        function=lambda: valley(np, x),
    )


def _chain(steps: int, effort: Effort) -> Work:
    objective = partial(objectives.chain, steps=steps)
    ours = dk.grad(partial(objective, np))
    peers = rivals.peers(objective, (1.0,), (0,), "torch", "autograd")
    if steps > LONG:
        del peers["autograd"]
    peers["CasADi"] = graph_rivals.casadi_recorded(objective)
    peers["symengine"] = graph_rivals.symengine_recorded(objective)
    return Work(
        f"scalar chain of {steps:,} steps, record and gradient",
        lambda: [ours(1.0)],
        peers,
        [(["torch"], 0.3), *[([name], None) for name in peers if name != "torch"]],
        note="symengine and CasADi multiply the constants while they record"
        + (", autograd is left out: see the short chain" if steps > LONG else ""),
    )


def _short_chain(effort: Effort) -> Work:
    return _chain(effort.sizes[0], effort)


def _long_chain(effort: Effort) -> Work:
    return _chain(effort.sizes[-1], effort)


WORKS = (
    _sigmoid,
    _sigmoid_compiled,
    _points,
    _rosenbrock,
    _rosenbrock_compiled,
    _short_chain,
    _long_chain,
)
