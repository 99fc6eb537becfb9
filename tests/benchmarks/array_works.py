"""Works of arrays: networks, ADBench's four, long chains, and a product with the Hessian."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

import diffkit as dk

from . import graph_rivals, handwritten, objectives, rivals
from .harness import Effort
from .works import Work


def _network(effort: Effort) -> Work:
    args = objectives.tanh_network_data()
    ours = dk.grad(partial(objectives.tanh_network, np))
    return Work(
        "MLP 64-64-64-1, batch 64, traced anew",
        lambda: ours(*args),
        rivals.peers(objectives.tanh_network, args, (0,), "autograd", "torch"),
        [(["autograd"], 0.35), (["torch"], 0.8)],
    )


def _springs(effort: Effort) -> Work:
    args = objectives.springs_data()
    ours = dk.compile(dk.grad(partial(objectives.springs, np), (0, 1)))
    return Work(
        "energy of 199 springs in a Python loop, compiled",
        lambda: ours(*args),
        rivals.peers(objectives.springs, args, (0, 1), "JAX jit", "torch", "autograd"),
        [(["JAX jit", "torch"], None), (["autograd"], None)],
        function=lambda: objectives.springs(np, *args),
    )


def _classifier(effort: Effort) -> Work:
    args = objectives.classifier_data()
    ours = dk.compile(dk.grad(partial(objectives.classifier, np)))
    peers = rivals.peers(objectives.classifier, args, (0,), "JAX jit", "torch", "autograd")
    peers["NumPy by hand"] = lambda: handwritten.classifier_gradient(*args)
    return Work(
        "MLP 784-256-10 softmax cross-entropy, batch 256, compiled",
        lambda: ours(*args),
        peers,
        [(["JAX jit", "torch", "NumPy by hand"], 1.0), (["autograd"], None)],
        function=lambda: objectives.classifier(np, *args),
    )


def _gmm(effort: Effort) -> Work:
    args = objectives.gmm_data()
    ours = dk.compile(dk.grad(partial(objectives.gmm, np), (0, 1, 2)))
    peers = rivals.peers(objectives.gmm, args, (0, 1, 2), "JAX jit", "torch", "autograd")
    peers["NumPy by hand"] = lambda: handwritten.gmm_gradient(*args)
    return Work(
        "ADBench GMM, n=1000 d=10 k=25, compiled",
        lambda: ours(*args),
        peers,
        [(["JAX jit", "torch", "NumPy by hand"], 1.0), (["autograd"], None)],
        function=lambda: objectives.gmm(np, *args),
    )


def _options(effort: Effort) -> Work:
    args = objectives.options_data()
    what = "values of 10^6 options, elementwise, compiled"
    return _in_blocks(what, objectives.options, args, handwritten.options_gradient)


def _gmm_large(effort: Effort) -> Work:
    args = objectives.gmm_data(50_000)
    what = "ADBench GMM, n=50,000 d=10 k=25, compiled"
    return _in_blocks(what, objectives.gmm, args, handwritten.gmm_gradient)


def _in_blocks(what: str, objective: Callable, args: tuple, by_hand: Callable) -> Work:
    """Arrays that no cache holds: against others, and against ourselves on whole arrays."""
    slopes = dk.grad(partial(objective, np), (0, 1, 2))
    ours, whole = dk.compile(slopes), dk.compile(slopes, without=["blocks"])
    peers = rivals.peers(objective, args, (0, 1, 2), "JAX jit", "torch")
    peers["NumPy by hand"] = lambda: by_hand(*args)
    asked = [(list(peers), 1.0), (["diffkit without blocks"], None)]
    peers["diffkit without blocks"] = lambda: whole(*args)
    function = partial(objective, np, *args)
    return Work(what, lambda: ours(*args), peers, asked, function=function)


def _bundle(effort: Effort) -> Work:
    points = objectives.ba_data()
    single = dk.jacobian(partial(objectives.ba_residual, np))
    many = dk.lower(single, *[p[0] for p in points]).batch()
    return Work(
        "ADBench BA, Jacobians of 10^4 residual blocks",
        lambda: [many(*points)],
        {
            "JAX vmap+jit": rivals.jax_jacobians(objectives.ba_residual, points),
            "CasADi map": graph_rivals.casadi_jacobians(objectives.ba_residual, points),
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
        rivals.peers(objectives.lstm, args, (0, 1), "torch", "autograd"),
        [(["torch"], None), (["autograd"], None)],
        function=lambda: function(*args),
        functions=3.0,
        note="JAX jit is left out: it unrolls the loop, and compiles for minutes",
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
            "autograd": rivals.autograd_jacobian(residual, theta),
        },
        [(["JAX jit", "torch"], 1.0), (["autograd"], None)],
        function=lambda: residual(np, theta),
    )


def _product(effort: Effort) -> Work:
    params, *data = objectives.tanh_network_data()

    def product(p: Any, v: Any, *data: Any) -> Any:
        return dk.hvp(lambda q: objectives.tanh_network(np, q, *data), (p,), (v,))

    ours = dk.compile(product)
    args = (objectives.tanh_network, params, tuple(data))
    return Work(
        "hvp of the MLP 64-64-64-1, compiled",
        lambda: ours(params, params, *data),
        {
            "JAX jit": rivals.jax_hvp(*args),
            "autograd": rivals.autograd_hvp(*args),
            "CasADi": graph_rivals.casadi_hvp(*args),
        },
        [(["JAX jit"], 1.0), (["autograd"], 0.2), (["CasADi"], None)],
        function=lambda: objectives.tanh_network(np, params, *data),
    )


WORKS = (
    _network,
    _springs,
    _classifier,
    _gmm,
    _gmm_large,
    _options,
    _bundle,
    _lstm,
    _hand,
    _product,
)
