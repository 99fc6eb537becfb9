"""Questions to arrays that truth values answer: steps without a derivative."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..core.primitive import Primitive
from ..core.tracing import abstract
from . import comparison, elementwise, reductions
from .arguments import as_one
from .functions import speaks
from .ordering import plain_row


def _truth_row(name: str, numpy: Callable, shape: Callable, **facts: Any) -> Primitive:
    return plain_row(
        name, numpy, lambda *xs, **params: abstract(shape(*xs), np.dtype(bool)), **facts
    )


def _close_objects(
    scalar: Callable, a: Any, b: Any, *, rtol: float, atol: float, equal_nan: bool
) -> Any:
    return np.frompyfunc(lambda x, y: abs(x - y) <= atol + rtol * abs(y), 2, 1)(a, b)


_isclose = _truth_row(
    "isclose",
    lambda a, b, *, rtol, atol, equal_nan: np.isclose(a, b, rtol, atol, equal_nan),
    lambda a, b: np.broadcast_shapes(a.shape, b.shape),
    objects=_close_objects,
    examples=((((3,), (2, 1)), {"rtol": 1e-5, "atol": 1e-8, "equal_nan": False}),),
)
_isin = _truth_row(
    "isin",
    lambda x, among, *, invert: np.isin(x, among, invert=invert),
    lambda x, among: x.shape,
    examples=((((2, 2), (3,)), {"invert": False}), (((3,), ()), {"invert": True})),
)


@speaks(np.isclose)
def isclose(a: Any, b: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False) -> Any:
    """Whether entries are equal within a tolerance."""
    options = {"rtol": rtol, "atol": atol, "equal_nan": bool(equal_nan)}
    return _isclose(as_one(a), as_one(b), **options)


@speaks(np.allclose)
def allclose(
    a: Any, b: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False
) -> Any:
    """Whether all entries are equal within a tolerance."""
    return _all(isclose(a, b, rtol, atol, equal_nan))


def _all(truths: Any) -> Any:
    return reductions.all_(truths, axis=None, keepdims=False)


@speaks(np.array_equal)
def array_equal(a1: Any, a2: Any, equal_nan: bool = False) -> Any:
    """Whether two arrays have the same shape and entries."""
    a, b = as_one(a1), as_one(a2)
    if a.shape != b.shape:
        return False
    same = comparison.equal(a, b)
    if equal_nan:
        nans = comparison.logical_and(comparison.not_equal(a, a), comparison.not_equal(b, b))
        same = comparison.logical_or(same, nans)
    return _all(same)


@speaks(np.array_equiv)
def array_equiv(a1: Any, a2: Any) -> Any:
    """Whether two arrays have the same entries after broadcasting."""
    a, b = as_one(a1), as_one(a2)
    try:
        np.broadcast_shapes(a.shape, b.shape)
    except ValueError:
        return False
    return _all(comparison.equal(a, b))


@speaks(np.isin)
def isin(
    element: Any,
    test_elements: Any,
    assume_unique: bool = False,
    invert: bool = False,
    *,
    kind: Any = None,
) -> Any:
    """Whether entries occur in another array."""
    return _isin(as_one(element), as_one(test_elements), invert=bool(invert))


@speaks(np.isreal)
def isreal(x: Any) -> Any:
    """Where the imaginary part is 0."""
    return comparison.equal(elementwise.imag(as_one(x)), 0)


@speaks(np.iscomplex)
def iscomplex(x: Any) -> Any:
    """Where the imaginary part is not 0."""
    return comparison.not_equal(elementwise.imag(as_one(x)), 0)


@speaks(np.isrealobj)
def isrealobj(x: Any) -> bool:
    """Say whether the dtype is not complex."""
    return as_one(x).dtype.kind != "c"


@speaks(np.isposinf)
def isposinf(x: Any) -> Any:
    """Where x is +inf."""
    return comparison.equal(as_one(x), np.inf)


@speaks(np.isneginf)
def isneginf(x: Any) -> Any:
    """Where x is -inf."""
    return comparison.equal(as_one(x), -np.inf)
