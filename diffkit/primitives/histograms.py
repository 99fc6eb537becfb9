"""Histograms: counts have no derivative, weights and edges have."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from ..core.tracing import is_traced, shape_of
from ..errors import TracingError, user_line
from . import arithmetic, comparison, ordering, reductions
from .arguments import as_one, flat
from .differences import diff
from .functions import as_array, speaks
from .interpolation import linspace
from .rules import PRIMITIVES


@speaks(np.histogram_bin_edges)
def histogram_bin_edges(a: Any, bins: Any = 10, range: Any = None, weights: Any = None) -> Any:
    """The edges that np.histogram uses."""
    a, bins = flat(as_one(a)), as_array(bins)
    if isinstance(bins, str):
        if is_traced(a):
            raise TracingError(
                f"bins={bins!r} of a traced value{user_line()}: how many there are depends on "
                "values; give a number of bins, or their edges"
            )
        return np.histogram_bin_edges(a, bins, range)
    if shape_of(bins):
        return as_one(bins)
    if range is None:
        low, high = (
            extremum(a, axis=None, keepdims=False)
            for extremum in (reductions.min_, reductions.max_)
        )
    else:
        low, high = as_one(range[0]) + 0.0, as_one(range[1]) + 0.0
    same = comparison.equal(low, high)
    low, high = (arithmetic.where(same, end + by, end) for end, by in ((low, -0.5), (high, 0.5)))
    return linspace(low, high, operator.index(bins) + 1)


@speaks(np.histogram)
def histogram(
    a: Any, bins: Any = 10, range: Any = None, density: bool | None = None, weights: Any = None
) -> tuple:
    """Counts, or sums of weights, in bins; only weights and edges have derivatives."""
    edges = histogram_bin_edges(a, bins, range)
    a, n = flat(as_one(a)), edges.shape[0] - 1
    inside = comparison.logical_and(
        comparison.greater_equal(a, edges[0]), comparison.less_equal(a, edges[n])
    )
    bin_of = arithmetic.clip(ordering.searchsorted(edges, a, "right") - 1, 0, n - 1)
    each = arithmetic.where(inside, 1 if weights is None else flat(as_one(weights)), 0)
    counts = PRIMITIVES["scatter_take"](each, bin_of, shape=(n,), axis=0)
    if density:
        counts = counts / diff(edges) / reductions.sum_(counts, axis=None, keepdims=False)
    return counts, edges


def _refused(name: str) -> Callable:
    def refuse(*args: Any, **kwargs: Any) -> Any:
        raise TracingError(
            f"np.{name} of a traced value{user_line()}: counts are whole numbers without a "
            "derivative. For traced weights at plain points number the cells yourself: "
            "np.bincount(np.ravel_multi_index(cells, shape), weights).reshape(shape)"
        )

    refuse.__name__ = name
    return speaks(getattr(np, name))(refuse)


histogram2d = _refused("histogram2d")
histogramdd = _refused("histogramdd")
