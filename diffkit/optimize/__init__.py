"""Optimizers: rules and methods that walk down a function, and the path that they took."""

from importlib import import_module

from . import schedules, stop
from .adam import Adam, Adamax, AdamW, NAdam
from .adaptive import Adadelta, Adagrad, RMSprop
from .batches import Batches
from .conjugate import ConjugateGradient
from .driver import descend, minimize
from .layout import Layout, ravel
from .leastsquares import GaussNewton, LevenbergMarquardt
from .method import Method, Status
from .momentum import GD, SGD, Momentum, Perceptron
from .nesterov import Nesterov
from .newton import Newton, NewtonCG
from .quasi import BFGS, LBFGS
from .racing import Race, race
from .registry import METHODS
from .result import Iterate, Path, Result
from .rule import Rule, Transform, chain
from .scipy_door import SciPy, as_scipy
from .search import RandomSearch
from .transforms import clip_norm, clip_value, decay_l1, decay_l2

_LAZY = {"learning_rates": "pictures.strip", "LearningRates": "pictures.strip"}

__all__ = [
    "BFGS",
    "GD",
    "LBFGS",
    "METHODS",
    "SGD",
    "Adadelta",
    "Adagrad",
    "Adam",
    "AdamW",
    "Adamax",
    "Batches",
    "ConjugateGradient",
    "GaussNewton",
    "Iterate",
    "Layout",
    "LearningRates",
    "LevenbergMarquardt",
    "Method",
    "Momentum",
    "NAdam",
    "Nesterov",
    "Newton",
    "NewtonCG",
    "Path",
    "Perceptron",
    "RMSprop",
    "Race",
    "RandomSearch",
    "Result",
    "Rule",
    "SciPy",
    "Status",
    "Transform",
    "as_scipy",
    "chain",
    "clip_norm",
    "clip_value",
    "decay_l1",
    "decay_l2",
    "descend",
    "learning_rates",
    "minimize",
    "race",
    "ravel",
    "schedules",
    "stop",
]


def __getattr__(name: str) -> object:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_LAZY[name]}"), name)
