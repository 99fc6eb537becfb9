"""The garbage collector, held still while a long list of steps is made or read.

Whenever the heap has grown by a quarter, Python looks through all of it for cycles. Steps
have none, and half of the time that an adjoint of a million steps took went there.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Collect no cycles in this block; what is not part of a cycle is freed as ever.

    The switch is the process's. Of blocks that overlap in several threads the first one in
    turns the collector off and, when it ends, on again; the others leave it as they find it.
    """
    working = gc.isenabled()
    try:
        gc.disable()
        yield
    finally:
        if working:
            gc.enable()
