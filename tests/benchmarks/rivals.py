"""The same objective in each of the other libraries, as a call that gives the gradient.

All run with one thread (see `report`). JAX is given NumPy arrays and waited for; PyTorch makes its
leaves at every call, as one does who differentiates at a new point. A library that is
not installed is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from .peers import peer


def leaves(nest: Any) -> list[Any]:
    """Return the arrays in lists and tuples."""
    if isinstance(nest, (list, tuple)):
        return [leaf for part in nest for leaf in leaves(part)]
    return [nest]


def mapped(function: Callable, nest: Any) -> Any:
    """Apply to each array of a nest."""
    if isinstance(nest, (list, tuple)):
        return type(nest)([mapped(function, part) for part in nest])
    return function(nest)


def peers(objective: Callable, args: tuple, wrt: Sequence[int], *names: str) -> dict:
    """Return the gradients of an objective by these libraries."""
    by = {"autograd": by_autograd, "torch": by_torch, "JAX jit": by_jax}
    return {name: by[name](objective, args, wrt) for name in names}


def by_autograd(objective: Callable, args: tuple, wrt: Sequence[int]) -> Callable | None:
    """autograd.grad, which traces at every call."""
    autograd = peer("autograd")
    if autograd is None:
        return None
    slopes = autograd.grad(partial(objective, peer("autograd.numpy")), tuple(wrt))
    return lambda: slopes(*args)


def by_jax(objective: Callable, args: tuple, wrt: Sequence[int]) -> Callable | None:
    """jax.jit of jax.grad, in double precision."""
    jax = _jax()
    if jax is None:
        return None
    slopes = jax.jit(jax.grad(partial(objective, peer("jax.numpy")), tuple(wrt)))
    return lambda: jax.block_until_ready(slopes(*args))


def _jax() -> Any:
    jax = peer("jax")
    if jax is not None:
        jax.config.update("jax_enable_x64", True)
        # On one core, handing a small call to another thread costs 8 us and gains nothing.
        jax.config.update("jax_cpu_enable_async_dispatch", False)
    return jax


class TorchNumpy:
    """PyTorch's functions under NumPy's names."""

    def __init__(self, torch: Any) -> None:
        self._torch = torch

    def __getattr__(self, name: str) -> Any:
        return getattr(self._torch, name)

    def max(self, x: Any, axis: int, keepdims: bool) -> Any:
        return self._torch.amax(x, axis, keepdims)

    def eye(self, n: int) -> Any:
        return self._torch.eye(n, dtype=self._torch.float64)


def _torch() -> Any:
    torch = peer("torch")
    if torch is not None:
        torch.set_num_threads(1)
        torch.set_default_dtype(torch.float64)
    return torch


def by_torch(objective: Callable, args: tuple, wrt: Sequence[int]) -> Callable | None:
    """Eager PyTorch: leaves, graph and backward() at every call."""
    torch = _torch()
    if torch is None:
        return None
    xp = TorchNumpy(torch)

    def leaf(value: Any, moves: bool) -> Any:
        return torch.tensor(value, requires_grad=moves)

    def call() -> list:
        given = [mapped(partial(leaf, moves=i in wrt), arg) for i, arg in enumerate(args)]
        objective(xp, *given).backward()
        return [leaf.grad for i in wrt for leaf in leaves(given[i])]

    return call


def jax_hvp(objective: Callable, params: Any, data: tuple) -> Callable | None:
    """Forward over reverse."""
    jax = _jax()
    if jax is None:
        return None
    f = partial(objective, peer("jax.numpy"))

    def product(p: Any, v: Any, data: tuple) -> Any:
        return jax.jvp(jax.grad(lambda q: f(q, *data)), (p,), (v,))[1]

    compiled = jax.jit(product)
    return lambda: jax.block_until_ready(compiled(params, params, data))


def autograd_hvp(objective: Callable, params: Any, data: tuple) -> Callable | None:
    """The gradient of the gradient's product with the vector."""
    autograd = peer("autograd")
    if autograd is None:
        return None
    f = partial(objective, peer("autograd.numpy"))
    product = autograd.make_hvp(lambda q: f(q, *data))
    return lambda: product(params)[0](params)


def jax_jacobians(objective: Callable, points: tuple) -> Callable | None:
    """vmap over points of the reverse-mode Jacobian by the first argument."""
    jax = _jax()
    if jax is None:
        return None
    each = jax.jit(jax.vmap(jax.jacrev(partial(objective, peer("jax.numpy")))))
    return lambda: jax.block_until_ready(each(*points))


def jax_gradients(objective: Callable, points: tuple) -> Callable | None:
    """vmap over points of the gradient by all arguments."""
    jax = _jax()
    if jax is None:
        return None
    slopes = jax.grad(partial(objective, peer("jax.numpy")), tuple(range(len(points))))
    each = jax.jit(jax.vmap(slopes))
    return lambda: jax.block_until_ready(each(*points))


def jax_jacobian(function: Callable, x: np.ndarray) -> Callable | None:
    """jit of the forward-mode Jacobian of a function of (namespace, x)."""
    jax = _jax()
    if jax is None:
        return None
    matrix = jax.jit(jax.jacfwd(partial(function, peer("jax.numpy"))))
    return lambda: jax.block_until_ready(matrix(x))


def torch_jacobian(function: Callable, x: np.ndarray) -> Callable | None:
    """torch.func.jacfwd, eager."""
    torch = _torch()
    if torch is None:
        return None
    matrix = torch.func.jacfwd(partial(function, TorchNumpy(torch)))
    return lambda: matrix(torch.tensor(x))


def autograd_jacobian(function: Callable, x: np.ndarray) -> Callable | None:
    """autograd.jacobian, which is reverse mode."""
    autograd = peer("autograd")
    if autograd is None:
        return None
    matrix = autograd.jacobian(partial(function, peer("autograd.numpy")))
    return lambda: matrix(x)
