"""Every error that diffkit raises: what happened, where, and what to write instead.

::

    DiffkitError
    ├── ExpressionError (ValueError)   text that is not an expression we read
    │   └── UnknownName (NameError)        a function or name we do not know
    ├── ArgumentError (TypeError)      missing, superfluous or unusable arguments
    ├── ShapeError (ValueError)        shapes that do not fit together
    ├── NonScalarOutput (TypeError)    grad of something that is not one number
    ├── NotDifferentiable (TypeError)  an input or output without a derivative
    ├── MissingRule (NotImplementedError)  a NumPy function without a row
    ├── TracingError (TypeError)       a traced value used as a plain number
    ├── BranchChanged (RuntimeError)   a replay would take another branch
    ├── NotReplayable (RuntimeError)   a function that does not repeat itself
    ├── BackendMissing (ImportError)   an optional engine that is not installed
    ├── ProgramError (ValueError)      a Program that is not in SSA form
    ├── SymbolicError (ValueError)     what SymPy cannot express or finish
    ├── ReferenceFailed (ArithmeticError)  no 50-digit value at this point
    ├── MissingTool (OSError)          a program outside of Python is not there
    └── EvaluationFailed (RuntimeError)  a function of the user's raised on the way

    ZeroGradientWarning (UserWarning)  a gradient is zero because nothing depends on it
    SmallLabelsWarning (UserWarning)   labels of a picture are too small for a slide
"""

from __future__ import annotations

import linecache
import os
import sys
from types import FrameType
from typing import Any

import numpy as np

_OURS = os.path.dirname(os.path.abspath(__file__)) + os.sep
_SITE = os.path.dirname(os.path.dirname(os.path.abspath(np.__file__)))
_NUMPYS, _SCIPYS = (os.path.join(_SITE, name, "") for name in ("numpy", "scipy"))
_SKIPPED = (_OURS, _NUMPYS, _SCIPYS, "<__array_function__")


class DiffkitError(Exception):
    """The base of every error raised by diffkit; `result` holds what was done before, if any."""

    result: Any = None


class ExpressionError(DiffkitError, ValueError):
    """The text is not an expression that diffkit reads."""


class UnknownName(ExpressionError, NameError):
    """The text uses a function or name that diffkit does not know."""


class ArgumentError(DiffkitError, TypeError):
    """An argument is missing, superfluous, or of a kind that cannot be used."""


class ShapeError(DiffkitError, ValueError):
    """Array shapes do not fit together."""


class NonScalarOutput(DiffkitError, TypeError):
    """A gradient was asked of a function whose result is not one number."""


class NotDifferentiable(DiffkitError, TypeError):
    """An input or a result is of a kind that has no derivative."""


class MissingRule(DiffkitError, NotImplementedError):
    """A NumPy function met a traced value but has no row in the table."""


class TracingError(DiffkitError, TypeError):
    """A traced value was used where Python needs a plain number."""


class BranchChanged(DiffkitError, RuntimeError):
    """These inputs take another branch than the one that was recorded."""


class NotReplayable(DiffkitError, RuntimeError):
    """A function does something at each call that a recording cannot repeat."""


class BackendMissing(DiffkitError, ImportError):
    """An optional engine is asked for and not installed."""


class ProgramError(DiffkitError, ValueError):
    """A Program is not in SSA form."""


class SymbolicError(DiffkitError, ValueError):
    """SymPy cannot express this, or did not finish in time."""


class ReferenceFailed(DiffkitError, ArithmeticError):
    """The 50-digit reference has no real value at this point."""


class EvaluationFailed(DiffkitError, RuntimeError):
    """A function to minimize, or a family, raised on the way; `result` has what is done."""


class MissingTool(DiffkitError, OSError):
    """A program outside of Python is needed and not installed, or fails."""


class SmallLabelsWarning(UserWarning):
    """On a slide, the labels of this picture would be too small to read."""


class ZeroGradientWarning(UserWarning):
    """A gradient is zero because the result does not depend on the argument."""


def is_library(frame: FrameType) -> bool:
    """Say whether a frame is of our own code, or of NumPy's or SciPy's."""
    return frame.f_code.co_filename.startswith(_SKIPPED)


def user_frame() -> FrameType | None:
    """Return the innermost frame that is the user's own code, or None."""
    frame: FrameType | None = sys._getframe(1)
    while frame and is_library(frame):
        frame = frame.f_back
    return frame


def user_line() -> str:
    """Say where the user's code is now: `` at model.py:12 (z = float(x))``."""
    frame = user_frame()
    return "" if frame is None else line_of(frame, frame.f_lineno)


def line_of(frame: FrameType, number: int) -> str:
    """Say where a line of a frame's code is, and what it says."""
    filename = frame.f_code.co_filename
    source = linecache.getline(filename, number).strip()
    return f" at {os.path.basename(filename)}:{number}" + (f" ({source})" if source else "")
