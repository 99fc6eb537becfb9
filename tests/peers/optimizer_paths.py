"""Paths of torch.optim and optax as witnesses: python -m tests.peers.optimizer_paths.

Both run in float64, on the gradients of tests/optimizer_cases.py.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np

from ..optimizer_cases import KEPT, OPTAX, PATHS, START, STEPS, TORCH, key, slope


def main() -> int:
    """Write all paths."""
    paths = {key("torch", name, options): torch_path(name, options) for name, options in TORCH}
    paths["torch LBFGS"] = torch_lbfgs()
    paths |= {key("optax", name, options): optax_path(name, options) for _, name, options in OPTAX}
    lines = [f"{json.dumps(name)}: {json.dumps(path.tolist())}" for name, path in paths.items()]
    PATHS.write_text("{\n" + ",\n".join(lines) + "\n}\n")
    return 0


def _walked(take_step: Callable[[], np.ndarray]) -> np.ndarray:
    points = [take_step() for _ in range(STEPS)]
    return np.array([points[k - 1] for k in KEPT])


def torch_path(name: str, options: dict[str, Any]) -> np.ndarray:
    """Return the points of an optimizer of torch."""
    torch = import_module("torch")
    torch.set_default_dtype(torch.float64)  # NAdam keeps a product in the default type
    x = torch.tensor(START, requires_grad=True)
    optimizer = getattr(torch.optim, name)([x], **options)

    def take_step() -> np.ndarray:
        x.grad = torch.tensor(slope(x.detach().numpy()))
        optimizer.step()
        return x.detach().numpy().copy()

    return _walked(take_step)


def torch_lbfgs() -> np.ndarray:
    """Return the points of L-BFGS without a line search, one iteration a step."""
    torch = import_module("torch")
    x = torch.tensor(START, requires_grad=True)
    optimizer = torch.optim.LBFGS([x], lr=0.5, max_iter=1, tolerance_grad=0, tolerance_change=0)

    def closure() -> Any:
        x.grad = torch.tensor(slope(x.detach().numpy()))
        return torch.tensor(0.0)  # without a line search the value is not looked at

    def take_step() -> np.ndarray:
        optimizer.step(closure)
        return x.detach().numpy().copy()

    return _walked(take_step)


def optax_path(name: str, options: dict[str, Any]) -> np.ndarray:
    """Return the points of an optimizer of optax."""
    jax, optax = import_module("jax"), import_module("optax")
    jax.config.update("jax_enable_x64", True)
    optimizer = getattr(optax, name)(**options)
    now = [jax.numpy.asarray(START)]
    state = [optimizer.init(now[0])]

    def take_step() -> np.ndarray:
        gradient = jax.numpy.asarray(slope(np.asarray(now[0])))
        step, state[0] = optimizer.update(gradient, state[0], now[0])
        now[0] = optax.apply_updates(now[0], step)
        return np.asarray(now[0])

    return _walked(take_step)


if __name__ == "__main__":
    raise SystemExit(main())
