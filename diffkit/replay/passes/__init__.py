"""Passes: each turns a Program into one that computes the same with less work."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ...core.collecting import uncollected
from ...core.program import Program
from ...errors import ArgumentError
from ...progress import mention
from .alike import alike
from .broadcasts import broadcasts
from .cancellations import cancellations
from .common import common
from .constants import constants
from .contractions import contractions
from .dead import dead
from .expansions import expansions
from .folds import folds
from .identities import identities
from .scatters import scatters
from .slices import slices
from .sums import sums

PASSES: dict[str, Callable[[Program], Program]] = {
    "dead": dead,
    "slices": slices,
    "expansions": expansions,
    "contractions": contractions,
    "constants": constants,
    "identities": identities,
    "sums": sums,
    "broadcasts": broadcasts,
    "common": common,
    "cancellations": cancellations,
    "alike": alike,
    "scatters": scatters,
    "folds": folds,
}

# What one pass leaves behind is work for another: they take turns while steps vanish.
ROUNDS = 6
WORTH = 200  # another round if more than one step in so many has changed

# They look arrays up by arrays, which not every library has that speaks NumPy's protocols.
BY_INDEX_ARRAYS = ("alike", "folds")

# Decided while the text is written, not on the Program.
CHOICES = ("buffers", "orders", "products", "blocks")


@uncollected()
def optimized(program: Program, without: Iterable[str] = ()) -> Program:
    """Apply all passes but those named, until they find nothing more to do.

    Raises
    ------
    ArgumentError
        If there is no pass of that name.
    """
    skipped = set(without)
    unknown = sorted(skipped - {*PASSES, *CHOICES})
    if unknown:
        names = ", ".join([*PASSES, *CHOICES])
        raise ArgumentError(f"there is no pass {unknown[0]!r}; the passes are {names}")
    passes = [apply for name, apply in PASSES.items() if name not in skipped]
    done: dict[Callable, Program] = {}  # what a pass has found nothing to do in
    for _ in range(ROUNDS):
        before = program
        for apply in passes:
            if done.get(apply) is not program:
                found = apply(program)
                mention(apply.__name__, len(program))
                if found is program:
                    done[apply] = program
                elif "dead" not in skipped:  # what is not read any more is no work for others
                    found = dead(found)
                program = found
        if _changes(before, program) * WORTH <= len(before):
            break
    return program


def _changes(before: Program, after: Program) -> int:
    """Count the steps that are there only before or only after."""
    return len(set(map(id, before.steps)) ^ set(map(id, after.steps)))
