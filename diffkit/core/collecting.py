"""The garbage collector, kept from looking through a long list of steps again and again.

Whenever the heap has grown by a quarter, Python looks through all of it for cycles. Steps
have none, and half of the time that an adjoint of a million steps took went there.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

PUT_OFF = 2**30  # young generations to be collected until all objects are


@contextmanager
def uncollected() -> Iterator[None]:
    """Put off the collection of all objects; those that are young are collected as ever.

    The threshold is the process's. Of blocks that overlap in several threads the first one
    in puts it up and, when it ends, down again; the others leave it as they find it.
    """
    young, middle, old = gc.get_threshold()
    try:
        gc.set_threshold(young, middle, PUT_OFF)
        yield
    finally:
        if old != PUT_OFF:
            gc.set_threshold(young, middle, old)
