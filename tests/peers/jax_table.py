"""Every function against JAX: python -m tests.peers.jax_table [--markdown FILE].

Values, gradients of a random projection, tangents and second derivatives, at random
points in float64 (complex where it says so); values, gradients and tangents of the first
case once more in float32. Where answers are a choice both are shown. The last line says
whether all of it agrees.
"""

from __future__ import annotations

import argparse
import os
import sys
import warnings
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

import diffkit as dk

from ..coverage_table import PLAIN, REFUSED, sections
from .jax_cases import CASES, POINTS, Case, Sample

# Relative to 1 or the largest entry. In float32 both sides have seven digits, and fits lose some.
AGREE, AGREE_SMALL = 1e-10, 1e-4
# fmt: off
NOTES = {
    "partition": "the order within the parts is not defined: only the entry in its place",
    "linalg.eigh": "eigenvectors up to their phase",
    "linalg.svd": "singular vectors up to their phase",
    "linalg.qr": "up to signs",
    "linalg.eigvals": "their order is not defined: the sum of their cubes",
}
# fmt: on


def main() -> int:
    """Compare, print; exit 1 where answers differ."""
    parser = argparse.ArgumentParser(prog="python -m tests.peers.jax_table", description=__doc__)
    parser.add_argument("names", nargs="*", help="functions; all by default")
    parser.add_argument("--markdown", type=Path, metavar="FILE")
    options = parser.parse_args()
    start_jax()
    rows: list[Row] = []
    try:
        for name, cases in grouped(options.names).items():
            rows.append(row_of(name, cases))
    except KeyboardInterrupt:
        print(f"interrupted; compared so far: {len(rows)} functions", file=sys.stderr)
    points = [] if options.names else [point_row(*point) for point in POINTS]
    print(as_text(rows, points))
    if options.markdown:
        options.markdown.write_text(as_markdown(rows, points), encoding="utf-8")
    return int(bool(differing(rows)))


def start_jax() -> None:
    """JAX in float64 on the CPU."""
    os.environ.setdefault("JAX_PLATFORMS", "cpu")
    import_module("jax").config.update("jax_enable_x64", True)


def grouped(names: Sequence[str]) -> dict[str, list[Case]]:
    """The cases of each function."""
    groups: dict[str, list[Case]] = {}
    for c in CASES:
        if not names or c.name in names:
            groups.setdefault(c.name, []).append(c)
    return groups


# -- the two sides -----------------------------------------------------------------


@dataclass(frozen=True)
class Side:
    """A library: its namespace, and its verbs over one nest of arguments."""

    xp: Any
    find: Callable[[str], Callable]
    grad: Callable
    jvp: Callable
    value: Callable


def ours() -> Side:
    return Side(np, _of_numpy, dk.grad, lambda f, x, dot: dk.jvp(f, (x,), (dot,)), _traced_value)


def _traced_value(f: Callable, x: Any) -> Any:
    """What f gives traced, which is not for NumPy to answer."""
    return dk.vjp(f, x)[0]


def theirs() -> Side:
    jax = import_module("jax")
    return Side(
        import_module("jax.numpy"),
        lambda name: _attribute("jax" if name.startswith("scipy.") else "jax.numpy", name),
        jax.grad,
        lambda f, x, dot: jax.jvp(f, (x,), (dot,)),
        lambda f, x: f(x),
    )


def _of_numpy(name: str) -> Callable:
    if not name.startswith("scipy."):
        return _attribute("numpy", name)
    try:
        return _attribute("diffkit", name)
    except (ImportError, AttributeError):
        return _attribute("", name)


def _attribute(root: str, name: str) -> Any:
    """Return root.a.b.c, importing modules on the way."""
    path, found = root, import_module(root) if root else None
    for part in name.split("."):
        path = f"{path}.{part}" if path else part
        found = getattr(found, part) if hasattr(found, part) else import_module(path)
    return found


# -- one case ----------------------------------------------------------------------


class NotInJax(Exception):
    """JAX does not have the function, or not with these arguments."""


def errors_of(case: Case, small: bool = False) -> dict[str, float]:
    """The differences in value, gradient, tangent and second derivative."""
    rng = np.random.default_rng(zlib.crc32(repr((case.name, case.args)).encode()))
    samples = [s.draw(rng) for s in _samples((case.args, case.params))]
    dots = [_like(x, rng) for x in samples]
    if small:
        samples, dots = [list(map(_in_small, xs)) for xs in (samples, dots)]
    values = outputs(case, ours(), samples)
    weights = [_like(y, rng) for y in values]
    found = _answers(case, ours(), samples, dots, weights, small)
    try:
        expected = _answers(case, theirs(), samples, dots, weights, small)
    except Exception as error:
        raise NotInJax(f"{type(error).__name__}: {error}") from error
    if small and any(s.dtype != x.dtype for s, x in zip(found["gradient"], samples, strict=True)):
        return {"dtype of the gradient": np.inf}
    return {what: _difference(found[what], expected[what]) for what in expected}


def _in_small(x: Any) -> Any:
    return np.asarray(x).astype(np.complex64 if np.iscomplexobj(x) else np.float32)[()]


def _answers(
    case: Case, side: Side, samples: list, dots: list, weights: list, small: bool
) -> dict[str, Any]:
    """What one library answers: truth values and whole numbers have no derivatives."""
    whole = side.value(lambda s: outputs(case, side, s, "biu"), samples)
    told = {"truths and whole numbers": whole}
    return told | (_derivatives(case, side, samples, dots, weights, small) if weights else {})


def _derivatives(
    case: Case, side: Side, samples: list, dots: list, weights: list, small: bool
) -> dict[str, Any]:

    def projection(samples: list) -> Any:
        """A quadratic function of the result, so that second derivatives are not zero."""
        total = 0.0
        for y, w in zip(outputs(case, side, samples), weights, strict=True):
            real = side.xp.real(y) if y.dtype.kind == "c" else y
            product = side.xp.real(w * y) if y.dtype.kind == "c" else w * y
            total = total + side.xp.sum(product) + side.xp.sum(real * real) / 2
        return total

    y, y_dot = side.jvp(lambda s: outputs(case, side, s), samples, dots)
    slopes = side.grad(projection)(samples)
    told = {"value": y, "gradient": slopes, "tangent": y_dot}
    if small:
        return told
    try:
        return {**told, "second": side.jvp(side.grad(projection), samples, dots)[1]}
    except NotImplementedError:
        return told  # JAX has some rules for first derivatives alone


def outputs(case: Case, side: Side, samples: Sequence[Any], kinds: str = "fc") -> list:
    """Call the function; return its results of these kinds: by default those with derivatives."""
    rest = iter(samples)
    args, params = _filled((case.args, case.params), rest)
    if case.before:
        args = case.before(side.xp, *args)
    result = side.find(case.name)(*args, **params)
    if case.after:
        result = case.after(side.xp, result)
    parts = result if isinstance(result, (tuple, list)) else [result]
    parts = [part if hasattr(part, "dtype") else np.asarray(part) for part in parts]
    if any(part.dtype == object for part in parts):
        raise TypeError("the result is an array of objects")
    return [part for part in parts if np.dtype(part.dtype).kind in kinds]


def _samples(nest: Any) -> Iterator[Sample]:
    if isinstance(nest, Sample):
        yield nest
    elif isinstance(nest, (tuple, list, dict)):
        for part in nest.values() if isinstance(nest, dict) else nest:
            yield from _samples(part)


def _filled(nest: Any, values: Iterator[Any]) -> Any:
    if isinstance(nest, Sample):
        return next(values)
    if isinstance(nest, dict):
        return {key: _filled(part, values) for key, part in nest.items()}
    if isinstance(nest, (tuple, list)):
        return type(nest)([_filled(part, values) for part in nest])
    return nest


def _like(x: Any, rng: np.random.Generator) -> Any:
    """Random entries of the shape and kind of x."""
    drawn = rng.uniform(-1, 1, np.shape(x))
    if np.iscomplexobj(x):
        drawn = drawn + 1j * rng.uniform(-1, 1, np.shape(x))
    return np.asarray(drawn)[()]


def _difference(found: Sequence[Any], expected: Sequence[Any]) -> float:
    """The largest difference, relative to 1 or the largest entry."""
    worst = 0.0
    for a, b in zip(found, expected, strict=True):
        a, b = np.asarray(a), np.asarray(b)
        if a.dtype.kind in "biu" and b.dtype.kind in "biu":
            a, b = a.astype(float), b.astype(float)
        if a.shape != b.shape or not np.array_equal(np.isfinite(a), np.isfinite(b)):
            return np.inf
        there = np.isfinite(b)
        if np.any(there):
            scale = max(1.0, np.max(abs(b[there])))
            worst = max(worst, float(np.max(abs(a - b)[there]) / scale))
    return worst


# -- one function ------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """What is told of one function; `error` is None where nothing could be compared."""

    name: str
    cases: int
    error: float | None
    small: float | None  # in float32
    where: str
    note: str

    @property
    def agrees(self) -> bool:
        """Both libraries answer the same."""
        return all(
            error is None or error <= most
            for error, most in ((self.error, AGREE), (self.small, AGREE_SMALL))
        )


def row_of(name: str, cases: Sequence[Case]) -> Row:
    """Compare all cases of a function."""
    compared, worst, where, notes = _compared(cases, False, AGREE)
    small, worst_small, where_small, _ = _compared(cases[:1], True, AGREE_SMALL)
    notes = list(dict.fromkeys(filter(None, [NOTES.get(name, ""), *notes])))
    return Row(
        name,
        compared,
        worst if compared else None,
        worst_small if small else None,
        where or (where_small and f"float32: {where_small}"),
        "; ".join(notes),
    )


def _compared(cases: Sequence[Case], small: bool, most: float) -> tuple[int, float, str, list[str]]:
    """How many cases were compared, the largest error, where it is too large, and complaints."""
    worst, where, compared, notes = 0.0, "", 0, []
    for case in cases:
        try:
            with warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")
                errors = errors_of(case, small)
        except Exception as error:
            notes.append(_complaint(case, error))
            continue
        compared += 1
        for what, error in errors.items():
            if not error <= worst:
                worst, where = error, f"{what}, {_told(case)}"
    return compared, worst, "" if worst <= most else where, notes


def _complaint(case: Case, error: Exception) -> str:
    """Say whether diffkit or JAX does not have this."""
    if isinstance(error, NotInJax) and not _there(case.name):
        return "not in JAX"
    who = "JAX" if isinstance(error, NotInJax) else f"diffkit: {type(error).__name__}"
    line = " ".join(str(error).split())[:100]
    return f"{who}: {_told(case)}: {line}"


def _there(name: str) -> bool:
    try:
        theirs().find(name)
    except (ImportError, AttributeError):
        return False
    return True


def _told(case: Case) -> str:
    params = ", ".join(f"{k}={_argument(v)}" for k, v in case.params.items())
    shapes = ", ".join(map(_argument, case.args))
    return f"({shapes}{', ' if params else ''}{params})"


def _argument(arg: Any) -> str:
    if isinstance(arg, Sample):
        return f"{'complex' if arg.imaginary else ''}{list(arg.shape)}"
    if isinstance(arg, (list, tuple)):
        return f"[{', '.join(map(_argument, arg))}]"
    return "..." if callable(arg) or isinstance(arg, np.ndarray) else repr(arg)


def point_row(name: str, f: Callable, x: Any) -> tuple[str, str, str]:
    """Both gradients where they are a choice."""
    answers = []
    for side in (ours(), theirs()):
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            try:
                slope = np.asarray(side.grad(lambda x, xp=side.xp: f(xp, x))(x))
                answers.append(str((slope + 0).tolist()))
            except Exception as error:
                answers.append(type(error).__name__)
    return name, answers[0], answers[1]


# -- telling -----------------------------------------------------------------------

HEADER = ("function", "cases", "largest error", "float32", "where", "note")


def _cells(row: Row) -> tuple[str, ...]:
    errors = ["-" if e is None else f"{e:.0e}" if e else "0" for e in (row.error, row.small)]
    return row.name, str(row.cases), *errors, row.where, row.note


def differing(rows: Sequence[Row]) -> list[str]:
    """The functions that do not agree."""
    return [row.name for row in rows if not row.agrees]


def _conclusion(rows: Sequence[Row]) -> list[str]:
    compared = [row for row in rows if row.error is not None]
    alone, wrong = [row.name for row in rows if row.error is None], differing(rows)
    largest = max([row.error or 0 for row in rows], default=0.0)
    verdict = "FAIL" if wrong or not compared else "PASS"
    return [
        f"not compared, for the reason in their note: {', '.join(alone) or 'none'}",
        f"covered and in JAX, but without a case: {', '.join(without_case()) or 'none'}",
        f"{verdict}: {len(compared)} functions compared with JAX in "
        f"{sum(row.cases for row in rows)} cases, largest error {largest:.0e}, "
        f"{AGREE:.0e} allowed; differ: {', '.join(wrong) or 'none'}",
    ]


def without_case() -> list[str]:
    """Covered functions of arrays that JAX has too, but that are not compared."""
    tried = {id(_of_numpy(c.name)) for c in CASES}
    return [
        name
        for title, entries in sections().items()
        for entry in entries
        if entry.found.derivative not in (None, PLAIN, REFUSED) and id(entry.function) not in tried
        if _there(name := _short(title, entry.names[0]))
    ]


def _short(title: str, name: str) -> str:
    module = title.removeprefix("diffkit.").removeprefix("numpy").strip(".")
    return f"{module}.{name}" if module else name


def as_text(rows: Sequence[Row], points: Sequence[tuple]) -> str:
    """Aligned tables."""
    lines = _aligned([HEADER, *map(_cells, rows)])
    if points:
        lines += ["", *_aligned([("gradient, where it is a choice", "diffkit", "JAX"), *points])]
    return "\n".join([*lines, "", *_conclusion(rows)])


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
    return ["  ".join(c.ljust(w) for c, w in zip(r, widths, strict=True)).rstrip() for r in rows]


def as_markdown(rows: Sequence[Row], points: Sequence[tuple]) -> str:
    """The same as Markdown."""
    tables = [[HEADER, *map(_cells, rows)]]
    if points:
        tables.append([("gradient, where it is a choice", "diffkit", "JAX"), *points])
    blocks = ["# diffkit and JAX", "\n".join(f"- {line}" for line in _conclusion(rows))]
    for header, *body in tables:
        lines = [header, ("---",) * len(header), *body]
        told = [" | ".join(cell.replace("|", "\\|") for cell in line) for line in lines]
        blocks.append("\n".join(f"| {line} |" for line in told))
    return "\n\n".join(blocks) + "\n"


if __name__ == "__main__":
    sys.exit(main())
