"""What second derivatives and Jacobians cost, in units of the derivatives they are made of."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

import diffkit as dk

from . import objectives
from .findings import Finding
from .harness import Contender, Effort, compete
from .works import scaled

GRADIENTS = 4  # the most that a product with the Hessian is to cost (Griewank & Walther, 3.6)
MODE = 2  # the most that a Jacobian of one row or column is to cost, in sweeps of its mode
LONG = 100_000  # entries of such a row: the work counts, not the bookkeeping


def costs(effort: Effort) -> Iterator[Finding]:
    """Time one against the other, traced anew and compiled."""
    for how, prepare in (("traced anew", _as_it_is), ("compiled", dk.compile)):
        yield from _products(how, prepare, effort)
        yield from _hessians(how, prepare, effort)
        yield from _jacobians(how, prepare, effort)


def _as_it_is(function: Callable) -> Callable:
    return function


def _ratio(
    what: str, dear: Callable, cheap: Callable, unit: str, asked: float, effort: Effort
) -> Finding:
    """Time of the one over that of the other."""
    calls = [Contender("dear", dear), Contender("cheap", cheap)]
    first, second = compete(calls, effort.rounds, same_answer=False, seconds=effort.seconds)
    told = " over ".join("{:.3g} {}".format(*scaled(t.seconds)) for t in (first, second))
    note = f"{told}; quartiles {second.low:.3g} {second.high:.3g}"
    return Finding(what, second.ratio, unit, asked, note)


def _products(how: str, prepare: Callable, effort: Effort) -> Iterator[Finding]:
    """hvp in gradients."""
    params, *data = objectives.tanh_network_data()
    alpha, *rest = objectives.gmm_data()
    cases: dict[str, tuple[Callable, Any]] = {
        "Rosenbrock, n=100": (partial(objectives.rosenbrock, np), np.linspace(-1.0, 1.0, 100)),
        "MLP 64-64-64-1": (lambda p: objectives.tanh_network(np, p, *data), params),
        "GMM by its weights": (lambda a: objectives.gmm(np, a, *rest), alpha),
    }
    for name, (f, x) in cases.items():
        product = prepare(partial(_product, f))
        slope = prepare(dk.grad(f))
        yield _ratio(
            f"hvp, {name}, {how}",
            partial(product, x, x),
            partial(slope, x),
            "gradients",
            GRADIENTS,
            effort,
        )


def _product(f: Callable, x: Any, v: Any) -> Any:
    return dk.hvp(f, (x,), (v,))


def _hessians(how: str, prepare: Callable, effort: Effort) -> Iterator[Finding]:
    """Hessians of n inputs in products."""
    alpha, *rest = objectives.gmm_data(100)
    cases: dict[str, tuple[Callable, np.ndarray]] = {
        "Rosenbrock": (partial(objectives.rosenbrock, np), np.linspace(-1.0, 1.0, 100)),
        "GMM by its weights": (lambda a: objectives.gmm(np, a, *rest), alpha),
    }
    for name, (f, x) in cases.items():
        matrix, product = prepare(dk.hessian(f)), prepare(partial(_product, f))
        columns = np.stack([product(x, row) for row in np.eye(x.size)])
        np.testing.assert_allclose(matrix(x), columns, rtol=1e-9, atol=1e-9)
        yield _ratio(
            f"Hessian, {name}, n={x.size}, {how}",
            partial(matrix, x),
            partial(product, x, x),
            "hvps",
            x.size,
            effort,
        )


def _jacobians(how: str, prepare: Callable, effort: Effort) -> Iterator[Finding]:
    """Many inputs of one result in gradients; one input of many results in jvps."""
    x, weights = np.linspace(-1.0, 1.0, LONG), np.linspace(0.0, 1.0, LONG)

    def one_result(x: Any) -> Any:
        return np.sum(np.tanh(x) * weights)

    def one_input(x: Any) -> Any:
        return np.tanh(x * weights)

    def tangent(x: Any) -> Any:
        return dk.jvp(one_input, (x,), (1.0,))[1]

    pairs = {
        f"1 x {LONG:,}": (one_result, x, dk.grad(one_result), "gradients"),
        f"{LONG:,} x 1": (one_input, 0.5, tangent, "jvps"),
    }
    for shape, (f, at, sweep, unit) in pairs.items():
        matrix, single = prepare(dk.jacobian(f)), prepare(sweep)
        np.testing.assert_allclose(matrix(at), single(at), rtol=1e-12)
        what = f"Jacobian, {shape}, {how}"
        yield _ratio(what, partial(matrix, at), partial(single, at), unit, MODE, effort)
