"""Methods by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..errors import ArgumentError
from .adam import Adam, Adamax, AdamW, NAdam
from .adaptive import Adadelta, Adagrad, RMSprop
from .conjugate import ConjugateGradient
from .leastsquares import GaussNewton, LevenbergMarquardt
from .method import ByRule, Method
from .momentum import GD, SGD, Momentum, Perceptron
from .nesterov import Nesterov
from .newton import Newton, NewtonCG
from .quasi import BFGS, LBFGS
from .rule import Rule
from .scipy_door import SciPy
from .search import RandomSearch

# fmt: off
METHODS: dict[str, Callable[..., Rule | Method]] = {
    "gd": GD, "sgd": SGD, "momentum": Momentum, "nesterov": Nesterov,
    "adagrad": Adagrad, "rmsprop": RMSprop, "adadelta": Adadelta,
    "adam": Adam, "adamw": AdamW, "adamax": Adamax, "nadam": NAdam,
    "bfgs": BFGS, "l-bfgs": LBFGS, "lbfgs": LBFGS, "cg": ConjugateGradient,
    "newton": Newton, "newton-cg": NewtonCG,
    "gauss-newton": GaussNewton, "lm": LevenbergMarquardt,
    "random": RandomSearch, "perceptron": Perceptron,
}
# fmt: on


def find_method(method: Any, options: dict[str, Any]) -> Method:
    """Return a method from its name and options, from a rule, or as it is."""
    if isinstance(method, str):
        return as_method(_by_name(method, options))
    if isinstance(method, type) and issubclass(method, (Rule, Method)):
        return as_method(method(**options))
    if options:
        named = ", ".join(options)
        raise ArgumentError(
            f"{named}: {method!r} has its parameters already; give them to it, "
            "lr either as a number or as a schedule"
        )
    return as_method(method)


def as_method(method: Any) -> Method:
    """Lift a rule to a method."""
    if isinstance(method, Rule):
        return ByRule(method)
    if isinstance(method, Method):
        return method
    raise ArgumentError(
        f"{method!r} is no method; give a rule such as SGD(lr=0.1), or one of {known()}"
    )


def _by_name(name: str, options: dict[str, Any]) -> Rule | Method:
    key = name.lower()
    if key.startswith("scipy:"):
        return SciPy(name[len("scipy:") :], options)
    if key not in METHODS:
        raise ArgumentError(f"there is no method {name!r}; there are {known()}")
    return METHODS[key](**options)


def known() -> str:
    """List the names of all methods."""
    return ", ".join([*METHODS, "scipy:NAME"])
