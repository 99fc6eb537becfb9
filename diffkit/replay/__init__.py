"""Replay: what was recorded once is computed again, as Python source without the tracing.

A Program goes through the passes (`passes`), is written as a function (`scalar_code`
over floats, `array_code` over NumPy arrays, whose homes `storage` plans, block by block
where `blocks` finds them large), and checks its arguments before it runs (`programs` those of a
Program, `functions` those of a user's function).
"""

from .batches import Batch, batch_program
from .functions import Compiled, compile
from .programs import Replay, compile_program, source_of

__all__ = [
    "Batch",
    "Compiled",
    "Replay",
    "batch_program",
    "compile",
    "compile_program",
    "source_of",
]
