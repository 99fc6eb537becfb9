"""Why a gradient is wrong: one small test a cause, in the order in which they are tried.

Each test takes a `Case` and returns what it measured, or None if it is not this cause.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .case import Case
from .constants import meaning
from .findings import Evidence, listed
from .orders import layouts, rearrangement
from .problem import Block


def truncated(case: Case) -> Evidence | None:
    """The gradient came as whole numbers: the fractions were cut off."""
    bad = case.bad_entries() if case.rows is None else np.array([], int)
    if not bad.size or not np.all(np.broadcast_to(case.integer, case.x.shape)[bad]):
        return None
    if np.any(np.abs(case.analytic - case.numeric)[bad] >= 1):
        return None
    return Evidence("the gradient holds whole numbers: the fractions were cut off", where(case))


def sign_flip(case: Case) -> Evidence | None:
    """-a is right."""
    if not case.explains(case.inside(-case.analytic)):
        return None
    return Evidence(f"{subject(case)} has the wrong sign in every component", where(case))


def constant_factor(case: Case) -> Evidence | None:
    """c*a is right."""
    inside = np.where(case.region, case.analytic, 0.0)
    c = case.fit(inside, case.analytic - inside)
    if abs(c) < 1e-12:
        return None
    factor = 1 / c
    said = meaning(factor, case.lengths)
    if not case.explains(case.inside(c * case.analytic), constants=0 if said else 1):
        return None
    told = f"{subject(case)} is {factor:.6g} times the true one in every component"
    constants = {"factor": factor, "correction": c}
    return Evidence(f"{told}{': ' + said if said else ''}", where(case), constants)


def transposed(case: Case) -> Evidence | None:
    """A matrix is transposed, or was reshaped in the other order."""
    for what, change in layouts(case):
        if case.explains(case.inside(change)):
            return Evidence(f"{subject(case)} is {what}", where(case), {"order": what})
    return None


def permuted(case: Case) -> Evidence | None:
    """The entries are right, but in another order."""
    found = rearrangement(case)
    if found is None:
        return None
    what, permutation = found
    told = f"{subject(case)} has the right entries in another order: {what}"
    return Evidence(told, where(case), {"permutation": permutation, "pattern": what})


def missing_parameter(case: Case) -> Evidence | None:
    """The gradient is exactly 0 where it is wrong, and right elsewhere."""
    if case.rows is None:
        bad = case.bad_entries()
        if not bad.size or np.any(case.analytic[bad] != 0):
            return None
        names = _blocks_or_entries(case, bad)
    else:
        blocks = [b for b in blocks_of(case) if not np.any(case.analytic[b.slice])]
        if not blocks or not _all_else_right(case, blocks):
            return None
        names = tuple(b.name for b in blocks)
    told = f"the gradient by {listed(names)} is 0, but f does depend on it; all else is right"
    return Evidence(told, names)


def single_component(case: Case) -> Evidence | None:
    """One entry is wrong, and all others are right."""
    bad = case.bad_entries() if case.rows is None else np.array([], int)
    if len(bad) != 1 or np.size(case.x) == 1:
        return None
    i = int(bad[0])
    a, n = float(case.analytic[i]), float(case.numeric[i])
    told = f"only {case.names[i]} is wrong: {a:.6g} in place of {n:.6g}"
    ratio = {"factor": a / n} if n else {}
    return Evidence(told, (case.names[i],), {"analytic": a, "numeric": n, "index": i, **ratio})


# fmt: off
TERMS: tuple[tuple[str, Callable, str], ...] = (
    # what r = n - a is proportional to      what f then holds
    ("x",       lambda x: x,                 "c/2*sum(x**2)"),
    ("sign(x)", np.sign,                     "c*sum(abs(x))"),
    ("1",       np.ones_like,                "c*sum(x)"),
    ("1/x",     lambda x: 1 / x,             "c*sum(log(x))"),
    ("x**2",    lambda x: x**2,              "c/3*sum(x**3)"),
)
SCALES: tuple[tuple[str, Callable], ...] = (
    ("x",              lambda x: x),
    ("1/x",            lambda x: 1 / x),
    ("x**2",           lambda x: x**2),
    ("1/x**2",         lambda x: 1 / x**2),
    ("abs(x)",         np.abs),
    ("exp(x)",         np.exp),
    ("exp(-x)",        lambda x: np.exp(-x)),
    ("cos(x)",         np.cos),
    ("1 - tanh(x)**2", lambda x: 1 - np.tanh(x)**2),
    ("s(x)*(1 - s(x))", lambda x: 1 / (2 + 2 * np.cosh(x))),
    ("sqrt(x)",        np.sqrt),
    ("1/sqrt(x)",      lambda x: 1 / np.sqrt(x)),
)
# fmt: on


def missing_term(case: Case) -> Evidence | None:
    """The difference is c*x (L2), c*sign(x) (L1), c, c/x: a term of f was forgotten."""
    for name, slope, term in TERMS:
        basis = _over(case, slope)
        if basis is None:
            continue
        c = case.fit(basis, case.analytic)
        if c and case.explains(case.analytic + c * basis, constants=1):
            told = (
                f"{subject(case)} lacks {c:.6g}*{name}, the derivative of {term} with c = {c:.6g}"
            )
            return Evidence(told, where(case), {"coefficient": c, "term": name})
    return _not_symmetrised(case)


def _not_symmetrised(case: Case) -> Evidence | None:
    """The difference is orthogonal to x: for f = x'Mx the gradient is (M + M')x, not 2Mx."""
    if case.rows is not None or np.sum(case.bad & (case.x != 0)) < 3:
        return None
    r = np.where(case.bad, case.numeric - case.analytic, 0.0)
    bound = float(case.tolerance @ np.abs(case.x)) + 1e-9 * float(np.abs(r) @ np.abs(case.x))
    if abs(r @ case.x) > bound or bound > 1e-3 * np.linalg.norm(r) * np.linalg.norm(case.x):
        return None
    told = (
        f"what {subject(case)} lacks is orthogonal to x, as for x'Mx with a matrix M that is not "
        "symmetric: the gradient is (M + M')x, not 2Mx"
    )
    return Evidence(told, where(case), {"term": "skew part"})


def elementwise_scale(case: Case) -> Evidence | None:
    """c*a*phi(x) is right: a derivative of an inner function is missing."""
    for name, factor in SCALES:
        phi = _over(case, factor)
        if phi is None:
            continue
        inside = np.where(case.region, case.analytic * phi, 0.0)
        c = case.fit(inside, np.where(case.region, 0.0, case.analytic))
        exact = abs(c - 1) < 1e-6
        if c and case.explains(case.inside(c * case.analytic * phi), constants=0 if exact else 1):
            times = name if exact else f"{c:.6g}*{name}"
            told = f"{subject(case)} must be multiplied by {times}, entry by entry"
            return Evidence(told, where(case), {"scale": name, "coefficient": c})
    return None


def broadcast(case: Case) -> Evidence | None:
    """The gradient is constant along an axis, or blocks of it are, where the true one is not."""
    if case.rows is not None:
        return None
    for block in blocks_of(case):
        a, n, bar = (v[block.slice].reshape(block.shape) for v in _tables(case))
        for axis, length in enumerate(block.shape):
            if length < 2 or not np.any(case.bad[block.slice]):
                continue
            first = np.take(a, [0], axis)
            if not np.allclose(a, first, rtol=1e-12, atol=0) or np.all(np.abs(a - n) <= bar):
                continue
            for what, part in _along(n, axis):
                if np.all(np.abs(first - part) <= np.max(bar, axis, keepdims=True) * length):
                    told = (
                        f"the gradient by {block.name} is the same along axis {axis}: it is {what} "
                        "of the true one, spread over that axis"
                    )
                    return Evidence(told, (block.name,), {"axis": axis, "pattern": what})
    return None


def _along(n: np.ndarray, axis: int) -> list[tuple[str, np.ndarray]]:
    slices = [(f"slice {k} along it", np.take(n, [k], axis)) for k in (0, n.shape[axis] - 1)]
    return [
        ("the mean", n.mean(axis, keepdims=True)),
        ("the sum", n.sum(axis, keepdims=True)),
        *slices,
    ]


def _tables(case: Case) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return case.analytic, case.numeric, case.tolerance + 1e-7 * np.abs(case.numeric)


DIAGNOSES: tuple[tuple[str, Callable[[Case], Evidence | None]], ...] = (
    ("dtype", truncated),
    ("sign_flip", sign_flip),
    ("constant_factor", constant_factor),
    ("transposed", transposed),
    ("permuted", permuted),
    ("missing_parameter", missing_parameter),
    ("single_component", single_component),
    ("missing_term", missing_term),
    ("elementwise_scale", elementwise_scale),
    ("broadcast", broadcast),
)


def diagnose(case: Case) -> tuple[str, Evidence] | None:
    """Return the first cause that explains a case, and its evidence."""
    for cause, test in DIAGNOSES:
        evidence = test(case)
        if evidence:
            return cause, evidence
    return None


# -- parts of sentences and of cases -------------------------------------------------


def blocks_of(case: Case) -> list[Block]:
    """Return the leaves within the region."""
    region = np.broadcast_to(case.region, case.x.shape)
    return [block for block in case.names.blocks if np.any(region[block.slice])]


def where(case: Case) -> tuple[str, ...]:
    """Return the names of the leaves within the region, () if that is everything."""
    return () if np.all(case.region) else tuple(block.name for block in blocks_of(case))


def subject(case: Case) -> str:
    """Return what is wrong, as the subject of a sentence."""
    names = where(case)
    return f"the gradient by {listed(names)}" if names else "the gradient"


def _over(case: Case, function: Callable) -> np.ndarray | None:
    """Return function(x) within the region, 0 elsewhere; None if it is not finite."""
    with np.errstate(all="ignore"):
        values = np.where(case.region, function(case.x), 0.0)
    return values if np.all(np.isfinite(values)) else None


def _blocks_or_entries(case: Case, bad: np.ndarray) -> tuple[str, ...]:
    blocks = list(dict.fromkeys(case.names.block(i) for i in bad))
    if all(not np.any(case.analytic[b.slice]) for b in blocks) and not (
        len(blocks) == len(case.names.blocks)
    ):
        return tuple(b.name for b in blocks)
    return tuple(case.names[i] for i in bad[:8])


def _all_else_right(case: Case, blocks: list[Block]) -> bool:
    """Say whether only rows that see one of these leaves are wrong."""
    assert case.rows is not None
    sees = np.any([np.any(case.rows[:, b.slice] != 0, axis=1) for b in blocks], axis=0)
    blind = ~sees & np.isfinite(case.error)
    return bool(np.any(case.bad)) and bool(np.any(blind)) and not np.any(case.bad & ~sees)
