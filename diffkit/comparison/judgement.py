"""Who is right: every way against the adjoint Program evaluated with 50 digits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..core.program import Program
from ..errors import ReferenceFailed, SymbolicError
from ..symbolic.reference import DIGITS, reference_values
from .formatting import short
from .ways import Way

# How far a way may be from the reference and still agree, relative to the largest
# entry: finite differences are given their own error bar, but at least this.
_TOLERANCE = {"finite": 1e-6, "symbolic": 1e-8, "reverse": 1e-8}


def reference_of(
    adjoint: Program, values: dict, names: Sequence[str], reverse: Way
) -> tuple[dict[str, Any], str]:
    """Return the reference by input, and where it comes from."""
    try:
        exact = reference_values(adjoint, values)
    except (ReferenceFailed, SymbolicError) as error:
        return dict(reverse.gradients), f"the reverse-mode gradient itself ({error})"
    return dict(zip(names, exact, strict=True)), f"mpmath with {DIGITS} digits"


def rounded(exact: Any) -> Any:
    """Return 50-digit numbers as doubles."""
    if isinstance(exact, np.ndarray):
        return exact.astype(float)
    return np.float64(exact)


def judge(result: Way, exact: Mapping[str, Any]) -> tuple[dict[str, float], dict[str, float]]:
    """Return the largest relative error and the largest error in ulps, by input."""
    relative, ulps = {}, {}
    for name, found in result.gradients.items():
        gaps = _gaps(found, exact[name])
        size = np.abs(np.asarray(rounded(exact[name]), float))
        relative[name] = float(np.max(gaps / np.where(size > 0, size, 1.0), initial=0.0))
        ulps[name] = float(np.max(gaps / np.spacing(np.where(size > 0, size, 1.0)), initial=0.0))
    return relative, ulps


def _gaps(found: Any, exact: Any) -> np.ndarray:
    """Return |found - exact|, subtracted with the digits of the reference."""
    pairs = np.broadcast_arrays(np.asarray(found, object), np.asarray(exact, object))
    gaps = [
        float(abs(b - float(a))) if np.isfinite(float(a)) else np.inf
        for a, b in zip(*(np.ravel(part) for part in pairs), strict=True)
    ]
    return np.array(gaps).reshape(pairs[0].shape)


def disagreements(results: Mapping[str, Way], exact: Mapping[str, Any]) -> list[str]:
    """Say which way is wrong by which input, and by how much."""
    told = []
    for way, result in results.items():
        for name, found in result.gradients.items():
            gap = float(np.max(_gaps(found, exact[name]), initial=0.0))
            scale = float(np.max(np.abs(rounded(exact[name])), initial=0.0)) or 1.0
            bar = 3 * float(np.max(result.bars.get(name, 0.0), initial=0.0))
            if gap > max(_TOLERANCE[way] * scale, bar):
                right = short(rounded(exact[name]))
                told.append(
                    f"{way} disagrees by {name}: {short(found)} against {right} (off by {gap:.2g})"
                )
    return told
