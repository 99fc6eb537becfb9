"""Optimizers: rules and methods that walk down a function, and the path that they took."""

from . import schedules, stop
from .adaptive import Adadelta, Adagrad, Adam, Adamax, AdamW, NAdam, RMSprop
from .batches import Batches
from .driver import descend, minimize
from .layout import Layout, ravel
from .method import Method, Status
from .momentum import GD, SGD, Momentum
from .nesterov import Nesterov
from .quasi import BFGS, LBFGS
from .racing import Race, race
from .registry import METHODS
from .result import Path, Result, Step
from .rule import Rule, Transform, chain
from .transforms import clip_norm, clip_value, decay_l1, decay_l2

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
    "Layout",
    "Method",
    "Momentum",
    "NAdam",
    "Nesterov",
    "Path",
    "RMSprop",
    "Race",
    "Result",
    "Rule",
    "Status",
    "Step",
    "Transform",
    "chain",
    "clip_norm",
    "clip_value",
    "decay_l1",
    "decay_l2",
    "descend",
    "minimize",
    "race",
    "ravel",
    "schedules",
    "stop",
]
