"""Updates per second of a rule, against torch.optim and optax without jit.

An update is what a training loop does with a gradient that is there already: the new
state, the step, and its addition to the parameters. torch changes parameters and
state in place, with one thread; ours and optax return new ones.
"""

from __future__ import annotations

from collections.abc import Callable
from statistics import median
from typing import Any

import numpy as np

from diffkit import optimize

from .findings import Finding, not_installed
from .harness import Contender, Effort, compete
from .peers import peer

LARGE, SMALL = 10**5, 2
ASKED = {("torch", LARGE): 1.0, ("optax", LARGE): 1 / 3, ("torch", SMALL): 0.2}

# torch's class, its arguments, and the same in optax
# fmt: off
CASES: tuple[tuple[str, dict, Callable], ...] = (
    ("SGD",      {"lr": 1e-3},                  lambda o: o.sgd(1e-3)),
    ("SGD",      {"lr": 1e-3, "momentum": 0.9}, lambda o: o.sgd(1e-3, momentum=0.9)),
    ("Adagrad",  {"lr": 1e-3},                  lambda o: o.adagrad(1e-3)),
    ("RMSprop",  {"lr": 1e-3},                  lambda o: o.rmsprop(1e-3, decay=0.99)),
    ("Adadelta", {"lr": 1e-3},                  lambda o: o.adadelta(1e-3)),
    ("Adam",     {"lr": 1e-3},                  lambda o: o.adam(1e-3)),
    ("AdamW",    {"lr": 1e-3},                  lambda o: o.adamw(1e-3, weight_decay=1e-2)),
    ("Adamax",   {"lr": 1e-3},                  lambda o: o.adamax(1e-3)),
    ("NAdam",    {"lr": 1e-3},                  lambda o: o.nadam(1e-3)),
)
# fmt: on


def rules(effort: Effort) -> list[Finding]:
    """Time of an update over that of each peer; the median over the rules, and each."""
    ratios = {size: _ratios(size, effort.rounds) for size in (LARGE, SMALL)}
    return [
        _finding(name, size, found.get(name, {}))
        for size, found in ratios.items()
        for name in ("torch", "optax")
    ]


def _finding(name: str, size: int, found: dict[str, float]) -> Finding:
    what = f"update of a rule on {size} numbers, over that of {name}"
    asked = ASKED.get((name, size))
    if not found:
        return not_installed(what, "x", asked)
    told = ", ".join(f"{case} {ratio:.2f}" for case, ratio in found.items())
    return Finding(what, median(found.values()), "x", asked, f"median of {told}")


def _ratios(size: int, rounds: int) -> dict[str, dict[str, float]]:
    """Return {peer: {case: ratio}}."""
    found: dict[str, dict[str, float]] = {}
    rng = np.random.default_rng(0)
    x, g = rng.normal(size=size), rng.normal(size=size)
    for name, options, make in CASES:
        ours = Contender("diffkit", _ours(name, options, x, g))
        there = [_torch(name, options, x, g), _optax(make, x, g)]
        timings = compete([ours, *filter(None, there)], rounds, same_answer=False)
        case = name + ("(momentum)" if "momentum" in options else "")
        for timing in timings[1:]:
            found.setdefault(timing.name, {})[case] = timing.ratio
    return found


def _ours(name: str, options: dict[str, Any], x: np.ndarray, g: np.ndarray) -> Callable:
    rule = getattr(optimize, name)(**options)
    now = [x, rule.init(x)]

    def call() -> None:
        step, now[1] = rule.update(g, now[1], now[0])
        step += now[0]
        now[0] = step

    return call


def _torch(name: str, options: dict[str, Any], x: np.ndarray, g: np.ndarray) -> Contender | None:
    torch = peer("torch")
    if torch is None:
        return None
    torch.set_num_threads(1)
    parameter = torch.tensor(x, requires_grad=True)
    parameter.grad = torch.tensor(g)
    return Contender("torch", getattr(torch.optim, name)([parameter], **options).step)


def _optax(make: Callable, x: np.ndarray, g: np.ndarray) -> Contender | None:
    optax, jax = peer("optax"), peer("jax")
    if optax is None or jax is None:
        return None
    jax.config.update("jax_enable_x64", True)
    rule, slope = make(optax), jax.numpy.asarray(g)
    now = [jax.numpy.asarray(x), rule.init(jax.numpy.asarray(x))]

    def call() -> None:
        step, now[1] = rule.update(slope, now[1], now[0])
        now[0] = optax.apply_updates(now[0], step).block_until_ready()

    return Contender("optax", call)
