"""Rules and what they are compared with: one function, one start, fifty steps.

The paths of other libraries lie in tests/peers/optimizer_paths.json;
`python -m tests.peers.optimizer_paths` makes them anew.
"""

import json
from pathlib import Path

import numpy as np

from diffkit import optimize

PATHS = Path(__file__).parent / "peers" / "optimizer_paths.json"
STEPS = 50
KEPT = (1, 2, 3, 5, 10, 20, 35, 50)  # steps whose points are stored

ROSENBROCK = "(1 - x)^2 + 100*(y - x^2)^2"
BOWL = np.array([1.0, 10.0])


def rosenbrock(x):
    return (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2


def bowl(x):
    return np.sum(BOWL * x**2) / 2


START = np.array([1.25, -0.75, 0.5, 2.0, -1.5])
_SCALES = np.array([0.5, 2.0, 5.0, 10.0, 20.0])


def slope(x):
    """The gradient of a bowl with ripples that couple neighbours."""
    return _SCALES * x + np.cos(x) * np.roll(x, 1)


# name in torch and here -> arguments of both
# fmt: off
TORCH = (
    ("SGD", {}),
    ("SGD", {"lr": 0.01, "momentum": 0.9}),
    ("SGD", {"lr": 0.01, "momentum": 0.9, "dampening": 0.3, "weight_decay": 0.1}),
    ("SGD", {"lr": 0.01, "momentum": 0.9, "nesterov": True}),
    ("Adagrad", {}),
    ("Adagrad", {"lr": 0.1, "lr_decay": 0.1, "weight_decay": 0.1, "initial_accumulator_value": 1}),
    ("RMSprop", {}),
    ("RMSprop", {"alpha": 0.9, "momentum": 0.5, "weight_decay": 0.1}),
    ("RMSprop", {"centered": True, "momentum": 0.9}),
    ("Adadelta", {}),
    ("Adadelta", {"lr": 0.5, "rho": 0.8, "weight_decay": 0.1}),
    ("Adam", {}),
    ("Adam", {"lr": 0.1, "betas": (0.8, 0.99), "weight_decay": 0.1}),
    ("Adam", {"lr": 0.1, "amsgrad": True}),
    ("AdamW", {}),
    ("AdamW", {"lr": 0.1, "weight_decay": 0.5, "amsgrad": True}),
    ("Adamax", {}),
    ("Adamax", {"lr": 0.1, "weight_decay": 0.1}),
    ("NAdam", {}),
    ("NAdam", {"lr": 0.1, "momentum_decay": 0.01, "weight_decay": 0.1}),
    ("NAdam", {"lr": 0.1, "weight_decay": 0.1, "decoupled_weight_decay": True}),
)

# rule here, its arguments; function in optax, its arguments
OPTAX = (
    (optimize.SGD(0.01, momentum=0.9), "sgd", {"learning_rate": 0.01, "momentum": 0.9}),
    (optimize.SGD(0.01, momentum=0.9, nesterov=True), "sgd",
     {"learning_rate": 0.01, "momentum": 0.9, "nesterov": True}),
    (optimize.Adagrad(0.1, initial_accumulator_value=0.1, eps=1e-7, eps_in_sqrt=True), "adagrad",
     {"learning_rate": 0.1}),
    (optimize.RMSprop(0.01, alpha=0.9, eps_in_sqrt=True), "rmsprop", {"learning_rate": 0.01}),
    (optimize.RMSprop(0.01, alpha=0.9, momentum=0.5, eps_in_sqrt=True), "rmsprop",
     {"learning_rate": 0.01, "momentum": 0.5}),
    (optimize.RMSprop(0.01, alpha=0.9, centered=True, eps_in_sqrt=True), "rmsprop",
     {"learning_rate": 0.01, "centered": True}),
    (optimize.Adadelta(1.0), "adadelta", {"learning_rate": 1.0}),
    (optimize.Adam(0.1), "adam", {"learning_rate": 0.1}),
    (optimize.AdamW(0.1, weight_decay=1e-4), "adamw", {"learning_rate": 0.1}),
    (optimize.Adamax(0.1), "adamax", {"learning_rate": 0.1}),
)
# fmt: on


def walk(rule, steps=STEPS, x=START, gradient=slope):
    """The points that a rule goes through, the start first."""
    points, state = [x], rule.init(x)
    for _ in range(steps):
        step, state = rule.update(gradient(points[-1]), state, points[-1])
        points.append(points[-1] + step)
    return np.array(points)


def key(library, name, options):
    """How a case is called in the file of paths."""
    return f"{library} {name} {json.dumps(options, sort_keys=True)}"


def stored():
    """The paths of the other libraries."""
    return {name: np.array(path) for name, path in json.loads(PATHS.read_text()).items()}
