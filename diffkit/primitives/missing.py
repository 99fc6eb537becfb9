"""Statistics that skip nan."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import arithmetic, comparison, reductions
from .arguments import as_one, in_dtype
from .functions import as_array, some_axes, speaks
from .reductions import extremum_row
from .running import cumprod, cumsum
from .statistics import lost, reduce_along, rooted, squared


def filled(a, fill):
    """Put a number in the place of nan, which cannot be in an array of whole numbers."""
    a = as_one(a)
    return arithmetic.where(comparison.isnan(a), fill, a) if a.dtype.kind in "fc" else a


def _reducing_others(primitive, fill):
    def reduce(a: Any, axis: Any = None, dtype: Any = None, *, keepdims: bool = False) -> Any:
        a = in_dtype(as_one(a), dtype)
        return reduce_along(primitive, filled(a, fill), axis, keepdims)

    return reduce


def _running_over_others(running, fill):
    def accumulate(a: Any, axis: int | None = None, dtype: Any = None) -> Any:
        return running(filled(a, fill), axis, dtype)

    return accumulate


nansum = speaks(np.nansum)(_reducing_others(reductions.sum_, 0.0))
nanprod = speaks(np.nanprod)(_reducing_others(reductions.prod, 1.0))
nancumsum = speaks(np.nancumsum)(_running_over_others(cumsum, 0.0))
nancumprod = speaks(np.nancumprod)(_running_over_others(cumprod, 1.0))

_nanmax = extremum_row("nanmax", np.fmax, "fmax")
_nanmin = extremum_row("nanmin", np.fmin, "fmin")


@speaks(np.nanmax)
def nanmax(a: Any, axis: Any = None, *, keepdims: bool = False) -> Any:
    """Largest entry that is not nan, its cotangent shared among ties."""
    return reduce_along(_nanmax, as_one(a), axis, keepdims)


@speaks(np.nanmin)
def nanmin(a: Any, axis: Any = None, *, keepdims: bool = False) -> Any:
    """Smallest entry that is not nan, its cotangent shared among ties."""
    return reduce_along(_nanmin, as_one(a), axis, keepdims)


def present(a, axes, keepdims):
    """How many entries are not nan, as a number of the dtype of |a|."""
    ones = arithmetic.where(comparison.isnan(a), 0.0, 1.0)
    count = reductions.sum_(ones, axis=axes, keepdims=keepdims)
    dtype = np.empty(0, a.dtype).real.dtype
    return count if dtype.kind != "f" or count.dtype == dtype else in_dtype(count, dtype)


@speaks(np.nanmean)
def nanmean(a: Any, axis: Any = None, dtype: Any = None, *, keepdims: bool = False) -> Any:
    """Mean of the entries that are not nan."""
    a = in_dtype(as_one(a), dtype)
    axes = some_axes(axis, a.ndim)
    total = reductions.sum_(filled(a, 0.0), axis=axes, keepdims=bool(keepdims))
    return total / present(a, axes, bool(keepdims))


@speaks(np.nanvar)
def nanvar(
    a: Any, axis: Any = None, dtype: Any = None, *, ddof: Any = 0, keepdims: bool = False,
    mean: Any = None, correction: Any = None,
) -> Any:  # fmt: skip
    """Variance of the entries that are not nan; nan where there are not enough of them."""
    a, keepdims = in_dtype(as_one(a), dtype), bool(keepdims)
    axes = some_axes(axis, a.ndim)
    mean = nanmean(a, axis, keepdims=True) if mean is None else as_array(mean)
    apart = arithmetic.where(comparison.isnan(a), 0.0, a - mean)
    total = reductions.sum_(squared(apart), axis=axes, keepdims=keepdims)
    freedom = present(a, axes, keepdims) - lost(ddof, correction)
    return total / arithmetic.where(comparison.greater(freedom, 0), freedom, np.nan)


nanstd = speaks(np.nanstd)(rooted(nanvar))
