"""Operations that a lecturer points at: at a kink, or saturated."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..core.program import Step
from .annotate import Annotation

SATURATED = 1e-2  # a local factor this small lets nearly nothing through


def is_kink(step: Step, found: Annotation) -> bool:
    """Say whether an entry of the operands lies where the derivative jumps."""
    kinks = step.primitive.kinks
    values = [found.values.get(o) if o.__class__ is str else o for o in step.operands]
    if isinstance(kinks, str) or any(value is None for value in values):
        return False
    if callable(kinks):
        with np.errstate(all="ignore"):
            return bool(np.any(kinks(*values) == 0))
    return any(bool(np.any(np.asarray(values[0]) == kink)) for kink in kinks)


def is_saturated(step: Step, found: Annotation) -> bool:
    """Say whether a curve of one variable is so flat here that gradients die in it."""
    variables = [k for k, o in enumerate(step.operands) if o.__class__ is str]
    factor: Any = found.locals.get((step.name, variables[0])) if variables else None
    if not step.primitive.elementwise or len(set(map(str, variables))) != 1 or factor is None:
        return False
    return bool(np.all(np.abs(factor) < SATURATED))
