"""Large graphs made small: scopes, functions and repeats become one box each.

Groups are stretches of the Program's steps. Steps are in topological order, so whatever
stretches are put together, the wires between them never form a circle.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from ..core.program import Program
from ..errors import ArgumentError

_MOST = 60  # boxes that can still be told apart on a slide
_CALM = 24  # boxes that can be read there: more are opened up to it, and joined above it
_PERIOD = 64  # the longest stretch whose repetition is looked for

Path = tuple[str, ...]


@dataclass(frozen=True)
class Stretch:
    """Steps that are drawn as one box; a single step is drawn as itself.

    Attributes
    ----------
    steps : range
    path : tuple of str
        The scope that they are in.
    label : str
    """

    steps: range
    path: Path
    label: str


def stretches(program: Program, expand: Iterable[str]) -> list[Stretch]:
    """Divide a Program into at most 60 stretches, unless more are asked for.

    Scopes are opened, all of one depth at once, as long as that fits; those in `expand`
    always. Then what repeats is put together, and if that is not enough, neighbours.

    Raises
    ------
    ArgumentError
        If there is no scope of a name in `expand`.
    """
    opened = [tuple(name.split("/")) for name in expand]
    paths = [program.scope(i) for i in range(len(program))]
    _check(opened, paths)
    found = deeper = _opened([Stretch(range(len(program)), (), "")], paths, opened, depth=0)
    for depth in range(1, max(map(len, paths), default=0) + 1):
        deeper = _opened(deeper, paths, opened, depth)
        if len(deeper) > _CALM:
            break
        if len(deeper) > len(found):  # else only names would be lost
            found = deeper
    return _chunked(_repeats_joined(found, program))


def _check(opened: list[Path], paths: list[Path]) -> None:
    known = {path[: i + 1] for path in paths for i in range(len(path))}
    for path in opened:
        if path not in known:
            outermost = sorted({path[0] for path in known})[:20]
            told = f"the outermost are {', '.join(outermost)}" if outermost else "there are none"
            raise ArgumentError(f"there is no scope {'/'.join(path)!r} to expand; {told}")


def _inside(stretch: Stretch, paths: list[Path]) -> list[Stretch]:
    """Divide a stretch by the scopes directly inside of it."""
    depth = len(stretch.path)
    found = []
    for inner, steps in groupby(stretch.steps, key=lambda i: paths[i][: depth + 1]):
        run = list(steps)
        if len(inner) > depth:
            found.append(Stretch(range(run[0], run[-1] + 1), inner, inner[-1]))
        else:
            found += [Stretch(range(i, i + 1), inner, "") for i in run]
    return found


def _opened(
    found: list[Stretch], paths: list[Path], opened: list[Path], depth: int
) -> list[Stretch]:
    """Open the scopes of this depth, and inside of them those that were asked for."""
    waiting, inner = list(reversed(found)), []
    while waiting:
        stretch = waiting.pop()
        wanted = any(path[: len(stretch.path)] == stretch.path for path in opened)
        if len(stretch.steps) > 1 and (wanted or len(stretch.path) == depth):
            waiting += reversed(_inside(stretch, paths))
        else:
            inner.append(stretch)
    return inner


# -- what repeats --------------------------------------------------------------------


def _repeats_joined(found: list[Stretch], program: Program) -> list[Stretch]:
    """Put runs of equal stretches together, the run that saves most first."""
    number = {step.name: i for i, step in enumerate(program.steps)}
    kinds: dict[tuple, int] = {}
    signs = [kinds.setdefault(_sign(s, program, number), len(kinds)) for s in found]
    while len(found) > _CALM:
        saved, start, period, times = _best_run(signs)
        if saved <= 0:
            break
        run = found[start : start + period * times]
        steps = range(run[0].steps.start, run[-1].steps.stop)
        label = f"{_named(run[:period], program)} × {times}"
        found[start : start + period * times] = [Stretch(steps, run[0].path, label)]
        signs[start : start + period * times] = [kinds.setdefault((label,), len(kinds))]
    return found


def _sign(stretch: Stretch, program: Program, number: dict[str, int]) -> tuple:
    """Return what makes stretches alike: operations, and how far back their operands are."""
    return tuple(
        (
            program.steps[i].primitive.name,
            tuple([i - number[o] if o in number else 0 for o in program.steps[i].operands
                   if o.__class__ is str]),
        )
        for i in stretch.steps
    )  # fmt: skip


def _best_run(signs: Sequence[int]) -> tuple[int, int, int, int]:
    """Return (stretches saved, start, period, times) of the best repetition."""
    best = (0, 0, 1, 1)
    for period in range(1, min(_PERIOD, len(signs) // 2) + 1):
        length = 0
        for i in range(len(signs) - period + 1):
            if i + period < len(signs) and signs[i] == signs[i + period]:
                length += 1
                continue
            times = length // period + 1
            saved = times * period - 1
            if times > 1 and saved > best[0]:
                best = (saved, i - length, period, times)
            length = 0
    return best


def _named(run: Sequence[Stretch], program: Program) -> str:
    names = [s.label or program.steps[s.steps[0]].primitive.name for s in run]
    return ", ".join(names) if len(names) <= 3 else f"{len(names)} steps"


def _chunked(found: list[Stretch]) -> list[Stretch]:
    """Put neighbours together until it is enough."""
    if len(found) <= _MOST:
        return found
    size = -(-len(found) // _CALM)
    chunks = [found[k : k + size] for k in range(0, len(found), size)]
    return [
        Stretch(
            range(chunk[0].steps.start, chunk[-1].steps.stop), (),
            f"steps {chunk[0].steps.start + 1}–{chunk[-1].steps.stop}",
        )
        for chunk in chunks
    ]  # fmt: skip
