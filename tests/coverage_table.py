"""Writes docs/coverage.md, the functions that can be traced: python -m tests.coverage_table.

What the page says of a function is found by trying it: it is called with traced
arguments, and a cotangent is pulled back through what was recorded.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from operator import attrgetter
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import scipy.special

from diffkit.core.nest import leaves, map_leaves
from diffkit.core.sweeps import pullback
from diffkit.core.tracing import Tape, Tracer
from diffkit.errors import DiffkitError, MissingRule, NotDifferentiable
from diffkit.primitives.functions import definition_of

PAGE = Path(__file__).parents[1] / "docs" / "coverage.md"
VECTOR = np.array([0.3, 0.8, 0.5, 0.6])
MATRIX = np.diag([2.0, 3.0, 4.0, 5.0]) + np.outer(VECTOR, VECTOR)

YES, NONE, PLAIN, REFUSED = "yes", "none", "plain answer", "refused"


@dataclass(frozen=True)
class Found:
    """What trying a function showed."""

    derivative: str | None  # None where no call of it succeeded
    steps: tuple[str, ...] = ()


# -- trying ------------------------------------------------------------------------


def call(*args: Any, **params: Any) -> tuple[tuple, dict]:
    """What a function is called with."""
    return args, params


# Arguments of functions that do not take an array, two arrays, or an array and a number.
# fmt: off
CALLS: dict[str, Callable] = {
    "apply_along_axis":     lambda x, m: call(np.sum, 0, m),
    "apply_over_axes":      lambda x, m: call(np.sum, m, 0),
    "argpartition":         lambda x, m: call(x, 1),
    "argwhere":             lambda x, m: call(x),
    "array_split":          lambda x, m: call(x, 2),
    "atleast_1d":           lambda x, m: call(x[0]),
    "average":              lambda x, m: call(x, weights=x),
    "bincount":             lambda x, m: call(np.array([0, 1, 1, 3]), x),
    "bitwise_and":          lambda x, m: call(x > 0.4, x > 0.5),
    "bitwise_invert":       lambda x, m: call(x > 0.4),
    "bitwise_or":           lambda x, m: call(x > 0.4, x > 0.5),
    "bitwise_xor":          lambda x, m: call(x > 0.4, x > 0.5),
    "block":                lambda x, m: call([x, x]),
    "broadcast_arrays":     lambda x, m: call(x, m),
    "broadcast_to":         lambda x, m: call(x, (3, 4)),
    "cho_solve":            lambda x, m: call((np.linalg.cholesky(m), True), x),
    "choose":               lambda x, m: call(np.array([0, 1, 1, 0]), [x, x]),
    "clip":                 lambda x, m: call(x, 0.4, 0.7),
    "column_stack":         lambda x, m: call([x, x]),
    "compress":             lambda x, m: call(np.arange(4) > 1, x),
    "concat":               lambda x, m: call([x, x]),
    "cross":                lambda x, m: call(x[:3], x[1:]),
    "delete":               lambda x, m: call(x, 1),
    "digitize":             lambda x, m: call(x, np.array([0.2, 0.5])),
    "dsplit":               lambda x, m: call(np.ones((2, 2, 4)) * x, 2),
    "dstack":               lambda x, m: call([x, x]),
    "einsum":               lambda x, m: call("i,i", x, x),
    "expand_dims":          lambda x, m: call(x, 0),
    "extract":              lambda x, m: call(np.arange(4) > 1, x),
    "full_like":            lambda x, m: call(x, x[0]),
    "geomspace":            lambda x, m: call(x, x + 1, 3),
    "hfft":                 lambda x, m: call(x + 0j),
    "histogram2d":          lambda x, m: call(x, x, bins=3),
    "hsplit":               lambda x, m: call(x, 2),
    "hstack":               lambda x, m: call([x, x]),
    "hyp2f1":               lambda x, m: call(x, x, x, x),
    "insert":               lambda x, m: call(x, 1, x[0]),
    "interp":               lambda x, m: call(x, np.array([0.0, 0.4, 1.0]), x[:3]),
    "invert":               lambda x, m: call(x > 0.4),
    "isin":                 lambda x, m: call(x, np.array([0.3])),
    "ldexp":                lambda x, m: call(x, np.array([1, 2, 0, 1])),
    "lexsort":              lambda x, m: call([x, x]),
    "linspace":             lambda x, m: call(x, x + 1, 3),
    "logspace":             lambda x, m: call(x, x + 1, 3),
    "moveaxis":             lambda x, m: call(m, 0, 1),
    "multi_dot":            lambda x, m: call([m, m, m]),
    "multivariate_normal.entropy": lambda x, m: call(x, m),
    "multivariate_normal.logpdf": lambda x, m: call(x, x, m),
    "multivariate_normal.pdf": lambda x, m: call(x, x, m),
    "nanpercentile":        lambda x, m: call(x, 40.0),
    "nanquantile":          lambda x, m: call(x, 0.4),
    "odeint":               lambda x, m: call(lambda y, t, a: -a * y, x, np.cumsum(x), (x,)),
    "pad":                  lambda x, m: call(x, 1),
    "partition":            lambda x, m: call(x, 1),
    "percentile":           lambda x, m: call(x, 40.0),
    "permute_dims":         lambda x, m: call(m, (1, 0)),
    "piecewise":            lambda x, m: call(x, [np.arange(4) > 1], [np.sin, np.cos]),
    "polyfit":              lambda x, m: call(np.arange(4.0), x, 1),
    "polyval":              lambda x, m: call(x, x),
    "quantile":             lambda x, m: call(x, 0.4),
    "repeat":               lambda x, m: call(x, 2),
    "reshape":              lambda x, m: call(x, (2, 2)),
    "resize":               lambda x, m: call(x, (2, 3)),
    "roll":                 lambda x, m: call(x, 1),
    "rollaxis":             lambda x, m: call(m, 1),
    "searchsorted":         lambda x, m: call(np.array([0.2, 0.5]), x),
    "select":               lambda x, m: call([np.arange(4) > 1], [x]),
    "sliding_window_view":  lambda x, m: call(x, 2),
    "solve_banded":         lambda x, m: call((1, 1), m[:3], x),
    "solveh_banded":        lambda x, m: call(np.stack([x, 3 + x])[::-1], x),
    "sort_complex":         lambda x, m: call(x + 0j),
    "split":                lambda x, m: call(x, 2),
    "stack":                lambda x, m: call([x, x]),
    "swapaxes":             lambda x, m: call(m, 0, 1),
    "take":                 lambda x, m: call(x, np.array([0, 2])),
    "take_along_axis":      lambda x, m: call(x, np.array([0, 2]), 0),
    "tensorinv":            lambda x, m: call(m, 1),
    "tile":                 lambda x, m: call(x, 2),
    "vsplit":               lambda x, m: call(m, 2),
    "vstack":               lambda x, m: call([x, x]),
    "where":                lambda x, m: call(np.arange(4) > 1, x, 2 * x),
    "zeta":                 lambda x, m: call(2.5, 1 + x),
}
# fmt: on

_GENERIC: tuple[Callable, ...] = (
    lambda x, m: call(x),
    lambda x, m: call(m),
    lambda x, m: call(x, x),
    lambda x, m: call(m, x),
    lambda x, m: call(m, m),
    lambda x, m: call(x, 1),
    lambda x, m: call(m, 2),
    lambda x, m: call(1, x),
    lambda x, m: call([x, x]),
    lambda x, m: call([m, m]),
    lambda x, m: call(x, x, x),
    lambda x, m: call(m, m, m),
    lambda x, m: call(1.5, 2.5, x),
    lambda x, m: call(1, 1, 0.5, x),
    lambda x, m: call(x, x, x, x),
)


def tried(name: str, function: Callable) -> Found:
    """Call a function with traced arguments, and pull a cotangent back."""
    refused = False
    for arguments in (CALLS[name],) if name in CALLS else _GENERIC:
        try:
            with warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")
                return _pulled(function, arguments)
        except MissingRule:
            continue
        except DiffkitError as error:
            refused |= "at coverage_table.py" in str(error)
        except Exception:  # not how this function is called
            continue
    return Found(REFUSED if refused else None)


def _pulled(function: Callable, arguments: Callable) -> Found:
    """What is recorded if all arguments are traced, and by which of them there is a derivative."""
    tape = Tape()
    args, params = arguments(tape.input(VECTOR.copy()), tape.input(MATRIX.copy()))
    before = len(tape.rows)
    result = function(*args, **params)
    steps = dict.fromkeys(row[0].name for row in tape.rows[before:] if row is not None)
    if not _traced(result):
        return Found(PLAIN, tuple(steps))
    moving = [k for k, arg in enumerate(args) if _traced(arg)]
    arrives = [k for k in moving if _depends(function, args, params, k)]
    only = f"by argument {', '.join(str(k + 1) for k in arrives)} only"
    return Found(YES if arrives == moving else only if arrives else NONE, tuple(steps))


def _depends(function: Callable, args: tuple, params: dict, moving: int) -> bool:
    """Say whether a cotangent of the result comes to one argument.

    That argument is on a tape of its own; the others stay on the older one.
    """
    tape = Tape()
    own = map_leaves(tape.input, args[moving])
    inputs = len(tape.rows)
    result = _traced(function(*args[:moving], own, *args[moving + 1 :], **params))
    ours = [t for t in result if t.tape is tape and t.dtype.kind in "fc"]
    bars = {t.index: np.ones(t.shape, t.dtype)[()] for t in ours}
    try:
        return any(bar is not None for bar in pullback(tape, bars)[:inputs])
    except NotDifferentiable:
        return False


def _traced(nest: Any) -> list[Tracer]:
    """The traced leaves of a nest, or of an array of objects."""
    found = [leaf for _, leaf in leaves(nest.tolist() if isinstance(nest, np.ndarray) else nest)]
    return [leaf for leaf in found if leaf.__class__ is Tracer]


# -- the functions -----------------------------------------------------------------


@dataclass(frozen=True)
class Entry:
    """One function under all its names."""

    names: tuple[str, ...]
    function: Callable
    found: Found

    @property
    def made(self) -> str:
        """The rows that answer: one of its own, or those it is composed of."""
        return ", ".join(f"`{step}`" for step in self.found.steps if step != "guard")


def sections() -> dict[str, list[Entry]]:
    """The covered functions of each module, by name."""
    spaces = {
        "numpy": np,
        "numpy.linalg": np.linalg,
        "numpy.fft": np.fft,
        "scipy.special": scipy.special,
    }
    found = {}
    for title, module in spaces.items():
        covered = {f: n for f, n in public(module).items() if definition_of(f) is not None}
        found[title] = sorted_entries(covered)
    found |= {title: sorted_entries(functions) for title, functions in twins().items()}
    return {title: entries for title, entries in found.items() if entries}


def sorted_entries(functions: dict[Any, list[str]]) -> list[Entry]:
    entries = [
        Entry(tuple(names), function, tried(names[0], function))
        for function, names in functions.items()
    ]
    return sorted(entries, key=lambda entry: entry.names)


def public(module: ModuleType) -> dict[Any, list[str]]:
    """The functions of a module, each with its names in alphabetical order."""
    functions: dict[Any, list[str]] = {}
    for name in sorted(set(getattr(module, "__all__", dir(module)))):
        value = getattr(module, name, None)
        if isinstance(value, np.ufunc) or _dispatches(value):
            functions.setdefault(value, []).append(name)
    return functions


def _dispatches(value: Any) -> bool:
    """Say whether NumPy asks traced arguments of this function for an answer."""
    return type(value).__name__ == "_ArrayFunctionDispatcher"


def twins() -> dict[str, dict[Any, list[str]]]:
    """The functions of diffkit.scipy's modules, and the methods of its distributions."""
    try:
        names = import_module("diffkit.scipy.dispatch").TWINS
    except ModuleNotFoundError:
        return {}
    found = {}
    for module in sorted(names):
        path = f"diffkit.scipy.{module}"
        place = import_module(path)
        found[path] = {attrgetter(name)(place): [name] for name in sorted(names[module])}
    return found


def missing() -> list[str]:
    """Functions that NumPy would let diffkit answer for, but that have no definition."""
    return [
        f"{prefix}{names[0]}"
        for prefix, module in (("", np), ("linalg.", np.linalg), ("fft.", np.fft))
        for function, names in public(module).items()
        if definition_of(function) is None
    ]


# -- the page ----------------------------------------------------------------------

_OPENING = """\
# Coverage

The functions that may meet a traced value. This page is written by
`python -m tests.coverage_table`, which tries every one of them; do not edit it.

- *steps*: what is recorded. A function with a row of its own records that row; a composed one
  records the rows that it is made of, for the arguments that were tried.
- *derivative*: **yes**, or by which arguments; **none** where the result is recorded but
  constant almost everywhere (comparisons, positions, step functions); **plain answer** where
  it depends on shapes only, or is settled at once; **refused** where an error says what to
  write instead.

Operators, methods of arrays, indexing and assignment are covered too; see
[How it works](how_it_works.md).
"""


def page() -> str:
    """The whole page."""
    found = sections()
    counts = [entry.found.derivative for entries in found.values() for entry in entries]
    smooth = sum(what == YES or what.startswith("by") for what in counts if what)
    total = f"{len(counts)} functions, {smooth} of them with a derivative."
    parts = [_OPENING, total + "\n"]
    for title, entries in found.items():
        header = ["| function | steps | derivative |", "|---|---|---|"]
        parts.append("\n".join([f"## {title}", "", *header, *map(_line, entries), ""]))
    parts.append(_closing(missing()))
    return "\n".join(parts)


def _line(entry: Entry) -> str:
    names = ", ".join(f"`{name}`" for name in entry.names)
    return f"| {names} | {entry.made} | {entry.found.derivative or 'not tried'} |"


def _closing(names: list[str]) -> str:
    told = ", ".join(f"`{name}`" for name in names) or "none"
    return f"""\
## Not covered

These raise `MissingRule` when they meet a traced value: {told}.

`np.array`, `np.asarray`, `np.zeros` and other functions that make arrays are not told
by NumPy about traced values inside lists; arrays of traced values are understood where
they are used next.
"""


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
