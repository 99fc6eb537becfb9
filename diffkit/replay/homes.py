"""Where a variable of a program may live, and how rows treat memory.

- view: the entries of another array, looked at differently; no work at all
- place: written by a NumPy call that is told where to
- part: as a place, but in a slice of the array that gathers it
- result: as a place, but allocated at each call, since it is returned
- given: as a result, but whoever calls has allocated it
- fresh: allocated by the NumPy call that computes it
- number: of shape (), no array
"""

from __future__ import annotations

from typing import NamedTuple

from .orders import Order

VIEWS = frozenset({"reshape", "transpose", "getitem", "copy", "broadcast_to"})
REDUCING = frozenset({"sum", "mean", "prod", "max", "min"})
INSERTING = frozenset({"add_at", "set_at"})  # change the first operand where it may be changed
GATHERING = frozenset({"concatenate", "stack", "scatter"})
IN_ONE_PIECE = frozenset({"matmul", "reshape"})  # what they write into must have no gaps
RUN = "run"  # many steps, done block by block, that have several results (see `blocks`)


class Home(NamedTuple):
    """Where a variable lives.

    Attributes
    ----------
    kind : {"view", "place", "part", "result", "given", "fresh", "number", "input"}
    root : str
        The variable whose memory this is.
    contiguous : bool
        In the order of C, as far as is known.
    order : tuple of int
        Of its axes in memory, from the outermost in.
    """

    kind: str
    root: str
    contiguous: bool
    order: Order = ()


class Given(NamedTuple):
    """How an array lies in memory that is not ours."""

    order: Order
    contiguous: bool
