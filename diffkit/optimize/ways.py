"""Where the gradient comes from: reverse mode, SymPy, finite differences, or the user.

An optimizer sees none of this. It sees functions of one vector.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .. import finite
from ..autodiff import hessian as hessian_of
from ..autodiff import hvp as hvp_of
from ..autodiff import value_and_grad
from ..core.nest import rebuild
from ..core.program import Program
from ..errors import ArgumentError, NonScalarOutput, NotDifferentiable, ShapeError, SymbolicError
from ..frontends import is_named_source, lower
from ..frontends.functions import example_values
from ..symbolic.differentiate import SymbolicDerivative, differentiate
from .layout import Layout

WAYS = ("reverse", "symbolic", "finite")


class Objective:
    """f and its derivatives over vectors.

    Parameters
    ----------
    f : source
        Text, SymPy expression or Program over named inputs, or a function of the
        parameters (and of a batch of data).
    layout : Layout
        How a vector is arranged into the parameters.

    Attributes
    ----------
    calls, slopes : int
        How often f was called, and how many gradients were made.
    hess : callable, optional
        Returns the Hessian, a matrix over the flat parameters; called as f is.
    """

    hess: Callable | None = None
    _exact = _affordable = False  # the Hessian that comes along with the way

    @property
    def exact_hessian(self) -> bool:
        """Whether the Hessian is more than an estimate."""
        return self._exact or self.hess is not None

    @property
    def affordable_hessian(self) -> bool:
        """Whether the Hessian takes no differences of gradients."""
        return self._affordable or self.hess is not None

    def __init__(self, f: Any, layout: Layout) -> None:
        self.layout, self.source = layout, f
        self.calls = self.slopes = 0
        self.named = is_named_source(f)
        self._f = _of_named_inputs(f, layout) if self.named else f
        if not callable(self._f):
            raise ArgumentError(
                f"{f!r} is neither a function, a text, a Program nor a SymPy expression"
            )

    def function(self, *args: Any) -> Any:
        """Call f, and count."""
        self.calls += 1
        return self._f(*args)

    def value(self, x: np.ndarray, batch: tuple = ()) -> float:
        """Return f(x) as a float."""
        return as_number(self.function(self.layout.unravel(x.copy()), *batch))

    def value_and_slope(self, x: np.ndarray, batch: tuple = ()) -> tuple[float | None, np.ndarray]:
        """Return f(x), or None where it is not known without a call, and the gradient."""
        self.slopes += 1
        return self._value_and_slope(x, batch)

    def _value_and_slope(self, x: np.ndarray, batch: tuple) -> tuple[float | None, np.ndarray]:
        raise NotImplementedError

    def linearized(self, x: np.ndarray, batch: tuple = ()) -> tuple[np.ndarray, np.ndarray]:
        """Return residuals and their Jacobian, where f returns residuals."""
        raise NotImplementedError

    def product(self, x: np.ndarray, v: np.ndarray, batch: tuple = ()) -> np.ndarray:
        """Return the Hessian times v."""
        if self.hess is None:
            return self._product(x, v, batch)
        return self.hessian(x, batch) @ v

    def hessian(self, x: np.ndarray, batch: tuple = ()) -> np.ndarray:
        """Return the matrix of second derivatives."""
        if self.hess is None:
            return self._hessian(x, batch)
        matrix = np.asarray(self.call(self.hess, x, batch), dtype=float)
        if matrix.shape != (x.size, x.size):
            raise ShapeError(f"hess returned shape {matrix.shape}, not {(x.size, x.size)}")
        return matrix

    def call(self, function: Callable, x: np.ndarray, batch: tuple) -> Any:
        """Call a function of the user as f is called."""
        nest = self.layout.unravel(x.copy())
        return function(**nest) if self.named else function(nest, *batch)

    def _product(self, x: np.ndarray, v: np.ndarray, batch: tuple) -> np.ndarray:
        return self._hessian(x, batch) @ v

    def _hessian(self, x: np.ndarray, batch: tuple) -> np.ndarray:
        """Return central differences of the gradient."""
        rows = finite.jacobian(
            lambda z: self.value_and_slope(z, batch)[1], x, scheme="central"
        ).value
        return (rows + rows.T) / 2


class ByReverseMode(Objective):
    """Value and gradient by one sweep over a new recording."""

    _exact = _affordable = True

    def __init__(self, f: Any, layout: Layout) -> None:
        super().__init__(f, layout)
        self._evaluate = value_and_grad(self.function, 0)

    def _value_and_slope(self, x: np.ndarray, batch: tuple) -> tuple[float | None, np.ndarray]:
        """Return f(x) and the gradient."""
        value, slope = self._evaluate(self.layout.unravel(x.copy()), *batch)
        return float(value), self.layout.ravel(slope, "the gradient")

    def _product(self, x: np.ndarray, v: np.ndarray, batch: tuple) -> np.ndarray:
        """Return the Hessian times v, by forward over reverse mode."""
        return np.asarray(hvp_of(self._flat(batch), x.copy(), v))

    def _hessian(self, x: np.ndarray, batch: tuple) -> np.ndarray:
        """Return the Hessian, by forward over reverse mode."""
        return np.asarray(hessian_of(self._flat(batch))(x.copy()))

    def _flat(self, batch: tuple) -> Callable:
        return lambda vector: self.function(self.layout.unravel(vector), *batch)


class BySymPy(Objective):
    """The gradient that SymPy finds, once, before the first step."""

    def __init__(self, f: Any, layout: Layout) -> None:
        super().__init__(f, layout)
        program, self._values = named_values(f, layout)
        self._names = list(layout.nest) if self.named else list(program.inputs)
        self._derivative = found_by_sympy(differentiate(program))

    def _value_and_slope(self, x: np.ndarray, batch: tuple) -> tuple[float | None, np.ndarray]:
        """Return the gradient; the value takes a call."""
        slopes = self._derivative(**self._values(x))
        parts = iter([slopes[name] for name in self._names])
        return None, self.layout.ravel(rebuild(self.layout.nest, parts), "the gradient")


class ByDifferences(Objective):
    """Central differences: about four evaluations for each entry of x."""

    _affordable = True

    def _value_and_slope(self, x: np.ndarray, batch: tuple) -> tuple[float | None, np.ndarray]:
        """Return the gradient; what it calls counts as evaluations of f."""
        slope = finite.gradient(lambda z: self.value(z, batch), x, scheme="central")
        return None, slope.value

    def _hessian(self, x: np.ndarray, batch: tuple) -> np.ndarray:
        """Return the Hessian by second differences of f."""
        return finite.hessian(lambda z: self.value(z, batch), x).value


class ByCallable(Objective):
    """A gradient function that the user wrote, called as f is."""

    def __init__(self, f: Any, layout: Layout, gradient: Callable) -> None:
        super().__init__(f, layout)
        self._gradient = gradient

    def _value_and_slope(self, x: np.ndarray, batch: tuple) -> tuple[float | None, np.ndarray]:
        """Return the gradient; the value takes a call."""
        return None, self.layout.ravel(self.call(self._gradient, x, batch), "the gradient")


_BY_NAME = {"reverse": ByReverseMode, "symbolic": BySymPy, "finite": ByDifferences}


def objective(f: Any, layout: Layout, grad: Any) -> Objective:
    """Return f with its derivatives by the way that `grad` names, or is."""
    if isinstance(grad, str) and grad in _BY_NAME:
        return _BY_NAME[grad](f, layout)
    if not isinstance(grad, str) and callable(grad):
        return ByCallable(f, layout, grad)
    raise ArgumentError(f'grad is "reverse", "symbolic", "finite" or a function, not {grad!r}')


def as_number(value: Any) -> float:
    """Return what f returned as a float, or say why it is none."""
    if value is None:
        raise NotDifferentiable("f returned None (is a return missing?)")
    if np.ndim(value):
        raise NonScalarOutput(
            f"f must return one number, but the result has shape {np.shape(value)}; sum it"
        )
    if isinstance(value, (complex, np.complexfloating)):
        raise NonScalarOutput("f must return a real number, but the result is complex")
    try:
        return float(value)
    except (TypeError, ValueError):
        raise NotDifferentiable(f"f must return one number, not a {type(value).__name__}") from None


def _of_named_inputs(f: Any, layout: Layout) -> Callable:
    """Return a text, Program or SymPy expression as a function of {name: value}."""
    names = layout.nest
    if not isinstance(names, dict):
        raise ArgumentError(
            "a text, Program or SymPy expression has named inputs: give the start as a dict, "
            "such as {'x': -1.2, 'y': 1.0}"
        )
    program = lower(f, **layout.unravel(layout.start))
    program.bind((), layout.unravel(layout.start))
    if len(program.outputs) != 1:
        raise NonScalarOutput(
            f"f must return one number, but it has the outputs {', '.join(program.outputs)}"
        )
    return lambda nest: program.run(nest)[0]


def named_values(f: Any, layout: Layout) -> tuple[Program, Callable]:
    """Record f as a Program; return it, and the function vector -> {input name: value}."""
    nest = layout.unravel(layout.start)
    if is_named_source(f):
        return lower(f, **nest), lambda x: layout.unravel(x.copy())
    program = lower(f, nest)

    def values(x: np.ndarray) -> dict[str, Any]:
        leaves = example_values(f, (layout.unravel(x.copy()),), {})
        return dict(zip(program.inputs, leaves, strict=True))

    return program, values


def found_by_sympy(derivative: SymbolicDerivative) -> SymbolicDerivative:
    """Return a derivative that SymPy found, or say why there is none."""
    if not derivative.done:
        raise SymbolicError(
            f"SymPy gives no gradient to descend by: {derivative.status}; "
            'use grad="reverse" or grad="finite"'
        )
    return derivative
