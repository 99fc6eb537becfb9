"""What an update rule is: a frozen record of numbers, two pure functions, and chains of rules."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import wraps
from typing import Any, TypeVar, dataclass_transform

import numpy as np

from ..errors import ArgumentError

C = TypeVar("C", bound=type)

Rate = float | Callable[[int], float]


# field -> (what it must be, in words; the same as a test)
_RANGES: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "momentum": ("at least 0 and below 1", lambda v: 0 <= v < 1),
    "ahead": ("from 0 to 1", lambda v: v is None or 0 <= v <= 1),
    "dampening": ("from 0 to 1", lambda v: 0 <= v <= 1),
    "weight_decay": ("at least 0", lambda v: 0 <= v < math.inf),
    "lr_decay": ("at least 0", lambda v: 0 <= v < math.inf),
    "momentum_decay": ("at least 0", lambda v: 0 <= v < math.inf),
    "initial_accumulator_value": ("at least 0", lambda v: 0 <= v < math.inf),
    "eps": ("at least 0", lambda v: 0 <= v < math.inf),
    "alpha": ("from 0 to 1", lambda v: 0 <= v <= 1),
    "rho": ("from 0 to 1", lambda v: 0 <= v <= 1),
    "betas": ("two numbers, each at least 0 and below 1", lambda v: _two(v)),
    "norm": ("positive", lambda v: v > 0),
    "limit": ("positive", lambda v: v > 0),
    "strength": ("at least 0", lambda v: 0 <= v < math.inf),
}


def _two(betas: Any) -> bool:
    return len(betas) == 2 and all(0 <= beta < 1 for beta in betas)


@dataclass_transform(frozen_default=True)
def rule(cls: C) -> C:
    """Make a frozen dataclass whose arguments are checked, in words."""
    made: Any = dataclass(frozen=True, repr=False)(cls)
    construct = made.__init__

    @wraps(construct)
    def checked(self: Any, *args: Any, **kwargs: Any) -> None:
        names = [field.name for field in fields(self)]
        for name in kwargs:
            if name not in names:
                told = [f"{n} (a number or a schedule)" if n == "lr" else n for n in names]
                listed = ", ".join(told) or "no parameters"
                raise ArgumentError(f"{cls.__name__} has no {name!r}; it has {listed}")
        construct(self, *args, **kwargs)
        for name in names:
            _check(cls.__name__, name, getattr(self, name))

    made.__init__ = checked
    made.__repr__ = _told
    return made


def _told(self: Any) -> str:
    """Show what differs from the defaults, and the learning rate always."""
    shown = [
        f"{field.name}={getattr(self, field.name)!r}"
        for field in fields(self)
        if field.name == "lr" or getattr(self, field.name) != field.default
    ]
    return f"{type(self).__name__}({', '.join(shown)})"


def _check(owner: str, name: str, value: Any) -> None:
    """Refuse a hyper-parameter outside its range."""
    if name == "lr":
        return check_rate(owner, value)
    words, holds = _RANGES.get(name, ("", lambda v: True))
    try:
        right = bool(holds(value))
    except TypeError:
        right = False
    if not right:
        raise ArgumentError(f"{owner}: {name} must be {words}, not {value!r}")


def check_rate(owner: str, lr: Any) -> None:
    """Refuse a learning rate that is neither a positive number nor a schedule."""
    if callable(lr):
        return
    number = isinstance(lr, (int, float, np.number)) and not isinstance(lr, bool)
    if not number or not 0 < lr < math.inf:
        raise ArgumentError(
            f"{owner}: the learning rate lr must be a positive number, or a schedule "
            f"t -> number, not {lr!r}"
        )


def rate_of(lr: Rate, t: int) -> float:
    """Return a learning rate, which may be a schedule, at update t."""
    if not callable(lr):
        return lr
    rate = lr(t)
    if not 0 <= rate < math.inf:
        raise ArgumentError(f"the schedule {lr!r} gives the learning rate {rate!r} at t={t}")
    return rate


class Transform:
    """A step of a chain: turns a gradient (or a step) into another one.

    `init(x)` gives the first state, `update(g, state, x)` returns (g, state).
    Both are pure: nothing that is passed in changes.
    """

    def init(self, x: np.ndarray) -> Any:
        """Return the state before the first update."""
        return None

    def update(self, g: np.ndarray, state: Any, x: np.ndarray) -> tuple[np.ndarray, Any]:
        """Return what becomes of g, and the next state."""
        raise NotImplementedError


class Rule(Transform):
    """An update rule: `update(g, state, x)` returns the step to add to x, and the state.

    The step is a new array, which may be written over.

    Examples
    --------
    >>> import numpy as np
    >>> from diffkit.optimize import SGD
    >>> rule, x = SGD(lr=0.1), np.array([1.0, 2.0])
    >>> step, state = rule.update(2 * x, rule.init(x), x)
    >>> x + step
    array([0.8, 1.6])
    """

    lr: Rate

    def rate(self, t: int) -> float:
        """Return the learning rate of update t = 0, 1, 2, ..."""
        lr = self.lr
        return lr if lr.__class__ is float else rate_of(lr, t)

    def stable_rate(self, curvature: float) -> float | None:
        """Return the learning rate above which a parabola of this curvature diverges."""
        return None


@dataclass(frozen=True, repr=False)
class Chain(Rule):
    """Transforms one after the other around exactly one rule; see `chain`."""

    parts: tuple[Transform, ...]

    @property
    def rule(self) -> Rule:
        """The one part that has a learning rate."""
        return next(part for part in self.parts if isinstance(part, Rule))

    @property
    def lr(self) -> Rate:  # type: ignore[override]
        """The learning rate of the rule."""
        return self.rule.lr

    def rate(self, t: int) -> float:
        """Return the learning rate of the rule at update t."""
        return self.rule.rate(t)

    def init(self, x: np.ndarray) -> tuple:
        """Return the states of all parts."""
        return tuple(part.init(x) for part in self.parts)

    def update(self, g: np.ndarray, state: tuple, x: np.ndarray) -> tuple[np.ndarray, tuple]:
        """Hand the gradient from part to part."""
        states = []
        for part, old in zip(self.parts, state, strict=True):
            g, new = part.update(g, old, x)
            states.append(new)
        return g, tuple(states)

    def __repr__(self) -> str:
        return f"chain({', '.join(map(repr, self.parts))})"


def chain(*parts: Transform) -> Rule:
    """Put transforms before and after a rule.

    Parameters
    ----------
    *parts : transforms, and exactly one rule
        Transforms before the rule act on the gradient, those after it on the step.

    Returns
    -------
    Rule

    Raises
    ------
    ArgumentError
        If there is no rule among the parts, or more than one: then there would be no
        learning rate, or two.

    Examples
    --------
    >>> import numpy as np
    >>> from diffkit.optimize import SGD, clip_norm
    >>> rule, x = chain(clip_norm(1.0), SGD(lr=0.1)), np.zeros(2)
    >>> rule.update(np.array([30.0, 40.0]), rule.init(x), x)[0]
    array([-0.06, -0.08])
    """
    for part in parts:
        if not isinstance(part, Transform):
            raise ArgumentError(f"chain takes transforms and a rule, not {part!r}")
    rules = [part for part in parts if isinstance(part, Rule)]
    if len(rules) != 1:
        told = ", ".join(type(r).__name__ for r in rules) or "none"
        raise ArgumentError(
            f"a chain has exactly one rule, which brings the learning rate; here: {told}"
        )
    return Chain(parts)
