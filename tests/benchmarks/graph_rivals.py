"""Gradients by libraries that build the expression first: CasADi and symengine.

Both differentiate symbols, and evaluate what they made of them with numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .peers import peer

# -- CasADi ---------------------------------------------------------------------------------


class CasadiNumpy:
    """CasADi's functions under NumPy's names."""

    def __init__(self, casadi: Any) -> None:
        self._casadi = casadi

    def __getattr__(self, name: str) -> Any:
        return getattr(self._casadi, name)

    def sum(self, x: Any) -> Any:
        return self._casadi.sum1(x)

    def mean(self, x: Any) -> Any:
        return self._casadi.sum1(self._casadi.sum2(x)) / x.numel()

    def stack(self, parts: Sequence[Any]) -> Any:
        return self._casadi.vertcat(*parts)


def _gradient(casadi: Any, objective: Callable, point: Sequence[Any]) -> Any:
    """A Function of numbers or columns, of the gradients by each of them."""
    kind = casadi.MX if any(map(np.ndim, point)) else casadi.SX  # of arrays, or of numbers
    symbols = [kind.sym(f"x{k}", np.size(x)) for k, x in enumerate(point)]
    value = objective(CasadiNumpy(casadi), *symbols)
    return casadi.Function("slopes", symbols, [casadi.gradient(value, s) for s in symbols])


def casadi_gradient(objective: Callable, point: Sequence[Any]) -> Callable | None:
    """The gradient as a Function called with numbers or arrays."""
    casadi = peer("casadi")
    if casadi is None:
        return None
    slopes = _gradient(casadi, objective, point)
    return lambda: slopes(*point)


def casadi_bound(objective: Callable, point: Sequence[Any]) -> Callable | None:
    """The same on memory that is told beforehand: numbers are copied in and out."""
    casadi = peer("casadi")
    if casadi is None:
        return None
    buffer, evaluate = _gradient(casadi, objective, point).buffer()
    held = [np.zeros(np.shape(x)) for x in point]
    found = [np.zeros(np.shape(x)) for x in point]
    for k, (x, slope) in enumerate(zip(held, found, strict=True)):
        buffer.set_arg(k, memoryview(x))
        buffer.set_res(k, memoryview(slope))

    def call() -> list:
        for place, x in zip(held, point, strict=True):
            place[...] = x
        evaluate()
        return [slope.copy() for slope in found]

    call.buffer = buffer  # type: ignore[attr-defined]  # `evaluate` does not keep it alive
    return call


def casadi_gradients(objective: Callable, points: Sequence[np.ndarray]) -> Callable | None:
    """The gradient by scalars, mapped over many points."""
    casadi = peer("casadi")
    if casadi is None:
        return None
    many = _gradient(casadi, objective, [0.0] * len(points)).map(len(points[0]))
    given = [casadi.DM(x[None]) for x in points]
    return lambda: many(*given)


def casadi_jacobians(objective: Callable, points: tuple) -> Callable | None:
    """A Function of one point, mapped over all of them."""
    casadi = peer("casadi")
    if casadi is None:
        return None
    symbols = [casadi.SX.sym(f"x{k}", p.shape[1]) for k, p in enumerate(points)]
    value = objective(CasadiNumpy(casadi), *symbols)
    single = casadi.Function("jacobian", symbols, [casadi.jacobian(value, symbols[0])])
    many, n, m = single.map(len(points[0])), points[0].shape[1], value.shape[0]
    given = [casadi.DM(np.asfortranarray(p.T)) for p in points]

    def call() -> Any:
        return many(*given)

    call.as_numpy = lambda: np.moveaxis(  # type: ignore[attr-defined]
        np.asarray(call()).reshape(m, -1, n), 1, 0
    )
    return call


def casadi_recorded(objective: Callable) -> Callable | None:
    """Recording a function of one number, its gradient and its value, every time."""
    casadi = peer("casadi")
    if casadi is None:
        return None

    def call() -> list:
        x = casadi.SX.sym("x")
        slope = casadi.gradient(objective(CasadiNumpy(casadi), x), x)
        return [float(casadi.Function("slope", [x], [slope])(1.0))]

    return call


def casadi_hvp(objective: Callable, params: Any, data: tuple) -> Callable | None:
    """Forward over reverse, by all weights and biases in one column."""
    casadi = peer("casadi")
    if casadi is None:
        return None
    shapes = [array.shape for pair in params for array in pair]
    theta = casadi.MX.sym("theta", sum(map(np.prod, shapes)))
    v = casadi.MX.sym("v", theta.shape[0])
    inputs = [casadi.MX.sym(f"x{k}", *x.shape) for k, x in enumerate(data)]
    parts = _matrices(casadi, theta, shapes, len(data[0]))
    value = objective(CasadiNumpy(casadi), list(zip(parts[::2], parts[1::2], strict=True)), *inputs)
    product = casadi.jtimes(casadi.gradient(value, theta), theta, v)
    function = casadi.Function("product", [theta, v, *inputs], [product])
    flat = casadi.DM(np.concatenate([array.ravel() for pair in params for array in pair]))
    given = [flat, flat, *map(casadi.DM, data)]

    def call() -> Any:
        return function(*given)

    def as_numpy() -> list:
        cuts = np.cumsum([np.prod(shape) for shape in shapes])[:-1]
        return np.split(np.asarray(call()).ravel(), cuts)

    call.as_numpy = as_numpy  # type: ignore[attr-defined]
    return call


def _matrices(casadi: Any, theta: Any, shapes: Sequence[tuple], batch: int) -> list:
    """Weights, and biases once for each example: CasADi repeats nothing by itself."""
    found, start = [], 0
    for shape in shapes:
        part = theta[start : start + int(np.prod(shape))]
        start += int(np.prod(shape))
        row = casadi.reshape(part, shape[-1], -1).T  # its columns come first
        found.append(row if len(shape) == 2 else casadi.repmat(row, batch, 1))
    return found


# -- symengine ------------------------------------------------------------------------------


def _lambdified(objective: Callable, point: Sequence[Any]) -> Any:
    """All partial derivatives, with common parts once, by LLVM where it is there."""
    symengine = peer("symengine")
    numbers = [f"x{k}" for k in range(sum(map(np.size, point)))]
    symbols = [symengine.Symbol(name) for name in numbers]
    parts = np.split(np.array(symbols), np.cumsum([np.size(x) for x in point])[:-1])
    given = [part if np.ndim(x) else part[0] for part, x in zip(parts, point, strict=True)]
    value = objective(_Symbols(symengine), *given)
    return symengine.Lambdify(symbols, [value.diff(symbol) for symbol in symbols], cse=True)


class _Symbols:
    """symengine's functions under NumPy's names; symbols stand in arrays of objects."""

    def __init__(self, symengine: Any) -> None:
        self.exp = symengine.exp
        self.sum = np.sum


def symengine_gradient(objective: Callable, point: Sequence[Any]) -> Callable | None:
    """The gradient of formulas, called with one array of numbers."""
    if peer("symengine") is None:
        return None
    slopes, given = _lambdified(objective, point), np.concatenate([np.ravel(x) for x in point])

    def call() -> Any:
        return slopes(given)

    cuts = np.cumsum([np.size(x) for x in point])[:-1]
    call.as_numpy = lambda: np.split(call(), cuts)  # type: ignore[attr-defined]
    return call


def symengine_gradients(objective: Callable, points: Sequence[np.ndarray]) -> Callable | None:
    """The same at many points, which are the rows of a table."""
    if peer("symengine") is None:
        return None
    slopes, given = _lambdified(objective, [0.0] * len(points)), np.stack(points, axis=1)

    def call() -> Any:
        return slopes(given)

    call.as_numpy = lambda: list(call().T)  # type: ignore[attr-defined]
    return call


def symengine_recorded(objective: Callable) -> Callable | None:
    """Building the expression, its derivative and its value, every time."""
    symengine = peer("symengine")
    if symengine is None:
        return None

    def call() -> list:
        x = symengine.Symbol("x")
        return [float(objective(None, x).diff(x).subs({x: 1.0}))]

    return call
